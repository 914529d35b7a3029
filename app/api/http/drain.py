"""A server that is told to stop: it serves on for a while, says that it is not ready, sends clients elsewhere."""

import math

# Where the lifespan's state keeps the one of the application.
DRAIN = "drain"
TICK_SECONDS = 0.1
"""How often the server asks `leaving`: uvicorn's own pace."""


class Drain:
    """From SIGTERM to the end of ADELANTE_DRAIN_SECONDS. Times are seconds of one clock, whichever."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends_at = math.inf
        self.began = False
        """Whether clients should go elsewhere. Each request reads it."""

    def begin(self, now: float) -> None:
        if not self.began:
            self.began, self._ends_at = True, now + self._seconds

    def is_over(self, now: float) -> bool:
        return now >= self._ends_at

    def leaving(self, now: float, sockets: int) -> int:
        """How many of so many live sockets are to leave in this tick.

        None in the first half, in which balancers notice; then one after the other, so that they don't all come to the
        next server at once.
        """
        left = self._ends_at - now - TICK_SECONDS
        if left > self._seconds / 2:
            return 0
        return math.ceil(sockets * TICK_SECONDS / max(left, TICK_SECONDS))
