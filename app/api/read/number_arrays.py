"""Arrays of numbers in a JSON document, checked and turned into NumPy's; every refusal names the element."""

from collections.abc import Sequence
from itertools import chain
from math import inf, isfinite
from typing import Any, NoReturn

import numpy as np

from adelante.network.errors import Fault
from app.api.http.problems import Problem

Numbers = np.ndarray[Any, np.dtype[Any]]

NUMBERS = {int, float}
_DOUBLE = np.dtype("f8")
# An array of fewer numbers stays a list of Python's own.
LEAST_LONG = 1024


class LongArray:
    """An array of numbers, or of rows of numbers, that was read in pieces and takes eight bytes a number.

    Where an element is wrong, `rest` has it and the elements read with it, and what follows was only counted: the first
    fault is all that a reader will be told.
    """

    def __init__(self, pieces: list[Numbers], length: int, width: int, rest: list[Any] | None) -> None:
        self._pieces = pieces
        self._length = length
        self.width = width
        """Of each row; 0 where the elements are numbers."""
        self.clean = sum(piece.size for piece in pieces) // max(width, 1)
        """How many elements came before `rest`."""
        self.rest = rest
        self._taken: tuple[Numbers, int | None] | None = None

    def __len__(self) -> int:
        return self._length

    def take(self, dtype: np.dtype[Any]) -> tuple[Numbers, int | None]:
        """All clean numbers in dtype, flat, and the place of the first that dtype cannot hold.

        This is what takes long: done ahead, in a thread, it is not done again. The pieces are gone afterwards, so one
        dtype is all that can be asked for.
        """
        if self._taken is None:
            flat = np.empty(sum(piece.size for piece in self._pieces), dtype)
            start, unheld = 0, None
            pieces, self._pieces = self._pieces[::-1], []
            with np.errstate(over="ignore"):
                while pieces:
                    piece = pieces.pop()
                    part = flat[start : start + piece.size]
                    part[:] = piece
                    if unheld is None and not np.isfinite(part).all():
                        unheld = start + int(np.argmin(np.isfinite(part)))
                    start += piece.size
            self._taken = flat, unheld
        assert self._taken[0].dtype == dtype
        return self._taken


class Collected:
    """The elements of an array while it is read in pieces."""

    def __init__(self, *, long: bool) -> None:
        self._long = long  # whether a LongArray is wanted where there are many numbers
        self._items: list[Any] = []
        self._pieces: list[Numbers] = []
        self._length = self._width = self._count = 0
        self._rest: list[Any] | None = None

    def extend(self, elements: list[Any]) -> None:
        """Adds numbers, or rows of numbers."""
        self._items += elements
        if self._long and elements:
            self._count += len(elements) * (len(elements[0]) if type(elements[0]) is list else 1)
            if self._count >= LEAST_LONG or len(self._items) >= LEAST_LONG // 2:
                self._condense()

    def add(self, element: Any) -> None:
        """Adds one element of any kind."""
        if self._long and type(element) is LongArray:
            self._condense()
            width = len(element)
            fits = not self._items and self._rest is None and element.rest is None and not element.width
            if fits and (not self._length or width == self._width):
                self._pieces.append(element.take(_DOUBLE)[0])
                self._length, self._width = self._length + 1, width
                return
        self._items.append(element)

    def result(self) -> "list[Any] | LongArray":
        if self._pieces:
            self._condense()
            return LongArray(self._pieces, self._length, self._width, self._rest)
        return self._items

    def _condense(self) -> None:
        """Turns what was added into numbers without objects, where it goes on as it began."""
        if not self._items or not self._long:
            return
        items, self._items, self._count = self._items, [], 0
        width = None if self._rest is not None else _width(items)
        if width is not None and (not self._length or width == self._width):
            self._pieces.append(_doubles(list(chain.from_iterable(items)) if width else items))
            self._width = width
        elif not self._pieces:
            self._items, self._long = items, False
            return
        elif self._rest is None:
            self._rest = items
        self._length += len(items)


def _width(items: list[Any]) -> int | None:
    """The width that all rows have, 0 for numbers; None where the items are not all the same."""
    kinds = set(map(type, items))
    if kinds <= NUMBERS:
        return 0
    if kinds != {list} or not items[0]:
        return None
    width = len(items[0])
    if set(map(len, items)) != {width} or not set(map(type, chain.from_iterable(items))) <= NUMBERS:
        return None
    return width


