"""Normalisation and softmax."""

from collections.abc import Callable

from adelante.formats.onnx.operators.registry import Builder, OnnxNode, Value, given, reads
from adelante.formats.onnx.refusals import Refused
from adelante.formats.onnx.values import dimension
from adelante.network.operations import Operation, PerBatch, arithmetic, moves, norms, reductions, softmax


@reads("BatchNormalization")
def _batch_norm(
    b: Builder, node: OnnxNode, x: Value, scale: Value, shift: Value, mean: Value, variance: Value
) -> Value:
    node.ignore("momentum")
    node.only("training_mode", 0)
    node.only("spatial", 1)
    return b.emit(norms.BatchNorm(node.fraction("epsilon", 1e-5)), x, mean, variance, scale, shift)


@reads("InstanceNormalization")
def _instance_norm(b: Builder, node: OnnxNode, x: Value, scale: Value, shift: Value) -> Value:
    return b.emit(norms.InstanceNorm(node.fraction("epsilon", 1e-5)), x, scale, shift)


def _last(b: Builder, node: OnnxNode, x: Value) -> tuple[int, ...]:
    """The sizes from `axis` on."""
    first = dimension(node.whole("axis", -1), x.rank)
    return tuple(b.fixed_size(x, dim) for dim in range(first, x.rank))


def _own(b: Builder, value: Value | None, shape: tuple[int, ...]) -> Value | None:
    """Scale or shift of just this shape, where it is one that broadcasts."""
    if value is None or value.metas[0].shape == shape:
        return value
    return b.emit(moves.Expand(shape), value)


@reads("LayerNormalization")
def _layer_norm(b: Builder, node: OnnxNode, x: Value, scale: Value, shift: Value | None = None) -> Value:
    node.ignore("stash_type")
    shape = _last(b, node, x)
    operation = norms.LayerNorm(shape, node.fraction("epsilon", 1e-5))
    return b.emit(operation, *given(x, _own(b, scale, shape), _own(b, shift, shape)))


@reads("RMSNormalization")
def _rms_norm(b: Builder, node: OnnxNode, x: Value, scale: Value) -> Value:
    node.ignore("stash_type")
    shape = _last(b, node, x)
    return b.emit(norms.RmsNorm(shape, node.fraction("epsilon", 1e-5)), *given(x, _own(b, scale, shape)))


@reads("GroupNormalization")
def _group_norm(b: Builder, node: OnnxNode, x: Value, scale: Value, shift: Value) -> Value:
    node.ignore("stash_type")
    groups, channels = node.whole("num_groups"), b.fixed_size(x, 1)
    if node.version < 21:
        # One number a group, until version 21.
        times = moves.RepeatInterleave(channels // groups, 0)
        scale, shift = (b.emit(times, each) for each in (scale, shift))
    return b.emit(norms.GroupNorm(groups, node.fraction("epsilon", 1e-5)), x, scale, shift)


@reads("MeanVarianceNormalization")
def _mean_variance(b: Builder, node: OnnxNode, x: Value) -> Value:
    axes = tuple(node.wholes("axes") or (0, 2, 3))
    apart = b.emit(arithmetic.Sub(), x, b.emit(reductions.Mean(axes, True), x))
    variance = b.emit(reductions.Mean(axes, True), b.function("square", apart))
    spread = b.emit(arithmetic.Add(scalar=1e-9), b.function("sqrt", variance))
    return b.emit(arithmetic.Div(), apart, spread)


@reads("LpNormalization")
def _lp_norm(b: Builder, node: OnnxNode, x: Value) -> Value:
    axis, p = node.whole("axis", -1), node.whole("p", 2)
    node.only("p", 1, 2)
    sizes = b.function("abs" if p == 1 else "square", x)
    total = b.emit(reductions.Sum((axis,), True), sizes)
    return b.emit(arithmetic.Div(), x, total if p == 1 else b.function("sqrt", total))


def _shares(operation: Callable[[int], Operation]) -> Callable[[Builder, OnnxNode, Value], Value]:
    def translation(b: Builder, node: OnnxNode, x: Value) -> Value:
        axis = dimension(node.whole("axis", -1 if node.version >= 13 else 1), max(x.rank, 1))
        if node.version >= 13 or axis == x.rank - 1:
            return b.emit(operation(-1 if axis == x.rank - 1 else axis), x)
        # Before version 13 the dimensions from `axis` on are one.
        shape = b.shape(x)
        if any(isinstance(each, PerBatch) for each in shape[axis:]):
            raise Refused("onnx-of-batch")
        flat = b.emit(moves.Reshape((*shape[:axis], -1)), x)
        return b.emit(moves.Reshape(shape), b.emit(operation(-1), flat))

    return translation


reads("Softmax")(_shares(softmax.Softmax))
reads("LogSoftmax")(_shares(softmax.LogSoftmax))
