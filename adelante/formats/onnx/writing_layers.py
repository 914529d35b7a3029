"""Dense layers, products, convolutions, normalisation and softmax in ONNX."""

import torch
from onnx import TensorProto

from adelante.formats.onnx.writing_rules import Call, Known, Rule, write
from adelante.formats.onnx.writing_slices import padded
from adelante.network.operations.windows import each


def _dense(turned: bool) -> Rule:
    """inputs @ weights + biases, or @ weights.T, as one Gemm where the inputs are rows."""

    def rule(call: Call) -> str:
        weights = call.known[1]
        if call.rank == 2 and len(weights.shape) == 2 and call.dtype.is_floating_point:
            return call.add("Gemm", *call.operands, transB=int(turned))
        order = [1, 0] if turned and len(weights.shape) == 2 else [0]
        product = call.add("MatMul", call.x, call.permuted(call.operands[1], order))
        return call.add("Add", product, call.operands[2]) if len(call.operands) == 3 else product

    return rule


def _addmm(call: Call) -> str:
    bias, left, right = call.operands
    if len(call.known[1].shape) == 2 and call.dtype.is_floating_point:
        return call.add("Gemm", left, right, bias, alpha=float(call.alpha), beta=float(call.beta))
    product = call.add("MatMul", left, right)
    if call.alpha != 1:
        product = call.add("Mul", product, call.number(call.alpha))
    return call.add("Add", product, bias if call.beta == 1 else call.add("Mul", bias, call.number(call.beta)))


write("dense", _dense(turned=False))
write("linear", _dense(turned=True))
write("matmul", "MatMul")
write("addmm", _addmm)


# Convolutions


def _sides(call: Call, kernel: list[int], dims: int) -> list[tuple[int, int]]:
    """How much is added before and after along each dimension."""
    if call.padding == "valid":
        return [(0, 0)] * dims
    if call.padding == "same":
        wanted = [d * (k - 1) for d, k in zip(each(call.dilation, dims), kernel, strict=True)]
        return [(total // 2, total - total // 2) for total in wanted]
    return [(side, side) for side in each(call.padding, dims)]


def _conv(call: Call) -> str:
    kernel = [call.fixed(size) for size in call.known[1].shape[2:]]
    dims = len(kernel)
    sides = _sides(call, kernel, dims)
    within = call.padding_mode == "zeros"

    def run(x: str) -> str:
        whole = x if within else padded(call, x, sides, dims + 2, call.padding_mode)
        around = sides if within else [(0, 0)] * dims
        return call.add(
            "Conv",
            whole,
            *call.operands[1:],
            kernel_shape=kernel,
            strides=each(call.stride, dims),
            dilations=each(call.dilation, dims),
            pads=pads(around),
            group=call.groups,
        )

    return call.with_batch(dims, run)


def pads(sides: list[tuple[int, int]]) -> list[int]:
    """As ONNX lists them: all that is before, then all that is after."""
    return [before for before, _ in sides] + [after for _, after in sides]


def _conv_transpose(call: Call) -> str:
    kernel = [call.fixed(size) for size in call.known[1].shape[2:]]
    dims = len(kernel)
    stride, padding, extra = (each(option, dims) for option in (call.stride, call.padding, call.output_padding))
    # ONNX has the extra places be fewer than the stride: of more, the padding cuts less off, and zeros are added.
    usual = all(more < step for more, step in zip(extra, stride, strict=True))
    kept = [0 if usual else min(more, side) for more, side in zip(extra, padding, strict=True)]
    beyond = [0 if usual else more - less for more, less in zip(extra, kept, strict=True)]
    operands = call.operands[1:] if usual else call.operands[1:2]

    def run(x: str) -> str:
        found = call.add(
            "ConvTranspose",
            x,
            *operands,
            kernel_shape=kernel,
            strides=stride,
            dilations=each(call.dilation, dims),
            pads=[*padding, *(side - less for side, less in zip(padding, kept, strict=True))],
            output_padding=extra if usual else None,
            group=call.groups,
        )
        found = padded(call, found, [(0, more) for more in beyond], dims + 2, "constant")
        if usual or len(call.operands) == 2:
            return found
        return call.add("Add", found, call.reshaped(call.operands[2], (-1, *[1] * dims)))

    return call.with_batch(dims, run)


for dims in (1, 2, 3):
    write(f"conv{dims}d", _conv)
    write(f"conv_transpose{dims}d", _conv_transpose)


# Normalisation


def _scale_and_shift(call: Call, first: int, like: Known | None = None) -> list[str]:
    """The operands from `first` on; ones for a scale and zeros for a shift that are left out, which ONNX wants."""
    sizes = like.shape if like is not None else (call.shape[1],)
    shape = [call.fixed(size) for size in sizes]
    found = list(call.operands[first : first + 2])
    for number in (1, 0)[len(found) :]:
        found.append(call.array(torch.full(shape, number, dtype=call.dtype)))
    return found


def _batch_norm(call: Call) -> str:
    x, mean, variance = call.operands[:3]
    around = _scale_and_shift(call, 3)
    return call.add("BatchNormalization", x, *around, mean, variance, epsilon=float(call.eps))


def _kept_in(call: Call) -> dict[str, int]:
    """The type in which mean and variance are kept: float32 where nothing else is said, too little for double."""
    return {"stash_type": TensorProto.DOUBLE} if call.dtype is torch.float64 else {}


def _layer_norm(call: Call) -> str:
    scale, shift = _scale_and_shift(call, 1, Known(call.normalized_shape, call.dtype))
    behind = [scale, shift] if len(call.operands) == 3 else [scale]
    axis = -len(call.normalized_shape)
    return call.add("LayerNormalization", call.x, *behind, axis=axis, epsilon=float(call.eps), **_kept_in(call))


def _rms_norm(call: Call) -> str:
    """x / √(mean of x² + eps) · scale; an operation of its own came with opset 23."""
    axes = call.ints(*range(-len(call.normalized_shape), 0))
    squares = call.add("ReduceMean", call.add("Mul", call.x, call.x), axes, keepdims=1)
    root = call.add("Sqrt", call.add("Add", squares, call.number(call.eps)))
    found = call.add("Div", call.x, root)
    return call.add("Mul", found, call.operands[1]) if len(call.operands) == 2 else found


def _group_norm(call: Call) -> str:
    around = _scale_and_shift(call, 1)
    options = {"num_groups": int(call.num_groups), "epsilon": float(call.eps), **_kept_in(call)}
    return call.add("GroupNormalization", call.x, *around, **options)


def _instance_norm(call: Call) -> str:
    return call.add("InstanceNormalization", call.x, *_scale_and_shift(call, 1), epsilon=float(call.eps))


write("batch_norm", _batch_norm)
write("layer_norm", _layer_norm)
write("rms_norm", _rms_norm)
write("group_norm", _group_norm)
write("instance_norm", _instance_norm)


# Softmax


def _softmax(op: str) -> Rule:
    return lambda call: call.add(op, call.x, axis=call.axis(call.dim))


def _safe_softmax(call: Call) -> str:
    """Softmax, and 0 where every x is −∞."""
    axis, zero = call.axis(call.dim), call.number(0)
    largest = call.add("ReduceMax", call.x, call.ints(axis), keepdims=1)
    blind = call.add("Equal", largest, call.number(float("-inf")))
    shares = call.add("Softmax", call.add("Where", blind, zero, call.x), axis=axis)
    return call.add("Where", blind, zero, shares)


write("softmax", _softmax("Softmax"))
write("log_softmax", _softmax("LogSoftmax"))
write("safe_softmax", _safe_softmax)
