"""ATen's operations with parameters, pooling, normalisation, attention."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from adelante.network.operations import (
    Operation,
    arithmetic,
    choices,
    conv,
    dense,
    functions,
    lookups,
    made,
    moves,
    norms,
    pooling,
    reductions,
    slices,
    softmax,
)
from adelante.network.operations import matmul as products
from adelante.tracing.aten.registry import (
    ATEN,
    Builder,
    Refused,
    Translation,
    cast,
    given,
    ints,
    stands_for,
)

_Made = Callable[..., Operation]


@stands_for("linear")
def _linear(b: Builder, x: str, weights: str, biases: str | None = None) -> str:
    turned = b.own_weights(weights)
    if turned is not None:
        return b.emit(dense.Dense(), *given(x, turned, biases))
    return b.emit(dense.Linear(), *given(x, weights, biases))


@stands_for("matmul", "mm", "bmm", "mv", "dot")
def _matmul(b: Builder, x: str, y: str) -> str:
    return b.emit(products.Matmul(), x, y)


@stands_for("addmm", "baddbmm")
def _addmm(b: Builder, bias: str, x: str, y: str, *, beta: float = 1, alpha: float = 1) -> str:
    return b.emit(products.Addmm(beta, alpha), bias, x, y)


def _convolution(operation: _Made) -> Translation:
    """Our options stand in ATen's order."""

    def translation(b: Builder, x: str, weights: str, biases: str | None = None, *options: Any, **named: Any) -> str:
        sizes = {name: ints(value) for name, value in named.items()}
        return b.emit(operation(*map(ints, options), **sizes), *given(x, weights, biases))

    return translation


_CONVOLUTIONS: tuple[_Made, ...] = (conv.Conv1d, conv.Conv2d, conv.Conv3d)
_TRANSPOSED: tuple[_Made, ...] = (conv.ConvTranspose1d, conv.ConvTranspose2d, conv.ConvTranspose3d)
for _d in (1, 2, 3):
    ATEN[f"conv{_d}d"] = _convolution(_CONVOLUTIONS[_d - 1])
    ATEN[f"conv_transpose{_d}d"] = _convolution(_TRANSPOSED[_d - 1])


@stands_for("convolution")
def _any_convolution(
    b: Builder,
    x: str,
    weights: str,
    biases: str | None,
    stride: Any,
    padding: Any,
    dilation: Any,
    transposed: bool,
    output_padding: Any,
    groups: int,
) -> str:
    dims = len(b.shape(weights)) - 2
    if transposed:
        options = (stride, padding, output_padding, groups, dilation)
        return str(_convolution(_TRANSPOSED[dims - 1])(b, x, weights, biases, *options))
    return str(_convolution(_CONVOLUTIONS[dims - 1])(b, x, weights, biases, stride, padding, dilation, groups))


def _pool(operation: _Made, windows: int) -> Translation:
    """The first `windows` options are sizes along each dimension; the second, the stride, may be an empty list."""

    def translation(b: Builder, x: str, *options: Any, **named: Any) -> str:
        if named.pop("divisor_override", None) is not None or (windows == 3 and len(options) > 5 and options[5]):
            raise Refused("average pooling with divisor_override")
        sizes = [ints(each) for each in options[:windows]]
        if len(sizes) > 1:
            sizes[1] = sizes[1] or None
        return b.emit(operation(*sizes, *options[windows:][:2], **named), x)

    return translation


def _both(largest: Translation, indices: Translation | None) -> Translation:
    """The largest, and where it was; None where nothing of ours gives that."""

    def translation(b: Builder, *given: Any, **named: Any) -> tuple[str, str | None]:
        return largest(b, *given, **named), None if indices is None else indices(b, *given, **named)

    return translation


