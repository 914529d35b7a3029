"""Moves, lookups, pictures, and what is made of nothing."""

from math import prod
from typing import Any

import torch
from hypothesis import strategies as st
from torch.nn import functional as F

from tests.adelante.operations.drawn import (
    Case,
    Drawer,
    chance,
    choice,
    dim,
    dims,
    draws,
    numbers,
    shape,
    size,
    under,
    whole,
)


@draws("reshape")
def _reshape(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 1, 4))
    wanted = list(draw(st.permutations(x.shape)))
    if chance(draw):
        wanted = [*wanted[:-2], prod(wanted[-2:])]
    if chance(draw):
        wanted[size(draw, 0, len(wanted) - 1)] = -1
    return Case({"shape": tuple(wanted)}, (x,), lambda x: x.reshape(wanted))


@draws("flatten")
def _flatten(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 2, 4))
    first = size(draw, 1, x.dim() - 1)
    last = choice(draw, -1, size(draw, first, x.dim() - 1))
    options = {"start_dim": first, "end_dim": last}
    return Case(options, (x,), lambda x: torch.flatten(x, **options), rows=True)


@draws("unflatten")
def _unflatten(draw: Drawer, kind: str) -> Case:
    sizes = shape(draw, 2, 3)
    before = shape(draw, 1, 2)
    x = numbers(draw, *before, prod(sizes))
    wanted = choice(draw, sizes, (-1, *sizes[1:]))
    along = choice(draw, -1, len(before))
    return Case({"dim": along, "sizes": wanted}, (x,), lambda x: x.unflatten(along, wanted), rows=True)


@draws("permute")
def _permute(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 1, 4))
    order = tuple(draw(st.permutations(range(x.dim()))))
    return Case({"dims": order}, (x,), lambda x: x.permute(order))


@draws("transpose")
def _transpose(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 2, 4))
    one, other = dim(draw, x.dim(), 1), dim(draw, x.dim(), 1)
    return Case({"dim0": one, "dim1": other}, (x,), lambda x: x.transpose(one, other), rows=True)


@draws("squeeze")
def _squeeze(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *(choice(draw, 1, 1, 3) for _ in range(size(draw, 2, 4))))
    if chance(draw):
        return Case({}, (x,), torch.squeeze)
    along = dims(draw, x.dim())
    return Case({"dim": along}, (x,), lambda x: torch.squeeze(x, along))


@draws("unsqueeze")
def _unsqueeze(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 1, 3))
    along = size(draw, 1, x.dim())
    return Case({"dim": along}, (x,), lambda x: x.unsqueeze(along), rows=True)


@draws("expand")
def _expand(draw: Drawer, kind: str) -> Case:
    wanted = [size(draw) for _ in range(size(draw, 1, 3))]
    x = numbers(draw, *(choice(draw, 1, each) for each in wanted))
    before = shape(draw, 0, 1)
    sizes = (*before, *(choice(draw, -1, w) if w == have else w for w, have in zip(wanted, x.shape, strict=True)))
    return Case({"size": sizes}, (x,), lambda x: x.expand(sizes))


@draws("repeat")
def _repeat(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 1, 2))
    times = (*shape(draw, 0, 1, 2), *(size(draw, 1, 3) for _ in x.shape))
    return Case({"repeats": times}, (x,), lambda x: x.repeat(times))


@draws("repeat_interleave")
def _repeat_interleave(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 2, 3))
    times, along = size(draw), dim(draw, x.dim(), 1)
    options = {"repeats": times, "dim": along}
    return Case(options, (x,), lambda x: torch.repeat_interleave(x, times, along), rows=True)


@draws("slice")
def _slice(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 2, 3), 6)
    start, end, step = size(draw, -6, 5), choice(draw, None, size(draw, -6, 8)), size(draw, 1, 3)
    options = {"dim": choice(draw, -1, x.dim() - 1), "start": start, "end": end, "step": step}
    return Case(options, (x,), lambda x: x[..., start:end:step], rows=True)


@draws("select")
def _select(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 2, 3))
    along = dim(draw, x.dim(), 1)
    index = size(draw, -x.shape[along], x.shape[along] - 1)
    return Case({"dim": along, "index": index}, (x,), lambda x: torch.select(x, along, index), rows=True)


@draws("cat", "stack")
def _joined(draw: Drawer, kind: str) -> Case:
    sizes = list(shape(draw, 2, 3))
    along = dim(draw, len(sizes), 1)
    operands = []
    for _ in range(size(draw, 1, 3)):
        if kind == "cat":
            sizes[along] = size(draw)
        operands.append(numbers(draw, *sizes))
    function: Any = getattr(torch, kind)
    return Case({"dim": along}, tuple(operands), lambda *each: function(each, along))


