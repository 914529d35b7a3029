"""How much one client may ask for, and one key: limits' sliding windows, in this process or in a store that many share.

Headers are those of draft-ietf-httpapi-ratelimit-headers-10: RateLimit-Policy says what is allowed, RateLimit how much
of it is left and in how many seconds there is more.
"""

import logging
import time
from importlib.util import find_spec
from ipaddress import IPv6Address, IPv6Network, ip_address
from math import ceil
from typing import NamedTuple

from limits import RateLimitItemPerSecond
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.storage import storage_from_string

from app.rates import rates_of

_MEMORY = "async+memory://"
# What may be one home, one office or one machine with as many addresses as it likes.
_IPV6_PREFIX = 64
_NOBODY = "local"
# While the shared store is away each process counts for itself; it says so this often.
_SAYING_SECONDS = 60.0
_log = logging.getLogger("uvicorn.error")


class Counted(NamedTuple):
    """What came of counting one request."""

    allowed: bool
    retry_after: int  # seconds, at least 1
    limit: int  # requests …
    window: int  # … in so many seconds
    headers: tuple[tuple[bytes, bytes], ...]


def client_name(client: tuple[str, int] | list[object] | None) -> str:
    """Who asks, as limits count it: an IPv4 address, an IPv6 network of /64."""
    if not client:
        return _NOBODY
    try:
        address = ip_address(str(client[0]).partition("%")[0])
    except ValueError:
        return str(client[0])[:100]
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(IPv6Network((address, _IPV6_PREFIX), strict=False))
    return str(address)


class Rates:
    """The rates of one application; `per_client` and `per_key` as settings hold them."""

    def __init__(self, per_client: str | None, per_key: str | None, store: str) -> None:
        """Raises ValueError or ImportError where there can be no such store."""
        self._per_client = [RateLimitItemPerSecond(*rate) for rate in rates_of(per_client)] if per_client else []
        self._per_key = [RateLimitItemPerSecond(*rate) for rate in rates_of(per_key)] if per_key else []
        uri = store if store.startswith("async+") else f"async+{store}"
        self._own = SlidingWindowCounterRateLimiter(storage_from_string(_MEMORY))
        self._limiter = self._own
        if uri != _MEMORY:
            try:
                self._limiter = SlidingWindowCounterRateLimiter(storage_from_string(uri, **_client_of(uri)))
            except Exception as error:
                # A package that is missing, a protocol that nobody knows, what one makes of its part of the address.
                raise ValueError(str(error)) from None
        self._said = -_SAYING_SECONDS

    async def count(self, client: str, key: str | None) -> Counted | None:
        """Counts a request; None where nothing limits it. What comes with a known key counts as that key's alone."""
        if key is not None and self._per_key:
            items, name = self._per_key, f"key:{key}"
        else:
            items, name = self._per_client, f"client:{client}"
        if not items:
            return None
        try:
            return await _counted(self._limiter, items, name)
        except Exception as error:
            if self._limiter is self._own:
                raise
            if time.monotonic() - self._said > _SAYING_SECONDS:
                self._said = time.monotonic()
                _log.warning("ADELANTE_RATE_STORE: %s. This process counts by itself.", type(error).__name__)
            return await _counted(self._own, items, name)


def _client_of(uri: str) -> dict[str, str]:
    """limits' own choice, coredis, is not what people have, and those of today it can't use."""
    return {"implementation": "redispy"} if "redis" in uri.partition("://")[0] and find_spec("redis") else {}


async def _counted(limiter: SlidingWindowCounterRateLimiter, items: list[RateLimitItemPerSecond], name: str) -> Counted:
    """Counts by each rate until one is used up, and tells of that one, or else of the one that has least left."""
    tightest: tuple[int, float, RateLimitItemPerSecond] | None = None
    allowed = True
    for item in items:
        allowed = await limiter.hit(item, name)
        reset, remaining = await limiter.get_window_stats(item, name)
        if tightest is None or not allowed or remaining < tightest[0]:
            tightest = (remaining if allowed else 0, reset, item)
        if not allowed:
            break
    assert tightest is not None
    remaining, reset, item = tightest
    seconds = max(1, ceil(reset - time.time()))
    policies = ", ".join(f'"{each.get_expiry()}s";q={each.amount};w={each.get_expiry()}' for each in items)
    left = f'"{item.get_expiry()}s";r={remaining};t={seconds}'
    headers = ((b"ratelimit-policy", policies.encode()), (b"ratelimit", left.encode()))
    return Counted(allowed, seconds, item.amount, item.get_expiry(), headers)
