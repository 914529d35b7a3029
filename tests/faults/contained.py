"""A server in a control group of one gibibyte, as in a container with that limit, asked for more than fits. Needs root.

python -m tests.faults.contained GROUP      is `adelante serve` in that group
"""

import os
import runpy
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

import requests

from tests.faults.seen import Fault, Seen, resident, right, served_as_before, told
from tests.server import Server

GIB = 2**30
_ROOTS = {
    Path("/sys/fs/cgroup/memory"): ("memory.limit_in_bytes", "memory.max_usage_in_bytes"),
    Path("/sys/fs/cgroup"): ("memory.max", "memory.peak"),
}
JSON = {"Content-Type": "application/json"}


class NoGroup(Exception):
    """No control group can be made here."""


@dataclass(frozen=True)
class Contained:
    server: Server
    peak: Path


@contextmanager
def contained(limit: int = GIB) -> Iterator[Contained]:
    """A server that may use so many bytes."""
    for root, (name, peak) in _ROOTS.items():
        group = root / f"adelante-{token_hex(8)}"
        try:
            group.mkdir()
            (group / name).write_text(str(limit))
        except OSError:
            with suppress(OSError):
                group.rmdir()
            continue
        server = Server(command=f"tests.faults.contained {group}")
        try:
            server.start()
            yield Contained(server, group / peak)
        finally:
            server.stop()
            _removed(group)
        return
    raise NoGroup


def _removed(group: Path) -> None:
    for _ in range(50):
        with suppress(OSError):
            group.rmdir()
            return
        time.sleep(0.1)


def too_much_at_once(there: Contained, times: int) -> Seen:
    """8 answers of 2 million numbers and bodies of 24 MB at once: what does not fit waits, or comes again."""
    url = there.server.url
    body = b'{"inputs":[[' + b",".join([b"0.5"] * 6_000_000) + b']],"network":"multilayer"}'

    def ask(k: int) -> requests.Response:
        if k % 4 == 3:
            return requests.post(f"{url}/api/v1/forward", body, headers=JSON, timeout=120)
        return requests.post(f"{url}/api/v1/random", b'{"sizes":[1500,1500],"seed":1}', headers=JSON, timeout=120)

    assert right(url)
    before = resident(there.server.pid)
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(ask, k) for k in range(8 * times)]
        assert right(url)
        answers = [each.result() for each in asked]
    assert {answer.status_code for answer in answers} <= {200, 413, 422, 503}
    refused = [answer for answer in answers if answer.status_code == 503]
    after = served_as_before(there.server, before)
    answered = sum(answer.status_code == 200 for answer in answers)
    client = f"{answered} of {len(answers)} answered" + (f", {len(refused)} {told(refused[0])}" if refused else "")
    peak = int(there.peak.read_text()) / 2**20
    return Seen(client, f"at most {peak:.0f} of 1024 MiB, nothing killed", before, after)


FAULTS = [Fault("memory at the container's limit", too_much_at_once)]


if __name__ == "__main__":
    Path(sys.argv[1], "cgroup.procs").write_text(str(os.getpid()))
    sys.argv = ["adelante", "serve"]
    runpy.run_module("app.cli", run_name="__main__")
