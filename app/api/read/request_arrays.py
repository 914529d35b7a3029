"""A JSON body's arrays of numbers as tensors, quickly, where nothing about the body needs a closer look.

A small body becomes Python's own objects (orjson); a larger one is read by a SIMD parser that hands a whole array over
as a buffer, without an object per number (pysimdjson). Both are laxer than `decode`: of equal names they keep one, and
pysimdjson flattens nested arrays and skips a byte order mark. Whatever hints at one of these raises NeedsFullReader.

Nothing here takes longer than the body's length allows: what is counted is counted before it is looked at.
"""

import threading
from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np
import orjson
import simdjson
import torch
from torch import Tensor

from adelante.formats.json.arrays import numpy_dtype
from adelante.formats.json.numbers import NUMBERS, Numbers
from app.api.http.body import Body
from app.compute.devices import DTYPES

# Up to here the parser's proxies and buffers cost more than the objects that they spare.
_SMALL = 2048
# pysimdjson runs in one go, a millisecond for some 500 KB: above this, `json_reader` reads in pieces.
LARGEST = 4 * 2**20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BRACKET = ord("[")
_LONGEST_COUNTED_SIMPLY = 16384
# More than any good request has: its objects are looked through name by name, and its rows one by one.
_MOST_NAMES = 8
_MOST_LAYERS = 256
_MOST_ROWS = 20_000
_NUMPY = {dtype: numpy_dtype(dtype) for dtype in DTYPES.values()}
_LARGEST = {dtype: torch.finfo(dtype).max for dtype in DTYPES.values()}
_kept = threading.local()

Shape = tuple[int, int]
"""(rows, width); a vector's width is 0."""


class NeedsFullReader(Exception):
    """The body may be a bad request, or one that only the full reader reads right."""


class Arrays(Protocol):
    """A body whose arrays of numbers are taken one by one."""

    document: dict[str, Any]
    """Its members; those of `layers` are a list of dicts. What is an array of numbers can only be taken."""
    shapes: list[Shape]
    """Of the arrays that were taken."""

    def take(self, array: Any) -> None:
        """Takes an array of numbers, or of rows of one length. Raises NeedsFullReader, TypeError, LookupError."""

    def numbers(self, dtype: torch.dtype) -> Numbers:
        """All that were taken, one after another, in the NumPy type that carries dtype.

        Raises NeedsFullReader, also where the body holds more, and FloatingPointError beyond what dtype holds.
        """


def arrays_of(body: Body) -> Arrays:
    """The body for reading. Raises NeedsFullReader, ValueError, TypeError, AttributeError."""
    if len(body) > LARGEST:
        raise NeedsFullReader
    return _Small(body[:]) if len(body) <= _SMALL else _Large(body[:])


def _parser() -> simdjson.Parser:
    """The thread's own, with the memory that it once needed: fresh pages would cost more than reading a body."""
    if not hasattr(_kept, "parser"):
        _kept.parser = simdjson.Parser()
    parser: simdjson.Parser = _kept.parser
    return parser


class _Small:
    """Python's own objects."""

    def __init__(self, body: bytes) -> None:
        document = orjson.loads(body)
        names = len(document)
        for layer in document.get("layers", ()):
            names += len(layer)
        # More colons than names: a name came twice, or a string holds a colon.
        if body.count(b":") != names:
            raise NeedsFullReader
        self.document: dict[str, Any] = document
        self._numbers: list[Any] = []
        self.shapes: list[Shape] = []

    def take(self, array: list[Any]) -> None:
        if type(array) is not list:
            raise NeedsFullReader
        width, numbers = 0, self._numbers
        if type(array[0]) is list:
            width = len(array[0])
            if not width:
                raise NeedsFullReader
            for row in array:
                if type(row) is not list or len(row) != width:
                    raise NeedsFullReader
                numbers += row
        else:
            numbers += array
        self.shapes.append((len(array), width))

    def numbers(self, dtype: torch.dtype) -> Numbers:
        numbers, largest = self._numbers, _LARGEST[dtype]
        if not (NUMBERS.issuperset(map(type, numbers)) and -largest <= min(numbers) and max(numbers) <= largest):
            raise NeedsFullReader
        return np.array(numbers, _NUMPY[dtype])


class _Large:
    """pysimdjson's buffers."""

    def __init__(self, body: bytes) -> None:
        if body.startswith(_BYTE_ORDER_MARK):
            raise NeedsFullReader
        self.document = _members(_parser().parse(body))
        self._body = body
        self._brackets = 0
        self._buffers: list[Any] = []
        self.shapes: list[Shape] = []
        if "layers" in self.document:
            layers = self.document["layers"]
            if type(layers) is not simdjson.Array or len(layers) > _MOST_LAYERS:
                raise NeedsFullReader
            self.document["layers"] = [_members(layer) for layer in layers]
            self._brackets = 1

    def take(self, array: simdjson.Array) -> None:
        rows, width = len(array), 0
        first = array[0]
        if type(first) is simdjson.Array:
            width = len(first)
            elements: Any = array
            if not width or rows > _MOST_ROWS or set(map(len, elements)) != {width}:
                raise NeedsFullReader
            self._brackets += rows
        self._brackets += 1
        self.shapes.append((rows, width))
        self._buffers.append(array.as_buffer(of_type="d"))

    def numbers(self, dtype: torch.dtype) -> Numbers:
        # Buffers are flat. More brackets than arrays: an array is inside a row, or a string holds a bracket.
        if self._brackets != _brackets(self._body):
            raise NeedsFullReader
        wide = np.frombuffer(bytearray().join(self._buffers))
        if dtype is torch.bfloat16 and not np.abs(wide).max() <= _LARGEST[dtype]:
            raise NeedsFullReader
        # The processor notes numbers beyond the type while it converts, so they are not looked at a second time.
        with np.errstate(over="raise"):
            return wide.astype(_NUMPY[dtype], copy=False)


def _members(element: Any) -> dict[str, Any]:
    """The object's members, its own members as proxies; no name may come twice."""
    if type(element) is not simdjson.Object or len(element) > _MOST_NAMES:
        raise NeedsFullReader
    names = list(element.keys())
    members = {name: element[name] for name in names}
    if len(members) != len(names):
        raise NeedsFullReader
    return members


def cut(flat: Numbers, shapes: Iterable[Shape], dtype: torch.dtype) -> list[Tensor]:
    """Tensors of these shapes: views of one array, but for bfloat16, which NumPy lacks."""
    found, start = [], 0
    for rows, width in shapes:
        if width:
            end = start + rows * width
            found.append(torch.from_numpy(flat[start:end].reshape(rows, width)))
        else:
            end = start + rows
            found.append(torch.from_numpy(flat[start:end]))
        start = end
    return [each.to(dtype) for each in found] if dtype is torch.bfloat16 else found


def _brackets(body: bytes) -> int:
    if len(body) < _LONGEST_COUNTED_SIMPLY:
        return body.count(b"[")
    return int(np.count_nonzero(np.frombuffer(body, np.uint8) == _BRACKET))
