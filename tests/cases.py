"""Hundreds of short cases as one test: what pytest does around a test takes longer than such a case."""

import inspect
from collections.abc import Callable, Iterable
from functools import update_wrapper
from typing import Any

import pytest
from _pytest.mark import ParameterSet

from tests.long import is_asked_for

Test = Callable[..., None]


def each(names: str | tuple[str, ...], cases: Iterable[Any]) -> Callable[[Test], Test]:
    """As parametrize, but in one test, which tries them all. What fails says in which case."""

    def decorated(test: Test) -> Test:
        def all_cases(request: pytest.FixtureRequest, **fixtures: Any) -> None:
            failures = []
            tried = 0
            for case in cases:
                given = _given(names, case, request.config)
                if given is None:
                    continue
                tried += 1
                try:
                    test(**given, **fixtures)
                except (Exception, pytest.fail.Exception) as failure:
                    failure.add_note(
                        f"In the case {', '.join(f'{name}={value!r:.300}' for name, value in given.items())}"
                    )
                    failures.append(failure)
            assert tried
            if len(failures) == 1:
                raise failures[0]
            if failures:
                raise BaseExceptionGroup(f"{len(failures)} of {tried} cases", failures[:20])

        # Its marks are the test's; what hypothesis keeps at a function is only the inner one's.
        update_wrapper(all_cases, test, updated=())
        del all_cases.__wrapped__  # type: ignore[attr-defined]
        all_cases.pytestmark = getattr(test, "pytestmark", [])  # type: ignore[attr-defined]
        of = inspect.signature(all_cases).parameters["request"]
        rest = [each for name, each in inspect.signature(test).parameters.items() if name not in _tuple(names)]
        all_cases.__signature__ = inspect.Signature([of, *rest])  # type: ignore[attr-defined]
        return all_cases

    return decorated


def _given(names: str | tuple[str, ...], case: Any, config: pytest.Config) -> dict[str, Any] | None:
    """The test's arguments; None for a case of the long form that is not asked for."""
    if isinstance(case, ParameterSet):
        assert {mark.name for mark in case.marks} <= {"long"}
        if case.marks and not is_asked_for(config):
            return None
        values: Any = case.values
    else:
        values = (case,) if isinstance(names, str) else case
    return dict(zip(_tuple(names), values, strict=True))


def _tuple(names: str | tuple[str, ...]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else names
