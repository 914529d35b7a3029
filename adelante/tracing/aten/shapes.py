"""ATen's operations that move numbers."""

from collections.abc import Sequence
from typing import Any

import torch

from adelante.network.operations import (
    PerBatch,
    moves,
    pictures,
    resize,
    slices,
)
from adelante.network.operations.operation import Size
from adelante.tracing.aten.registry import (
    ATEN,
    Builder,
    Refused,
    cast,
    dims_of,
    stands_for,
)


@stands_for("view", "reshape", "_unsafe_view", "_reshape_copy")
def _view(b: Builder, x: str, shape: Sequence[Size]) -> str:
    return b.emit(moves.Reshape(one_left(shape)), x)


def one_left(shape: Sequence[Size]) -> tuple[Size, ...]:
    """A shape with −1 for its only size that grows with the batch, where it has just one and no −1 already."""
    growing = [each for each in shape if isinstance(each, PerBatch)]
    if len(growing) == 1 and -1 not in shape:
        return tuple(-1 if isinstance(each, PerBatch) else each for each in shape)
    return tuple(shape)


@stands_for("flatten")
def _flatten(b: Builder, x: str, start_dim: int = 0, end_dim: int = -1) -> str:
    return b.emit(moves.Flatten(start_dim, end_dim), x)


@stands_for("unflatten")
def _unflatten(b: Builder, x: str, dim: int, sizes: Sequence[Size]) -> str:
    whole = list(b.shape(x))
    dim %= len(whole)
    return _view(b, x, [*whole[:dim], *sizes, *whole[dim + 1 :]])


@stands_for("permute")
def _permute(b: Builder, x: str, dims: Sequence[int]) -> str:
    return b.emit(moves.Permute(tuple(dims)), x)


@stands_for("transpose", "swapaxes", "transpose_")
def _transpose(b: Builder, x: str, dim0: int, dim1: int) -> str:
    return b.emit(moves.Transpose(dim0, dim1), x)


@stands_for("t", "numpy_T", "mT")
def _t(b: Builder, x: str) -> str:
    return b.emit(moves.Transpose(-2, -1), x) if len(b.shape(x)) > 1 else x


@stands_for("diagonal", "diagonal_copy")
def _diagonal(b: Builder, x: str, offset: int = 0, dim1: int = 0, dim2: int = 1) -> str:
    return b.emit(moves.Diagonal(offset, dim1, dim2), x)


@stands_for("unfold", "unfold_copy")
def _windows(b: Builder, x: str, dim: int, size: int, step: int) -> str:
    return b.emit(moves.Windows(dim, size, step), x)


@stands_for("squeeze", "squeeze_")
def _squeeze(b: Builder, x: str, dim: Any = None) -> str:
    shape = b.shape(x)
    dims = range(len(shape)) if dim is None else (dim if isinstance(dim, list | tuple) else [dim])
    # A batch of one must not lose its dimension.
    gone = tuple(d for d in dims if shape[d] == 1)
    return b.emit(moves.Squeeze(gone), x) if gone else x


@stands_for("unsqueeze", "unsqueeze_")
def _unsqueeze(b: Builder, x: str, dim: int) -> str:
    return b.emit(moves.Unsqueeze(dim), x)


@stands_for("expand")
def expand_to(b: Builder, x: str, size: Sequence[Size], implicit: bool = False) -> str:
    shape = b.shape(x)
    before = len(size) - len(shape)
    kept = [-1 if i >= before and each == shape[i - before] else each for i, each in enumerate(size)]
    return b.emit(moves.Expand(tuple(kept)), x)


@stands_for("expand_as", "broadcast_to")
def _expand_as(b: Builder, x: str, other: Any) -> str:
    return expand_to(b, x, b.shape(other) if isinstance(other, str) else other)


@stands_for("repeat")
def _repeat(b: Builder, x: str, repeats: Sequence[Size]) -> str:
    return b.emit(moves.Repeat(tuple(repeats)), x)


END = 2**62


@stands_for("slice")
def _slice(b: Builder, x: str, dim: int = 0, start: Any = None, end: Any = None, step: int = 1) -> str:
    start = start or 0
    end = None if isinstance(end, int) and end > END else end
    if isinstance(start, PerBatch) or isinstance(end, PerBatch):
        if end == b.shape(x)[dim]:
            end = None
        else:
            raise Refused("a slice whose ends depend on the batch")
    if (start, end, step) == (0, None, 1):
        return x
    return b.emit(slices.Slice(dim, start, end, step), x)


@stands_for("narrow")
def _narrow(b: Builder, x: str, dim: int, start: int, length: int) -> str:
    return b.emit(slices.Slice(dim, start, start + length), x)


@stands_for("select")
def _select(b: Builder, x: str, dim: int, index: int) -> str:
    return b.emit(slices.Select(dim, index), x)


def _pieces(b: Builder, x: str, dim: int, sizes: Sequence[int]) -> tuple[str, ...]:
    found, start = [], 0
    for size in sizes:
        found.append(b.emit(slices.Slice(dim, start, start + size), x))
        start += size
    return tuple(found)


