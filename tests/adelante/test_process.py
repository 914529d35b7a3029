"""A process apart: who waits for it gets an answer or a reason, never waits past its time, leaves nothing behind."""

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from adelante import process
from adelante.process import AnsweredTooMuch, NotStarted, ProcessFailed, TookTooLong, answer_of

ANSWER = "os.write(1, b'an answer')"


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Has another program stand in for the module's."""

    def stand_in(program: str) -> None:
        monkeypatch.setattr(process, "_BEGIN", f"import os, sys, time\n{program}\nos._exit(0)\n")

    return stand_in


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The processes that were begun."""
    found: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def noted(*args: Any, **named: Any) -> subprocess.Popen[bytes]:
        found.append(popen(*args, **named))
        return found[-1]

    monkeypatch.setattr(subprocess, "Popen", noted)
    return found


def begun(data: bytes = b"given", seconds: int = 10, most: int = 1000, module: str = "json") -> Any:
    return answer_of(module, "told, ", data, seconds=seconds, most=most)


def answer(data: bytes = b"given", seconds: int = 10, most: int = 1000, module: str = "json") -> bytes:
    steps = begun(data, seconds, most, module)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return bytes(end.value)


def test_the_modules_own_main_is_told_and_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "echoing.py").write_text(
        "import os, sys\ndef main(told):\n    os.write(1, told.encode() + sys.stdin.buffer.read())\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert answer(module="echoing") == b"told, given"


@pytest.mark.skipif(not hasattr(os, "nice"), reason="the system knows no niceness")
def test_it_computes_where_others_leave_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "niceness.py").write_text("import os\ndef main(told):\n    os.write(1, str(os.nice(0)).encode())\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert int(answer(module="niceness")) == min(19, os.nice(0) + 5)


@pytest.mark.parametrize("program", ["sys.exit(3)", "os.abort()", "raise MemoryError"])
def test_an_end_without_an_answer(program: str, child: Callable[[str], None]) -> None:
    child(program)
    with pytest.raises(ProcessFailed) as failed:
        answer()
    assert type(failed.value) is ProcessFailed


def test_no_folder_has_to_be_writable(child: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    # As in a container whose root file system is read-only and which has no /tmp.
    def none(*_: object) -> str:
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    monkeypatch.setattr(tempfile, "_get_default_tempdir", none)
    child(f"assert sys.stdin.buffer.read() == b'given'; {ANSWER}")
    assert answer() == b"an answer"


def test_a_machine_that_starts_no_process_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", full)
    with pytest.raises(NotStarted, match=r"^Resource temporarily unavailable$"):
        answer()


def test_a_machine_that_starts_no_thread_leaves_no_process_behind(
    child: Callable[[str], None], started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise RuntimeError("can't start new thread")

    child("time.sleep(60)")
    monkeypatch.setattr(threading.Thread, "start", full)
    with pytest.raises(NotStarted, match=r"^can't start new thread$"):
        answer()
    assert [each.poll() is None for each in started] == [False]


def test_an_end_by_the_kernel_for_computing_too_long(child: Callable[[str], None]) -> None:
    child("os.kill(os.getpid(), 24)")
    with pytest.raises(TookTooLong):
        answer()


def test_one_that_sleeps_is_killed(child: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_START", 0)
    child("time.sleep(60)")
    began = time.monotonic()
    with pytest.raises(TookTooLong):
        answer(seconds=0)
    assert time.monotonic() - began < 20


def test_an_answer_without_end_is_cut(child: Callable[[str], None]) -> None:
    child("while True: os.write(1, b'x' * 65536)")
    with pytest.raises(AnsweredTooMuch):
        answer(most=1000)


def test_what_it_does_not_read_holds_nobody_up(child: Callable[[str], None]) -> None:
    child(ANSWER)
    assert answer(bytes(1 << 22)) == b"an answer"


def test_who_leaves_takes_the_process_along(
    child: Callable[[str], None], started: list[subprocess.Popen[bytes]]
) -> None:
    child("time.sleep(60)")
    steps = begun()
    next(steps)
    steps.close()
    assert started[0].returncode == -9


def test_no_more_than_a_few_at_a_time(child: Callable[[str], None], started: list[subprocess.Popen[bytes]]) -> None:
    child("time.sleep(60)")
    works = [begun() for _ in range(3)]
    for work in (*works, *works):
        next(work)
    assert len(started) == 2
    works[0].close()
    next(works[2])
    assert len(started) == 3
    for work in works:
        work.close()
