"""Windows: how convolutions and poolings are padded, and poolings themselves."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch

from adelante.formats.onnx.operators.registry import Builder, OnnxNode, Value, reads
from adelante.formats.onnx.refusals import Refused
from adelante.formats.onnx.values import product
from adelante.network.operations import (
    Operation,
    PerBatch,
    arithmetic,
    choices,
    made,
    moves,
    pooling,
    reductions,
    slices,
)


def pads_of(
    b: Builder, node: OnnxNode, x: Value, kernel: Sequence[int], strides: Sequence[int], dilations: Sequence[int]
) -> list[int]:
    """What is added before each dimension, then after each."""
    dims, way = len(kernel), node.text("auto_pad", "NOTSET")
    if way == "NOTSET":
        pads = node.wholes("pads") or [0] * (2 * dims)
        if len(pads) != 2 * dims:
            node.refuse("pads")
        return pads
    node.ignore("pads")
    if way == "VALID":
        return [0] * (2 * dims)
    if way not in ("SAME_UPPER", "SAME_LOWER"):
        node.refuse("auto_pad")
    begins, ends = [], []
    for d in range(dims):
        size = b.fixed_size(x, x.rank - dims + d)
        total = max((-(-size // strides[d]) - 1) * strides[d] + (kernel[d] - 1) * dilations[d] + 1 - size, 0)
        first = total // 2 if way == "SAME_UPPER" else total - total // 2
        begins.append(first)
        ends.append(total - first)
    return begins + ends


def symmetrical(pads: Sequence[int]) -> tuple[int, ...] | None:
    """The padding of each dimension, where it is the same before and after."""
    begins, ends = pads[: len(pads) // 2], pads[len(pads) // 2 :]
    return tuple(begins) if list(begins) == list(ends) else None


def padded(b: Builder, x: Value, pads: Sequence[int], value: float) -> Value:
    """The tensor with so much before and after its last dimensions. torch counts dimensions from the last."""
    dims = len(pads) // 2
    sides = [side for d in reversed(range(dims)) for side in (pads[d], pads[dims + d])]
    return b.emit(slices.Pad(tuple(sides), "constant", value), x) if any(sides) else x


def _kernel(node: OnnxNode) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Kernel, strides and dilations of a pooling."""
    kernel = node.wholes("kernel_shape") or []
    if not 1 <= len(kernel) <= 3:
        node.refuse("kernel_shape")
    ones = [1] * len(kernel)
    strides, dilations = node.wholes("strides") or ones, node.wholes("dilations") or ones
    return tuple(kernel), tuple(strides), tuple(dilations)


def _fits(sides: Sequence[int], kernel: Sequence[int]) -> bool:
    """Whether torch takes a padding: half a window at most."""
    return all(2 * side <= size for side, size in zip(sides, kernel, strict=True))


_MAX: tuple[Callable[..., Operation], ...] = (pooling.MaxPool1d, pooling.MaxPool2d, pooling.MaxPool3d)
_AVG: tuple[Callable[..., Operation], ...] = (pooling.AvgPool1d, pooling.AvgPool2d, pooling.AvgPool3d)
_ALL_AVG: tuple[Any, ...] = (pooling.AdaptiveAvgPool1d, pooling.AdaptiveAvgPool2d, pooling.AdaptiveAvgPool3d)
_ALL_MAX: tuple[Any, ...] = (pooling.AdaptiveMaxPool1d, pooling.AdaptiveMaxPool2d, pooling.AdaptiveMaxPool3d)


_INDICES: tuple[Callable[..., Operation], ...] = (
    pooling.MaxPoolIndices1d,
    pooling.MaxPoolIndices2d,
    pooling.MaxPoolIndices3d,
)


