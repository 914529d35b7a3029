"""Moves whose places are numbers of the pass: embedding, gather, indexing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from adelante.network.explanation import Explanation
from adelante.network.operations.moves import Move
from adelante.network.operations.operation import Index, Operand, cell_part, number


@dataclass(frozen=True)
class _Looked(Move):
    """Moves whose indices are numbers of the pass itself: the last operands."""

    def _split(self, operands: Sequence[Operand]) -> tuple[Sequence[Operand], Sequence[Operand]]:
        return operands[:1], operands[1:]


@dataclass(frozen=True)
class Embedding(_Looked):
    """The row of `weights` (entries, features) that each whole number of `inputs` names."""

    KIND = "embedding"
    OPERANDS = ("weights", "inputs")

    def run(self, *operands: Tensor) -> Tensor:
        return F.embedding(operands[1], operands[0])

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        weights, inputs = operands
        named = cell_part(inputs, at[:-1], "index")
        part = cell_part(weights, (int(named.values[0]), at[-1]))
        return Explanation(result.name, at, number(result.value, at), "move", (part, named))


@dataclass(frozen=True)
class Gather(_Looked):
    """Along one dimension, the place that the second operand names."""

    KIND = "gather"
    OPERANDS = ("inputs", "index")

    dim: int

    def run(self, *operands: Tensor) -> Tensor:
        return torch.gather(operands[0], self.dim, operands[1])

    def _beside(self, at: Index, others: Sequence[Operand]) -> tuple[Any, ...]:
        return (cell_part(others[0], at, "index"),)


@dataclass(frozen=True)
class IndexSelect(_Looked):
    """Along one dimension, the places that the second operand names."""

    KIND = "index_select"
    OPERANDS = ("inputs", "index")

    dim: int

    def run(self, *operands: Tensor) -> Tensor:
        return torch.index_select(operands[0], self.dim, operands[1])


@dataclass(frozen=True)
class IndexBy(_Looked):
    """inputs[a, :, b]: indexed by tensors in some dimensions, whole in the others; `given` says which have a tensor."""

    KIND = "index"
    MANY = True
    OPERANDS = ("inputs", "index")

    given: tuple[bool, ...]

    def takes(self, count: int) -> bool:
        return count == 1 + sum(self.given)

    def run(self, *operands: Tensor) -> Tensor:
        places = iter(operands[1:])
        return operands[0][tuple(next(places) if each else slice(None) for each in self.given)]
