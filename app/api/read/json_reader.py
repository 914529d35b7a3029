"""A long JSON text, read in pieces, so that other threads have their turn between them.

The parsers that exist read a whole text in one call, during which Python runs nothing else: a second for 40 MB. Here
the outer structure is walked in Python; what is most of a long text, runs of numbers and of rows of numbers, goes to
orjson some 64 KB at a time, and strings and single values go to the standard library's parser. The text stays the
bytes that came: one str of it would be made in one call too. Errors, and what is allowed, are those of `decode`.
"""

import json
import re
from collections.abc import Callable
from math import prod
from typing import Any

import orjson

from adelante.formats.json.numbers import Collected, LongArray, Shape, flat_of
from adelante.network.errors import Fault, NetworkError
from app.api.http.body import Body

# So much takes orjson and NumPy a millisecond or two.
PIECE = 65_536
# Pieces begin with this size and grow while they are numbers. Where one is refused, smaller ones are tried, and then
# the elements one by one.
_LEAST_PIECE = 512
_GROWTH = 8
_MOST_SKIPPED = 31
_MOST_ROWS = 500
# No operation takes a string or a number that comes near to the last of these.
_SIZES = (64, 1024, 16_384, 2**18, 2**20)
LONGEST_TEXT = _SIZES[-1]
_LONG_NUMBER = re.compile(b"[-+.eE0-9]{%d,%d}" % (_SIZES[0], LONGEST_TEXT + 1))
_LONGEST_ESCAPE = len("\\ud83d\\ude00")
# At most this much white space is skipped in one call.
_SPACE = re.compile(rb"[ \t\n\r]{0,65536}")
_MOST_SPACE = 65_536
_SPACES = (b" ", b"\t", b"\n", b"\r")


class _Tries:
    """Whether to try the next elements as a piece: ever more rarely where that keeps failing."""

    def __init__(self) -> None:
        self._wait = self._waiting = 0

    def now(self) -> bool:
        self._waiting -= 1
        return self._waiting < 0

    def succeeded(self) -> None:
        self._wait = 0

    def failed(self) -> None:
        if self._waiting < 0:
            self._wait = min(2 * self._wait + 1, _MOST_SKIPPED)
            self._waiting = self._wait


class NotJson(Exception):
    """What is wrong, and the index of the byte where it is."""

    def __init__(self, reason: str, at: int) -> None:
        self.reason = reason
        self.at = at


