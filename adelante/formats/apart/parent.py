"""Has a file read in a process of its own, a few of them at a time, each killed when its time is over."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from dataclasses import asdict
from typing import IO, NamedTuple

from adelante.formats.apart.exchange import LENGTH, MAX_HEAD_BYTES, notes_in
from adelante.formats.kinds import Bytes
from adelante.formats.opened import Limits, Note
from adelante.network.errors import Fault, NetworkError

MOST_AT_ONCE = 2
_slots = threading.BoundedSemaphore(MOST_AT_ONCE)
# Who waits looks again after so many seconds, unless it is woken up before.
_PATIENCE = 0.005
# Seconds until torch is imported, and how many times longer than it may compute it may be there, on a busy machine.
_START, _BUSY = 30, 3
_PIECE = 1 << 20
# The kernel ends a process that has computed for too long with SIGXCPU, and with SIGKILL one that goes on.
_OUT_OF_TIME = 24
_LARGEST_NUMBER = 8
_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "SYSTEMDRIVE", "TMP", "TEMP", "LANG")
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
_BEGIN = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from adelante.formats.apart.child import main; main(sys.argv[2])"
)


class Answer(NamedTuple):
    """A safetensors file, and what was decided to read the other one."""

    data: bytes
    notes: tuple[Note, ...]


def read_apart(kind: str, data: Bytes, limits: Limits) -> Generator[None, None, Answer]:
    """Has a file of this kind ("exported", "state-dict") read, step by step, and waits in each for a moment.

    Closed before its end, it kills the process. Raises NetworkError where the file is refused, the process took more
    than its limits, or the machine could start none.
    """
    while not _slots.acquire(blocking=False):
        time.sleep(_PATIENCE)
        yield
    try:
        child = _Child(kind, data, limits)
        try:
            yield from child.steps()
            return child.answer()
        finally:
            child.end()
    finally:
        _slots.release()


class _Child:
    """One process, and the threads that fill and empty its pipes."""

    def __init__(self, kind: str, data: Bytes, limits: Limits) -> None:
        self._limits = limits
        self._memory = limits.apart_memory + 4 * len(data)
        self._most = _LARGEST_NUMBER * limits.parameters + MAX_HEAD_BYTES + len(data)
        order = {
            "kind": kind,
            "size": len(data),
            "memory": self._memory,
            "seconds": limits.apart_seconds,
            "limits": asdict(limits),
        }
        kept = {name: value for name in _KEPT if (value := os.environ.get(name)) is not None}
        paths = json.dumps([os.path.abspath(each) for each in sys.path])
        command = [sys.executable, "-I", "-X", "utf8", "-c", _BEGIN, paths, json.dumps(order)]
        try:
            self._process = subprocess.Popen(  # noqa: S603 (this interpreter, on our own code)
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # It writes nowhere, and there may be no folder in which anyone may.
                cwd=os.path.abspath(os.sep),
                env=kept | _ONE_THREAD,
                close_fds=True,
            )
        except OSError as error:
            raise _not_started(error.strerror or str(error)) from None
        self._until = time.monotonic() + _START + _BUSY * limits.apart_seconds
        self._found = bytearray()
        self._too_long = False
        self._ended = threading.Event()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            threading.Thread(target=self._fill, args=(self._process.stdin, data), daemon=True).start()
            threading.Thread(target=self._empty, args=(self._process.stdout,), daemon=True).start()
        except RuntimeError as error:
            self.end()
            raise _not_started(str(error)) from None

    def steps(self) -> Generator[None, None, None]:
        """Waits until it has answered. Raises NetworkError where its time is over."""
        while not self._ended.wait(_PATIENCE):
            if time.monotonic() > self._until:
                raise _refused("apart-time", limit=self._limits.apart_seconds)
            yield

    def answer(self) -> Answer:
        """What it answered. Raises NetworkError."""
        status = self._process.wait()
        if self._too_long:
            raise _refused("apart-large", limit=self._most)
        length = int.from_bytes(self._found[:LENGTH], "little")
        if status != 0 or len(self._found) < LENGTH + length:
            over = status == -_OUT_OF_TIME
            raise _refused("apart-time" if over else "apart-ended", limit=self._limits.apart_seconds)
        view = memoryview(self._found)
        notes = notes_in(bytes(view[LENGTH : LENGTH + length]))
        return Answer(bytes(view[LENGTH + length :]), notes)

    def end(self) -> None:
        """Kills it, if it has not ended by itself."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    @staticmethod
    def _fill(pipe: IO[bytes], data: Bytes) -> None:
        try:
            with pipe, memoryview(data) as view:
                for place in range(0, len(view), _PIECE):
                    pipe.write(view[place : place + _PIECE])
        except OSError:
            # It ended before it had read all of it.
            return

    def _empty(self, pipe: IO[bytes]) -> None:
        with pipe:
            while piece := pipe.read1(_PIECE):  # type: ignore[attr-defined]
                if len(self._found) + len(piece) > self._most:
                    self._too_long = True
                    self._process.kill()
                    break
                self._found += piece
        self._ended.set()


def _not_started(reason: str) -> NetworkError:
    return NetworkError(Fault("busy", "apart-not-started", "", {"reason": reason}))


def _refused(key: str, **values: int) -> NetworkError:
    return NetworkError(Fault("unsupported-file", key, "", values))
