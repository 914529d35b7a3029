"""Who may ask: by which names this server is called, and which pages may write to it or open its socket.

A browser lets any website send requests to a server on its user's machine. It says which page asks (Origin,
Sec-Fetch-Site), and programs say nothing, so a write is taken from this server's own pages, from origins that the
settings allow, and from programs. A website may also have its own name point at this machine (DNS rebinding), and then
is its own origin: where the server listens on a loopback address, it answers to names of this machine alone.
"""

import logging
from collections.abc import Mapping
from typing import Any

from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket

from adelante.locale import DEFAULT_LANGUAGE
from adelante.network.errors import Fault
from app.api.http.problems import Problem, problem_document, problem_response
from app.origins import fits, is_address, is_loopback, normal_origin, same_host, split_host
from app.root_path import address_root
from app.settings import Settings

_SAFE = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))
# Browsers send no such headers of their own, proxies do.
_FORWARDED = (
    b"x-forwarded-for",
    b"x-forwarded-proto",
    b"x-forwarded-host",
    b"x-forwarded-prefix",
    b"x-real-ip",
    b"forwarded",
    b"via",
)
_OWN_PAGE = (None, "same-origin", "none")
_MOST_REMEMBERED = 1024
_HTTP_PORT = 80
_log = logging.getLogger("uvicorn.error")
# uvicorn logs this of handshakes that were refused with a document, as if they had been forgotten.
_log.addFilter(lambda record: record.msg != "ASGI callable returned without completing handshake.")

Headers = Mapping[bytes, bytes]


class Admission:
    """The rule for one application."""

    def __init__(self, settings: Settings) -> None:
        self._origins = frozenset(settings.allowed_origins)
        self._hosts = settings.allowed_hosts
        self._on_loopback = is_loopback(settings.host)
        # Requests of one page differ in nothing that matters here, and a small pass has few microseconds to spend.
        self._admitted: set[tuple[bool, bytes | None, bytes | None, bytes | None]] = set()
        self._logged: set[tuple[str, str]] = set()

    def is_plain(self, method: str, headers: Headers) -> bool:
        """Whether a request can be admitted by its headers alone, wherever it came in; if not, `refusal` says."""
        get = headers.get
        if (method in _SAFE, get(b"host"), get(b"origin"), get(b"sec-fetch-site")) in self._admitted:
            return True
        # Which proxy may name another host, the address that it comes from tells.
        headers = {name: value for name, value in headers.items() if name != b"x-forwarded-host"}
        port = split_host(_text(headers, b"host") or "")[1]
        nowhere = {"method": method, "headers": tuple(headers.items()), "server": ("127.0.0.1", port or _HTTP_PORT)}
        return self._fault(nowhere, headers) is None

    def refusal(self, scope: Mapping[str, Any], headers: Headers) -> Problem | None:
        """The problem of a request, or of a socket's handshake, that is not admitted."""
        fault = self._fault(scope, headers)
        if fault is None:
            return None
        self._log(fault)
        return Problem(fault.type, fault)

    def _fault(self, scope: Mapping[str, Any], headers: Headers) -> Fault | None:
        safe = scope.get("method") in _SAFE
        asked = _asked(safe, headers)
        if asked in self._admitted:
            return None
        host = _text(headers, b"host") or ""
        fault = _host_fault(scope, host) or self._name_fault(scope, headers, host)
        if fault is None and not safe:
            origin, site = _text(headers, b"origin"), _text(headers, b"sec-fetch-site")
            fault = self.origin_fault(host, origin, _text(headers, b"x-forwarded-host"), site)
        if fault is None and b"x-forwarded-host" not in headers and self._needs_no_more(split_host(host)[0], headers):
            if len(self._admitted) >= _MOST_REMEMBERED:
                self._admitted.clear()
            self._admitted.add(asked)
        return fault

    def origin_fault(
        self, host: str, origin: str | None, forwarded_host: str | None = None, site: str | None = None
    ) -> Fault | None:
        """What is wrong with the origin of a page that writes or opens the socket, if anything is."""
        if origin is not None:
            try:
                if normal_origin(origin) in self._origins:
                    return None
            except ValueError:
                pass
        if site in _OWN_PAGE:
            if site is not None or origin is None or same_host(origin, host):
                return None
            # A trusted proxy's, or it would not be here.
            if any(same_host(origin, each) for each in (forwarded_host or "").split(",")):
                return None
        values = {"got": (origin or "?")[:200], "expected": host[:200], "setting": "ADELANTE_ALLOWED_ORIGINS"}
        return Fault("origin-not-allowed", "origin-not-allowed", "", values)

    def _name_fault(self, scope: Mapping[str, Any], headers: Headers, host: str) -> Fault | None:
        name, port = split_host(host)
        if self._needs_no_more(name, headers):
            return None
        if self._hosts:
            known = False
        else:
            here, here_port = scope.get("server") or ("", None)
            known = not is_loopback(here) or _through_a_proxy(headers, host, port, here_port)
        values = {"got": host[:200], "setting": "ADELANTE_ALLOWED_HOSTS"}
        return None if known else Fault("unknown-host", "unknown-host", "", values)

    def _needs_no_more(self, name: str | None, headers: Headers) -> bool:
        """Whether the name alone is enough, wherever and however the request came in."""
        if not name or is_address(name) or is_loopback(name):
            return True
        return fits(name, self._hosts) if self._hosts else not self._on_loopback or _is_private(name, headers)

    def _log(self, fault: Fault) -> None:
        """A line for the deployer, once for each origin and host: pages try again for as long as they are open."""
        told = (fault.type, f"{fault.values.get('got')} {fault.values.get('expected')}")
        if "setting" in fault.values and told not in self._logged and len(self._logged) < _MOST_REMEMBERED:
            self._logged.add(told)
            _log.warning("%s", problem_document(DEFAULT_LANGUAGE, fault.type, (fault,))["detail"])


