"""What every HTTP request meets first: it is named and counted, and the operations that must be quick are answered."""

from collections.abc import Awaitable, Callable
from functools import partial
from random import getrandbits
from time import perf_counter
from typing import NamedTuple

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from app.api.compress import compress_now, compressing
from app.api.exchange import Answer
from app.api.metrics import Metrics
from app.api.problems import HANDLED, problem_of, problem_response
from app.compute.service import ComputeService
from app.live.budget import Budget
from app.settings import Settings
from app.store.networks import Networks

_REQUEST_ID = b"x-request-id"
Headers = list[tuple[bytes, bytes]]
AnswerNow = Callable[[Headers, bytes], Answer | None]


class Direct(NamedTuple):
    """An operation that is called past the framework's middleware, router and dependency machinery.

    `endpoint` is the one that is documented. `now` gives the same answer, from headers (names in lower case) and body,
    where that takes no waiting, and None where it may.
    """

    endpoint: Callable[[Request], Awaitable[Response]]
    now: Callable[[dict[bytes, bytes], bytes], Answer | None]


class Application(FastAPI):
    """FastAPI that gives each answer an X-Request-ID: the client's own where it sent a usable one.

    `direct` names operations, by method and path, for which the framework's machinery would cost more than the work.
    """

    settings: Settings
    compute: ComputeService
    networks: Networks
    metrics: Metrics
    live_budget: Budget
    direct: dict[tuple[str, str], Direct]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        started = perf_counter()
        headers = dict(scope["headers"])
        request_id = _name_of(headers)
        accept_encoding = headers.get(b"accept-encoding")
        if accept_encoding is not None:
            send = compressing(send, accept_encoding.decode("latin-1"))
        method, path = scope["method"], scope["path"]
        direct = self.direct.get((method, path))
        if direct is None:
            await self._routed(scope, receive, send, request_id, started)
            return
        scope["app"] = self
        request = Request(scope, receive, send)
        status = 500
        try:
            failure = None
            try:
                response = await direct.endpoint(request)
            except HANDLED as error:
                response = problem_response(request, problem_of(error))
            except Exception as error:
                failure = error
                response = problem_response(request, problem_of(error))
            response.raw_headers.append((_REQUEST_ID, request_id))
            status = response.status_code
            await response(scope, receive, send)
            if failure is not None:
                raise failure  # the server logs it
        finally:
            self.metrics.count(method, path, status, perf_counter() - started)

    def answers_at_once(self) -> dict[tuple[str, str], AnswerNow]:
        """The direct operations by method and path, for the server's protocol."""
        return {operation: partial(self.answer_now, *operation) for operation in self.direct}

    def answer_now(self, method: str, path: str, headers: Headers, body: bytes) -> Answer | None:
        """What a direct operation answers, named and counted as always, where it can do so at once; else None."""
        started = perf_counter()
        told = dict(headers)
        answer = self.direct[method, path].now(told, body)
        if answer is None:
            return None
        accept_encoding = told.get(b"accept-encoding")
        if accept_encoding is not None and not compress_now(answer, accept_encoding.decode("latin-1")):
            return None
        answer.raw_headers.append((_REQUEST_ID, _name_of(told)))
        self.metrics.count(method, path, answer.status_code, perf_counter() - started)
        return answer

    async def _routed(self, scope: Scope, receive: Receive, send: Send, request_id: bytes, started: float) -> None:
        status = 500

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                nonlocal status
                status = message["status"]
                message["headers"].append((_REQUEST_ID, request_id))
            await send(message)

        try:
            await super().__call__(scope, receive, named)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            self.metrics.count(scope["method"], route, status, perf_counter() - started)


def _name_of(headers: dict[bytes, bytes]) -> bytes:
    """The client's own name for its request, where it is short and printable; else a new one."""
    request_id = headers.get(_REQUEST_ID)
    if request_id is not None and 0 < len(request_id) <= 100 and all(33 <= byte < 127 for byte in request_id):
        return bytes(request_id)
    return b"%032x" % getrandbits(128)
