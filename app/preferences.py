"""What a header of preferences lists (RFC 9110: Accept, Accept-Encoding, Accept-Language)."""

import math

# No browser sends more, and more would not be worth reading.
_LONGEST = 4096


def qualities(header: str | None) -> dict[str, float]:
    """What a header lists, in lower case and in its order, with each one's q; what cannot be read counts as q=0."""
    wishes: dict[str, float] = {}
    for part in (header or "")[:_LONGEST].lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if name:
            wishes[name] = _quality(parameters)
    return wishes


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                q = float(value)
            except ValueError:
                return 0.0
            return min(max(q, 0.0), 1.0) if math.isfinite(q) else 0.0
    return 1.0
