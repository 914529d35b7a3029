"""A real server process for tests: `adelante serve` on a free loopback port."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

from tests import warm

SERVE = "app.cli serve"
_STANDARD_ERROR = 2
# A machine that does much else starts slowly.
_PATIENCE_SECONDS = 120


def free_port() -> int:
    """A port that nothing listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Server:
    """The server at `url`, of this checkout or of the one in `folder`. Stopped, it can start again on its port.

    `command` is the module that Python runs, with its arguments, where that is not `adelante serve`.
    """

    def __init__(self, *, folder: str | None = None, command: str = SERVE, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._settings = settings
        self._folder = folder
        self._command = command
        self._warm = False
        self._process: subprocess.Popen[bytes] | warm.Process | None = None

    @classmethod
    def warm(cls, **settings: str) -> "Server":
        """One that is there sooner, for tests that tell nothing of its start and of its memory; see tests/warm.py."""
        server = cls(**settings)
        server._warm = True
        return server

    def start(self) -> None:
        environment = {**os.environ, **self._settings, "ADELANTE_HOST": "127.0.0.1", "ADELANTE_PORT": str(self.port)}
        module, *arguments = self._command.split()
        if self._warm:
            self._process = warm.Process(warm.Program(module, arguments=tuple(arguments), environment=environment))
        else:
            command = [sys.executable, "-m", module, *arguments]
            # Python looks for `app` in the working directory first. What the server says is not what its test says.
            self._process = subprocess.Popen(command, env=environment, cwd=self._folder, stdout=_STANDARD_ERROR)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"the server ended with status {self._process.returncode}")
            try:
                urllib.request.urlopen(f"{self.url}/v2/health/ready", timeout=2)
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise TimeoutError("the server was not ready in time")

    @property
    def running(self) -> bool:
        return self._process is not None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """As a machine that lost its power leaves it."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def terminate(self) -> int:
        """SIGTERM, as an update sends it; the status with which it ended."""
        assert self._process is not None
        self._process.terminate()
        status = self._process.wait(60)
        self._process = None
        return status

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None
