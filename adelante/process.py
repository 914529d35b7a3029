"""A process that is given bytes, answers with bytes, and is thrown away: a few at a time, killed when its time is over.

For work that takes Python's lock or can't be interrupted, and for what a stranger's bytes might do.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from mmap import mmap
from typing import IO

MOST_AT_ONCE = 2
_slots = threading.BoundedSemaphore(MOST_AT_ONCE)
# Who waits looks again after so many seconds, unless it is woken up before.
_PATIENCE = 0.005
# Seconds until its modules are imported, and how many times longer than it may compute it may be there, as on a busy
# machine.
_START, _BUSY = 30, 6
_PIECE = 1 << 20
# The kernel ends a process that has computed for too long with SIGXCPU, and with SIGKILL one that goes on.
_OUT_OF_TIME = 24
_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "SYSTEMDRIVE", "TMP", "TEMP", "LANG")
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
# Whoever else computes goes first: a small pass is answered as soon beside it as without it.
_NICE = 5
_BEGIN = f"import json, os, sys; getattr(os, 'nice', int)({_NICE}); sys.path[:] = json.loads(sys.argv[1]); "


class ProcessFailed(Exception):
    """It gave no answer: it ended by itself."""


class TookTooLong(ProcessFailed):
    """Its time was over."""


class AnsweredTooMuch(ProcessFailed):
    """Its answer was longer than it may be."""


class NotStarted(ProcessFailed):
    """The machine could start none; the message is the system's reason."""


def answer_of(
    module: str, told: str, data: bytes | bytearray | mmap, *, seconds: int, most: int
) -> Generator[None, None, bytearray]:
    """What a process answers whose `main(told)` is in `module` and gets `data` on its standard input, at most so long.

    Step by step, waiting for a moment in each; closed before its end, it kills the process. `seconds` is how long it
    may compute. Raises ProcessFailed.
    """
    while not _slots.acquire(blocking=False):
        time.sleep(_PATIENCE)
        yield
    try:
        process = _Process(module, told, data, seconds, most)
        try:
            yield from process.steps()
            return process.answer()
        finally:
            process.end()
    finally:
        _slots.release()


class _Process:
    """One process, and the threads that fill and empty its pipes."""

    def __init__(self, module: str, told: str, data: bytes | bytearray | mmap, seconds: int, most: int) -> None:
        self._most = most
        kept = {name: value for name in _KEPT if (value := os.environ.get(name)) is not None}
        paths = json.dumps([os.path.abspath(each) for each in sys.path])
        program = f"{_BEGIN}from {module} import main; main(sys.argv[2])"
        command = [sys.executable, "-I", "-X", "utf8", "-c", program, paths, told]
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
            raise NotStarted(error.strerror or str(error)) from None
        self._until = time.monotonic() + _START + _BUSY * seconds
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
            raise NotStarted(str(error)) from None

    def steps(self) -> Generator[None, None, None]:
        """Waits until it has answered. Raises TookTooLong."""
        while not self._ended.wait(_PATIENCE):
            if time.monotonic() > self._until:
                raise TookTooLong
            yield

    def answer(self) -> bytearray:
        """What it answered. Raises ProcessFailed where it ended badly."""
        status = self._process.wait()
        if self._too_long:
            raise AnsweredTooMuch
        if status == -_OUT_OF_TIME:
            raise TookTooLong
        if status != 0:
            raise ProcessFailed
        return self._found

    def end(self) -> None:
        """Kills it, if it has not ended by itself."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    @staticmethod
    def _fill(pipe: IO[bytes], data: bytes | bytearray | mmap) -> None:
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
