"""`make load`: learners a core, requests a second, and a soak. Wants a machine that does nothing else.

    python -m tests.load                      the curve of one process, of two, requests, and a soak of an hour
    SOAK_SECONDS=60 LEARNERS="10 20" SECONDS_EACH=5 PROCESSES="1" python -m tests.load      less of it

Learners drag at 30 changes a second. "holds" is the most of them whose p95 stays under 50 ms, without one late change.
"""

import os

from tests.load.measure import Dragged, dragged, memory, requested
from tests.server import SERVE, Server

MOST_P95_MS = 50.0
_LEARNERS = "5 10 20 40 60 80 100 140 180 240"
_CONNECTIONS = (1, 4, 16, 64, 256, 1000)
# A process of clients is busy itself with more.
_PER_CLIENT = 60


def main() -> None:
    """Prints tables in Markdown as they are measured."""
    seconds = float(os.environ.get("SECONDS_EACH", "20"))
    counts = [int(text) for text in os.environ.get("LEARNERS", _LEARNERS).split()]
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} before the start\n")
    held = 0
    for processes in (int(text) for text in os.environ.get("PROCESSES", "1 2").split()):
        found = _curve(processes, counts, seconds)
        held = held or found
    _requests(seconds)
    _soak(max(1, held // 2), float(os.environ.get("SOAK_SECONDS", "3600")))


def _server(processes: int) -> Server:
    command = SERVE if processes == 1 else f"{SERVE} --processes {processes}"
    server = Server(command=command, ADELANTE_LIVE_MAX_SESSIONS="4000")
    server.start()
    return server


def _curve(processes: int, counts: list[int], seconds: float) -> int:
    print(f"| learners, {processes} process(es) | changes | late | p50, ms | p95 | p99 | cores | MiB |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    server, held = _server(processes), 0
    try:
        for count in counts:
            seen = dragged(server, count, seconds, clients=1 + (count - 1) // _PER_CLIENT)
            print(_row(seen), flush=True)
            if seen.p95 >= MOST_P95_MS or seen.late:
                break
            held = count
    finally:
        server.stop()
    print(f"\n{processes} process(es): holds {held} learners\n", flush=True)
    return held


def _row(seen: Dragged) -> str:
    cells = [seen.learners, seen.changes, seen.late, *(f"{x:.1f}" for x in (seen.p50, seen.p95, seen.p99))]
    return "| " + " | ".join(str(cell) for cell in [*cells, f"{seen.cores:.2f}", f"{seen.memory:.0f}"]) + " |"


def _requests(seconds: float) -> None:
    print("| connections | requests a second | p50, ms | p99 | refused |\n| --- | --- | --- | --- | --- |")
    server = _server(1)
    try:
        for connections in _CONNECTIONS:
            seen = requested(server, connections, min(seconds, 10.0))
            row = [connections, f"{seen['rate']:.0f}", f"{seen['p50']:.2f}", f"{seen['p99']:.2f}", f"{seen['bad']:.0f}"]
            print("| " + " | ".join(str(cell) for cell in row) + " |", flush=True)
    finally:
        server.stop()
    print()


def _soak(learners: int, seconds: float) -> None:
    server = _server(1)
    try:
        seen = dragged(server, learners, min(60.0, seconds / 4))
        early = memory(server.pid)
        seen = dragged(server, learners, seconds)
        print(f"soak: {learners} learners for {seconds:.0f} s: p95 {seen.p95:.1f} ms, {seen.late} late,")
        print(f"memory {early:.0f} MiB after the first minute, {memory(server.pid):.0f} at the end")
    finally:
        server.stop()


if __name__ == "__main__":
    main()
