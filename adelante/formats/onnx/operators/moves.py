"""Operators whose numbers only move: reshape, transpose, slice, concatenate, pad, gather."""

from collections.abc import Sequence

import torch

from adelante.formats.onnx.operators.pointwise import cast
from adelante.formats.onnx.operators.registry import Builder, OnnxNode, Value, reads
from adelante.formats.onnx.refusals import Refused
from adelante.formats.onnx.values import Sizes, dimension, divided, places_in, product
from adelante.network.operations import PerBatch, lookups, moves, pictures, slices
from adelante.network.operations.operation import Size

# An end that is further than any tensor reaches.
_END = 1 << 31


def axes_of(b: Builder, node: OnnxNode, operand: Value | None, rank: int) -> list[int] | None:
    """The dimensions that an attribute or, in newer versions, an operand names; None where none does."""
    axes = node.wholes("axes") if operand is None else b.wholes(operand, "axes")
    return None if axes is None else [dimension(axis, rank) for axis in axes]


@reads("Reshape")
def _reshape(b: Builder, node: OnnxNode, x: Value, shape: Value) -> Value:
    wanted: list[Size] = list(b.sizes(shape, "shape"))
    here = b.shape(x)
    if not node.whole("allowzero"):
        wanted = [size if size != 0 else here[k] for k, size in enumerate(wanted)]
    return reshaped(b, x, tuple(_free(b, wanted, here)))


def _free(b: Builder, wanted: list[Size], here: Sizes) -> list[Size]:
    """The sizes, the batch that the file says taken for any where the rest is what one input has."""
    fixed = b.fixed
    if fixed is None or not wanted or wanted[0] != fixed or wanted.count(-1) > 1:
        return wanted
    growing = [each for each in here if isinstance(each, PerBatch)]
    if not growing or any(isinstance(each, PerBatch) for each in wanted):
        return wanted
    if -1 in wanted:
        return [PerBatch(1), *wanted[1:]]
    return [PerBatch(1), *wanted[1:]] if product(here) == product([PerBatch(1), *wanted[1:]]) else wanted


def reshaped(b: Builder, x: Value, shape: Sizes) -> Value:
    """The same numbers in another shape, one size of which may be -1: as a flatten where it is one."""
    here = b.shape(x)
    if shape == here or _filled(shape, here) == here:
        return x
    if x.constant is None and len(shape) == 2 and x.rank > 2 and shape[0] in (here[0], -1):
        rest = product(here[1:])
        if shape[1] in (-1, rest) and not isinstance(rest, PerBatch):
            return b.emit(moves.Flatten(1), x)
    return b.emit(moves.Reshape(shape), x)


def _filled(shape: Sizes, here: Sizes) -> Sizes | None:
    """The shape with the one size in place that -1 stands for; None where it can't be said."""
    if shape.count(-1) != 1:
        return None
    at = shape.index(-1)
    try:
        left = divided(product(here), product((*shape[:at], *shape[at + 1 :])))
    except Refused:
        return None
    return (*shape[:at], left, *shape[at + 1 :])


@reads("Flatten")
def _flatten(b: Builder, node: OnnxNode, x: Value) -> Value:
    axis = node.whole("axis", 1)
    # It may stand after the last one too: then that is all of it.
    axis = axis if axis == x.rank else dimension(axis, x.rank)
    shape = b.shape(x)
    if axis == 1 and x.rank == 2:
        return x
    return reshaped(b, x, (product(shape[:axis]), product(shape[axis:])))


@reads("Transpose")
def _transpose(b: Builder, node: OnnxNode, x: Value) -> Value:
    order = node.wholes("perm")
    order = list(reversed(range(x.rank))) if order is None else order
    if order == list(range(x.rank)):
        return x
    return b.emit(moves.Permute(tuple(order)), x)


@reads("Squeeze")
def squeeze(b: Builder, node: OnnxNode, x: Value, axes: Value | None = None) -> Value:
    """Dimensions of size 1 left out."""
    found = axes_of(b, node, axes, x.rank)
    if found is None:
        found = [dim for dim, size in enumerate(b.shape(x)) if size == 1]
    if any(b.shape(x)[dim] != 1 for dim in found):
        raise Refused("onnx-attribute", attribute="axes", value=str(found))
    return b.emit(moves.Squeeze(tuple(found)), x) if found else x


@reads("Unsqueeze")
def _unsqueeze(b: Builder, node: OnnxNode, x: Value, axes: Value | None = None) -> Value:
    given = node.wholes("axes") if axes is None else b.wholes(axes, "axes")
    if not given or len(given) > 64:
        raise Refused("onnx-not-constant", operand="axes")
    rank = x.rank + len(given)
    for axis in sorted(dimension(axis, rank) for axis in given):
        x = b.emit(moves.Unsqueeze(axis), x)
    return x


@reads("Expand")
def _expand(b: Builder, node: OnnxNode, x: Value, shape: Value) -> Value:
    return expanded(b, x, b.sizes(shape, "shape"))


