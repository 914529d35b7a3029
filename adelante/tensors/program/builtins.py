"""The few of Python's own functions that torch programs need, each bounded in what it may make."""

import ast
import builtins
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
from torch import Tensor

from adelante.tensors.program import operators, sizes
from adelante.tensors.program.faults import Lacks
from adelante.tensors.program.machine import MOST_VISITED, Machine
from adelante.tensors.program.printing import MOST_PLACES
from adelante.tensors.program.values import ALL, Builtin, Function, Kind, is_data, is_own, type_name

_ROWS = Function("iter", list, sizes.first, ALL)
_ABSOLUTE = Function("abs", abs, sizes.first)


def items(machine: Machine, value: Any) -> list[Any]:
    """What a loop or an unpacking goes through: the rows of a tensor, the items of a list. Raises TypeError."""
    if isinstance(value, Tensor | np.ndarray):
        rows: list[Any] = machine.call(_ROWS, (value,), {}, ())
        return rows
    if not isinstance(value, list | tuple | range | str):
        raise TypeError(f"'{type_name(value)}' object is not iterable")
    machine.visit(len(value))
    return list(value)


def truth(value: Any) -> bool:
    """Whether it counts as true, which torch and NumPy refuse to say of several numbers."""
    return (
        bool(value)
        if is_data(value) or isinstance(value, int | float | list | tuple | str | range)
        else value is not None
    )


def _print(machine: Machine, *values: Any, sep: Any = " ", end: Any = "\n", **others: Any) -> None:
    if others:
        raise Lacks("lab-lacks-keyword", operation="print", name=next(iter(others)))
    for option, name in ((sep, "sep"), (end, "end")):
        if not isinstance(option, str | None):
            raise TypeError(f"{name} must be None or a string, not {type_name(option)}")
    machine.write(
        (" " if sep is None else sep).join(machine.text(each, str) for each in values) + ("\n" if end is None else end)
    )


def _len(machine: Machine, value: Any) -> int:
    if isinstance(value, np.dtype):
        return 0  # of fields, which it has none of
    if not isinstance(value, Tensor | np.ndarray | list | tuple | range | str):
        raise TypeError(f"object of type '{type_name(value)}' has no len()")
    return len(value)


def _range(machine: Machine, *numbers: Any) -> range:
    found = range(*(each if isinstance(each, int | np.integer | Tensor) else _whole(each) for each in numbers))
    if max(abs(found.start), abs(found.stop), abs(found.step)) > 2**63 or len(found) > MOST_VISITED:
        raise Lacks("lab-too-long-list", limit=MOST_VISITED)
    return found


def _whole(value: Any) -> Any:
    raise TypeError(f"'{type_name(value)}' object cannot be interpreted as an integer")


def _number(kind: Callable[..., Any]) -> Callable[..., Any]:
    def make(machine: Machine, *values: Any) -> Any:
        if kind is float and len(values) == 1 and isinstance(values[0], str):
            return float(values[0])
        if any(isinstance(each, str) for each in values):
            raise Lacks("lab-lacks-argument", kind="str")
        if any(not is_data(each) and not isinstance(each, int | float) for each in values):
            wanted = "a string, a bytes-like object or a real number" if kind is int else "a string or a real number"
            raise TypeError(f"{kind.__name__}() argument must be {wanted}, not '{type_name(values[0])}'")
        return operators.bounded(kind(*values))

    return make


def _bool(machine: Machine, *values: Any) -> bool:
    return truth(values[0]) if values else False


def _str(machine: Machine, *values: Any) -> str:
    return machine.text(values[0], str) if values else ""


def _list(kind: type) -> Callable[..., Any]:
    return lambda machine, *values: kind(items(machine, values[0])) if values else kind()


def _abs(machine: Machine, value: Any) -> Any:
    if is_data(value):
        return machine.call(_ABSOLUTE, (value,), {}, ())
    if not isinstance(value, int | float):
        raise TypeError(f"bad operand type for abs(): '{type_name(value)}'")
    return abs(value)


def _round(machine: Machine, value: Any, ndigits: Any = None) -> Any:
    if not isinstance(value, int | float | np.generic):
        raise TypeError(f"type {type_name(value)} doesn't define __round__ method")
    if isinstance(ndigits, int) and abs(ndigits) > MOST_PLACES:
        raise Lacks("lab-too-many-places", limit=MOST_PLACES)
    return round(value, ndigits)  # type: ignore[arg-type]  # NumPy's numbers are rounded too


def _extreme(kind: type[ast.cmpop], name: str) -> Callable[..., Any]:
    def find(machine: Machine, *values: Any) -> Any:
        found = items(machine, values[0]) if len(values) == 1 else list(values)
        if not found:
            raise ValueError(f"{name}() iterable argument is empty")

        def better(best: Any, each: Any) -> Any:
            return each if truth(operators.compare(machine, kind, each, best, ("", ""))) else best

        return reduce(better, found)

    return find


def _sum(machine: Machine, values: Any, start: Any = 0) -> Any:
    found = items(machine, values)
    if all(isinstance(each, int | float) for each in (*found, start)):
        return operators.bounded(sum(found, start))
    return reduce(lambda a, b: operators.binary(machine, ast.Add, a, b, ("", "")), found, start)


def _type(machine: Machine, value: Any) -> Kind:
    found = type(value)
    if is_own(value):
        raise Lacks("lab-lacks-argument", kind=type_name(value))
    return Kind(found.__name__, found, None)


def _pairs(machine: Machine, *values: Any) -> list[Any]:
    return list(zip(*(items(machine, each) for each in values), strict=False))


def _numbered(machine: Machine, values: Any, start: int = 0) -> list[Any]:
    return list(enumerate(items(machine, values), start))


BUILTINS: dict[str, Any] = {
    "print": Builtin("print", _print, 0, MOST_VISITED, ("sep", "end", "file", "flush")),
    "len": Builtin("len", _len),
    "range": Builtin("range", _range, 1, 3),
    "int": Kind("int", int, Builtin("int", _number(int), 0)),
    "float": Kind("float", float, Builtin("float", _number(float), 0)),
    "bool": Kind("bool", bool, Builtin("bool", _bool, 0)),
    "str": Builtin("str", _str, 0),
    "list": Builtin("list", _list(list), 0),
    "tuple": Builtin("tuple", _list(tuple), 0),
    "abs": Builtin("abs", _abs),
    "round": Builtin("round", _round, 1, 2, ("ndigits",)),
    "min": Builtin("min", _extreme(ast.Lt, "min"), 1, MOST_VISITED),
    "max": Builtin("max", _extreme(ast.Gt, "max"), 1, MOST_VISITED),
    "sum": Builtin("sum", _sum, 1, 2, ("start",)),
    "type": Builtin("type", _type),
    "zip": Builtin("zip", _pairs, 0, MOST_VISITED),
    "enumerate": Builtin("enumerate", _numbered, 1, 2, ("start",)),
}
BUILTIN_NAMES = frozenset(dir(builtins))
