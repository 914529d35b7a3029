"""Places in order of size: of all numbers along a dimension, or of the first of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor

from adelante.network.explanation import Explanation
from adelante.network.operations.operation import Index, Operand, Operation, Shape, along, cells_part, number


@dataclass(frozen=True)
class _Ranked(Operation):
    """Gives places along a dimension; the numbers there are a `gather` of them."""

    FORM = "choice"

    def cost(self, shapes: Sequence[Shape], result: Shape) -> int:
        return prod(shapes[0]) * max(self._length(shapes[0]).bit_length(), 1)

    def parts(self, shapes: Sequence[Shape], result: Shape) -> int:
        return self._length(shapes[0])

    def stand_in(self, *operands: Tensor) -> Tensor:
        (x,) = operands
        return torch.sum(x, self._dim, keepdim=True) + torch.zeros_like(self.run(x)) if x.dim() else x

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        x = operands[0]
        cells = along(at, [self._dim], x.value.shape) if at else torch.zeros((1, 0), dtype=torch.long)
        value = number(result.value, at)
        part = cells_part(x, cells)
        return Explanation(result.name, at, value, "choice", (part,), {"index": value}, chosen=int(value))

    @property
    def _dim(self) -> int:
        return int(self.options["dim"])

    def _length(self, shape: Shape) -> int:
        return shape[self._dim] if shape else 1


@dataclass(frozen=True)
class Argsort(_Ranked):
    """Along one dimension, where the smallest is, then the next larger one, to the largest; or the other way round."""

    KIND = "argsort"

    dim: int = -1
    descending: bool = False

    def run(self, *operands: Tensor) -> Tensor:
        return torch.sort(operands[0], dim=self.dim, descending=self.descending, stable=True).indices


@dataclass(frozen=True)
class Argtopk(_Ranked):
    """Along one dimension, where the `k` largest are, the largest first; or the k smallest, the smallest first."""

    KIND = "argtopk"

    k: int
    dim: int = -1
    largest: bool = True

    def run(self, *operands: Tensor) -> Tensor:
        return torch.topk(operands[0], self.k, self.dim, self.largest).indices
