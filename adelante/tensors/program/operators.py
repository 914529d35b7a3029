"""Python's operators: on tensors and arrays they are steps like any other; on plain numbers every result is bounded."""

import ast
import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from torch import Tensor

from adelante.tensors.hints import look, of_operands, of_operands_in_place, of_product
from adelante.tensors.program import sizes
from adelante.tensors.program.faults import Lacks
from adelante.tensors.program.machine import Machine, weight
from adelante.tensors.program.values import (
    CELLS,
    MOVED,
    PLACED,
    PRODUCT,
    Function,
    as_argument,
    is_data,
    is_own,
    type_name,
)

# A seed has 64 bits; no number of a program needs many more.
MOST_BITS = 128
_LONGEST = 10_000

_Do = Callable[[Any, Any], Any]
BINARY: dict[type[ast.operator], tuple[str, _Do, _Do]] = {
    ast.Add: ("+", operator.add, operator.iadd),
    ast.Sub: ("-", operator.sub, operator.isub),
    ast.Mult: ("*", operator.mul, operator.imul),
    ast.Div: ("/", operator.truediv, operator.itruediv),
    ast.FloorDiv: ("//", operator.floordiv, operator.ifloordiv),
    ast.Mod: ("%", operator.mod, operator.imod),
    ast.Pow: ("** or pow()", operator.pow, operator.ipow),
    ast.MatMult: ("@", operator.matmul, operator.imatmul),
    ast.BitAnd: ("&", operator.and_, operator.iand),
    ast.BitOr: ("|", operator.or_, operator.ior),
    ast.BitXor: ("^", operator.xor, operator.ixor),
    ast.LShift: ("<<", operator.lshift, operator.ilshift),
    ast.RShift: (">>", operator.rshift, operator.irshift),
}
COMPARED: dict[type[ast.cmpop], tuple[str, _Do]] = {
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
}
UNARY: dict[type[ast.unaryop], tuple[str, Callable[[Any], Any]]] = {
    ast.USub: ("-", operator.neg),
    ast.UAdd: ("+", operator.pos),
    ast.Invert: ("~", operator.invert),
}
_PRODUCT = Function("@", operator.matmul, sizes.product, PRODUCT, of_product)
_CELLWISE = {
    each: Function(sign, do, sizes.widest, CELLS, of_operands)
    for each, (sign, do, _) in BINARY.items()
    if each is not ast.MatMult
}
_IN_PLACE = {
    each: Function(f"{sign}=", do, sizes.widest, CELLS, of_operands_in_place, writes=True)
    for each, (sign, _, do) in BINARY.items()
}
# What `left += right` does where left is a plain number: a new value, with torch's words for this sign.
_ANEW = {each: replace(function, writes=False) for each, function in _IN_PLACE.items()} | {
    ast.MatMult: replace(_IN_PLACE[ast.MatMult], size=sizes.product, marks=PRODUCT, writes=False)
}
_COMPARISONS = {each: Function(sign, do, sizes.widest, CELLS, of_operands) for each, (sign, do) in COMPARED.items()}
_SIGNS = {each: Function(f"unary {sign}", do, sizes.widest, CELLS, look) for each, (sign, do) in UNARY.items()}
ITEM = Function("[]", operator.getitem, sizes.indexed, MOVED, look)
_PUT = Function("[]=", operator.setitem, lambda args, keywords: 1, PLACED, look, writes=True)
_NUMBERS, _SEQUENCES = (bool, int, float), (list, tuple, str)


def binary(machine: Machine, kind: type[ast.operator], left: Any, right: Any, names: tuple[str, str]) -> Any:
    """left + right, and its relatives."""
    if is_data(left) or is_data(right):
        function = _PRODUCT if kind is ast.MatMult else _CELLWISE[kind]
        return machine.call(function, (left, right), {}, names)
    sign, do, _ = BINARY[kind]
    return _plain(sign, kind, do, left, right)


def in_place(machine: Machine, kind: type[ast.operator], left: Any, right: Any, names: tuple[str, str]) -> Any:
    """What `left += right` leaves under the name: the same tensor, changed, or a new number."""
    if isinstance(left, Tensor | np.ndarray):
        return machine.call(_IN_PLACE[kind], (left, right), {}, names)
    if isinstance(left, list):
        raise Lacks("lab-lacks-list-change")
    if is_data(left) or is_data(right):
        return machine.call(_ANEW[kind], (left, right), {}, names)
    sign, _, do = BINARY[kind]
    return _plain(f"{sign}=", kind, do, left, right)


