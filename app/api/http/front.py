"""What every HTTP request meets first: it is named and counted, and the operations that must be quick are answered."""

from collections.abc import Awaitable, Callable
from functools import partial
from random import getrandbits
from time import perf_counter
from typing import NamedTuple
from urllib.parse import quote

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from app import tracing
from app.api.http.admission import Admission, refuse_socket
from app.api.http.answer import Answer
from app.api.http.body import HELD
from app.api.http.compress import compress_now, compressing
from app.api.http.cors import Cors
from app.api.http.drain import Drain
from app.api.http.forwarded import Forwarded
from app.api.http.guard import Guard, is_private, told_headers
from app.api.http.metrics import Metrics
from app.api.http.places import Places
from app.api.http.problems import HANDLED, Problem, problem_of, problem_response
from app.api.http.uploads import Uploads
from app.compute.service import ComputeService
from app.live.budget import Budget
from app.logs import REQUEST_ID, request_told
from app.root_path import PATH_CHARACTERS, root_of, without_root
from app.settings import Settings
from app.store.networks import Networks

_REQUEST_ID = b"x-request-id"
# What answers the handshake of a socket, and the status of one that opens.
_HANDSHAKES = ("websocket.accept", "websocket.http.response.start")
_SWITCHED = 101
# Browsers take an answer for what it says it is, and don't guess that it might be a script.
_NOSNIFF = (b"x-content-type-options", b"nosniff")
# The next request on this connection is for another server.
_CLOSE = (b"connection", b"close")
# The router's, where an address lacks its slash at the end or has one too many; nothing else here has this status.
_SLASH_REDIRECT = 307
Headers = list[tuple[bytes, bytes]]
AnswerNow = Callable[[Headers, bytes], Answer | None]


class Direct(NamedTuple):
    """An operation that is called past the framework's middleware, router and dependency machinery.

    `endpoint` is the one that is documented; what the address names is in the request's `path_params`. `now`, where
    there is one, gives the same answer, from headers (names in lower case) and body, where that takes no waiting, and
    None where it may.
    """

    endpoint: Callable[[Request], Awaitable[Response]]
    now: Callable[[dict[bytes, bytes], bytes], Answer | None] | None = None


class _Named(NamedTuple):
    """A request as it came: its own method, though HEAD is answered as GET is."""

    method: str
    id: bytes
    started: float


