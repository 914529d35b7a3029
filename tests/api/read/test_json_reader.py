"""A long JSON text, read in pieces, is what the standard library reads in one go, and costs in proportion."""

import json
import math
from contextlib import suppress
from functools import partial
from mmap import mmap
from typing import Any

import numpy as np
import orjson
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adelante.formats.json import numbers as json_numbers
from adelante.formats.json.arrays import tensor_of_any_rank
from adelante.formats.json.numbers import LEAST_LONG, LongArray, numbers
from adelante.network.errors import NetworkError
from app.api.read import decode, json_reader
from app.api.read.decode import SHORT_TEXT, decode_json
from app.api.read.json_reader import LONGEST_TEXT, PIECE, JsonReader
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


FLAT = st.lists(NUMBER, min_size=1, max_size=3000)


@given(st.integers(1, 700), st.integers(1, 6), st.data())
@example(1, 1, None)
@settings(max_examples=examples(20, 60))
def test_a_long_array_is_the_same_numbers_and_the_same_faults(rows: int, width: int, data: Any) -> None:
    matrix: list[Any] = [[math.sin(i * width + j) for j in range(width)] for i in range(rows)]
    if data is not None:
        wrong = st.sampled_from([[1], [], "x", 7, [None] * width, [[1]] * width, [1e39] * width, [True] * width])
        for _ in range(data.draw(st.integers(0, 2))):
            matrix[data.draw(st.integers(0, rows - 1))] = data.draw(wrong)
    text = json.dumps({"a": matrix})

    def read(long: bool) -> Any:
        reader = JsonReader(
            text.encode(), decode._DECODER, max_depth=DEPTH, max_values=10**6, long_arrays=long, piece=256
        )
        try:
            return numbers(reader.read()["a"], "/a", (1, 2), np.dtype("f4")).tolist()
        except NetworkError as error:
            return [(fault.type, fault.key, fault.pointer, fault.values) for fault in error.faults]

    assert read(True) == read(False)


@given(st.lists(st.integers(1, 9), max_size=4), st.integers(16, 2048), st.data())
@settings(max_examples=examples(25, 80))
def test_arrays_of_any_rank_are_the_same_numbers_and_the_same_faults(shape: list[int], piece: int, data: Any) -> None:
    whole = np.arange(math.prod(shape), dtype="f8").reshape(shape)
    array: Any = whole.tolist()
    for _ in range(data.draw(st.integers(0, 2))):
        # Somewhere inside stands something else.
        inside, place = array, None
        while isinstance(inside, list) and inside:
            place = inside, data.draw(st.integers(0, len(inside) - 1))
            inside = inside[place[1]] if data.draw(st.booleans()) else None
        if place is not None:
            place[0][place[1]] = data.draw(
                st.sampled_from([[1], [], "x", 7, 0.5, None, [None, 1], [[1, 2]], 1e39, True, 10**20])
            )
    least = data.draw(st.sampled_from([4, LEAST_LONG]))
    for written in (array, [array, array]):
        assert any_rank(written, least, piece) == any_rank(written, None, piece)
    # In Python True is 1.0, in JSON it is not.
    if json.dumps(array) == json.dumps(whole.tolist()):
        assert any_rank(array, least, piece) == array


def any_rank(array: Any, least: int | None, piece: int = PIECE, dtype: torch.dtype = torch.float32) -> Any:
    """The numbers, or the faults, of an array whose parts of so many numbers become long ones; None: no part does."""
    text = json.dumps({"a": array}).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_numbers, "LEAST_LONG", least or LEAST_LONG)
        kept = least is not None
        reader = JsonReader(text, decode._DECODER, max_depth=DEPTH, max_values=10**6, long_arrays=kept, piece=piece)
        value = reader.read()["a"]
    try:
        return tensor_of_any_rank(value, "/a", dtype).tolist()
    except NetworkError as error:
        return [(fault.type, fault.key, fault.pointer, fault.values) for fault in error.faults]


ROW, SHORT_ROW, MATRIX = [0.5, 1.5, 2.5, 3.5], [1, 2], [[0.5, 1.5, 2.5], [1, 2, 3]]


@pytest.mark.parametrize(
    "array",
    [
        [[10**20, 1, 2, 3], ROW],
        [ROW, [10**20, 1, 2, 3]],
        [[[10**20, 1, 2, 3], ROW], [ROW, ROW]],
        [[ROW, ROW], [SHORT_ROW, SHORT_ROW]],
        [[SHORT_ROW, SHORT_ROW], [ROW, ROW]],
        [[ROW, ROW], SHORT_ROW],
        [SHORT_ROW, [ROW, ROW]],
        [[[[1]], [[2]]], [ROW, ROW]],
        [[ROW, ROW], [[[1]], [[2]]]],
        [[[SHORT_ROW], [SHORT_ROW]], [MATRIX, MATRIX]],
        [[[[1], [2]], [[3], [4]]], [MATRIX, MATRIX]],
        [[MATRIX, MATRIX], [ROW, ROW]],
        [[ROW, ROW], [MATRIX, MATRIX]],
        [[1, 2, 3, "x"], ROW],
        [ROW, [1, 2, 3, 4, "x"]],
        [[ROW, ROW], [ROW, [1, 2, 3, "x"]]],
        [ROW, [10**20, 1, 2, "x"]],
        [[[], []], [ROW, ROW]],
    ],
)
def test_a_long_array_among_others_has_their_numbers_and_their_faults(array: Any) -> None:
    assert any_rank(array, 4) == any_rank(array, None)