def compare(machine: Machine, kind: type[ast.cmpop], left: Any, right: Any, names: tuple[str, str]) -> Any:
    """left == right, and its relatives."""
    if kind in (ast.Is, ast.IsNot):
        return (left is right) == (kind is ast.Is)
    if kind in (ast.In, ast.NotIn):
        machine.step(sizes.widest((left, right), {}))
        machine.visit(weight(right, _LONGEST))
        return (left in right) == (kind is ast.In)
    if is_data(left) or is_data(right):
        return machine.call(_COMPARISONS[kind], (left, right), {}, names)
    machine.visit(weight(left, _LONGEST) + weight(right, _LONGEST))
    sign, do = COMPARED[kind]
    if isinstance(left, np.dtype) or isinstance(right, np.dtype):
        # NumPy takes Python's types for its own: np.dtype("float64") == float.
        return do(as_argument(left), as_argument(right))
    if (is_own(left) or is_own(right)) and kind not in (ast.Eq, ast.NotEq):
        pair = f"'{type_name(left)}' and '{type_name(right)}'"
        raise TypeError(f"'{sign}' not supported between instances of {pair}")
    return do(left, right)


def unary(machine: Machine, kind: type[ast.unaryop], value: Any, name: str) -> Any:
    """-value, +value, ~value."""
    if is_data(value):
        return machine.call(_SIGNS[kind], (value,), {}, (name,))
    sign, do = UNARY[kind]
    if not isinstance(value, _NUMBERS):
        raise TypeError(f"bad operand type for unary {sign}: '{type_name(value)}'")
    return bounded(do(value))


def put(machine: Machine, target: Any, key: Any, value: Any, name: str) -> None:
    """target[key] = value."""
    if is_data(target):
        machine.call(_PUT, (target, key, value), {}, (name,))
    elif isinstance(target, list):
        raise Lacks("lab-lacks-list-change")
    else:
        raise TypeError(f"'{type_name(target)}' object does not support item assignment")


def remove(target: Any) -> None:
    """del target[key], which no tensor allows. Raises TypeError and ValueError in Python's words, Lacks."""
    if isinstance(target, list):
        raise Lacks("lab-lacks-list-change")
    if isinstance(target, Tensor):
        raise TypeError("Tensor does not support deleting items")
    if isinstance(target, np.ndarray):
        raise ValueError("cannot delete array elements")
    lacks = "doesn't" if isinstance(target, tuple | str | range) else "does not"
    raise TypeError(f"'{type_name(target)}' object {lacks} support item deletion")


def bounded(number: Any) -> Any:
    """A number of Python's, which are as long as memory lasts. Raises Lacks past MOST_BITS."""
    if isinstance(number, int) and number.bit_length() > MOST_BITS:
        raise Lacks("lab-too-great", bits=MOST_BITS)
    if isinstance(number, complex):
        raise Lacks("lab-lacks-numbers", dtype="complex")
    return number


def _plain(sign: str, kind: type[ast.operator], do: _Do, left: Any, right: Any) -> Any:
    """Python's own operator on what is none of torch's or NumPy's, once the result's length is known."""
    if isinstance(left, int) and isinstance(right, int):
        _check_bits(kind, left, right)
    elif kind is ast.Mod and isinstance(left, str):
        raise Lacks("lab-lacks-percent")
    elif kind is ast.Mult and (isinstance(left, _SEQUENCES) or isinstance(right, _SEQUENCES)):
        many, times = (left, right) if isinstance(left, _SEQUENCES) else (right, left)
        if isinstance(times, int) and max(weight(many, _LONGEST), len(many)) * max(times, 0) > _LONGEST:
            raise Lacks("lab-too-long-list", limit=_LONGEST)
    elif kind is ast.Add and sum(len(each) for each in (left, right) if isinstance(each, _SEQUENCES)) > _LONGEST:
        raise Lacks("lab-too-long-list", limit=_LONGEST)
    if is_own(left) or is_own(right):
        raise TypeError(f"unsupported operand type(s) for {sign}: '{type_name(left)}' and '{type_name(right)}'")
    return bounded(do(left, right))


def _check_bits(kind: type[ast.operator], left: int, right: int) -> None:
    """Raises Lacks where a power or a shift would make a number much longer than MOST_BITS."""
    grown = left.bit_length() * right if kind is ast.Pow and abs(left) > 1 else 0
    if grown - right > MOST_BITS or (kind is ast.LShift and left.bit_length() + right > MOST_BITS):
        raise Lacks("lab-too-great", bits=MOST_BITS)