def expanded(b: Builder, x: Value, wanted: Sizes) -> Value:
    """The tensor with dimensions of size 1 repeated; those that it has more than 1 of stay."""
    ones: list[Size] = [1]
    here = ones * (len(wanted) - x.rank) + list(b.shape(x))
    target = ones * (len(here) - len(wanted)) + list(wanted)
    sizes = tuple(own if size in (1, b.fixed) and own != 1 else size for own, size in zip(here, target, strict=True))
    return x if sizes == b.shape(x) else b.emit(moves.Expand(sizes), x)


@reads("Tile")
def _tile(b: Builder, node: OnnxNode, x: Value, repeats: Value) -> Value:
    times = b.sizes(repeats, "repeats")
    return x if set(times) == {1} else b.emit(moves.Repeat(times), x)


@reads("Concat")
def _concat(b: Builder, node: OnnxNode, *tensors: Value) -> Value:
    axis = node.whole("axis")
    # Nothing of one dimension joins anything, as in torch.cat.
    there = [each for each in tensors if each.metas[0].shape != (0,)] or list(tensors[:1])
    return there[0] if len(there) == 1 else b.emit(slices.Cat(axis), *there)


@reads("Slice")
def _slice(
    b: Builder,
    node: OnnxNode,
    x: Value,
    starts: Value | None = None,
    ends: Value | None = None,
    axes: Value | None = None,
    steps: Value | None = None,
) -> Value:
    if starts is None or ends is None:
        begin: Sequence[Size] = node.wholes("starts") or []
        end: Sequence[Size] = node.wholes("ends") or []
        dims = node.wholes("axes")
    else:
        begin, end = b.sizes(starts, "starts"), b.sizes(ends, "ends")
        dims = None if axes is None else b.wholes(axes, "axes")
    step = [1] * len(begin) if steps is None else b.wholes(steps, "steps")
    for dim, first, last, by in zip(range(len(begin)) if dims is None else dims, begin, end, step, strict=True):
        x = _cut(b, x, dimension(dim, x.rank), first, last, by)
    return x


def _cut(b: Builder, x: Value, dim: int, start: Size, end: Size, step: int) -> Value:
    size = b.shape(x)[dim]
    far = isinstance(end, int) and end >= _END
    if start == 0 and step == 1 and (end == size or far):
        return x
    if isinstance(start, PerBatch) or isinstance(end, PerBatch):
        raise Refused("onnx-of-batch")
    if step < 0:
        return _backwards(b, x, dim, start, end, step)
    if isinstance(size, int):
        start, end, step = slice(start, end, step).indices(size)
        if (start, end, step) == (0, size, 1):
            return x
        end = max(start, end)
        return b.emit(slices.Slice(dim, start, None if end == size else end, step), x)
    return b.emit(slices.Slice(dim, start, None if far else end, step), x)


def _backwards(b: Builder, x: Value, dim: int, start: int, end: int, step: int) -> Value:
    size = b.fixed_size(x, dim)
    first, last, by = slice(max(start, -size - 1), None if end < -size else end, step).indices(size)
    places = range(first, last, by)
    if list(places) == list(range(size - 1, -1, -1)):
        return b.emit(slices.Flip((dim,)), x)
    return b.emit(lookups.IndexSelect(dim), x, b.whole(list(places)))


@reads("Split")
def _split(b: Builder, node: OnnxNode, x: Value, split: Value | None = None) -> tuple[Value, ...]:
    dim = dimension(node.whole("axis"), x.rank)
    size, count = b.fixed_size(x, dim), node.whole("num_outputs", node.outputs)
    sizes = node.wholes("split") if split is None else b.wholes(split, "split")
    if sizes is None:
        part = -(-size // count)
        sizes = [min(part, size - k * part) for k in range(count)]
    if len(sizes) != node.outputs or sum(sizes) != size or min(sizes) < 0:
        raise Refused("onnx-attribute", attribute="split", value=str(sizes)[:100])
    found, start = [], 0
    for each in sizes:
        found.append(b.emit(slices.Slice(dim, start, start + each), x))
        start += each
    return tuple(found)


_MODES = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}


@reads("Pad")
def _pad(
    b: Builder,
    node: OnnxNode,
    x: Value,
    pads: Value | None = None,
    value: Value | None = None,
    axes: Value | None = None,
) -> Value:
    sides = node.wholes("pads") if pads is None else b.wholes(pads, "pads")
    fill: float | None = node.fraction("value") if value is None else b.number(value)
    mode = node.text("mode", "constant")
    if sides is None or fill is None or mode not in _MODES:
        node.refuse("mode")
        raise Refused("onnx-not-constant", operand="pads")
    dims = list(range(x.rank)) if axes is None else [dimension(axis, x.rank) for axis in b.wholes(axes, "axes")]
    around = [(0, 0)] * x.rank
    for k, dim in enumerate(dims):
        around[dim] = (sides[k], sides[len(dims) + k])
    first = next((dim for dim, both in enumerate(around) if any(both)), x.rank)
    last = [side for both in reversed(around[first:]) for side in both]
    if not last:
        return x
    if _MODES[mode] != "constant":
        # torch pads so only dimensions after the second.
        return _mirrored(b, x, around, mode)
    fill = fill if x.floating else int(fill)
    return b.emit(slices.Pad(tuple(last), "constant", fill), x)


