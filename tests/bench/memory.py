"""What a 64 MiB body costs in memory, as a ratio to its own size and beside the naive endpoint."""

import json
import urllib.error
from pathlib import Path

import numpy as np

from tests.bench.servers import naive, ours, post

MIB = 2**20


def main() -> None:
    """Peak resident memory before and after one request of just under 64 MiB."""
    body = _body(64 * MIB)
    print(f"a body of {len(body) / MIB:.1f} MiB: peak resident memory in MiB, before and after")
    print(f"{'server':10s} {'before':>8s} {'after':>8s} {'added':>8s} {'of the body':>12s}")
    for name, server in (("naive", naive), ("ours", ours)):
        with server() as port:
            pid = listener(port)
            before = peak_memory(pid)
            try:
                answer = json.loads(post(port, "/api/v1/forward", body)[0])
                assert len(answer["outputs"]) == 1
            except urllib.error.HTTPError as error:
                print(name, error.code, error.read()[:200])
            after = peak_memory(pid)
            added = after - before
            print(f"{name:10s} {before:8.0f} {after:8.0f} {added:8.0f} {added * MIB / len(body):11.1f}x", flush=True)


def _body(size: int) -> bytes:
    """One layer of 1,000 outputs that fills a body of at most this size."""
    numbers = np.random.default_rng(1).random(200_000)
    row = ("[" + ",".join(f"{x:.6f}" for x in numbers[:1000]) + "]").encode()
    n_in = (size - 20_000) // (len(row) + 20)
    inputs = b"[[" + b",".join([b"0.5"] * n_in) + b"]]"
    biases = b"[" + b",".join([b"0"] * 1000) + b"]"
    weights = b"[" + b",".join([row] * n_in) + b"]"
    return b'{"inputs":' + inputs + b',"layers":[{"weights":' + weights + b',"biases":' + biases + b"}]}"


def listener(port: int) -> int:
    """The process that listens on a port of this machine."""
    table = Path("/proc/net/tcp").read_text().splitlines()[1:]
    rows = [line.split() for line in table]
    inode = next(row[9] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "0A")
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if any(link.readlink() == Path(f"socket:[{inode}]") for link in (folder / "fd").iterdir()):
                return int(folder.name)
        except OSError:
            continue
    raise LookupError(f"nothing listens on port {port}")


def peak_memory(pid: int) -> float:
    """The most resident memory that a process has held, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(float(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))