@reads("MaxPool")
def _max_pool(b: Builder, node: OnnxNode, x: Value) -> Value | tuple[Value, Value]:
    kernel, strides, dilations = _kernel(node)
    node.only("storage_order", 0)
    ceil = bool(node.whole("ceil_mode"))
    pads = pads_of(b, node, x, kernel, strides, dilations)
    sides = symmetrical(pads)
    if sides is None or not _fits(sides, kernel):
        if ceil or node.outputs > 1:
            node.refuse("pads")
        x, sides = padded(b, x, pads, float("-inf")), (0,) * len(kernel)
    window = (kernel, strides, sides, dilations, ceil)
    found = b.emit(_MAX[len(kernel) - 1](*window), x)
    if node.outputs < 2:
        return found
    return found, _through_all(b, x, b.emit(_INDICES[len(kernel) - 1](*window), x))


def _through_all(b: Builder, x: Value, indices: Value) -> Value:
    """Places within each channel as ONNX counts them, through the whole tensor."""
    batch, channels, *sides = b.shape(x)
    cells = math.prod(b.fixed_size(x, 2 + d) for d in range(len(sides)))
    planes = product((batch, channels))
    first = b.emit(made.Arange(0, (planes,) if isinstance(planes, PerBatch) else planes))
    first = b.emit(arithmetic.Mul(scalar=cells), first)
    return b.emit(arithmetic.Add(), indices, b.emit(moves.Reshape((-1, channels, *(1 for _ in sides))), first))


@reads("AveragePool")
def _average_pool(b: Builder, node: OnnxNode, x: Value) -> Value:
    kernel, strides, dilations = _kernel(node)
    if set(dilations) != {1}:
        node.refuse("dilations")
    ceil, counted = bool(node.whole("ceil_mode")), bool(node.whole("count_include_pad"))
    pads = pads_of(b, node, x, kernel, strides, dilations)
    sides, make = symmetrical(pads), _AVG[len(kernel) - 1]
    if sides is not None and _fits(sides, kernel):
        return b.emit(make(kernel, strides, sides, ceil, counted or not any(sides)), x)
    if ceil:
        node.refuse("pads")
    found = b.emit(make(kernel, strides, (0,) * len(kernel)), padded(b, x, pads, 0.0))
    if counted:
        return found
    # The padding was counted: how much of each window it was is known.
    shape = (1, 1, *(b.fixed_size(x, 2 + d) for d in range(len(kernel))))
    ones = padded(b, b.constant(torch.ones(shape, dtype=x.dtype)), pads, 0.0)
    share = b.emit(make(kernel, strides, (0,) * len(kernel)), ones)
    return b.emit(arithmetic.Div(), found, share)


def _dims(x: Value) -> int:
    if x.rank < 3:
        raise Refused("onnx-operands", got=str(x.rank))
    return x.rank - 2


@reads("GlobalAveragePool")
def _global_average(b: Builder, node: OnnxNode, x: Value) -> Value:
    dims = _dims(x)
    if dims > 3:
        return b.emit(reductions.Mean(tuple(range(2, x.rank)), True), x)
    return b.emit(_ALL_AVG[dims - 1]((1,) * dims), x)


@reads("GlobalMaxPool")
def _global_max(b: Builder, node: OnnxNode, x: Value) -> Value:
    dims = _dims(x)
    if dims > 3:
        return b.emit(choices.Amax(tuple(range(2, x.rank)), True), x)
    return b.emit(_ALL_MAX[dims - 1]((1,) * dims), x)


@reads("LRN")
def _local_response(b: Builder, node: OnnxNode, x: Value) -> Value:
    """x / (bias + alpha · mean of the squares of the channels around)^beta."""
    size, (alpha, beta) = node.whole("size"), (node.fraction("alpha", 1e-4), node.fraction("beta", 0.75))
    if x.rank != 4:
        raise Refused("onnx-operands", got=str(x.rank))
    squares = b.emit(moves.Unsqueeze(1), b.function("square", x))
    around = b.emit(slices.Pad((0, 0, 0, 0, (size - 1) // 2, size // 2)), squares)
    mean = b.emit(moves.Squeeze((1,)), b.emit(pooling.AvgPool3d((size, 1, 1), 1), around))
    scaled = b.emit(arithmetic.Add(scalar=node.fraction("bias", 1.0)), b.emit(arithmetic.Mul(scalar=alpha), mean))
    return b.emit(arithmetic.Div(), x, b.function("pow", scaled, exponent=beta))