def _mirrored(b: Builder, x: Value, around: Sequence[tuple[int, int]], mode: str) -> Value:
    """Padding by the tensor's own numbers, one dimension at a time: places that are known."""
    for dim, (before, after) in enumerate(around):
        if not before and not after:
            continue
        size = b.fixed_size(x, dim)
        if mode == "reflect" and max(before, after) >= size:
            raise Refused("onnx-attribute", attribute="pads", value=str(around))
        places = []
        for at in range(-before, size + after):
            if mode == "reflect":
                at = -at if at < 0 else 2 * (size - 1) - at if at >= size else at
            places.append(min(max(at, 0), size - 1) if mode == "edge" else at % size)
        x = b.emit(lookups.IndexSelect(dim), x, b.whole(places))
    return x


@reads("Gather")
def _gather(b: Builder, node: OnnxNode, x: Value, indices: Value) -> Value:
    dim = dimension(node.whole("axis"), x.rank)
    if indices.constant is not None and not isinstance(b.shape(x)[dim], PerBatch):
        return _from_known(b, x, dim, indices.constant)
    indices = cast(b, indices, torch.int64)
    if dim == 0 and x.rank == 2 and x.floating:
        return b.emit(lookups.Embedding(), x, indices)
    if indices.rank == 0:
        # torch would look at the number itself.
        row = b.emit(lookups.IndexBy((*(False,) * dim, True)), x, b.emit(moves.Unsqueeze(0), indices))
        return b.emit(moves.Squeeze((dim,)), row)
    return b.emit(lookups.IndexBy((*(False,) * dim, True)), x, indices)


def _from_known(b: Builder, x: Value, dim: int, indices: torch.Tensor) -> Value:
    places: list[int] = places_in(indices.long(), b.fixed_size(x, dim)).reshape(-1).tolist()
    if indices.dim() == 0:
        return b.emit(slices.Select(dim, places[0]), x)
    if places and places == list(range(places[0], places[0] + len(places))):
        found = _cut(b, x, dim, places[0], places[0] + len(places), 1)
    else:
        found = b.emit(lookups.IndexSelect(dim), x, b.whole(places))
    if indices.dim() == 1:
        return found
    shape = b.shape(x)
    return b.emit(moves.Reshape((*shape[:dim], *indices.shape, *shape[dim + 1 :])), found)


@reads("GatherElements")
def _gather_elements(b: Builder, node: OnnxNode, x: Value, indices: Value) -> Value:
    dim = dimension(node.whole("axis"), x.rank)
    if indices.constant is not None:
        places = places_in(indices.constant.long(), b.fixed_size(x, dim))
        return b.emit(lookups.Gather(dim), x, b.constant(places))
    return b.emit(lookups.Gather(dim), x, cast(b, indices, torch.int64))


@reads("GatherND")
def _gather_nd(b: Builder, node: OnnxNode, x: Value, indices: Value) -> Value:
    node.only("batch_dims", 0)
    count = b.fixed_size(indices, indices.rank - 1)
    indices = cast(b, indices, torch.int64)
    places = [b.emit(slices.Select(indices.rank - 1, k), indices) for k in range(count)]
    return b.emit(lookups.IndexBy((True,) * count), x, *places)


@reads("Trilu")
def _trilu(b: Builder, node: OnnxNode, x: Value, k: Value | None = None) -> Value:
    diagonal = 0 if k is None else b.wholes(k, "k")[0]
    make = slices.UpperTriangle if node.whole("upper", 1) else slices.Triangle
    return b.emit(make(diagonal), x)


@reads("DepthToSpace")
def _depth_to_space(b: Builder, node: OnnxNode, x: Value) -> Value:
    block, mode = node.whole("blocksize", 1), node.text("mode", "DCR")
    if mode == "CRD":
        return b.emit(pictures.PixelShuffle(block), x)
    batch, channels, height, width = b.shape(x)
    inner = divided(channels, block * block)
    apart = b.emit(moves.Reshape((batch, block, block, inner, height, width)), x)
    turned = b.emit(moves.Permute((0, 3, 4, 1, 5, 2)), apart)
    rows, columns = b.fixed_size(x, 2) * block, b.fixed_size(x, 3) * block
    return b.emit(moves.Reshape((batch, inner, rows, columns)), turned)


@reads("SpaceToDepth")
def _space_to_depth(b: Builder, node: OnnxNode, x: Value) -> Value:
    block = node.whole("blocksize", 1)
    batch, channels, height, width = b.shape(x)
    rows, columns = divided(height, block), divided(width, block)
    apart = b.emit(moves.Reshape((batch, channels, rows, block, columns, block)), x)
    turned = b.emit(moves.Permute((0, 3, 5, 1, 2, 4)), apart)
    return b.emit(moves.Reshape((batch, product((channels, block * block)), rows, columns)), turned)
