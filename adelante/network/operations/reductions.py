"""Sums, products and means along dimensions, and what has been up to each place along one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod

import torch
from torch import Tensor

from adelante.network.explanation import Explanation
from adelante.network.operations.choices import spread_index
from adelante.network.operations.operation import Index, Operand, Operation, Shape, along, cells_part, number


@dataclass(frozen=True)
class Sum(Operation):
    """The sum along `dim`, or of all."""

    KIND = "sum"
    FORM = "sum"

    dim: tuple[int, ...] | None = None
    keepdim: bool = False

    def run(self, *operands: Tensor) -> Tensor:
        return torch.sum(operands[0], self.dim, self.keepdim)

    def cost(self, shapes: Sequence[Shape], result: Shape) -> int:
        return prod(shapes[0])

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        x = operands[0]
        rank = x.value.dim()
        dims = tuple(dim % rank for dim in (self.dim if self.dim else range(rank)))
        part = cells_part(x, along(spread_index(at, dims, rank, self.keepdim), dims, x.value.shape))
        constants = {"scale": 1.0 / len(part)} if self.KIND == "mean" else {}
        return Explanation(result.name, at, number(result.value, at), "sum", (part,), constants)


@dataclass(frozen=True)
class Mean(Sum):
    """The mean along `dim`, or of all."""

    KIND = "mean"

    def run(self, *operands: Tensor) -> Tensor:
        return torch.mean(operands[0], self.dim, self.keepdim)


@dataclass(frozen=True)
class Prod(Operation):
    """The product along one dimension, or of all."""

    KIND = "prod"
    FORM = "product"

    dim: int | None = None
    keepdim: bool = False

    def run(self, *operands: Tensor) -> Tensor:
        return torch.prod(operands[0]) if self.dim is None else torch.prod(operands[0], self.dim, self.keepdim)

    def cost(self, shapes: Sequence[Shape], result: Shape) -> int:
        return prod(shapes[0])

    def stand_in(self, *operands: Tensor) -> Tensor:
        return torch.sum(operands[0]) if self.dim is None else torch.sum(operands[0], self.dim, self.keepdim)

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        x = operands[0]
        rank = x.value.dim()
        dims = tuple(range(rank)) if self.dim is None else (self.dim % max(rank, 1),)
        whole = self.keepdim and self.dim is not None
        part = cells_part(x, along(spread_index(at, dims, rank, whole), dims, x.value.shape))
        return Explanation(result.name, at, number(result.value, at), "product", (part,))


@dataclass(frozen=True)
class _UpTo(Operation):
    dim: int

    def stand_in(self, *operands: Tensor) -> Tensor:
        return torch.cumsum(operands[0], self.dim)

    def parts(self, shapes: Sequence[Shape], result: Shape) -> int:
        return shapes[0][self.dim] if shapes[0] else 1

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        x = operands[0]
        cells = along(at, [self.dim], x.value.shape) if at else torch.zeros((1, 0), dtype=torch.long)
        up_to = cells[: at[self.dim] + 1] if at else cells
        return Explanation(result.name, at, number(result.value, at), self.FORM, (cells_part(x, up_to),))


@dataclass(frozen=True)
class Cumsum(_UpTo):
    """The sum up to and with each place along one dimension."""

    KIND = "cumsum"
    FORM = "sum"

    def run(self, *operands: Tensor) -> Tensor:
        return torch.cumsum(operands[0], self.dim)


@dataclass(frozen=True)
class Cumprod(_UpTo):
    """The product up to and with each place along one dimension."""

    KIND = "cumprod"
    FORM = "product"

    def run(self, *operands: Tensor) -> Tensor:
        return torch.cumprod(operands[0], self.dim)


@dataclass(frozen=True)
class Cummax(_UpTo):
    """The largest up to and with each place along one dimension."""

    KIND = "cummax"
    FORM = "choice"

    def run(self, *operands: Tensor) -> Tensor:
        return torch.cummax(operands[0], self.dim).values

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        found = super().explain(at, operands, result)
        # Of several that are alike, the one that torch's gradient goes to.
        last = self._last(found.parts[0].values)
        return replace(found, chosen=int(last))

    @staticmethod
    def _last(values: Tensor) -> Tensor:
        return torch.cummax(values, 0).indices[-1]


@dataclass(frozen=True)
class Cummin(Cummax):
    """The smallest up to and with each place along one dimension."""

    KIND = "cummin"

    def run(self, *operands: Tensor) -> Tensor:
        return torch.cummin(operands[0], self.dim).values

    @staticmethod
    def _last(values: Tensor) -> Tensor:
        return torch.cummin(values, 0).indices[-1]
