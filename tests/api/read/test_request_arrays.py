"""What the quick readers of small and of large bodies take, and what they leave to the full reader."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import simdjson
import torch

from app.api.read import request_arrays
from app.api.read.request_arrays import LARGEST, Arrays, NeedsFullReader, arrays_of, cut

Open = Callable[[Any], Arrays]
REFUSED = (NeedsFullReader, TypeError, LookupError, ValueError)


PARSER = request_arrays._parser


@pytest.fixture(autouse=True)
def _own_parsers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread's parser reads no other body while something still holds a part of the last one, as a test does."""
    monkeypatch.setattr(request_arrays, "_parser", simdjson.Parser)


@pytest.fixture(params=["_Small", "_Large"])
def opened(request: pytest.FixtureRequest) -> Open:
    """A body of these members, for reading in one of the two ways."""
    reader = getattr(request_arrays, request.param)
    return lambda members: reader((members if isinstance(members, str) else json.dumps(members)).encode())


def test_its_length_decides_how_a_body_is_read() -> None:
    for size, reader in ((2, "_Small"), (2048, "_Small"), (2049, "_Large"), (LARGEST, "_Large")):
        assert type(arrays_of(b"{}".ljust(size))).__name__ == reader
    with pytest.raises(NeedsFullReader):
        arrays_of(b"{}".ljust(LARGEST + 1))


def test_a_thread_keeps_its_parser() -> None:
    assert PARSER() is PARSER()


def test_a_vector_is_taken_as_it_is(opened: Open) -> None:
    arrays = opened({"a": [1, 2.5, -3]})
    arrays.take(arrays.document["a"])
    assert arrays.shapes == [(3, 0)]
    assert arrays.numbers(torch.float32).tolist() == [1, 2.5, -3]


def test_rows_are_taken_one_after_another(opened: Open) -> None:
    arrays = opened({"a": [[1, 2], [3, 4], [5, 6]], "b": [7]})
    arrays.take(arrays.document["a"])
    arrays.take(arrays.document["b"])
    assert arrays.shapes == [(3, 2), (1, 0)]
    flat = arrays.numbers(torch.float64)
    assert flat.tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert [each.tolist() for each in cut(flat, arrays.shapes, torch.float64)] == [[[1, 2], [3, 4], [5, 6]], [7]]


@pytest.mark.parametrize(
    "array",
    [
        [[1, 2], [3], [4, 5, 6]],
        [[1, 2], 3, 4],
        [1, [2, 3]],
        [[]],
        [[], []],
        [],
        [[[1, 2], [3, 4]]],
        [[[1], [2]]],
        ["x"],
        [True, False],
        [1, None],
        {"a": [1]},
        "text",
        7,
        None,
    ],
)
def test_what_is_no_array_of_numbers_or_of_equal_rows_is_left_to_the_full_reader(opened: Open, array: Any) -> None:
    def taken() -> None:
        arrays = opened({"a": array})
        arrays.take(arrays.document["a"])
        arrays.numbers(torch.float32)

    with pytest.raises((*REFUSED, AttributeError)):
        taken()


@pytest.mark.parametrize(
    "text",
    [
        '{"a": [1], "a": [2]}',
        '{"layers": [{"weights": [[1]], "weights": [[2]]}]}',
        '{"a": [1], "b": ":"}',
        '\ufeff{"a": [1]}',
        "[1]",
        '{"a": [1]} 2',
        '{"layers": 7}',
        '{"layers": [7]}',
        '{"layers": {"weights": [[1]]}}',
        "{" + ",".join(f'"{k}": 1' for k in range(9)) + "}",
        '{"layers": [' + ",".join(["{}"] * 257) + "]}",
    ],
)
def test_a_body_that_may_mean_something_else_is_left_to_the_full_reader(text: str) -> None:
    with pytest.raises((*REFUSED, AttributeError)):
        request_arrays._Large(text.encode()).numbers(torch.float32)


@pytest.mark.parametrize("count", [1, 2, 256])
def test_layers_are_dicts_whose_arrays_can_be_taken(opened: Open, count: int) -> None:
    arrays = opened({"layers": [{"weights": [[k, 1]], "name": "w"} for k in range(count)]})
    layers = arrays.document["layers"]
    for layer in layers:
        assert layer.pop("name") == "w"
        arrays.take(layer.pop("weights"))
    assert layers == [{}] * count
    assert arrays.shapes == [(1, 2)] * count
    assert arrays.numbers(torch.float32).reshape(-1, 2).tolist() == [[k, 1] for k in range(count)]


def test_an_array_that_was_not_taken_or_a_bracket_in_a_text_is_left_to_the_full_reader() -> None:
    for text in ('{"a": [1], "b": [2]}', '{"a": [1], "b": "["}', '{"a": [1], "layers": [{"b": [1]}]}'):
        arrays = request_arrays._Large(text.encode())
        arrays.take(arrays.document["a"])
        with pytest.raises(NeedsFullReader):
            arrays.numbers(torch.float32)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_largest_number_is_taken_and_none_beyond(opened: Open, dtype: torch.dtype, sign: int) -> None:
    def taken(number: str) -> float:
        arrays = opened('{"a": [0, ' + number + ", 1]}")
        arrays.take(arrays.document["a"])
        return float(arrays.numbers(dtype)[1])

    largest = sign * torch.finfo(dtype).max
    assert taken(repr(largest)) == largest
    beyond = f"{2 * sign}e308" if dtype is torch.float64 else repr(1.001 * largest)
    with pytest.raises((*REFUSED, ArithmeticError)):
        taken(beyond)


def test_a_vector_and_rows_are_views_of_the_numbers_but_in_bfloat16() -> None:
    flat = np.arange(7, dtype="f4")
    vector, rows = cut(flat, [(3, 0), (2, 2)], torch.float32)
    flat[:] = 9
    assert (vector.tolist(), rows.tolist()) == ([9, 9, 9], [[9, 9], [9, 9]])
    assert [each.dtype for each in cut(flat, [(3, 0), (2, 2)], torch.bfloat16)] == [torch.bfloat16] * 2


@pytest.mark.parametrize("length", [1, 16_383, 16_384, 50_000])
def test_brackets_are_counted_in_a_text_of_any_length(length: int) -> None:
    assert request_arrays._brackets(b"[ ]" * length) == length


def test_eight_names_and_20_000_rows_are_taken_and_no_more() -> None:
    assert len(request_arrays._Large(json.dumps(dict.fromkeys("abcdefgh", 1)).encode()).document) == 8
    for rows in (20_000, 20_001):
        arrays = request_arrays._Large(json.dumps({"a": [[1]] * rows}).encode())
        if rows == 20_000:
            arrays.take(arrays.document["a"])
            assert arrays.shapes == [(rows, 1)]
        else:
            with pytest.raises(NeedsFullReader):
                arrays.take(arrays.document["a"])
