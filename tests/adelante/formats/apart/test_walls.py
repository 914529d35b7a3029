"""Behind the walls: what a process that is closed in can still do, which is to compute and to answer."""

import subprocess
import sys
from pathlib import Path

import pytest

from adelante.formats.apart import walls

linux = pytest.mark.skipif(sys.platform != "linux", reason="seccomp is Linux's, and limits of memory are kept there")
_BEGIN = """
import ctypes, importlib.util, json, os, socket, subprocess, sys, threading, time
spec = importlib.util.spec_from_file_location("walls", sys.argv[1])
walls = importlib.util.module_from_spec(spec)
spec.loader.exec_module(walls)
here = os.getpid()
walls.shut(1 << 28, 1, closed=sys.argv[2] == "closed")
def tried(what):
    try:
        what()
    except BaseException as error:
        return type(error).__name__
    return "done"
"""


def _run(program: str, *, closed: bool = True) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-c", _BEGIN + program, str(walls.__file__), "closed" if closed else "open"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@linux
@pytest.mark.parametrize(
    "what",
    [
        "open(sys.argv[1])",
        "open('canary', 'w')",
        "os.open('/etc/passwd', os.O_RDONLY)",
        "os.listdir('/')",
        "socket.socket()",
        "os.pipe()",
        "os.dup(1)",
        "os.fork()",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.execv('/bin/true', ['true'])",
        "subprocess.run(['true'])",
        "threading.Thread(target=print).start()",
        "os.kill(os.getppid(), 9)",
        "os.kill(os.getppid(), 0)",
        "os.unlink('canary')",
        "os.mkdir('canary')",
        "os.chdir('/')",
        "os.chmod(sys.argv[1], 0)",
        "bytearray(1 << 30)",
        "walls.resource.setrlimit(walls.resource.RLIMIT_NOFILE, (9, 9))",
        "os.setuid(0) if os.getuid() else 1 / 0",
    ],
)
def test_nothing_is_opened_started_or_reached(what: str, tmp_path: Path) -> None:
    done = _run(f"os.write(1, tried(lambda: {what}).encode())")
    assert done.returncode == 0, done.stderr
    assert done.stdout not in ("", "done"), what
    assert list(tmp_path.iterdir()) == []


@linux
def test_it_can_compute_and_answer() -> None:
    done = _run("total = sum(range(10 ** 6)); os.write(1, str(total).encode())")
    assert (done.returncode, done.stdout) == (0, "499999500000")


@linux
@pytest.mark.parametrize("closed", [True, False])
def test_what_does_not_end_is_ended(closed: bool) -> None:
    done = _run("while True: pass", closed=closed)
    assert done.returncode in (-24, -9)


@linux
def test_a_file_that_is_open_to_reading_is_not_to_writing(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    done = _run(
        f"print(tried(lambda: open(sys.argv[1]).read()), tried(lambda: open({str(canary)!r}, 'w').write('x' * 9)))",
        closed=False,
    )
    assert done.stdout.split()[0] == "done"
    assert not canary.exists() or canary.read_text() == ""