@draws("pad")
def _pad(draw: Drawer, kind: str) -> Case:
    mode = choice(draw, "constant", "reflect", "replicate", "circular")
    x = numbers(draw, *shape(draw, 2, 2), *shape(draw, 1, 2, 4))
    if mode == "constant":
        count = size(draw, 1, x.dim() - 1)
        # A negative one cuts off.
        pad = tuple(size(draw, -1 if x.shape[-1 - k // 2] > 2 else 0, 2) for k in range(2 * count))
        value = choice(draw, 0.0, 7.0, float("-inf"))
        return Case({"pad": pad, "value": value}, (x,), lambda x: F.pad(x, pad, value=value), rows=True)
    sides = [x.shape[-1 - k // 2] for k in range(2 * (x.dim() - 2))]
    pad = tuple(size(draw, 0, each - 1) for each in sides)
    return Case({"pad": pad, "mode": mode}, (x,), lambda x: F.pad(x, pad, mode), rows=True)


@draws("tril", "triu")
def _triangle(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 2, 3))
    diagonal = size(draw, -3, 3)
    function: Any = getattr(torch, kind)
    return Case({"diagonal": diagonal}, (x,), lambda x: function(x, diagonal), rows=x.dim() > 2)


@draws("roll")
def _roll(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 2, 3))
    along = dims(draw, x.dim())
    shifts = tuple(size(draw, -5, 5) for _ in along)
    return Case({"shifts": shifts, "dims": along}, (x,), lambda x: torch.roll(x, shifts, along))


@draws("flip")
def _flip(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 2, 3))
    along = dims(draw, x.dim())
    return Case({"dims": along}, (x,), lambda x: torch.flip(x, along))


@draws("diagonal")
def _diagonal(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 3, 4))
    options = {"offset": size(draw, -2, 2), "dim1": 1, "dim2": choice(draw, 2, -1)}
    return Case(options, (x,), lambda x: torch.diagonal(x, **options), rows=True)


@draws("windows")
def _windows(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 1, 2), size(draw, 3, 6))
    along, wide, step = choice(draw, -1, x.dim() - 1), size(draw, 1, 3), size(draw, 1, 3)
    options = {"dim": along, "size": wide, "step": step}
    return Case(options, (x,), lambda x: x.unfold(along, wide, step), rows=True)


@draws("copy", "detach")
def _copy(draw: Drawer, kind: str) -> Case:
    return Case({}, (numbers(draw, *shape(draw)),), torch.clone, rows=True)


@draws("unfold")
def _unfold(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, size(draw, 1, 2), size(draw, 1, 2), size(draw, 3, 4), size(draw, 3, 4))
    options = {
        "kernel_size": (size(draw, 1, 2), size(draw, 1, 2)),
        "dilation": (size(draw, 1, 2), 1),
        "padding": (size(draw, 0, 1), size(draw, 0, 1)),
        "stride": (1, size(draw, 1, 2)),
    }
    return Case(options, (x,), lambda x: F.unfold(x, **options), rows=True)


@draws("upsample_nearest", "upsample_bilinear2d")
def _upsample(draw: Drawer, kind: str) -> Case:
    d = 2 if kind.endswith("2d") else size(draw, 1, 3)
    x = numbers(draw, size(draw, 1, 2), size(draw, 1, 2), *(size(draw, 1, 3) for _ in range(d)))
    options: dict[str, Any] = {}
    if chance(draw):
        options["size"] = tuple(size(draw, 1, 5) for _ in range(d))
    else:
        options["scale_factor"] = tuple(choice(draw, 1.0, 4 / 3, 1.5, 2.0) for _ in range(d))
    told = {} if kind == "upsample_nearest" else {"align_corners": chance(draw)}
    mode = "nearest" if kind == "upsample_nearest" else "bilinear"
    listed: dict[str, Any] = {name: list(value) for name, value in options.items()}
    return Case({**options, **told}, (x,), lambda x: F.interpolate(x, **listed, **told, mode=mode), rows=True)


@draws("pixel_shuffle")
def _pixel_shuffle(draw: Drawer, kind: str) -> Case:
    factor = size(draw, 1, 2)
    x = numbers(draw, size(draw, 1, 2), factor**2 * size(draw, 1, 2), size(draw), size(draw))
    return Case({"upscale_factor": factor}, (x,), lambda x: F.pixel_shuffle(x, factor), rows=True)


@draws("embedding")
def _embedding(draw: Drawer, kind: str) -> Case:
    entries = size(draw, 1, 6)
    operands = (numbers(draw, entries, size(draw)), whole(draw, entries, *shape(draw, 1, 2)))
    return Case({}, operands, lambda weights, x: F.embedding(x, weights))


@draws("gather")
def _gather(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 1, 3))
    along = dim(draw, x.dim())
    places = [size(draw, 1, each) for each in x.shape]
    places[along] = size(draw)
    return Case({"dim": along}, (x, whole(draw, x.shape[along], *places)), lambda x, at: torch.gather(x, along, at))


