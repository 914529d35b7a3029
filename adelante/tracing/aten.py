"""Which of our operations each of ATen's stands for. Whatever is not in this table is refused by name."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import torch

from adelante.network.operations import Operation, PerBatch, arithmetic, choices, conv, dense, functions
from adelante.network.operations import matmul as products
from adelante.network.operations import moves, norms, pooling, reductions, resize, softmax
from adelante.network.operations.operation import Size

DTYPE_NAMES = {dtype: name for name, dtype in moves.DTYPES.items()}


class Builder(Protocol):
    """What a translation may ask of the graph that it is part of. A tensor is its name; the rest are Python's values."""

    def emit(self, operation: Operation, *operands: str) -> str:
        """A node of this operation; its result's name."""

    def shape(self, tensor: str) -> tuple[Size, ...]:
        """A tensor's shape, as the export knows it."""

    def dtype(self, tensor: str) -> torch.dtype:
        """A tensor's dtype."""

    def own_weights(self, tensor: str) -> str | None:
        """The transposed parameter, where the tensor is a parameter that only linear layers use; else None."""


class Refused(Exception):
    """What a call asks for is not in the closed list: why."""


Translation = Callable[..., Any]
ATEN: dict[str, Translation] = {}


def _stands_for(*names: str) -> Callable[[Translation], Translation]:
    def register(translation: Translation) -> Translation:
        for name in names:
            ATEN[name] = translation
        return translation

    return register


def _given(*operands: str | None) -> tuple[str, ...]:
    return tuple(each for each in operands if each is not None)


def _ints(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | tuple) else value


def _dims(dim: Any) -> tuple[int, ...] | None:
    if dim is None or dim == []:
        return None
    return tuple(dim) if isinstance(dim, list | tuple) else (dim,)


# Functions of one number. ATen's own name where the table's differs.
_ONE = {
    **{name: name for name in functions.FUNCTIONS if not functions.FUNCTIONS[name].defaults},
    "hardsigmoid": "hardsigmoid",
    "log_sigmoid": "log_sigmoid",
}


def _function(name: str) -> Translation:
    def translation(b: Builder, x: str, **_: Any) -> str:
        return b.emit(functions.Function.named(name), x)

    return translation


for _name, _ours in _ONE.items():
    ATEN[_name] = ATEN[f"{_name}_"] = _function(_ours)


@_stands_for("leaky_relu", "leaky_relu_")
def _leaky_relu(b: Builder, x: str, negative_slope: float = 0.01) -> str:
    return b.emit(functions.Function.named("leaky_relu", negative_slope=negative_slope), x)


@_stands_for("elu", "elu_")
def _elu(b: Builder, x: str, alpha: float = 1.0, scale: float = 1.0, input_scale: float = 1.0) -> str:
    if (scale, input_scale) != (1.0, 1.0):
        raise Refused("elu with a scale of its own")
    return b.emit(functions.Function.named("elu", alpha=alpha), x)


@_stands_for("celu", "celu_")
def _celu(b: Builder, x: str, alpha: float = 1.0) -> str:
    return b.emit(functions.Function.named("celu", alpha=alpha), x)


@_stands_for("gelu")
def _gelu(b: Builder, x: str, approximate: str = "none") -> str:
    return b.emit(functions.Function.named("gelu", approximate=approximate), x)


@_stands_for("softplus")
def _softplus(b: Builder, x: str, beta: float = 1.0, threshold: float = 20.0) -> str:
    return b.emit(functions.Function.named("softplus", beta=beta, threshold=threshold), x)


@_stands_for("hardtanh", "hardtanh_")
def _hardtanh(b: Builder, x: str, min_val: float = -1.0, max_val: float = 1.0) -> str:
    if (min_val, max_val) == (0.0, 6.0):
        return b.emit(functions.Function.named("relu6"), x)
    return b.emit(functions.Function.named("hardtanh", min_val=min_val, max_val=max_val), x)


@_stands_for("hardshrink", "softshrink")
def _shrink(b: Builder, x: str, lambd: float = 0.5, *, name: str = "hardshrink") -> str:
    return b.emit(functions.Function.named(name, lambd=lambd), x)


