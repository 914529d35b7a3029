"""Arrays of numbers in a JSON document, checked and turned into NumPy's; every refusal names the element."""

from collections.abc import Sequence
from itertools import chain
from math import inf, isfinite, prod
from typing import Any, NoReturn

import numpy as np

from adelante.network.errors import Fault, NetworkError

Numbers = np.ndarray[Any, np.dtype[Any]]
Shape = tuple[int, ...]

NUMBERS = {int, float}
_DOUBLE = np.dtype("f8")
# An array of fewer numbers stays a list of Python's own.
LEAST_LONG = 1024


class LongArray:
    """An array of numbers, or of arrays of one shape, that was read in pieces and takes eight bytes a number.

    Where an element is wrong, `rest` has it and the elements read with it, and what follows was only counted: the first
    fault is all that a reader will be told.
    """

    def __init__(self, pieces: list[Numbers], length: int, inner: Shape, rest: list[Any] | None) -> None:
        self._pieces = pieces
        self._length = length
        self.inner = inner
        """The shape of each element; () where the elements are numbers."""
        self.clean = sum(piece.size for piece in pieces) // max(prod(inner), 1)
        """How many elements came before `rest`."""
        self.rest = rest
        self._taken: tuple[Numbers, int | None] | None = None

    @property
    def shape(self) -> Shape:
        return (self._length, *self.inner)

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
        self._length = self._count = 0
        self._inner: Shape = ()
        self._rest: list[Any] | None = None

    def extend(self, elements: list[Any], inner: Shape) -> None:
        """Adds numbers, or arrays of numbers of the shape `inner`."""
        self._items += elements
        if self._long and elements:
            self._count += len(elements) * prod(inner)
            if self._count >= LEAST_LONG or len(self._items) >= LEAST_LONG // 2:
                self._condense()

    def add(self, element: Any) -> None:
        """Adds one element of any kind."""
        if self._long and type(element) is LongArray:
            self._condense()
            fits = not self._items and self._rest is None and element.rest is None
            if fits and (not self._length or element.shape == self._inner):
                self._inner = element.shape
                self._pieces.append(element.take(_DOUBLE)[0])
                self._length += 1
                return
        self._items.append(element)

    def result(self) -> "list[Any] | LongArray":
        if self._pieces:
            self._condense()
            return LongArray(self._pieces, self._length, self._inner, self._rest)
        return self._items

    def _condense(self) -> None:
        """Turns what was added into numbers without objects, where it goes on as it began."""
        if not self._items or not self._long:
            return
        items, self._items, self._count = self._items, [], 0
        found = None if self._rest is not None else flat_of(items)
        if found is not None and (not self._length or found[1] == self._inner):
            self._pieces.append(doubles(found[0]))
            self._inner = found[1]
        elif not self._pieces:
            self._items, self._long = items, False
            return
        elif self._rest is None:
            self._rest = items
        self._length += len(items)


def flat_of(items: list[Any]) -> tuple[list[Any], Shape] | None:
    """All numbers in a row, and the shape that each item has; None where the items are not all the same."""
    level: list[Any] = items
    inner: list[int] = []
    while True:
        kinds = set(map(type, level))
        if kinds <= NUMBERS:
            return level, tuple(inner)
        if kinds != {list} or not level[0]:
            return None
        width = len(level[0])
        if set(map(len, level)) != {width}:
            return None
        inner.append(width)
        level = list(chain.from_iterable(level))


def doubles(found: list[Any]) -> Numbers:
    """The numbers as float64; integers beyond it as infinity, which no dtype is said to hold."""
    try:
        return np.array(found, _DOUBLE)
    except OverflowError:
        return np.array([_as_double(number) for number in found], _DOUBLE)


