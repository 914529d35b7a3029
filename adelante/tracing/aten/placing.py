"""ATen's operations that write numbers into a tensor at places that are numbers themselves."""

from collections.abc import Sequence
from math import prod
from typing import Any

import torch

from adelante.network.operations import arithmetic, choices, made, moves, scatters
from adelante.tracing.aten.registry import Builder, Refused, dtype_name, given, stands_for
from adelante.tracing.aten.shapes import one_left


@stands_for("scatter", "scatter_")
def _scatter(b: Builder, x: str, dim: int, index: str, src: Any, *, reduce: str | None = None) -> str:
    if reduce == "add" and isinstance(src, str):
        return _scatter_add(b, x, dim, index, src)
    if reduce is not None:
        raise Refused(f"scatter that reduces ({reduce})")
    if isinstance(src, str):
        return b.emit(scatters.Scatter(dim), x, index, src)
    return b.emit(scatters.Scatter(dim, src), x, index)


@stands_for("scatter_add", "scatter_add_")
def _scatter_add(b: Builder, x: str, dim: int, index: str, src: str) -> str:
    return b.emit(scatters.ScatterAdd(dim), x, index, src)


@stands_for("scatter_reduce", "scatter_reduce_")
def _scatter_reduce(
    b: Builder, x: str, dim: int, index: str, src: str, reduce: str, *, include_self: bool = True
) -> str:
    if reduce != "sum" or not include_self:
        raise Refused(f"scatter_reduce by {reduce}")
    return _scatter_add(b, x, dim, index, src)


@stands_for("index_add", "index_add_")
def _index_add(b: Builder, x: str, dim: int, index: str, src: str, *, alpha: float = 1) -> str:
    if alpha != 1:
        src = b.emit(arithmetic.Mul(scalar=alpha), src)
    before = dim % max(len(b.shape(x)), 1)
    return b.emit(scatters.IndexAdd((False,) * before + (True,)), x, src, index)


@stands_for("index_put", "index_put_", "_unsafe_index_put", "_index_put_impl", "_index_put_impl_")
def _index_put(
    b: Builder, x: str, indices: Sequence[str | None], values: str, accumulate: bool = False, unsafe: bool = False
) -> str:
    """x[mask] = number, x[:, places] = numbers, or + where it accumulates."""
    if any(each is not None and b.dtype(each) == torch.bool for each in indices):
        return _masked_put(b, x, indices, values, accumulate)
    by = tuple(each is not None for each in indices)
    operation = scatters.IndexAdd(by) if accumulate else scatters.IndexPut(by)
    return b.emit(operation, x, values, *given(*indices))


@stands_for("max_unpool2d", "max_unpool3d")
def _max_unpool(b: Builder, x: str, indices: str, output_size: Sequence[Any], *_: Any) -> str:
    """0 everywhere but at the places that max_pool has kept, counted within each channel."""
    shape = b.shape(x)
    channels = shape[: len(shape) - len(output_size)]
    if not all(isinstance(each, int) for each in output_size):
        raise Refused("max_unpool to a size that depends on the batch")
    size, inside = prod(output_size), prod(shape[len(channels) :])
    nothing = b.emit(made.Full((*channels, size), 0.0, dtype_name(b.dtype(x))))
    flat = [b.emit(moves.Reshape(one_left((*channels, inside))), each) for each in (indices, x)]
    laid = b.emit(scatters.Scatter(len(channels)), nothing, *flat)
    return b.emit(moves.Reshape(one_left((*channels, *output_size))), laid)


def _masked_put(b: Builder, x: str, indices: Sequence[str | None], values: str, accumulate: bool) -> str:
    mask = indices[0]
    if accumulate or len(indices) != 1 or mask is None or b.shape(values) not in ((), (1,)):
        raise Refused("an assignment by a mask of more than one number")
    behind = len(b.shape(x)) - len(b.shape(mask))
    if behind:
        mask = b.emit(moves.Reshape((*b.shape(mask), *(1,) * behind)), mask)
    return b.emit(choices.Where(), mask, values, x)
