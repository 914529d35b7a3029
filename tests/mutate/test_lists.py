"""What the mutation run's own lists name is there."""

import ast
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.mutate.areas import API_TESTS, BESIDE, LEFT_OUT, areas_of
from tests.mutate.plain import undecorated
from tests.mutate.sample import spread_out
from tests.mutate.survivors import believed_equivalent

ROOT = Path(__file__).parents[2]


def test_every_module_has_tests_that_concern_it() -> None:
    areas = areas_of(ROOT, [ROOT / "adelante", *(ROOT / "app" / part for part in ("store", "live", "compute", "api"))])
    assert [path for area in areas for path in area.tests if not (ROOT / path).exists()] == []
    assert [path for path in BESIDE if not (ROOT / path).exists()] == []
    assert [path for path in API_TESTS if not (ROOT / path).exists()] == []
    for path, _, name in (test.partition("::") for test in LEFT_OUT):
        assert f"\ndef {name}(" in (ROOT / path).read_text()
    # Each has a folder of its own.
    assert len({area.name for area in areas}) == len(areas)
    # Those of a module come before those of the package's others.
    (decode,) = areas_of(ROOT, [ROOT / "app/api/read/decode.py"])
    assert decode.tests == ["tests/api/read/test_decode.py", *BESIDE["app/api/read/decode.py"]]


def test_changes_that_cannot_be_noticed_are_changes_of_lines_that_stand() -> None:
    for key, reason in believed_equivalent().items():
        lines = [line.strip() for line in (ROOT / key.path).read_text().splitlines()]
        assert [line for line in key.removed if line not in lines] == [], key
        assert len(reason.split()) > 3


SOURCE = '''
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Side:
    """A side."""

    length: int = 2

    @property
    def double(self) -> int:
        return 2 * self.length

    @cached_property
    def square(self) -> int:
        return self.length**2


@dataclass
class Other: ...
'''


def test_what_is_decorated_can_be_changed_too_and_is_the_same() -> None:
    for source in (SOURCE, *(path.read_text() for path in (ROOT / "adelante/network").rglob("*.py"))):
        plain = undecorated(source)
        before, after = ({lines(each) for each in ast.walk(ast.parse(text))} for text in (source, plain))
        assert before - {None} <= after
        assert "@property" not in plain
        assert "@dataclass(frozen=True)\n" not in plain
    made: dict[str, Any] = {}
    exec(undecorated(SOURCE), made)  # the text above
    side = made["Side"](3)
    assert (side.double, side.square, side, made["Other"]()) == (6, 9, made["Side"](3), made["Other"]())
    with pytest.raises(AttributeError):
        side.length = 4


def lines(node: ast.AST) -> tuple[str, int] | None:
    """What is defined where."""
    return (node.name, node.lineno) if isinstance(node, ast.ClassDef | ast.FunctionDef) else None


def test_some_of_very_many_changes_are_spread_over_all_functions_and_the_same_ones_each_time() -> None:
    changes = [f"app.a.x_{name}__mutmut_{k}" for name in "abcdefgh" for k in range(1, 6)] + ["app.a.x_one__mutmut_1"]
    for count, least in ((9, 1), (17, 2), (200, 5)):
        found = spread_out(changes, count)
        assert found == spread_out(reversed(changes), count)
        assert len(found) == min(count, 41)
        functions = Counter(change.rpartition("__mutmut_")[0] for change in found)
        assert {count for name, count in functions.items() if not name.endswith("one")} == {least}
        assert functions["app.a.x_one"] == 1
    assert spread_out(changes, 4) < spread_out(changes, 9)
