"""The same numbers at other places, in ONNX."""

import torch

from adelante.formats.onnx.writing_graph import TYPES
from adelante.formats.onnx.writing_rules import Call, write
from adelante.network.operations import PerBatch


def _reshape(call: Call) -> str:
    return call.reshaped(call.x, call.result.shape)


def _flatten(call: Call) -> str:
    if call.rank > 1 and call.axis(call.start_dim) == 1 and call.axis(call.end_dim) == call.rank - 1:
        return call.add("Flatten", call.x, axis=1)
    return call.reshaped(call.x, call.result.shape)


def _permute(call: Call) -> str:
    return call.permuted(call.x, [call.axis(each) for each in call.dims])


def _transpose(call: Call) -> str:
    order = list(range(call.rank))
    one, other = call.axis(call.dim0), call.axis(call.dim1)
    if order:
        order[one], order[other] = order[other], order[one]
    return call.permuted(call.x, order)


def _squeeze(call: Call) -> str:
    dims = range(call.rank) if call.dim is None else map(call.axis, call.dim)
    ones = [dim for dim in dims if call.rank and call.shape[dim] == 1]
    return call.add("Squeeze", call.x, call.ints(*ones)) if ones else call.add("Identity", call.x)


def _unsqueeze(call: Call) -> str:
    return call.add("Unsqueeze", call.x, call.ints(call.dim % (call.rank + 1)))


def _expand(call: Call) -> str:
    """Sizes of 1 leave ONNX's as they are."""
    before = len(call.result.shape) - call.rank
    sizes = [1 if k >= before and call.shape[k - before] == size else size for k, size in enumerate(call.result.shape)]
    return call.add("Expand", call.x, call.graph.sizes(sizes))


def _repeat(call: Call) -> str:
    more = len(call.repeats) - call.rank
    x = call.add("Unsqueeze", call.x, call.ints(*range(more))) if more else call.x
    return call.add("Tile", x, call.graph.sizes(call.repeats))


def _repeat_interleave(call: Call) -> str:
    """(…, n, …) as (…, n, repeats, …), and then as (…, n · repeats, …)."""
    axis = call.axis(call.dim)
    x = call.add("Unsqueeze", call.x, call.ints(axis + 1))
    times = [1] * (call.rank + 1)
    times[axis + 1] = call.repeats
    return call.reshaped(call.add("Tile", x, call.ints(*times)), call.result.shape)


def _diagonal(call: Call) -> str:
    """The two dimensions behind the others and as one, of which every (columns + 1)th is taken."""
    pair = [call.axis(call.dim1), call.axis(call.dim2)]
    rest = [dim for dim in range(call.rank) if dim not in pair]
    columns, count = call.length(pair[1]), call.fixed(call.result.shape[-1])
    first = call.offset if call.offset > 0 else -call.offset * columns
    x = call.permuted(call.x, rest + pair)
    x = call.reshaped(x, (*(call.shape[dim] for dim in rest), call.length(pair[0]) * columns))
    places = first + (columns + 1) * torch.arange(count)
    return call.add("Gather", x, call.array(places), axis=len(rest))


def _windows(call: Call) -> str:
    """Each window's places are looked up, and its numbers go last."""
    axis = call.axis(call.dim)
    count = (call.length(axis) - call.size) // call.step + 1
    places = call.step * torch.arange(count).unsqueeze(1) + torch.arange(call.size)
    found = call.add("Gather", call.x, call.array(places), axis=axis)
    order = [dim for dim in range(call.rank + 1) if dim != axis + 1]
    return call.permuted(found, [*order, axis + 1])


write("copy", "Identity")
write("detach", "Identity")
write("cast", lambda call: call.add("Cast", call.x, to=TYPES[call.dtype]))
write("reshape", _reshape)
write("flatten", _flatten)
write("unflatten", _reshape)
write("permute", _permute)
write("transpose", _transpose)
write("squeeze", _squeeze)
write("unsqueeze", _unsqueeze)
write("expand", _expand)
write("repeat", _repeat)
write("repeat_interleave", _repeat_interleave)
write("diagonal", _diagonal)
write("windows", _windows)


# What is made of nothing


def _full(call: Call) -> str:
    return call.add("Expand", call.number(call.fill_value), call.graph.sizes(call.result.shape))


_COUNTED = (torch.float32, torch.float64, torch.int16, torch.int32, torch.int64)


def _arange(call: Call) -> str:
    dtype = call.dtype if call.dtype in _COUNTED else torch.float32
    end = call.end[0] if isinstance(call.end, tuple) else call.end
    if isinstance(end, PerBatch):
        last = call.cast(call.add("Squeeze", call.graph.sizes([end])), torch.int64, dtype)
    else:
        last = call.number(end, dtype)
    found = call.add("Range", call.number(call.start, dtype), last, call.number(call.step, dtype))
    return call.cast(found, dtype, call.dtype)


write("full", _full)
write("arange", _arange)
write("scalar_tensor", lambda call: call.add("Identity", call.number(call.value)))
