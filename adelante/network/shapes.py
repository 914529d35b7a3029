"""What shape and dtype each operation's result has, found without torch wherever that is certain.

A network of hundreds of nodes is checked by these rules in a few milliseconds; torch's own meta tensors take many times
as long. A rule answers only where it knows; where anything is unusual it gives None, and torch has the last word, and
the words for what does not fit. A test holds every rule to torch.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from math import prod
from typing import Any, NamedTuple

import torch

from adelante.network.operations import (
    Operation,
    arithmetic,
    conv,
    dense,
    functions,
    lookups,
    matmul,
    moves,
    norms,
    pooling,
    reductions,
    slices,
    softmax,
)
from adelante.network.operations.windows import each

Shape = tuple[int, ...]


_MOST = 1 << 60


class Meta(NamedTuple):
    """A tensor without its numbers."""

    shape: Shape
    dtype: torch.dtype


Rule = Callable[[Any, Sequence[Meta]], Meta | None]


class _Unusual(Exception):
    """Torch is to be asked."""


def quick_meta(operation: Operation, operands: Sequence[Meta]) -> Meta | None:
    """What the operation gives of these operands, or None where torch has to be asked."""
    rule = _RULES.get(type(operation))
    if rule is None:
        return None
    try:
        found = rule(operation, operands)
    except (_Unusual, ValueError, TypeError, IndexError, ArithmeticError):
        return None
    # More numbers than torch can count.
    return None if found is None or prod(found.shape) > _MOST else found


def torch_meta(operation: Operation, operands: Sequence[Meta]) -> Meta:
    """The same by torch itself. Raises what torch raises."""
    values = [torch.empty(shape, dtype=dtype, device="meta") for shape, dtype in operands]
    # What is made of nothing (arange, full), or beside the operands, is then made without numbers too.
    with torch.device("meta"), torch.no_grad():
        found = operation.run(*values)
    return Meta(tuple(found.shape), found.dtype)


def _whole(*values: Any) -> list[int]:
    if not all(type(value) is int for value in values):
        raise _Unusual
    return list(values)


def _number(*values: Any) -> None:
    if not all(type(value) in (int, float) for value in values):
        raise _Unusual


def _same_dtype(operands: Sequence[Meta]) -> torch.dtype:
    """The one dtype, of floating point, of all operands."""
    dtype = operands[0].dtype
    if not dtype.is_floating_point or any(other.dtype is not dtype for other in operands):
        raise _Unusual
    return dtype


def _dim(dim: Any, rank: int) -> int:
    _whole(dim)
    if not -rank <= dim < rank:
        raise _Unusual
    return int(dim % rank)


def _broadcast(operands: Sequence[Meta]) -> Shape:
    first, *others = [shape for shape, _ in operands]
    for other in others:
        if other == first:
            continue
        sizes = [
            a if b == 1 else b if a == 1 or a == b else -1
            for a, b in zip_longest(reversed(first), reversed(other), fillvalue=1)
        ]
        if -1 in sizes:
            raise _Unusual
        first = tuple(reversed(sizes))
    return first


# ---- number by number ----

_KEEPING = functions.ACTIVATIONS.union(
    (
        *("identity", "abs", "neg", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p"),
        *("sqrt", "rsqrt", "square", "reciprocal", "sin", "cos", "tan", "asin", "acos", "atan"),
        *("sinh", "cosh", "erf", "sign", "floor", "ceil", "round", "trunc", "pow"),
    )
)
_COMPARING = {"eq_to", "ne_to", "lt_than", "le_than", "gt_than", "ge_than"}
_PAIRED = {"maximum", "minimum", "pow_to", "atan2"}


def _function(operation: functions.Function, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    if operation.function not in _KEEPING or not inputs.dtype.is_floating_point:
        return None
    if operation.function == "gelu":
        return inputs if operation.arguments in (("none",), ("tanh",)) else None
    _number(*operation.arguments)
    return inputs


def _arithmetic(operation: Any, operands: Sequence[Meta]) -> Meta | None:
    if (operation.scalar is None) != (len(operands) == 2) or len(operands) > 2:
        return None
    _number(*([] if operation.scalar is None else [operation.scalar]), getattr(operation, "alpha", 1))
    return Meta(_broadcast(operands), _same_dtype(operands))


def _paired(operation: arithmetic.Paired, operands: Sequence[Meta]) -> Meta | None:
    _, _ = operands
    if operation.function in _COMPARING:
        _same_dtype(operands)
        return Meta(_broadcast(operands), torch.bool)
    return Meta(_broadcast(operands), _same_dtype(operands)) if operation.function in _PAIRED else None


# ---- sums of products ----


def _dense(operation: dense.Dense, operands: Sequence[Meta]) -> Meta | None:
    inputs, weights, *biases = operands
    n_in, n_out = weights.shape if type(operation) is dense.Dense else weights.shape[::-1]
    if len(inputs.shape) < 2 or inputs.shape[-1] != n_in or any(each.shape != (n_out,) for each in biases):
        return None
    return Meta((*inputs.shape[:-1], n_out), _same_dtype(operands)) if len(biases) < 2 else None


def _matmul(_: matmul.Matmul, operands: Sequence[Meta]) -> Meta | None:
    a, b = operands
    if len(a.shape) < 2 or len(b.shape) < 2 or a.shape[-1] != b.shape[-2]:
        return None
    dtype = _same_dtype(operands)
    before = _broadcast([Meta(a.shape[:-2], dtype), Meta(b.shape[:-2], dtype)])
    return Meta((*before, a.shape[-2], b.shape[-1]), dtype)


def _convolution(operation: Any, operands: Sequence[Meta]) -> Meta | None:
    inputs, weights, *biases = operands
    dims = operation.DIMS
    _whole(operation.groups)
    channels, groups = weights.shape[0], operation.groups
    fits = len(inputs.shape) == len(weights.shape) == dims + 2 and groups > 0 and channels % groups == 0
    if not fits or inputs.shape[1] != weights.shape[1] * groups or operation.padding_mode != "zeros":
        return None
    if len(biases) > 1 or any(bias.shape != (channels,) for bias in biases) or 0 in inputs.shape + weights.shape:
        return None
    strides, dilations = each(operation.stride, dims), each(operation.dilation, dims)
    if isinstance(operation.padding, str) and operation.padding != "valid":
        return None
    padding = (0,) * dims if operation.padding == "valid" else each(operation.padding, dims)
    window = list(zip(inputs.shape[2:], weights.shape[2:], strides, padding, dilations, strict=True))
    return Meta((inputs.shape[0], channels, *map(_moved, window)), _same_dtype(operands))


def _moved(window: tuple[int, int, int, int, int]) -> int:
    """How many places a window has along one dimension."""
    size, kernel, stride, padding, dilation = window
    _whole(kernel, stride, padding, dilation)
    found = (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
    if kernel < 1 or stride < 1 or padding < 0 or dilation < 1 or found < 1:
        raise _Unusual
    return found


# ---- windows, norms, sums ----


def _pool(operation: Any, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    dims = operation.DIMS
    if len(inputs.shape) != dims + 2 or 0 in inputs.shape or operation.ceil_mode is not False:
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
    return Meta((*inputs.shape[:2], *map(_moved, window)), _same_dtype(operands))


def _adaptive(operation: Any, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    _whole(*operation.output_size)
    dims = operation.DIMS
    usual = len(inputs.shape) == dims + 2 and 0 not in inputs.shape and min(operation.output_size) > 0
    if not usual or len(operation.output_size) != dims:
        return None
    return Meta((*inputs.shape[:2], *operation.output_size), _same_dtype(operands))


def _batch_norm(operation: norms.BatchNorm, operands: Sequence[Meta]) -> Meta | None:
    inputs, *rest = operands
    _number(operation.eps)
    usual = len(inputs.shape) > 1 and len(rest) in (2, 4) and 0 not in inputs.shape
    if not usual or any(each.shape != inputs.shape[1:2] for each in rest):
        return None
    return Meta(inputs.shape, _same_dtype(operands))


def _last_norm(operation: Any, operands: Sequence[Meta]) -> Meta | None:
    inputs, *rest = operands
    last = operation.normalized_shape
    _number(operation.eps)
    _whole(*last)
    if not last or inputs.shape[-len(last) :] != last or any(each.shape != last for each in rest):
        return None
    return Meta(inputs.shape, _same_dtype(operands))


def _group_norm(operation: norms.GroupNorm, operands: Sequence[Meta]) -> Meta | None:
    inputs, *rest = operands
    _whole(operation.num_groups)
    _number(operation.eps)
    groups = operation.num_groups
    if len(inputs.shape) < 2 or groups < 1 or inputs.shape[1] % groups or prod(inputs.shape[1:]) // groups < 2:
        return None
    return Meta(inputs.shape, _same_dtype(operands)) if all(each.shape == inputs.shape[1:2] for each in rest) else None


def _softmax(operation: softmax.Softmax, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    _dim(operation.dim, len(inputs.shape))
    return inputs if inputs.dtype.is_floating_point else None


def _summed(operation: reductions.Sum, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    rank = len(inputs.shape)
    if not operation.dim or type(operation.keepdim) is not bool:
        return None
    gone = [_dim(dim, rank) for dim in operation.dim]
    if len(set(gone)) < len(gone):
        return None
    shape = [
        1 if dim in gone else size for dim, size in enumerate(inputs.shape) if operation.keepdim or dim not in gone
    ]
    return Meta(tuple(shape), _same_dtype(operands))


# ---- moves ----


def _reshape(operation: moves.Reshape, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    shape, count = _whole(*operation.shape), prod(inputs.shape)
    if shape.count(-1) == 1 and count:
        shape[shape.index(-1)] = count // -prod(shape)
    return Meta(tuple(shape), inputs.dtype) if prod(shape) == count and min(shape, default=0) >= 0 else None


def _flatten(operation: moves.Flatten, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    rank = len(inputs.shape)
    first, last = _dim(operation.start_dim, rank), _dim(operation.end_dim, rank)
    joined = prod(inputs.shape[first : last + 1])
    return Meta((*inputs.shape[:first], joined, *inputs.shape[last + 1 :]), inputs.dtype) if first <= last else None


def _unflatten(operation: moves.Unflatten, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    dim = _dim(operation.dim, len(inputs.shape))
    _whole(*operation.sizes)
    if min(operation.sizes) < 1 or prod(operation.sizes) != inputs.shape[dim]:
        return None
    return Meta((*inputs.shape[:dim], *operation.sizes, *inputs.shape[dim + 1 :]), inputs.dtype)


def _permute(operation: moves.Permute, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    dims = [_dim(dim, len(inputs.shape)) for dim in operation.dims]
    usual = sorted(dims) == list(range(len(inputs.shape)))
    return Meta(tuple(inputs.shape[dim] for dim in dims), inputs.dtype) if usual else None


def _transpose(operation: moves.Transpose, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    shape = list(inputs.shape)
    a, b = _dim(operation.dim0, len(shape)), _dim(operation.dim1, len(shape))
    shape[a], shape[b] = shape[b], shape[a]
    return Meta(tuple(shape), inputs.dtype)


def _unsqueeze(operation: moves.Unsqueeze, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    dim = _dim(operation.dim, len(inputs.shape) + 1)
    return Meta((*inputs.shape[:dim], 1, *inputs.shape[dim:]), inputs.dtype)


def _expand(operation: moves.Expand, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    wanted = _whole(*operation.size)
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
    dim = _dim(operation.dim, len(inputs.shape))
    _whole(operation.start, operation.step, *([] if operation.end is None else [operation.end]))
    if operation.step < 1:
        return None
    taken = len(range(*slice(operation.start, operation.end, operation.step).indices(inputs.shape[dim])))
    return Meta((*inputs.shape[:dim], taken, *inputs.shape[dim + 1 :]), inputs.dtype)


def _select(operation: slices.Select, operands: Sequence[Meta]) -> Meta | None:
    (inputs,) = operands
    dim = _dim(operation.dim, len(inputs.shape))
    _dim(operation.index, inputs.shape[dim])
    return Meta(inputs.shape[:dim] + inputs.shape[dim + 1 :], inputs.dtype)


def _cat(operation: slices.Cat, operands: Sequence[Meta]) -> Meta | None:
    first = operands[0]
    dim = _dim(operation.dim, len(first.shape))
    around = (first.shape[:dim], first.shape[dim + 1 :], first.dtype)
    if any((shape[:dim], shape[dim + 1 :], dtype) != around for shape, dtype in operands):
        return None
    total = sum(shape[dim] for shape, _ in operands)
    return Meta((*around[0], total, *around[1]), first.dtype)


def _stack(operation: slices.Stack, operands: Sequence[Meta]) -> Meta | None:
    first = operands[0]
    dim = _dim(operation.dim, len(first.shape) + 1)
    if any(other != first for other in operands):
        return None
    return Meta((*first.shape[:dim], len(operands), *first.shape[dim:]), first.dtype)


def _embedding(_: lookups.Embedding, operands: Sequence[Meta]) -> Meta | None:
    weights, indices = operands
    rows, columns = weights.shape
    return Meta((*indices.shape, columns), weights.dtype) if indices.dtype is torch.int64 and rows else None


_RULES: Mapping[type[Operation], Rule] = {
    functions.Function: _function,
    **dict.fromkeys((arithmetic.Add, arithmetic.Sub, arithmetic.Mul, arithmetic.Div), _arithmetic),
    arithmetic.Paired: _paired,
    **dict.fromkeys((dense.Dense, dense.Linear), _dense),
    matmul.Matmul: _matmul,
    **dict.fromkeys((conv.Conv1d, conv.Conv2d, conv.Conv3d), _convolution),
    **dict.fromkeys((pooling.MaxPool1d, pooling.MaxPool2d, pooling.MaxPool3d), _pool),
    **dict.fromkeys((pooling.AvgPool1d, pooling.AvgPool2d, pooling.AvgPool3d), _pool),
    **dict.fromkeys((pooling.AdaptiveAvgPool1d, pooling.AdaptiveAvgPool2d, pooling.AdaptiveAvgPool3d), _adaptive),
    norms.BatchNorm: _batch_norm,
    **dict.fromkeys((norms.LayerNorm, norms.RmsNorm), _last_norm),
    norms.GroupNorm: _group_norm,
    **dict.fromkeys((softmax.Softmax, softmax.LogSoftmax), _softmax),
    **dict.fromkeys((reductions.Sum, reductions.Mean), _summed),
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
}
