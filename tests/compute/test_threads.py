"""How many threads torch may use: what the container allows, never none."""

from pathlib import Path

import pytest

from app.compute import threads
from app.compute.service import ComputeService
from app.settings import Settings


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        ("200000 100000", 2),
        ("50000 100000", 1),
        ("150000 100000", 1),
        ("max 100000", 4),
        ("800000 100000", 4),
    ],
)
def test_a_containers_quota_counts_whole_cores_and_at_least_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, quota: str, expected: int
) -> None:
    (tmp_path / "cpu.max").write_text(quota)
    monkeypatch.setattr(threads, "_QUOTA", tmp_path / "cpu.max")
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2, 3}, raising=False)
    assert threads.available_cores() == expected


@pytest.mark.parametrize(("processes", "expected"), [(1, 7), (2, 3), (4, 1), (16, 1)])
def test_processes_divide_the_cores_and_leave_one_each_to_the_event_loop(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, processes: int, expected: int
) -> None:
    monkeypatch.setattr(threads, "_QUOTA", tmp_path / "none")
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)), raising=False)
    service = ComputeService(Settings(processes=processes))
    service.close()
    assert service.threads == expected
