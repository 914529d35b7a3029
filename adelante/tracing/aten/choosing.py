"""ATen's operations that choose, add up, or look up."""

from collections.abc import Sequence
from math import prod
from typing import Any

import torch

from adelante.network.operations import (
    arithmetic,
    choices,
    functions,
    lookups,
    made,
    moves,
    ranking,
    reductions,
    slices,
)
from adelante.tracing.aten.registry import (
    Builder,
    Refused,
    cast,
    dims_of,
    given,
    stands_for,
)


@stands_for("where")
def _where(b: Builder, condition: str, x: Any = None, y: Any = None) -> str:
    if x is None:
        raise Refused("where of a condition alone, whose result has a size that depends on the numbers,")
    scalars = {name: each for name, each in (("scalar", x), ("other_scalar", y)) if not isinstance(each, str)}
    return b.emit(choices.Where(**scalars), condition, *(each for each in (x, y) if isinstance(each, str)))


@stands_for("masked_fill", "masked_fill_")
def _masked_fill(b: Builder, x: str, mask: str, value: Any) -> str:
    if isinstance(value, str):
        return b.emit(choices.Where(), mask, value, x)
    return b.emit(choices.MaskedFill(float(value)), x, mask)


@stands_for("mean")
def _mean(b: Builder, x: str, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> str:
    return b.emit(reductions.Mean(dims_of(dim), keepdim), cast(b, x, dtype))


@stands_for("sum")
def _sum(b: Builder, x: str, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> str:
    return b.emit(reductions.Sum(dims_of(dim), keepdim), cast(b, x, dtype))


@stands_for("prod")
def _prod(b: Builder, x: str, dim: int | None = None, keepdim: bool = False, *, dtype: Any = None) -> str:
    return b.emit(reductions.Prod(dim, keepdim), cast(b, x, dtype))


@stands_for("cumsum")
def _cumsum(b: Builder, x: str, dim: int, *, dtype: Any = None) -> str:
    return b.emit(reductions.Cumsum(dim), cast(b, x, dtype))


@stands_for("cumprod")
def _cumprod(b: Builder, x: str, dim: int, *, dtype: Any = None) -> str:
    return b.emit(reductions.Cumprod(dim), cast(b, x, dtype))


@stands_for("cummax")
def _cummax(b: Builder, x: str, dim: int) -> tuple[str, None]:
    return b.emit(reductions.Cummax(dim), x), None


@stands_for("cummin")
def _cummin(b: Builder, x: str, dim: int) -> tuple[str, None]:
    return b.emit(reductions.Cummin(dim), x), None


def _spread(b: Builder, x: str, dim: Any, unbiased: bool, keepdim: bool, correction: Any) -> tuple[str, str]:
    """The variance, opened into what it is made of, and the mean. `unbiased` may stand in dim's place."""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    if correction is None:
        correction = int(unbiased)
    shape = b.shape(x)
    dims = dims_of(dim) or tuple(range(len(shape)))
    sizes = [shape[each] for each in dims]
    fixed = [each for each in sizes if isinstance(each, int)]
    if len(fixed) < len(sizes):
        raise Refused("the variance of the batch")
    mean = b.emit(reductions.Mean(dims, True), x)
    squares = b.emit(functions.Function.named("square"), b.emit(arithmetic.Sub(), x, mean))
    count = prod(fixed) - correction
    variance = b.emit(arithmetic.Div(scalar=max(count, 0)), b.emit(reductions.Sum(dims, keepdim), squares))
    return variance, mean if keepdim else b.emit(reductions.Mean(dims, False), x)


@stands_for("var")
def _var(
    b: Builder, x: str, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: Any = None
) -> str:
    return _spread(b, x, dim, unbiased, keepdim, correction)[0]


@stands_for("std")
def _std(
    b: Builder, x: str, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: Any = None
) -> str:
    variance, _ = _spread(b, x, dim, unbiased, keepdim, correction)
    return b.emit(functions.Function.named("sqrt"), variance)


@stands_for("var_mean")
def _var_mean(
    b: Builder, x: str, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: Any = None
) -> tuple[str, str]:
    return _spread(b, x, dim, unbiased, keepdim, correction)


@stands_for("_cdist_forward")
def _cdist(b: Builder, x: str, y: str, p: float = 2.0, compute_mode: int | None = None) -> str:
    """How far each row of x is from each row of y, opened into what it is made of."""
    difference = b.emit(arithmetic.Sub(), b.emit(moves.Unsqueeze(-2), x), b.emit(moves.Unsqueeze(-3), y))
    if p == 2:
        squares = b.emit(functions.Function.named("square"), difference)
        return b.emit(functions.Function.named("sqrt"), b.emit(reductions.Sum((-1,)), squares))
    sizes = b.emit(functions.Function.named("abs"), difference)
    if p == float("inf"):
        return b.emit(choices.Amax((-1,)), sizes)
    if p != 1:
        raise Refused(f"cdist with p = {p}")
    return b.emit(reductions.Sum((-1,)), sizes)


@stands_for("any")
def _any(b: Builder, x: str, dim: Any = None, keepdim: bool = False) -> str:
    return b.emit(choices.Amax(dims_of(dim), keepdim), cast(b, x, torch.bool))


@stands_for("all")
def _all(b: Builder, x: str, dim: Any = None, keepdim: bool = False) -> str:
    return b.emit(choices.Amin(dims_of(dim), keepdim), cast(b, x, torch.bool))


@stands_for("amax")
def _amax(b: Builder, x: str, dim: Any = None, keepdim: bool = False) -> str:
    return b.emit(choices.Amax(dims_of(dim), keepdim), x)


@stands_for("amin")
def _amin(b: Builder, x: str, dim: Any = None, keepdim: bool = False) -> str:
    return b.emit(choices.Amin(dims_of(dim), keepdim), x)


@stands_for("argmax")
def _argmax(b: Builder, x: str, dim: int | None = None, keepdim: bool = False) -> str:
    return b.emit(choices.Argmax(dims_of(dim), keepdim), x)


@stands_for("argmin")
def _argmin(b: Builder, x: str, dim: int | None = None, keepdim: bool = False) -> str:
    return b.emit(choices.Argmin(dims_of(dim), keepdim), x)


@stands_for("max")
def _max(b: Builder, x: str, other: Any = None, keepdim: bool = False) -> Any:
    if isinstance(other, str):
        return b.emit(arithmetic.Paired("maximum"), x, other)
    if other is None:
        return b.emit(choices.Amax(), x)
    return _amax(b, x, other, keepdim), _argmax(b, x, other, keepdim)


@stands_for("min")
def _min(b: Builder, x: str, other: Any = None, keepdim: bool = False) -> Any:
    if isinstance(other, str):
        return b.emit(arithmetic.Paired("minimum"), x, other)
    if other is None:
        return b.emit(choices.Amin(), x)
    return _amin(b, x, other, keepdim), _argmin(b, x, other, keepdim)


@stands_for("sort")
def _sort(
    b: Builder, x: str, dim: int = -1, descending: bool = False, *, stable: bool | None = None
) -> tuple[str, str]:
    return _there(b, x, dim, _argsort(b, x, dim, descending))


@stands_for("argsort")
def _argsort(b: Builder, x: str, dim: int = -1, descending: bool = False, *, stable: bool | None = None) -> str:
    return b.emit(ranking.Argsort(dim, descending), x)


@stands_for("topk")
def _topk(b: Builder, x: str, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> tuple[str, str]:
    if not isinstance(k, int):
        raise Refused("topk of as many as the batch has")
    return _there(b, x, dim, b.emit(ranking.Argtopk(k, dim, largest), x))


@stands_for("kthvalue")
def _kthvalue(b: Builder, x: str, k: int, dim: int = -1, keepdim: bool = False) -> tuple[str, str]:
    """The last of the k smallest; NaN, as in torch, counts as the largest."""
    places = b.emit(ranking.Argtopk(k, dim, False), x)
    place = b.emit(slices.Slice(dim, k - 1, k), places)
    found, place = _there(b, x, dim, place)
    if keepdim:
        return found, place
    return b.emit(moves.Squeeze((dim,)), found), b.emit(moves.Squeeze((dim,)), place)


@stands_for("median")
def _median(b: Builder, x: str, dim: int | None = None, keepdim: bool = False) -> Any:
    """The lower one of the two in the middle, where there are two."""
    shape = b.shape(x)
    sizes = [each for each in (shape if dim is None else shape[dim:][:1]) if isinstance(each, int)]
    if len(sizes) < (len(shape) if dim is None else 1):
        raise Refused("the median of the batch")
    middle = (prod(sizes) + 1) // 2
    if dim is None:
        return _kthvalue(b, b.emit(moves.Reshape((-1,)), x), middle, 0)[0]
    return _kthvalue(b, x, middle, dim, keepdim)


@stands_for("searchsorted")
def _searchsorted(
    b: Builder,
    ordered: str,
    x: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: str | None = None,
) -> str:
    """How many of the numbers in order are smaller; on the right side, those that are equal too."""
    rank = len(b.shape(ordered))
    if not isinstance(x, str) or sorter is not None or (rank != 1 and rank != len(b.shape(x))):
        raise Refused("searchsorted by a number or a sorter")
    before = arithmetic.Paired("le_than" if right or side == "right" else "lt_than")
    if rank > 1:
        ordered = b.emit(moves.Unsqueeze(-2), ordered)
    smaller = b.emit(before, ordered, b.emit(moves.Unsqueeze(-1), x))
    whole = "int32" if out_int32 else "int64"
    return b.emit(moves.Cast(whole), b.emit(reductions.Sum((-1,)), b.emit(moves.Cast("int64"), smaller)))


@stands_for("repeat_interleave")
def _repeat_interleave(
    b: Builder, x: str, repeats: Any = None, dim: int | None = None, *, output_size: Any = None
) -> str:
    """Each so many times; by a tensor, the place of each is how many of the ends of the runs are behind it."""
    by_tensor = repeats is None or isinstance(repeats, str)
    if by_tensor and not isinstance(output_size, int):
        raise Refused("repeat_interleave by a tensor without output_size, whose result has a size that depends on it,")
    if repeats is not None and dim is None:
        x, dim = b.emit(moves.Reshape((-1,)), x), 0
    if isinstance(repeats, int):
        return b.emit(moves.RepeatInterleave(repeats, dim or 0), x)
    ends = b.emit(reductions.Cumsum(0), b.emit(moves.Cast("int64"), x if repeats is None else repeats))
    places = _searchsorted(b, ends, b.emit(made.Arange(0, output_size, 1, "int64")), right=True)
    return places if repeats is None else b.emit(lookups.IndexSelect(dim or 0), x, places)


def _there(b: Builder, x: str, dim: int, places: str) -> tuple[str, str]:
    """The numbers at places along a dimension, and the places."""
    return b.emit(lookups.Gather(dim), x, places), places


@stands_for("gather")
def _gather(b: Builder, x: str, dim: int, index: str, **_: Any) -> str:
    return b.emit(lookups.Gather(dim), x, index)


@stands_for("index_select")
def _index_select(b: Builder, x: str, dim: int, index: str) -> str:
    return b.emit(lookups.IndexSelect(dim), x, index)


@stands_for("index", "_unsafe_index")
def _index(b: Builder, x: str, indices: Sequence[str | None]) -> str:
    if any(each is not None and b.dtype(each) == torch.bool for each in indices):
        raise Refused("indexing by a mask, whose result has a size that depends on the numbers")
    by = tuple(each is not None for each in indices)
    return b.emit(lookups.IndexBy(by), x, *given(*indices))
