"""Where the server listens: what the environment says, and the note that a running server leaves for `adelante health`.

Only the standard library is imported here: the health check runs every few seconds beside the server.
"""

import os
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
# Both mean every address of this machine, of both families.
EVERYWHERE = ("", "::")
_TIMEOUT_SECONDS = 4


def is_service_link(value: str) -> bool:
    """Whether Kubernetes or Docker made the value: a Service named `adelante` gives ADELANTE_PORT=tcp://10.43.0.1:8000."""
    return "://" in value


def port_variable(environment: Mapping[str, str]) -> str | None:
    """The variable that says the port: ADELANTE_PORT, else PORT, as Heroku, Render and Cloud Run set it."""
    for name in ("ADELANTE_PORT", "PORT"):
        value = environment.get(name, "")
        if value and not is_service_link(value):
            return name
    return None


def bare(host: str) -> str:
    """The host as the system takes it: ::1 for [::1], as addresses write it."""
    host = host.strip()
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def shown(host: str) -> str:
    """The host as it stands in an address: IPv6 in brackets, every address as localhost."""
    return "localhost" if not host else f"[{host}]" if ":" in host else host


def leave_note(host: str, port: int) -> None:
    """Says where this process listens. Where nothing can be written, the health check relies on the environment."""
    with suppress(OSError):
        _note().unlink(missing_ok=True)
        file = os.open(_note(), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w") as note:
            note.write(f"{os.getpid()} {port} {host}")


def remove_note() -> None:
    """Removes the note, unless it is of another server that was started since."""
    with suppress(OSError, ValueError):
        if _note().read_text().split(" ", 1)[0] == str(os.getpid()):
            _note().unlink()


def is_ready(host: str | None, port: int | None, environment: Mapping[str, str]) -> bool:
    """Whether a server answers that it is ready. What is not given is what the environment says, or else the note."""
    noted_host, noted_port = _noted() or (None, None)
    if port is None:
        name = port_variable(environment)
        port = int(environment[name]) if name is not None else noted_port or DEFAULT_PORT
    if host is None:
        host = noted_host if noted_host is not None and port == noted_port else environment.get("ADELANTE_HOST")
    return any(_answers_ready(each, port) for each in _reachable(DEFAULT_HOST if host is None else bare(host)))


def _reachable(host: str) -> tuple[str, ...]:
    """Addresses to call for one to listen on."""
    if host in EVERYWHERE:
        return ("127.0.0.1", "::1")
    return ("127.0.0.1",) if host == "0.0.0.0" else (host,)  # noqa: S104


def _answers_ready(host: str, port: int) -> bool:
    # Unlike urllib's openers this takes no proxy from the environment.
    connection = HTTPConnection(host, port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/v2/health/ready")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _note() -> Path:
    folder = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    return Path(folder) / f"adelante-{os.getuid() if hasattr(os, 'getuid') else 0}.address"


def _noted() -> tuple[str, int] | None:
    """What the note of a server of this user says, if that server still runs."""
    try:
        told = _note().lstat()
        if not stat.S_ISREG(told.st_mode) or (hasattr(os, "getuid") and told.st_uid != os.getuid()):
            return None
        process, port, host = _note().read_text().split(" ", 2)
        os.kill(int(process), 0)
        return host, int(port)
    except (OSError, ValueError):
        return None
