"""Learners who drag: each has a live socket and sends so many changes a second, each answered with a pass.

Usage: python -m tests.load.learners URL LEARNERS SECONDS RATE IDLE

"open" comes out once all sockets are open; a line that comes in begins the dragging; a JSON line comes out at its end.
IDLE sockets only look on. locust was not taken: it knows HTTP, and a WebSocket only through a client and a clock of
one's own, which are all there is here.
"""

import asyncio
import json
import random
import sys
import time
from contextlib import AsyncExitStack
from typing import Any

import uvloop
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

# A change that was not answered within this is late.
LATE_SECONDS = 1.0
_OPEN: dict[str, Any] = {"op": "open", "seq": 1, "network": "multilayer", "inputs": [1, 0, -1]}


async def opened(url: str, stack: AsyncExitStack) -> ClientConnection:
    """A socket with the notebook's network, after its first pass."""
    address = url.replace("http", "ws") + "/api/v1/live"
    socket = await stack.enter_async_context(connect(address, origin=Origin(url), open_timeout=60, compression=None))
    await socket.send(json.dumps(_OPEN))
    await _frame(socket, 1)
    return socket


async def drag(socket: ClientConnection, seconds: float, rate: float, delays: list[float], late: list[int]) -> None:
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
            late.append(seq)
        else:
            delays.append(time.perf_counter() - began)
        await asyncio.sleep(max(0.0, began + 1 / rate - time.perf_counter()))


async def _frame(socket: ClientConnection, seq: int) -> None:
    while True:
        frame = await socket.recv()
        if isinstance(frame, bytes) and int.from_bytes(frame[:4], "little") == seq:
            return


async def run(url: str, learners: int, seconds: float, rate: float, idle: int) -> dict[str, float]:
    """How long changes took, in milliseconds, and how many were late."""
    delays: list[float] = []
    late: list[int] = []
    async with AsyncExitStack() as stack:
        lookers = [await opened(url, stack) for _ in range(idle)]
        sockets = [await opened(url, stack) for _ in range(learners)]
        print("open", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await asyncio.gather(*(drag(socket, seconds, rate, delays, late) for socket in sockets))
        for socket in lookers:
            # Whoever only looked on is still there.
            await socket.ping()
    delays.sort()
    quantiles = {f"p{q}": 1e3 * delays[len(delays) * q // 100] for q in (50, 95, 99)}
    return {"changes": len(delays), "late": len(late), "per_second": len(delays) / seconds, **quantiles}


def main() -> None:
    """See the module."""
    url, learners, seconds, rate, idle = sys.argv[1:]
    print(json.dumps(uvloop.run(run(url, int(learners), float(seconds), float(rate), int(idle)))))


if __name__ == "__main__":
    main()