ATEN["softshrink"] = lambda b, x, lambd=0.5: _shrink(b, x, lambd, name="softshrink")


@_stands_for("threshold", "threshold_")
def _threshold(b: Builder, x: str, threshold: float, value: float) -> str:
    return b.emit(functions.Function.named("threshold", threshold=threshold, value=value), x)


@_stands_for("clamp", "clamp_", "clip")
def _clamp(b: Builder, x: str, min: Any = None, max: Any = None) -> str:
    if isinstance(min, str) or isinstance(max, str):
        for bound, paired in ((min, "maximum"), (max, "minimum")):
            if isinstance(bound, str):
                x = b.emit(arithmetic.Paired(paired), x, bound)
            elif bound is not None:
                x = b.emit(functions.Function.named("clamp", **{"min" if paired == "maximum" else "max": bound}), x)
        return x
    return b.emit(functions.Function.named("clamp", min=min, max=max), x)


@_stands_for("clamp_min")
def _clamp_min(b: Builder, x: str, min: float) -> str:
    return _clamp(b, x, min)


@_stands_for("clamp_max")
def _clamp_max(b: Builder, x: str, max: float) -> str:
    return _clamp(b, x, None, max)


@_stands_for("prelu", "_prelu_kernel")
def _prelu(b: Builder, x: str, slope: str) -> str:
    shape = b.shape(slope)
    rank = len(b.shape(x))
    if len(shape) == 1 and rank > 2 and shape != (1,):
        slope = b.emit(moves.Reshape((*shape, *(1,) * (rank - 2))), slope)
    return b.emit(arithmetic.Paired("prelu"), x, slope)


def _or_scalar(of_number: str, of_tensors: str) -> Translation:
    def translation(b: Builder, x: str, y: Any) -> str:
        if isinstance(y, str):
            return b.emit(arithmetic.Paired(of_tensors), x, y)
        options = dict(zip(functions.FUNCTIONS[of_number].defaults, (y,), strict=True))
        return b.emit(functions.Function.named(of_number, **options), x)

    return translation


for _one, _two in (
    ("eq", "eq_to"),
    ("ne", "ne_to"),
    ("lt", "lt_than"),
    ("le", "le_than"),
    ("gt", "gt_than"),
    ("ge", "ge_than"),
    ("remainder", "remainder_of"),
    ("floor_divide", "floor_divide_by"),
):
    ATEN[_one] = ATEN[f"{_one}_"] = _or_scalar(_one, _two)


def _pair(name: str) -> Translation:
    return lambda b, x, y: b.emit(arithmetic.Paired(name), x, y)


for _two in ("logical_and", "logical_or", "logical_xor", "bitwise_and", "bitwise_or", "bitwise_xor", "atan2"):
    ATEN[_two] = ATEN[f"{_two}_"] = _pair(_two)
for _two, _others in (("maximum", "max"), ("minimum", "min")):
    ATEN[_two] = _pair(_two)
ATEN["__and__"] = _pair("bitwise_and")
ATEN["__or__"] = _pair("bitwise_or")


@_stands_for("pow", "pow_")
def _pow(b: Builder, x: Any, exponent: Any) -> str:
    if not isinstance(x, str):
        return b.emit(functions.Function.named("pow_of", base=x), exponent)
    if isinstance(exponent, str):
        return b.emit(arithmetic.Paired("pow_to"), x, exponent)
    return b.emit(functions.Function.named("pow", exponent=exponent), x)


def _numbers_first(x: Any, y: Any) -> bool:
    return not isinstance(x, str) and isinstance(y, str)


@_stands_for("add", "add_")
def _add(b: Builder, x: Any, y: Any, *, alpha: float = 1) -> str:
    if _numbers_first(x, y):
        return b.emit(arithmetic.Add(scalar=x), y)
    if isinstance(y, str):
        return b.emit(arithmetic.Add(alpha=alpha), x, y)
    return b.emit(arithmetic.Add(alpha=alpha, scalar=y), x)


