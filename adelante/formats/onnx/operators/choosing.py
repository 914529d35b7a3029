"""Operators that choose or add up: where, reductions, the largest, running sums."""

from collections.abc import Callable
from typing import Any

import torch

from adelante.formats.onnx.operators.moves import axes_of
from adelante.formats.onnx.operators.pointwise import cast
from adelante.formats.onnx.operators.registry import Builder, OnnxNode, Value, reads
from adelante.formats.onnx.refusals import Refused
from adelante.formats.onnx.values import dimension
from adelante.network.operations import Operation, arithmetic, choices, lookups, moves, ranking, reductions, slices
from adelante.network.operations.functions import Function

Pair = tuple[int, ...]


@reads("Where")
def _where(b: Builder, node: OnnxNode, condition: Value, x: Value, y: Value) -> Value:
    first, second = (_stands_alone(b, one, other) for one, other in ((x, y), (y, x)))
    if first is not None:
        return b.emit(choices.Where(scalar=first), condition, y)
    if second is not None:
        return b.emit(choices.Where(other_scalar=second), condition, x)
    return b.emit(choices.Where(), condition, x, y)


def _stands_alone(b: Builder, value: Value, other: Value) -> float | None:
    """The number of a tensor of one, in place of which an option may stand beside the other tensor."""
    alone = value.rank == 0 and value.dtype == other.dtype and other.rank > 0
    return b.number(value) if alone and other.constant is None else None


def _reduction(build: Callable[[Builder, Value, Pair, bool], Value], *, alone: bool) -> Callable[..., Value]:
    """What puts numbers together along dimensions; `alone` says that it changes one number by itself too."""

    def translation(b: Builder, node: OnnxNode, x: Value, axes: Value | None = None) -> Value:
        dims = axes_of(b, node, axes, x.rank)
        keep, nothing = bool(node.whole("keepdims", 1)), bool(node.whole("noop_with_empty_axes"))
        if not x.rank or (not dims and nothing):
            # Nothing is put together, but squares and logarithms are taken.
            return build(b, b.emit(moves.Unsqueeze(x.rank), x), (x.rank,), False) if alone else x
        return build(b, x, tuple(dims or range(x.rank)), keep)

    return translation


def _simply(operation: Callable[[Any, bool], Operation]) -> Callable[[Builder, Value, Pair, bool], Value]:
    def build(b: Builder, x: Value, dims: Pair, keep: bool) -> Value:
        found = b.emit(operation(dims, keep), x)
        # torch adds up whole numbers as int64.
        return cast(b, found, x.dtype)

    return build


def _after(name: str) -> Callable[[Builder, Value, Pair, bool], Value]:
    """The sum of a function of each number."""

    def build(b: Builder, x: Value, dims: Pair, keep: bool) -> Value:
        return cast(b, b.emit(reductions.Sum(dims, keep), b.emit(Function.named(name), x)), x.dtype)

    return build


def _product(b: Builder, x: Value, dims: Pair, keep: bool) -> Value:
    for dim in sorted(dims, reverse=True):
        x = b.emit(reductions.Prod(dim, keep), x)
    return x


def _log_sum_exp(b: Builder, x: Value, dims: Pair, keep: bool) -> Value:
    largest = b.emit(choices.Amax(dims, True), x)
    total = b.emit(reductions.Sum(dims, True), b.function("exp", b.emit(arithmetic.Sub(), x, largest)))
    found = b.emit(arithmetic.Add(), b.function("log", total), largest)
    return found if keep else b.emit(moves.Squeeze(dims), found)


_SUMMED = _simply(reductions.Sum)
_REDUCTIONS: dict[str, Callable[[Builder, Value, Pair, bool], Value]] = {
    "ReduceSum": _SUMMED,
    "ReduceMean": _simply(reductions.Mean),
    "ReduceMax": _simply(choices.Amax),
    "ReduceMin": _simply(choices.Amin),
    "ReduceProd": _product,
    "ReduceL1": _after("abs"),
    "ReduceSumSquare": _after("square"),
    "ReduceL2": lambda b, x, dims, keep: b.function("sqrt", _after("square")(b, x, dims, keep)),
    "ReduceLogSum": lambda b, x, dims, keep: b.function("log", _SUMMED(b, x, dims, keep)),
    "ReduceLogSumExp": _log_sum_exp,
}
_ALONE = ("ReduceL1", "ReduceSumSquare", "ReduceL2", "ReduceLogSum")
for _name, _build in _REDUCTIONS.items():
    reads(_name)(_reduction(_build, alone=_name in _ALONE))


def _place(operation: Callable[[Pair, bool], Operation]) -> Callable[[Builder, OnnxNode, Value], Value]:
    def translation(b: Builder, node: OnnxNode, x: Value) -> Value:
        node.only("select_last_index", 0)
        return b.emit(operation((dimension(node.whole("axis"), max(x.rank, 1)),), bool(node.whole("keepdims", 1))), x)

    return translation


reads("ArgMax")(_place(choices.Argmax))
reads("ArgMin")(_place(choices.Argmin))


@reads("TopK")
def _top_k(b: Builder, node: OnnxNode, x: Value, k: Value | None = None) -> tuple[Value, Value]:
    node.ignore("sorted")
    count = node.whole("k") if k is None else b.wholes(k, "k")[0]
    dim = dimension(node.whole("axis", -1), x.rank)
    places = b.emit(ranking.Argtopk(count, dim, bool(node.whole("largest", 1))), x)
    return b.emit(lookups.Gather(dim), x, places), places


@reads("CumSum")
def _cumsum(b: Builder, node: OnnxNode, x: Value, axis: Value) -> Value:
    def sums(turned: Value, dim: int) -> Value:
        found = cast(b, b.emit(reductions.Cumsum(dim), turned), x.dtype)
        return b.emit(arithmetic.Sub(), found, turned) if node.whole("exclusive") else found

    return _along(b, node, x, axis, sums)


@reads("CumProd")
def _cumprod(b: Builder, node: OnnxNode, x: Value, axis: Value) -> Value:
    node.only("exclusive", 0)
    return _along(b, node, x, axis, lambda turned, dim: cast(b, b.emit(reductions.Cumprod(dim), turned), x.dtype))


def _along(b: Builder, node: OnnxNode, x: Value, axis: Value, running: Callable[[Value, int], Value]) -> Value:
    """What runs along an axis, from its end where the node says so."""
    dim = dimension(b.wholes(axis, "axis")[0], x.rank)
    if not node.whole("reverse"):
        return running(x, dim)
    return b.emit(slices.Flip((dim,)), running(b.emit(slices.Flip((dim,)), x), dim))


@reads("OneHot")
def _one_hot(b: Builder, node: OnnxNode, indices: Value, depth: Value, values: Value) -> Value:
    (count,), both = b.wholes(depth, "depth"), b.known(values, "values")
    rank = indices.rank + 1
    axis = dimension(node.whole("axis", -1), rank)
    if not 0 < count <= 1 << 24:
        raise Refused("onnx-attribute", attribute="depth", value=str(count))
    indices = b.emit(moves.Unsqueeze(axis), cast(b, indices, torch.int64))
    places = b.whole(list(range(count)))
    wanted = b.emit(moves.Reshape((*(1,) * axis, count, *(1,) * (rank - axis - 1))), places)
    same = b.emit(arithmetic.Paired("eq_to"), indices, wanted)
    off, on = (b.constant(each.reshape(())) for each in both.unbind())
    return b.emit(choices.Where(), same, on, off)
