"""Who has a file read apart gets an answer or a refusal in words."""

import subprocess
from typing import Any

import pytest

from adelante import process
from adelante.formats.apart.exchange import Reading, head_of
from adelante.formats.apart.parent import Answer, read_apart
from adelante.formats.opened import Limits, Note
from adelante.network.errors import Fault, NetworkError

ANSWER = b"".join(head_of(Reading((), (), (Note("a-note", ("/input",), {"n": 1}),)))) + b"numbers"


def _child(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Stands in for the process: the same pipes, another program."""
    monkeypatch.setattr(process, "_BEGIN", f"import os, sys, time\n{program}\nos._exit(0)\n")


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
    "program", ["sys.exit(3)", "os.write(1, b'no')", "os.write(1, b'\\xff' * 100)", "raise MemoryError", "pass"]
)
def test_an_end_without_an_answer(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _child(monkeypatch, program)
    assert _refused().key == "apart-ended"


def test_a_machine_that_starts_no_process_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", full)
    assert _refused() == Fault("busy", "apart-not-started", "", {"reason": "Resource temporarily unavailable"})


def test_what_takes_too_long_or_is_too_long_is_refused_with_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    _child(monkeypatch, "os.kill(os.getpid(), 24)")
    assert _refused(apart_seconds=7) == Fault("unsupported-file", "apart-time", "", {"limit": 7})
    _child(monkeypatch, "while True: os.write(1, b'x' * 65536)")
    fault = _refused(parameters=1000)
    assert (fault.key, fault.values) == ("apart-large", {"limit": 8 * 1000 + (1 << 20) + len(b"a file")})
