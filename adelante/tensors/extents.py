"""How large a result will be, told before any memory is spent. Where an operation will be refused, any answer does."""

from itertools import zip_longest
from math import ceil, isfinite, prod
from typing import Any

from adelante.tensors.call import Call, Shape
from adelante.tensors.memory import Value

# More than any limit allows.
_ENDLESS = 2**63


def cells_of(shape: Shape) -> int:
    """The numbers that a shape holds, a size of zero counted as one: [[], [], []] takes room too."""
    return prod(max(size, 1) for size in shape)


def none(call: Call) -> Shape:
    """Next to nothing: no tensor is made."""
    return ()


def of_shape(call: Call) -> Shape:
    """The shape that is written as the last argument."""
    shape: Shape = call.arguments[-1]
    return shape


def of_first(call: Call) -> Shape:
    """The first argument's."""
    return _shape(call.arguments[0])


def of_data(call: Call) -> Shape:
    """Nested lists', taken along their first items as torch does."""
    shape, level = [], call.arguments[0]
    while isinstance(level, list):
        shape.append(len(level))
        level = level[0] if level else 0
    return tuple(shape)


def of_range(call: Call) -> Shape:
    """arange(end), arange(start, end) and arange(start, end, step)."""
    start, end, step = (0, *call.arguments, 1) if len(call.arguments) == 1 else (*call.arguments, 1)[:3]
    if step == 0:
        return ()
    count = (end - start) / step
    return (max(ceil(count), 0) if isfinite(count) else _ENDLESS,)


def of_broadcast(call: Call) -> Shape:
    """Two operands', broadcast together."""
    return _broadcast(_shape(call.arguments[0]), _shape(call.arguments[1]))


def of_product(call: Call) -> Shape:
    """The matrix product's: rows of the first by columns of the second, over the broadcast batches of both."""
    left, right = (_shape(argument) for argument in call.arguments)
    rows = left[-2:-1]
    columns = right[-1:] if len(right) > 1 else ()
    return (*_broadcast(left[:-2], right[:-2]), *rows, *columns)


def _shape(argument: Any) -> Shape:
    return argument.shape if isinstance(argument, Value) else ()


def _broadcast(left: Shape, right: Shape) -> Shape:
    """The larger size of each dimension, which is the broadcast one where there is one."""
    pairs = zip_longest(reversed(left), reversed(right), fillvalue=1)
    return tuple(max(pair) for pair in pairs)[::-1]
