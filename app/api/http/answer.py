"""Answers as they are sent, and the clock that times what they took."""

import time
from operator import sub

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.compute.content import Content


class Clock:
    """Times the phases of an answer for its Server-Timing header."""

    def __init__(self) -> None:
        self._phases: list[str] = []
        self._times = [time.perf_counter() * 1e3]

    def mark(self, phase: str) -> None:
        """The phase that ends now."""
        self._phases.append(phase)
        self._times.append(time.perf_counter() * 1e3)

    def header(self) -> str:
        """Server-Timing: decode;dur=0.120, compute;dur=0.050, … in milliseconds."""
        # One formatting for all of them: a small answer has few microseconds to spend.
        return (";dur=%.3f, ".join(self._phases) + ";dur=%.3f") % tuple(map(sub, self._times[1:], self._times))


class Answer(Response):
    """Bytes of JSON (or of another type) with their timing; made without Starlette's care for headers of all kinds.

    Large ones are sent piece by piece, each when the client has read most of those before it.
    """

    body: bytes

    def __init__(self, content: bytes | Content, clock: Clock | None, media_type: bytes = b"application/json") -> None:
        self.status_code = 200
        self._pieces: Content | None = None
        if isinstance(content, bytes):
            self.body = content
            size = len(content)
        else:
            whole, size = content.whole(), content.size
            if whole is None:
                self._pieces = content
            self.body = whole or b""
        self.background = None
        self.raw_headers = [
            (b"content-length", str(size).encode()),
            (b"content-type", media_type),
        ]
        if clock is not None:
            self.raw_headers.append((b"server-timing", clock.header().encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if self._pieces is not None:
            for piece in self._pieces.take():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": self.body})
