"""Budgets of memory fit into the container that the process runs in."""

from pathlib import Path

import pytest

from app.container import fitted, memory_limit
from app.settings import Settings

MIB = 2**20


@pytest.mark.parametrize(
    ("own", "files", "limit"),
    [
        ("0::/\n", {"memory.max": "1073741824"}, 2**30),
        ("0::/\n", {"memory.max": "max"}, None),
        ("0::/a/b\n", {"a/memory.max": "1000", "a/b/memory.max": "max"}, 1000),
        # The group's name in the machine; in the container its own group is the root.
        ("0::/docker/0123\n", {"memory.max": "2000"}, 2000),
        ("4:cpu,memory:/x\n0::/\n", {"memory/x/memory.limit_in_bytes": "3000"}, 3000),
        ("4:memory:/\n", {"memory/memory.limit_in_bytes": str(2**63 - 4096)}, None),
        ("4:cpu:/\n", {"memory/memory.limit_in_bytes": "3000"}, None),
    ],
)
def test_the_limit_of_either_version(tmp_path: Path, own: str, files: dict[str, str], limit: int | None) -> None:
    (tmp_path / "own").write_text(own)
    for name, text in files.items():
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert memory_limit(tmp_path / "root", tmp_path / "own") == limit


def test_where_there_are_no_groups_nothing_limits(tmp_path: Path) -> None:
    assert memory_limit(tmp_path, tmp_path / "nothing") is None
    assert fitted(Settings(), None) == Settings()


@pytest.mark.parametrize(("limit", "processes"), [(2**30, 1), (2**30, 2), (2**31, 1), (2**31, 4), (2**40, 1)])
def test_budgets_fit_together_and_are_never_larger_than_they_were(limit: int, processes: int) -> None:
    usual, found = Settings(), fitted(Settings(), limit, processes)
    budgets = [found.work_memory_bytes, found.live_memory_bytes, found.store_cache_bytes]
    assert sum(budgets) + found.max_uploads_bytes <= max(64 * MIB, limit // processes - 400 * MIB)
    assert found.work_memory_bytes <= usual.work_memory_bytes
    assert min(budgets) >= 16 * MIB
    if limit == 2**40:
        assert found == usual


def test_what_was_chosen_stays() -> None:
    found = fitted(Settings(work_memory_bytes=2**29), 2**30)
    assert found.work_memory_bytes == 2**29
    assert found.store_cache_bytes < Settings().store_cache_bytes
