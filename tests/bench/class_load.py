"""How many learners one machine holds: each moves a slider ten times a second on a live socket of its own.

    python -m tests.bench.class_load [LEARNERS …]

Prints, for each number of learners, the time from a change to its pass, how many changes had none within a second, and
the most memory that the server has held so far.
The load comes from the same machine, so that a server with a machine of its own does better.
"""

import asyncio
import json
import random
import statistics
import sys
import time

from websockets.asyncio.client import connect
from websockets.typing import Origin

from tests import notebook
from tests.bench.memory import listener, peak_memory
from tests.server import Server

CHANGES_PER_SECOND = 10
SECONDS = 8
LATE_SECONDS = 1.0


async def learner(url: str, delays: list[float], late: list[int]) -> None:
    """Opens the notebook's network and drags its first input."""
    async with connect(url.replace("http", "ws") + "/api/v1/live", origin=Origin(url)) as socket:
        await socket.send(json.dumps({"op": "open", "seq": 1, **notebook.MULTILAYER}))
        while isinstance(await socket.recv(), str):
            pass
        await asyncio.sleep(random.random())
        for change in range(SECONDS * CHANGES_PER_SECOND):
            start = time.perf_counter()
            value = random.uniform(-3, 3)
            await socket.send(json.dumps({"op": "set", "seq": change + 2, "changes": [{"input": 0, "value": value}]}))
            try:
                async with asyncio.timeout(LATE_SECONDS):
                    while isinstance(await socket.recv(), str):
                        pass
            except TimeoutError:
                late.append(change)
            else:
                delays.append(time.perf_counter() - start)
            await asyncio.sleep(max(0.0, 1 / CHANGES_PER_SECOND - (time.perf_counter() - start)))


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


async def measure(url: str, learners: int) -> None:
    delays: list[float] = []
    late: list[int] = []
    await asyncio.gather(*(learner(url, delays, late) for _ in range(learners)))
    cuts = statistics.quantiles(delays, n=100)
    times = f"p50 {cuts[49] * 1e3:6.1f} ms, p95 {cuts[94] * 1e3:6.1f} ms, late {len(late)}"
    print(f"{learners:5d} learners: {times}, {peak_memory(listener(port_of(url))):.0f} MiB", flush=True)


def main() -> None:
    server = Server()
    server.start()
    try:
        for learners in [int(text) for text in sys.argv[1:]] or [25, 50, 100, 200]:
            asyncio.run(measure(server.url, learners))
    finally:
        server.stop()


if __name__ == "__main__":
    main()
