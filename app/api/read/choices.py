"""What the sender of a file decides where it leaves something open: ?choices=…, or a field of the file's form."""

from typing import Any

import orjson

from adelante.network.errors import Fault, NetworkError

FIELD = "choices"
LONGEST = 1 << 20
"""So many bytes are enough for the names of every layer that a file may have."""


def choices_of(text: str | bytes | None) -> dict[str, Any]:
    """The answers by the names of their questions; what they may be, `adelante.formats.choices` says.

    Raises NetworkError (invalid-value) where it is no JSON object.
    """
    if text is None:
        return {}
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise NetworkError(Fault("invalid-value", "choices-not-json", f"/{FIELD}"))
    return found
