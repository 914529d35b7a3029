"""Numbers laid, or added, where numbers of the pass say: the other way round of gather and indexing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from math import prod
from typing import ClassVar

import torch
from torch import Tensor

from adelante.network.explanation import Explanation, Part
from adelante.network.operations.arithmetic import Number
from adelante.network.operations.moves import Move
from adelante.network.operations.operation import (
    Index,
    Operand,
    Operation,
    Shape,
    along,
    cell_part,
    cells_part,
    number,
    take,
)


def _named(src: Tensor, index: Tensor) -> Tensor:
    """The part of `src` for which there are places; of more than that torch has no derivative."""
    if src.shape == index.shape or src.dim() != index.dim():
        return src
    return src[tuple(slice(size) for size in index.shape)]


@dataclass(frozen=True)
class Scatter(Move):
    """The first tensor with `src`, or one number, laid along one dimension over the places that `index` names."""

    KIND = "scatter"
    OPERANDS = ("inputs", "index", "src")
    REPLACED: ClassVar[Mapping[str, str]] = {"src": "value"}

    dim: int
    value: Number | None = None

    def run(self, *operands: Tensor) -> Tensor:
        inputs, index, *src = operands
        if self.value is not None:
            return torch.scatter(inputs, self.dim, index, self.value)
        return torch.scatter(inputs, self.dim, index, _named(src[0], index))

    def filled(self, fill: float) -> "Scatter":
        return self if self.value is None else replace(self, value=fill)

    def _split(self, operands: Sequence[Operand]) -> tuple[Sequence[Operand], Sequence[Operand]]:
        return (operands[0], *operands[2:]), operands[1:2]

    def _joined(self, moved: Sequence[Tensor], others: Sequence[Tensor]) -> Sequence[Tensor]:
        return (moved[0], *others, *moved[1:])


@dataclass(frozen=True)
class ScatterAdd(Operation):
    """The first tensor with the numbers of `src` added along one dimension at the places that `index` names."""

    KIND = "scatter_add"
    FORM = "sum"
    OPERANDS = ("inputs", "index", "src")

    dim: int

    def run(self, *operands: Tensor) -> Tensor:
        inputs, index, src = operands
        return torch.scatter_add(inputs, self.dim, index, _named(src, index))

    def cost(self, shapes: Sequence[Shape], result: Shape) -> int:
        return prod(result) + prod(shapes[1])

    def parts(self, shapes: Sequence[Shape], result: Shape) -> int:
        return 1 + (shapes[1][self.dim] if shapes[1] else 1)

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        inputs, index, src = operands
        parts = [cell_part(inputs, at), *self._added(at, index, src)]
        return Explanation(result.name, at, number(result.value, at), "sum", tuple(parts))

    def _added(self, at: Index, index: Operand, src: Operand) -> list[Part]:
        """What was added there: along the dimension, those whose place is this one."""
        shape = index.value.shape
        if not shape:
            return [cell_part(src, ())] if src.value.dim() == 0 else [cell_part(src, (0,))]
        dim = self.dim % len(shape)
        if any(i >= size for k, (i, size) in enumerate(zip(at, shape, strict=True)) if k != dim):
            return []
        cells = along(at, [dim], shape)
        there = cells[(take(index.value, cells) == at[dim]).cpu()]
        return [cells_part(src, there)] if len(there) else []


def index_at(given: Sequence[bool], places: Sequence[Tensor]) -> tuple[Tensor | slice, ...]:
    """An index with a tensor in the dimensions that have one."""
    each = iter(places)
    return tuple(next(each) if named else slice(None) for named in given)


@dataclass(frozen=True)
class _AtPlaces(Operation):
    """What takes places in some dimensions, of all the others; `given` says which dimensions have a tensor."""

    MANY = True
    OPERANDS = ("inputs", "src", "index")

    given: tuple[bool, ...]

    def takes(self, count: int) -> bool:
        return count == 2 + sum(self.given)


@dataclass(frozen=True)
class IndexPut(_AtPlaces, Move):
    """inputs with inputs[a, :, b] = src: laid over the places that tensors name."""

    KIND = "index_put"

    def run(self, *operands: Tensor) -> Tensor:
        result = operands[0].clone()
        result[index_at(self.given, operands[2:])] = operands[1]
        return result

    def _split(self, operands: Sequence[Operand]) -> tuple[Sequence[Operand], Sequence[Operand]]:
        return operands[:2], operands[2:]


@dataclass(frozen=True)
class IndexAdd(_AtPlaces):
    """inputs with inputs[a, :, b] += src, each number as often as its place is named."""

    KIND = "index_add"
    FORM = "sum"

    def run(self, *operands: Tensor) -> Tensor:
        inputs, src, *places = operands
        each = iter(places)
        at = [next(each) if named else None for named in self.given]
        result: Tensor = torch.ops.aten.index_put(inputs, at, src, True)
        return result

    def cost(self, shapes: Sequence[Shape], result: Shape) -> int:
        return prod(result) + prod(shapes[1])

    def parts(self, shapes: Sequence[Shape], result: Shape) -> int:
        # Every number of src may go to one place, as often as broadcasting has it.
        return 1 + prod(map(max, zip_longest(*(shape[::-1] for shape in shapes[2:]), fillvalue=1)))

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        inputs, src, *places = operands
        shape = inputs.value.shape
        numbered = torch.arange(inputs.value.numel()).reshape(shape)
        named = numbered[index_at(self.given, [each.value.cpu() for each in places])]
        there = (named == numbered[at]).nonzero()
        sides = src.value.shape
        cells = there[:, there.shape[1] - len(sides) :] * torch.tensor([side > 1 for side in sides], dtype=torch.long)
        added = (cells_part(src, cells),) if len(there) else ()
        return Explanation(result.name, at, number(result.value, at), "sum", (cell_part(inputs, at), *added))
