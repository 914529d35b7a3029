"""What every HTTP request meets first: it is named, and the operations that must be quick are answered at once."""

from collections.abc import Awaitable, Callable
from random import getrandbits

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from app.api.problems import HANDLED, problem_of, problem_response

Endpoint = Callable[[Request], Awaitable[Response]]


class Application(FastAPI):
    """FastAPI that gives each answer an X-Request-ID: the client's own where it sent a usable one.

    `direct` names operations, by method and path, that are called past the framework's middleware, router and
    dependency machinery, which cost more than a small forward pass. They are the same endpoints, documented as all are.
    """

    direct: dict[tuple[str, str], Endpoint]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        request_id = _request_id(scope)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"x-request-id", request_id))
            await send(message)

        endpoint = self.direct.get((scope["method"], scope["path"]))
        if endpoint is None:
            await super().__call__(scope, receive, send_with_id)
            return
        scope["app"] = self
        request = Request(scope, receive, send)
        try:
            response = await endpoint(request)
        except HANDLED as error:
            response = problem_response(request, problem_of(error))
        except Exception as error:
            await problem_response(request, problem_of(error))(scope, receive, send_with_id)
            raise  # uvicorn logs it
        await response(scope, receive, send_with_id)


def _request_id(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and 0 < len(value) <= 100 and all(33 <= byte < 127 for byte in value):
            return bytes(value)
    return b"%032x" % getrandbits(128)
