"""The long form of the tests: `LONG=1 make test` takes some forty minutes, the short one some twelve.

Each thought is tried in the short form at least once. The long one tries it again: at another width, in the other
language, with another kind of network, or with many more drawn examples.
"""

import os
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
