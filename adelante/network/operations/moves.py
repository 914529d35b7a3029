"""Moves: operations whose every number is one of the numbers that came in, at another place.

Where a number came from is found by the move itself: it is run once more on numbers that say their own place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from adelante.network.explanation import Explanation
from adelante.network.operations.operation import (
    Index,
    Operand,
    Operation,
    Size,
    broadcast_sum,
    cell_part,
    index_of,
    number,
)

NOWHERE = -1.0


@dataclass(frozen=True)
class Move(Operation):
    """`PLACES` says how many of the operands are places (indices of a gather), not numbers that are moved."""

    FORM = "move"

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        """One part, where the number was; or none, and the constant `fill`, where it came from nowhere (padding)."""
        value = number(result.value, at)
        moved, others = self._split(operands)
        begin, places = 0, []
        for operand in moved:
            # float64 holds whole numbers up to 2^53, and every move takes it.
            count = operand.value.numel()
            numbered = torch.arange(begin, begin + count, dtype=torch.float64, device=operand.value.device)
            places.append(numbered.reshape(operand.value.shape))
            begin += count
        where = int(self.filled(NOWHERE).run(*self._joined(places, [each.value for each in others]))[at].item())
        if where < 0:
            return Explanation(result.name, at, value, "move", (), {"fill": value})
        for operand in moved:
            if where < operand.value.numel():
                parts = (cell_part(operand, index_of(where, operand.value.shape)), *self._beside(at, others))
                return Explanation(result.name, at, value, "move", parts)
            where -= operand.value.numel()
        raise AssertionError("a move gave a place that no operand has")

    def filled(self, fill: float) -> "Move":
        """The same move with this number where nothing is moved to."""
        return self

    def _split(self, operands: Sequence[Operand]) -> tuple[Sequence[Operand], Sequence[Operand]]:
        """What is moved, and what says where."""
        return operands, ()

    def _joined(self, moved: Sequence[Tensor], others: Sequence[Tensor]) -> Sequence[Tensor]:
        return (*moved, *others)

    def _beside(self, at: Index, others: Sequence[Operand]) -> tuple[Any, ...]:
        return ()


@dataclass(frozen=True)
class Reshape(Move):
    """The same numbers in the same order with another shape; −1 stands for what is left."""

    KIND = "reshape"

    shape: tuple[Size, ...]

    def run(self, *operands: Tensor) -> Tensor:
        return operands[0].reshape(self.shape)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Flatten(Move):
    """The dimensions from start_dim to end_dim as one; the batch is dimension 0."""

    KIND = "flatten"

    start_dim: int = 1
    end_dim: int = -1

    def run(self, *operands: Tensor) -> Tensor:
        return torch.flatten(operands[0], self.start_dim, self.end_dim)


@dataclass(frozen=True)
class Unflatten(Move):
    """One dimension as several."""

    KIND = "unflatten"

    dim: int
    sizes: tuple[int, ...]

    def run(self, *operands: Tensor) -> Tensor:
        return operands[0].unflatten(self.dim, self.sizes)  # type: ignore[no-untyped-call,no-any-return]


@dataclass(frozen=True)
class Permute(Move):
    """The dimensions in another order."""

    KIND = "permute"

    dims: tuple[int, ...]

    def run(self, *operands: Tensor) -> Tensor:
        return operands[0].permute(self.dims)


@dataclass(frozen=True)
class Transpose(Move):
    """Two dimensions change places."""

    KIND = "transpose"

    dim0: int
    dim1: int

    def run(self, *operands: Tensor) -> Tensor:
        return operands[0].transpose(self.dim0, self.dim1)


@dataclass(frozen=True)
class Squeeze(Move):
    """Dimensions of size 1 left out; those of `dim`, or all."""

    KIND = "squeeze"

    dim: tuple[int, ...] | None = None

    def run(self, *operands: Tensor) -> Tensor:
        return operands[0].squeeze() if self.dim is None else operands[0].squeeze(self.dim)


@dataclass(frozen=True)
class Unsqueeze(Move):
    """A new dimension of size 1."""

    KIND = "unsqueeze"

    dim: int

    def run(self, *operands: Tensor) -> Tensor:
        return operands[0].unsqueeze(self.dim)


@dataclass(frozen=True)
class Expand(Move):
    """Dimensions of size 1 repeated without a copy; −1 leaves a size as it is."""

    KIND = "expand"

    size: tuple[Size, ...]

    def run(self, *operands: Tensor) -> Tensor:
        return operands[0].expand(self.size)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Repeat(Move):
    """The whole tensor, several times along each dimension."""

    KIND = "repeat"

    repeats: tuple[Size, ...]

    def run(self, *operands: Tensor) -> Tensor:
        return operands[0].repeat(self.repeats)  # type: ignore[arg-type]


@dataclass(frozen=True)
class RepeatInterleave(Move):
    """Each number several times along one dimension."""

    KIND = "repeat_interleave"

    repeats: int
    dim: int

    def run(self, *operands: Tensor) -> Tensor:
        return operands[0].repeat_interleave(self.repeats, self.dim)


DTYPES: dict[str, torch.dtype] = {
    "float32": torch.float32,
    "float64": torch.float64,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
    "int64": torch.int64,
    "int32": torch.int32,
    "int16": torch.int16,
    "int8": torch.int8,
    "uint8": torch.uint8,
    "bool": torch.bool,
}


@dataclass(frozen=True)
class Copy(Move):
    """The same numbers: what dropout and clone are in inference."""

    KIND = "copy"

    def run(self, *operands: Tensor) -> Tensor:
        return operands[0]

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        return Explanation(result.name, at, number(result.value, at), "move", (cell_part(operands[0], at),))


@dataclass(frozen=True)
class Detach(Copy):
    """The same numbers, where gradients stop: detach, and what a block of torch.no_grad gives."""

    KIND = "detach"

    def run(self, *operands: Tensor) -> Tensor:
        return operands[0].detach()

    def stand_in(self, *operands: Tensor) -> Tensor:
        return broadcast_sum(*operands)


@dataclass(frozen=True)
class Cast(Operation):
    """Each number as `dtype` holds it: rounded, cut off at the point, or 1 for what is not 0."""

    KIND = "cast"
    FORM = "function"

    dtype: str

    def run(self, *operands: Tensor) -> Tensor:
        return operands[0].to(DTYPES[self.dtype])

    def stand_in(self, *operands: Tensor) -> Tensor:
        return broadcast_sum(*operands)

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        part = cell_part(operands[0], at, "x")
        value = number(result.value, at)
        return Explanation(result.name, at, value, "function", (part,), formula=f"x as {self.dtype}")


@dataclass(frozen=True)
class Diagonal(Move):
    """The cells whose indices in two dimensions differ by `offset`, as a last dimension in place of the two."""

    KIND = "diagonal"

    offset: int = 0
    dim1: int = 0
    dim2: int = 1

    def run(self, *operands: Tensor) -> Tensor:
        return torch.diagonal(operands[0], self.offset, self.dim1, self.dim2)


@dataclass(frozen=True)
class Windows(Move):
    """Windows of `size` along one dimension, every `step`, as a new last dimension: torch.Tensor.unfold."""

    KIND = "windows"

    dim: int
    size: int
    step: int

    def run(self, *operands: Tensor) -> Tensor:
        return operands[0].unfold(self.dim, self.size, self.step)