@_stands_for("sub", "sub_")
def _sub(b: Builder, x: Any, y: Any, *, alpha: float = 1) -> str:
    if _numbers_first(x, y):
        return b.emit(arithmetic.Sub(scalar=x, reverse=True), y)
    if isinstance(y, str):
        return b.emit(arithmetic.Sub(alpha=alpha), x, y)
    return b.emit(arithmetic.Sub(alpha=alpha, scalar=y), x)


@_stands_for("rsub")
def _rsub(b: Builder, x: str, y: Any, alpha: float = 1) -> str:
    if isinstance(y, str):
        return b.emit(arithmetic.Sub(alpha=alpha), y, x)
    return b.emit(arithmetic.Sub(alpha=alpha, scalar=y, reverse=True), x)


@_stands_for("mul", "mul_")
def _mul(b: Builder, x: Any, y: Any) -> str:
    if _numbers_first(x, y):
        x, y = y, x
    return b.emit(arithmetic.Mul(), x, y) if isinstance(y, str) else b.emit(arithmetic.Mul(scalar=y), x)


@_stands_for("div", "div_", "true_divide")
def _div(b: Builder, x: Any, y: Any, *, rounding_mode: str | None = None) -> str:
    if _numbers_first(x, y):
        return b.emit(arithmetic.Mul(scalar=x), b.emit(functions.Function.named("reciprocal"), y))
    found = b.emit(arithmetic.Div(), x, y) if isinstance(y, str) else b.emit(arithmetic.Div(scalar=y), x)
    if rounding_mode is None:
        return found
    return b.emit(functions.Function.named({"floor": "floor", "trunc": "trunc"}[rounding_mode]), found)


@_stands_for("linear")
def _linear(b: Builder, x: str, weights: str, biases: str | None = None) -> str:
    turned = b.own_weights(weights)
    if turned is not None:
        return b.emit(dense.Dense(), *_given(x, turned, biases))
    return b.emit(dense.Linear(), *_given(x, weights, biases))


@_stands_for("matmul", "mm", "bmm", "mv", "dot")
def _matmul(b: Builder, x: str, y: str) -> str:
    return b.emit(products.Matmul(), x, y)


@_stands_for("addmm", "baddbmm")
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
        options = operation(_ints(stride), _ints(padding), _ints(dilation), groups)
        return b.emit(options, *_given(x, weights, biases))

    return translation


for _n, _conv in (("conv1d", conv.Conv1d), ("conv2d", conv.Conv2d), ("conv3d", conv.Conv3d)):
    ATEN[_n] = _convolution(_conv)


@_stands_for("conv_transpose2d")
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
    options = (_ints(stride), _ints(padding), _ints(output_padding), groups, _ints(dilation))
    return b.emit(conv.ConvTranspose2d(*options), *_given(x, weights, biases))


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
        given = (_ints(kernel_size), _ints(stride) or None, _ints(padding), _ints(dilation), ceil_mode)
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
        given = (_ints(kernel_size), _ints(stride) or None, _ints(padding), ceil_mode, count_include_pad)
        return b.emit(operation(*given), x)

    return translation


ATEN["avg_pool1d"] = _avg_pool(pooling.AvgPool1d)
ATEN["avg_pool2d"] = _avg_pool(pooling.AvgPool2d)


def _adaptive(operation: Callable[..., Operation]) -> Translation:
    return lambda b, x, output_size: b.emit(operation(tuple(output_size)), x)


ATEN["adaptive_avg_pool1d"] = _adaptive(pooling.AdaptiveAvgPool1d)
ATEN["adaptive_avg_pool2d"] = _adaptive(pooling.AdaptiveAvgPool2d)


@_stands_for("batch_norm")
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
    return b.emit(norms.BatchNorm(eps), *_given(x, mean, variance, weight, bias))


@_stands_for("_native_batch_norm_legit_no_training")
def _native_batch_norm(
    b: Builder, x: str, weight: str | None, bias: str | None, mean: str, variance: str, momentum: float, eps: float
) -> tuple[str, ...]:
    return (b.emit(norms.BatchNorm(eps), *_given(x, mean, variance, weight, bias)),)


