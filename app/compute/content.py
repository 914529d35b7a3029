"""The bytes of an answer, in pieces: large answers are never copied into one, and let go of as they are sent."""

from collections.abc import Iterator, Sequence
from typing import Any

_SENT_AT_ONCE = 1 << 19


class Content:
    """Pieces of bytes, to be taken once. `size` is what they came to before any was taken."""

    def __init__(self, pieces: Sequence[bytes | memoryview]) -> None:
        self._pieces: list[Any] = list(pieces)
        self.size = sum(len(piece) for piece in self._pieces)

    def whole(self) -> bytes | None:
        """All of it, where it is one piece anyway, or small: to send each piece takes longer than to join them."""
        if len(self._pieces) == 1:
            return bytes(self._pieces[0])
        return b"".join(self._pieces) if self.size <= _SENT_AT_ONCE else None

    def take(self) -> Iterator[bytes | memoryview]:
        """Each piece in turn, large ones cut; it is forgotten here."""
        self._pieces.reverse()
        while self._pieces:
            piece = self._pieces.pop()
            if len(piece) <= _SENT_AT_ONCE:
                yield piece
            else:
                view = memoryview(piece)
                yield from (view[start : start + _SENT_AT_ONCE] for start in range(0, len(view), _SENT_AT_ONCE))
