"""Strict JSON (RFC 8259) in, plain Python and NumPy arrays out; every refusal names the place and the way out.

The standard library's parser was taken because it can be made strict: its hooks see duplicate keys, NaN and numbers too
long to hold, and its errors say line and column.
"""

import json
import re
from collections.abc import Sequence
from itertools import chain
from math import isfinite
from typing import Any, NoReturn

import numpy as np

from app.api.problems import Problem
from app.network.errors import Fault

_NUMBERS = {int, float}
_LONGEST_INTEGER = 400
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')


def decode_json(body: bytes, max_depth: int) -> dict[str, Any]:
    """The JSON object that the body holds. Raises Problem (invalid-json)."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse("not-utf-8", position=error.start)
    if not text.strip():
        _refuse("empty-body")
    if _too_deep(text, max_depth):
        _refuse("too-deep", limit=max_depth)
    try:
        document = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        _refuse("not-json", line=error.lineno, column=error.colno, reason=error.msg)
    except RecursionError:
        _refuse("too-deep", limit=max_depth)
    if not isinstance(document, dict):
        _refuse("not-an-object")
    return document


def _too_deep(text: str, max_depth: int) -> bool:
    """Whether brackets outside strings nest deeper than max_depth. A bomb of brackets ends the search at once."""
    if text.count("[") + text.count("{") <= max_depth:
        return False
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(text):
        character = found[0][0]
        if character in "[{":
            depth += 1
            if depth > max_depth:
                return True
        elif character in "]}":
            depth -= 1
    return False


def _refuse(key: str, **values: Any) -> NoReturn:
    raise Problem("invalid-json", Fault("invalid-json", key, "", values))


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        _refuse("duplicate-key", name=next(name for i, name in enumerate(names) if name in names[:i])[:100])
    return members


def _integer(digits: str) -> int | float:
    if len(digits) > _LONGEST_INTEGER:
        _refuse("number-too-long", digits=len(digits))
    return int(digits)


def _constant(name: str) -> NoReturn:
    _refuse("constant", name=name)


_DECODER = json.JSONDecoder(object_pairs_hook=_members, parse_int=_integer, parse_constant=_constant)


def numbers(value: Any, pointer: str, ranks: Sequence[int], dtype: np.dtype[Any]) -> np.ndarray[Any, np.dtype[Any]]:
    """A JSON array of numbers as an array of `dtype` with one of these ranks (1 or 2).

    Raises Problem with the pointer of the first element that is wrong: not-a-number, ragged-array, shape-mismatch,
    out-of-range (a number that dtype cannot hold).
    """
    if not isinstance(value, list):
        raise Problem("not-a-number", Fault("not-a-number", "not-an-array", pointer, {"got": _kind(value)}))
    nested = bool(value) and isinstance(value[0], list)
    if (2 if nested else 1) not in ranks and value:
        raise Problem(
            "shape-mismatch",
            Fault("shape-mismatch", "matrix-expected" if ranks == (2,) else "vector-expected", pointer),
        )
    if nested:
        _check_rows(value, pointer)
        flat = list(chain.from_iterable(value))
        shape: tuple[int, ...] = (len(value), len(value[0]))
    else:
        _check_numbers(value, pointer)
        flat, shape = value, (len(value),)
    try:
        wide = np.array(flat, dtype=np.float64).reshape(shape)
    except OverflowError:
        _find_unheld(flat, shape, pointer, dtype)
    with np.errstate(over="ignore"):
        narrow = wide.astype(dtype, copy=False)
    if not np.isfinite(narrow).all():
        _find_unheld(flat, shape, pointer, dtype)
    return narrow


def _check_rows(rows: list[Any], pointer: str) -> None:
    width = len(rows[0])
    for i, row in enumerate(rows):
        if not isinstance(row, list):
            raise Problem("ragged-array", Fault("ragged-array", "number-among-rows", f"{pointer}/{i}", {"row": i}))
        _check_numbers(row, f"{pointer}/{i}")
        if len(row) != width:
            values = {"row": i, "got": len(row), "expected": width}
            raise Problem("ragged-array", Fault("ragged-array", "ragged", f"{pointer}/{i}", values))


def _check_numbers(row: list[Any], pointer: str) -> None:
    if set(map(type, row)) <= _NUMBERS:
        return
    index, culprit = next((i, item) for i, item in enumerate(row) if type(item) not in _NUMBERS)
    place = f"{pointer}/{index}"
    if isinstance(culprit, list):
        first_is_list = index == 0 or isinstance(row[0], list)
        type_ = "shape-mismatch" if first_is_list else "ragged-array"
        raise Problem(type_, Fault(type_, "nested-too-deep" if first_is_list else "array-among-numbers", place))
    raise Problem("not-a-number", Fault("not-a-number", "not-a-number", place, {"got": _kind(culprit)}))


def _find_unheld(flat: list[Any], shape: tuple[int, ...], pointer: str, dtype: np.dtype[Any]) -> NoReturn:
    largest = float(np.finfo(dtype).max)
    index = next(i for i, x in enumerate(flat) if not _held(x, dtype))
    place = "/".join(str(part) for part in np.unravel_index(index, shape))
    values = {"dtype": str(dtype), "largest": largest}
    raise Problem("out-of-range", Fault("out-of-range", "not-held", f"{pointer}/{place}", values))


def _held(number: float, dtype: np.dtype[Any]) -> bool:
    try:
        wide = float(number)
    except OverflowError:
        return False
    with np.errstate(over="ignore"):
        return isfinite(wide) and bool(np.isfinite(np.float64(wide).astype(dtype)))


def _kind(value: Any) -> str:
    """What a JSON value is called, where a number or an array was expected."""
    if value is None:
        return "null"
    return {bool: "true/false", str: "string", dict: "object", int: "number", float: "number", list: "array"}[
        type(value)
    ]
