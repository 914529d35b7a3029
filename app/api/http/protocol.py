"""HTTP/1.1 as uvicorn reads it, with a short cut: direct operations are answered without a task, several in one go.

A small forward pass takes less than the cycle, the task, the events and the sends that ASGI asks for around it. The
short cut uses parts of uvicorn that are not promised to stay (the callbacks of its parser, `cycle`,
`expect_100_continue`), so uvicorn is pinned below its next minor version, ADELANTE_SHORTCUT=false answers without it,
and `python -m tests.bench shortcut` says what it gains.
"""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from app.api.http.answer import Answer
from app.api.http.connections import LimitedProtocol
from app.api.http.front import AnswerNow
from app.api.http.problems import Problem
from app.api.http.readers import READERS, Readers
from app.root_path import PATH_CHARACTERS

# At most this many, and this many bytes, per turn of the event loop, so that others get theirs.
_TOGETHER = 32
_TOGETHER_BYTES = 2**20
# Where the lifespan's state keeps the direct answers.
DIRECT_ANSWERS = "direct_answers"


class DirectAnswers:
    """The direct operations by method and address, and the requests to them that came in this turn of the event loop.

    A turn first reads all of them, then computes, then sends: each of the three finds the processor's caches as it left
    them, and a client that waits for several answers is woken once. With 16 connections a small pass takes half the
    time that it takes one by one.
    """

    def __init__(self, operations: Mapping[tuple[str, str], AnswerNow]) -> None:
        self.operations = {
            (method.encode(), quote(path, safe=PATH_CHARACTERS).encode()): answer_now
            for (method, path), answer_now in operations.items()
        }
        self._requests: list[_Request] = []
        self._size = 0  # of all their bodies

    def add(self, request: "_Request") -> None:
        """Has it answered at the end of this turn."""
        if not self._requests:
            request.protocol.loop.call_soon(self._answer)
        self._requests.append(request)
        self._size += len(request.body)

    def _answer(self) -> None:
        # Large ones are answered one by one.
        count = _TOGETHER if self._size <= _TOGETHER_BYTES else 1
        requests, self._requests = self._requests[:count], self._requests[count:]
        self._size -= sum([len(request.body) for request in requests])
        if self._requests:
            requests[0].protocol.loop.call_soon(self._answer)
        answers = [(request, request.answer()) for request in requests]
        for request, answer in answers:
            request.end(answer)


class _Request:
    """A request to a direct operation, for which uvicorn has made no cycle yet."""

    __slots__ = ("answer_now", "body", "headers", "method", "protocol", "whole")

    def __init__(self, protocol: "Protocol", method: bytes, answer_now: AnswerNow) -> None:
        self.protocol = protocol
        self.method = method
        self.answer_now = answer_now
        self.headers = protocol.headers
        self.body = bytearray()
        self.whole = False

    def answer(self) -> Answer | None:
        """None where the application is to answer: it also meets an error again, and logs it."""
        protocol = self.protocol
        if protocol.held is not self or protocol.flow.write_paused:
            return None
        try:
            return self.answer_now(self.headers, bytes(self.body))
        except Exception:
            return None

    def end(self, answer: Answer | None) -> None:
        """Sends the answer, or has the application answer."""
        protocol = self.protocol
        if protocol.held is not self:  # the connection is lost, or the application has it already
            return
        if answer is None:
            self.start()
            return
        parts = [b"HTTP/1.1 200 OK\r\n"]
        for name, value in protocol.server_state.default_headers:
            parts += (name, b": ", value, b"\r\n")
        for name, value in answer.raw_headers:
            parts += (name, b": ", value, b"\r\n")
        parts += (b"\r\n", answer.body)
        protocol.held = None
        protocol.transport.write(b"".join(parts))
        protocol.on_response_complete()

    def start(self) -> None:
        """Goes uvicorn's own way, as far as the request is here."""
        protocol, protocol.held = self.protocol, None
        protocol.begin()
        cycle = protocol.cycle
        # The parser may be at the next message, and then tells of that.
        cycle.scope["method"], cycle.keep_alive = self.method.decode(), True
        cycle.scope["http_version"] = "1.1"
        if self.body:
            protocol.on_body(bytes(self.body))
        if self.whole:
            protocol.on_message_complete()


class Protocol(LimitedProtocol):
    """One connection. What can't be answered at once, for whatever reason, goes uvicorn's own way."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._direct: DirectAnswers = self.app_state.get(DIRECT_ANSWERS) or DirectAnswers({})
        # A log of accesses and a limit on tasks are uvicorn's to keep.
        shortcut = not self.config.access_log and self.limit_concurrency is None
        self._operations = self._direct.operations if shortcut else {}
        self.held: _Request | None = None
        """The request that is read now, or answered at the end of this turn of the event loop."""
        self._readers: Readers | None = self.app_state.get(READERS)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self._readers is not None:
            self._readers.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.held = None
        super().connection_lost(exc)

    def shutdown(self) -> None:
        self._let_go()
        super().shutdown()
        if self._readers is not None:
            self._readers.shut_down()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._readers is not None:
            self._readers.read(self.transport)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.held is not None and not self.held.whole:
            # The rest of the body is to come: uvicorn has the means to wait for it.
            self.held.start()

    def waits(self) -> bool:
        return self.held is None and super().waits()

    def _refuse(self, problem: Problem) -> None:
        self._let_go()
        super()._refuse(problem)

    def _let_go(self) -> None:
        if self.held is not None:
            self.held.start()

    # ---- the parser's callbacks ----

    def on_message_begin(self) -> None:
        # One after another: the application's cycles keep their order.
        self._let_go()
        super().on_message_begin()

    def head_is_good(self) -> None:
        parser = self.parser
        method = parser.get_method()
        answer_now = self._operations.get((method, self.url))
        # A request that waits for the one before, or that is to be told to go on, has to be kept.
        if (
            answer_now is None
            or not self.waits()
            or self.expect_100_continue
            or parser.should_upgrade()
            or not parser.should_keep_alive()
            or parser.get_http_version() != "1.1"
        ):
            self.begin()
        else:
            self.held = _Request(self, method, answer_now)

    def on_body(self, body: bytes) -> None:
        if self.held is None:
            super().on_body(body)
        else:
            self.held.body += body

    def on_message_complete(self) -> None:
        if self.held is None:
            super().on_message_complete()
        else:
            self.held.whole = True
            self._direct.add(self.held)
