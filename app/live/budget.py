"""Memory that live sessions share: what each one changes, watches and sends is counted before it is kept."""

from collections.abc import Hashable
from threading import RLock

# Where the application's state keeps the one of all sessions.
LIVE_BUDGET = "live_budget"


class Budget:
    """At most `limit` bytes, which `setting` raises; `parent`, where there is one, counts them too.

    The event loop and the pool's threads may use it.
    """

    def __init__(self, limit: int, setting: str, parent: "Budget | None" = None) -> None:
        self.limit = limit
        self.setting = setting
        self.used = 0
        self._parent = parent
        self._lock: RLock = RLock() if parent is None else parent._lock
        self._holders: dict[Hashable, int] = {}
        self._holding: list[tuple[Hashable, int]] = []
        self._closed = False

    @property
    def topmost(self) -> "Budget":
        """Where what several hold together is counted."""
        return self if self._parent is None else self._parent.topmost

    def lacking(self, size: int) -> "Budget | None":
        """Which budget lacks room for so many bytes, this one or its parent; None where both have it."""
        if size > 0 and (self._closed or self.used + size > self.limit):
            return self
        return None if self._parent is None else self._parent.lacking(size)

    def take(self, size: int) -> bool:
        """Counts so many bytes more, or fewer where it is negative; False, and none counted, where they don't fit."""
        with self._lock:
            if self._closed or (size > 0 and self.lacking(size) is not None):
                return False
            budget: Budget | None = self
            while budget is not None:
                budget.used += size
                budget = budget._parent
            return True

    def close(self) -> None:
        """Gives back all that was taken, and takes no more."""
        for shared, size in list(self._holding):
            self.release(shared, size)
        self.take(-self.used)
        self._closed = True

    def hold(self, shared: Hashable, size: int) -> bool:
        """Counts what several hold together, once for all of them, in the topmost budget; as `take` says."""
        with self._lock:
            if self._parent is not None:
                if self._closed or not self._parent.hold(shared, size):
                    return False
                self._holding.append((shared, size))
                return True
            holders = self._holders.get(shared, 0)
            if holders == 0 and not self.take(size):
                return False
            self._holders[shared] = holders + 1
            return True

    def release(self, shared: Hashable, size: int) -> None:
        """One of its holders gives it up."""
        with self._lock:
            if self._parent is not None:
                if (shared, size) in self._holding:
                    self._holding.remove((shared, size))
                    self._parent.release(shared, size)
            elif self._holders[shared] > 1:
                self._holders[shared] -= 1
            else:
                del self._holders[shared]
                self.take(-size)
