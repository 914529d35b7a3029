"""A reverse proxy that shows a server under a path, which it cuts off: what is asked beside that path gets 404."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

_NOT_HERE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class PrefixProxy:
    """Passes requests under `prefix` on to a port, with `headers` of its own; `beside` lists what else was asked."""

    def __init__(self, to_port: int, prefix: str, **headers: str) -> None:
        self.url = ""
        self.beside: list[str] = []
        self._to_port = to_port
        self._prefix = prefix
        self._headers = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()

    @contextmanager
    def open(self) -> Iterator["PrefixProxy"]:
        thread = Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        try:
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}{self._prefix}"

    async def _end(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._one(reader, writer)
        self._tasks.discard(task)
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request for each connection, so that nothing after its head needs to be understood."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, _, rest = head.partition("\r\n")
        method, target, version = line.split(" ")
        if not target.startswith(f"{self._prefix}/"):
            self.beside.append(target)
            writer.write(_NOT_HERE)
            await writer.drain()
            return
        lines = rest.split("\r\n")[:-2]
        if not any(each.lower().startswith("upgrade:") for each in lines):
            lines = [each for each in lines if not each.lower().startswith("connection:")] + ["Connection: close"]
        told = "\r\n".join([f"{method} {target.removeprefix(self._prefix)} {version}", *lines, self._headers])
        back, there = await asyncio.open_connection("127.0.0.1", self._to_port)
        there.write(f"{told}\r\n".encode("latin-1"))
        try:
            both = [asyncio.ensure_future(_pass(reader, there)), asyncio.ensure_future(_pass(back, writer))]
            await both[1]
            both[0].cancel()
        finally:
            there.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