class JsonReader:
    """Reads one text, UTF-8 throughout.

    `decoder` decides what single values mean; `max_values` bounds the Python objects that are made. Numbers in arrays
    do not count as values where they are kept without objects, which `long_arrays` says.
    """

    def __init__(
        self,
        text: Body,
        decoder: json.JSONDecoder,
        *,
        max_depth: int,
        max_values: int,
        long_arrays: bool,
        piece: int = PIECE,
    ) -> None:
        self._text = text
        self._decode = decoder.raw_decode
        self._members: Callable[[list[tuple[str, Any]]], Any] = decoder.object_pairs_hook
        self._max_depth = max_depth
        self._max_values = max_values
        self._long_arrays = long_arrays
        self._piece = piece
        self._depth = self._values = 0

    def read(self, start: int = 0) -> Any:
        """The value that the text holds from `start` on. Raises NotJson, and NetworkError (invalid-json, too-large)."""
        value, at = self._value(self._skip(start))
        at = self._skip(at)
        if at != len(self._text):
            raise NotJson("Extra data", at)
        return value

    def _skip(self, at: int) -> int:
        """Where the next byte stands that is not white space."""
        if self._text[at : at + 1] not in _SPACES:
            return at
        while True:
            match = _SPACE.match(self._text, at)
            assert match is not None
            if match.end() - at < _MOST_SPACE:
                return match.end()
            at = match.end()

    def _value(self, at: int) -> tuple[Any, int]:
        """The value that starts here, and where it ends."""
        self._count(1)
        match self._text[at : at + 1]:
            case b"{":
                return self._object(at + 1)
            case b"[":
                return self._array(at + 1)
            case b'"':
                return self._string(at)
            case _:
                return self._single(at)

    def _count(self, values: int) -> None:
        self._values += values
        if self._values > self._max_values:
            values_ = {"limit": self._max_values, "setting": "ADELANTE_MAX_JSON_VALUES"}
            raise NetworkError(Fault("too-large", "too-many-json-values", "", values_))

    def _count_objects(self, rows: int, numbers: int) -> None:
        """Counts what stays in memory as Python objects; a number takes an eighth of what other values do."""
        if not self._long_arrays:
            self._count(rows + numbers // 8)

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > self._max_depth:
            raise NetworkError(Fault("invalid-json", "too-deep", "", {"limit": self._max_depth}))

    def _string(self, at: int) -> tuple[str, int]:
        text = self._text
        quote = text.find(b'"', at + 1, at + LONGEST_TEXT)
        if quote >= 0 and text[quote - 1 : quote] != b"\\":
            return self._within(at, quote + 1 - at)
        # The string goes on behind an escaped quote, if that is what it is: look further, but not to the text's end.
        for size in _SIZES:
            try:
                return self._within(at, size)
            except NotJson as error:
                cut = error.reason.startswith("Unterminated") or error.at - at > size - _LONGEST_ESCAPE
                if not cut or at + size >= len(text):
                    raise
        raise _too_long()

    def _single(self, at: int) -> tuple[Any, int]:
        """A number, true, false or null."""
        number = _LONG_NUMBER.match(self._text, at)
        if number is None:
            return self._within(at, _SIZES[0])
        if number.end() - at > LONGEST_TEXT:
            raise _too_long()
        return self._within(at, number.end() - at)

    def _within(self, at: int, size: int) -> tuple[Any, int]:
        """The value that starts here, read from so many bytes of the text, and where it ends."""
        # The last character may be cut in two.
        part = self._text[at : at + size].decode("utf-8", "ignore")
        try:
            value, end = self._decode(part)
        except json.JSONDecodeError as error:
            raise NotJson(error.msg, at + _bytes(part, error.pos)) from None
        return value, at + _bytes(part, end)

    def _object(self, at: int) -> tuple[Any, int]:
        self._enter()
        text, pairs = self._text, []
        at = self._skip(at)
        if text[at : at + 1] == b"}":
            self._depth -= 1
            return self._members([]), at + 1
        while True:
            if text[at : at + 1] != b'"':
                raise NotJson("Expecting property name enclosed in double quotes", at)
            self._count(1)
            name, at = self._string(at)
            at = self._skip(at)
            if text[at : at + 1] != b":":
                raise NotJson("Expecting ':' delimiter", at)
            value, at = self._value(self._skip(at + 1))
            pairs.append((name, value))
            at = self._skip(at)
            if text[at : at + 1] == b"}":
                self._depth -= 1
                return self._members(pairs), at + 1
            if text[at : at + 1] != b",":
                raise NotJson("Expecting ',' delimiter", at)
            at = self._skip(at + 1)

    def _array(self, at: int) -> tuple[list[Any] | LongArray, int]:
        self._enter()
        text, found, tries = self._text, Collected(long=self._long_arrays), _Tries()
        piece = min(_LEAST_PIECE, self._piece)
        at = self._skip(at)
        if text[at : at + 1] == b"]":
            self._depth -= 1
            return [], at + 1
        while True:
            trying = tries.now()
            numbers = self._numbers(at, piece) if trying else None
            if numbers is not None:
                elements, inner, end = numbers
                found.extend(elements, inner)
                tries.succeeded()
                # Few enough rows that they are gone before Python's garbage collector counts them.
                rows = len(elements) * prod(inner[:-1])
                most = _MOST_ROWS * (end - at) // rows if inner else self._piece
                piece, at = max(_LEAST_PIECE, min(_GROWTH * piece, self._piece, most)), end
            elif trying and piece > _LEAST_PIECE and text[at : at + 1] in _NUMERIC:
                piece //= _GROWTH
                continue
            else:
                tries.failed()
                element, end = self._value(at)
                found.add(element)
                if type(element) is list or type(element) is LongArray:
                    # Rows that are too long for the piece, if that is what they are, want a larger one.
                    piece = max(piece, min(_GROWTH * (end - at), self._piece))
                at = end
            at = self._skip(at)
            if text[at : at + 1] == b"]":
                self._depth -= 1
                return found.result(), at + 1
            if text[at : at + 1] != b",":
                raise NotJson("Expecting ',' delimiter", at)
            at = self._skip(at + 1)

    def _numbers(self, at: int, piece: int) -> tuple[list[Any], Shape, int] | None:
        """The numbers, or the arrays of numbers, that a piece of an array's text holds, their shape, where they end.

        What stands before a comma of the array, put in brackets, is JSON if and only if it is a series of whole
        elements: a cut in the middle of anything else leaves a bracket or a quote open.
        """
        text = self._text
        if text[at : at + 1] not in _NUMERIC:
            return None
        depth = 0
        while text[at + depth : at + depth + 1] == b"[" and depth <= self._max_depth:
            depth += 1
        if depth:
            # Elements end where as many brackets close as open at the beginning of one.
            end = text.rfind(b"]" * depth + b",", at, at + piece) + depth
        else:
            end = text.find(b"]", at, at + piece)
            if end < 0:
                end = text.rfind(b",", at, at + piece)
        if end <= at:
            return None
        try:
            elements = orjson.loads(b"".join((b"[", text[at:end], b"]")))
        except orjson.JSONDecodeError:
            return None
        found = flat_of(elements)
        if found is None:
            return None
        flat, inner = found
        if self._depth + len(inner) > self._max_depth:
            return None
        self._count_objects(sum(len(elements) * prod(inner[:k]) for k in range(len(inner))), len(flat))
        return elements, inner, end


_NUMERIC = tuple(byte.to_bytes() for byte in b"-0123456789[")


def _bytes(text: str, end: int) -> int:
    """How many bytes the text has up to this character."""
    return end if text.isascii() else len(text[:end].encode())


def _too_long() -> NetworkError:
    return NetworkError(Fault("too-large", "json-text-too-long", "", {"limit": LONGEST_TEXT}))