_MAX: tuple[_Made, ...] = (pooling.MaxPool1d, pooling.MaxPool2d, pooling.MaxPool3d)
_INDICES: tuple[_Made, ...] = (pooling.MaxPoolIndices1d, pooling.MaxPoolIndices2d, pooling.MaxPoolIndices3d)
_AVG: tuple[_Made, ...] = (pooling.AvgPool1d, pooling.AvgPool2d, pooling.AvgPool3d)
_ADAPTIVE_AVG: tuple[_Made, ...] = (pooling.AdaptiveAvgPool1d, pooling.AdaptiveAvgPool2d, pooling.AdaptiveAvgPool3d)
_ADAPTIVE_MAX: tuple[_Made, ...] = (pooling.AdaptiveMaxPool1d, pooling.AdaptiveMaxPool2d, pooling.AdaptiveMaxPool3d)


def _adaptive(operation: _Made) -> Translation:
    return lambda b, x, output_size: b.emit(operation(tuple(output_size)), x)


for _d in (1, 2, 3):
    _max_pool = _pool(_MAX[_d - 1], windows=4)
    ATEN[f"max_pool{_d}d"] = _max_pool
    ATEN[f"max_pool{_d}d_with_indices"] = _both(_max_pool, _pool(_INDICES[_d - 1], windows=4))
    ATEN[f"avg_pool{_d}d"] = _pool(_AVG[_d - 1], windows=3)
    ATEN[f"adaptive_avg_pool{_d}d"] = ATEN[f"_adaptive_avg_pool{_d}d"] = _adaptive(_ADAPTIVE_AVG[_d - 1])
    ATEN[f"adaptive_max_pool{_d}d"] = _both(_adaptive(_ADAPTIVE_MAX[_d - 1]), None)


@stands_for("batch_norm")
def _batch_norm(
    b: Builder,
    x: str,
    weight: str | None,
    bias: str | None,
    mean: str | None,
    variance: str | None,
    training: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool = False,
) -> str:
    if training or mean is None or variance is None:
        raise Refused("batch normalisation by the batch's own mean, which makes one input depend on the others")
    return b.emit(norms.BatchNorm(eps), *given(x, mean, variance, weight, bias))


@stands_for("_native_batch_norm_legit_no_training")
def _native_batch_norm(
    b: Builder, x: str, weight: str | None, bias: str | None, mean: str, variance: str, momentum: float, eps: float
) -> Any:
    return _batch_norm(b, x, weight, bias, mean, variance, False, momentum, eps), None, None


@stands_for("_native_batch_norm_legit", "native_batch_norm")
def _batch_norm_of_the_batch(b: Builder, x: str, weight: str | None, bias: str | None, *_: Any) -> Any:
    return _batch_norm(b, x, weight, bias, None, None, True, 0.0, 0.0)


@stands_for("layer_norm")
def _layer_norm(
    b: Builder,
    x: str,
    normalized_shape: Sequence[int],
    weight: str | None = None,
    bias: str | None = None,
    eps: float = 1e-5,
    cudnn_enable: bool = False,
) -> str:
    return b.emit(norms.LayerNorm(tuple(normalized_shape), eps), *given(x, weight, bias))


@stands_for("native_layer_norm")
def _native_layer_norm(b: Builder, x: str, shape: Sequence[int], w: str | None, bias: str | None, eps: float) -> Any:
    return _layer_norm(b, x, shape, w, bias, eps), None, None


@stands_for("rms_norm")
def _rms_norm(
    b: Builder, x: str, normalized_shape: Sequence[int], weight: str | None = None, eps: float | None = None
) -> str:
    if eps is None:
        eps = torch.finfo(b.dtype(x)).eps
    return b.emit(norms.RmsNorm(tuple(normalized_shape), eps), *given(x, weight))


@stands_for("group_norm")
def _group_norm(
    b: Builder,
    x: str,
    num_groups: int,
    weight: str | None = None,
    bias: str | None = None,
    eps: float = 1e-5,
    cudnn_enabled: bool = False,
) -> str:
    return b.emit(norms.GroupNorm(num_groups, eps), *given(x, weight, bias))


