"""Choices by a condition: where, masked_fill, and the largest or smallest of many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import ClassVar

import torch
from torch import Tensor

from adelante.network.explanation import Explanation, Part
from adelante.network.operations.arithmetic import Number
from adelante.network.operations.operation import (
    Index,
    Operand,
    Operation,
    Shape,
    along,
    broadcast_index,
    broadcast_sum,
    cell_part,
    cells_part,
    number,
)


@dataclass(frozen=True)
class Where(Operation):
    """The first where the condition holds, else the second; either may be a number instead of a tensor."""

    KIND = "where"
    FORM = "choice"
    OPERANDS = ("condition", "inputs", "other")
    REPLACED: ClassVar[Mapping[str, str]] = {"inputs": "scalar", "other": "other_scalar"}

    scalar: Number | None = None
    other_scalar: Number | None = None

    def run(self, *operands: Tensor) -> Tensor:
        condition, *rest = operands
        first = rest.pop(0) if self.scalar is None else self.scalar
        second = rest.pop(0) if self.other_scalar is None else self.other_scalar
        return torch.where(condition, first, second)

    def stand_in(self, *operands: Tensor) -> Tensor:
        return broadcast_sum(*operands)

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        condition, *rest = operands
        there = cell_part(condition, broadcast_index(at, condition.value.shape), "condition")
        first = rest.pop(0) if self.scalar is None else self.scalar
        second = rest.pop(0) if self.other_scalar is None else self.other_scalar
        taken = first if bool(there.values[0]) else second
        value = number(result.value, at)
        if isinstance(taken, Operand):
            part = cell_part(taken, broadcast_index(at, taken.value.shape))
            return Explanation(result.name, at, value, "choice", (part, there), chosen=0)
        return Explanation(result.name, at, value, "choice", (there,), {"taken": float(taken)})


@dataclass(frozen=True)
class MaskedFill(Operation):
    """The number itself, or `value` where the mask holds."""

    KIND = "masked_fill"
    FORM = "choice"
    OPERANDS = ("inputs", "mask")

    value: float

    def run(self, *operands: Tensor) -> Tensor:
        return torch.masked_fill(operands[0], operands[1], self.value)

    def stand_in(self, *operands: Tensor) -> Tensor:
        return broadcast_sum(*operands)

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        inputs, mask = operands
        there = cell_part(mask, broadcast_index(at, mask.value.shape), "condition")
        value = number(result.value, at)
        if bool(there.values[0]):
            return Explanation(result.name, at, value, "choice", (there,), {"taken": self.value})
        part = cell_part(inputs, broadcast_index(at, inputs.value.shape))
        return Explanation(result.name, at, value, "choice", (part, there), chosen=0)


@dataclass(frozen=True)
class _Extreme(Operation):
    FORM = "choice"

    dim: tuple[int, ...] | None = None
    keepdim: bool = False

    def cost(self, shapes: Sequence[Shape], result: Shape) -> int:
        return prod(shapes[0])

    def stand_in(self, *operands: Tensor) -> Tensor:
        return torch.sum(operands[0], self.dim, self.keepdim)

    def _part(self, at: Index, x: Operand) -> tuple[Tensor, tuple[int, ...]]:
        rank = x.value.dim()
        dims = tuple(dim % rank for dim in (self.dim or range(rank)))
        return along(spread_index(at, dims, rank, self.keepdim), dims, x.value.shape), dims


def largest(part: Part) -> int:
    """Which of a part's cells is the largest, the first of several; torch has no argmax of truth values."""
    values = part.values
    return int((values.byte() if values.dtype == torch.bool else values).argmax())


def spread_index(at: Index, dims: Sequence[int], rank: int, keepdim: bool) -> Index:
    """The index in the operand of a result whose `dims` were reduced; 0 along those."""
    if keepdim:
        return tuple(0 if k in dims else index for k, index in enumerate(at))
    kept = iter(at)
    return tuple(0 if k in dims else next(kept) for k in range(rank))


@dataclass(frozen=True)
class Amax(_Extreme):
    """The largest along `dim`, or of all."""

    KIND = "amax"

    def run(self, *operands: Tensor) -> Tensor:
        return torch.amax(operands[0], () if self.dim is None else self.dim, self.keepdim)

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        part = cells_part(operands[0], self._part(at, operands[0])[0])
        return Explanation(result.name, at, number(result.value, at), "choice", (part,), chosen=largest(part))


@dataclass(frozen=True)
class Amin(_Extreme):
    """The smallest along `dim`, or of all."""

    KIND = "amin"

    def run(self, *operands: Tensor) -> Tensor:
        return torch.amin(operands[0], () if self.dim is None else self.dim, self.keepdim)

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        part = cells_part(operands[0], self._part(at, operands[0])[0])
        return Explanation(
            result.name, at, number(result.value, at), "choice", (part,), chosen=int((-part.values.double()).argmax())
        )


@dataclass(frozen=True)
class Argmax(_Extreme):
    """Where the largest along one dimension is: its index."""

    KIND = "argmax"

    def run(self, *operands: Tensor) -> Tensor:
        return torch.argmax(operands[0], None if self.dim is None else self.dim[0], self.keepdim)

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        part = cells_part(operands[0], self._part(at, operands[0])[0])
        value = number(result.value, at)
        return Explanation(result.name, at, value, "choice", (part,), {"index": value}, chosen=int(value))


@dataclass(frozen=True)
class Argmin(Argmax):
    """Where the smallest along one dimension is: its index."""

    KIND = "argmin"

    def run(self, *operands: Tensor) -> Tensor:
        return torch.argmin(operands[0], None if self.dim is None else self.dim[0], self.keepdim)
