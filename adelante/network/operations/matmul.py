"""Matrix products of two tensors that the pass computed: attention's scores, attention's mix."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor

from adelante.network.explanation import Explanation, Part
from adelante.network.operations.operation import (
    Index,
    Operand,
    Operation,
    Shape,
    broadcast_index,
    cell_part,
    number,
    take,
)


@dataclass(frozen=True)
class Matmul(Operation):
    """a @ b, as torch.matmul has it for tensors of any rank: a row of a times a column of b."""

    KIND = "matmul"
    FORM = "sum-of-products"
    OPERANDS = ("inputs", "other")

    def run(self, *operands: Tensor) -> Tensor:
        return torch.matmul(*operands)

    def cost(self, shapes: Sequence[Shape], result: Shape) -> int:
        return prod(result) * shapes[0][-1]

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        part = product_of(at, *operands[:2])
        return Explanation(result.name, at, number(result.value, at), "sum-of-products", (part,))


@dataclass(frozen=True)
class Addmm(Operation):
    """beta · bias + alpha · (a @ b), as torch.addmm and torch.baddbmm have it."""

    KIND = "addmm"
    FORM = "sum-of-products"
    OPERANDS = ("bias", "inputs", "other")

    beta: float = 1.0
    alpha: float = 1.0

    def run(self, *operands: Tensor) -> Tensor:
        return self._added(operands, self.beta, self.alpha)

    def stand_in(self, *operands: Tensor) -> Tensor:
        return self._added(operands, 1, 1)

    def _added(self, operands: Sequence[Tensor], beta: float, alpha: float) -> Tensor:
        bias, inputs, other = operands
        product = torch.addmm if inputs.dim() == 2 else torch.baddbmm
        return product(bias, inputs, other, beta=beta, alpha=alpha)

    def cost(self, shapes: Sequence[Shape], result: Shape) -> int:
        return prod(result) * shapes[1][-1]

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        bias = cell_part(operands[0], broadcast_index(at, operands[0].value.shape), "bias")
        constants = {"scale": self.alpha, "factor of bias": self.beta}
        parts = (product_of(at, *operands[1:]), bias)
        return Explanation(result.name, at, number(result.value, at), "sum-of-products", parts, constants)


def product_of(at: Index, left: Operand, right: Operand) -> Part:
    """The row of `left` and the column of `right` whose products add up to the number at `at`."""
    a, b = left.value.shape, right.value.shape
    inner = torch.arange(a[-1])
    row: list[int] = [at[-1 if len(b) == 1 else -2]] if len(a) > 1 else []
    column: list[int] = [at[-1]] if len(b) > 1 else []
    batch = at[: len(at) - len(row) - len(column)]
    left_at = _between(broadcast_index(batch, a[:-2])[: max(len(a) - 2, 0)] if len(a) > 2 else (), row, inner, ())
    right_at = _between(broadcast_index(batch, b[:-2]) if len(b) > 2 else (), [], inner, column)
    return Part(left.name, left_at, take(left.value, left_at), right.name, right_at, take(right.value, right_at))


def _between(batch: Sequence[int], before: Sequence[int], inner: Tensor, after: Sequence[int]) -> Tensor:
    """(n, rank): indices that are fixed but for one dimension, which takes all values."""
    fixed = [torch.full_like(inner, index) for index in (*batch, *before)]
    return torch.stack([*fixed, inner, *(torch.full_like(inner, index) for index in after)], 1)
