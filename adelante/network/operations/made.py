"""Tensors that are made without operands: the same numbers in every pass."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from adelante.network.explanation import Explanation
from adelante.network.operations.moves import DTYPES
from adelante.network.operations.operation import Index, Operand, Operation, PerBatch, Size, number


@dataclass(frozen=True)
class _Made(Operation):
    """A tensor that is made without operands: the same in every pass."""

    FORM = "move"
    OPERANDS = ()

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        value = number(result.value, at)
        return Explanation(result.name, at, value, "move", (), {"fill": value})


@dataclass(frozen=True)
class Full(_Made):
    """One number everywhere."""

    KIND = "full"

    size: tuple[Size, ...]
    fill_value: float
    dtype: str = "float32"

    def run(self, *operands: Tensor) -> Tensor:
        assert not any(isinstance(each, PerBatch) for each in self.size)
        return torch.full(self.size, self.fill_value, dtype=DTYPES[self.dtype])  # type: ignore[arg-type]


@dataclass(frozen=True)
class Arange(_Made):
    """From start up to end, in steps."""

    KIND = "arange"

    start: float
    end: tuple[Size] | float
    step: float = 1
    dtype: str = "int64"

    def run(self, *operands: Tensor) -> Tensor:
        end = self.end[0] if isinstance(self.end, tuple) else self.end
        assert not isinstance(end, PerBatch)
        return torch.arange(self.start, end, self.step, dtype=DTYPES[self.dtype])


@dataclass(frozen=True)
class ScalarTensor(_Made):
    """One number as a tensor without dimensions."""

    KIND = "scalar_tensor"

    value: float
    dtype: str = "float32"

    def run(self, *operands: Tensor) -> Tensor:
        return torch.tensor(self.value, dtype=DTYPES[self.dtype])
