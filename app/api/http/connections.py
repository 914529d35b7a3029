"""What a connection may take of the server before it is anybody's request: time, headers and a place.

uvicorn waits for ever for a request that was begun, takes headers of any size, and closes as soon as it has answered,
which takes the answer away from a client that is still sending. This is its protocol with limits to all three.
"""

import asyncio
import math
import resource
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from adelante.network.errors import Fault
from app.api.http.front import request_id_of
from app.api.http.problems import MEDIA_TYPE, Problem, problem_content
from app.root_path import rooted
from app.settings import Settings

# Where the lifespan's state keeps the connections.
CONNECTIONS = "connections"
# How often connections are looked at for their limits on time.
_LOOK_SECONDS = 0.5
# Files that the process may need beside its connections.
_OTHER_FILES = 64
# A client that was refused in the middle of its body may go on sending for so long, and pause for so long.
_DRAIN_SECONDS = 30.0
_DRAIN_STALL_SECONDS = 5.0
# A server that is told to stop waits so long for more of a body.
_STOPPING_STALL_SECONDS = 2.0


def files_for(wanted: int) -> int:
    """How many files this process may open: so many, as far as the system lets it raise its own limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return wanted
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return max(soft, most)


class Connections:
    """All open connections of a server, the oldest first."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        files = files_for(settings.max_connections + _OTHER_FILES) - _OTHER_FILES
        self._most = max(1, min(settings.max_connections, files))
        self._open: dict[LimitedProtocol, None] = {}
        self.now = 0.0
        """The event loop's time, as of the last look: near enough, and cheaper than a clock for each read."""
        self._loop: asyncio.AbstractEventLoop | None = None

    def add(self, connection: "LimitedProtocol") -> bool:
        """Whether there is room for it. The oldest that has no request gives way."""
        room = len(connection.connections) <= self._most
        if not room:
            waiting = next((each for each in self._open if each.waits()), None)
            if waiting is not None:
                waiting.give_way()
                room = True
        self._open[connection] = None
        self.now = connection.loop.time()
        if self._loop is None:
            self._loop = connection.loop
            self._loop.call_later(_LOOK_SECONDS, self._look)
        return room

    def remove(self, connection: "LimitedProtocol") -> None:
        self._open.pop(connection, None)

    def _look(self) -> None:
        assert self._loop is not None
        self.now = self._loop.time()
        for connection in list(self._open):
            connection.check_time(self.now)
        if self._open:
            self._loop.call_later(_LOOK_SECONDS, self._look)
        else:
            self._loop = None