@draws("index_select")
def _index_select(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 1, 3))
    along = dim(draw, x.dim())
    places = whole(draw, x.shape[along], size(draw))
    return Case({"dim": along}, (x, places), lambda x, at: torch.index_select(x, along, at))


@draws("index")
def _index(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 2, 3))
    given = tuple(chance(draw) for _ in x.shape)
    if not any(given):
        given = (True, *given[1:])
    wanted = shape(draw, 1, 2, 3)
    places = [whole(draw, each, *wanted) for each, named in zip(x.shape, given, strict=True) if named]

    def torchs(x: torch.Tensor, *at: torch.Tensor) -> torch.Tensor:
        each = iter(at)
        return x[tuple(next(each) if named else slice(None) for named in given)]

    return Case({"given": given}, (x, *places), torchs)


@draws("slice_scatter")
def _slice_scatter(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 1, 2), 6)
    start, end, step = size(draw, 0, 3), choice(draw, None, size(draw, 3, 6)), size(draw, 1, 2)
    src = numbers(draw, *x[..., start:end:step].shape)
    options = {"dim": choice(draw, -1, x.dim() - 1), "start": start, "end": end, "step": step}
    return Case(options, (x, src), lambda x, src: torch.slice_scatter(x, src, **options))


@draws("select_scatter")
def _select_scatter(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 2, 3))
    along = dim(draw, x.dim())
    index = size(draw, -x.shape[along], x.shape[along] - 1)
    src = numbers(draw, *torch.select(x, along, index).shape)
    options = {"dim": along, "index": index}
    return Case(options, (x, src), lambda x, src: torch.select_scatter(x, src, **options))


@draws("scatter", "scatter_add")
def _scatter(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 1, 3))
    along = dim(draw, x.dim())
    sizes = [size(draw, 1, each) for each in x.shape]
    # Each place once: which of several numbers stays there torch leaves open.
    wider = list(sizes)
    wider[along] = x.shape[along]
    places = numbers(draw, *wider).argsort(along).narrow(along, 0, sizes[along])
    src = numbers(draw, *(each + size(draw, 0, 1) for each in sizes))
    if kind == "scatter_add":
        adding = whole(draw, x.shape[along], *sizes)
        return Case({"dim": along}, (x, adding, src), lambda x, at, src: torch.scatter_add(x, along, at, src))
    if chance(draw):
        return Case({"dim": along, "value": 0.5}, (x, places), lambda x, at: torch.scatter(x, along, at, 0.5))
    return Case({"dim": along}, (x, places, src), lambda x, at, src: torch.scatter(x, along, at, src))


@draws("index_put", "index_add")
def _index_put(draw: Drawer, kind: str) -> Case:
    x = numbers(draw, *shape(draw, 2, 3))
    given = tuple(chance(draw) for _ in x.shape)
    if not any(given):
        given = (True, *given[1:])
    count = size(draw, 1, min(each for each, named in zip(x.shape, given, strict=True) if named))
    places = [numbers(draw, each).argsort()[:count] for each, named in zip(x.shape, given, strict=True) if named]
    places = [each - x.shape[dim] if chance(draw) else each for each, dim in zip(places, _named(given), strict=True)]

    def at(*places: torch.Tensor) -> tuple[Any, ...]:
        each = iter(places)
        return tuple(next(each) if named else slice(None) for named in given)

    def torchs(x: torch.Tensor, src: torch.Tensor, *places: torch.Tensor) -> torch.Tensor:
        each = iter(places)
        named = [next(each) if has else None for has in given]
        laid: torch.Tensor = torch.ops.aten.index_put(x, named, src, kind == "index_add")
        return laid

    src = numbers(draw, *under(draw, x[at(*places)].shape))
    return Case({"given": given}, (x, src, *places), torchs)


def _named(given: tuple[bool, ...]) -> list[int]:
    return [dim for dim, named in enumerate(given) if named]


@draws("full")
def _full(draw: Drawer, kind: str) -> Case:
    sizes, value = shape(draw, 0, 3), choice(draw, 1.5, -2.0)
    dtype = choice(draw, "float32", "float64", "int64")
    options = {"size": sizes, "fill_value": value, "dtype": dtype}
    return Case(options, (), lambda: torch.full(sizes, value, dtype=getattr(torch, dtype)))


@draws("arange")
def _arange(draw: Drawer, kind: str) -> Case:
    start, end, step = size(draw, -3, 3), size(draw, 4, 9), size(draw, 1, 3)
    dtype = choice(draw, "float32", "int64")
    options = {"start": start, "end": end, "step": step, "dtype": dtype}
    return Case(options, (), lambda: torch.arange(start, end, step, dtype=getattr(torch, dtype)))


@draws("scalar_tensor")
def _scalar_tensor(draw: Drawer, kind: str) -> Case:
    value = choice(draw, 1.5, -2.0)
    return Case({"value": value, "dtype": "float64"}, (), lambda: torch.tensor(value, dtype=torch.float64))
