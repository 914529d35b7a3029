"""What every HTTP request meets first: it is named and counted, and the operations that must be quick are answered."""

from collections.abc import Awaitable, Callable
from random import getrandbits
from time import perf_counter

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from app.api.compress import compressing
from app.api.metrics import Metrics
from app.api.problems import HANDLED, problem_of, problem_response
from app.compute.service import ComputeService
from app.settings import Settings
from app.store.networks import Networks

Endpoint = Callable[[Request], Awaitable[Response]]


class Application(FastAPI):
    """FastAPI that gives each answer an X-Request-ID: the client's own where it sent a usable one.

    `direct` names operations, by method and path, that are called past the framework's middleware, router and
    dependency machinery, which cost more than a small forward pass. They are the same endpoints, documented as all are.
    """

    settings: Settings
    compute: ComputeService
    networks: Networks
    metrics: Metrics
    direct: dict[tuple[str, str], Endpoint]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        started = perf_counter()
        headers = dict(scope["headers"])
        request_id = _usable(headers.get(b"x-request-id")) or b"%032x" % getrandbits(128)
        accept_encoding = headers.get(b"accept-encoding")
        if accept_encoding is not None:
            send = compressing(send, accept_encoding.decode("latin-1"))
        method, path = scope["method"], scope["path"]
        endpoint = self.direct.get((method, path))
        if endpoint is None:
            await self._routed(scope, receive, send, request_id, started)
            return
        scope["app"] = self
        request = Request(scope, receive, send)
        status = 500
        try:
            failure = None
            try:
                response = await endpoint(request)
            except HANDLED as error:
                response = problem_response(request, problem_of(error))
            except Exception as error:
                failure = error
                response = problem_response(request, problem_of(error))
            response.raw_headers.append((b"x-request-id", request_id))
            status = response.status_code
            await response(scope, receive, send)
            if failure is not None:
                raise failure  # the server logs it
        finally:
            self.metrics.count(method, path, status, perf_counter() - started)

    async def _routed(self, scope: Scope, receive: Receive, send: Send, request_id: bytes, started: float) -> None:
        status = 500

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                nonlocal status
                status = message["status"]
                message["headers"].append((b"x-request-id", request_id))
            await send(message)

        try:
            await super().__call__(scope, receive, named)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            self.metrics.count(scope["method"], route, status, perf_counter() - started)


def _usable(request_id: bytes | None) -> bytes | None:
    """The client's own name for its request, where it is short and printable."""
    if request_id is not None and 0 < len(request_id) <= 100 and all(33 <= byte < 127 for byte in request_id):
        return bytes(request_id)
    return None
