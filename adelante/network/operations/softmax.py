"""Softmax and its logarithm: one number's share of all e^x."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod

import torch
from torch import Tensor

from adelante.network.explanation import Explanation
from adelante.network.operations.operation import Index, Operand, Operation, Shape, along, cell_part, cells_part, number


@dataclass(frozen=True)
class Softmax(Operation):
    """e^x / Σ e^x along one dimension."""

    KIND = "softmax"
    FORM = "softmax"

    dim: int = -1

    def run(self, *operands: Tensor) -> Tensor:
        return torch.softmax(operands[0], self.dim)

    def cost(self, shapes: Sequence[Shape], result: Shape) -> int:
        return 3 * prod(result)

    def parts(self, shapes: Sequence[Shape], result: Shape) -> int:
        return 1 + (shapes[0][self.dim] if shapes[0] else 1)

    def stand_in(self, *operands: Tensor) -> Tensor:
        return operands[0].sum(self.dim, keepdim=True).expand_as(operands[0])

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        """`largest` is taken from every x first, as torch does, so that no e^x overflows; `sum` is of those e^x."""
        x = operands[0]
        every = cells_part(x, along(at, [self.dim], x.value.shape), "logits")
        wide = every.values.double()
        largest = float(wide.max())
        constants = {"largest": largest, "sum": float((wide - largest).exp().sum())}
        if self.KIND == "log_softmax":
            constants["logarithm"] = 1.0
        parts = (cell_part(x, at, "logit"), every)
        return Explanation(result.name, at, number(result.value, at), "softmax", parts, constants)


@dataclass(frozen=True)
class SafeSoftmax(Softmax):
    """Softmax, and 0 where every x is −∞: what attention gives a row whose mask leaves it nothing to look at."""

    KIND = "safe_softmax"

    def run(self, *operands: Tensor) -> Tensor:
        x = operands[0]
        blind = (x == -torch.inf).all(self.dim, keepdim=True)
        # Filled before as well as after, for its slope to be 0 and not NaN.
        return torch.softmax(x.masked_fill(blind, 0), self.dim).masked_fill(blind, 0)

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        found = super().explain(at, operands, result)
        if found.constants["largest"] == -torch.inf:
            return replace(found, constants={"largest": 0.0, "sum": 1.0})
        return found


@dataclass(frozen=True)
class LogSoftmax(Softmax):
    """x − ln Σ e^x along one dimension."""

    KIND = "log_softmax"

    def run(self, *operands: Tensor) -> Tensor:
        return torch.log_softmax(operands[0], self.dim)
