"""What a dotted name leads to: an entry of a closed table, or Python's own words for what is not there.

A name that torch or NumPy has and the lab has not is told apart from one that nobody has: sets of names know which.
"""

import difflib
import math
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from adelante.tensors.call import Hint
from adelante.tensors.program import numpys, torchs
from adelante.tensors.program.faults import Hinted, Lacks
from adelante.tensors.program.machine import Machine
from adelante.tensors.program.values import Function, Method, Module, names, type_name

_MATH = {
    name: Function(f"math.{name}", getattr(math, name)) for name in names("exp sqrt log log2 log10 sin cos tan tanh")
}
MATH = Module("math", {**_MATH, "pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan}, frozenset(dir(math)), {})
# np.set_printoptions(threshold=sys.maxsize) is how NumPy's own pages say that all is to be written.
SYS = Module("sys", {"maxsize": sys.maxsize}, frozenset(dir(sys)), {})
MODULES: dict[str, Module] = {
    module.name: module
    for module in (torchs.TORCH, torchs.NN, torchs.FUNCTIONAL, numpys.NUMPY, numpys.RANDOM, MATH, SYS)
}
_MOST_RELATIVES = 6
_METHODS: tuple[tuple[type, Mapping[str, Function], Mapping[str, Function], frozenset[str]], ...] = (
    (Tensor, torchs.METHODS, torchs.ATTRIBUTES, torchs.TENSOR_NAMES),
    (np.ndarray, numpys.METHODS, numpys.ATTRIBUTES, numpys.ARRAY_NAMES),
    (np.generic, numpys.NUMBER_METHODS, numpys.ATTRIBUTES, numpys.NUMBER_NAMES),
    (torch.Size, {"numel": Function("Size.numel", torch.Size.numel)}, {}, frozenset(dir(torch.Size))),
    (
        torch.device,
        {},
        {"type": Function("device.type", lambda x: x.type), "index": Function("device.index", lambda x: x.index)},
        frozenset(dir(torch.device)),
    ),
    (
        np.dtype,
        {},
        {
            "name": Function("dtype.name", lambda x: x.name),
            "itemsize": Function("dtype.itemsize", lambda x: x.itemsize),
        },
        frozenset(dir(np.dtype)),
    ),
    (np.random.Generator, numpys.GENERATOR, {}, numpys.GENERATOR_NAMES),
)
# Where else a learner may find what is not there, as it is written.
_PLACES: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("torch.{}(…)", torchs.FUNCTIONS),
    ("np.{}(…)", numpys.FUNCTIONS),
    ("np.random.{}(…)", numpys.RANDOM.entries),
    ("tensor.{}(…)", torchs.METHODS),
    ("tensor.{}", torchs.ATTRIBUTES),
    ("array.{}(…)", numpys.METHODS),
    ("array.{}", numpys.ATTRIBUTES),
)


def attribute(machine: Machine, owner: Any, name: str, written: str) -> Any:
    """owner.name. `written`: how the owner stands in the program. Raises AttributeError in Python's words, or Lacks."""
    if isinstance(owner, Module):
        return member(owner, name)
    for kind, methods, attributes, known in _METHODS:
        if isinstance(owner, kind):
            if name in attributes:
                return machine.call(attributes[name], (owner,), {}, (written,))
            if name in methods:
                return Method(methods[name], owner)
            if name in known:
                raise Lacks("lab-lacks-name", _relatives(name, methods), name=f"{type_name(owner)}.{name}")
            break
    if isinstance(owner, tuple) and name in ("values", "indices") and type(owner).__module__ == "torch.return_types":
        return owner[name == "indices"]
    if name in _ORDINARY.get(type(owner), ()) and not name.startswith("_"):
        raise Lacks("lab-lacks-name", None, name=f"{type_name(owner)}.{name}")
    raise Hinted(AttributeError(f"'{_owner(owner)}' object has no attribute '{name}'"), _found_elsewhere(name))


def member(module: Module, name: str) -> Any:
    """module.name. Raises AttributeError in Python's words, or Lacks."""
    if name in module.entries:
        return module.entries[name]
    if name in module.others:
        raise Lacks("lab-lacks-name", _relatives(name, module.entries), name=f"{module.name}.{name}")
    words = module.words.get(name, f"module '{module.name}' has no attribute '{name}'")
    raise Hinted(AttributeError(words), _found_elsewhere(name))


def close_to(name: str, known: Iterable[str]) -> Hint | None:
    """The names that it may be a misspelling of."""
    found = difflib.get_close_matches(name[:40], list(known), _MOST_RELATIVES, 0.7)
    return Hint("lab.hint.close", {"known": ", ".join(found)}) if found else None


def _owner(owner: Any) -> str:
    return "Tensor" if isinstance(owner, Tensor) else type_name(owner)


def _relatives(name: str, known: Iterable[str]) -> Hint:
    """Similar names among those that the lab has there."""
    found = difflib.get_close_matches(name[:40], list(known), _MOST_RELATIVES, 0.6)
    found += [each for each in known if each not in found and (each in name or name in each) and len(each) > 2]
    if not found:
        return Hint("lab.hint.no-relatives")
    return Hint("lab.hint.relatives", {"known": ", ".join(found[: 2 * _MOST_RELATIVES])})


def _found_elsewhere(name: str) -> Hint:
    """The other places that have this name; names close to it where none has."""
    places = [place.format(name) for place, table in _PLACES if name in table]
    if places:
        return Hint("lab.hint.elsewhere", {"name": name, "places": ", ".join(places)})
    every = {each for _, table in _PLACES for each in table}
    return close_to(name, every) or Hint("lab.hint.no-such-name", {"name": name[:40]})


_ORDINARY: dict[type, frozenset[str]] = {
    kind: frozenset(dir(kind)) for kind in (list, tuple, str, int, float, bool, torch.dtype)
}
