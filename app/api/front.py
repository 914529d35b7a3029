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

Endpoint = Callable[[Request], Awaitable[Response]]


class Application(FastAPI):
    """FastAPI that gives each answer an X-Request-ID: the client's own where it sent a usable one.

    `direct` names operations, by method and path, that are called past the framework's middleware, router and
    dependency machinery, which cost more than a small forward pass. They are the same endpoints, documented as all are.
    """

    direct: dict[tuple[str, str], Endpoint]
    metrics: Metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        started = perf_counter()
        request_id = accept_encoding = None
        status = 500
        for name, value in scope["headers"]:
            if name == b"x-request-id" and 0 < len(value) <= 100 and all(33 <= byte < 127 for byte in value):
                request_id = bytes(value)
            elif name == b"accept-encoding":
                accept_encoding = value
        request_id = request_id or b"%032x" % getrandbits(128)

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                nonlocal status
                status = message["status"]
                message["headers"].append((b"x-request-id", request_id))
            await send(message)

        answer = named if accept_encoding is None else compressing(named, accept_encoding.decode("latin-1"))
        endpoint = self.direct.get((scope["method"], scope["path"]))
        try:
            if endpoint is None:
                await super().__call__(scope, receive, answer)
            else:
                await self._directly(endpoint, scope, receive, answer)
        finally:
            route = scope["path"] if endpoint is not None else getattr(scope.get("route"), "path", "other")
            self.metrics.count(scope["method"], route, status, perf_counter() - started)

    async def _directly(self, endpoint: Endpoint, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self
        request = Request(scope, receive, send)
        try:
            response = await endpoint(request)
        except HANDLED as error:
            response = problem_response(request, problem_of(error))
        except Exception as error:
            await problem_response(request, problem_of(error))(scope, receive, send)
            raise  # the server logs it
        await response(scope, receive, send)
