"""Programs in processes of their own that need not import torch first: each is forked from one process (preloaded.py).

For tests of what a program does. How it starts, what it imports, and how much memory it takes, a real start shows.
"""

import io
import multiprocessing
import multiprocessing.process
import os
import runpy
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, cast

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.preloaded", "tests.warm"])


@dataclass(frozen=True)
class Program:
    """`python -m MODULE ARGUMENTS`, or `python PATH ARGUMENTS` where `path` is given."""

    module: str | None = None
    path: str | None = None
    arguments: tuple[str, ...] = ()
    folder: str | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    # As `-W error`.
    strict: bool = False
    # Files, pipes or terminals that stand for stdin, stdout and stderr, None for one that is closed; none where the
    # tests' own do.
    streams: tuple[str | None, str | None, str | None] | None = None


class Process:
    """A program that runs, with as much of subprocess.Popen as tests use."""

    def __init__(self, program: Program) -> None:
        self._process = _CONTEXT.Process(target=_become, args=(program,))
        self._process.start()

    @property
    def pid(self) -> int:
        return cast(int, self._process.pid)

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("a program", cast(float, timeout))
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        if self._process.exitcode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()


def run(program: Program, stdin: bytes = b"", timeout: float = 60) -> "subprocess.CompletedProcess[bytes]":
    """Runs it to its end: its status, and what it wrote."""
    with tempfile.TemporaryDirectory() as folder:
        given, out, err = (os.path.join(folder, name) for name in ("in", "out", "err"))
        for name, data in ((given, stdin), (out, b""), (err, b"")):
            with open(name, "wb") as file:
                file.write(data)
        process = Process(replace(program, streams=(given, out, err)))
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        written = []
        for name in (out, err):
            with open(name, "rb") as file:
                written.append(file.read())
        return subprocess.CompletedProcess(program.arguments, status, *written)


def printed(path: Path) -> str:
    """What the Python program in a file prints, which ends well."""
    done = run(Program(path=str(path)))
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def _become(program: Program) -> None:
    # It has no parent that it would be told of: it was started by itself.
    cast(Any, multiprocessing.process)._parent_process = None
    cast(Any, multiprocessing.current_process())._identity = ()
    os.environ.clear()
    os.environ.update(program.environment)
    if program.folder is not None:
        os.chdir(program.folder)
    if program.streams is not None:
        _redirect(program.streams)
    else:
        # What it says is not what its test says.
        os.dup2(2, 1)
    if program.strict:
        warnings.simplefilter("error")
    sys.argv = [program.path or str(program.module), *program.arguments]
    if program.path is not None:
        runpy.run_path(program.path, run_name="__main__")
    else:
        sys.path.insert(0, os.getcwd())
        runpy.run_module(str(program.module), run_name="__main__", alter_sys=True)


def _redirect(streams: tuple[str | None, str | None, str | None]) -> None:
    for number, (path, flags) in enumerate(zip(streams, (os.O_RDONLY, os.O_WRONLY, os.O_WRONLY), strict=True)):
        if path is None:
            os.close(number)
            continue
        opened = os.open(path, flags | os.O_NOCTTY)
        if opened != number:
            os.dup2(opened, number)
            os.close(opened)
    given, out, err = streams
    # What Python itself makes of them at its start.
    sys.stdin = cast(Any, None) if given is None else open(0, closefd=False)  # noqa: SIM115
    sys.stdout = cast(Any, None) if out is None else _written(1)
    sys.stderr = cast(Any, None) if err is None else _written(2, "backslashreplace")


def _written(number: int, errors: str = "strict") -> IO[str]:
    encoding = os.environ.get("PYTHONIOENCODING") or None
    at_once = bool(os.environ.get("PYTHONUNBUFFERED"))
    raw = open(number, "wb", buffering=0 if at_once else -1, closefd=False)  # noqa: SIM115
    return io.TextIOWrapper(cast(Any, raw), encoding, errors, line_buffering=raw.isatty(), write_through=at_once)
