"""How often one live client is answered, where the settings limit that."""

import asyncio
import time

# So many commands may be done for one answer. Who sends more of them is read more slowly: its own socket fills.
_MOST_TOGETHER = 10


class Pace:
    """At most so many answers a second; None for as many as can be computed."""

    def __init__(self, per_second: int | None) -> None:
        self._interval = 0.0 if per_second is None else 1 / per_second
        self._next = 0.0
        self._together = 0

    async def turn(self) -> None:
        """Returns when the client may be answered again. What comes meanwhile waits, and is told by the same answer."""
        self._together = 0
        if not self._interval:
            return
        await asyncio.sleep(self._next - time.monotonic())
        self._next = time.monotonic() + self._interval

    def one_more(self) -> bool:
        """Whether another command may be done before the answer."""
        self._together += 1
        return not self._interval or self._together < _MOST_TOGETHER