def _doubles(found: list[Any]) -> Numbers:
    """The numbers as float64; integers beyond it as infinity, which no dtype is said to hold."""
    try:
        return np.array(found, _DOUBLE)
    except OverflowError:
        return np.array([_double(number) for number in found], _DOUBLE)


def _double(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return inf


def numbers(value: Any, pointer: str, ranks: Sequence[int], dtype: np.dtype[Any]) -> Numbers:
    """A JSON array of numbers as an array of `dtype` with one of these ranks (1 or 2).

    Raises Problem with the pointer of the first element that is wrong: not-a-number, ragged-array, shape-mismatch,
    out-of-range (a number that dtype cannot hold).
    """
    if isinstance(value, LongArray):
        return _long_numbers(value, pointer, ranks, dtype)
    if not isinstance(value, list):
        raise Problem("not-a-number", Fault("not-a-number", "not-an-array", pointer, {"got": _kind(value)}))
    nested = bool(value) and isinstance(value[0], list | LongArray)
    if value:
        _check_rank(nested, ranks, pointer)
    if nested:
        _check_rows(value, pointer, 0, len(value[0]))
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


def _long_numbers(value: LongArray, pointer: str, ranks: Sequence[int], dtype: np.dtype[Any]) -> Numbers:
    _check_rank(value.width > 0, ranks, pointer)
    if value.rest is not None:
        check = _check_rows if value.width else _check_numbers
        check(value.rest, pointer, value.clean, value.width)
    flat, unheld = value.take(dtype)
    shape = (len(value), value.width) if value.width else (len(value),)
    if unheld is not None:
        _refuse_unheld(unheld, shape, pointer, dtype)
    return flat.reshape(shape)


def _check_rank(nested: bool, ranks: Sequence[int], pointer: str) -> None:
    if (2 if nested else 1) not in ranks:
        key = "matrix-expected" if tuple(ranks) == (2,) else "vector-expected"
        raise Problem("shape-mismatch", Fault("shape-mismatch", key, pointer))


def _check_rows(rows: list[Any], pointer: str, before: int, width: int) -> None:
    """Refuses rows of unequal length, or of anything but numbers; `before` of them came already."""
    for i, row in enumerate(rows, before):
        place = f"{pointer}/{i}"
        if isinstance(row, LongArray):
            if row.width:
                _refuse_depth(f"{place}/0", first=True)
            if row.rest is not None:
                _check_numbers(row.rest, place, row.clean)
        elif isinstance(row, list):
            _check_numbers(row, place)
        else:
            raise Problem("ragged-array", Fault("ragged-array", "number-among-rows", place, {"row": i}))
        if len(row) != width:
            values = {"row": i, "got": len(row), "expected": width}
            raise Problem("ragged-array", Fault("ragged-array", "ragged", place, values))


def _check_numbers(row: list[Any], pointer: str, before: int = 0, _: int = 0) -> None:
    """Refuses a row of anything but numbers; `before` numbers of it came already."""
    if set(map(type, row)) <= NUMBERS:
        return
    index, culprit = next((i, item) for i, item in enumerate(row) if type(item) not in NUMBERS)
    place = f"{pointer}/{before + index}"
    if isinstance(culprit, list | LongArray):
        _refuse_depth(place, first=before + index == 0)
    raise Problem("not-a-number", Fault("not-a-number", "not-a-number", place, {"got": _kind(culprit)}))


def _refuse_depth(pointer: str, *, first: bool) -> NoReturn:
    type_, key = ("shape-mismatch", "nested-too-deep") if first else ("ragged-array", "array-among-numbers")
    raise Problem(type_, Fault(type_, key, pointer))


def _find_unheld(flat: list[Any], shape: tuple[int, ...], pointer: str, dtype: np.dtype[Any]) -> NoReturn:
    _refuse_unheld(next(i for i, x in enumerate(flat) if not _held(x, dtype)), shape, pointer, dtype)


def _refuse_unheld(index: int, shape: tuple[int, ...], pointer: str, dtype: np.dtype[Any]) -> NoReturn:
    place = "/".join(str(part) for part in np.unravel_index(index, shape))
    values = {"dtype": str(dtype), "largest": float(np.finfo(dtype).max)}
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
    kinds = {bool: "true/false", str: "string", dict: "object", int: "number", float: "number"}
    return kinds.get(type(value), "array")
