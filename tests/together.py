"""A server of two processes for tests, which can be told apart and ended one by one."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import requests
from websockets.sync.client import ClientConnection, connect

from tests import warm
from tests.cli.test_process import serving, serving_soon

PATIENCE_SECONDS = 90


class Together:
    """A server of two processes."""

    def __init__(self, process: "subprocess.Popen[bytes] | warm.Process", url: str, folder: Path) -> None:
        self.process = process
        self.url = url
        self.folder = folder

    def workers(self) -> list[int]:
        """The numbers of those that serve."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(each) for each in children if b"resource_tracker" not in Path(f"/proc/{each}/cmdline").read_bytes()]

    @contextmanager
    def only(self, worker: int) -> Iterator[None]:
        """While the others stand still, this one takes every connection."""
        others = [each for each in self.workers() if each != worker]
        for other in others:
            os.kill(other, signal.SIGSTOP)
        try:
            yield
        finally:
            for other in others:
                os.kill(other, signal.SIGCONT)

    def numbers(self) -> str:
        return requests.get(f"{self.url}/metrics", timeout=PATIENCE_SECONDS).text

    def live(self) -> ClientConnection:
        return connect(f"{self.url.replace('http', 'ws')}/api/v1/live")


@contextmanager
def serving_together(folder: Path, *, forked: bool = False) -> Iterator[Together]:
    """The server, whose networks, note and numbers stand in the folder. Its workers are started, or `forked`."""
    kept = {name: str(folder) for name in ("XDG_STATE_HOME", "XDG_RUNTIME_DIR", "TMPDIR")}
    arguments = ("--port", "0", "--processes", "2")
    with ExitStack() as stack:
        process: subprocess.Popen[bytes] | warm.Process
        if forked:
            streams = Path(stack.enter_context(TemporaryDirectory()))
            process, url = stack.enter_context(serving_soon(streams, *arguments, forked=True, variables=kept))
        else:
            process, url = stack.enter_context(serving(*arguments, **kept))
        try:
            yield Together(process, url, folder)
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)