@_stands_for("layer_norm")
def _layer_norm(
    b: Builder,
    x: str,
    normalized_shape: Sequence[int],
    weight: str | None = None,
    bias: str | None = None,
    eps: float = 1e-5,
    cudnn_enable: bool = False,
) -> str:
    return b.emit(norms.LayerNorm(tuple(normalized_shape), eps), *_given(x, weight, bias))


@_stands_for("native_layer_norm")
def _native_layer_norm(b: Builder, x: str, shape: Sequence[int], w: str | None, bias: str | None, eps: float) -> Any:
    return (_layer_norm(b, x, shape, w, bias, eps),)


@_stands_for("rms_norm")
def _rms_norm(
    b: Builder, x: str, normalized_shape: Sequence[int], weight: str | None = None, eps: float | None = None
) -> str:
    if eps is None:
        eps = torch.finfo(b.dtype(x)).eps
    return b.emit(norms.RmsNorm(tuple(normalized_shape), eps), *_given(x, weight))


@_stands_for("group_norm")
def _group_norm(
    b: Builder,
    x: str,
    num_groups: int,
    weight: str | None = None,
    bias: str | None = None,
    eps: float = 1e-5,
    cudnn_enabled: bool = False,
) -> str:
    return b.emit(norms.GroupNorm(num_groups, eps), *_given(x, weight, bias))


@_stands_for("instance_norm")
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
        assert mean is not None and variance is not None
        return b.emit(norms.BatchNorm(eps), *_given(x, mean, variance, weight, bias))
    return b.emit(norms.InstanceNorm(eps), *_given(x, weight, bias))


@_stands_for("softmax", "_softmax")
def _softmax(b: Builder, x: str, dim: int, dtype: Any = None) -> str:
    return b.emit(softmax.Softmax(dim), _cast(b, x, dtype))


@_stands_for("log_softmax", "_log_softmax")
def _log_softmax(b: Builder, x: str, dim: int, dtype: Any = None) -> str:
    return b.emit(softmax.LogSoftmax(dim), _cast(b, x, dtype))


def _cast(b: Builder, x: str, dtype: Any) -> str:
    if not isinstance(dtype, torch.dtype) or dtype == b.dtype(x):
        return x
    return b.emit(moves.Copy(dtype=_dtype_name(dtype)), x)


def _dtype_name(dtype: torch.dtype | None) -> str:
    if dtype is None:
        return "float32"
    if dtype not in DTYPE_NAMES:
        raise Refused(f"numbers of type {dtype}")
    return DTYPE_NAMES[dtype]


