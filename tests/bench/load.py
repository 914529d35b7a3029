"""A load generator: keep-alive connections that each send the same request again as soon as it is answered.

Usage: python -m tests.bench.load PORT CONNECTIONS SECONDS  (the raw request on standard input; a JSON line comes out)
"""

import asyncio
import json
import sys
import time
from typing import cast

import uvloop


class Connection(asyncio.Protocol):
    """One keep-alive connection."""

    def __init__(self, request: bytes, seconds: list[float], bad: list[bytes]) -> None:
        self._request, self._seconds, self._bad = request, seconds, bad
        self._buffer = bytearray()
        self._needed = 0
        self._sent = 0.0
        self.running = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Sends the first request."""
        # uvloop's transports are no subclass of asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Sends the next request once an answer is whole."""
        self._buffer += data
        if not self._needed:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._buffer[:end]).lower()
            if not head.startswith(b"http/1.1 200"):
                self._bad.append(bytes(self._buffer[:300]))
            self._needed = end + 4 + int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        if len(self._buffer) >= self._needed:
            self._seconds.append(time.perf_counter() - self._sent)
            self._buffer.clear()
            self._needed = 0
            if self.running:
                self._send()

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._request)

    def stop(self) -> None:
        """Sends no more."""
        self.running = False
        self._transport.abort()


async def run(port: int, connections: int, seconds: float, request: bytes) -> dict[str, float]:
    """Answers a second, the answer time's quantiles in milliseconds, and this process's share of a core."""
    loop = asyncio.get_running_loop()
    taken: list[float] = []
    bad: list[bytes] = []
    open_ = [
        (await loop.create_connection(lambda: Connection(request, taken, bad), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    started, busy = time.perf_counter(), time.process_time()
    await asyncio.sleep(seconds)
    elapsed = time.perf_counter() - started
    share = (time.process_time() - busy) / elapsed
    for each in open_:
        each.stop()
    ordered = sorted(taken) or [elapsed]
    quantiles = {f"p{q}": 1e3 * ordered[min(len(ordered) - 1, len(ordered) * q // 100)] for q in (50, 99)}
    return {"rate": len(taken) / elapsed, "bad": len(bad), "share": share, **quantiles}


def main() -> None:
    """See the module."""
    port, connections, seconds = sys.argv[1:]
    print(json.dumps(uvloop.run(run(int(port), int(connections), float(seconds), sys.stdin.buffer.read()))))


if __name__ == "__main__":
    main()
