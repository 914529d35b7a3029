"""Rules of what computes: number by number, products, windows, normalisation, sums."""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import torch

from adelante.network.operations import (
    Operation,
    arithmetic,
    choices,
    conv,
    dense,
    functions,
    matmul,
    norms,
    pooling,
    reductions,
    softmax,
)
from adelante.network.operations.windows import each
from adelante.network.shapes.rule import Meta, Rule, Unfit, Unusual, broadcast, numbers_only, place, same_dtype, whole

# ---- number by number ----

_KEEPING = functions.ACTIVATIONS.union(
    (
        *("identity", "abs", "neg", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p"),
        *("sqrt", "rsqrt", "square", "reciprocal", "sin", "cos", "tan", "asin", "acos", "atan"),
        *("sinh", "cosh", "erf", "sign", "floor", "ceil", "round", "trunc", "pow"),
    )
)
_COMPARING = {"eq_to", "ne_to", "lt_than", "le_than", "gt_than", "ge_than"}
_PAIRED = {"maximum", "minimum", "pow_to", "atan2", "prelu"}


def _function(operation: functions.Function, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    if operation.function not in _KEEPING or not inputs.dtype.is_floating_point:
        return None
    if operation.function != "gelu":  # whose option is a word, which torch does not look at before it has numbers
        numbers_only(*operation.arguments)
    return inputs


def _arithmetic(operation: Any, operands: Sequence[Meta]) -> Meta | None:
    if (operation.scalar is None) != (len(operands) == 2) or len(operands) > 2:
        return None
    numbers_only(*([] if operation.scalar is None else [operation.scalar]), getattr(operation, "alpha", 1))
    return Meta(broadcast(operands), same_dtype(operands))


def _paired(operation: arithmetic.Paired, operands: Sequence[Meta]) -> Meta | None:
    _, _ = operands
    if operation.function in _COMPARING:
        same_dtype(operands)
        return Meta(broadcast(operands), torch.bool)
    return Meta(broadcast(operands), same_dtype(operands)) if operation.function in _PAIRED else None


# ---- sums of products ----


def _dense(operation: dense.Dense, operands: Sequence[Meta]) -> Meta | None:
    inputs, weights, *biases = operands
    n_in, n_out = weights.shape if type(operation) is dense.Dense else weights.shape[::-1]
    if any(each.shape != (n_out,) for each in biases):
        return None
    if inputs.shape[-1] != n_in:
        raise Unfit
    return Meta((*inputs.shape[:-1], n_out), same_dtype(operands)) if len(biases) < 2 else None


def _matmul(_: matmul.Matmul, operands: Sequence[Meta]) -> Meta | None:
    a, b = operands
    if len(a.shape) < 2 or len(b.shape) < 2:
        return None
    if a.shape[-1] != b.shape[-2]:
        raise Unfit
    dtype = same_dtype(operands)
    before = broadcast([Meta(a.shape[:-2], dtype), Meta(b.shape[:-2], dtype)])
    return Meta((*before, a.shape[-2], b.shape[-1]), dtype)


def _alone(rule: Rule) -> Rule:
    """The same rule of what slides a window, which takes one input without a batch too."""

    def found(operation: Any, operands: Sequence[Meta]) -> Meta | None:
        inputs, *rest = operands
        missing = operation.DIMS + 2 - len(inputs.shape)
        if missing not in (0, 1):
            raise Unfit
        if not missing:
            return rule(operation, operands)
        batched = rule(operation, [Meta((1, *inputs.shape), inputs.dtype), *rest])
        return batched and Meta(batched.shape[1:], batched.dtype)

    return found


def _convolution(operation: Any, operands: Sequence[Meta]) -> Meta | None:
    inputs, weights, *biases = operands
    dims = operation.DIMS
    whole(operation.groups)
    channels, groups = weights.shape[0], operation.groups
    fits = len(weights.shape) == dims + 2 and groups > 0 and channels % groups == 0
    if not fits or operation.padding_mode != "zeros":
        return None
    if inputs.shape[1] != weights.shape[1] * groups:
        raise Unfit
    if len(biases) > 1 or any(bias.shape != (channels,) for bias in biases) or 0 in inputs.shape + weights.shape:
        return None
    strides, dilations = each(operation.stride, dims), each(operation.dilation, dims)
    if isinstance(operation.padding, str) and operation.padding != "valid":
        return None
    padding = (0,) * dims if operation.padding == "valid" else each(operation.padding, dims)
    window = list(zip(inputs.shape[2:], weights.shape[2:], strides, padding, dilations, strict=True))
    return Meta((inputs.shape[0], channels, *map(_moved, window)), same_dtype(operands))


def _moved(window: tuple[int, int, int, int, int]) -> int:
    """How many places a window has along one dimension."""
    size, kernel, stride, padding, dilation = window
    whole(kernel, stride, padding, dilation)
    if kernel < 1 or stride < 1 or padding < 0 or dilation < 1:
        raise Unusual
    found = (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
    if found < 1:
        raise Unfit
    return found


def _transposed(operation: Any, operands: Sequence[Meta]) -> Meta | None:
    inputs, weights, *biases = operands
    dims, groups = operation.DIMS, operation.groups
    whole(groups)
    if len(weights.shape) != dims + 2 or groups < 1 or weights.shape[0] % groups or 0 in inputs.shape + weights.shape:
        return None
    channels = weights.shape[1] * groups
    if inputs.shape[1] != weights.shape[0] or len(biases) > 1 or any(bias.shape != (channels,) for bias in biases):
        return None
    options = (operation.stride, operation.padding, operation.output_padding, operation.dilation)
    sides = zip(inputs.shape[2:], weights.shape[2:], *(each(option, dims) for option in options), strict=True)
    return Meta((inputs.shape[0], channels, *(_grown(*side) for side in sides)), same_dtype(operands))


def _grown(size: int, kernel: int, stride: int, padding: int, beyond: int, dilation: int) -> int:
    """How many places there are along one dimension once each has been given a window of its own."""
    whole(stride, padding, beyond, dilation)
    found = (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + beyond + 1
    if stride < 1 or padding < 0 or dilation < 1 or not 0 <= beyond < max(stride, dilation) or found < 1:
        raise Unusual
    return found


# ---- windows, norms, sums ----


def _pool(operation: Any, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    dims = operation.DIMS
    if 0 in inputs.shape or operation.ceil_mode is not False:
        return None
    if not isinstance(getattr(operation, "count_include_pad", True), bool):
        return None
    kernel = each(operation.kernel_size, dims)
    stride = kernel if operation.stride is None else each(operation.stride, dims)
    padding, dilation = each(operation.padding, dims), each(getattr(operation, "dilation", 1), dims)
    if any(2 * side > size for side, size in zip(padding, kernel, strict=True)):
        return None
    if dims == 3 and any(side < size for side, size in zip(inputs.shape[2:], kernel, strict=True)):
        return None  # torch's average wants a window within the input here, whatever the padding
    window = zip(inputs.shape[2:], kernel, stride, padding, dilation, strict=True)
    return Meta((*inputs.shape[:2], *map(_moved, window)), same_dtype(operands))


def _adaptive(operation: Any, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    whole(*operation.output_size)
    dims = operation.DIMS
    if 0 in inputs.shape or min(operation.output_size) < 1 or len(operation.output_size) != dims:
        return None
    return Meta((*inputs.shape[:2], *operation.output_size), same_dtype(operands))


def _batch_norm(operation: norms.BatchNorm, operands: Sequence[Meta]) -> Meta | None:
    inputs, *rest = operands
    numbers_only(operation.eps)
    usual = len(inputs.shape) > 1 and len(rest) in (2, 4) and 0 not in inputs.shape
    if not usual or any(each.shape != inputs.shape[1:2] for each in rest):
        return None
    return Meta(inputs.shape, same_dtype(operands))


def _last_norm(operation: Any, operands: Sequence[Meta]) -> Meta | None:
    inputs, *rest = operands
    last = operation.normalized_shape
    numbers_only(operation.eps)
    whole(*last)
    if not last or inputs.shape[-len(last) :] != last or any(each.shape != last for each in rest):
        return None
    return Meta(inputs.shape, same_dtype(operands))


def _group_norm(operation: norms.GroupNorm, operands: Sequence[Meta]) -> Meta | None:
    inputs, *rest = operands
    whole(operation.num_groups)
    numbers_only(operation.eps)
    groups = operation.num_groups
    if len(inputs.shape) < 2 or groups < 1 or inputs.shape[1] % groups or prod(inputs.shape) // groups < 2:
        return None
    return Meta(inputs.shape, same_dtype(operands)) if all(each.shape == inputs.shape[1:2] for each in rest) else None


def _instance_norm(operation: norms.InstanceNorm, operands: Sequence[Meta]) -> Meta | None:
    inputs, *rest = operands
    numbers_only(operation.eps)
    if len(inputs.shape) < 3 or prod(inputs.shape[2:]) < 2 or 0 in inputs.shape or len(rest) > 2:
        return None
    if any(each.shape != inputs.shape[1:2] for each in rest):
        raise Unfit
    return Meta(inputs.shape, same_dtype(operands))


def _softmax(operation: softmax.Softmax, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    place(operation.dim, len(inputs.shape))
    return inputs if inputs.dtype.is_floating_point else None


def _summed(operation: Any, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    rank = len(inputs.shape)
    if not operation.dim or type(operation.keepdim) is not bool:
        return None
    gone = [place(dim, rank) for dim in operation.dim]
    if len(set(gone)) < len(gone):
        return None
    shape = [
        1 if dim in gone else size for dim, size in enumerate(inputs.shape) if operation.keepdim or dim not in gone
    ]
    return Meta(tuple(shape), same_dtype(operands))


def _extreme(operation: Any, operands: Sequence[Meta]) -> Meta | None:
    # Of no numbers there is none that is largest.
    return None if 0 in operands[0].shape else _summed(operation, operands)


def _product(operation: reductions.Prod, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    rank = len(inputs.shape)
    if operation.dim is None or not rank or type(operation.keepdim) is not bool:
        return None
    gone = place(operation.dim, rank)
    between = (1,) if operation.keepdim else ()
    return Meta((*inputs.shape[:gone], *between, *inputs.shape[gone + 1 :]), same_dtype(operands))


RULES: Mapping[type[Operation], Rule] = {
    functions.Function: _function,
    **dict.fromkeys((arithmetic.Add, arithmetic.Sub, arithmetic.Mul, arithmetic.Div), _arithmetic),
    arithmetic.Paired: _paired,
    **dict.fromkeys((dense.Dense, dense.Linear), _dense),
    matmul.Matmul: _matmul,
    **dict.fromkeys((conv.Conv1d, conv.Conv2d, conv.Conv3d), _alone(_convolution)),
    **dict.fromkeys((conv.ConvTranspose1d, conv.ConvTranspose2d, conv.ConvTranspose3d), _alone(_transposed)),
    **dict.fromkeys((pooling.MaxPool1d, pooling.MaxPool2d, pooling.MaxPool3d), _alone(_pool)),
    **dict.fromkeys((pooling.AvgPool1d, pooling.AvgPool2d, pooling.AvgPool3d), _alone(_pool)),
    **dict.fromkeys(
        (pooling.AdaptiveAvgPool1d, pooling.AdaptiveAvgPool2d, pooling.AdaptiveAvgPool3d), _alone(_adaptive)
    ),
    **dict.fromkeys(
        (pooling.AdaptiveMaxPool1d, pooling.AdaptiveMaxPool2d, pooling.AdaptiveMaxPool3d), _alone(_adaptive)
    ),
    norms.BatchNorm: _batch_norm,
    **dict.fromkeys((norms.LayerNorm, norms.RmsNorm), _last_norm),
    norms.GroupNorm: _group_norm,
    norms.InstanceNorm: _instance_norm,
    **dict.fromkeys((softmax.Softmax, softmax.LogSoftmax), _softmax),
    **dict.fromkeys((reductions.Cumsum, reductions.Cumprod, reductions.Cummax, reductions.Cummin), _softmax),
    **dict.fromkeys((reductions.Sum, reductions.Mean), _summed),
    **dict.fromkeys((choices.Amax, choices.Amin), _extreme),
    reductions.Prod: _product,
}
