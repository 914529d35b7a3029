"""Many cases as one test."""

import warnings
from pathlib import Path
from typing import Any, cast

import pytest

from tests.cases import each
from tests.long import long


def tried(test: Any, request: Any) -> None:
    cast(Any, test)(request=request)


class Asked:
    """As pytest's request, where a test is named or not."""

    def __init__(self, *args: str) -> None:
        self.config = self
        self.args = args


def test_every_case_is_tried_and_a_failure_names_its_own() -> None:
    seen = []

    @each(("one", "other"), [(1, "a"), (2, "b"), long(3, "c")])
    def test(one: int, other: str) -> None:
        seen.append((one, other))
        assert other != "a"

    with pytest.raises(AssertionError) as raised:
        tried(test, Asked("tests"))
    assert seen[:2] == [(1, "a"), (2, "b")]
    assert raised.value.__notes__ == ["In the case one=1, other='a'"]
    seen.clear()
    with pytest.raises(AssertionError):
        tried(test, Asked("tests/test_cases.py::test"))
    assert seen == [(1, "a"), (2, "b"), (3, "c")]


def test_of_several_failures_each_is_told() -> None:
    @each("one", [1, 2, 3])
    def test(one: int) -> None:
        if one > 1:
            pytest.fail("too large")

    with pytest.raises(BaseExceptionGroup, match="2 of 3 cases") as raised:
        tried(test, Asked())
    assert [failure.__notes__ for failure in raised.value.exceptions] == [["In the case one=2"], ["In the case one=3"]]


def test_a_test_of_no_case_fails() -> None:
    @each("one", [])
    def test(one: int) -> None:
        pass

    with pytest.raises(AssertionError):
        tried(test, Asked())


@each("one", [1])
@pytest.mark.filterwarnings("error")
def test_fixtures_and_marks_are_the_tests_own(one: int, tmp_path: Path) -> None:
    assert tmp_path.exists()
    with pytest.raises(UserWarning):
        warnings.warn("in the case", stacklevel=1)