@stands_for("split", "split_with_sizes", "unsafe_split", "unsafe_split_with_sizes", "split_with_sizes_copy")
def _split(b: Builder, x: str, size: Any, dim: int = 0) -> tuple[str, ...]:
    whole = b.shape(x)[dim]
    if not isinstance(whole, int):
        raise Refused("splitting the batch")
    sizes = size if isinstance(size, list | tuple) else [min(size, whole - i) for i in range(0, whole, size)]
    return _pieces(b, x, dim, sizes)


@stands_for("chunk", "unsafe_chunk")
def _chunk(b: Builder, x: str, chunks: int, dim: int = 0) -> tuple[str, ...]:
    whole = b.shape(x)[dim]
    if not isinstance(whole, int):
        raise Refused("splitting the batch")
    return _split(b, x, -(-whole // chunks), dim)


@stands_for("unbind")
def _unbind(b: Builder, x: str, dim: int = 0) -> tuple[str, ...]:
    whole = b.shape(x)[dim]
    if not isinstance(whole, int):
        raise Refused("taking the batch apart")
    return tuple(b.emit(slices.Select(dim, i), x) for i in range(whole))


@stands_for("cat", "concat")
def _cat(b: Builder, tensors: Sequence[str], dim: int = 0) -> str:
    return b.emit(slices.Cat(dim), *tensors)


@stands_for("stack")
def _stack(b: Builder, tensors: Sequence[str], dim: int = 0) -> str:
    return b.emit(slices.Stack(dim), *tensors)


@stands_for("pad", "constant_pad_nd")
def _pad(b: Builder, x: str, pad: Sequence[int], mode: Any = "constant", value: float | None = None) -> str:
    if not isinstance(mode, str):
        mode, value = "constant", mode
    return b.emit(slices.Pad(tuple(pad), mode, value or 0.0), x)


for _d in (1, 2, 3):
    ATEN[f"reflection_pad{_d}d"] = lambda b, x, pad: _pad(b, x, pad, "reflect")
    ATEN[f"replication_pad{_d}d"] = lambda b, x, pad: _pad(b, x, pad, "replicate")


@stands_for("tril")
def _tril(b: Builder, x: str, diagonal: int = 0) -> str:
    return b.emit(slices.Triangle(diagonal), x)


@stands_for("triu")
def _triu(b: Builder, x: str, diagonal: int = 0) -> str:
    return b.emit(slices.UpperTriangle(diagonal), x)


@stands_for("roll")
def _roll(b: Builder, x: str, shifts: Any, dims: Any = ()) -> str:
    return b.emit(slices.Roll(dims_of(shifts) or (), dims_of(dims) or ()), x)


@stands_for("flip")
def _flip(b: Builder, x: str, dims: Sequence[int]) -> str:
    return b.emit(slices.Flip(tuple(dims)), x)


@stands_for("im2col")
def _im2col(b: Builder, x: str, kernel: Any, dilation: Any, padding: Any, stride: Any) -> str:
    return b.emit(pictures.Unfold(*(tuple(each) for each in (kernel, dilation, padding, stride))), x)


@stands_for("pixel_shuffle")
def _pixel_shuffle(b: Builder, x: str, upscale_factor: int) -> str:
    return b.emit(pictures.PixelShuffle(upscale_factor), x)


def _nearest(b: Builder, x: str, size: Any = None, scales: Any = None, *_: Any) -> str:
    return b.emit(pictures.UpsampleNearest(dims_of(size), None if size else dims_of(scales)), x)


for _d in (1, 2, 3):
    ATEN[f"upsample_nearest{_d}d"] = _nearest


@stands_for("upsample_bilinear2d")
def _bilinear(b: Builder, x: str, size: Any, align_corners: bool, scales: Any = None, *_: Any) -> str:
    operation = resize.UpsampleBilinear2d(dims_of(size), None if size else dims_of(scales), align_corners)  # type: ignore[arg-type]
    return b.emit(operation, x)


@stands_for("dropout", "dropout_", "feature_dropout", "alpha_dropout", "feature_alpha_dropout")
def _dropout(b: Builder, x: str, p: float, train: bool) -> str:
    if train:
        raise Refused("dropout")
    return b.emit(moves.Copy(), x)


@stands_for("detach")
def _detach(b: Builder, x: str) -> str:
    return b.emit(moves.Detach(), x) if b.dtype(x).is_floating_point and b.has_gradient(x) else x


@stands_for("clone", "contiguous", "detach_", "alias", "lift_fresh_copy", "lift_fresh", "view_as")
def _same(b: Builder, x: str, *_: Any, **__: Any) -> str:
    return x


@stands_for("to", "_to_copy", "type_as")
def _to(b: Builder, x: str, *given: Any, dtype: Any = None, **_: Any) -> str:
    for each in given:
        if isinstance(each, torch.dtype):
            dtype = each
        if isinstance(each, str):
            dtype = b.dtype(each)
    return cast(b, x, dtype)


@stands_for("slice_scatter")
def _slice_scatter(
    b: Builder, x: str, src: str, dim: int = 0, start: Any = None, end: Any = None, step: int = 1
) -> str:
    end = None if isinstance(end, int) and end > END else end
    if (start or 0, step) == (0, 1) and (end is None or end == b.shape(x)[dim]):
        return src
    return b.emit(slices.SliceScatter(dim, start or 0, end, step), x, src)


@stands_for("select_scatter")
def _select_scatter(b: Builder, x: str, src: str, dim: int, index: int) -> str:
    return b.emit(slices.SelectScatter(dim, index), x, src)
