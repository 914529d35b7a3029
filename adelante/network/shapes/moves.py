"""Rules of what moves numbers, picks them, or makes them."""

from collections.abc import Mapping, Sequence
from math import floor, prod
from typing import Any

import torch

from adelante.network.operations import Operation, choices, lookups, made, moves, pictures, resize, slices
from adelante.network.operations.moves import DTYPES
from adelante.network.shapes.rule import Meta, Rule, Unfit, Unusual, broadcast, numbers_only, place, whole

# ---- moves ----


def _reshape(operation: moves.Reshape, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    shape, count = whole(*operation.shape), prod(inputs.shape)
    if shape.count(-1) == 1 and count:
        shape[shape.index(-1)] = count // -prod(shape)
    return Meta(tuple(shape), inputs.dtype) if prod(shape) == count and min(shape, default=0) >= 0 else None


def _flatten(operation: moves.Flatten, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    rank = len(inputs.shape)
    first, last = place(operation.start_dim, rank), place(operation.end_dim, rank)
    joined = prod(inputs.shape[first : last + 1])
    return Meta((*inputs.shape[:first], joined, *inputs.shape[last + 1 :]), inputs.dtype) if first <= last else None


def _unflatten(operation: moves.Unflatten, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    dim = place(operation.dim, len(inputs.shape))
    whole(*operation.sizes)
    if min(operation.sizes) < 1 or prod(operation.sizes) != inputs.shape[dim]:
        return None
    return Meta((*inputs.shape[:dim], *operation.sizes, *inputs.shape[dim + 1 :]), inputs.dtype)


def _permute(operation: moves.Permute, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    dims = [place(dim, len(inputs.shape)) for dim in operation.dims]
    usual = sorted(dims) == list(range(len(inputs.shape)))
    return Meta(tuple(inputs.shape[dim] for dim in dims), inputs.dtype) if usual else None


def _transpose(operation: moves.Transpose, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    shape = list(inputs.shape)
    a, b = place(operation.dim0, len(shape)), place(operation.dim1, len(shape))
    shape[a], shape[b] = shape[b], shape[a]
    return Meta(tuple(shape), inputs.dtype)


def _unsqueeze(operation: moves.Unsqueeze, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    dim = place(operation.dim, len(inputs.shape) + 1)
    return Meta((*inputs.shape[:dim], 1, *inputs.shape[dim:]), inputs.dtype)


def _expand(operation: moves.Expand, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    wanted = whole(*operation.size)
    new = len(wanted) - len(inputs.shape)
    if new < 0:
        return None
    sizes = wanted[:new]
    for size, here in zip(wanted[new:], inputs.shape, strict=True):
        sizes.append(here if size == -1 else size)
        if here not in (1, sizes[-1]):
            return None
    return Meta(tuple(sizes), inputs.dtype) if min(sizes, default=1) > 0 else None


def _copy(_: moves.Copy, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    return inputs


def _slice(operation: slices.Slice, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    dim = place(operation.dim, len(inputs.shape))
    whole(operation.start, operation.step, *([] if operation.end is None else [operation.end]))
    if operation.step < 1:
        return None
    taken = len(range(*slice(operation.start, operation.end, operation.step).indices(inputs.shape[dim])))
    return Meta((*inputs.shape[:dim], taken, *inputs.shape[dim + 1 :]), inputs.dtype)


def _select(operation: slices.Select, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    dim = place(operation.dim, len(inputs.shape))
    place(operation.index, inputs.shape[dim])
    return Meta(inputs.shape[:dim] + inputs.shape[dim + 1 :], inputs.dtype)


def _cat(operation: slices.Cat, operands: Sequence[Meta]) -> Meta | None:
    first = operands[0]
    dim = place(operation.dim, len(first.shape))
    around = (first.shape[:dim], first.shape[dim + 1 :], first.dtype)
    if any((shape[:dim], shape[dim + 1 :], dtype) != around for shape, dtype in operands):
        return None
    total = sum(shape[dim] for shape, _ in operands)
    return Meta((*around[0], total, *around[1]), first.dtype)


def _stack(operation: slices.Stack, operands: Sequence[Meta]) -> Meta | None:
    first = operands[0]
    dim = place(operation.dim, len(first.shape) + 1)
    if any(other != first for other in operands):
        return None
    return Meta((*first.shape[:dim], len(operands), *first.shape[dim:]), first.dtype)


def _embedding(_: lookups.Embedding, operands: Sequence[Meta]) -> Meta | None:
    weights, indices = operands
    rows, columns = weights.shape
    if indices.dtype.is_floating_point:
        raise Unfit
    return Meta((*indices.shape, columns), weights.dtype) if indices.dtype is torch.int64 and rows else None


def _triangle(operation: slices.Triangle, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    whole(operation.diagonal)
    return inputs if len(inputs.shape) >= 2 else None


def _turned(operation: slices.Flip | slices.Roll, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    dims = [place(dim, len(inputs.shape)) for dim in operation.dims]
    if isinstance(operation, slices.Roll):
        return inputs if len(whole(*operation.shifts)) == len(dims) > 0 else None
    return inputs if len(set(dims)) == len(dims) else None


# ---- pictures ----


def _upsampled(operation: Any, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    sides, size, factors = inputs.shape[2:], operation.size, operation.scale_factor
    if 0 in inputs.shape or not inputs.dtype.is_floating_point or (size is None) is (factors is None):
        return None
    if isinstance(operation, resize.UpsampleBilinear2d) and (
        len(sides) != 2 or type(operation.align_corners) is not bool
    ):
        return None
    if not 1 <= len(sides) <= 3 or len(sides) != len(size or factors):
        return None
    if size is None:
        numbers_only(*factors)
        size = [floor(float(side * factor)) for side, factor in zip(sides, factors, strict=True)]
    return Meta((*inputs.shape[:2], *whole(*size)), inputs.dtype) if min(size) > 0 else None


def _pixel_shuffle(operation: pictures.PixelShuffle, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    (factor,) = whole(operation.upscale_factor)
    *before, channels, rows, columns = inputs.shape
    if factor < 1 or channels % factor**2:
        return None
    return Meta((*before, channels // factor**2, rows * factor, columns * factor), inputs.dtype)


def _unfold(operation: pictures.Unfold, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    if len(inputs.shape) != 4 or 0 in inputs.shape or not inputs.dtype.is_floating_point:
        return None
    batch, channels, *sides = inputs.shape
    options = (operation.kernel_size, operation.dilation, operation.padding, operation.stride)
    places = 1
    for side, kernel, dilation, padding, stride in zip(sides, *options, strict=True):
        whole(kernel, dilation, padding, stride)
        room = side + 2 * padding - dilation * (kernel - 1) - 1
        if min(kernel, dilation, stride) < 1 or padding < 0 or room < 0:
            raise Unusual
        places *= room // stride + 1
    return Meta((batch, channels * prod(operation.kernel_size), places), inputs.dtype)


def _full(operation: made.Full, _: Sequence[Meta]) -> Meta | None:
    numbers_only(operation.fill_value)
    size = whole(*operation.size)
    return Meta(tuple(size), DTYPES[operation.dtype]) if min(size, default=1) >= 0 else None


def _masked_fill(operation: choices.MaskedFill, operands: Sequence[Meta]) -> Meta | None:
    inputs, mask = operands
    numbers_only(operation.value)
    if mask.dtype.is_floating_point:
        raise Unfit
    if mask.dtype is not torch.bool or not inputs.dtype.is_floating_point:
        return None
    return Meta(broadcast(operands), inputs.dtype)


RULES: Mapping[type[Operation], Rule] = {
    moves.Reshape: _reshape,
    moves.Flatten: _flatten,
    moves.Unflatten: _unflatten,
    moves.Permute: _permute,
    moves.Transpose: _transpose,
    moves.Unsqueeze: _unsqueeze,
    moves.Expand: _expand,
    moves.Copy: _copy,
    slices.Slice: _slice,
    slices.Select: _select,
    slices.Cat: _cat,
    slices.Stack: _stack,
    lookups.Embedding: _embedding,
    **dict.fromkeys((slices.Triangle, slices.UpperTriangle), _triangle),
    **dict.fromkeys((slices.Flip, slices.Roll), _turned),
    **dict.fromkeys((pictures.UpsampleNearest, resize.UpsampleBilinear2d), _upsampled),
    pictures.PixelShuffle: _pixel_shuffle,
    pictures.Unfold: _unfold,
    made.Full: _full,
    choices.MaskedFill: _masked_fill,
}
