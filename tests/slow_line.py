"""A line between a browser and a server that passes so many bytes a second each way, as a phone's or a school's may."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

# Pieces that take some milliseconds each, and little room for what waits: else the line would take everything at once.
_PIECE = 1024
_STORE = 8192


class SlowLine:
    """Listens on `port` of this machine and passes on. `rate` may change at any time; `up` and `down` count bytes.

    While it is `dead` nobody is let through.
    """

    def __init__(self, to_port: int, rate: float) -> None:
        self.rate = rate
        self.dead = False
        self.port = 0
        self.up = self.down = 0
        self._to_port = to_port
        self._free_at = {"up": 0.0, "down": 0.0}
        self._loop = asyncio.new_event_loop()
        self._connections: set[asyncio.Task[None]] = set()

    def cut(self) -> None:
        """Ends every connection; new ones are let through."""
        for connection in list(self._connections):
            self._loop.call_soon_threadsafe(connection.cancel)

    @contextmanager
    def open(self) -> Iterator["SlowLine"]:
        thread = Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        server = asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result()
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(server.close)
            self.cut()
            asyncio.run_coroutine_threadsafe(self._ended(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()

    async def _ended(self) -> None:
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self) -> asyncio.Server:
        listening = socket.create_server(("127.0.0.1", 0))
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _STORE)
        self.port = listening.getsockname()[1]
        return await asyncio.start_server(self._connect, sock=listening, limit=_STORE)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if self.dead:
            writer.close()
            return
        self._connections.add(task)
        try:
            await self._relay(reader, writer)
        except asyncio.CancelledError:
            pass  # The line was cut.
        finally:
            self._connections.discard(task)
            writer.close()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        outwards = socket.socket()
        outwards.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _STORE)
        outwards.setblocking(False)
        with suppress(OSError):
            await asyncio.get_running_loop().sock_connect(outwards, ("127.0.0.1", self._to_port))
            there, back = await asyncio.open_connection(sock=outwards, limit=_STORE)
            try:
                await asyncio.gather(self._pass(reader, back, "up"), self._pass(there, writer, "down"))
            finally:
                back.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str) -> None:
        clock = asyncio.get_running_loop().time
        with suppress(OSError):
            while piece := await reader.read(_PIECE):
                # All connections share the line.
                self._free_at[way] = max(self._free_at[way], clock()) + len(piece) / self.rate
                await asyncio.sleep(self._free_at[way] - clock())
                setattr(self, way, getattr(self, way) + len(piece))
                writer.write(piece)
                await writer.drain()
        with suppress(OSError):
            writer.close()
