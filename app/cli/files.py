"""Files and standard input, in and out."""

import codecs
import errno
import os
import sys
import tempfile
from pathlib import Path

from adelante.network.errors import Fault, NetworkError
from app.cli.output import write

STANDARD = "-"
_MAX_NAME_LENGTH = 200


def read_bytes(name: str, limit: int) -> bytes:
    """What the file holds; - is standard input. Raises NetworkError where it can't be read or is over `limit` bytes."""
    try:
        if name == STANDARD and sys.stdin is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        if name == STANDARD:
            content = sys.stdin.buffer.read(limit + 1)
        else:
            with Path(name).open("rb") as file:
                content = file.read(limit + 1)
    except (OSError, ValueError) as error:
        raise NetworkError(_fault("file-unreadable", name, error)) from None
    if len(content) > limit:
        values = {"name": name[:_MAX_NAME_LENGTH], "limit": limit, "setting": "ADELANTE_MAX_BODY_BYTES"}
        raise NetworkError(Fault("too-large", "file-too-large", "", values))
    return content


def utf_8(name: str, content: bytes) -> bytes:
    """A text file's content without its byte order mark. Raises NetworkError with what it is where that isn't UTF-8."""
    values: dict[str, str | int] = {"name": name[:_MAX_NAME_LENGTH]}
    # The mark of UTF-16, or the zeros that it has beside each letter.
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or (len(content) > 1 and 0 in content[:2]):
        raise NetworkError(Fault("invalid-json", "file-utf-16", "", values))
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NetworkError(Fault("invalid-json", "file-not-utf-8", "", {**values, "position": error.start})) from None
    return content


def write_file(name: str | None, content: bytes) -> None:
    """To the file, whole or not at all; to standard output where there is no name, or it is -. Raises NetworkError."""
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
        raise NetworkError(_fault("file-unwritable", name, error)) from None


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
    return Fault("unsupported-file", key, "", {"name": name[:_MAX_NAME_LENGTH], "reason": reason})
