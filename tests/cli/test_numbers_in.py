"""Numbers as people write them, and nothing guessed where they can be read in two ways."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.problems import Problem
from app.cli.numbers_in import numbers_of_line, numbers_of_table

FINITE = st.floats(allow_nan=False, allow_infinity=False)
VECTOR = st.lists(FINITE, min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1,2,3", [1, 2, 3]),
        ("1 2 3", [1, 2, 3]),
        (" 1, 2 ,3, ", [1, 2, 3]),
        ("-0.5\t+2e-3", [-0.5, 0.002]),
        ("−1,.5,5.", [-1, 0.5, 5]),
        ("0,5; 1,25", [0.5, 1.25]),
        ("0.5;1;", [0.5, 1]),
        ("7", [7]),
        ("0,5;", [0.5]),
        ("", []),
    ],
)
def test_lines(text: str, numbers: list[float]) -> None:
    assert numbers_of_line(text, "/inputs") == numbers


@given(VECTOR, st.sampled_from([",", ", ", " ", ";", "\t"]))
def test_every_number_comes_through_to_the_last_bit(numbers: list[float], separator: str) -> None:
    read = numbers_of_line(separator.join(map(repr, numbers)), "/inputs")
    assert [math.copysign(1, x) for x in read] == [math.copysign(1, x) for x in numbers]
    assert read == numbers


@given(st.lists(FINITE, min_size=2, max_size=6))
def test_decimal_commas_beside_semicolons(numbers: list[float]) -> None:
    assert numbers_of_line("; ".join(repr(x).replace(".", ",") for x in numbers), "/inputs") == numbers


@pytest.mark.parametrize("text", ["1,5 2,5", "1,2 3", "1,2,3 4,5,6"])
def test_what_can_be_read_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(Problem) as raised:
        numbers_of_line(text, "/inputs")
    assert raised.value.faults[0].key == "inputs-ambiguous"


@pytest.mark.parametrize(
    ("text", "place"), [("1,x", 1), ("nan", 0), ("1,,2", 1), ("0x10", 0), ("1 _2", 1), ("1,inf", 1), ("٣", 0)]
)
def test_what_is_no_number_is_refused_with_its_place(text: str, place: int) -> None:
    with pytest.raises(Problem) as raised:
        numbers_of_line(text, "/inputs")
    assert (raised.value.type, raised.value.faults[0].pointer) == ("not-a-number", f"/inputs/{place}")


@pytest.mark.parametrize(
    "lines",
    [
        ["1,2.5", "-3,4"],
        ["x1,x2", "1,2.5", "-3,4"],
        ["x1;x2", "1;2,5", "-3;4"],
        ["1\t2,5", "-3\t4"],
        ["1 2.5", "-3   4"],
        ['"1","2.5"', '"−3","4"'],
    ],
)
def test_tables(lines: list[str]) -> None:
    assert numbers_of_table(lines, "/inputs") == [[1, 2.5], [-3, 4]]


def test_a_wrong_cell_is_named_by_its_row_without_the_headings() -> None:
    with pytest.raises(Problem) as raised:
        numbers_of_table(["a,b", "1,2", "3,?"], "/inputs")
    assert raised.value.faults[0].pointer == "/inputs/1/1"
