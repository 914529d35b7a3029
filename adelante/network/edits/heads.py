"""How many heads an attention has. Several layers say so together, and change together: those that part the queries,
keys and values into heads, and what the scores are scaled by.

Of an attention the softmax over its scores is the layer that one points at.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import isclose

from adelante.network.edits.draft import Draft, DraftLayer
from adelante.network.errors import Fault, NetworkError
from adelante.network.operations.arithmetic import Div, Mul
from adelante.network.operations.matmul import Matmul
from adelante.network.operations.moves import Reshape, Unflatten
from adelante.network.operations.operation import PerBatch, Shape, Size

HEADS = "heads"
SOFTMAXES = ("softmax", "safe_softmax")
# What leaves scores where they are: between their product and the softmax.
_BETWEEN = ("mul", "div", "masked_fill", "where", "add", "sub", "copy", "cast")
# What leads from a layer's numbers to those of the heads, without another number.
_WAY = (
    *("reshape", "unflatten", "transpose", "permute", "squeeze", "unsqueeze", "copy", "cast", "expand", "select"),
    *("repeat_interleave", "mul", "div", "slice"),
)
# The scores, or the queries, are scaled by a root, or queries and keys by a fourth root each.
_POWERS = (0.5, 0.25)


def give_heads(draft: Draft, place: int, heads: int, shapes: Mapping[str, Shape], pointer: str) -> None:
    """Has the attention whose softmax is at this place have so many heads, of the same width together.

    `shapes` are those of a pass of one input. Raises NetworkError where the layer is no attention's softmax, where
    nothing parts its queries and keys into heads, and where the heads would not be equally wide.
    """
    softmax, givers = draft.layers[place], {layer.result: k for k, layer in enumerate(draft.layers)}
    scores, shape = _scores(draft, givers, softmax, shapes), shapes.get(softmax.result, ())
    if not scores or len(shape) < 3:
        raise _refusal("edited-no-heads", pointer, kind=softmax.operation.kind)
    product = draft.layers[scores[-1]]
    before, width = shape[-3], shapes[product.operands[0]][-1]
    if heads < 1 or before * width % heads:
        raise _refusal("edited-heads", pointer, got=heads, width=before * width)
    now = before * width // heads
    parted = 0
    for each in (*scores[:-1], *_ways(draft, givers, product, softmax)):
        found = _with_heads(draft.layers[each], shapes, before, width, heads)
        parted += found is not None
        draft.layers[each] = found or _rescaled(draft.layers[each], width, now)
    if not parted:
        raise _refusal("edited-no-heads", pointer, kind=softmax.operation.kind)


def _refusal(key: str, pointer: str, **values: str | int) -> NetworkError:
    return NetworkError(Fault("invalid-value", key, pointer, values))


def _scores(draft: Draft, givers: Mapping[str, int], softmax: DraftLayer, shapes: Mapping[str, Shape]) -> list[int]:
    """The layers from a softmax back to the product of queries and keys, which is the last; none of another softmax."""
    layer, shape, found = softmax, shapes.get(softmax.result), list[int]()
    if softmax.operation.kind not in SOFTMAXES:
        return []
    while True:
        place = next((givers[name] for name in layer.operands if name in givers and shapes.get(name) == shape), None)
        if place is None:
            return []
        found.append(place)
        layer = draft.layers[place]
        if isinstance(layer.operation, Matmul):
            return found
        if layer.operation.kind not in _BETWEEN:
            return []


def _ways(draft: Draft, givers: Mapping[str, int], product: DraftLayer, softmax: DraftLayer) -> Iterator[int]:
    """The layers on the way from what queries, keys and values are computed by to the heads."""
    mixes = (each for each in draft.layers if isinstance(each.operation, Matmul) and softmax.result in each.operands)
    values = [name for each in mixes for name in each.operands if name != softmax.result]
    asked, seen = [*product.operands, *values], set[int]()
    while asked:
        place = givers.get(asked.pop())
        if place is None or place in seen or draft.layers[place].operation.kind not in _WAY:
            continue
        seen.add(place)
        asked += draft.layers[place].operands
        yield place


def _with_heads(
    layer: DraftLayer, shapes: Mapping[str, Shape], before: int, width: int, heads: int
) -> DraftLayer | None:
    """A layer that parts numbers into heads of this width, for other heads; None where it does no such thing."""
    operation, shape = layer.operation, shapes.get(layer.result, ())
    if isinstance(operation, Reshape):
        sizes = _parted(operation.shape, shape, before, width, heads)
        return None if sizes is None else replace(layer, operation=replace(operation, shape=sizes))
    if isinstance(operation, Unflatten):
        parted = operation.sizes
        at = operation.dim % (len(shape) - len(parted) + 1)
        sizes = _parted(parted, shape[at : at + len(parted)], before, width, heads)
        whole = tuple(each for each in sizes or () if isinstance(each, int))
        return None if sizes is None else replace(layer, operation=replace(operation, sizes=whole))
    return None


def _parted(sizes: tuple[Size, ...], shape: Shape, before: int, width: int, heads: int) -> tuple[Size, ...] | None:
    """Sizes with heads and their width, for others; `shape` is what they come to. The width is last or next to it, the
    heads before it; either may be what is left, −1."""
    for at in (len(sizes) - 1, len(sizes) - 2):
        for of in reversed(range(at)):
            if shape[at] == width and shape[of] == before and (other := _times(sizes[of], before, heads)) is not None:
                found = list(sizes)
                found[at], found[of] = (-1 if sizes[at] == -1 else before * width // heads), other
                return tuple(found)
    return None


def _times(size: Size, before: int, heads: int) -> Size | None:
    """A size that is the heads', or the batch's times them; None for the batch's own, which one head leaves."""
    if isinstance(size, PerBatch):
        several = before > 1 and size.plus == 0 and size.times % before == 0
        return size._replace(times=size.times // before * heads) if several else None
    if size == -1:
        return size if before > 1 else None
    return heads


def _rescaled(layer: DraftLayer, width: int, now: int) -> DraftLayer:
    """A layer that scales by the heads' width, for another; any other as it is."""
    operation = layer.operation
    if not isinstance(operation, Mul | Div) or operation.scalar is None:
        return layer
    sign = 1 if isinstance(operation, Div) else -1
    powers = (sign * each for each in _POWERS)
    power = next((each for each in powers if isclose(operation.scalar, width**each, rel_tol=1e-6)), None)
    return layer if power is None else replace(layer, operation=replace(operation, scalar=now**power))
