"""Which of several representations a request prefers (RFC 9110, Accept and Accept-Encoding)."""

from collections.abc import Sequence

from app.preferences import qualities


def preferred(header: str | None, offered: Sequence[str]) -> str:
    """The offered media type that Accept likes best; the first one where the header is absent or likes none.

    Of types liked equally the first offered wins. A client that insists on another type gets the first one all the
    same: an answer that it may yet read serves it better than 406.
    """
    wishes = qualities(header)
    if not wishes:
        return offered[0]
    return max(offered, key=lambda kind: (_quality(kind, wishes), -offered.index(kind)))


def _quality(kind: str, wishes: dict[str, float]) -> float:
    whole = kind.partition("/")[0] + "/*"
    return next((wishes[each] for each in (kind, whole, "*/*") if each in wishes), 0.0)
