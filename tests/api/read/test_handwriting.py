"""Strokes and pictures in a request: which numbers are points, and what is told of those that are none."""

from typing import Any

import numpy as np
import pytest

from adelante.network.errors import NetworkError
from app.api.read.handwriting import MOST_POINTS, drawing_cost, ink_in, strokes_in
from app.compute.service import JSON_NUMBER_COST

POINT = [0.5, 0.5]


def test_strokes_may_go_from_edge_to_edge_and_have_as_many_points_as_they_may() -> None:
    found = strokes_in([[[0, 1], [1.0, 0]], [POINT]], "/strokes")
    assert [np.asarray(stroke).tolist() for stroke in found] == [[[0, 1], [1, 0]], [[0.5, 0.5]]]
    assert [np.asarray(each).dtype for each in strokes_in([[[0, 1], [1, 0]]], "/strokes")] == [np.dtype("f8")]
    assert strokes_in([], "/strokes") == []
    assert len(strokes_in([[POINT] * (MOST_POINTS - 1), [POINT]], "/s")) == 2


@pytest.mark.parametrize(
    ("strokes", "type_", "key", "pointer", "values"),
    [
        ("x", "invalid-value", "strokes-expected", "", {}),
        ([POINT], "shape-mismatch", "matrix-expected", "/0", {}),
        ([[POINT], [[0.5]]], "shape-mismatch", "stroke-points", "/1", {"expected": "(n, 2)", "got": "(1, 1)"}),
        ([[POINT] * MOST_POINTS, [POINT]], "too-large", "too-many-points", "", {"limit": MOST_POINTS}),
        ([[[0, 1], [1, 0], [0.5, 1.001]]], "out-of-range", "point-beside-pad", "/0/2/1", {}),
        ([[POINT, [0.5, 1.001]]], "out-of-range", "point-beside-pad", "/0/1/1", {}),
        ([[POINT], [[-0.001, 2]]], "out-of-range", "point-beside-pad", "/1/0/0", {}),
    ],
)
def test_what_is_no_stroke_is_told_at_its_place(
    strokes: Any, type_: str, key: str, pointer: str, values: dict[str, Any]
) -> None:
    with pytest.raises(NetworkError) as caught:
        strokes_in(strokes, "/strokes")
    (fault,) = caught.value.faults
    assert (fault.type, fault.key, fault.pointer) == (type_, key, f"/strokes{pointer}")
    assert fault.values == values


def test_ink_is_drawn_or_taken_from_a_picture() -> None:
    assert ink_in([[POINT, [0.75, 0.5]]], None).any()
    assert ink_in(None, [[0.0, 1.0], [1.0, 1.0]]).shape == (2, 2)
    refused: list[tuple[Any, Any, str]] = [
        ([[[2, 2]]], None, "/p/strokes/0/0/0"),
        (None, [[]], "/p/picture"),
        (None, [[0.5, 1e300]], "/p/picture/0/1"),
    ]
    for strokes, picture, pointer in refused:
        with pytest.raises(NetworkError) as caught:
            ink_in(strokes, picture, "/p")
        assert caught.value.faults[0].pointer == pointer
    with pytest.raises(NetworkError) as caught:
        ink_in([[[0, 10**400]]], None, "/p")
    assert caught.value.faults[0].pointer == "/p/strokes/0/0/1"
    assert caught.value.faults[0].values["dtype"] == "float64"


def test_a_drawing_costs_what_is_in_it() -> None:
    nothing, stroke, point = drawing_cost([]), drawing_cost([[]]), drawing_cost([[POINT]])
    assert drawing_cost([[POINT] * 3, [POINT]]) == nothing + 2 * (stroke - nothing) + 4 * (point - stroke)
    assert drawing_cost(None, [[1, 2], [3], 4]) == nothing + 3 * JSON_NUMBER_COST
    assert drawing_cost("x", "x") == drawing_cost(None) == nothing
    assert nothing < stroke < point
