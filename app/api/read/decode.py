"""Strict JSON (RFC 8259) in, plain Python out; every refusal names the place and the way out.

The standard library's parser was taken because it can be made strict: its hooks see duplicate keys, NaN and numbers too
long to hold, and its errors say line and column. A long text is read by `json_reader`, in pieces, by the same rules.
"""

import codecs
import json
import sys
from typing import Any, NoReturn

from adelante.network.errors import Fault, NetworkError
from app.api.http.body import Body
from app.api.read.json_reader import PIECE, JsonReader, NotJson

# Up to here the standard library's parser takes a millisecond or two, in one go.
SHORT_TEXT = 65_536
_LONGEST_INTEGER = 400
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SPACE = b" \t\n\r"
_GOING_ON = bytes(range(0x80, 0xC0))
_CONTAINERS = (dict, list)


def decode_json(
    body: Body | str, max_depth: int, *, max_values: int = sys.maxsize, long_arrays: bool = False
) -> dict[str, Any]:
    """The JSON object that the body holds. Raises NetworkError (invalid-json, too-large).

    With `long_arrays`, arrays of very many numbers are LongArrays. A text above SHORT_TEXT may hold `max_values` values
    beside the numbers of its arrays.
    """
    document: Any
    if len(body) <= SHORT_TEXT:
        document = _short(body if isinstance(body, str) else _decoded(body[:]), max_depth)
    else:
        text = body.encode("utf-8", "replace") if isinstance(body, str) else body
        start = _start(text)
        reader = JsonReader(text, _DECODER, max_depth=max_depth, max_values=max_values, long_arrays=long_arrays)
        try:
            document = reader.read(start)
        except NotJson as error:
            _refuse_text(text, error.reason, error.at, start)
    if not isinstance(document, dict):
        _refuse("not-an-object")
    return document


def _short(text: str, max_depth: int) -> Any:
    text = text.removeprefix("\ufeff")
    try:
        document = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        _refuse_text(text.encode("utf-8", "replace"), error.msg, len(text[: error.pos].encode("utf-8", "replace")))
    except RecursionError:
        _refuse("too-deep", limit=max_depth)
    if text.count("[") + text.count("{") > max_depth and not _is_within(document, max_depth):
        _refuse("too-deep", limit=max_depth)
    return document


def _refuse_text(text: Body, reason: str, at: int, start: int = 0) -> NoReturn:
    """Says in which line and column a text stops being JSON; counted in pieces, as it was read."""
    if at == len(text) and not any(text[k : k + PIECE].strip(_SPACE) for k in range(start, at, PIECE)):
        _refuse("empty-body")
    line, column = 1, 1
    for k in range(start, at, PIECE):
        piece = text[k : min(k + PIECE, at)]
        lines = piece.count(b"\n")
        if lines:
            line, column, piece = line + lines, 1, piece[piece.rindex(b"\n") + 1 :]
        column += _characters(piece)
    _refuse("not-json", line=line, column=column, reason=reason)


def _characters(piece: bytes) -> int:
    """How many characters begin in this piece of UTF-8."""
    return len(piece.translate(None, _GOING_ON))


def _check_encoding(head: bytes) -> None:
    """Raises NetworkError (invalid-json) for a text with two or four bytes for each letter, with its mark or without.

    `head` are its first four bytes: JSON begins with a letter that has one byte in UTF-8, beside which the wider
    encodings have zeros.
    """
    zeros = [byte == 0 for byte in head]
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)) or zeros.count(True) == 3:
        _refuse("utf-16", got="UTF-32")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or (len(zeros) > 1 and zeros[0] != zeros[1]):
        _refuse("utf-16", got="UTF-16")


def _decoded(body: bytes) -> str:
    _check_encoding(body[:4])
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        _refuse("not-utf-8", position=error.start)


def _start(body: Body) -> int:
    """Where the text of a body starts that is UTF-8 throughout; RFC 8259 lets a reader ignore a byte order mark."""
    _check_encoding(bytes(body[:4]))
    decoder = codecs.getincrementaldecoder("utf-8")()
    for at in range(0, len(body), PIECE):
        waiting = len(decoder.getstate()[0])
        try:
            decoder.decode(body[at : at + PIECE], at + PIECE >= len(body))
        except UnicodeDecodeError as error:
            _refuse("not-utf-8", position=at - waiting + error.start)
    return len(_BYTE_ORDER_MARK) if body[: len(_BYTE_ORDER_MARK)] == _BYTE_ORDER_MARK else 0


def _is_within(document: Any, max_depth: int) -> bool:
    """Whether brackets nest no deeper than max_depth."""
    level = [document]
    for _ in range(max_depth + 1):
        level = [each for each in level if type(each) in _CONTAINERS]
        if not level:
            return True
        level = [child for each in level for child in (each.values() if type(each) is dict else each)]
    return False


def _refuse(key: str, **values: Any) -> NoReturn:
    raise NetworkError(Fault("invalid-json", key, "", values))


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                _refuse("duplicate-key", name=name[:100])
            seen.add(name)
    return members


def _integer(digits: str) -> int | float:
    if len(digits) > _LONGEST_INTEGER:
        _refuse("number-too-long", digits=len(digits))
    return int(digits)


def _constant(name: str) -> NoReturn:
    _refuse("constant", name=name)


_DECODER = json.JSONDecoder(object_pairs_hook=_members, parse_int=_integer, parse_constant=_constant)
