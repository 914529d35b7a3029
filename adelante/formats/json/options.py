"""The options of every kind: which there are, what each takes, and a document's value as an operation's own."""

import math
import sys
import types
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from functools import cache, partial
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from adelante.formats.json.fields import whole
from adelante.network.errors import Fault
from adelante.network.metas import COUNTS, least_of
from adelante.network.operations import OPERATIONS, Operation, PerBatch
from adelante.network.operations.arithmetic import Paired
from adelante.network.operations.functions import FUNCTIONS, Function
from adelante.network.operations.moves import DTYPES

REQUIRED = MISSING
# A size, a stride, a number of repeats: torch counts with 64 bits, JSON's readers with 53.
_LARGEST = 2**53
# torch's tensors have at most 64 dimensions.
_MOST_ITEMS = 64
_NOT_FINITE = {"Infinity": math.inf, "-Infinity": -math.inf, "NaN": math.nan}
CHOICES: dict[str, tuple[str, ...]] = {
    "dtype": tuple(DTYPES),
    "padding": ("valid", "same"),
    "padding_mode": ("zeros", "reflect", "replicate", "circular"),
    "mode": ("constant", "reflect", "replicate", "circular"),
    "approximate": ("none", "tanh"),
}
_SENTENCES = {
    bool: "boolean-expected",
    int: "whole-number-expected",
    float: "number-expected",
    str: "text-expected",
    tuple: "array-expected",
    PerBatch: "whole-number-expected",
}


class Option(NamedTuple):
    """An option of a kind: its Python type, as annotated, and its default (REQUIRED where it has none)."""

    name: str
    type: Any
    default: Any
    sides: int = 1
    """How many numbers one number stands for where several are wanted: a kernel's sides."""


class _Wrong(Exception):
    """A value that an option does not take; `key` names the sentence."""

    def __init__(self, key: str, step: str = "", **values: Any) -> None:
        super().__init__(key)
        self.key, self.step, self.values = key, step, values


def operation_class(kind: str) -> type[Operation]:
    """The class of a kind's operations. Raises KeyError for a kind that is not known."""
    made = OPERATIONS[kind]
    if isinstance(made, partial):
        return Function if kind in FUNCTIONS else Paired
    assert isinstance(made, type)
    return made


@cache
def options_of(kind: str) -> Mapping[str, Option]:
    """The options of a kind, by name. Raises KeyError for a kind that is not known."""
    if kind in FUNCTIONS:
        found = FUNCTIONS[kind].defaults
        # None stands for a bound that is not there; every other default shows the type.
        return {
            name: Option(name, float | None if value is None else type(value), value) for name, value in found.items()
        }
    made = operation_class(kind)
    if made is Paired:
        return {}
    hints, sides = get_type_hints(made), getattr(made, "DIMS", 1)
    return {field.name: Option(field.name, hints[field.name], field.default, sides) for field in fields(made)}


def operation_from(kind: str, given: Mapping[str, Any], pointer: str) -> tuple[Operation | None, list[Fault]]:
    """The operation that a layer's options make, or every fault of them."""
    known = options_of(kind)
    faults: list[Fault] = []
    options: dict[str, Any] = {}
    for name, option in known.items():
        if name not in given:
            if option.default is REQUIRED:
                faults.append(Fault("missing-field", "missing-field", f"{pointer}/{name}", {"name": name}))
            continue
        try:
            options[name] = value_of(option, given[name])
        except _Wrong as wrong:
            values = {"name": name, **wrong.values}
            faults.append(Fault("invalid-value", wrong.key, f"{pointer}/{name}{wrong.step}", values))
    return (None if faults else OPERATIONS[kind](**options)), faults


def value_of(option: Option, value: Any) -> Any:
    """A document's value as an operation's option. Raises what `operation_from` tells of as a fault."""
    allowed = CHOICES.get(option.name)
    if isinstance(value, str) and allowed is not None and _takes(option.type, str):
        if value not in allowed:
            raise _Wrong("not-one-of", expected=", ".join(allowed))
        return value
    kinds = list(kinds_in(option.type))
    if tuple in map(_base, kinds) and int not in kinds and type(value) is not list and value is not None:
        # As torch takes them: dim=1 for dim=(1,), output_size=7 for output_size=(7, 7).
        inner = get_args(next(each for each in kinds if _base(each) is tuple))
        count = option.sides if Ellipsis in inner or len(inner) == 1 else len(inner)
        if float not in kinds:
            value = [value] * count
    found = _converted(kinds, value)
    if option.name in COUNTS and least_of(found) < 1:
        raise _Wrong("too-small", least=1)
    return found


