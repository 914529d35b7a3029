"""A real S3 server for tests: moto's, in a process of its own, on a port that stays when it stops and starts."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from importlib.util import find_spec

import pytest

from tests.server import free_port

MISSING = "the S3 server of these tests is moto: pip install 'adelante[dev]'"
needs_s3 = pytest.mark.skipif(not (find_spec("moto") and find_spec("flask") and find_spec("obstore")), reason=MISSING)
BUCKET = "networks"

_RUN = """
import sys
from moto.server import main
main(["-H", "127.0.0.1", "-p", sys.argv[1]])
"""


class S3Server:
    """What it holds goes when it stops; `variables` is the environment of whoever wants to reach it."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def variables(self, url: str | None = None) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": url or self.url,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
        }

    def start(self) -> None:
        self._process = subprocess.Popen([sys.executable, "-c", _RUN, str(self.port)], stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(urllib.request.Request(f"{self.url}/{BUCKET}", method="PUT"), timeout=5)
                return
            except urllib.error.URLError:
                time.sleep(0.1)
        raise TimeoutError("the S3 server was not there within 30 seconds")

    def pause(self, signal_: int) -> None:
        """SIGSTOP: it takes connections and does not answer; SIGCONT: it goes on, with all that it holds."""
        assert self._process is not None
        self._process.send_signal(signal_)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = None
