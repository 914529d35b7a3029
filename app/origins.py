"""Origins (https://lms.example), hosts (lms.example) and proxies (10.0.0.0/8) as settings and requests name them."""

import re
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

# A page in a sandboxed frame or in a file has this origin, whatever it is.
OPAQUE = "null"
ANY = "*"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://")
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?")


def normal_origin(text: str) -> str:
    """An origin as browsers send it: lower case, without the scheme's own port or a slash at its end.

    Raises ValueError for what is none: no scheme, a path, *.
    """
    if text.strip().lower() == OPAQUE:
        return OPAQUE
    parts = urlsplit(text.strip().lower())
    if not _SCHEME.match(text.strip().lower()) or not parts.hostname or parts.username is not None:
        raise ValueError("no origin")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("an origin has no path")
    name, port = split_host(parts.netloc)
    if name is None:
        raise ValueError("no host")
    suffix = "" if port is None or port == _DEFAULT_PORTS.get(parts.scheme) else f":{port}"
    return f"{parts.scheme}://{name}{suffix}"


def split_host(text: str) -> tuple[str | None, int | None]:
    """Name (an IPv6 address in brackets) and port of a Host header; None for a name where it can't be one."""
    match = re.fullmatch(r"(\[[0-9a-f:.]+\]|[^:\[\]]*)(?::([0-9]{0,5}))?", text.strip().lower())
    if match is None:
        return None, None
    name, port = match[1], int(match[2]) if match[2] else None
    if not (is_address(name) or _NAME.fullmatch(name)) or (port is not None and port > 65535):
        return None, None
    return name.removesuffix("."), port


def same_host(origin: str, host: str) -> bool:
    """Whether an origin is that of a page which this Host served. A port that is http's or https's own counts as none:
    behind a proxy the server does not know which of the two the browser speaks."""
    try:
        parts = urlsplit(normal_origin(origin))
    except ValueError:
        return False
    mine, theirs = _bare(split_host(host)), _bare(split_host(parts.netloc))
    return mine[0] is not None and mine == theirs


def _bare(host: tuple[str | None, int | None]) -> tuple[str | None, int | None]:
    name, port = host
    return name, None if port in _DEFAULT_PORTS.values() else port


def is_address(name: str) -> bool:
    """Whether a host is an IP address, which no name server can point elsewhere."""
    try:
        ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def is_loopback(name: str) -> bool:
    """Whether a host is this machine itself: localhost, 127.0.0.1, [::1]."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return is_address(name) and ip_address(name.strip("[]")).is_loopback


def host_pattern(text: str) -> str:
    """A host that is served: its name, *.name for those below it, * for any. A scheme and a port are left out.

    Raises ValueError for what can't be a host.
    """
    bare = _SCHEME.sub("", text.strip().lower(), count=1).removesuffix("/")
    if bare == ANY:
        return ANY
    below = bare.startswith("*.")
    name, _ = split_host(bare.removeprefix("*."))
    if not name:
        raise ValueError("no host")
    return f"*.{name}" if below else name


def fits(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether one of the patterns is for this host."""
    return any(
        pattern in (ANY, name) or (pattern.startswith("*.") and name.endswith(pattern[1:])) for pattern in patterns
    )


def proxy(text: str) -> str:
    """An address or a network of proxies (10.0.0.7, 10.0.0.0/8, fd00::/8), or * for all. Raises ValueError."""
    bare = text.strip()
    if bare == ANY:
        return ANY
    return str(ip_network(bare) if "/" in bare else ip_address(bare))