def _takes(wanted: Any, kind: type) -> bool:
    return kind in kinds_in(wanted)


def kinds_in(wanted: Any) -> Iterator[Any]:
    """The members of a union, or the one type there is."""
    if get_origin(wanted) in (Union, types.UnionType):
        for each in get_args(wanted):
            yield from kinds_in(each)
    else:
        yield wanted


def _base(kind: Any) -> Any:
    return get_origin(kind) or kind


def _converted(kinds: list[Any], value: Any) -> Any:
    if value is None and type(None) in kinds:
        return None
    if type(value) is bool and bool in kinds:
        return value
    if type(value) in (int, float):
        return _number(kinds, value)
    if isinstance(value, str) and str in kinds:
        return value
    if isinstance(value, str) and float in kinds and value in _NOT_FINITE:
        return _NOT_FINITE[value]
    if isinstance(value, dict) and PerBatch in kinds:
        return _per_batch(value)
    for kind in kinds:
        if _base(kind) is tuple and isinstance(value, list):
            return _items(kind, value)
    raise _wrong(kinds)


def _number(kinds: list[Any], value: float) -> Any:
    if int in kinds and (isinstance(value, int) or (float not in kinds and value.is_integer())):
        if abs(value) > _LARGEST:
            raise _Wrong("not-held", dtype="int64", largest=_LARGEST)
        return int(value)
    if float in kinds:
        if isinstance(value, float):
            if math.isinf(value):
                raise _Wrong("not-held", dtype="float64", largest=sys.float_info.max)
            return value
        # A whole number stays one: torch counts on with integers where both are.
        if abs(value) <= _LARGEST:
            return value
        raise _Wrong("not-held", dtype="int64", largest=_LARGEST)
    raise _wrong(kinds)


def _wrong(kinds: list[Any]) -> _Wrong:
    bases = [_base(kind) for kind in kinds]
    return _Wrong(next((_SENTENCES[base] for base in bases if base in _SENTENCES), "number-expected"))


def _items(kind: Any, value: list[Any]) -> tuple[Any, ...]:
    inner = get_args(kind)
    many = len(inner) == 2 and inner[1] is Ellipsis
    if len(value) > _MOST_ITEMS:
        raise _Wrong("too-many-items", expected=_MOST_ITEMS)
    if not many and len(value) != len(inner):
        key = "too-few-items" if len(value) < len(inner) else "too-many-items"
        raise _Wrong(key, expected=len(inner))
    found = []
    for k, each in enumerate(value):
        try:
            found.append(_converted(list(kinds_in(inner[0 if many else k])), each))
        except _Wrong as wrong:
            raise _Wrong(wrong.key, f"/{k}{wrong.step}", **wrong.values) from None
    return tuple(found)


def _per_batch(value: dict[str, Any]) -> PerBatch:
    times, plus = whole(value.get("batch", 1)), whole(value.get("plus", 0))
    if not set(value) <= {"batch", "plus"} or times is None or plus is None:
        raise _Wrong("whole-number-expected")
    if max(abs(times), abs(plus)) > _LARGEST:
        raise _Wrong("not-held", dtype="int64", largest=_LARGEST)
    return PerBatch(times, plus)


def written_options(operation: Operation) -> dict[str, Any]:
    """The options that are not at their defaults, as a document has them."""
    known = options_of(operation.kind)
    given = ((name, value, known[name].default) for name, value in operation.options.items())
    return {name: written(value) for name, value, usual in given if value != usual or type(value) is not type(usual)}


def written(value: Any) -> Any:
    """An option's value as JSON has it."""
    if isinstance(value, PerBatch):
        return {"batch": value.times, "plus": value.plus}
    if isinstance(value, tuple):
        return [written(each) for each in value]
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    return value
