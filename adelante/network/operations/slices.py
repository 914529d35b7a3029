"""Moves that cut, join, surround or push: slice, cat, pad, roll and the like."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from adelante.network.explanation import Explanation
from adelante.network.operations.moves import Move
from adelante.network.operations.operation import Index, Operand, cell_part, number


@dataclass(frozen=True)
class Slice(Move):
    """From start up to end along one dimension, in steps."""

    KIND = "slice"

    dim: int
    start: int = 0
    end: int | None = None
    step: int = 1

    def run(self, *operands: Tensor) -> Tensor:
        cut = [slice(None)] * (self.dim % operands[0].dim())
        return operands[0][(*cut, slice(self.start, self.end, self.step))]


@dataclass(frozen=True)
class Select(Move):
    """One index of a dimension, which is then gone."""

    KIND = "select"

    dim: int
    index: int

    def run(self, *operands: Tensor) -> Tensor:
        return operands[0].select(self.dim, self.index)


@dataclass(frozen=True)
class Cat(Move):
    """Tensors one after the other along a dimension."""

    KIND = "cat"
    MANY = True

    dim: int = 0

    def run(self, *operands: Tensor) -> Tensor:
        return torch.cat(operands, self.dim)


@dataclass(frozen=True)
class Stack(Move):
    """Tensors one beside the other along a new dimension."""

    KIND = "stack"
    MANY = True

    dim: int = 0

    def run(self, *operands: Tensor) -> Tensor:
        return torch.stack(operands, self.dim)


@dataclass(frozen=True)
class Pad(Move):
    """Numbers added around: `value`, or what mode ("reflect", "replicate", "circular") takes from within."""

    KIND = "pad"

    pad: tuple[int, ...]
    mode: str = "constant"
    value: float = 0.0

    def run(self, *operands: Tensor) -> Tensor:
        if self.mode != "constant":
            return F.pad(operands[0], self.pad, self.mode)
        return F.pad(operands[0], self.pad, value=self.value)

    def filled(self, fill: float) -> "Pad":
        return Pad(self.pad, self.mode, fill)


@dataclass(frozen=True)
class Triangle(Move):
    """One side of the diagonal; 0 on the other."""

    KIND = "tril"

    diagonal: int = 0

    def run(self, *operands: Tensor) -> Tensor:
        return torch.tril(operands[0], self.diagonal)

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        value = number(result.value, at)
        behind = at[-1] - at[-2] - self.diagonal
        if behind < 0 if self.KIND == "triu" else behind > 0:
            return Explanation(result.name, at, value, "move", (), {"fill": value})
        return Explanation(result.name, at, value, "move", (cell_part(operands[0], at),))


@dataclass(frozen=True)
class UpperTriangle(Triangle):
    """What is above the diagonal and on it; 0 below."""

    KIND = "triu"

    def run(self, *operands: Tensor) -> Tensor:
        return torch.triu(operands[0], self.diagonal)


@dataclass(frozen=True)
class Roll(Move):
    """Pushed along dimensions; what leaves at one end comes in at the other."""

    KIND = "roll"

    shifts: tuple[int, ...]
    dims: tuple[int, ...] = ()

    def run(self, *operands: Tensor) -> Tensor:
        return torch.roll(operands[0], self.shifts, self.dims)


@dataclass(frozen=True)
class Flip(Move):
    """Back to front along dimensions."""

    KIND = "flip"

    dims: tuple[int, ...]

    def run(self, *operands: Tensor) -> Tensor:
        return torch.flip(operands[0], self.dims)


@dataclass(frozen=True)
class SliceScatter(Move):
    """The first tensor with the second laid over a slice of it."""

    KIND = "slice_scatter"
    OPERANDS = ("inputs", "src")

    dim: int = 0
    start: int = 0
    end: int | None = None
    step: int = 1

    def run(self, *operands: Tensor) -> Tensor:
        inputs, src = operands
        return torch.slice_scatter(inputs, src, self.dim, self.start, self.end, self.step)


@dataclass(frozen=True)
class SelectScatter(Move):
    """The first tensor with the second laid over one index of a dimension."""

    KIND = "select_scatter"
    OPERANDS = ("inputs", "src")

    dim: int
    index: int

    def run(self, *operands: Tensor) -> Tensor:
        return torch.select_scatter(operands[0], operands[1], self.dim, self.index)
