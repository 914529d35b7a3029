"""Arrays of very many numbers, kept without an object for each, have their numbers and their faults."""

import json
import math
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
from app.api.read import decode
from app.api.read.decode import decode_json
from app.api.read.json_reader import PIECE, JsonReader
from tests.long import examples

DEPTH = 8


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
