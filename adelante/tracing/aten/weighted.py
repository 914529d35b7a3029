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


def _convolution(operation: Callable[..., Operation]) -> Translation:
    def translation(
        b: Builder,
        x: str,
        weights: str,
        biases: str | None = None,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> str:
        options = operation(ints(stride), ints(padding), ints(dilation), groups)
        return b.emit(options, *given(x, weights, biases))

    return translation


for _n, _conv in (("conv1d", conv.Conv1d), ("conv2d", conv.Conv2d), ("conv3d", conv.Conv3d)):
    ATEN[_n] = _convolution(_conv)


@stands_for("conv_transpose2d")
def _conv_transpose2d(
    b: Builder,
    x: str,
    weights: str,
    biases: str | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> str:
    options = (ints(stride), ints(padding), ints(output_padding), groups, ints(dilation))
    return b.emit(conv.ConvTranspose2d(*options), *given(x, weights, biases))


def _max_pool(operation: Callable[..., Operation]) -> Translation:
    def translation(
        b: Builder,
        x: str,
        kernel_size: Any,
        stride: Any = (),
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
    ) -> str:
        given = (ints(kernel_size), ints(stride) or None, ints(padding), ints(dilation), ceil_mode)
        return b.emit(operation(*given), x)

    return translation


ATEN["max_pool1d"] = _max_pool(pooling.MaxPool1d)
ATEN["max_pool2d"] = _max_pool(pooling.MaxPool2d)


def _avg_pool(operation: Callable[..., Operation]) -> Translation:
    def translation(
        b: Builder,
        x: str,
        kernel_size: Any,
        stride: Any = (),
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> str:
        if divisor_override is not None:
            raise Refused("average pooling with divisor_override")
        given = (ints(kernel_size), ints(stride) or None, ints(padding), ceil_mode, count_include_pad)
        return b.emit(operation(*given), x)

    return translation


ATEN["avg_pool1d"] = _avg_pool(pooling.AvgPool1d)
ATEN["avg_pool2d"] = _avg_pool(pooling.AvgPool2d)


def _adaptive(operation: Callable[..., Operation]) -> Translation:
    return lambda b, x, output_size: b.emit(operation(tuple(output_size)), x)


ATEN["adaptive_avg_pool1d"] = _adaptive(pooling.AdaptiveAvgPool1d)
ATEN["adaptive_avg_pool2d"] = _adaptive(pooling.AdaptiveAvgPool2d)


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
) -> tuple[str, ...]:
    return (b.emit(norms.BatchNorm(eps), *given(x, mean, variance, weight, bias)),)


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
    return (_layer_norm(b, x, shape, w, bias, eps),)


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
        assert mean is not None
        assert variance is not None
        return b.emit(norms.BatchNorm(eps), *given(x, mean, variance, weight, bias))
    return b.emit(norms.InstanceNorm(eps), *given(x, weight, bias))


@stands_for("softmax", "_softmax")
def _softmax(b: Builder, x: str, dim: int, dtype: Any = None) -> str:
    return b.emit(softmax.Softmax(dim), cast(b, x, dtype))


@stands_for("log_softmax", "_log_softmax")
def _log_softmax(b: Builder, x: str, dim: int, dtype: Any = None) -> str:
    return b.emit(softmax.LogSoftmax(dim), cast(b, x, dtype))


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
    if is_causal:
        whole = b.emit(made.Full((rows, columns), 1.0, "bool"))
        attn_mask = b.emit(slices.Triangle(0), whole)
    if attn_mask is not None and (is_causal or b.dtype(attn_mask) == torch.bool):
        unseen = b.emit(functions.Function.named("logical_not"), attn_mask)
        scores = b.emit(choices.MaskedFill(float("-inf")), scores, unseen)
    elif attn_mask is not None:
        scores = b.emit(arithmetic.Add(), scores, attn_mask)
    return b.emit(products.Matmul(), b.emit(softmax.Softmax(-1), scores), value)


@stands_for("embedding")
def _embedding(b: Builder, weights: str, indices: str, *_: Any, **__: Any) -> str:
    return b.emit(lookups.Embedding(), weights, indices)
