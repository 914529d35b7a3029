"""Cutting, joining, padding, and looking numbers up, in ONNX."""

from collections.abc import Sequence

import torch

from adelante.formats.onnx.writing_rules import Call, write

_MODES = {
    "constant": "constant",
    "zeros": "constant",
    "reflect": "reflect",
    "replicate": "edge",
    "circular": "wrap",
}
"""ONNX's names for torch's ways to pad."""


def padded(call: Call, x: str, sides: Sequence[tuple[int, int]], rank: int, mode: str, value: str = "") -> str:
    """`x` with so many numbers before and after each of the last dimensions; negative counts take numbers away.

    torch does that before padding in circles, and after reflecting and replicating.
    """
    more = [(max(before, 0), max(after, 0)) for before, after in sides]
    if mode == "circular":
        return _grown(call, _shrunk(call, x, sides, rank), more, rank, mode, value)
    return _shrunk(call, _grown(call, x, more, rank, mode, value), sides, rank)


def _grown(call: Call, x: str, sides: Sequence[tuple[int, int]], rank: int, mode: str, value: str) -> str:
    if not any(map(any, sides)):
        return x
    around = [(0, 0)] * (rank - len(sides)) + list(sides)
    pads = call.ints(*(before for before, _ in around), *(after for _, after in around))
    return call.add("Pad", x, pads, *([value] if value else []), mode=_MODES[mode])


def _shrunk(call: Call, x: str, sides: Sequence[tuple[int, int]], rank: int) -> str:
    for dim, (before, after) in enumerate(sides, rank - len(sides)):
        if before < 0 or after < 0:
            x = call.cut(x, dim, max(-before, 0), after if after < 0 else None)
    return x


def _slice(call: Call) -> str:
    return call.cut(call.x, call.axis(call.dim), call.start, call.end, call.step)


def _select(call: Call) -> str:
    return call.add("Gather", call.x, call.number(call.index, torch.int64), axis=call.axis(call.dim))


def _cat(call: Call) -> str:
    # torch leaves out what is empty and of one dimension.
    taken = [k for k, each in enumerate(call.known) if each.shape != (0,) or len(call.result.shape) == 1]
    axis = call.dim % max(len(call.result.shape), 1)
    return call.add("Concat", *(call.operand(k) for k in taken), axis=axis)


def _stack(call: Call) -> str:
    axis = call.dim % (call.rank + 1)
    parts = [call.add("Unsqueeze", call.operand(k), call.ints(axis)) for k in range(len(call.operands))]
    return call.add("Concat", *parts, axis=axis)


def _pad(call: Call) -> str:
    sides = [(call.pad[k], call.pad[k + 1]) for k in range(0, len(call.pad), 2)][::-1]
    value = call.number(call.value) if call.mode == "constant" and call.value else ""
    found = padded(call, call.x, sides, call.rank, call.mode, value)
    return found if found != call.x else call.add("Identity", found)


def _roll(call: Call) -> str:
    if not call.dims:
        flat = call.add("Reshape", call.x, call.ints(-1))
        count = 1
        for dim in range(call.rank):
            count *= call.length(dim)
        return call.reshaped(_rolled(call, flat, 0, count, call.shifts[0]), call.shape)
    x = call.x
    for shift, dim in zip(call.shifts, call.dims, strict=True):
        x = _rolled(call, x, call.axis(dim), call.length(call.axis(dim)), shift)
    return x


def _rolled(call: Call, x: str, axis: int, length: int, shift: int) -> str:
    return call.add("Gather", x, call.array((torch.arange(length) - shift) % max(length, 1)), axis=axis)


def _flip(call: Call) -> str:
    if not call.dims:
        return call.add("Identity", call.x)
    axes, ends = [call.axis(dim) for dim in call.dims], torch.iinfo(torch.int64)
    back = [-1] * len(axes)
    return call.add(
        "Slice", call.x, call.ints(*back), call.ints(*([ends.min] * len(axes))), call.ints(*axes), call.ints(*back)
    )


def _laid(call: Call, src: str, axis: int, places: Sequence[int]) -> str:
    """x with src at these places of a dimension: both in a row, and from there each number's own."""
    length = call.length(axis)
    order = list(range(length))
    for k, place in enumerate(places):
        order[place] = length + k
    both = call.add("Concat", call.x, src, axis=axis)
    return call.add("Gather", both, call.ints(*order), axis=axis)


def _slice_scatter(call: Call) -> str:
    axis = call.axis(call.dim)
    places = range(call.length(axis))[call.start : call.end : call.step]
    return _laid(call, call.operand(1), axis, places)


def _select_scatter(call: Call) -> str:
    axis = call.axis(call.dim)
    src = call.add("Unsqueeze", call.operand(1), call.ints(axis))
    return _laid(call, src, axis, [call.index % call.length(axis)])


write("slice", _slice)
write("select", _select)
write("cat", _cat)
write("stack", _stack)
write("pad", _pad)
write("tril", lambda call: call.add("Trilu", call.x, call.number(call.diagonal, torch.int64), upper=0))
write("triu", lambda call: call.add("Trilu", call.x, call.number(call.diagonal, torch.int64), upper=1))
write("roll", _roll)
write("flip", _flip)
write("slice_scatter", _slice_scatter)
write("select_scatter", _select_scatter)


# Looked up


def _places(call: Call, k: int) -> str:
    """Indices in a type that ONNX takes."""
    dtype = call.known[k].dtype
    return call.operands[k] if dtype in (torch.int32, torch.int64) else call.operand(k, torch.int64)


def _index_select(call: Call) -> str:
    places = _places(call, 1)
    if not call.known[1].shape:
        places = call.add("Unsqueeze", places, call.ints(0))
    return call.add("Gather", call.x, places, axis=call.axis(call.dim))


def _index(call: Call) -> str:
    """Indexed by one tensor, or by several in step: their dimensions come first, the places as a last one."""
    given = [dim for dim, each in enumerate(call.given) if each]
    if len(given) == 1:
        return call.add("Gather", call.x, _places(call, 1), axis=given[0])
    rest = [dim for dim in range(call.rank) if dim not in given]
    wanted = max(len(each.shape) for each in call.known[1:])
    together = given == list(range(given[0], given[-1] + 1))
    # Where they stand side by side the result has their dimensions there, else in front.
    first = given[0] if together else 0
    sizes = call.result.shape[first : first + wanted]
    parts = [
        call.add("Unsqueeze", call.add("Expand", call.operand(k, torch.int64), call.graph.sizes(sizes)), call.ints(-1))
        for k in range(1, len(call.operands))
    ]
    places = call.add("Concat", *parts, axis=wanted)
    found = call.add("GatherND", call.permuted(call.x, given + rest), places)
    before = [wanted + k for k in range(first)]
    return call.permuted(found, [*before, *range(wanted), *range(wanted + first, wanted + len(rest))])


write("embedding", lambda call: call.add("Gather", call.x, _places(call, 1), axis=0))
write("gather", lambda call: call.add("GatherElements", call.x, _places(call, 1), axis=call.axis(call.dim)))
write("index_select", _index_select)
write("index", _index)
