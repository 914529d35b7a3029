"""Strict JSON (RFC 8259) in, plain Python out; every refusal names the place and the way out.

The standard library's parser was taken because it can be made strict: its hooks see duplicate keys, NaN and numbers too
long to hold, and its errors say line and column. A long text is read by `json_reader`, in pieces, by the same rules.
"""

import codecs
import json
import sys
from typing import Any, NoReturn

from adelante.network.errors import Fault
from app.api.http.problems import Problem
from app.api.read.json_reader import PIECE, JsonReader, NotJson

# Up to here the standard library's parser takes a millisecond or two, in one go.
SHORT_TEXT = 65_536
_LONGEST_INTEGER = 400
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_CONTAINERS = (dict, list)


def decode_json(
    body: bytes | str, max_depth: int, *, max_values: int = sys.maxsize, long_arrays: bool = False
) -> dict[str, Any]:
    """The JSON object that the body holds. Raises Problem (invalid-json, too-large).

    With `long_arrays`, arrays of very many numbers are LongArrays. A text above SHORT_TEXT may hold `max_values` values
    beside the numbers of its arrays.
    """
    text = _text(body)
    try:
        if len(body) <= SHORT_TEXT:
            document = _DECODER.decode(text)
            if not _is_within(document, max_depth):
                _refuse("too-deep", limit=max_depth)
        else:
            document = JsonReader(
                text, _DECODER, max_depth=max_depth, max_values=max_values, long_arrays=long_arrays
            ).read()
    except json.JSONDecodeError as error:
        _refuse_text(text, error.msg, error.pos)
    except NotJson as error:
        _refuse_text(text, error.reason, error.at)
    except RecursionError:
        _refuse("too-deep", limit=max_depth)
    if not isinstance(document, dict):
        _refuse("not-an-object")
    return document


def _refuse_text(text: str, reason: str, at: int) -> NoReturn:
    """Says in which line and column a text stops being JSON; counted in pieces, as it was read."""
    if at == len(text) and not any(text[k : k + PIECE].strip() for k in range(0, at, PIECE)):
        _refuse("empty-body")
    line, column = 1, at + 1
    for k in range(0, at, PIECE):
        end = min(k + PIECE, at)
        lines = text.count("\n", k, end)
        if lines:
            line, column = line + lines, at - text.rindex("\n", k, end)
    _refuse("not-json", line=line, column=column, reason=reason)


def _text(body: bytes | str) -> str:
    """The body as text, without a byte order mark, which RFC 8259 lets a reader ignore."""
    if isinstance(body, str):
        return body.removeprefix("\ufeff")
    if body.startswith(_UTF_16):
        _refuse("utf-16")
    start = len(_BYTE_ORDER_MARK) if body.startswith(_BYTE_ORDER_MARK) else 0
    if len(body) <= SHORT_TEXT:
        try:
            return body[start:].decode("utf-8")
        except UnicodeDecodeError as error:
            _refuse("not-utf-8", position=start + error.start)
    decoder = codecs.getincrementaldecoder("utf-8")()
    parts = []
    for at in range(start, len(body), PIECE):
        waiting = len(decoder.getstate()[0])
        try:
            parts.append(decoder.decode(body[at : at + PIECE], at + PIECE >= len(body)))
        except UnicodeDecodeError as error:
            _refuse("not-utf-8", position=at - waiting + error.start)
    return "".join(parts)


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
    raise Problem("invalid-json", Fault("invalid-json", key, "", values))


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