@stands_for("native_group_norm")
def _native_group_norm(
    b: Builder, x: str, weight: str | None, bias: str | None, n: Any, c: int, hxw: Any, groups: int, eps: float
) -> Any:
    return _group_norm(b, x, groups, weight, bias, eps), None, None


@stands_for("instance_norm")
def _instance_norm(
    b: Builder,
    x: str,
    weight: str | None,
    bias: str | None,
    mean: str | None,
    variance: str | None,
    use_input_stats: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool = False,
) -> str:
    if not use_input_stats:
        return _batch_norm(b, x, weight, bias, mean, variance, False, momentum, eps)
    return b.emit(norms.InstanceNorm(eps), *given(x, weight, bias))


def _of_softmax(operation: Callable[[int], Operation]) -> Translation:
    def translated(b: Builder, x: str, dim: int, dtype: torch.dtype | None = None) -> str:
        # The last dimension has one name, whatever the rank.
        return b.emit(operation(-1 if dim == len(b.shape(x)) - 1 else dim), cast(b, x, dtype))

    return translated


ATEN["softmax"] = ATEN["_softmax"] = _of_softmax(softmax.Softmax)
ATEN["log_softmax"] = ATEN["_log_softmax"] = _of_softmax(softmax.LogSoftmax)
ATEN["_safe_softmax"] = _of_softmax(softmax.SafeSoftmax)


@stands_for("scaled_dot_product_attention")
def _attention(
    b: Builder,
    query: str,
    key: str,
    value: str,
    attn_mask: str | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> str:
    """Opened into what it is made of: products, scaling, mask, softmax, mix."""
    if dropout_p > 0:
        raise Refused("dropout")
    rows, width = b.shape(query)[-2:]
    columns = b.shape(key)[-2]
    if enable_gqa:
        heads, shared = b.shape(query)[-3], b.shape(key)[-3]
        assert isinstance(heads, int)
        assert isinstance(shared, int)
        key, value = (b.emit(moves.RepeatInterleave(heads // shared, -3), each) for each in (key, value))
    assert isinstance(width, int)
    scores = b.emit(products.Matmul(), query, b.emit(moves.Transpose(-2, -1), key))
    scores = b.emit(arithmetic.Mul(scalar=width**-0.5 if scale is None else scale), scores)
    # A mask may leave a row nothing to look at; torch then gives 0. The causal one leaves each row itself.
    share: Operation = softmax.Softmax(-1) if attn_mask is None else softmax.SafeSoftmax(-1)
    if is_causal:
        whole = b.emit(made.Full((rows, columns), 1.0, "bool"))
        attn_mask = b.emit(slices.Triangle(0), whole)
    if attn_mask is not None and (is_causal or b.dtype(attn_mask) == torch.bool):
        unseen = b.emit(functions.Function.named("logical_not"), attn_mask)
        scores = b.emit(choices.MaskedFill(float("-inf")), scores, unseen)
    elif attn_mask is not None:
        scores = b.emit(arithmetic.Add(), scores, attn_mask)
    return b.emit(products.Matmul(), b.emit(share, scores), value)


@stands_for("_trilinear")
def _trilinear(
    b: Builder, x: str, y: str, z: str, expand_x: Any, expand_y: Any, expand_z: Any, summed: Sequence[int], *_: Any
) -> str:
    """nn.Bilinear: three tensors multiplied number by number, and added up along some dimensions."""
    wide = []
    for each, dims in ((x, expand_x), (y, expand_y), (z, expand_z)):
        for dim in dims:
            each = b.emit(moves.Unsqueeze(dim), each)
        wide.append(each)
    product = b.emit(arithmetic.Mul(), b.emit(arithmetic.Mul(), wide[0], wide[1]), wide[2])
    return b.emit(reductions.Sum(tuple(summed)), product)


@stands_for("embedding")
def _embedding(b: Builder, weights: str, indices: str, *_: Any, **__: Any) -> str:
    return b.emit(lookups.Embedding(), weights, indices)
