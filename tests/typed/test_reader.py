"""What holds for every text: agreement with the page's reader, every bit of a number, linear work."""

import json
import math
import sys
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.typed.number import readings_of
from app.typed.reader import read_rows
from app.typed.words import Rule, Unread
from tests.typed.random_texts import COUNT, GENERATED, random_cases
from tests.typed.test_shared_cases import result_of

FINITE = st.floats(allow_nan=False, allow_infinity=False, min_value=-3e38, max_value=3e38)
ROWS = st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(FINITE, min_size=n, max_size=n), min_size=1, max_size=4))


def names(count: int) -> list[str]:
    return [f"x{i + 1}" for i in range(count)]


def test_random_texts_are_read_as_the_page_is_held_to() -> None:
    """The page's reader is held to the same file; after a change of the rules: python -m tests.typed.random_texts."""
    kept = json.loads(GENERATED.read_text())
    assert [{**case, **json.loads(json.dumps(result_of(case)))} for case in random_cases(7, COUNT)] == kept
    # The file would hold nobody to anything if all of it were refused.
    assert sum("rows" in case for case in kept) > COUNT / 10
    assert len({case.get("refused") for case in kept}) > 12


@given(ROWS, st.sampled_from([",", ", ", " ", ";", "\t", " | "]))
def test_every_number_comes_through_to_the_last_bit(rows: list[list[float]], separator: str) -> None:
    text = "\n".join(separator.join(map(repr, row)) for row in rows)
    read = read_rows(text, names(len(rows[0])), Rule()).rows
    assert read == rows
    assert [math.copysign(1, x) for row in read for x in row] == [math.copysign(1, x) for row in rows for x in row]


@given(ROWS, st.sampled_from([";", "\t", "; "]))
def test_decimal_commas_come_through_too(rows: list[list[float]], separator: str) -> None:
    text = "\n".join(separator.join(repr(x).replace(".", ",") for x in row) for row in rows)
    assert read_rows(text, names(len(rows[0])), Rule(",")).rows == rows


@given(ROWS)
def test_python_lists_come_through(rows: list[list[float]]) -> None:
    assert read_rows(repr(rows), names(len(rows[0])), Rule()).rows == rows


@given(st.text(alphabet="0123456789.,;-+eE/ \t\n'\"[](){}#xn%…−\u00a0", max_size=40), st.sampled_from([1, 2, 3]))
def test_any_text_is_read_or_refused(text: str, count: int) -> None:
    with suppress(Unread):
        read = read_rows(text, names(count), Rule())
        assert all(len(row) == count and all(map(math.isfinite, row)) for row in read.rows)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("6.000", (6, 6000)),
        ("6,000", (6, 6000)),
        ("4.000.000", (4_000_000,)),
        ("4,000,000", (4_000_000,)),
        ("4 000 000", (4_000_000,)),
        ("4\u00a0000\u00a0000", (4_000_000,)),
        ("884\u202f736", (884_736,)),
        ("0,1595", (0.1595,)),
        ("", ()),
        ("six", ()),
        ("1e999", ()),
    ],
)
def test_everything_that_a_number_can_mean(text: str, values: tuple[float, ...]) -> None:
    assert readings_of(text) == values


HOSTILE = [
    '"',
    ",",
    " ",
    "\t",
    "\n",
    '",',
    "[",
    "[1],",
    "1",
    "1,",
    "1 ",
    "\u00a0",
    "1\u00a0",
    "#\n",
    "a=",
    "1,234",
    "e",
    "/",
]
HOSTILE += ["{", "a ", ";", "x\n", "tensor([1],a=b,", "<", "|-", "- ", "1'000", "sep=", "(", "…"]


@pytest.mark.parametrize("piece", HOSTILE, ids=repr)
def test_a_long_text_takes_work_in_proportion(piece: str) -> None:
    """Calls of functions are counted, not seconds: twice the text may cost twice the calls and little more."""

    def calls(length: int) -> int:
        text = piece * (length // len(piece))
        counted = 0

        def count(*_: object) -> None:
            nonlocal counted
            counted += 1

        before = sys.getprofile()
        sys.setprofile(count)
        try:
            with suppress(Unread):
                read_rows(text, names(3), Rule())
        finally:
            sys.setprofile(before)
        return counted

    assert calls(20_000) < 2.5 * calls(10_000) + 1000
