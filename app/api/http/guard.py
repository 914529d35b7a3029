"""Who may ask for what, and how often: API keys and rates, where the settings have any.

A key comes as `Authorization: Bearer KEY`. A page can't set a header of its live socket, and offers the key as a
subprotocol beside the one that is spoken: `new WebSocket(address, ["adelante", "adelante.key.KEY"])`.
"""

import logging
import time
from collections.abc import Mapping, MutableMapping, Sequence
from os import stat
from typing import Any

from adelante.network.errors import Fault
from app.api.http.asking import Asked, asked, is_counted
from app.api.http.problems import Problem
from app.api.http.rates import Rates, client_name
from app.keys import KeyRing, lines_of_file
from app.root_path import root_of, without_root
from app.settings import SettingFault, Settings

SUBPROTOCOL = "adelante"
_KEY_PROTOCOL = b"adelante.key."
_BEARER = b"bearer "
# What needs a key, by ADELANTE_KEYS_FOR, and all that is more.
_LEAST = {"deletes": Asked.DELETION, "writes": Asked.WRITE, "everything": Asked.PASS}
# A file of keys is looked at again this often, so that a key can be taken back without a new start.
_LOOK_SECONDS = 2.0
# Where a request's scope keeps what the guard found out.
_HEADERS, _PRIVATE = "adelante.rate_headers", "adelante.private"
_log = logging.getLogger("uvicorn.error")

Headers = Mapping[bytes, bytes]


class Keys:
    """The keys of one application, and what they are asked for."""

    def __init__(self, settings: Settings) -> None:
        """Raises SettingFault: a file that can't be read, or keys to be asked for and none there."""
        self._own, self._file = settings.api_keys, settings.api_keys_file
        self._stamp: object = None
        self._looked = time.monotonic()
        lines = self._own
        if self._file is not None:
            self._stamp = _stamp(self._file)
            lines += _read(self._file)
        asked_for = self._file is not None or "keys_for" in settings.model_fields_set
        if not lines and asked_for and settings.keys_for != "none":
            raise SettingFault("ADELANTE_KEYS_FOR", settings.keys_for, "keys-there")
        self._ring = KeyRing(lines)
        self._least = _LEAST.get(settings.keys_for) if lines else None
        self.asked_for = settings.keys_for

    @property
    def any(self) -> bool:
        """Whether there is anything that a key is asked for."""
        return self._least is not None

    def are_for(self, wish: Asked) -> bool:
        """Whether a key is needed for it."""
        return self._least is not None and wish >= self._least

    def name_of(self, headers: Headers) -> tuple[str | None, bool]:
        """The name of the key that came, if it is known, and whether any came."""
        key = _key_in(headers)
        if key is None:
            return None, False
        if self._file is not None and time.monotonic() - self._looked > _LOOK_SECONDS:
            self._look(self._file)
        return self._ring.name_of(key), True

    def _look(self, file: str) -> None:
        """Reads the file anew where it changed. What can't be read leaves the keys as they are."""
        self._looked = time.monotonic()
        stamp = _stamp(file)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            lines = lines_of_file(file)
        except (OSError, ValueError) as error:
            _log.warning("ADELANTE_API_KEYS_FILE: %s: %s. The keys stay as they were.", file, error)
            return
        self._ring = KeyRing(self._own + lines)


class Guard:
    """The rule for one application."""

    def __init__(self, settings: Settings) -> None:
        """Raises SettingFault."""
        self.keys = Keys(settings)
        self._rates: Rates | None = None
        if settings.rate_limit or settings.key_rate_limit:
            try:
                self._rates = Rates(settings.rate_limit, settings.key_rate_limit, settings.rate_store)
            except ValueError as error:
                fault = ("ADELANTE_RATE_STORE", settings.rate_store, "rate-store-here")
                raise SettingFault(*fault, reason=str(error)) from None

    @property
    def idle(self) -> bool:
        """Whether there is nothing to guard."""
        return not self.keys.any and self._rates is None

    async def refusal(self, scope: MutableMapping[str, Any], headers: Headers) -> Problem | None:
        """The problem of a request, or of a socket's handshake, that has no right to be answered, or none yet."""
        method, path = scope.get("method", "GET"), without_root(scope["path"], root_of(scope))
        wish = asked(method, path)
        name, came = self.keys.name_of(headers)
        if self._rates is not None and is_counted(method, path):
            counted = await self._rates.count(client_name(scope.get("client")), name)
            if counted is not None:
                scope[_HEADERS] = counted.headers
                if not counted.allowed:
                    values = {"limit": counted.limit, "window": counted.window, "seconds": counted.retry_after}
                    fault = Fault("too-many-requests", "too-many-requests", "", values)
                    return Problem("too-many-requests", fault, {"Retry-After": str(counted.retry_after)})
        if not self.keys.are_for(wish):
            return None
        # A cache between would give it to those without a key.
        scope[_PRIVATE] = True
        return None if name is not None else key_needed(came)

    def lets_pass_now(self, method: str, path: str, headers: Headers) -> bool:
        """Whether a request can be answered by its headers alone. Whom it counts for they do not tell."""
        if self._rates is not None:
            return False
        return not self.keys.are_for(asked(method, path)) or self.keys.name_of(headers)[0] is not None


def key_needed(came: bool) -> Problem:
    """The refusal of who has no key, or, where one came, none that is known."""
    challenge = 'Bearer realm="Adelante"'
    if came:
        challenge += ', error="invalid_token"'
    key = "key-unknown" if came else "key-missing"
    return Problem("key-needed", Fault("key-needed", key, ""), {"WWW-Authenticate": challenge})


def told_headers(scope: Mapping[str, Any]) -> tuple[tuple[bytes, bytes], ...]:
    """What an answer says of the rates."""
    headers: tuple[tuple[bytes, bytes], ...] = scope.get(_HEADERS, ())
    return headers


def is_private(scope: Mapping[str, Any]) -> bool:
    """Whether an answer is for who has a key, and for no cache that others share."""
    return _PRIVATE in scope


def offered(subprotocols: Sequence[str]) -> str | None:
    """The subprotocol to accept of those that a socket offers: never the one that is a key."""
    return SUBPROTOCOL if SUBPROTOCOL in subprotocols else None


def _key_in(headers: Headers) -> bytes | None:
    given = headers.get(b"authorization", b"")
    if given[: len(_BEARER)].lower() == _BEARER:
        return given[len(_BEARER) :].strip()
    for protocol in headers.get(b"sec-websocket-protocol", b"").split(b","):
        if protocol.strip().startswith(_KEY_PROTOCOL):
            return protocol.strip()[len(_KEY_PROTOCOL) :]
    return None


def _stamp(file: str) -> object:
    try:
        told = stat(file)
    except OSError:
        return None
    return told.st_mtime_ns, told.st_size, told.st_ino


def _read(file: str) -> tuple[str, ...]:
    try:
        return lines_of_file(file)
    except OSError as error:
        raise SettingFault("ADELANTE_API_KEYS_FILE", file, "keys-file-here", reason=error.strerror) from None
    except UnicodeDecodeError:
        raise SettingFault("ADELANTE_API_KEYS_FILE", file, "keys-file") from None
    except ValueError as error:
        raise SettingFault("ADELANTE_API_KEYS_FILE", file, "keys-line", line=error.args[0]) from None