class LimitedProtocol(HttpToolsProtocol):
    """One connection, with limits."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        # An application that brings none gets the usual limits.
        self._all: Connections = self.app_state.get(CONNECTIONS) or Connections(Settings())
        self._most = self._all.settings.max_header_bytes
        self._in_head = False
        self._head_bytes: int | None = None  # of a head that did not come in one read, those after the first
        self._read_size = 0
        self._refusal: Problem | None = None
        self._began = self._read_at = self._all.now
        self._answered_at = -math.inf
        self._draining_since: float | None = None
        self._drained = 0
        self._lost = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(_LingeringTransport(transport, self))  # type: ignore[arg-type]
        room = self._all.add(self)
        self._began = self._read_at = self._all.now
        if not room:
            self._refuse(Problem("busy", headers={"Retry-After": "1"}))

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        self._all.remove(self)
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        self._all.remove(self)
        self.transport = self.transport.lingering  # type: ignore[attr-defined]
        super().handle_websocket_upgrade()

    def data_received(self, data: bytes) -> None:
        self._read_at = self._all.now
        self._read_size = len(data)
        if self._draining_since is not None:
            self._drain(len(data))
            return
        super().data_received(data)
        if self._in_head and self._draining_since is None:
            self._count_head(len(data))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._began = self._read_at
        self._head_bytes = None

    def on_headers_complete(self) -> None:
        try:
            self._refusal = self._fault_of_head()
            if self._refusal is not None:
                # The parser stops, and uvicorn calls send_400_response.
                raise ValueError
            self.head_is_good()
        finally:
            self._in_head = False

    def head_is_good(self) -> None:
        """Goes on once a request's head is read and nothing is wrong with it."""
        self.begin()

    def begin(self) -> None:
        """Has the application answer, as uvicorn does."""
        super().on_headers_complete()

    def _fault_of_head(self) -> Problem | None:
        headers = self.headers
        # A head that came within one read is no longer than the read.
        if self._head_bytes is not None or self._read_size > self._most:
            size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in headers)
            if size > self._most:
                return self._head_too_large()
        told = dict(headers)
        if len(told) == len(headers) and b"host" in told and b"transfer-encoding" not in told:
            return None  # nothing comes twice: nearly every request
        names = [name for name, _ in headers]
        hosts = names.count(b"host")
        if hosts != 1 and (hosts or self.parser.get_http_version() == "1.1"):
            return Problem("bad-request", Fault("bad-request", "host-header", "", {"got": hosts}))
        if b"transfer-encoding" in names:
            got = b", ".join(value for name, value in headers if name == b"transfer-encoding")
            if got.strip().lower() != b"chunked":
                values = {"got": got[:100].decode("latin-1")}
                return Problem("bad-request", Fault("bad-request", "transfer-encoding", "", values))
        return None

    def _head_too_large(self) -> Problem:
        values = {"limit": self._most, "setting": "ADELANTE_MAX_HEADER_BYTES"}
        return Problem("too-large", Fault("too-large", "head-too-large", "", values))

    def _count_head(self, size: int) -> None:
        """Refuses a head that goes on and on; the parser keeps a header that is not complete to itself."""
        self._head_bytes = 0 if self._head_bytes is None else self._head_bytes + size
        if self._head_bytes > self._most:
            self._refuse(self._head_too_large())

    def send_400_response(self, msg: str) -> None:
        """The parser met what is no HTTP, or what the limits refuse."""
        self._refuse(self._refusal or Problem("bad-request", Fault("bad-request", "not-http", "")))

    def _refuse(self, problem: Problem) -> None:
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            if not cycle.more_body or cycle.response_started:
                # An earlier request is still to be answered, and is the last that will be.
                cycle.keep_alive = False
                self.pipeline.clear()
                return
            cycle.disconnected = True
            cycle.message_event.set()
        self._refusal = problem
        self._send_problem(problem)

    def _send_problem(self, problem: Problem) -> None:
        headers = dict(self.headers or ())
        path = unquote(getattr(self, "url", b"").partition(b"?")[0].decode("latin-1")[:500])
        language = headers.get(b"accept-language", b"").decode("latin-1")
        root = self._all.settings.root_path
        status, told, content = problem_content(problem, language, path and rooted(path, root), root)
        parts = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()]
        for name, value in (
            *self.server_state.default_headers,
            *((name.lower().encode(), value.encode()) for name, value in told.items()),
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(content)).encode()),
            (b"x-request-id", request_id_of(headers)),
            (b"connection", b"close"),
        ):
            parts += (name, b": ", value, b"\r\n")
        self.transport.write(b"".join((*parts, b"\r\n", content)))
        self.transport.close()

    def lingers(self) -> bool:
        """Whether to read on, instead of closing now, so that a client that is still sending can read its answer."""
        unread = self._refusal is not None or (self.cycle is not None and self.cycle.more_body)
        if self._lost or self._draining_since is not None or not unread:
            return False
        self._draining_since = self._read_at = self._all.now
        self.flow.resume_reading()
        return True

    def _drain(self, size: int) -> None:
        self._drained += size
        if self._drained > self._all.settings.max_drained_bytes:
            self.transport.close()

    def waits(self) -> bool:
        """Whether there is no request that would be lost with the connection."""
        return self.cycle is None or self.cycle.response_complete

    def give_way(self) -> None:
        """Closes, for another connection."""
        self._lost = True
        self._all.remove(self)
        self.transport.abort()

    def check_time(self, now: float) -> None:
        """Closes the connection where nothing comes of it."""
        seconds = self._all.settings.header_timeout_seconds
        if self._draining_since is not None:
            if now - self._draining_since > _DRAIN_SECONDS or now - self._read_at > _DRAIN_STALL_SECONDS:
                self.transport.close()
        elif self._in_head:
            if now - self._began > seconds:
                values = {"seconds": seconds}
                self._refuse(Problem("bad-request", Fault("bad-request", "head-timeout", "", values)))
        elif self.waits():
            if self._answered_at >= self._read_at:
                # Answered, and nothing came since. Both times may be as old as the last look.
                quiet, seconds = now - self._answered_at, self.timeout_keep_alive + _LOOK_SECONDS
            else:
                # No request came, or one that was answered early is not sent to its end.
                quiet = now - self._read_at
            if quiet > seconds:
                self.transport.close()

    def on_response_complete(self) -> None:
        """As uvicorn has it, but that `check_time` closes who is quiet for too long: a timer that is set with each
        answer, and taken back with each request, costs more than all else here."""
        if self.pipeline:
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        if not self.transport.is_closing():
            self.flow.resume_reading()
            self._answered_at = self._all.now

    def shutdown(self) -> None:
        """A request that is being sent is waited for as long as more of it comes."""
        super().shutdown()
        if self.cycle is not None and not self.cycle.response_complete and self.cycle.more_body:
            self.loop.call_later(_STOPPING_STALL_SECONDS, self._stop_waiting)

    def _stop_waiting(self) -> None:
        if self._lost or self.cycle.response_complete or not self.cycle.more_body:
            return
        if self._all.now - self._read_at < _STOPPING_STALL_SECONDS:
            self.loop.call_later(_STOPPING_STALL_SECONDS, self._stop_waiting)
        else:
            self._lost = True
            self.transport.close()


class _LingeringTransport:
    """A transport that is closed once the protocol no longer lingers."""

    def __init__(self, transport: asyncio.Transport, protocol: LimitedProtocol) -> None:
        self.lingering = transport
        self._protocol = protocol
        # Every answer calls these two: they don't go through __getattr__.
        self.write = transport.write
        self.is_closing: Callable[[], bool] = transport.is_closing

    def __getattr__(self, name: str) -> Any:
        return getattr(self.lingering, name)

    def close(self) -> None:
        if not self._protocol.lingers():
            self.lingering.close()
            return
        self.is_closing = lambda: True
        if self.lingering.can_write_eof():
            self.lingering.write_eof()
