"""The long form of the tests: `LONG=1 make test`. `make test` alone is the short one.

The short form tries what people do, each operation, each limit, and each fault that was mended where that is quick. The
long one adds other widths, the other language, other kinds of network and many more drawn examples, and what takes
seconds in a browser and seldom changes.
"""

import os
from collections.abc import Container, Iterable, Sequence
from typing import Any

import pytest

LONG = os.environ.get("LONG", "") not in ("", "0")


def examples(few: int, many: int) -> int:
    """How many examples are drawn."""
    return many if LONG else few


def long(*values: Any) -> Any:
    """A case of a parametrized test that only the long form tries."""
    return pytest.param(*values, marks=pytest.mark.long)


def is_asked_for(config: pytest.Config) -> bool:
    """Whoever names a test, and not only its file or folder, wants it run."""
    return LONG or any("::" in each for each in config.args)


def some(values: Iterable[Any], *few: Any) -> list[Any]:
    """All of them; in the short form a few."""
    return [value if value in few else long(value) for value in values]


def crossed(ones: Iterable[Any], others: Sequence[Any], *, few: Container[Any] | None = None) -> list[Any]:
    """Each with each; in the short form each of both once at least: first with first, second with second, and so on.

    The others, which are no more than the ones, begin anew where they end. Tuples are several parameters. Of more ones
    than the short form needs, it takes a few.
    """
    return [
        case if here == k % len(others) and (few is None or one in few) else long(*case)
        for k, one in enumerate(ones)
        for here, other in enumerate(others)
        for case in [(*_parameters(one), *_parameters(other))]
    ]


def _parameters(of: Any) -> tuple[Any, ...]:
    return of if isinstance(of, tuple) else (of,)
