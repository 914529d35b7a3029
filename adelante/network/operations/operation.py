"""What an operation says of itself: what it takes, computes and costs, and what its numbers are made of.

An operation is a frozen dataclass whose fields are its options, named as in torch.nn.functional. It holds no tensors:
parameters are operands like any other, so that a weight and an activation are asked about in the same way.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from math import prod
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import torch
from torch import Tensor

from adelante.network.explanation import Explanation, Form, Part

Index = tuple[int, ...]
Shape = tuple[int, ...]


class PerBatch(NamedTuple):
    """A size that grows with the batch: `times` · batch + `plus`."""

    times: int
    plus: int = 0

    def of(self, batch: int) -> int:
        """The size for a batch of this many."""
        return self.times * batch + self.plus


Size = int | PerBatch


class Operand(NamedTuple):
    """A tensor that an operation takes, and the name by which the trace knows it."""

    name: str
    value: Tensor


@dataclass(frozen=True)
class Operation:
    """One step of a pass.

    `KIND` is its name in files and in the API, `FORM` how its numbers are explained, `OPERANDS` what it takes, in
    order; the last `OPTIONAL` of them may be left out. A kind that takes `MANY` repeats its last one. `REPLACED` says
    for which operands an option may stand instead, a number for a tensor. `KEPT` are the operands whose numbers
    training counts and does not learn.
    """

    KIND: ClassVar[str] = ""
    FORM: ClassVar[Form]
    OPERANDS: ClassVar[tuple[str, ...]] = ("inputs",)
    OPTIONAL: ClassVar[int] = 0
    MANY: ClassVar[bool] = False
    REPLACED: ClassVar[Mapping[str, str]] = {}
    KEPT: ClassVar[frozenset[str]] = frozenset()

    @property
    def operands(self) -> tuple[str, ...]:
        """What it takes, in order, without those for which an option stands."""
        if not self.REPLACED:
            return self.OPERANDS
        return tuple(each for each in self.OPERANDS if getattr(self, self.REPLACED.get(each, ""), None) is None)

    def takes(self, count: int) -> bool:
        """Whether it takes so many operands; with more, torch would read one of them as an option."""
        names = len(self.operands)
        return count >= names if self.MANY else names - self.OPTIONAL <= count <= names

    def operand(self, position: int) -> str:
        """The name of what it takes at a position, counted from 0."""
        names = self.operands
        return names[min(position, len(names) - 1)]

    @property
    def kind(self) -> str:
        """Its name in files and in the API."""
        return self.KIND

    @property
    def options(self) -> dict[str, Any]:
        """The options by name, those at their defaults too."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def call(self) -> Callable[..., Tensor]:
        """What a pass calls: `run`, or torch's own function where that gives the same of the same operands."""
        return self.run

    def run(self, *operands: Tensor) -> Tensor:
        """The result, by torch's own function. Raises what torch raises where the shapes do not fit."""
        raise NotImplementedError

    def at_batch(self, batch: int) -> Self:
        """The operation for a batch of this many; itself unless an option depends on the batch."""
        # Asked of every node of every network, and hardly any does.
        for value in self.__dict__.values():
            if type(value) is tuple and _grows(value):
                break
        else:
            return self
        sizes = {
            name: tuple(each.of(batch) if isinstance(each, PerBatch) else each for each in value)
            for name, value in self.options.items()
            if isinstance(value, tuple) and _grows(value)
        }
        return replace(self, **sizes)

    def cost(self, shapes: Sequence[Shape], result: Shape) -> int:
        """How many multiplications or additions it takes, roughly; at least one for each number it gives.

        `shapes` are those of the operands, `result` that of what it gives.
        """
        return prod(result)

    def parts(self, shapes: Sequence[Shape], result: Shape) -> int:
        """How many cells the explanation of one number lists, at most; found without a look at any number."""
        return -(-self.cost(shapes, result) // max(1, prod(result))) + len(shapes) + 1

    def stand_in(self, *operands: Tensor) -> Tensor:
        """A function of the same operands whose slope is positive just where the result depends on a number.

        It is asked with all numbers 1. The operation itself serves where it is linear in each operand.
        """
        return self.run(*operands)

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        """What the number at `at` of the result is made of. `at` counts every dimension, the batch's too."""
        raise NotImplementedError


def _grows(sizes: tuple[Any, ...]) -> bool:
    return PerBatch in map(type, sizes)


def broadcast_sum(*operands: Tensor) -> Tensor:
    """The stand-in of what works number by number."""
    return sum((each.double() for each in operands), torch.zeros((), dtype=torch.float64))


def number(tensor: Tensor, at: Index) -> float:
    """One number of a tensor, as Python's own."""
    return float(tensor[at].item())


def cell_part(operand: Operand, at: Index, role: str = "") -> Part:
    """The part that is one cell."""
    index = torch.tensor([at], dtype=torch.long).reshape(1, len(at))
    return Part(operand.name, index, operand.value[at].reshape(1), role=role)


def cells_part(operand: Operand, at: Tensor, role: str = "") -> Part:
    """The part that is the cells with these indices (n, rank)."""
    return Part(operand.name, at, take(operand.value, at), role=role)


def index_of(place: int, shape: Sequence[int]) -> Index:
    """The index of the number that is the `place`th of a tensor of this shape, counted from 0.

    torch.unravel_index checks what it is given, and for that loads sympy the first time, which takes seconds.
    """
    return tuple(map(int, np.unravel_index(place, tuple(shape))))


def broadcast_index(at: Index, shape: Sequence[int]) -> Index:
    """The cell of a tensor of this shape that broadcasting puts at `at` of the result."""
    there = at[len(at) - len(shape) :]
    return tuple(0 if size == 1 else index for index, size in zip(there, shape, strict=True))


def grid(*sides: Tensor) -> Tensor:
    """(n, sides): every combination of the sides' indices, the last one running fastest."""
    return torch.stack([axis.reshape(-1) for axis in torch.meshgrid(*sides, indexing="ij")], 1)


def along(at: Index, dims: Sequence[int], shape: Sequence[int]) -> Tensor:
    """(n, rank): the cells that share every index of `at` but those of `dims`, which take all values."""
    moving = {dim % len(shape) for dim in dims}
    sides = [torch.arange(size) if k in moving else torch.tensor([at[k]]) for k, size in enumerate(shape)]
    return grid(*sides)


def take(tensor: Tensor, at: Tensor) -> Tensor:
    """(n,): the tensor's numbers at the indices (n, rank)."""
    if at.shape[1] == 0:
        return tensor.reshape(1).expand(at.shape[0])
    return tensor[tuple(at.to(tensor.device).unbind(1))]
