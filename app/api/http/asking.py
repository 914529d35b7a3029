"""What each request asks of the server: nothing that is kept or computed, a pass, a write or a deletion.

A route that is not named here counts as the most that its method can be: one that is added and forgotten needs a key
too early, and never too late.
"""

import re
from enum import IntEnum

from adelante.locale import LANGUAGES

_LANGUAGE = "|".join(map(re.escape, LANGUAGES))
_SAFE = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))
# What a browser, a probe or a reader of the documentation needs before there is a key. Pages show presets alone.
_OPEN = re.compile(
    rf"/|/({_LANGUAGE})(/.*)?|/embed|/problems/[^/]*|/api/docs|/api/v1/openapi\.json|/static/.*|/v2/health/(live|ready)",
    re.DOTALL,
)
# What answers a POST, and keeps nothing.
_PASS = re.compile(
    r"/api/v1/(forward|loss|explain|sweep|grid|random|code|diagram|tensors|datasets/digits/pictures)"
    r"|/v2/models/[^/]+(/versions/[^/]+)?/infer|/v2/repository/index"
    rf"|/({_LANGUAGE})/exercises/[^/]+"
)
# Who gives up a file of its own on its way deletes nothing that anybody has.
_UPLOAD = re.compile(r"/api/v1/uploads/[^/]+")
# Probes come every few seconds for as long as the server runs, and a page's files come by the dozen.
_UNCOUNTED = re.compile(r"/v2/health/(live|ready)|/static/.*", re.DOTALL)


class Asked(IntEnum):
    """In the order in which keys are asked for."""

    NOTHING = 0
    PASS = 1
    WRITE = 2
    DELETION = 3


def asked(method: str, path: str) -> Asked:
    """What a request asks, by its method and the path that the routes know."""
    path = path.rstrip("/") or "/"  # the router leads from one spelling to the other
    if method == "DELETE" and not _UPLOAD.fullmatch(path):
        return Asked.DELETION
    if method in _SAFE:
        # A browser's preflight (OPTIONS) never has a key with it.
        return Asked.NOTHING if method == "OPTIONS" or _OPEN.fullmatch(path) else Asked.PASS
    return Asked.PASS if method == "POST" and _PASS.fullmatch(path) else Asked.WRITE


def is_counted(method: str, path: str) -> bool:
    """Whether a request counts where requests are limited."""
    return method != "OPTIONS" and not _UNCOUNTED.fullmatch(path)