@_stands_for("scaled_dot_product_attention")
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
        assert isinstance(heads, int) and isinstance(shared, int)
        key, value = (b.emit(moves.RepeatInterleave(heads // shared, -3), each) for each in (key, value))
    assert isinstance(width, int)
    scores = b.emit(products.Matmul(), query, b.emit(moves.Transpose(-2, -1), key))
    scores = b.emit(arithmetic.Mul(scalar=width**-0.5 if scale is None else scale), scores)
    if is_causal:
        whole = b.emit(moves.Full((rows, columns), 1.0, "bool"))
        attn_mask = b.emit(moves.Triangle(0), whole)
    if attn_mask is not None and (is_causal or b.dtype(attn_mask) == torch.bool):
        unseen = b.emit(functions.Function.named("logical_not"), attn_mask)
        scores = b.emit(choices.MaskedFill(float("-inf")), scores, unseen)
    elif attn_mask is not None:
        scores = b.emit(arithmetic.Add(), scores, attn_mask)
    return b.emit(products.Matmul(), b.emit(softmax.Softmax(-1), scores), value)


@_stands_for("embedding")
def _embedding(b: Builder, weights: str, indices: str, *_: Any, **__: Any) -> str:
    return b.emit(moves.Embedding(), weights, indices)


@_stands_for("view", "reshape", "_unsafe_view", "_reshape_copy")
def _view(b: Builder, x: str, shape: Sequence[Size]) -> str:
    return b.emit(moves.Reshape(one_left(shape)), x)


def one_left(shape: Sequence[Size]) -> tuple[Size, ...]:
    """A shape with −1 for its only size that grows with the batch, where it has just one and no −1 already."""
    growing = [each for each in shape if isinstance(each, PerBatch)]
    if len(growing) == 1 and -1 not in shape:
        return tuple(-1 if isinstance(each, PerBatch) else each for each in shape)
    return tuple(shape)


@_stands_for("flatten")
def _flatten(b: Builder, x: str, start_dim: int = 0, end_dim: int = -1) -> str:
    return b.emit(moves.Flatten(start_dim, end_dim), x)


@_stands_for("unflatten")
def _unflatten(b: Builder, x: str, dim: int, sizes: Sequence[Size]) -> str:
    whole = list(b.shape(x))
    dim %= len(whole)
    return _view(b, x, [*whole[:dim], *sizes, *whole[dim + 1 :]])


@_stands_for("permute")
def _permute(b: Builder, x: str, dims: Sequence[int]) -> str:
    return b.emit(moves.Permute(tuple(dims)), x)


@_stands_for("transpose", "swapaxes", "transpose_")
def _transpose(b: Builder, x: str, dim0: int, dim1: int) -> str:
    return b.emit(moves.Transpose(dim0, dim1), x)


@_stands_for("t", "numpy_T", "mT")
def _t(b: Builder, x: str) -> str:
    return b.emit(moves.Transpose(-2, -1), x) if len(b.shape(x)) == 2 else x


@_stands_for("squeeze", "squeeze_")
def _squeeze(b: Builder, x: str, dim: Any = None) -> str:
    shape = b.shape(x)
    dims = range(len(shape)) if dim is None else (dim if isinstance(dim, list | tuple) else [dim])
    # A batch of one must not lose its dimension.
    gone = tuple(d for d in dims if shape[d] == 1)
    return b.emit(moves.Squeeze(gone), x) if gone else x


@_stands_for("unsqueeze", "unsqueeze_")
def _unsqueeze(b: Builder, x: str, dim: int) -> str:
    return b.emit(moves.Unsqueeze(dim), x)


@_stands_for("expand")
def _expand(b: Builder, x: str, size: Sequence[Size], implicit: bool = False) -> str:
    shape = b.shape(x)
    before = len(size) - len(shape)
    kept = [-1 if i >= before and each == shape[i - before] else each for i, each in enumerate(size)]
    return b.emit(moves.Expand(tuple(kept)), x)


@_stands_for("expand_as", "broadcast_to")
def _expand_as(b: Builder, x: str, other: Any) -> str:
    return _expand(b, x, b.shape(other) if isinstance(other, str) else other)


@_stands_for("repeat")
def _repeat(b: Builder, x: str, repeats: Sequence[Size]) -> str:
    return b.emit(moves.Repeat(tuple(repeats)), x)


@_stands_for("repeat_interleave")
def _repeat_interleave(b: Builder, x: str, repeats: Any, dim: int | None = None, **_: Any) -> str:
    if not isinstance(repeats, int) or dim is None:
        raise Refused("repeat_interleave by a tensor")
    return b.emit(moves.RepeatInterleave(repeats, dim), x)


_END = 2**62


@_stands_for("slice")
def _slice(b: Builder, x: str, dim: int = 0, start: Any = None, end: Any = None, step: int = 1) -> str:
    start = start or 0
    end = None if isinstance(end, int) and end > _END else end
    if isinstance(start, PerBatch) or isinstance(end, PerBatch):
        if end == b.shape(x)[dim]:
            end = None
        else:
            raise Refused("a slice whose ends depend on the batch")
    if (start, end, step) == (0, None, 1):
        return x
    return b.emit(moves.Slice(dim, start, end, step), x)


@_stands_for("narrow")
def _narrow(b: Builder, x: str, dim: int, start: int, length: int) -> str:
    return b.emit(moves.Slice(dim, start, start + length), x)


@_stands_for("select")
def _select(b: Builder, x: str, dim: int, index: int) -> str:
    return b.emit(moves.Select(dim, index), x)


def _pieces(b: Builder, x: str, dim: int, sizes: Sequence[int]) -> tuple[str, ...]:
    found, start = [], 0
    for size in sizes:
        found.append(b.emit(moves.Slice(dim, start, start + size), x))
        start += size
    return tuple(found)


@_stands_for("split", "split_with_sizes")
def _split(b: Builder, x: str, size: Any, dim: int = 0) -> tuple[str, ...]:
    whole = b.shape(x)[dim]
    if not isinstance(whole, int):
        raise Refused("splitting the batch")
    sizes = size if isinstance(size, list | tuple) else [min(size, whole - i) for i in range(0, whole, size)]
    return _pieces(b, x, dim, sizes)


@_stands_for("chunk")
def _chunk(b: Builder, x: str, chunks: int, dim: int = 0) -> tuple[str, ...]:
    whole = b.shape(x)[dim]
    if not isinstance(whole, int):
        raise Refused("splitting the batch")
    return _split(b, x, -(-whole // chunks), dim)


@_stands_for("unbind")
def _unbind(b: Builder, x: str, dim: int = 0) -> tuple[str, ...]:
    whole = b.shape(x)[dim]
    if not isinstance(whole, int):
        raise Refused("taking the batch apart")
    return tuple(b.emit(moves.Select(dim, i), x) for i in range(whole))


@_stands_for("cat", "concat")
def _cat(b: Builder, tensors: Sequence[str], dim: int = 0) -> str:
    return b.emit(moves.Cat(dim), *tensors)


@_stands_for("stack")
def _stack(b: Builder, tensors: Sequence[str], dim: int = 0) -> str:
    return b.emit(moves.Stack(dim), *tensors)


@_stands_for("pad", "constant_pad_nd")
def _pad(b: Builder, x: str, pad: Sequence[int], mode: Any = "constant", value: float | None = None) -> str:
    if not isinstance(mode, str):
        mode, value = "constant", mode
    return b.emit(moves.Pad(tuple(pad), mode, value or 0.0), x)


for _d in (1, 2, 3):
    ATEN[f"reflection_pad{_d}d"] = lambda b, x, pad: _pad(b, x, pad, "reflect")
    ATEN[f"replication_pad{_d}d"] = lambda b, x, pad: _pad(b, x, pad, "replicate")


@_stands_for("tril")
def _tril(b: Builder, x: str, diagonal: int = 0) -> str:
    return b.emit(moves.Triangle(diagonal), x)


@_stands_for("triu")
def _triu(b: Builder, x: str, diagonal: int = 0) -> str:
    return b.emit(moves.UpperTriangle(diagonal), x)


@_stands_for("roll")
def _roll(b: Builder, x: str, shifts: Any, dims: Any = ()) -> str:
    return b.emit(moves.Roll(_dims(shifts) or (), _dims(dims) or ()), x)


@_stands_for("flip")
def _flip(b: Builder, x: str, dims: Sequence[int]) -> str:
    return b.emit(moves.Flip(tuple(dims)), x)


@_stands_for("im2col")
def _im2col(b: Builder, x: str, kernel: Any, dilation: Any, padding: Any, stride: Any) -> str:
    return b.emit(moves.Unfold(*(tuple(each) for each in (kernel, dilation, padding, stride))), x)


@_stands_for("pixel_shuffle")
def _pixel_shuffle(b: Builder, x: str, upscale_factor: int) -> str:
    return b.emit(moves.PixelShuffle(upscale_factor), x)


def _nearest(b: Builder, x: str, size: Any = None, scales: Any = None, *_: Any) -> str:
    return b.emit(moves.UpsampleNearest(_dims(size), None if size else _dims(scales)), x)


for _d in (1, 2, 3):
    ATEN[f"upsample_nearest{_d}d"] = _nearest


@_stands_for("upsample_bilinear2d")
def _bilinear(b: Builder, x: str, size: Any, align_corners: bool, scales: Any = None, *_: Any) -> str:
    operation = resize.UpsampleBilinear2d(_dims(size), None if size else _dims(scales), align_corners)  # type: ignore[arg-type]
    return b.emit(operation, x)


@_stands_for("dropout", "dropout_", "feature_dropout", "alpha_dropout", "feature_alpha_dropout")
def _dropout(b: Builder, x: str, p: float, train: bool) -> str:
    if train:
        raise Refused("dropout that is on")
    return b.emit(moves.Copy(), x)


@_stands_for("clone", "contiguous", "detach", "detach_", "alias", "lift_fresh_copy", "lift_fresh", "view_as")
def _same(b: Builder, x: str, *_: Any, **__: Any) -> str:
    return x


@_stands_for("to", "_to_copy", "type_as")
def _to(b: Builder, x: str, *given: Any, dtype: Any = None, **_: Any) -> str:
    for each in given:
        if isinstance(each, torch.dtype):
            dtype = each
        if isinstance(each, str):
            dtype = b.dtype(each)
    return _cast(b, x, dtype)


@_stands_for("where")
def _where(b: Builder, condition: str, x: Any, y: Any) -> str:
    scalars = {name: each for name, each in (("scalar", x), ("other_scalar", y)) if not isinstance(each, str)}
    return b.emit(choices.Where(**scalars), condition, *(each for each in (x, y) if isinstance(each, str)))


@_stands_for("masked_fill", "masked_fill_")
def _masked_fill(b: Builder, x: str, mask: str, value: Any) -> str:
    if isinstance(value, str):
        return b.emit(choices.Where(), mask, value, x)
    return b.emit(choices.MaskedFill(float(value)), x, mask)


@_stands_for("mean")
def _mean(b: Builder, x: str, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> str:
    return b.emit(reductions.Mean(_dims(dim), keepdim), _cast(b, x, dtype))


@_stands_for("sum")
def _sum(b: Builder, x: str, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> str:
    return b.emit(reductions.Sum(_dims(dim), keepdim), _cast(b, x, dtype))


@_stands_for("cumsum")
def _cumsum(b: Builder, x: str, dim: int, *, dtype: Any = None) -> str:
    return b.emit(reductions.Cumsum(dim), _cast(b, x, dtype))


@_stands_for("amax")
def _amax(b: Builder, x: str, dim: Any = None, keepdim: bool = False) -> str:
    return b.emit(choices.Amax(_dims(dim), keepdim), x)


@_stands_for("amin")
def _amin(b: Builder, x: str, dim: Any = None, keepdim: bool = False) -> str:
    return b.emit(choices.Amin(_dims(dim), keepdim), x)


@_stands_for("argmax")
def _argmax(b: Builder, x: str, dim: int | None = None, keepdim: bool = False) -> str:
    return b.emit(choices.Argmax(_dims(dim), keepdim), x)


@_stands_for("argmin")
def _argmin(b: Builder, x: str, dim: int | None = None, keepdim: bool = False) -> str:
    return b.emit(choices.Argmin(_dims(dim), keepdim), x)


@_stands_for("max")
def _max(b: Builder, x: str, other: Any = None, keepdim: bool = False) -> Any:
    if isinstance(other, str):
        return b.emit(arithmetic.Paired("maximum"), x, other)
    if other is None:
        return b.emit(choices.Amax(), x)
    return _amax(b, x, other, keepdim), _argmax(b, x, other, keepdim)


@_stands_for("min")
def _min(b: Builder, x: str, other: Any = None, keepdim: bool = False) -> Any:
    if isinstance(other, str):
        return b.emit(arithmetic.Paired("minimum"), x, other)
    if other is None:
        return b.emit(choices.Amin(), x)
    return _amin(b, x, other, keepdim), _argmin(b, x, other, keepdim)


@_stands_for("gather")
def _gather(b: Builder, x: str, dim: int, index: str, **_: Any) -> str:
    return b.emit(moves.Gather(dim), x, index)


@_stands_for("index_select")
def _index_select(b: Builder, x: str, dim: int, index: str) -> str:
    return b.emit(moves.IndexSelect(dim), x, index)


@_stands_for("index", "_unsafe_index")
def _index(b: Builder, x: str, indices: Sequence[str | None]) -> str:
    if any(each is not None and b.dtype(each) == torch.bool for each in indices):
        raise Refused("indexing by a mask, whose result has a size that depends on the numbers")
    given = tuple(each is not None for each in indices)
    return b.emit(moves.IndexBy(given), x, *_given(*indices))


@_stands_for("slice_scatter")
def _slice_scatter(
    b: Builder, x: str, src: str, dim: int = 0, start: Any = None, end: Any = None, step: int = 1
) -> str:
    end = None if isinstance(end, int) and end > _END else end
    return b.emit(moves.SliceScatter(dim, start or 0, end, step), x, src)


@_stands_for("select_scatter")
def _select_scatter(b: Builder, x: str, src: str, dim: int, index: int) -> str:
    return b.emit(moves.SelectScatter(dim, index), x, src)


@_stands_for("fill", "fill_")
def _fill(b: Builder, x: str, value: Any) -> str:
    return _full_like(b, x, value)


@_stands_for("copy", "copy_")
def _copy(b: Builder, x: str, src: str, non_blocking: bool = False) -> str:
    return _expand(b, _cast(b, src, b.dtype(x)), b.shape(x))


@_stands_for("full")
def _full(b: Builder, size: Sequence[Size], value: float, *, dtype: Any = None, **_: Any) -> str:
    if dtype is None and isinstance(value, bool | int):
        dtype = torch.bool if isinstance(value, bool) else torch.int64
    return b.emit(moves.Full(tuple(size), value, _dtype_name(dtype)))


@_stands_for("zeros", "empty")
def _zeros(b: Builder, size: Sequence[Size], *, dtype: Any = None, **_: Any) -> str:
    return b.emit(moves.Full(tuple(size), 0.0, _dtype_name(dtype)))


@_stands_for("ones")
def _ones(b: Builder, size: Sequence[Size], *, dtype: Any = None, **_: Any) -> str:
    return b.emit(moves.Full(tuple(size), 1.0, _dtype_name(dtype)))


@_stands_for("full_like")
def _full_like(b: Builder, x: str, value: float, *, dtype: Any = None, **_: Any) -> str:
    return b.emit(moves.Full(b.shape(x), value, _dtype_name(dtype or b.dtype(x))))


@_stands_for("zeros_like", "empty_like")
def _zeros_like(b: Builder, x: str, *, dtype: Any = None, **_: Any) -> str:
    return _full_like(b, x, 0.0, dtype=dtype)


@_stands_for("ones_like")
def _ones_like(b: Builder, x: str, *, dtype: Any = None, **_: Any) -> str:
    return _full_like(b, x, 1.0, dtype=dtype)


@_stands_for("new_zeros", "new_empty")
def _new_zeros(b: Builder, x: str, size: Sequence[Size], *, dtype: Any = None, **_: Any) -> str:
    return _zeros(b, size, dtype=dtype or b.dtype(x))


@_stands_for("new_ones")
def _new_ones(b: Builder, x: str, size: Sequence[Size], *, dtype: Any = None, **_: Any) -> str:
    return _ones(b, size, dtype=dtype or b.dtype(x))


@_stands_for("new_full")
def _new_full(b: Builder, x: str, size: Sequence[Size], value: float, *, dtype: Any = None, **_: Any) -> str:
    return _full(b, size, value, dtype=dtype or b.dtype(x))


@_stands_for("arange")
def _arange(b: Builder, *given: Any, dtype: Any = None, **_: Any) -> str:
    start, end, step = (0, given[0], 1) if len(given) == 1 else (*given, 1)[:3]
    if dtype is None:
        dtype = torch.float32 if any(isinstance(each, float) for each in (start, end, step)) else torch.int64
    return b.emit(moves.Arange(start, (end,) if isinstance(end, PerBatch) else end, step, _dtype_name(dtype)))


@_stands_for("scalar_tensor")
def _scalar_tensor(b: Builder, value: float, *, dtype: Any = None, **_: Any) -> str:
    return b.emit(moves.ScalarTensor(value, _dtype_name(dtype)))
