"""How many threads torch may use: what the container allows, never none."""

from pathlib import Path

import pytest

from app.compute import threads


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
