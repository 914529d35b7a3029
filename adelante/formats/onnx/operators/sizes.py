"""Arithmetic with sizes that grow with the batch, as exporters write it around Shape.

Each function is given lists of sizes, and whether they stand for one number; a size is a number, or one that grows.
"""

from collections.abc import Callable, Sequence

import torch

from adelante.formats.onnx.operators.registry import Builder, OnnxNode, Value
from adelante.formats.onnx.refusals import Refused
from adelante.formats.onnx.values import Sizes, added, divided, multiplied, product
from adelante.network.operations import PerBatch
from adelante.network.operations.operation import Size

_Rule = Callable[[Builder, OnnxNode, list[Value]], Value | None]
_LARGEST = 2**53


def of_sizes(b: Builder, node: OnnxNode, operands: Sequence[Value | None]) -> Value | None:
    """What the node gives where all it takes are sizes or known; None where that is no matter of sizes."""
    rule = _RULES.get(node.operator)
    there = [each for each in operands if each is not None]
    whole = all(each.sizes is not None or each.constant is not None for each in there)
    if rule is None or not whole or not any(each.sizes is not None for each in there):
        return None
    return rule(b, node, there)


def _of(b: Builder, value: Value) -> Sizes:
    return b.sizes(value, "sizes")


def _pairs(b: Builder, x: Value, y: Value) -> tuple[list[tuple[Size, Size]], bool]:
    """Both, number by number, and whether the result is one number."""
    left, right = _of(b, x), _of(b, y)
    count = max(len(left), len(right))
    if 1 not in (len(left), len(right)) and len(left) != len(right):
        raise Refused("onnx-of-batch")
    spread = [side * count if len(side) == 1 else side for side in (left, right)]
    return list(zip(*spread, strict=True)), max(x.rank, y.rank) == 0


def _arithmetic(function: Callable[[Size, Size], Size]) -> _Rule:
    def rule(b: Builder, node: OnnxNode, operands: list[Value]) -> Value | None:
        pairs, scalar = _pairs(b, *operands)
        node.ignore("fmod")
        return b.of_sizes(tuple(function(x, y) for x, y in pairs), scalar=scalar)

    return rule


def _extreme(largest: bool) -> Callable[[Size, Size], Size]:
    def function(x: Size, y: Size) -> Size:
        if x == y:
            return x
        growing, fixed = (x, y) if isinstance(x, PerBatch) else (y, x)
        # A batch is at least 1, and no file says how large it is at most.
        if isinstance(growing, PerBatch) and isinstance(fixed, int):
            if fixed <= growing.of(1):
                return growing if largest else fixed
            if fixed >= _LARGEST:
                return fixed if largest else growing
            raise Refused("onnx-of-batch")
        return (max if largest else min)(x, y)

    return function


def _modulo(x: Size, y: Size) -> Size:
    if isinstance(y, int) and y:
        return added(x, multiplied(divided(x, y), y), -1) if isinstance(x, PerBatch) else x % y
    raise Refused("onnx-of-batch")


def _gather(b: Builder, node: OnnxNode, operands: list[Value]) -> Value | None:
    sizes, (places, index) = _of(b, operands[0]), (b.wholes(operands[1], "indices"), operands[1])
    node.ignore("axis")
    return b.of_sizes(tuple(sizes[place] for place in places), scalar=index.rank == 0)


def _slice(b: Builder, node: OnnxNode, operands: list[Value]) -> Value | None:
    starts = [node.wholes("starts") or [], node.wholes("ends") or []]
    if len(operands) > 1:
        starts = [b.wholes(each, "starts") for each in operands[1:3]]
    node.ignore("axes")
    step = b.wholes(operands[4], "steps")[0] if len(operands) == 5 else 1
    return b.of_sizes(_of(b, operands[0])[starts[0][0] : starts[1][0] : step])


def _concat(b: Builder, node: OnnxNode, operands: list[Value]) -> Value | None:
    node.ignore("axis")
    return b.of_sizes(tuple(size for each in operands for size in _of(b, each)))


def _same(b: Builder, node: OnnxNode, operands: list[Value]) -> Value | None:
    node.ignore("to", "saturate", "round_mode")
    return operands[0]


def _unsqueeze(b: Builder, node: OnnxNode, operands: list[Value]) -> Value | None:
    node.ignore("axes")
    if operands[0].rank:
        raise Refused("onnx-of-batch")
    return b.of_sizes(_of(b, operands[0]))


def _squeeze(b: Builder, node: OnnxNode, operands: list[Value]) -> Value | None:
    node.ignore("axes", "keepdims", "noop_with_empty_axes")
    (size,) = _of(b, operands[0])
    return b.of_sizes((size,), scalar=True)


def _reshape(b: Builder, node: OnnxNode, operands: list[Value]) -> Value | None:
    node.ignore("allowzero")
    if operands[0].sizes is None:
        return None
    wanted = b.wholes(operands[1], "shape")
    if len(wanted) > 1:
        raise Refused("onnx-of-batch")
    return b.of_sizes(operands[0].sizes, scalar=not wanted)


def _reduce_prod(b: Builder, node: OnnxNode, operands: list[Value]) -> Value | None:
    node.ignore("axes", "noop_with_empty_axes")
    kept = node.whole("keepdims", 1)
    return b.of_sizes((product(_of(b, operands[0])),), scalar=not kept)


def _equal(b: Builder, node: OnnxNode, operands: list[Value]) -> Value | None:
    pairs, scalar = _pairs(b, *operands)
    found = [_are_equal(x, y) for x, y in pairs]
    return b.constant(torch.tensor(found[0] if scalar else found))


def _are_equal(x: Size, y: Size) -> bool:
    """Whether two sizes are the same for every batch; what depends on the batch itself is refused."""
    if isinstance(x, PerBatch) != isinstance(y, PerBatch):
        growing, fixed = (x, y) if isinstance(x, PerBatch) else (y, x)
        assert isinstance(growing, PerBatch)
        assert isinstance(fixed, int)
        if growing.times > 0 and fixed < growing.of(1):
            return False
        raise Refused("onnx-of-batch")
    return x == y


def _where(b: Builder, node: OnnxNode, operands: list[Value]) -> Value | None:
    condition, x, y = operands
    truths = b.wholes(condition, "condition")
    pairs, scalar = _pairs(b, x, y)
    if len(pairs) == 1:
        pairs *= len(truths)
    truths = truths * len(pairs) if len(truths) == 1 else truths
    return b.of_sizes(tuple(p if t else q for t, (p, q) in zip(truths, pairs, strict=True)), scalar=scalar)


_RULES: dict[str, _Rule] = {
    "Add": _arithmetic(added),
    "Sub": _arithmetic(lambda x, y: added(x, y, -1)),
    "Mul": _arithmetic(multiplied),
    "Div": _arithmetic(divided),
    "Mod": _arithmetic(_modulo),
    "Max": _arithmetic(_extreme(True)),
    "Min": _arithmetic(_extreme(False)),
    "Gather": _gather,
    "Slice": _slice,
    "Concat": _concat,
    **dict.fromkeys(("Identity", "Cast", "Floor", "Ceil", "Round"), _same),
    "Unsqueeze": _unsqueeze,
    **dict.fromkeys(("Squeeze", "ReduceMax", "ReduceMin"), _squeeze),
    "Reshape": _reshape,
    "ReduceProd": _reduce_prod,
    "Equal": _equal,
    "Where": _where,
}
