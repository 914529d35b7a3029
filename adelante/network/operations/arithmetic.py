"""Arithmetic of two tensors, or of a tensor and a number, with broadcasting: sums, products, ratios, comparisons."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from adelante.network.explanation import Explanation, Part
from adelante.network.operations.operation import (
    Index,
    Operand,
    Operation,
    broadcast_index,
    broadcast_sum,
    cell_part,
    number,
)

Number = int | float


def _part(at: Index, operand: Operand, role: str = "") -> Part:
    return cell_part(operand, broadcast_index(at, operand.value.shape), role)


@dataclass(frozen=True)
class _OfTwo(Operation):
    """Two tensors number by number, or a tensor and the number `scalar` in the other's place."""

    OPERANDS = ("inputs", "other")
    REPLACED: ClassVar[Mapping[str, str]] = {"other": "scalar"}

    def stand_in(self, *operands: Tensor) -> Tensor:
        return broadcast_sum(*operands)


@dataclass(frozen=True)
class Add(_OfTwo):
    """inputs + alpha · other; `other` is a tensor, or the number `scalar`."""

    KIND = "add"
    FORM = "sum"

    alpha: Number = 1
    scalar: Number | None = None

    def run(self, *operands: Tensor) -> Tensor:
        inputs, *other = operands
        return torch.add(inputs, other[0] if other else self.scalar, alpha=self.alpha)  # type: ignore[arg-type]

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        constants: dict[str, float] = {}
        if self.scalar is not None:
            constants["offset"] = float(self.alpha * self.scalar)
        if self.alpha != 1:
            constants["factor of other"] = float(self.alpha)
        parts = [_part(at, each, role) for each, role in zip(operands, ("", "other"), strict=False)]
        return Explanation(result.name, at, number(result.value, at), "sum", tuple(parts), constants)


@dataclass(frozen=True)
class Sub(_OfTwo):
    """inputs − alpha · other; with `scalar` a number is taken instead, and `reverse` takes from it."""

    KIND = "sub"
    FORM = "sum"

    alpha: Number = 1
    scalar: Number | None = None
    reverse: bool = False

    def run(self, *operands: Tensor) -> Tensor:
        inputs, *other = operands
        if other:
            return torch.sub(inputs, other[0], alpha=self.alpha)
        function: Any = torch.rsub if self.reverse else torch.sub
        result: Tensor = function(inputs, self.scalar, alpha=self.alpha)
        return result

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        constants = {"factor of subtracted": float(self.alpha)} if self.alpha != 1 else {}
        roles = ("", "subtracted")
        if self.scalar is not None:
            if self.reverse:
                constants["offset"], roles = float(self.scalar), ("subtracted", "")
            else:
                constants = {"offset": -float(self.alpha * self.scalar)}
        parts = [_part(at, each, role) for each, role in zip(operands, roles, strict=False)]
        return Explanation(result.name, at, number(result.value, at), "sum", tuple(parts), constants)


@dataclass(frozen=True)
class _Product(_OfTwo):
    """torch's `FUNCTION` of two; `CONSTANT` is what the number is to the product, `ROLE` what the other tensor is."""

    FORM = "product"
    FUNCTION: ClassVar[Any]
    CONSTANT: ClassVar[str]
    ROLE: ClassVar[str] = ""

    scalar: Number | None = None

    def run(self, *operands: Tensor) -> Tensor:
        inputs, *other = operands
        result: Tensor = self.FUNCTION(inputs, other[0] if other else self.scalar)
        return result

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        constants = {} if self.scalar is None else {self.CONSTANT: float(self.scalar)}
        parts = tuple(_part(at, each, role) for each, role in zip(operands, ("", self.ROLE), strict=False))
        return Explanation(result.name, at, number(result.value, at), "product", parts, constants)


@dataclass(frozen=True)
class Mul(_Product):
    """inputs · other, number by number: gates, masks, scaling."""

    KIND, FUNCTION, CONSTANT = "mul", torch.mul, "factor"


@dataclass(frozen=True)
class Div(_Product):
    """inputs / other, number by number."""

    KIND, FUNCTION, CONSTANT, ROLE = "div", torch.div, "divisor", "divisor"


PAIRED: dict[str, tuple[Callable[[Tensor, Tensor], Tensor], str]] = {
    "eq_to": (torch.eq, "1 if x = y else 0"),
    "ne_to": (torch.ne, "1 if x ≠ y else 0"),
    "lt_than": (torch.lt, "1 if x < y else 0"),
    "le_than": (torch.le, "1 if x ≤ y else 0"),
    "gt_than": (torch.gt, "1 if x > y else 0"),
    "ge_than": (torch.ge, "1 if x ≥ y else 0"),
    "logical_and": (torch.logical_and, "1 if x and y else 0"),
    "logical_or": (torch.logical_or, "1 if x or y else 0"),
    "logical_xor": (torch.logical_xor, "1 if one of x and y, but not both, else 0"),
    "bitwise_and": (torch.bitwise_and, "x and y"),
    "bitwise_or": (torch.bitwise_or, "x or y"),
    "bitwise_xor": (torch.bitwise_xor, "x or y, but not both"),
    "pow_to": (torch.pow, "x^y"),
    "remainder_of": (torch.remainder, "x mod y"),
    "fmod_of": (torch.fmod, "what x / y leaves, with the sign of x"),
    "hypot": (torch.hypot, "√(x² + y²)"),
    "floor_divide_by": (lambda x, y: torch.div(x, y, rounding_mode="floor"), "⌊x / y⌋"),
    "atan2": (torch.atan2, "the angle of (y, x)"),
    "maximum": (torch.maximum, "the larger of x and y"),
    "minimum": (torch.minimum, "the smaller of x and y"),
    "prelu": (lambda x, slope: torch.where(x > 0, x, slope * x), "x if x > 0 else y · x"),
}


@dataclass(frozen=True)
class Paired(_OfTwo):
    """f of two numbers, number by number. `function` is a name of PAIRED."""

    FORM = "function"
    REPLACED: ClassVar[Mapping[str, str]] = {}

    function: str

    @property
    def kind(self) -> str:
        return self.function

    @property
    def options(self) -> dict[str, Any]:
        return {}

    def run(self, *operands: Tensor) -> Tensor:
        return PAIRED[self.function][0](*operands)

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        parts = tuple(_part(at, each, role) for each, role in zip(operands, ("x", "y"), strict=True))
        formula = PAIRED[self.function][1]
        return Explanation(result.name, at, number(result.value, at), "function", parts, formula=formula)
