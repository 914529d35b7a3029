"""What a document's layers refer to: earlier layers by their names, and tensors by theirs."""

from collections.abc import Container, Mapping
from itertools import islice
from typing import Any

from adelante.network.errors import Fault

MAX_NAME_LENGTH = 200
_MOST_SHOWN = 20


class References:
    """The names that are known so far, each with its tensor. A name that two have can't be referred to."""

    def __init__(self, faults: list[Fault]) -> None:
        self._faults = faults
        self._tensors: dict[str, str] = {}
        self._doubled: set[str] = set()
        self._later: set[str] = set()

    def expect(self, layers: list[Any]) -> None:
        """Notes the names of all layers, so that one that comes too late can be told from one that is not there."""
        names = (each.get("name") for each in layers if isinstance(each, Mapping))
        self._later = {name for name in names if isinstance(name, str)}
        self._later |= {f"layers.{k}.activations" for k in range(len(layers))}

    def add(self, name: str, tensor: str) -> bool:
        """Makes a name known; whether another tensor has it already."""
        if self._tensors.setdefault(name, tensor) == tensor:
            return False
        self._doubled.add(name)
        return True

    def find(self, given: Any, pointer: str, parameters: Container[str]) -> str | None:
        """The tensor that a name means, or {"tensor": name}, which may be a parameter. What is wrong is noted."""
        name = given
        if isinstance(given, Mapping):
            name = given.get("tensor")
            if isinstance(name, str) and name in parameters:
                return name
        if not isinstance(name, str):
            self._faults.append(Fault("invalid-value", "text-expected", pointer, {"name": _called(pointer)}))
            return None
        if name in self._doubled:
            self._faults.append(Fault("invalid-value", "doubled-name", pointer, {"name": name[:MAX_NAME_LENGTH]}))
            return None
        if name in self._tensors:
            return self._tensors[name]
        key = "layer-comes-later" if name in self._later else "unknown-layer"
        known = list(islice(reversed(self._tensors), _MOST_SHOWN))[::-1]
        self._faults.append(Fault("unknown-layer", key, pointer, {"name": name[:MAX_NAME_LENGTH], "known": known}))
        return None


def _called(pointer: str) -> str:
    """What a sentence calls what stands at a pointer: inputs[0]."""
    *_, field, last = pointer.split("/")
    return f"{field}[{last}]" if last.isdigit() else last
