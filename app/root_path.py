"""The path under which a proxy shows the product: /adelante where its pages are at https://school.example/adelante/.

Decoded in settings and in ASGI scopes (`root_path`), as paths are there; encoded where it stands in an address.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from adelante.locale import LANGUAGES

# First parts of the product's own addresses. Below these three, an address of any length may be its own.
TREES = ("api", "v2", "static")
_FIRST_PARTS = (*TREES, "problems", "lessons", "embed", "metrics", *LANGUAGES)
_DEPTH = 2
_LONGEST = 1000
# Characters that a path may contain unescaped (RFC 3986, pchar).
PATH_CHARACTERS = "/:@!$&'()*+,;=~"


def normal_root(text: str) -> str:
    """The path, decoded and without a slash at its end; "" for none. It may come with percent signs or without.

    Raises ValueError for what is no path from the root, and for one with which the product's own addresses begin: a
    proxy may cut it off or not, and under /api nobody could say which of both /api/v1/forward is.
    """
    path = unquote(text.strip()).rstrip("/")
    if not path:
        return ""
    first, *parts = path.split("/")
    if first or len(path) > _LONGEST or not path.isprintable():
        raise ValueError("no path")
    if any(part in ("", ".", "..") or set(part) & set("\\?#") for part in parts):
        raise ValueError("no path")
    if parts[0] in TREES or (parts[0] in _FIRST_PARTS and len(parts) <= _DEPTH):
        raise ValueError("the product's own address")
    return path


def rooted(path: str, root: str) -> str:
    """A request's path as the client sees it, whether the proxy passed it whole or cut the root off."""
    return path if path == root or path.startswith(f"{root}/") else root + path


def without_root(path: str, root: str) -> str:
    """A path as the client sees it, as the product's own routes name it: /api/v1/forward."""
    return path[len(root) :] if root and path.startswith(f"{root}/") else path


def root_of(scope: Mapping[str, Any]) -> str:
    """The root of a request, decoded. What a mounted application sees of it is longer."""
    root: str = scope.get("app_root_path", scope.get("root_path", ""))
    return root


def address_root(scope: Mapping[str, Any]) -> str:
    """The root of a request, as addresses begin with it: "/user/maria%20p/adelante", or ""."""
    return quote(root_of(scope), safe=PATH_CHARACTERS)
