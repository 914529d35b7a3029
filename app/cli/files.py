"""Files and standard input, in and out."""

import os
import sys
import tempfile
from pathlib import Path

from app.api.problems import Problem
from app.cli.output import write
from app.network.errors import Fault

STANDARD = "-"


def read_bytes(name: str) -> bytes:
    """What the file holds; - is standard input. Raises Problem where it can't be read."""
    try:
        return sys.stdin.buffer.read() if name == STANDARD else Path(name).read_bytes()
    except (OSError, ValueError) as error:
        raise Problem("unsupported-file", _fault("file-unreadable", name, error)) from None


def write_file(name: str | None, content: bytes) -> None:
    """To the file, whole or not at all; to standard output where there is no name, or it is -. Raises Problem."""
    if name is None or name == STANDARD:
        write(content)
        return
    path = Path(name)
    try:
        if path.exists() and not path.is_file():
            # A pipe or a device: there is nothing to replace.
            path.write_bytes(content)
            return
        _replace(path, content)
    except (OSError, ValueError) as error:
        raise Problem("unsupported-file", _fault("file-unwritable", name, error)) from None


def _replace(path: Path, content: bytes) -> None:
    real = path.resolve()
    mode = real.stat().st_mode & 0o777 if real.exists() else 0o666 & ~_umask()
    descriptor, temporary = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.chmod(temporary, mode)
        os.replace(temporary, real)
    except BaseException:
        os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _fault(key: str, name: str, error: OSError | ValueError) -> Fault:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return Fault("unsupported-file", key, "", {"name": name[:200], "reason": reason})
