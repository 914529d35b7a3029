"""Who has a file read apart: gets an answer or a refusal, never waits past the limits, and leaves nothing behind."""

import gc
import subprocess
import tempfile
import threading
import time
from typing import Any

import pytest

from adelante.formats.apart import parent
from adelante.formats.apart.exchange import Reading, head_of
from adelante.formats.apart.parent import Answer, read_apart
from adelante.formats.opened import Limits, Note
from adelante.network.errors import Fault, NetworkError

ANSWER = b"".join(head_of(Reading((), (), (Note("a-note", ("/input",), {"n": 1}),)))) + b"numbers"


def _child(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Stands in for the process: the same pipes, another program."""
    monkeypatch.setattr(parent, "_BEGIN", f"import os, sys, time\n{program}")


def _read(data: bytes = b"a file", **limits: Any) -> Answer:
    steps = read_apart("state-dict", data, Limits(**limits))
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Answer = end.value
            return found


def _refused(**limits: Any) -> Fault:
    with pytest.raises(NetworkError) as refused:
        _read(**limits)
    return refused.value.faults[0]


def test_the_answer_comes_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    _child(monkeypatch, f"assert sys.stdin.buffer.read() == b'a file'; os.write(1, {ANSWER!r})")
    data, notes = _read()
    assert (data, notes) == (b"numbers", (Note("a-note", ("/input",), {"n": 1}),))


def test_its_faults_are_told_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    fault = Fault("unsupported-file", "state-dict-none", "", {"names": ["epoch"]})
    _child(monkeypatch, f"os.write(1, {b''.join(head_of(Reading((), (fault,))))!r})")
    assert _refused() == fault


@pytest.mark.parametrize(
    "program",
    [
        "sys.exit(3)",
        "os.abort()",
        "os.write(1, b'no')",
        "os.write(1, b'\\xff' * 100)",
        "raise MemoryError",
        "os._exit(0)",
    ],
)
def test_an_end_without_an_answer(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _child(monkeypatch, program)
    assert _refused().key == "apart-ended"


def test_no_folder_has_to_be_writable(monkeypatch: pytest.MonkeyPatch) -> None:
    # As in a container whose root file system is read-only and which has no /tmp.
    def none(*_: object) -> str:
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    monkeypatch.setattr(tempfile, "_get_default_tempdir", none)
    _child(monkeypatch, f"assert sys.stdin.buffer.read() == b'a file'; os.write(1, {ANSWER!r})")
    assert _read().data == b"numbers"


def test_a_machine_that_starts_no_process_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", full)
    assert _refused() == Fault("busy", "apart-not-started", "", {"reason": "Resource temporarily unavailable"})


def test_a_machine_that_starts_no_thread_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    _child(monkeypatch, "time.sleep(60)")
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def noted(*args: Any, **named: Any) -> subprocess.Popen[bytes]:
        started.append(popen(*args, **named))
        return started[-1]

    def full(_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(subprocess, "Popen", noted)
    monkeypatch.setattr(threading.Thread, "start", full)
    assert _refused().key == "apart-not-started"
    # The process is not left behind.
    assert [each.poll() is None for each in started] == [False]


def test_an_end_by_the_kernel_for_computing_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    _child(monkeypatch, "os.kill(os.getpid(), 24)")
    assert _refused(apart_seconds=7) == Fault("unsupported-file", "apart-time", "", {"limit": 7})


def test_one_that_sleeps_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parent, "_START", 0)
    _child(monkeypatch, "time.sleep(60)")
    began = time.monotonic()
    assert _refused(apart_seconds=0).key == "apart-time"
    assert time.monotonic() - began < 20


def test_an_answer_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    _child(monkeypatch, "while True: os.write(1, b'x' * 65536)")
    assert _refused(parameters=1000).key == "apart-large"


def test_a_file_that_it_does_not_read_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    _child(monkeypatch, f"os.write(1, {ANSWER!r})")
    assert _read(bytes(1 << 22)).data == b"numbers"


def test_who_leaves_takes_the_process_along(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    popen = subprocess.Popen

    def kept(*args: Any, **more: Any) -> Any:
        started.append(popen(*args, **more))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", kept)
    _child(monkeypatch, "time.sleep(60)")
    steps = read_apart("state-dict", b"", Limits())
    next(steps)
    steps.close()
    assert started[0].returncode == -9
    del steps, started[:]
    gc.collect()
    deadline = time.monotonic() + 20
    while any(thread.name.startswith("apart") for thread in threading.enumerate()) and time.monotonic() < deadline:
        time.sleep(0.01)


def test_no_more_than_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    _child(monkeypatch, "time.sleep(60)")
    works: list[Any] = [read_apart("state-dict", b"", Limits()) for _ in range(3)]
    for work in works:
        next(work)
    for work in works:
        next(work)
    begun = [work.gi_frame is not None and "child" in work.gi_frame.f_locals for work in works]
    assert begun == [True, True, False]
    works[0].close()
    next(works[2])
    assert "child" in works[2].gi_frame.f_locals
    for work in works:
        work.close()
