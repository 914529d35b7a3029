"""A small pass while expensive ones run beside it, and expensive ones of one network that share a pass."""

import subprocess
import sys

from tests.bench.servers import dump, inputs, keep, load, ours, raw

SECONDS = 6.0
LARGE = (7000, 7000)  # 49 million parameters


def main() -> None:
    """Quantiles of a 3-2-1 pass alone and beside 50-million-parameter passes; then joined passes a second."""
    with ours(ADELANTE_STORE_CACHE_BYTES=str(2**30), ADELANTE_MAX_BODY_BYTES=str(2**28)) as port:
        small = raw("/api/v1/forward", dump({"inputs": inputs(1, 3), "network": keep(port, (3, 2, 1))}))
        id = keep(port, LARGE)
        expensive = raw("/api/v1/forward", dump({"inputs": inputs(1, LARGE[0]), "network": id, "return": "outputs"}))
        wide = raw("/api/v1/forward", dump({"inputs": inputs(256, LARGE[0]), "network": id, "return": "outputs"}))
        load(port, small, 1, 1)
        load(port, expensive, 1, 1)
        alone = load(port, small, 1, SECONDS)
        print("a 3-2-1 pass over one connection, milliseconds")
        print(f"{'beside':48s} {'p50':>8s} {'p99':>8s} {'p99 as a ratio':>15s}")
        print(f"{'nothing':48s} {alone['p50']:8.2f} {alone['p99']:8.2f} {'1.0':>15s}")
        beside = {"49-million-parameter passes, batch 1": expensive, "the same, batch 256 (15 MB of text)": wide}
        for name, request in beside.items():
            command = [sys.executable, "-m", "tests.bench.load", str(port), "4", str(SECONDS + 2)]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
                assert process.stdin is not None
                process.stdin.write(request)
                process.stdin.close()
                found = load(port, small, 1, SECONDS)
                process.wait()
            print(f"{name:48s} {found['p50']:8.2f} {found['p99']:8.2f} {found['p99'] / alone['p99']:15.1f}", flush=True)
        one = load(port, expensive, 1, SECONDS)
        many = load(port, expensive, 16, SECONDS)
        print("49-million-parameter passes a second, resident, batch 1")
        print(f"  1 connection {one['rate']:.1f}, 16 connections {many['rate']:.1f}: {many['rate'] / one['rate']:.1f}x")
