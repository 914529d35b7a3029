"""A long JSON text, read in pieces, is what the standard library reads in one go."""

import json
from functools import partial
from mmap import mmap
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adelante.network.errors import NetworkError
from app.api.read import decode, json_reader
from app.api.read.decode import decode_json
from app.api.read.json_reader import JsonReader
from tests.long import examples

DEPTH = 8
NUMBER = st.one_of(st.integers(-(10**25), 10**25), st.floats(allow_nan=False), st.sampled_from([0, -0.0, 10**320]))
ROWS = st.integers(0, 5).flatmap(lambda n: st.lists(st.lists(NUMBER, min_size=n, max_size=n), max_size=30))
VALUE = st.recursive(
    st.one_of(NUMBER, st.text(max_size=8), st.booleans(), st.none(), st.lists(NUMBER, max_size=40), ROWS),
    lambda inner: st.one_of(st.lists(inner, max_size=6), st.dictionaries(st.text(max_size=4), inner, max_size=4)),
    max_leaves=12,
)
DAMAGE = st.sampled_from([*"[]01,{}e- :", '"', "\\", "\n", "é", "", "NaN", "1e999"])


def verdict(text: str, piece: int | None, max_depth: int = DEPTH) -> Any:
    """The value, or the words of the refusal; read in pieces of so many characters, or in one go."""
    with pytest.MonkeyPatch.context() as patch:
        if piece is not None:
            patch.setattr(decode, "SHORT_TEXT", 0)
            patch.setattr(json_reader, "_LEAST_PIECE", min(16, piece))
            patch.setattr(decode, "JsonReader", partial(JsonReader, piece=piece))
        try:
            return decode_json(text, max_depth)
        except NetworkError as problem:
            return [(fault.type, fault.key, fault.values) for fault in problem.faults]


def same(one: Any, other: Any) -> bool:
    """Equal as numbers go: integers that no 64 bits hold are told as the nearest double by one of the two."""
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return isinstance(other, dict) and list(one) == list(other) and all(map(same, one.values(), other.values()))
    if isinstance(one, int | float) and not isinstance(one, bool) and not isinstance(other, bool):
        return one == other or float(one) == float(other)
    return type(one) is type(other) and bool(one == other)


@given(VALUE, st.sampled_from([None, 1, "\n "]), st.sampled_from([16, 64, 4096]))
@settings(max_examples=examples(40, 150))
def test_a_text_in_pieces_is_the_same_document(value: Any, indent: Any, piece: int) -> None:
    text = json.dumps({"a": value}, indent=indent)
    assert same(verdict(text, piece), verdict(text, None))


@given(VALUE, st.data(), st.sampled_from([16, 64, 4096]))
@settings(max_examples=examples(80, 300))
def test_a_damaged_text_is_refused_in_the_same_words(value: Any, data: st.DataObject, piece: int) -> None:
    text = json.dumps({"a": value, "b": [[1, 2], [3, 4]]}, ensure_ascii=False)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(text)))
        text = text[:place] + data.draw(DAMAGE) + text[place + data.draw(st.integers(0, 2)) :]
    one, other = verdict(text, piece), verdict(text, None)
    deep = ("invalid-json", "too-deep", {"limit": DEPTH})
    # What else is wrong with a text that is too deep, only one that was read whole can tell.
    assert same(one, other) or [deep] in (one, other)


@pytest.mark.parametrize("piece", [16, 4096])
@pytest.mark.parametrize(
    "text",
    [
        '{"a": "\\ud83d\\ude00 \\" \\\\", "a\\"b": ["\\\\", "]", "],[", "\\""]}',
        '{"a": "' + 'x\\"' * 5000 + '"}',
        '{"a": "' + "x" * 70 + '\\u00e9"}',
        '{"a": "' + "x" * 53 + '\\ud83d\\ude00"}',
        '{"a": "' + "x" * 70 + '\\x"}',
        '{"a": "' + "\\" * 71,
        '{"a": [' + "9" * 399 + "]}",
        '{"a": [' + "9" * 401 + "]}",
        '{"a": -' + "9" * 5000 + "}",
        '{"a": 0.' + "1" * 5000 + "}",
        '{"a": [[1,2],[3,4],"],",[5,6]]}',
        '{"a": [[1,2],[],[3]]}',
        '{"a": [[],[1]]}',
        '{"a": [1,2,]}',
        '{"a": [[1,2],]}',
        '{"a": [1 2]}',
        '{"a": [1,\n2,\n,3]}',
        '{"a": 1, "b": 2, "a": 3}',
        '{"a": {"b": 1, "b": 2}}',
        '{"a": tru}',
        '{"a": 1} x',
        '{"a"}',
        '{"a": }',
        "{1: 2}",
        '{"a": 1',
        "[1]",
        "7",
        " \n ",
        "",
        '{"a":' * 8 + "1" + "}" * 8,
        '{"a":' * 9 + "1" + "}" * 9,
    ],
)
def test_every_kind_of_text(text: str, piece: int) -> None:
    assert same(verdict(text, piece), verdict(text, None))


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize(
    "text",
    [
        '{"a": "' + "x" * 65_535 + "é€😀" * 40_000 + '", "b": [1, 2]}',
        '{"a": [' + "1.5, " * 40_000 + '2], "é": "€"}',
        '{"a": "' + "é" * 70_000 + '",\n "b": "' + "😀" * 70_000 + '" x}',
        '{"a": ' + "[[1, 2]," * 20_000,
        " " * 90_000,
    ],
)
def test_a_memory_map_is_read_as_the_text_that_it_holds(text: str, mark: bytes) -> None:
    data = mark + text.encode()
    mapped = mmap(-1, len(data))
    mapped.write(data)
    found: list[Any] = []
    for body in (mapped, text):
        try:
            found.append(decode_json(body, DEPTH))
        except NetworkError as problem:
            found.append([(fault.key, fault.values) for fault in problem.faults])
    assert found[0] == found[1]


@pytest.mark.parametrize("spaces", [65_535, 65_536, 65_537, 131_072, 140_000])
def test_white_space_may_be_as_long_as_it_likes(spaces: int) -> None:
    assert decode_json('{"a":' + " " * spaces + "1}", DEPTH) == {"a": 1}
