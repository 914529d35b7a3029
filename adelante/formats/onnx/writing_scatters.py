"""Numbers laid, or added, where numbers of the pass say, in ONNX."""

from itertools import zip_longest

import torch

from adelante.formats.onnx.writing_rules import Call, write
from adelante.network.operations.operation import Size


def _elements(call: Call, src: str, reduction: str | None = None) -> str:
    index = call.operand(1, torch.int64)
    return call.add("ScatterElements", call.operand(0), index, src, axis=call.axis(call.dim), reduction=reduction)


def _cut(call: Call) -> str:
    """The part of `src` that the index names places for."""
    src = call.operand(2)
    for dim, (has, named) in enumerate(zip(call.known[2].shape, call.known[1].shape, strict=True)):
        if has != named:
            src = call.cut(src, dim, 0, call.fixed(named))
    return src


def _scatter(call: Call) -> str:
    if call.value is None:
        return _elements(call, _cut(call))
    return _elements(call, call.add("Expand", call.number(call.value), call.graph.sizes(call.known[1].shape)))


def _index_put(call: Call, reduction: str | None = None) -> str:
    """Laid over the places of tensors in step: their dimensions come first there, the places as a last one."""
    given = [dim for dim, each in enumerate(call.given) if each]
    rest = [dim for dim in range(call.rank) if dim not in given]
    places = _broadcast([each.shape for each in call.known[2:]])
    together = given == list(range(given[0], given[-1] + 1))
    first, wanted = given[0] if together else 0, len(places)
    kept = [call.shape[dim] for dim in rest]
    src = call.add("Expand", call.operand(1), call.graph.sizes([*kept[:first], *places, *kept[first:]]))
    src = call.permuted(src, [*range(first, first + wanted), *range(first), *range(first + wanted, wanted + len(rest))])
    parts = [
        call.add("Unsqueeze", call.add("Expand", call.operand(k, torch.int64), call.graph.sizes(places)), call.ints(-1))
        for k in range(2, len(call.operands))
    ]
    turned = [*given, *rest]
    at = call.add("Concat", *parts, axis=wanted)
    found = call.add("ScatterND", call.permuted(call.operand(0), turned), at, src, reduction=reduction)
    return call.permuted(found, [turned.index(dim) for dim in range(call.rank)])


def _broadcast(shapes: list[tuple[Size, ...]]) -> list[Size]:
    sizes = zip_longest(*(shape[::-1] for shape in shapes), fillvalue=1)
    return [next((each for each in several if each != 1), 1) for several in sizes][::-1]


write("scatter", _scatter)
write("scatter_add", lambda call: _elements(call, _cut(call), "add"))
write("index_put", _index_put)
write("index_add", lambda call: _index_put(call, "add"))
