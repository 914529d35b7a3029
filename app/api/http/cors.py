"""Which pages of other origins may read what the API answers (CORS): those that the settings name."""

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

_METHODS = ("GET", "HEAD", "POST", "PATCH", "DELETE")
# What a page may read beside the few headers that every page may.
_EXPOSED = (
    "Allow",
    "Content-Disposition",
    "Content-Encoding",
    "ETag",
    "Inference-Header-Content-Length",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Server-Timing",
    "Upload-Complete",
    "Upload-Length",
    "Upload-Limit",
    "Upload-Offset",
    "WWW-Authenticate",
    "X-Request-ID",
)
_MAX_AGE_SECONDS = 7200  # the most that Chromium keeps a preflight's answer


class Cors:
    """The rule for one application. Cookies are not sent: nothing here asks for any."""

    def __init__(self, origins: Sequence[str]) -> None:
        self._named = frozenset(origin.encode() for origin in origins)
        self._given = {
            "allow_origins": tuple(origins),
            "allow_methods": _METHODS,
            # Each operation looks at the headers that it knows.
            "allow_headers": ("*",),
            "expose_headers": _EXPOSED,
            "max_age": _MAX_AGE_SECONDS,
            # A page of the internet that shows a server in a school's own network.
            "allow_private_network": True,
        }

    def names(self, origin: bytes | None) -> bool:
        """Whether a request's Origin is one of them."""
        return origin in self._named

    def around(self, answering: ASGIApp) -> ASGIApp:
        """The same with what browsers ask for, and with answers to their preflights."""
        return CORSMiddleware(answering, **self._given)  # type: ignore[arg-type]
