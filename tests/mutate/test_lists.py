"""What the mutation run's own lists name is there."""

from pathlib import Path

from tests.mutate.areas import API_TESTS, BESIDE, areas_of
from tests.mutate.survivors import believed_equivalent

ROOT = Path(__file__).parents[2]


def test_every_module_has_tests_that_concern_it() -> None:
    areas = areas_of(ROOT, [ROOT / "adelante", *(ROOT / "app" / part for part in ("store", "live", "compute", "api"))])
    assert [path for area in areas for path in area.tests if not (ROOT / path).exists()] == []
    assert [path for path in BESIDE if not (ROOT / path).exists()] == []
    assert [path for path in API_TESTS if not (ROOT / path).exists()] == []
    # Those of a module come before those of the package's others.
    (decode,) = areas_of(ROOT, [ROOT / "app/api/read/decode.py"])
    assert decode.tests == BESIDE["app/api/read/decode.py"]


def test_changes_that_cannot_be_noticed_are_changes_of_lines_that_stand() -> None:
    for key, reason in believed_equivalent().items():
        lines = [line.strip() for line in (ROOT / key.path).read_text().splitlines()]
        assert [line for line in key.removed if line not in lines] == [], key
        assert len(reason.split()) > 3
