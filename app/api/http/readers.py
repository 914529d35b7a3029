"""Clients that do not read what they asked for: their connections are dropped before they cost others memory.

What a connection could not send yet stands in its transport. The event loop never gives up on it, so somebody has to.
"""

import asyncio
import os
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass

from app.settings import Settings

# Where the lifespan's state keeps the one of the application.
READERS = "readers"
# A client that takes this much within the time limit is slow, not gone.
_LEAST_READ = 1 << 16
_INTERVAL_SECONDS = 0.5


@dataclass(slots=True)
class _Reading:
    """Since when a transport has had at least so much to send."""

    since: float
    unsent: int = 0
    held: int = 0  # bytes that wait for the transport to have room


class Readers:
    """All open connections, by their transports, and how they get on with reading."""

    def __init__(self, settings: Settings) -> None:
        self._patience = settings.write_timeout_seconds
        self._most_unsent = settings.max_unsent_bytes
        # Before the server gives up, so that what they wait for ends in order.
        self._shutdown_seconds = max(settings.shutdown_seconds - 1, settings.shutdown_seconds / 2)
        self._ending: asyncio.TimerHandle | None = None
        self._reading: dict[asyncio.Transport, _Reading] = {}

    def add(self, transport: asyncio.Transport) -> None:
        """Watches a connection from now on, until it is closed."""
        self._reading[transport] = _Reading(asyncio.get_running_loop().time())

    def read(self, transport: asyncio.Transport) -> None:
        """The client has read all that was written so far, or nearly."""
        reading = self._reading.get(transport)
        if reading is not None:
            reading.since, reading.unsent = asyncio.get_running_loop().time(), 0

    def hold(self, transport: asyncio.Transport, count: int) -> None:
        """So many bytes wait until the transport has room for them: they count as what the client has not read."""
        reading = self._reading.get(transport)
        if reading is not None:
            reading.held = count

    def shut_down(self) -> None:
        """The server is to stop: whoever is still connected after a while, for whatever reason, is dropped."""
        if self._ending is None:
            self._ending = asyncio.get_running_loop().call_later(self._shutdown_seconds, self._drop_all)

    def _drop_all(self) -> None:
        for transport in list(self._reading):
            self._drop(transport)

    async def watch(self) -> None:
        """Drops who does not read, for as long as it runs."""
        while True:
            await asyncio.sleep(_INTERVAL_SECONDS)
            self.check(asyncio.get_running_loop().time())

    def check(self, now: float) -> None:
        """Drops who has read too little for too long; and, while all have too much to read, who has most of it."""
        unsent: dict[asyncio.Transport, int] = {}
        for transport, reading in list(self._reading.items()):
            left = transport.get_write_buffer_size() + reading.held
            if left == 0:
                if transport.is_closing():
                    del self._reading[transport]
                reading.since, reading.unsent = now, 0
                continue
            if reading.unsent == 0 or left <= reading.unsent - _LEAST_READ:
                reading.since, reading.unsent = now, left
            if now - reading.since > self._patience:
                self._drop(transport)
            else:
                unsent[transport] = left
        total = sum(unsent.values())
        for transport in sorted(unsent, key=lambda each: unsent[each], reverse=True):
            if total <= self._most_unsent:
                break
            total -= unsent[transport]
            self._drop(transport)

    def _drop(self, transport: asyncio.Transport) -> None:
        del self._reading[transport]
        _reset_on_close(transport)
        transport.abort()


def _reset_on_close(transport: asyncio.Transport) -> None:
    """Has the kernel forget what it could not send either, and tell the client that the connection is gone."""
    connection = transport.get_extra_info("socket")
    if connection is None:
        return
    # The event loop's socket object lacks this method; a second descriptor of the same connection has it.
    with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as same:
        same.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
