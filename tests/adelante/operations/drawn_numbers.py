"""Arithmetic, functions of one and two numbers, choices, sums."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from adelante.network.operations.functions import FUNCTIONS
from tests.adelante.operations.drawn import (
    Case,
    Drawer,
    chance,
    choice,
    dim,
    dims,
    draws,
    mask,
    numbers,
    shape,
    size,
    under,
    whole,
)

# torch's name, where it differs from ours.
_CALLED: dict[str, Any] = {
    "identity": torch.clone,
    "log_sigmoid": F.logsigmoid,
    "pow_of": lambda x, base: base**x,
    "floor_divide": lambda x, other: torch.div(x, other, rounding_mode="floor"),
    "lt_than": torch.lt,
    "le_than": torch.le,
    "gt_than": torch.gt,
    "ge_than": torch.ge,
    "remainder_of": torch.remainder,
    "fmod_of": torch.fmod,
    "floor_divide_by": lambda x, y: torch.div(x, y, rounding_mode="floor"),
    "prelu": lambda x, y: torch.where(x > 0, x, y * x),
    "eq_to": torch.eq,
    "ne_to": torch.ne,
    "pow_to": torch.pow,
}
_POSITIVE = {"log", "log2", "log10", "log1p", "sqrt", "rsqrt", "reciprocal", "pow"}
_UNIT = {"asin", "acos", "atanh"}
_OPTIONS: dict[str, dict[str, tuple[Any, ...]]] = {
    "leaky_relu": {"negative_slope": (0.01, 0.3)},
    "elu": {"alpha": (1.0, 0.5)},
    "celu": {"alpha": (1.0, 0.5)},
    "gelu": {"approximate": ("none", "tanh")},
    "softplus": {"beta": (1.0, 2.0), "threshold": (20.0, 1.0)},
    "hardtanh": {"min_val": (-1.0, -0.5), "max_val": (1.0, 0.25)},
    "hardshrink": {"lambd": (0.5, 0.1)},
    "softshrink": {"lambd": (0.5, 0.1)},
    "threshold": {"threshold": (0.0, 0.5), "value": (0.0, -3.0)},
    "pow": {"exponent": (2.0, 0.5, -1.0, 3)},
    "pow_of": {"base": (2.0, 0.5)},
    "clamp": {"min": (-0.5, 0), "max": (0.5, None)},
    "remainder": {"other": (1.0, -0.7)},
    "fmod": {"other": (1.0, 0.7)},
    "floor_divide": {"other": (1.0, -0.7)},
    **{name: {"other": (0.0, 0.5)} for name in ("eq", "ne", "lt", "le", "gt", "ge")},
}


def _torchs(name: str) -> Any:
    if name in _CALLED:
        return _CALLED[name]
    return getattr(torch, name) if hasattr(torch, name) else getattr(F, name)


@draws(*FUNCTIONS)
def _function(draw: Drawer, kind: str) -> Case:
    sizes = shape(draw, 1, 3)
    x = whole(draw, 8, *sizes) if kind == "bitwise_not" else numbers(draw, *sizes) * 2
    if kind in _POSITIVE:
        x = x.abs() + 0.1
    if kind == "acosh":
        x = x.abs() + 1
    if kind in _UNIT:
        x = torch.sin(x).float().double()
    options = {name: choice(draw, *among) for name, among in _OPTIONS.get(kind, {}).items()}
    assert set(options) == set(FUNCTIONS[kind].defaults), f"{kind} has other options than are drawn"
    function = _torchs(kind)
    return Case(options, (x,), lambda x: function(x, **options), rows=True)


_BITWISE = ("bitwise_and", "bitwise_or", "bitwise_xor")
_OF_TWO = (
    *("eq_to", "ne_to", "lt_than", "le_than", "gt_than", "ge_than", "logical_and", "logical_or", "logical_xor"),
    *("pow_to", "remainder_of", "fmod_of", "hypot", "floor_divide_by", "atan2", "maximum", "minimum", "prelu"),
)


@draws(*_BITWISE, *_OF_TWO)
def _paired(draw: Drawer, kind: str) -> Case:
    sizes = shape(draw, 1, 3)
    other = under(draw, sizes)
    if kind in _BITWISE:
        return Case({}, (whole(draw, 8, *sizes), whole(draw, 8, *other)), getattr(torch, kind))
    x = numbers(draw, *sizes, positive=kind == "pow_to")
    return Case({}, (x, numbers(draw, *other)), _torchs(kind))


@draws("add", "sub", "mul", "div")
def _arithmetic(draw: Drawer, kind: str) -> Case:
    sizes = shape(draw, 1, 3)
    x, options = numbers(draw, *sizes), {}
    if kind in ("add", "sub"):
        options["alpha"] = choice(draw, 1, 2, -0.5)
    function: Any = getattr(torch, kind)
    if chance(draw):
        y = numbers(draw, *under(draw, sizes))
        return Case(options, (x, y), lambda x, y: function(x, y, **options))
    scalar = choice(draw, 3, -0.5)
    if kind == "sub" and chance(draw):
        called = {**options, "scalar": scalar, "reverse": True}
        return Case(called, (x,), lambda x: torch.rsub(x, scalar, **options), rows=True)
    return Case({**options, "scalar": scalar}, (x,), lambda x: function(x, scalar, **options), rows=True)


@draws("where")
def _where(draw: Drawer, kind: str) -> Case:
    sizes = shape(draw, 1, 3)
    condition = mask(draw, *sizes)
    first = 2.5 if chance(draw) else numbers(draw, *under(draw, sizes))
    second = -0.5 if chance(draw) and isinstance(first, Tensor) else numbers(draw, *under(draw, sizes))
    options = {
        name: each for name, each in (("scalar", first), ("other_scalar", second)) if not isinstance(each, Tensor)
    }
    operands = (condition, *(each for each in (first, second) if isinstance(each, Tensor)))

    def torchs(condition: Tensor, *rest: Tensor) -> Tensor:
        given = iter(rest)
        one, other = (each if not isinstance(each, Tensor) else next(given) for each in (first, second))
        return torch.where(condition, one, other)

    return Case(options, operands, torchs)


@draws("masked_fill")
def _masked_fill(draw: Drawer, kind: str) -> Case:
    sizes = shape(draw, 1, 3)
    value = choice(draw, float("-inf"), 0.5)
    operands = (numbers(draw, *sizes), mask(draw, *under(draw, sizes)))
    return Case({"value": value}, operands, lambda x, mask: x.masked_fill(mask, value))


@draws("amax", "amin", "sum", "mean")
def _over(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 1, 4))
    along = None if chance(draw) else dims(draw, x.dim())
    keepdim = chance(draw)
    function: Any = getattr(torch, kind)

    def torchs(x: Tensor) -> Tensor:
        found: Tensor = function(x, tuple(range(x.dim())) if along is None else along, keepdim)
        return found

    return Case({"dim": along, "keepdim": keepdim}, (x,), torchs)


@draws("argmax", "argmin")
def _place(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 1, 3))
    along = None if chance(draw) else dim(draw, x.dim())
    keepdim = chance(draw)
    function: Any = getattr(torch, kind)
    options = {"dim": None if along is None else (along,), "keepdim": keepdim}
    return Case(options, (x,), lambda x: function(x, along, keepdim))


@draws("argsort", "argtopk")
def _in_order(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 2, 3))
    along, first = dim(draw, x.dim(), least=1), chance(draw)
    if kind == "argsort":
        options = {"dim": along, "descending": first}
        return Case(options, (x,), lambda x: torch.sort(x, along, first).indices, rows=True)
    count = size(draw, 1, x.shape[along])
    options = {"k": count, "dim": along, "largest": first}
    return Case(options, (x,), lambda x: torch.topk(x, count, along, first).indices, rows=True)


@draws("prod")
def _prod(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 1, 3))
    if chance(draw):
        return Case({}, (x,), torch.prod)
    along, keepdim = dim(draw, x.dim()), chance(draw)
    return Case({"dim": along, "keepdim": keepdim}, (x,), lambda x: torch.prod(x, along, keepdim))


@draws("cumsum", "cumprod")
def _up_to(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 2, 3))
    along = dim(draw, x.dim(), least=1)
    function: Any = getattr(torch, kind)
    return Case({"dim": along}, (x,), lambda x: function(x, along), rows=True)


@draws("cummax", "cummin")
def _extreme_up_to(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 2, 3))
    along = dim(draw, x.dim(), least=1)
    function: Any = getattr(torch, kind)
    return Case({"dim": along}, (x,), lambda x: function(x, along).values, rows=True)


@draws("cast")
def _cast(draw: Drawer, kind: str) -> Case:
    dtype = choice(draw, "float32", "float64", "float16", "bfloat16", "int64", "int32", "bool")
    x = numbers(draw, *shape(draw, 1, 3)) * size(draw, 1, 4)
    return Case({"dtype": dtype}, (x,), lambda x: x.to(getattr(torch, dtype)), rows=True)
