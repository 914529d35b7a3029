"""A server under load, and what it took: processor time and memory, as /proc tells them."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from tests.bench.servers import JSON
from tests.server import Server

RATE = 30.0
_TICKS = os.sysconf("SC_CLK_TCK")
_REQUEST = json.dumps({"network": "multilayer", "inputs": [1, 0, -1]}).encode()


class Dragged(NamedTuple):
    """Times in milliseconds from a change to its answer; cores that the server kept busy; its memory in MiB."""

    learners: int
    changes: int
    late: int
    p50: float
    p95: float
    p99: float
    cores: float
    memory: float


def tree(pid: int) -> list[int]:
    """The process and those that it started."""
    found = [pid]
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            found += tree(int(child))
    return found


def cpu_seconds(pid: int) -> float:
    """Of the process and those that it started."""
    total = 0
    for each in tree(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS


def memory(pid: int) -> float:
    """Resident memory in MiB of the process and those that it started; what they share counts once for each."""
    lines = [line for each in tree(pid) for line in Path(f"/proc/{each}/status").read_text().splitlines()]
    return sum(float(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def dragged(server: Server, learners: int, seconds: float, *, idle: int = 0, clients: int = 1) -> Dragged:
    """So many learners for so long, from `clients` processes."""
    shares = [learners // clients + (k < learners % clients) for k in range(clients)]
    command = [sys.executable, "-m", "tests.load.learners", server.url]
    processes = [
        subprocess.Popen(
            [*command, *map(str, (n, seconds, RATE, idle // clients))], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for n in shares
        if n
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
    started, before = time.monotonic(), cpu_seconds(server.pid)
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
    told = [json.loads(process.communicate()[0]) for process in processes]
    cores = (cpu_seconds(server.pid) - before) / (time.monotonic() - started)
    worst = {name: max(each[name] for each in told) for name in ("p50", "p95", "p99")}
    changes, late = (sum(int(each[name]) for each in told) for name in ("changes", "late"))
    return Dragged(learners, changes, late, worst["p50"], worst["p95"], worst["p99"], cores, memory(server.pid))


def requested(server: Server, connections: int, seconds: float) -> dict[str, float]:
    """Small forward passes by so many keep-alive connections: answers a second, quantiles in milliseconds."""
    head = f"POST /api/v1/forward HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: {JSON}\r\n"
    raw = f"{head}Content-Length: {len(_REQUEST)}\r\n\r\n".encode() + _REQUEST
    command = [sys.executable, "-m", "tests.bench.load", str(server.port), str(connections), str(seconds)]
    done = subprocess.run(command, input=raw, capture_output=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found
