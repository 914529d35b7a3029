"""The arguments of an exported program's calls: each is a value of the graph, or a plain one of a known type."""

import re
from collections.abc import Callable, Mapping, Sequence
from math import inf, nan
from typing import Any

import torch
from torch import fx

from adelante.formats.exported.package import DTYPES

_FLOATS = {"Infinity": inf, "-Infinity": -inf, "NaN": nan}
_MEMORY = {
    1: torch.contiguous_format,
    2: torch.channels_last,
    3: torch.channels_last_3d,
    4: torch.preserve_format,
}
_STRIDED = 7
# A mode of padding, a way to round, an equation of einsum.
_TEXT = re.compile(r"[A-Za-z0-9_ .,>-]{0,200}", re.ASCII)
_KEYWORD = 2
_LARGEST = 1 << 63


class Arguments:
    """Reads arguments; `nodes` are the values that the graph has so far, by the names that the file gives them.

    What is missing, or of another type than its field says, raises KeyError, TypeError or ValueError.
    """

    def __init__(self, nodes: Mapping[str, fx.Node]) -> None:
        self._nodes = nodes
        self._readers: dict[str, Callable[[Any], Any]] = {
            "as_none": lambda _: None,
            "as_tensor": lambda told: nodes[told["name"]],
            "as_tensors": lambda told: [nodes[each["name"]] for each in told],
            "as_optional_tensor": self._optional,
            "as_optional_tensors": lambda told: [self._optional(each) for each in told],
            "as_int": _int,
            "as_ints": lambda told: [_int(each) for each in told],
            "as_float": _float,
            "as_floats": lambda told: [_float(each) for each in told],
            "as_bool": _bool,
            "as_bools": lambda told: [_bool(each) for each in told],
            "as_string": _text,
            "as_sym_int": lambda told: self._symbolic(told, "as_int", _int),
            "as_sym_ints": lambda told: [self._symbolic(each, "as_int", _int) for each in told],
            "as_sym_float": lambda told: self._symbolic(told, "as_float", _float),
            "as_sym_bool": lambda told: self._symbolic(told, "as_bool", _bool),
            "as_scalar_type": _dtype,
            "as_memory_format": lambda told: _MEMORY[told],
            "as_layout": _layout,
            # Wherever it was exported, here it is read.
            "as_device": lambda _: torch.device("cpu"),
        }

    def of(
        self, inputs: Sequence[Mapping[str, Any]], call: Callable[..., Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments of a call: those by place, and those by one of the names that the call has for them."""
        known = {each.name for each in call._schema.arguments} if isinstance(call, torch._ops.OpOverload) else set()
        operands, named = [], {}
        for each in inputs:
            value = self.value(each["arg"])
            if each.get("kind") != _KEYWORD:
                operands.append(value)
            elif each["name"] in known:
                named[each["name"]] = value
            else:
                raise ValueError("an argument of no known name")
        return tuple(operands), named

    def value(self, told: Mapping[str, Any]) -> Any:
        """One argument."""
        ((kind, value),) = told.items()
        return self._readers[kind](value)

    @staticmethod
    def name(told: Mapping[str, Any]) -> str | None:
        """The name of a result, or of a graph's input; None where there is none."""
        ((_, value),) = told.items()
        if not isinstance(value, dict):
            return None
        found = value.get("name", value.get("as_name"))
        if found is not None and not isinstance(found, str):
            raise TypeError("a name is no text")
        return found

    def _optional(self, told: Mapping[str, Any]) -> fx.Node | None:
        return self._nodes[told["as_tensor"]["name"]] if "as_tensor" in told else None

    def _symbolic(self, told: Mapping[str, Any], plain: str, read: Callable[[Any], Any]) -> Any:
        return self._nodes[told["as_name"]] if "as_name" in told else read(told[plain])


def _int(value: Any) -> int:
    if type(value) is not int or not -_LARGEST <= value < _LARGEST:
        raise TypeError("a whole number is expected")
    return value


def _float(value: Any) -> float:
    # What JSON has no word for, torch writes as a text.
    if isinstance(value, str):
        return _FLOATS[value]
    if type(value) not in (int, float):
        raise TypeError("a number is expected")
    return float(value)


def _bool(value: Any) -> bool:
    if type(value) is not bool:
        raise TypeError("true or false is expected")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or _TEXT.fullmatch(value) is None:
        raise ValueError("a text that no option has")
    return value


def _dtype(value: Any) -> torch.dtype:
    if value not in DTYPES:
        raise ValueError(f"numbers of type {value!r:.20}")
    return DTYPES[value]


def _layout(value: Any) -> torch.layout:
    if value != _STRIDED:
        raise ValueError("a tensor that is not dense")
    return torch.strided