def _as_double(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return inf


def numbers(value: Any, pointer: str, ranks: Sequence[int], dtype: np.dtype[Any]) -> Numbers:
    """A JSON array of numbers as an array of `dtype` with one of these ranks (1 or 2).

    Raises NetworkError with the pointer of the first element that is wrong: not-a-number, ragged-array, shape-mismatch,
    out-of-range (a number that dtype cannot hold).
    """
    if isinstance(value, LongArray):
        return _long_numbers(value, pointer, ranks, dtype)
    if not isinstance(value, list):
        raise NetworkError(Fault("not-a-number", "not-an-array", pointer, {"got": kind_of(value)}))
    nested = bool(value) and isinstance(value[0], list | LongArray)
    if value:
        _check_rank(nested, ranks, pointer)
    if nested:
        found = flat_of(value)
        if found is None or len(found[1]) > 1:
            _check_rows(value, pointer, 0, len(value[0]))
        flat = found[0] if found is not None else list(chain.from_iterable(value))
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
    _check_rank(bool(value.inner), ranks, pointer)
    if len(value.inner) > 1:
        _refuse_depth(f"{pointer}/0/0", first=True)
    if value.rest is not None:
        if value.inner:
            _check_rows(value.rest, pointer, value.clean, value.inner[0])
        else:
            _check_numbers(value.rest, pointer, value.clean)
    return held(value, pointer, dtype)


def held(value: LongArray, pointer: str, dtype: np.dtype[Any]) -> Numbers:
    """The numbers of an array without a wrong element. Raises NetworkError (out-of-range)."""
    flat, unheld = value.take(dtype)
    if unheld is not None:
        refuse_unheld(unheld, value.shape, pointer, dtype)
    return flat.reshape(value.shape)


def _check_rank(nested: bool, ranks: Sequence[int], pointer: str) -> None:
    if (2 if nested else 1) not in ranks:
        key = "matrix-expected" if tuple(ranks) == (2,) else "vector-expected"
        raise NetworkError(Fault("shape-mismatch", key, pointer))


def _check_rows(rows: list[Any], pointer: str, before: int, width: int) -> None:
    """Refuses rows of unequal length, or of anything but numbers; `before` of them came already."""
    for i, row in enumerate(rows, before):
        place = f"{pointer}/{i}"
        if isinstance(row, LongArray):
            if row.inner:
                _refuse_depth(f"{place}/0", first=True)
            if row.rest is not None:
                _check_numbers(row.rest, place, row.clean)
        elif isinstance(row, list):
            _check_numbers(row, place)
        else:
            raise NetworkError(Fault("ragged-array", "number-among-rows", place, {"row": i}))
        if len(row) != width:
            values = {"row": i, "got": len(row), "expected": width}
            raise NetworkError(Fault("ragged-array", "ragged", place, values))


def _check_numbers(row: list[Any], pointer: str, before: int = 0) -> None:
    """Refuses a row of anything but numbers; `before` numbers of it came already."""
    if set(map(type, row)) <= NUMBERS:
        return
    index, culprit = next((i, item) for i, item in enumerate(row) if type(item) not in NUMBERS)
    place = f"{pointer}/{before + index}"
    if isinstance(culprit, list | LongArray):
        _refuse_depth(place, first=before + index == 0)
    raise NetworkError(Fault("not-a-number", "not-a-number", place, {"got": kind_of(culprit)}))


def _refuse_depth(pointer: str, *, first: bool) -> NoReturn:
    type_, key = ("shape-mismatch", "nested-too-deep") if first else ("ragged-array", "array-among-numbers")
    raise NetworkError(Fault(type_, key, pointer))


def _find_unheld(flat: list[Any], shape: tuple[int, ...], pointer: str, dtype: np.dtype[Any]) -> NoReturn:
    refuse_unheld(next(i for i, x in enumerate(flat) if not _held(x, dtype)), shape, pointer, dtype)


def refuse_unheld(index: int, shape: tuple[int, ...], pointer: str, dtype: np.dtype[Any]) -> NoReturn:
    place = "/".join(str(part) for part in np.unravel_index(index, shape))
    values = {"dtype": str(dtype), "largest": float(np.finfo(dtype).max)}
    raise NetworkError(Fault("out-of-range", "not-held", f"{pointer}/{place}", values))


def _held(number: float, dtype: np.dtype[Any]) -> bool:
    try:
        wide = float(number)
    except OverflowError:
        return False
    with np.errstate(over="ignore"):
        return isfinite(wide) and bool(np.isfinite(np.float64(wide).astype(dtype)))


def kind_of(value: Any) -> str:
    """What a JSON value is called, where a number or an array was expected."""
    if value is None:
        return "null"
    kinds = {bool: "true/false", str: "string", dict: "object", int: "number", float: "number"}
    return kinds.get(type(value), "array")
