"""A JSON text costs in proportion to its length, whatever it holds, and is refused beyond the limits."""

import json
from contextlib import suppress
from functools import partial
from typing import Any

import orjson
import pytest

from adelante.network.errors import NetworkError
from app.api.read import decode, json_reader
from app.api.read.decode import SHORT_TEXT, decode_json
from app.api.read.json_reader import LONGEST_TEXT, PIECE, JsonReader, NotJson

DEPTH = 8


@pytest.mark.parametrize("depth", [4, 64])
@pytest.mark.parametrize("brackets", ["[", '{"a":'])
@pytest.mark.parametrize("length", [SHORT_TEXT - 10, 2 * SHORT_TEXT])
def test_a_text_deeper_than_python_goes_is_too_deep(brackets: str, length: int, depth: int) -> None:
    with pytest.raises(NetworkError) as refused:
        decode_json(brackets * (length // len(brackets)), depth)
    (fault,) = refused.value.faults
    assert (fault.type, fault.key, fault.values) == ("invalid-json", "too-deep", {"limit": depth})


@pytest.mark.parametrize(("opened", "closed"), ["[]", ('{"a":', "}")])
@pytest.mark.parametrize("beside", ["{}", '{"b":1}', '{"b":{"c":[]}}', "[]", "[[]]", "[1]", '["x"]', "[[1],[2]]"])
def test_only_brackets_that_are_open_count_as_depth(beside: str, opened: str, closed: str) -> None:
    text = '{"a":[' + (beside + ",") * 10 + opened * (DEPTH - 2) + '"x"' + closed * (DEPTH - 2) + "]}"
    assert in_pieces(text, max_depth=DEPTH) == json.loads(text)
    with pytest.raises(NetworkError) as refused:
        in_pieces(text, max_depth=DEPTH - 1)
    (fault,) = refused.value.faults
    assert (fault.key, fault.values) == ("too-deep", {"limit": DEPTH - 1})


def in_pieces(text: str, *, max_depth: int = DEPTH, max_values: int = 10**6, long_arrays: bool = False) -> Any:
    reader = JsonReader(
        text.encode(), decode._DECODER, max_depth=max_depth, max_values=max_values, long_arrays=long_arrays
    )
    return reader.read()


@pytest.mark.parametrize("opened", ["0.", '"'])
def test_a_number_and_a_string_may_be_as_long_as_they_may(opened: str) -> None:
    closed = '"' if opened == '"' else ""
    longest = opened + "1" * (LONGEST_TEXT - len(opened + closed)) + closed
    assert decode_json('{"a": ' + longest + "}", DEPTH)["a"] == json.loads(longest)
    with pytest.raises(NetworkError) as refused:
        decode_json('{"a": ' + opened + "1" * LONGEST_TEXT + closed + "}", DEPTH)
    (fault,) = refused.value.faults
    assert (fault.type, fault.key, fault.values) == ("too-large", "json-text-too-long", {"limit": LONGEST_TEXT})


@pytest.mark.parametrize("space", [0, SHORT_TEXT])
def test_a_whole_number_may_have_400_digits(space: int) -> None:
    text = '{"a": 9%s}' + " " * space
    assert decode_json(text % ("0" * 399), DEPTH)["a"] == 9 * 10**399
    with pytest.raises(NetworkError) as refused:
        decode_json(text % ("0" * 400), DEPTH)
    (fault,) = refused.value.faults
    assert (fault.type, fault.key, fault.values) == ("invalid-json", "number-too-long", {"digits": 401})


def test_values_are_counted_beside_the_numbers_of_arrays() -> None:
    text = '{"a": 1, "b": [' + "1, " * SHORT_TEXT + '{}], "c": {}}'
    # The object, its members' names and values, and the last element.
    assert len(decode_json(text, DEPTH, max_values=8, long_arrays=True)) == 3
    with pytest.raises(NetworkError) as refused:
        decode_json(text, DEPTH, max_values=7, long_arrays=True)
    (fault,) = refused.value.faults
    assert (fault.type, fault.key) == ("too-large", "too-many-json-values")
    assert fault.values == {"limit": 7, "setting": "ADELANTE_MAX_JSON_VALUES"}


@pytest.mark.parametrize(
    ("array", "kept", "counted"),
    [
        # Beside them the object, its name and the array; of numbers in a row or rows, the rows and an eighth.
        (list(range(79)), False, 3 + 9),
        (list(range(79)), True, 3),
        ([[1, 2]] * 40 + ["x"], False, 3 + 40 + 10 + 1),
        ([[1, 2]] * 40 + ["x"], True, 3 + 1),
        ([[[1] * 8] * 5] * 4 + ["x"], False, 3 + 4 + 4 * 5 + 20 + 1),
        (["x", {}, None], False, 3 + 3),
    ],
)
def test_numbers_count_as_an_eighth_of_other_values_and_not_where_they_are_kept_without_objects(
    array: Any, kept: bool, counted: int
) -> None:
    text = json.dumps({"a": array}, separators=(",", ":"))
    in_pieces(text, max_values=counted, long_arrays=kept)
    with pytest.raises(NetworkError) as refused:
        in_pieces(text, max_values=counted - 1, long_arrays=kept)
    assert refused.value.faults[0].key == "too-many-json-values"


def test_pieces_are_tried_ever_more_rarely_while_they_fail() -> None:
    tries, left = json_reader._Tries(), []
    for _ in range(7):
        skipped = 0
        while not tries.now():
            tries.failed()
            skipped += 1
        left.append(skipped)
        tries.failed()
    assert left == [0, 1, 3, 7, 15, 31, 31]
    tries.succeeded()
    assert [tries.now(), tries.now()] == [False, False]
    while not tries.now():
        pass
    tries.failed()
    assert [tries.now(), tries.now()] == [False, True]


@pytest.mark.parametrize("value", ['""', '"' + "x" * 5000 + '"', "0." + "1" * 5000])
def test_a_text_and_a_long_number_are_handed_to_the_parser_once_and_nothing_else_is(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    within, sizes = JsonReader._within, []

    def noted(self: JsonReader, at: int, size: int) -> Any:
        sizes.append(size)
        return within(self, at, size)

    monkeypatch.setattr(JsonReader, "_within", noted)
    assert in_pieces('{"a": ' + value + ', "bc": 1, "d": "e"}') == {"a": json.loads(value), "bc": 1, "d": "e"}
    assert sizes == [3, len(value), 4, 64, 3, 3]


@pytest.mark.parametrize("length", range(30, 64))
@pytest.mark.parametrize("letter", ["\\ud83d\\ude00", "\\u00e9", "é", "€", "😀", '\\"', "\\\\"])
def test_a_text_with_escaped_quotes_may_be_cut_anywhere(letter: str, length: int) -> None:
    text = '{"a": "' + '\\"' + "x" * length + letter * 20 + '"}'
    assert in_pieces(text) == json.loads(text)


@pytest.mark.parametrize("before", [0, LONGEST_TEXT - 2])
def test_a_wrong_escape_is_told_where_it_stands_however_much_is_around_it(before: int) -> None:
    opened = '{"a": ["' + "x" * before + '", "'
    with pytest.raises(NotJson) as refused:
        in_pieces(opened + '\\"\\q", "' + "x" * 2 * LONGEST_TEXT + '"]}')
    assert refused.value.at == len(opened) + 2
    assert refused.value.reason.startswith("Invalid \\escape")


ESCAPES = 400_000
HOSTILE = {
    "escaped quotes": '{"a":[' + "[]," * 40 + '"' + '\\"' * ESCAPES + '"]}',
    "an escaped quote without end": '{"a":["' + '\\"' * ESCAPES,
    "a long text": '{"a":[' + "[]," * 40 + '"' + "x" * ESCAPES + '"]}',
    "a long name": '{"' + "x" * ESCAPES + '":1}',
    "one key twice, last": "{" + ",".join(f'"k{i}":0' for i in range(10_000)) + ',"k9999":0}',
    "many keys": "{" + ",".join(f'"k{i}":0' for i in range(20_000)) + "}",
    "empty arrays": '{"a":[' + "[]," * 50_000 + "[]]}",
    "empty objects": '{"a":[' + "{}," * 50_000 + "{}]}",
    "numbers beyond doubles": '{"a":[' + "1e400," * 50_000 + "1]}",
    "rows that are no rows": '{"a":[' + '[1],[1,2],"],",' * 10_000 + "[1]]}",
    "a number without end": '{"a":0.' + "1" * ESCAPES + "}",
    "brackets without end": "[" * ESCAPES,
    "objects without end": '{"a":' * 80_000,
    "white space": '{"a":1' + " " * ESCAPES + "}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_looked_at_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in characters that are handed to a parser, or searched: a small multiple of the text's own."""
    text, seen = HOSTILE[name], 0
    within, loads = JsonReader._within, orjson.loads

    def counted(self: JsonReader, at: int, size: int) -> Any:
        nonlocal seen
        seen += min(size, len(self._text) - at)
        return within(self, at, size)

    def counted_loads(piece: str) -> Any:
        nonlocal seen
        seen += len(piece)
        return loads(piece)

    monkeypatch.setattr(JsonReader, "_within", counted)
    monkeypatch.setattr("app.api.read.json_reader.orjson.loads", counted_loads)
    monkeypatch.setattr(decode, "JsonReader", partial(JsonReader, piece=PIECE // 5))
    with suppress(NetworkError):
        decode_json(text, 32, long_arrays=True)
    assert seen <= 40 * len(text)
