"""How large the pieces are in which the numbers of a long JSON text are read."""

import json
import math
from itertools import pairwise
from typing import Any, NamedTuple

import pytest

from app.api.read import decode
from app.api.read.json_reader import PIECE, JsonReader


class Piece(NamedTuple):
    """How many bytes were looked at, and how many elements of which shape, of how many bytes, were found."""

    looked_at: int
    elements: int
    inner: tuple[int, ...]
    size: int


@pytest.fixture
def pieces(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Reads an array; the pieces in which it was read."""
    numbers = JsonReader._numbers

    def read(array: Any) -> list[Piece]:
        found: list[Piece] = []

        def noted(self: JsonReader, at: int, piece: int) -> Any:
            result = numbers(self, at, piece)
            found.append(Piece(piece, 0, (), 0) if result is None else _piece(piece, *result, at))
            return result

        monkeypatch.setattr(JsonReader, "_numbers", noted)
        text = json.dumps({"a": array}, separators=(",", ":")).encode()
        reader = JsonReader(text, decode._DECODER, max_depth=8, max_values=10**9, long_arrays=True)
        reader.read()
        return found

    return read


def _piece(looked_at: int, elements: list[Any], inner: tuple[int, ...], end: int, start: int) -> Piece:
    return Piece(looked_at, len(elements), inner, end - start)


def test_pieces_grow_eightfold_up_to_the_largest(pieces: Any) -> None:
    assert [each.looked_at for each in pieces([1] * 100_000)] == [512, 4096, 32_768, PIECE, PIECE, PIECE]


@pytest.mark.parametrize("row", [[1, 2], [[1], [2]], [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]])
def test_a_piece_has_few_rows_however_they_nest(pieces: Any, row: Any) -> None:
    """Innermost ones: of more than 700 new lists Python's garbage collector looks at every one."""
    rows = [each.elements * math.prod(each.inner[:-1]) for each in pieces([row] * 3000) if each.elements]
    assert 480 < max(rows) <= 500
    # All but the first, which begins small, and the end.
    assert rows[1:-5] == [max(rows)] * len(rows[1:-5])


def test_rows_that_are_longer_than_a_piece_are_read_several_at_a_time(pieces: Any) -> None:
    assert max(each.elements for each in pieces([[7] * 5000] * 40) if each.inner) == PIECE // 10_002
    # No larger pieces for rows that are longer than the largest.
    assert {each.looked_at for each in pieces([[7] * 50_000] * 3)} <= {128, 512, 1024, 4096, 8192, 32_768, PIECE}


def test_rows_far_into_a_text_want_the_same_pieces_as_at_its_beginning(pieces: Any) -> None:
    row = len(json.dumps([7] * 300, separators=(",", ":")))
    for before in ("x", "x" * 50_000):
        assert 8 * row in [each.looked_at for each in pieces([before, *[[7] * 300] * 40])]


def test_a_piece_that_is_refused_is_tried_an_eighth_as_long_down_to_the_least(pieces: Any) -> None:
    found = pieces([1] * 60_000 + ["x"] + [7] * 40)
    refused = [each.looked_at for each in found if not each.elements]
    after = [later.looked_at for each, later in pairwise(found) if not each.elements and each.looked_at > 512]
    assert {PIECE, 8192, 1024, 128} == {*refused}
    assert after == [size // 8 for size in refused if size > 512]
