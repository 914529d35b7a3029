"""HTTP/1.1 as uvicorn reads it, with a short cut: direct operations are answered without a task, several in one go.

A small forward pass takes less than the task, the events and the sends that ASGI asks for around it. The short cut uses
parts of uvicorn that are not promised to stay (`_types`, `_start_asgi_task`, a cycle's `on_response`), so uvicorn is
pinned below its next minor version, ADELANTE_SHORTCUT=false answers without it, and `python -m tests.bench shortcut`
says what it gains.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from app.api.http.answer import Answer
from app.api.http.connections import LimitedProtocol
from app.api.http.front import AnswerNow
from app.api.http.readers import READERS, Readers

# At most this many, and this many bytes, per turn of the event loop, so that others get theirs.
_TOGETHER = 32
_TOGETHER_BYTES = 2**20
# Where the lifespan's state keeps the direct answers.
DIRECT_ANSWERS = "direct_answers"


class DirectAnswers:
    """The direct operations by method and path, and the requests to them that came in this turn of the event loop.

    A turn first reads all of them, then computes, then sends: each of the three finds the processor's caches as it left
    them, and a client that waits for several answers is woken once. With 16 connections a small pass takes half the
    time that it takes one by one.
    """

    def __init__(self, operations: Mapping[tuple[str, str], AnswerNow]) -> None:
        self.operations = operations
        self._requests: list[_Request] = []
        self._size = 0  # of all their bodies

    def add(self, request: "_Request") -> None:
        """Has it answered at the end of this turn."""
        if not self._requests:
            request.protocol.loop.call_soon(self._answer)
        self._requests.append(request)
        self._size += len(request.cycle.body)

    def _answer(self) -> None:
        # Large ones are answered one by one.
        count = _TOGETHER if self._size <= _TOGETHER_BYTES else 1
        requests, self._requests = self._requests[:count], self._requests[count:]
        self._size -= sum(len(request.cycle.body) for request in requests)
        if self._requests:
            requests[0].protocol.loop.call_soon(self._answer)
        answers = [(request, request.answer()) for request in requests]
        for request, answer in answers:
            if answer is None:
                request.start()
            else:
                request.send(answer)


@dataclass(slots=True)
class _Request:
    """A request to a direct operation, as uvicorn holds it: a cycle whose task is not started."""

    protocol: "Protocol"
    cycle: RequestResponseCycle
    app: ASGI3Application
    answer_now: AnswerNow

    def answer(self) -> Answer | None:
        cycle = self.cycle
        if cycle.disconnected or self.protocol.flow.write_paused:
            return None
        # An error is the application's to meet again, to answer and to log; the requests beside this one go on.
        with suppress(Exception):
            return self.answer_now(cycle.scope["headers"], bytes(cycle.body))  # type: ignore[arg-type]
        return None

    def send(self, answer: Answer) -> None:
        cycle = self.cycle
        parts = [b"HTTP/1.1 200 OK\r\n"]
        for name, value in cycle.default_headers:
            parts += (name, b": ", value, b"\r\n")
        for name, value in answer.raw_headers:
            parts += (name, b": ", value, b"\r\n")
        parts += (b"\r\n", answer.body)
        cycle.transport.write(b"".join(parts))
        cycle.response_started = cycle.response_complete = True
        cycle.on_response()

    def start(self) -> None:
        """Goes uvicorn's own way."""
        self.protocol.start_task(self.cycle, self.app)


class Protocol(LimitedProtocol):
    """One connection. What can't be answered at once, for whatever reason, goes uvicorn's own way."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._direct: DirectAnswers = self.app_state.get(DIRECT_ANSWERS) or DirectAnswers({})
        # A log of accesses is uvicorn's to write.
        self._operations = {} if self.config.access_log else self._direct.operations
        self._request: _Request | None = None
        self._readers: Readers | None = self.app_state.get(READERS)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self._readers is not None:
            self._readers.add(transport)

    def shutdown(self) -> None:
        super().shutdown()
        if self._readers is not None:
            self._readers.shut_down()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._readers is not None:
            self._readers.read(self.transport)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._request is not None:
            # The rest of the body is to come: uvicorn has the means to wait for it.
            request, self._request = self._request, None
            request.start()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        answer_now = self._operations.get((cycle.scope["method"], cycle.scope["path"]))
        # A request that waited for the one before may be here whole, and is not asked about again.
        if answer_now is None or not cycle.keep_alive or not self._in_head or app is not self.app:
            super()._start_asgi_task(cycle, app)
        else:
            self._request = _Request(self, cycle, app, answer_now)

    def start_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Has the application answer."""
        super()._start_asgi_task(cycle, app)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        if self._request is not None:
            self._direct.add(self._request)
            self._request = None