def test_truth_values_stand_before_long_arrays_of_0_and_1_and_not_after() -> None:
    bits, truths = [1, 0, 1, 0], [False, False, True, True]
    right: tuple[Any, ...] = ([truths, bits], [[truths, truths], [bits, bits]], [[truths, bits], [bits, bits]])
    for array in right:
        assert any_rank(array, 4, dtype=torch.bool) == array
    wrong: tuple[Any, ...] = (
        [[True, 10**30, 1, 0], bits],
        [[[True], [False]], [bits, bits]],
        [[True, True, 0, "x"], bits],
    )
    for array in (*wrong, [truths, [1, 0, 1, 0, "x"]]):
        told = any_rank(array, 4, dtype=torch.bool)
        assert told == any_rank(array, None, dtype=torch.bool)
        assert told[0][0] in ("out-of-range", "ragged-array", "not-a-number")
    for array, place in (([bits, truths], "/a/1/0"), ([[bits, bits], [bits, truths]], "/a/1/1/0")):
        assert any_rank(array, None, dtype=torch.bool) == array
        assert any_rank(array, 4, dtype=torch.bool) == [("not-a-number", "not-a-number", place, {"got": "true/false"})]


def test_deep_arrays_are_kept_without_objects() -> None:
    kernels = np.random.default_rng(0).random((40, 30, 3, 3))
    for text in (json.dumps({"a": kernels.tolist()}), orjson.dumps(kernels.tolist()).decode().join(('{"a":', "}"))):
        document = decode_json(text.encode(), DEPTH, long_arrays=True)
        assert isinstance(document["a"], LongArray)
        assert document["a"].shape == kernels.shape
        assert np.array_equal(tensor_of_any_rank(document["a"], "", torch.float64).numpy(), kernels)


def test_many_numbers_are_kept_without_objects() -> None:
    body = json.dumps({"a": [[k / 7] * 300 for k in range(300)], "b": [1, 2]}).encode()
    document = decode_json(body, DEPTH, long_arrays=True)
    assert isinstance(document["a"], LongArray)
    assert document["b"] == [1, 2]
    assert numbers(document["a"], "", (2,), np.dtype("f8"))[299, 299] == 299 / 7


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


@pytest.mark.parametrize("length", [1, SHORT_TEXT])
def test_half_a_surrogate_is_a_letter_that_stands_where_it_stands(length: int) -> None:
    with pytest.raises(NetworkError) as refused:
        decode_json(" \ud800" + " " * length, DEPTH)
    (fault,) = refused.value.faults
    assert (fault.key, fault.values["line"], fault.values["column"]) == ("not-json", 1, 2)


@pytest.mark.parametrize("depth", [4, 64])
@pytest.mark.parametrize("brackets", ["[", '{"a":'])
@pytest.mark.parametrize("length", [SHORT_TEXT - 10, 2 * SHORT_TEXT])
def test_a_text_deeper_than_python_goes_is_too_deep(brackets: str, length: int, depth: int) -> None:
    with pytest.raises(NetworkError) as refused:
        decode_json(brackets * (length // len(brackets)), depth)
    (fault,) = refused.value.faults
    assert (fault.type, fault.key, fault.values) == ("invalid-json", "too-deep", {"limit": depth})


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


@pytest.mark.parametrize("text", ['{"inputs": [1]}', '{"inputs": [' + "1," * 50_000 + "1]}"])
def test_a_byte_order_mark_is_ignored_and_utf_16_named(text: str) -> None:
    assert decode_json(b"\xef\xbb\xbf" + text.encode(), DEPTH) == decode_json(text.encode(), DEPTH)
    # Windows writes them with their mark, programs often without.
    for encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        for mark in ("\ufeff", ""):
            with pytest.raises(NetworkError) as refused:
                decode_json((mark + text).encode(encoding), DEPTH)
            (fault,) = refused.value.faults
            assert (fault.key, fault.values) == ("utf-16", {"got": encoding[:6].upper()})


@pytest.mark.parametrize("before", [10, 65_000, 65_534, 65_535, 65_536, 200_000])
def test_the_first_byte_that_is_not_utf_8_is_named(before: int) -> None:
    body = b'{"a":"' + b"x" * before + "é".encode() + b'\xe9"}'
    with pytest.raises(NetworkError) as refused:
        decode_json(body, DEPTH)
    assert refused.value.faults[0].values == {"position": before + 8}
