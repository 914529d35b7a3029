"""API keys: how one is made, and what the settings hold of it.

A key is 32 random bytes, written as letters and digits. Settings hold its name and its SHA-256, from which nobody gets
the key back: there is no dictionary of random bytes to try, so that a slow hash, as passwords need, would gain nothing
and cost each request.
"""

import hashlib
import re
from hmac import compare_digest
from pathlib import Path
from secrets import token_urlsafe

_KEY_BYTES = 32
# Tells a key that was left in a program or a log for what it is. All of it may stand in a header and in a subprotocol.
_PREFIX = "adelante_"
_LINE = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,63}):([0-9a-fA-F]{64})")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
# A longer one is no key of ours, and is not hashed.
_LONGEST = 256


def new_key() -> str:
    """A key that nobody has."""
    return _PREFIX + token_urlsafe(_KEY_BYTES)


def is_key_name(text: str) -> bool:
    """Whether a key can be called that: 1 to 64 letters, digits, dots, hyphens and underscores."""
    return _NAME.fullmatch(text) is not None


def key_line(name: str, key: str) -> str:
    """What the settings hold of a key: its name and its SHA-256 in hexadecimal, with a colon between."""
    return f"{name}:{hashlib.sha256(key.encode()).hexdigest()}"


def normal_key_line(text: str) -> str:
    """The line as `key_line` writes it. Raises ValueError for what is none."""
    match = _LINE.fullmatch(text.strip())
    if match is None:
        raise ValueError("no key's line")
    return f"{match[1]}:{match[2].lower()}"


def lines_of_file(path: str) -> tuple[str, ...]:
    """The keys of a file, a line each; empty lines and those that begin with # say nothing.

    Raises OSError, and ValueError with the number of the line that is no key's.
    """
    lines = []
    for number, line in enumerate(Path(path).read_text("utf-8").splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                lines.append(normal_key_line(line))
            except ValueError:
                raise ValueError(number) from None
    return tuple(lines)


class KeyRing:
    """The keys of the settings."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        parts = (line.partition(":") for line in lines)
        self._hashes = [(name, bytes.fromhex(digest)) for name, _, digest in parts]

    def name_of(self, key: bytes) -> str | None:
        """The name of a key; None for one that is not here. Takes as long for every key that it could be."""
        if len(key) > _LONGEST:
            return None
        given, found = hashlib.sha256(key).digest(), None
        for name, digest in self._hashes:
            if compare_digest(given, digest):
                found = name
        return found