async def refuse_socket(socket: WebSocket, problem: Problem) -> None:
    """Answers a handshake with the problem's document. The page can't read that, and asks GET /api/v1/live."""
    await socket.send_denial_response(problem_response(socket, problem))


def public_address(connection: HTTPConnection) -> str:
    """https://nn.example/adelante, as the client sees this server: by its page's own origin, or by what a proxy says.

    It is for what goes back to that client alone, so that what it says of itself may be believed.
    """
    root = address_root(connection.scope)
    headers = connection.headers
    host = headers.get("x-forwarded-host", headers.get("host", "")).split(",")[0].strip()
    origin = headers.get("origin")
    if origin is not None and (headers.get("sec-fetch-site") == "same-origin" or same_host(origin, host)):
        return normal_origin(origin) + root
    scheme = headers.get("x-forwarded-proto", connection.url.scheme).split(",")[0].strip().lower()
    name, port = split_host(host)
    if name is None or scheme not in ("http", "https"):
        return str(connection.base_url).rstrip("/")
    return normal_origin(f"{scheme}://{name}" + ("" if port is None else f":{port}")) + root


def _asked(safe: bool, headers: Headers) -> tuple[bool, bytes | None, bytes | None, bytes | None]:
    return safe, headers.get(b"host"), headers.get(b"origin"), headers.get(b"sec-fetch-site")


def _text(headers: Headers, name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1").strip()


def _host_fault(scope: Mapping[str, Any], host: str) -> Fault | None:
    """RFC 9112: a request of HTTP/1.1 names one host, and one that can be one."""
    count = sum(name == b"host" for name, _ in scope["headers"])
    if count > 1 or (count == 0 and scope.get("http_version") == "1.1") or (host and split_host(host)[0] is None):
        return Fault("bad-request", "one-host", "", {"got": host[:200]})
    return None


def _is_private(name: str, headers: Headers) -> bool:
    """Whether no website can have the name: one without a dot, or Docker's host.docker.internal.

    Not where a page asks (Origin): such names are for programs.
    """
    return b"origin" not in headers and ("." not in name or name.endswith(".internal"))


def _through_a_proxy(headers: Headers, host: str, port: int | None, server_port: int | None) -> bool:
    """Whether a name that is not this machine's came through a reverse proxy, and not from a page of that name.

    Such a page is served over http (nothing here speaks TLS) and names the port that it reached.
    """
    origin = _text(headers, b"origin") or ""
    if origin.lower().startswith("https://") and same_host(origin, host):
        return True
    return (port or _HTTP_PORT) != server_port and any(name in headers for name in _FORWARDED)
