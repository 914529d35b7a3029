"""What reverse proxies tell of a request, where the settings trust them: who asks, over what, and under which path."""

from collections.abc import Mapping
from typing import Any

from starlette.types import Scope
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.root_path import normal_root, rooted
from app.settings import Settings

_FOR, _HOST, _PROTO, _PREFIX = b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-prefix"
_TOLD = frozenset((_FOR, _HOST, _PROTO, _PREFIX))


class Forwarded:
    """The rule for one application. What others tell than trusted proxies is taken away, for all who come after."""

    def __init__(self, settings: Settings) -> None:
        self._root = settings.root_path
        # uvicorn's own, which it would put before the application: whom it trusts, and how it reads X-Forwarded-For.
        trusted = list(settings.trusted_proxies)
        self._trusted = ProxyHeadersMiddleware(_nobody, ["*"] if "*" in trusted else trusted).trusted_hosts

    def seen(self, scope: Scope) -> Scope:
        """The request as its client sent it to the first trusted proxy; its path and root_path as ASGI has them."""
        headers = dict(scope["headers"])
        root, changed = self._root, {}
        if not _TOLD.isdisjoint(headers):
            if self._trusts(scope.get("client")):
                changed = self._told(scope, headers)
                root = root or _prefix(headers)
            else:
                changed["headers"] = [each for each in scope["headers"] if each[0] not in _TOLD]
        if root:
            changed |= {"root_path": root, "path": rooted(scope["path"], root)}
        return {**scope, **changed} if changed else scope

    def _trusts(self, client: tuple[str, int] | None) -> bool:
        """Port 0 is of a client that uvicorn's own middleware has read from a proxy which it trusts itself."""
        if client is None:  # a Unix socket
            return self._trusted.always_trust
        return client[1] == 0 or client[0] in self._trusted

    def _told(self, scope: Scope, headers: Mapping[bytes, bytes]) -> dict[str, Any]:
        told: dict[str, Any] = {}
        scheme = headers.get(_PROTO, b"").decode("latin-1").split(",")[0].strip().lower()
        if scheme in ("http", "https"):
            told["scheme"] = scheme.replace("http", "ws") if scope["type"] == "websocket" else scheme
        clients = ", ".join(value.decode("latin-1") for name, value in scope["headers"] if name == _FOR)
        if clients:
            address, port = self._trusted.get_trusted_client_address(clients)
            if address:
                told["client"] = (address, port)
        return told


def _prefix(headers: Mapping[bytes, bytes]) -> str:
    """What a proxy cut off; several proxies in a row each add theirs, with a comma between."""
    parts = headers.get(_PREFIX, b"").decode("latin-1").split(",")
    try:
        return normal_root("".join(part.strip().rstrip("/") for part in parts))
    except ValueError:
        return ""


async def _nobody(*_: Any) -> None:
    """Only who is trusted is asked of the middleware, never to serve."""
