"""Learners who drag: each has a live socket and sends so many changes a second, each answered with a pass.

Usage: python -m tests.load.learners URL LEARNERS SECONDS RATE IDLE REOPEN

"open" comes out once all sockets are open; a line that comes in begins the dragging; a JSON line comes out at its end.
IDLE sockets only look on. With REOPEN each learner leaves after about so many seconds and comes again; 0: they stay.
locust was not taken: it knows HTTP, and a WebSocket only through a client and a clock of one's own, which are all there
is here.
"""

import asyncio
import json
import random
import resource
import sys
import time
from array import array
from contextlib import AsyncExitStack
from typing import Any

import uvloop
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

# A change that was not answered within this is late.
LATE_SECONDS = 1.0
_OPEN: dict[str, Any] = {"op": "open", "seq": 1, "network": "multilayer", "inputs": [1, 0, -1]}


class Told:
    """What became of all changes: seconds of those that were answered in time, how many were late; sockets that were
    opened, and those that the server ended."""

    def __init__(self) -> None:
        self.delays = array("f")
        self.late = 0
        self.opened = 0
        self.ended = 0


async def opened(url: str, stack: AsyncExitStack, told: Told) -> ClientConnection:
    """A socket with the notebook's network, after its first pass."""
    address = url.replace("http", "ws") + "/api/v1/live"
    socket = await stack.enter_async_context(connect(address, origin=Origin(url), open_timeout=60, compression=None))
    await socket.send(json.dumps(_OPEN))
    await _frame(socket, 1)
    told.opened += 1
    return socket


async def drag(socket: ClientConnection, seconds: float, rate: float, told: Told) -> None:
    """Changes of one input, at so many a second, however long their answers take."""
    await asyncio.sleep(random.random() / rate)
    ends = time.perf_counter() + seconds
    seq = 1
    while (began := time.perf_counter()) < ends:
        seq += 1
        changes = [{"input": 0, "value": random.uniform(-3, 3)}]
        await socket.send(json.dumps({"op": "set", "seq": seq, "changes": changes}))
        try:
            async with asyncio.timeout(LATE_SECONDS):
                await _frame(socket, seq)
        except TimeoutError:
            told.late += 1
        else:
            told.delays.append(time.perf_counter() - began)
        await asyncio.sleep(max(0.0, began + 1 / rate - time.perf_counter()))


async def learn(
    url: str, first: ClientConnection | None, seconds: float, rate: float, reopen: float, told: Told
) -> None:
    """Drags for so long; with `reopen`, at one socket after another. One that the server ends is opened again."""
    ends = time.perf_counter() + seconds
    stays = min(seconds, reopen * random.random()) if reopen else seconds
    while (left := ends - time.perf_counter()) > 1 / rate:
        async with AsyncExitStack() as stack:
            try:
                socket = first or await opened(url, stack, told)
                await drag(socket, min(left, stays), rate, told)
                await socket.close()
            except ConnectionClosed:
                told.ended += 1
        first, stays = None, reopen or left


async def _frame(socket: ClientConnection, seq: int) -> None:
    while True:
        frame = await socket.recv()
        if isinstance(frame, bytes) and int.from_bytes(frame[:4], "little") == seq:
            return


async def run(url: str, learners: int, seconds: float, rate: float, idle: int, reopen: float) -> dict[str, float]:
    """How long changes took, in milliseconds; how many were late; this process's share of a core meanwhile."""
    told = Told()
    async with AsyncExitStack() as stack:
        lookers = [await opened(url, stack, told) for _ in range(idle)]
        sockets = [await opened(url, stack, told) for _ in range(learners)]
        print("open", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        before = time.process_time()
        await asyncio.gather(*(learn(url, socket, seconds, rate, reopen, told) for socket in sockets))
        share = (time.process_time() - before) / seconds
        for socket in lookers:
            # Whoever only looked on is still there.
            await (await socket.ping())
    delays = sorted(told.delays) or [0.0]
    quantiles = {f"p{q}": 1e3 * delays[len(delays) * q // 100] for q in (50, 95, 99)}
    counts = {"changes": len(told.delays), "late": told.late, "opened": told.opened, "ended": told.ended}
    return {**counts, "share": share, **quantiles}


def main() -> None:
    """See the module."""
    url, learners, seconds, rate, idle, reopen = sys.argv[1:]
    # Each socket is an open file.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(json.dumps(uvloop.run(run(url, int(learners), float(seconds), float(rate), int(idle), float(reopen)))))


if __name__ == "__main__":
    main()
