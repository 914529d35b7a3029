"""What every HTTP request meets first: it is named, and the operations that must be quick are answered at once."""

from collections.abc import Awaitable, Callable, Mapping
from secrets import token_hex

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import HANDLED, problem_of, problem_response

Endpoint = Callable[[Request], Awaitable[Response]]


class Front:
    """Gives each answer an X-Request-ID (the client's own where it sent a usable one).

    `direct` names the operations, by method and path, that are called past the framework's router and dependency
    machinery: those cost more than a small forward pass. They are the same endpoints, documented as any other.
    """

    def __init__(self, app: ASGIApp, direct: Mapping[tuple[str, str], Endpoint]) -> None:
        self._app = app
        self._direct = direct

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"x-request-id", request_id))
            await send(message)

        endpoint = self._direct.get((scope["method"], scope["path"]))
        if endpoint is None:
            await self._app(scope, receive, send_with_id)
            return
        request = Request(scope, receive, send)
        try:
            response = await endpoint(request)
        except HANDLED as error:
            response = problem_response(request, problem_of(error))
        await response(scope, receive, send_with_id)


def _request_id(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and 0 < len(value) <= 100 and all(33 <= byte < 127 for byte in value):
            return bytes(value)
    return token_hex(16).encode()
