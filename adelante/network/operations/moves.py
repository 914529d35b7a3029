"""Moves: operations whose every number is one of the numbers that came in, at another place.

Where a number came from is found by the move itself: it is run once more on numbers that say their own place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from adelante.network.explanation import Explanation
from adelante.network.operations.operation import Index, Operand, Operation, PerBatch, Size, cell_part, number

_NOWHERE = -1.0


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
        where = int(self.filled(_NOWHERE).run(*self._joined(places, [each.value for each in others]))[at].item())
        if where < 0:
            return Explanation(result.name, at, value, "move", (), {"fill": value})
        for operand in moved:
            if where < operand.value.numel():
                source = torch.unravel_index(torch.tensor(where), operand.value.shape)
                index = tuple(int(each) for each in source)
                parts = (cell_part(operand, index), *self._beside(at, others))
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

    dim: int = 0

    def run(self, *operands: Tensor) -> Tensor:
        return torch.cat(operands, self.dim)


@dataclass(frozen=True)
class Stack(Move):
    """Tensors one beside the other along a new dimension."""

    KIND = "stack"

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
class Unfold(Move):
    """Windows of a picture as columns, torch.nn.functional.unfold."""

    KIND = "unfold"

    kernel_size: tuple[int, int]
    dilation: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    stride: tuple[int, int] = (1, 1)

    def run(self, *operands: Tensor) -> Tensor:
        return F.unfold(operands[0], self.kernel_size, self.dilation, self.padding, self.stride)

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        value = number(result.value, at)
        padding = (self.padding[1], self.padding[1], self.padding[0], self.padding[0])
        whole = Pad(padding, "constant", _NOWHERE)
        count = operands[0].value.numel()
        numbered = torch.arange(count, dtype=torch.float64).reshape(operands[0].value.shape)
        columns = F.unfold(whole.run(numbered), self.kernel_size, self.dilation, 0, self.stride)
        where = int(columns[at].item())
        if where < 0:
            return Explanation(result.name, at, value, "move", (), {"fill": value})
        source = torch.unravel_index(torch.tensor(where), operands[0].value.shape)
        return Explanation(
            result.name, at, value, "move", (cell_part(operands[0], tuple(int(each) for each in source)),)
        )


@dataclass(frozen=True)
class UpsampleNearest(Move):
    """Each cell repeated, torch.nn.functional.interpolate(mode="nearest")."""

    KIND = "upsample_nearest"

    size: tuple[int, ...] | None = None
    scale_factor: tuple[float, ...] | None = None

    def run(self, *operands: Tensor) -> Tensor:
        return F.interpolate(
            operands[0],
            None if self.size is None else list(self.size),
            None if self.scale_factor is None else list(self.scale_factor),
        )


@dataclass(frozen=True)
class PixelShuffle(Move):
    """Channels become finer pixels."""

    KIND = "pixel_shuffle"

    upscale_factor: int

    def run(self, *operands: Tensor) -> Tensor:
        return F.pixel_shuffle(operands[0], self.upscale_factor)


@dataclass(frozen=True)
class Copy(Move):
    """The same numbers: what dropout, clone and detach are in inference; `dtype` says where they change their type."""

    KIND = "copy"

    dtype: str | None = None

    def run(self, *operands: Tensor) -> Tensor:
        return operands[0] if self.dtype is None else operands[0].to(DTYPES[self.dtype])

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        return Explanation(result.name, at, number(result.value, at), "move", (cell_part(operands[0], at),))


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
class _Looked(Move):
    """Moves whose places are the pass's own numbers, the last operands."""

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
    """inputs[a, :, b]: places by tensors in some dimensions, all of the others; `given` says which have a tensor."""

    KIND = "index"
    OPERANDS = ("inputs", "index")

    given: tuple[bool, ...]

    def run(self, *operands: Tensor) -> Tensor:
        places = iter(operands[1:])
        return operands[0][tuple(next(places) if each else slice(None) for each in self.given)]


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


@dataclass(frozen=True)
class _Made(Operation):
    """Numbers that no operand brings: the same in every pass."""

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
        return torch.arange(self.start, end, self.step, dtype=DTYPES[self.dtype])


@dataclass(frozen=True)
class ScalarTensor(_Made):
    """One number as a tensor without dimensions."""

    KIND = "scalar_tensor"

    value: float
    dtype: str = "float32"

    def run(self, *operands: Tensor) -> Tensor:
        return torch.tensor(self.value, dtype=DTYPES[self.dtype])
