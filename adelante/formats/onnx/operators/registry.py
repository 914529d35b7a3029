"""The table of operators: which of our operations each stands for. Whatever is not in it is refused by name."""

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from adelante.formats.onnx.builder import Builder
from adelante.formats.onnx.node import OnnxNode
from adelante.formats.onnx.values import Value

__all__ = ["ML", "OPERATORS", "Builder", "OnnxNode", "Translation", "Value", "reads"]

ML = "ai.onnx.ml"
Result = Value | tuple[Value | None, ...]
_Function = Callable[..., Result]
_ALL = 1 << 30
_Entered = TypeVar("_Entered", bound=_Function)


class Translation(NamedTuple):
    """How an operator is read, and how many operands it takes, those first that it can't do without."""

    function: _Function
    least: int
    most: int


OPERATORS: dict[tuple[str, str], Translation] = {}


def reads(*names: str, domain: str = "") -> Callable[[_Entered], _Entered]:
    """Enters a translation under these operators: it is given the builder, the node, and the node's operands."""

    def enter(function: _Entered) -> _Entered:
        operands = list(inspect.signature(function).parameters.values())[2:]
        named = [each for each in operands if each.kind is not each.VAR_POSITIONAL]
        least = sum(each.default is inspect.Parameter.empty for each in named)
        most = len(operands) if len(named) == len(operands) else _ALL
        for name in names:
            OPERATORS[domain, name] = Translation(function, least, most)
        return function

    return enter


def given(*values: Any) -> tuple[Any, ...]:
    """Those that are there."""
    return tuple(value for value in values if value is not None)
