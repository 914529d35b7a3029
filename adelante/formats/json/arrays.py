"""Arrays of a JSON document as tensors: of a wanted rank, or of whatever rank they have."""

from itertools import chain, zip_longest
from typing import Any, NoReturn

import numpy as np
import torch
from torch import Tensor

from adelante.formats.json.numbers import NUMBERS, LongArray, Numbers, Shape, doubles, held, kind_of, numbers
from adelante.network.errors import Fault, NetworkError

# JSON's numbers are float64's to most readers: whole numbers are exact up to here.
_LARGEST_WHOLE = 2**53
_BITS = NUMBERS | {bool}


def numpy_dtype(dtype: torch.dtype) -> np.dtype[Any]:
    """The NumPy type that carries numbers of a torch dtype; bfloat16, which NumPy lacks, travels as float32."""
    return np.dtype("f8") if dtype == torch.float64 else np.dtype("f2") if dtype == torch.float16 else np.dtype("f4")


def tensor(value: Any, pointer: str, ranks: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    """A JSON array of numbers, of rank 1 or 2, as a tensor on the CPU.

    Raises NetworkError with the first wrong element's pointer.
    """
    if dtype is torch.bfloat16:
        return _bfloat16(pointer, lambda wide: numbers(value, pointer, ranks, wide))
    return torch.from_numpy(numbers(value, pointer, ranks, numpy_dtype(dtype)))


def tensor_of_any_rank(value: Any, pointer: str, dtype: torch.dtype) -> Tensor:
    """A JSON number, or an array of any rank, as a tensor on the CPU; dtype is one of floating point, int64 or bool.

    Raises NetworkError with the first wrong element's pointer: not-a-number, ragged-array, out-of-range, invalid-value
    (a number that is not whole) or empty.
    """
    if not dtype.is_floating_point:
        return _whole(value, pointer, dtype)
    if dtype is torch.bfloat16:
        return _bfloat16(pointer, lambda wide: _numbers_of_any_rank(value, pointer, wide))
    return torch.from_numpy(_numbers_of_any_rank(value, pointer, numpy_dtype(dtype)))


def _numbers_of_any_rank(value: Any, pointer: str, dtype: np.dtype[Any]) -> Numbers:
    flat, shape = _gathered(value, pointer, NUMBERS)
    if isinstance(flat, LongArray):
        return held(flat, pointer, dtype)
    wide = doubles(flat) if isinstance(flat, list) else flat
    with np.errstate(over="ignore"):
        narrow = wide.astype(dtype, copy=False)
    if not np.isfinite(narrow).all():
        _refuse("out-of-range", "not-held", pointer, shape, ~np.isfinite(narrow), **_largest(dtype))
    return narrow.reshape(shape)


def _largest(dtype: np.dtype[Any]) -> dict[str, Any]:
    return {"dtype": str(dtype), "largest": float(np.finfo(dtype).max)}


def _whole(value: Any, pointer: str, dtype: torch.dtype) -> Tensor:
    """Whole numbers, or for bool also true and false."""
    flat, shape = _gathered(value, pointer, _BITS if dtype is torch.bool else NUMBERS)
    wide = (
        held(flat, pointer, np.dtype("f8"))
        if isinstance(flat, LongArray)
        else doubles(flat)
        if isinstance(flat, list)
        else flat
    ).reshape(-1)
    broken = ~np.isfinite(wide) | (np.trunc(wide) != wide)
    if broken.any():
        name = pointer.rpartition("/")[2]
        _refuse("invalid-value", "whole-number-expected", pointer, shape, broken, name=name)
    low, high = _bounds(dtype)
    if wide.size and not low <= wide.min() <= wide.max() <= high:
        outside = (wide < low) | (wide > high)
        _refuse(
            "out-of-range", "not-held-whole", pointer, shape, outside, dtype=str(dtype)[6:], least=low, largest=high
        )
    return torch.from_numpy(wide.astype(np.int64).reshape(shape)).to(dtype)


def _bounds(dtype: torch.dtype) -> tuple[int, int]:
    if dtype is torch.bool:
        return 0, 1
    known = torch.iinfo(dtype)
    return max(known.min, -_LARGEST_WHOLE), min(known.max, _LARGEST_WHOLE)


def _refuse(
    type: str, key: str, pointer: str, shape: Shape, wrong: np.ndarray[Any, np.dtype[np.bool_]], **values: Any
) -> NoReturn:
    place = np.unravel_index(int(np.argmax(wrong.reshape(-1))), shape) if shape else ()
    raise NetworkError(Fault(type, key, "/".join((pointer, *map(str, place))), values))


def _gathered(value: Any, pointer: str, kinds: set[type]) -> tuple[list[Any] | LongArray | Numbers, Shape]:
    """All numbers in a row, and the array's shape. Raises NetworkError with the place of what does not fit."""
    if isinstance(value, np.ndarray):
        return value.astype(np.float64).reshape(-1), value.shape
    level: list[Any] = [value]
    shape: Shape = ()
    while True:
        found = set(map(type, level))
        if found <= kinds:
            if 0 in shape:
                raise NetworkError(Fault("empty", "empty-array", pointer))
            return level, shape
        if found == {LongArray} and level[0].rest is None and len(level) == 1:
            return level[0], level[0].shape
        if not found <= {list, LongArray}:
            break
        lengths = set(map(len, level))
        if len(lengths) != 1:
            break
        if LongArray in found:
            return _joined(value, pointer, shape, level, kinds)
        shape = (*shape, lengths.pop())
        level = list(chain.from_iterable(level))
    raise _fault(value, pointer, kinds)


def _joined(value: Any, pointer: str, shape: Shape, level: list[Any], kinds: set[type]) -> tuple[Numbers, Shape]:
    """The numbers of arrays some of which are long ones."""
    parts, inner = [], None
    for each in level:
        if isinstance(each, LongArray):
            if each.rest is not None:
                raise _fault(value, pointer, kinds)
            own, part = each.shape, each.take(np.dtype("f8"))[0]
        else:
            try:
                found, own = _gathered(each, pointer, kinds)
            except NetworkError:
                raise _fault(value, pointer, kinds) from None
            assert not isinstance(found, LongArray)
            part = doubles(found) if isinstance(found, list) else found
        if own != (inner or own):
            raise _fault(value, pointer, kinds)
        inner = own
        parts.append(part)
    return np.concatenate(parts), (*shape, *(inner or ()))


def _fault(value: Any, pointer: str, kinds: set[type]) -> NetworkError:
    """The first element that keeps the array from being one; there is one."""
    try:
        _check(value, pointer, kinds)
    except NetworkError as error:
        return error
    raise AssertionError("an array was refused that has no fault")


def _check(value: Any, pointer: str, kinds: set[type], wanted: Shape | None = None) -> Shape:
    """The shape of an array without fault. Raises NetworkError with the place of the first element that has one."""
    if type(value) in kinds:
        if wanted:
            raise NetworkError(Fault("ragged-array", "number-among-arrays", pointer))
        return ()
    if not isinstance(value, list | LongArray):
        key = "not-an-array" if wanted else "not-a-number"
        raise NetworkError(Fault("not-a-number", key, pointer, {"got": kind_of(value)}))
    if wanted == ():
        raise NetworkError(Fault("ragged-array", "array-among-numbers", pointer))
    if wanted is not None and len(value) != wanted[0]:
        raise NetworkError(Fault("ragged-array", "ragged", pointer, {"got": len(value), "expected": wanted[0]}))
    inner = None if wanted is None else wanted[1:]
    begin, elements = (value.clean, value.rest or []) if isinstance(value, LongArray) else (0, value)
    if isinstance(value, LongArray):
        inner = value.inner if inner is None else inner
        _check_inner(value.inner, inner, f"{pointer}/0")
        kinds = NUMBERS  # what came after its first true or false was not kept
    for k, each in enumerate(elements, begin):
        inner = _check(each, f"{pointer}/{k}", kinds, inner)
    return (len(value), *(inner or ()))


def _check_inner(inner: Shape, expected: Shape, pointer: str) -> None:
    """Raises NetworkError where the elements of a long array have not the expected shape, at the first one's place."""
    for got, wanted in zip_longest(inner, expected):
        if got is None or wanted is None:
            key = "number-among-arrays" if got is None else "array-among-numbers"
            raise NetworkError(Fault("ragged-array", key, pointer))
        if got != wanted:
            raise NetworkError(Fault("ragged-array", "ragged", pointer, {"got": got, "expected": wanted}))
        pointer += "/0"


def _bfloat16(pointer: str, read: Any) -> Tensor:
    """NumPy lacks this type, so what it can't hold is found here."""
    dtype = torch.bfloat16
    try:
        carried = read(numpy_dtype(dtype))
    except NetworkError as error:
        if error.faults[0].type != "out-of-range":
            raise
        raise _not_held(error.faults[0].pointer, dtype) from None
    made = torch.from_numpy(carried).to(dtype)
    if bool(made.isinf().any()):
        place = made.isinf().nonzero()[0].tolist()
        raise _not_held("/".join(map(str, (pointer, *place))), dtype)
    return made


def _not_held(pointer: str, dtype: torch.dtype) -> NetworkError:
    values = {"dtype": str(dtype).removeprefix("torch."), "largest": torch.finfo(dtype).max}
    return NetworkError(Fault("out-of-range", "not-held", pointer, values))
