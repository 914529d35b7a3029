"""What a store takes is counted over all processes that have it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.store.files import NetworkFiles, StoreFull
from app.store.used import Used

WRITE = """if True:
    import sys
    from app.store.files import NetworkFiles, StoreFull
    files, kept = NetworkFiles(sys.argv[1], 10_000), 0
    print("ready", flush=True)
    sys.stdin.readline()
    for k in range(20):
        try:
            files.write(sys.argv[2].encode() + b"%d" % k + bytes(995 - (k > 9)))
            kept += 1
        except StoreFull:
            pass
    print(kept)
"""


def test_several_processes_that_write_at_once_keep_within_the_limit(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITE, str(tmp_path), name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for name in ("one-", "two-")
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    kept = [int(writer.communicate("go\n", timeout=60)[0]) for writer in writers]
    assert sum(kept) == 10
    assert len(NetworkFiles(str(tmp_path)).ids()) == 10


def test_what_one_deletes_makes_room_for_the_other(tmp_path: Path) -> None:
    one, other = (NetworkFiles(str(tmp_path), max_bytes=1024) for _ in range(2))
    id, _ = one.write(bytes(1000))
    with pytest.raises(StoreFull):
        other.write(b"more" * 10)
    one.delete(id)
    assert other.write(b"more" * 10)[1]
    assert one.count() == other.count() == other.used == 40


def test_a_count_that_is_old_or_no_count_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []

    def count() -> int:
        counted.append(500)
        return 500

    note = tmp_path / "note"
    store = Used(count, 5.0, note)
    assert store.take(100, 1000)
    assert (store.bytes, len(counted)) == (600, 1)
    assert Used(count, 5.0, note).refresh() == 600
    note.write_bytes(b"half")
    assert Used(count, 5.0, note).refresh() == 500
    os.unlink(note)
    assert store.refresh() == 500
    now = time.time()
    for jump in (6, -6):
        counted.clear()
        monkeypatch.setattr("time.time", lambda jump=jump: now + jump)
        store.refresh()
        assert counted != [], "a clock that jumps"


def test_what_is_counted_after_a_file_is_gone_is_not_given_back_twice(tmp_path: Path) -> None:
    store = Used(lambda: 500, 0.000001, tmp_path / "note")
    store.give_back(400)
    assert store.bytes == 500


def counting(
    monkeypatch: pytest.MonkeyPatch, recount: float | None, found: int = 500
) -> tuple[Used, list[float], list[float]]:
    """A count without a note, the clock that it goes by, and when it counted."""
    clock, counted = [1000.0], list[float]()
    monkeypatch.setattr("app.store.used.time.time", lambda: clock[0])

    def count() -> int:
        counted.append(clock[0])
        return found

    return Used(count, recount), clock, counted


def test_what_just_fits_is_taken_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    store, _, counted = counting(monkeypatch, 60.0)
    assert not store.take(501, 1000)
    assert store.take(500, 1000)
    assert not store.take(1, 1000)
    assert (store.bytes, len(counted)) == (1000, 1)
    store.give_back(300)
    assert store.bytes == 700
    store.give_back(800)
    assert store.bytes == 0


def test_it_is_counted_as_often_as_is_asked_and_more_often_where_it_is_nearly_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store, clock, counted = counting(monkeypatch, 60.0)
    for seconds in (0, 59, 60, 119, 120):
        clock[0] = 1000.0 + seconds
        assert store.refresh() == 500
    assert counted == [1000, 1060, 1120]
    for limit, seconds, again in (
        (1000, 30, False),
        (555, 31, True),
        (555, 40, False),
        (555, 41, True),
        (556, 55, False),
    ):
        clock[0] = 1120.0 + seconds
        before = len(counted)
        store.take(0, limit)
        assert (len(counted) > before) == again, (limit, seconds)


def test_what_nobody_else_writes_to_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    store, clock, counted = counting(monkeypatch, None)
    for seconds in (0, 10**6):
        clock[0] = 1000.0 + seconds
        store.take(0, 500)
        store.give_back(0)
    assert counted == [1000]


def test_a_note_that_can_not_be_written_keeps_what_was_given_back_for_the_next_count(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = Used(lambda: 500, 60.0, tmp_path / "file" / "note")
    store.give_back(100)
    with pytest.raises(OSError, match="file"):
        store.take(1, 1000)
