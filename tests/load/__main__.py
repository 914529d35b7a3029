"""`make load`: learners a core, requests a second, sockets that look on, a soak. Wants a machine that is idle.

    python -m tests.load                        all parts, an hour and a quarter
    python -m tests.load learners [SECONDS]     the most learners whose p95 stays under 50 ms, one process and two
    python -m tests.load curve [SECONDS]        requests a second from 1 to 1,000 connections, one process and two
    python -m tests.load idle [SECONDS]         2,000 sockets that look on beside 500 that drag
    python -m tests.load soak [SECONDS]         learners who come and go, and the server's memory every five minutes
    python -m tests.load tables                 what was measured last of each part, as the tables of docs/scale.md

SECONDS is how long each row of a part is measured. Rows go to load.jsonl, or to the file that RESULTS names. PROCESSES
("1 2"), LEARNERS ("5 10 20 …"), CONNECTIONS, IDLE ("2000 500") and SOAK_LEARNERS ask for less, or for more.
Learners drag at 30 changes a second.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.load.measure import dragged, requested, watched
from tests.load.results import Results
from tests.server import SERVE, Server

MOST_P95_MS = 50.0
# A process of clients that is asked for more may be what is slow.
_PER_CLIENT = 60
# Between the most learners that hold and the fewest that do not: how often the middle is tried.
_HALVINGS = 3
_EVERY_SECONDS = 300.0
# About as often as somebody changes the page.
_REOPEN_SECONDS = 60.0


def _numbers(variable: str, usual: str) -> list[int]:
    return [int(text) for text in os.environ.get(variable, usual).split()]


def _clients(learners: int) -> int:
    return 1 + (learners - 1) // _PER_CLIENT


@contextmanager
def _serving(processes: int) -> Iterator[Server]:
    server = Server(
        command=SERVE if processes == 1 else f"{SERVE} --processes {processes}", ADELANTE_LIVE_MAX_SESSIONS="4000"
    )
    server.start()
    try:
        yield server
    finally:
        server.stop()


def learners(results: Results, seconds: float) -> None:
    """More and more of them, until some wait; then the middle, a few times."""
    for processes in _numbers("PROCESSES", "1 2"):
        held, failed = 0, 0

        def holds(server: Server, count: int, processes: int = processes) -> bool:
            seen = dragged(server, count, seconds, clients=_clients(count))
            fine = seen.p95 < MOST_P95_MS and not seen.late + seen.ended
            results.add("learners", processes=processes, seconds=seconds, holds=fine, **seen._asdict())
            return fine

        with _serving(processes) as server:
            dragged(server, 2, 1.0)
            for count in _numbers("LEARNERS", "5 10 20 40 60 80 100 140 180 240"):
                if not holds(server, count):
                    failed = count
                    break
                held = count
            for _ in range(_HALVINGS):
                middle = (held + failed) // 2
                if middle <= held:
                    break
                held, failed = (middle, failed) if holds(server, middle) else (held, middle)


def curve(results: Results, seconds: float) -> None:
    """Small passes over HTTP."""
    for processes in _numbers("PROCESSES", "1 2"):
        with _serving(processes) as server:
            for connections in _numbers("CONNECTIONS", "1 4 16 64 256 1000"):
                seen = requested(server, connections, seconds)
                results.add("curve", processes=processes, seconds=seconds, connections=connections, **seen)


def idle(results: Results, seconds: float) -> None:
    """Far more learners than a core can answer 30 times a second: each is answered as fast as all can be."""
    looking, busy = _numbers("IDLE", "2000 500")
    with _serving(1) as server:
        dragged(server, 2, 1.0)
        seen = dragged(server, busy, seconds, idle=looking, clients=_clients(busy + looking // 10))
        results.add("idle", seconds=seconds, looking=looking, **seen._asdict())


def soak(results: Results, seconds: float) -> None:
    """Half of what one process holds."""
    most = results.most_learners(1)
    count = _numbers("SOAK_LEARNERS", str(max(1, most // 2) if most else 20))[0]
    with _serving(1) as server:
        dragged(server, count, min(60.0, seconds / 4), clients=_clients(count))
        with watched(server.pid, min(_EVERY_SECONDS, seconds / 4)) as memories:
            seen = dragged(server, count, seconds, clients=_clients(count), reopen=_REOPEN_SECONDS)
        results.add("soak", seconds=seconds, memories=memories, **seen._asdict())


@dataclass(frozen=True)
class _Part:
    run: Callable[[Results, float], None]
    seconds: float


PARTS = {"learners": _Part(learners, 20), "curve": _Part(curve, 10), "idle": _Part(idle, 30), "soak": _Part(soak, 3600)}


def main(arguments: list[str]) -> None:
    """Measures the parts that are asked for, and prints each row as it is measured."""
    results = Results(os.environ.get("RESULTS", "load.jsonl"))
    if arguments[:1] == ["tables"]:
        print(results.tables())
        return
    for name in arguments[:1] or PARTS:
        if name not in PARTS:
            sys.exit(__doc__)
        part = PARTS[name]
        part.run(results, float(arguments[1]) if len(arguments) > 1 else part.seconds)


if __name__ == "__main__":
    main(sys.argv[1:])
