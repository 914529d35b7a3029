"""A server under load, and what it took: processor time and memory, as /proc tells them."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

from tests.bench.servers import JSON
from tests.server import Server

RATE = 30.0
_COUNTS = ("changes", "late", "opened", "ended")
_TICKS = os.sysconf("SC_CLK_TCK")
_REQUEST = json.dumps({"network": "multilayer", "inputs": [1, 0, -1]}).encode()


class Dragged(NamedTuple):
    """Times in milliseconds from a change to its answer; cores that the server kept busy, and of them those of its
    busiest process; the busiest client process's share of a core; sockets opened, and those that the server ended;
    memory in MiB before any socket, with all open, and at the end of the dragging."""

    learners: int
    changes: int
    late: int
    p50: float
    p95: float
    p99: float
    cores: float
    busiest: float
    client: float
    opened: int
    ended: int
    before: float
    open: float
    memory: float


def tree(pid: int) -> list[int]:
    """The process and those that it started."""
    found = [pid]
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            found += tree(int(child))
    return found


def cpu_seconds(pid: int) -> dict[int, float]:
    """Of the process and those that it started, each."""
    found = {}
    for each in tree(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        found[each] = (int(fields[11]) + int(fields[12])) / _TICKS
    return found


def memory(pid: int) -> float:
    """Resident memory in MiB of the process and those that it started; what they share counts once for each."""
    lines = [line for each in tree(pid) for line in Path(f"/proc/{each}/status").read_text().splitlines()]
    return sum(float(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


@contextmanager
def watched(pid: int, every: float) -> Iterator[list[tuple[float, float]]]:
    """Seconds since the start and `memory` then: at the start, every so many seconds, and at the end."""
    began, over = time.monotonic(), Event()
    found = [(0.0, memory(pid))]

    def look() -> None:
        while not over.wait(every):
            found.append((time.monotonic() - began, memory(pid)))

    thread = Thread(target=look)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()
        found.append((time.monotonic() - began, memory(pid)))


def dragged(
    server: Server, learners: int, seconds: float, *, idle: int = 0, clients: int = 1, reopen: float = 0.0
) -> Dragged:
    """So many learners for so long, from `clients` processes, which share out the sockets that only look on."""
    command = [sys.executable, "-m", "tests.load.learners", server.url]
    shares = [(_share(learners, clients, k), _share(idle, clients, k)) for k in range(clients)]
    before = memory(server.pid)
    processes = [
        subprocess.Popen(
            [*command, *map(str, (active, seconds, RATE, looking, reopen))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for active, looking in shares
        if active + looking
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
    opened = memory(server.pid)
    started, cpu = time.monotonic(), cpu_seconds(server.pid)
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
    told = [json.loads(process.communicate()[0]) for process in processes]
    took, now = time.monotonic() - started, cpu_seconds(server.pid)
    cores = [(now[each] - cpu.get(each, 0.0)) / took for each in now]
    p50, p95, p99 = (max(each[name] for each in told) for name in ("p50", "p95", "p99"))
    changes, late, sockets, ended = (sum(int(each[name]) for each in told) for name in _COUNTS)
    client = max(each["share"] for each in told)
    taken = (sum(cores), max(cores), client, sockets, ended, before, opened, memory(server.pid))
    return Dragged(learners, changes, late, p50, p95, p99, *taken)


def _share(whole: int, parts: int, part: int) -> int:
    return whole // parts + (part < whole % parts)


def requested(server: Server, connections: int, seconds: float) -> dict[str, float]:
    """Small forward passes by so many keep-alive connections: answers a second, quantiles in milliseconds, cores that
    the server kept busy."""
    head = f"POST /api/v1/forward HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: {JSON}\r\n"
    raw = f"{head}Content-Length: {len(_REQUEST)}\r\n\r\n".encode() + _REQUEST
    command = [sys.executable, "-m", "tests.bench.load", str(server.port), str(connections), str(seconds)]
    cpu = sum(cpu_seconds(server.pid).values())
    done = subprocess.run(command, input=raw, capture_output=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    found["cores"] = (sum(cpu_seconds(server.pid).values()) - cpu) / seconds
    return found
