"""Pooling and resizing in ONNX."""

from collections.abc import Sequence
from math import prod

import torch
from torch import Tensor

from adelante.formats.onnx.writing_rules import Call, Rule, write
from adelante.formats.onnx.writing_slices import padded
from adelante.network.operations.windows import each


def _sizes(call: Call, dims: int) -> list[tuple[int, int]]:
    """How long each of the last dimensions is, and how long it becomes."""
    before, after = call.shape[-dims:], call.result.shape[-dims:]
    return [(call.fixed(one), call.fixed(other)) for one, other in zip(before, after, strict=True)]


def _rounded_up(call: Call, dims: int, span: Sequence[int], stride: Sequence[int]) -> list[int | None]:
    """Where ceil_mode has last windows that end past the padding: how many places ONNX finds along each dimension.

    torch leaves such a window out where it begins past the padding too. None where there is no more than without.
    """
    found: list[int | None] = []
    for (before, after), wide, step, padding in zip(
        _sizes(call, dims), span, stride, each(call.padding, dims), strict=True
    ):
        room = before + 2 * padding - wide
        found.append(-(-room // step) + 1 if call.ceil_mode and room % step and after >= room // step + 1 else None)
    up = any(most is not None and after == most for most, (_, after) in zip(found, _sizes(call, dims), strict=True))
    return found if up else [None] * dims


def _fitted(call: Call, found: str, most: Sequence[int | None], dims: int) -> str:
    """Without the places that torch leaves out."""
    for dim, (_, after) in enumerate(_sizes(call, dims)):
        if (most[dim] or after) > after:
            found = call.cut(found, 2 + dim, 0, after)
    return found


def _max_pool(dims: int, indices: bool = False) -> Rule:
    """`indices`: where the largest are. ONNX counts them through the whole tensor, torch within a channel."""

    def rule(call: Call) -> str:
        kernel, dilation = each(call.kernel_size, dims), each(call.dilation, dims)
        stride = each(call.kernel_size if call.stride is None else call.stride, dims)
        most = _rounded_up(call, dims, [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)], stride)

        def run(x: str) -> str:
            found = (call.second if indices else call.add)(
                "MaxPool",
                x,
                kernel_shape=kernel,
                strides=stride,
                pads=each(call.padding, dims) * 2,
                dilations=dilation,
                ceil_mode=int(any(most)),
            )
            if indices:
                cells = prod(before for before, _ in _sizes(call, dims))
                found = call.add("Mod", found, call.number(cells, torch.int64))
            return _fitted(call, found, most, dims)

        return call.with_batch(dims, run)

    return rule


def _avg_pool(dims: int) -> Rule:
    def rule(call: Call) -> str:
        kernel, padding = each(call.kernel_size, dims), each(call.padding, dims)
        stride = each(call.kernel_size if call.stride is None else call.stride, dims)
        most = _rounded_up(call, dims, kernel, stride)
        # Of a last window what lies within the padding counts too: for that the padding is made part of the picture.
        inside = any(most) and call.count_include_pad and any(padding)

        def run(x: str) -> str:
            whole = padded(call, x, [(side, side) for side in padding], dims + 2, "constant") if inside else x
            found = call.add(
                "AveragePool",
                whole,
                kernel_shape=kernel,
                strides=stride,
                pads=[0] * (2 * dims) if inside else padding * 2,
                count_include_pad=int(call.count_include_pad and not inside),
                ceil_mode=int(any(most)),
            )
            return _fitted(call, found, most, dims)

        return call.with_batch(dims, run)

    return rule


def _adaptive(dims: int, pool: str, reduce: str) -> Rule:
    def rule(call: Call) -> str:
        sizes = _sizes(call, dims)
        return call.with_batch(dims, lambda x: _stretches(call, x, sizes, pool, reduce))

    return rule


def _stretches(call: Call, x: str, sizes: Sequence[tuple[int, int]], pool: str, reduce: str) -> str:
    """As windows where all are of one size, else each stretch by itself, one dimension after the other."""
    if pool == "AveragePool" and all(after == 1 for _, after in sizes):
        return call.add("GlobalAveragePool", x)
    if all(before % after == 0 for before, after in sizes):
        kernel = [before // after for before, after in sizes]
        return call.add(pool, x, kernel_shape=kernel, strides=kernel)
    for dim, (before, after) in enumerate(sizes, 2):
        parts = [
            call.add(
                reduce,
                call.cut(x, dim, k * before // after, -(-(k + 1) * before // after)),
                call.ints(dim),
                keepdims=1,
            )
            for k in range(after)
        ]
        x = call.add("Concat", *parts, axis=dim)
    return x


for count in (1, 2, 3):
    write(f"max_pool{count}d", _max_pool(count))
    write(f"max_pool{count}d_indices", _max_pool(count, indices=True))
    write(f"avg_pool{count}d", _avg_pool(count))
    write(f"adaptive_avg_pool{count}d", _adaptive(count, "AveragePool", "ReduceMean"))
    write(f"adaptive_max_pool{count}d", _adaptive(count, "MaxPool", "ReduceMax"))


# Larger and smaller


def _nearest(call: Call) -> str:
    """Resized where ONNX's rounding finds the same cells as torch's, else each cell is looked up."""
    dims = call.rank - 2
    sizes = _sizes(call, dims)
    factors = call.scale_factor or [None] * dims
    wanted = [_taken(before, after, factor, dims) for (before, after), factor in zip(sizes, factors, strict=True)]
    if all(torch.equal(places, _onnxs(*pair)) for places, pair in zip(wanted, sizes, strict=True)):
        after = call.ints(*(after for _, after in sizes))
        return call.add(
            "Resize",
            call.x,
            "",
            "",
            after,
            axes=list(range(2, call.rank)),
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )
    x = call.x
    for axis, places in enumerate(wanted, 2):
        x = call.add("Gather", x, call.array(places), axis=axis)
    return x


def _taken(before: int, after: int, factor: float | None, dims: int) -> Tensor:
    """Which cells torch takes along one dimension; a picture's it rounds otherwise than a row's or a volume's."""
    beside = 1 if dims == 2 else 0
    numbered = torch.arange(before, dtype=torch.float32).reshape(1, 1, before, *[1] * beside)
    sizes = None if factor is not None else [after] + [1] * beside
    factors = None if factor is None else [factor] + [1.0] * beside
    return torch.nn.functional.interpolate(numbered, sizes, factors).reshape(-1).long()


def _onnxs(before: int, after: int) -> Tensor:
    """Which cells ONNX takes, its ratio being of float32."""
    ratio = torch.tensor(after, dtype=torch.float32) / before
    return (torch.arange(after, dtype=torch.float32) / ratio).floor().long()


def _bilinear(call: Call) -> str:
    """By factors: 1 for a side that stays as long as it is, which torch copies."""
    sizes = _sizes(call, 2)
    factors = call.scale_factor if call.size is None and call.scale_factor is not None else [None] * 2
    scales = [
        1.0 if before == after else after / before if factor is None else factor
        for (before, after), factor in zip(sizes, factors, strict=True)
    ]
    by_size = call.align_corners or all(factor is None for factor in factors)
    told = ["", call.ints(*(after for _, after in sizes))] if by_size else [call.array(torch.tensor(scales))]
    return call.add(
        "Resize",
        call.x,
        "",
        *told,
        axes=[2, 3],
        mode="linear",
        coordinate_transformation_mode="align_corners" if call.align_corners else "half_pixel",
    )


def _pixel_shuffle(call: Call) -> str:
    if call.rank == 4:
        return call.add("DepthToSpace", call.x, blocksize=call.upscale_factor, mode="CRD")
    before, r = call.shape[:-3], call.upscale_factor
    channels, rows, columns = call.shape[-3:]
    n = len(before)
    split = call.reshaped(call.x, (*before, call.fixed(channels) // r**2, r, r, rows, columns))
    turned = call.permuted(split, [*range(n), *(n + k for k in (0, 3, 1, 4, 2))])
    return call.reshaped(turned, call.result.shape)


def _unfold(call: Call) -> str:
    """Every window's rows and columns are looked up: (batch, channels, kernel, places, kernel, places)."""
    sides = list(zip(call.padding, call.padding, strict=True))
    batched = call.rank == 4
    x = call.x if batched else call.add("Unsqueeze", call.x, call.ints(0))
    x = padded(call, x, sides, 4, "constant")
    for axis, dim in ((2, 0), (4, 1)):
        kernel, dilation, stride = call.kernel_size[dim], call.dilation[dim], call.stride[dim]
        length = call.length(call.rank - 2 + dim) + 2 * call.padding[dim]
        count = (length - dilation * (kernel - 1) - 1) // stride + 1
        places = dilation * torch.arange(kernel).unsqueeze(1) + stride * torch.arange(count)
        x = call.add("Gather", x, call.array(places), axis=axis)
    return call.reshaped(call.permuted(x, [0, 1, 2, 4, 3, 5]), call.result.shape)


write("upsample_nearest", _nearest)
write("upsample_bilinear2d", _bilinear)
write("pixel_shuffle", _pixel_shuffle)
write("unfold", _unfold)