class Application(FastAPI):
    """FastAPI that gives each answer an X-Request-ID: the client's own where it sent a usable one.

    `direct` names operations, by method and path, for which the framework's machinery would cost more than the work:
    its router alone tries one address after another. In a path, `{name}` stands between the third slash and the fourth.
    """

    settings: Settings
    admission: Admission
    guard: Guard | None
    forwarded: Forwarded
    cors: Cors | None
    drain: Drain
    compute: ComputeService
    networks: Networks
    metrics: Metrics
    bodies: Budget
    uploads: Uploads
    live_budget: Budget
    live_places: Places
    direct: dict[tuple[str, str], Direct]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await super().__call__(scope, receive, send)
            return
        started = perf_counter()
        scope = self.forwarded.seen(scope)
        headers = dict(scope["headers"])
        refused = self.admission.refusal(scope, headers)
        if self.guard is not None and refused is None:
            refused = await self.guard.refusal(scope, headers)
        if scope["type"] == "websocket":
            await self._talk(scope, receive, send, refused, started)
            return
        try:
            with tracing.request(headers):
                await self._answer(scope, receive, send, headers, refused, started)
        finally:
            if HELD in scope:
                scope[HELD].leave()

    async def _talk(self, scope: Scope, receive: Receive, send: Send, refused: Problem | None, started: float) -> None:
        """A live socket, from its handshake to its end."""
        request_id, status = request_id_of(dict(scope["headers"])), 500
        REQUEST_ID.set(request_id.decode())

        async def named(message: Message) -> None:
            if message["type"] in _HANDSHAKES:
                nonlocal status
                status = message.get("status", _SWITCHED)
                message = {**message, "headers": [*message.get("headers", ()), (_REQUEST_ID, request_id)]}
            await send(message)

        try:
            if refused is None:
                await super().__call__(scope, receive, named)
            else:
                await refuse_socket(WebSocket(scope, receive, named), refused)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            request_told("GET", route, status, perf_counter() - started, request_id)

    async def _answer(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        headers: dict[bytes, bytes],
        refused: Problem | None,
        started: float,
    ) -> None:
        request_id, asked = request_id_of(headers), scope["method"]
        REQUEST_ID.set(request_id.decode())
        if self.drain.began:
            send = _closing(send)
        if asked == "HEAD":
            # Wherever there is GET there is HEAD: its headers without its body.
            scope, send = {**scope, "method": "GET"}, _without_body(send)
        accept_encoding = headers.get(b"accept-encoding")
        if accept_encoding is not None:
            send = compressing(send, accept_encoding.decode("latin-1"))
        method, path = scope["method"], without_root(scope["path"], root_of(scope))
        direct = self.direct.get((method, path))
        if direct is None:
            path, scope["path_params"] = _named(path)
            direct = self.direct.get((method, path))
        if direct is None or refused is not None or (self.cors is not None and self.cors.names(headers.get(b"origin"))):
            await self._routed(scope, receive, send, _Named(asked, request_id, started), refused)
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
            response.raw_headers += ((_REQUEST_ID, request_id), _NOSNIFF, *told_headers(scope))
            status = response.status_code
            await response(scope, receive, send)
            if failure is not None:
                raise failure  # the server logs it
        finally:
            self.told(method, path, status, started, request_id)

    def told(self, method: str, route: str, status: int, started: float, request_id: bytes) -> None:
        """Counts a request that was answered, and logs it where requests are logged."""
        seconds = perf_counter() - started
        self.metrics.count(method, route, status, seconds)
        request_told(method, route, status, seconds, request_id)
        tracing.request_told(method, route, status, request_id)

    def answers_at_once(self) -> dict[tuple[str, str], AnswerNow]:
        """The direct operations by method and path, for the server's protocol."""
        root = self.settings.root_path
        return {
            (method, start + path): partial(self.answer_now, method, path)
            for (method, path), direct in self.direct.items()
            if direct.now is not None
            for start in {"", root}
        }

    def answer_now(self, method: str, path: str, headers: Headers, body: bytes) -> Answer | None:
        """What a direct operation answers, named and counted as always, where it can do so at once; else None."""
        started = perf_counter()
        if self.drain.began:
            return None
        told = dict(headers)
        if len(told) != len(headers) or not self.admission.is_plain(method, told):
            return None
        if self.cors is not None and self.cors.names(told.get(b"origin")):
            return None
        if self.guard is not None and not self.guard.lets_pass_now(method, path, told):
            return None
        now = self.direct[method, path].now
        answer = None if now is None else now(told, body)
        if answer is None:
            return None
        accept_encoding = told.get(b"accept-encoding")
        if accept_encoding is not None and not compress_now(answer, accept_encoding.decode("latin-1")):
            return None
        request_id = request_id_of(told)
        answer.raw_headers += ((_REQUEST_ID, request_id), _NOSNIFF)
        self.told(method, path, answer.status_code, started, request_id)
        return answer

    async def _routed(
        self, scope: Scope, receive: Receive, send: Send, request: _Named, refused: Problem | None
    ) -> None:
        status = 500

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                nonlocal status
                status = message["status"]
                headers = MutableHeaders(raw=message["headers"])
                headers.raw.extend(((_REQUEST_ID, request.id), _NOSNIFF, *told_headers(scope)))
                if is_private(scope) and "cache-control" in headers:
                    headers["cache-control"] = headers["cache-control"].replace("public", "private")
                if status == _SLASH_REDIRECT and "location" in headers:
                    headers["location"] = _with_or_without_slash(scope)
            await send(message)

        try:
            answering: ASGIApp = super().__call__ if refused is None else problem_response(Request(scope), refused)
            if self.cors is not None:
                answering = self.cors.around(answering)
            await answering(scope, receive, named)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            self.told(request.method, route, status, request.started, request.id)


def _named(path: str) -> tuple[str, dict[str, str]]:
    """/v2/models/xor/infer as /v2/models/{name}/infer, and the name."""
    parts = path.split("/", 4)
    if len(parts) < 5 or not parts[3]:
        return path, {}
    name, parts[3] = parts[3], "{name}"
    return "/".join(parts), {"name": name}


def _without_body(send: Send) -> Send:
    async def headers_alone(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return headers_alone


def _closing(send: Send) -> Send:
    async def last(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), _CLOSE]}
        await send(message)

    return last


def _with_or_without_slash(scope: Scope) -> str:
    """Where the router's own redirect leads, as seen from the address itself: it names neither http nor a host, of
    which a server behind a proxy knows little."""
    path: str = scope["path"]
    bare = path.rstrip("/")
    name = quote(bare.rpartition("/")[2])
    if path == bare:
        target = f"./{name}/"
    elif path == f"{bare}/":
        target = f"../{name}"
    else:  # how empty parts of a path count, clients do not agree
        target = "/" + quote(bare.lstrip("/"), safe=PATH_CHARACTERS)
    query = scope["query_string"].decode("latin-1")
    return f"{target}?{query}" if query else target


def request_id_of(headers: dict[bytes, bytes]) -> bytes:
    """The client's own name for its request, where it is short and printable; else a new one."""
    request_id = headers.get(_REQUEST_ID)
    if request_id is not None and 0 < len(request_id) <= 100 and all(33 <= byte < 127 for byte in request_id):
        return bytes(request_id)
    return b"%032x" % getrandbits(128)
