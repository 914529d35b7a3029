"""A store that is full makes room, where the settings say so: what was used longest ago gives way.

Nothing gives way that was used lately, or that a live session uses: to return to it by its name, the session may need
it. A folder's files wear the time of their last use as the time of their last change, which means nothing else for what
never changes; every process renews there what it uses, often enough that no other takes it for unused.

A clock that is put forward makes nothing older: what this process used it times itself, and from files' ages it takes
what the clock went ahead since they were used. Where a clock is put back, files stay for as much longer.
"""

import time
from collections import Counter
from collections.abc import Callable
from math import inf
from threading import Lock

from app.store.folders import Folder, LocalFolder, MemoryFolder

_NEVER = 0.0
# A clock that runs a little too fast or too slow is put right in steps of less, in seconds.
_JUMP_SECONDS = 2.0


class WallClock:
    """The machine's clock, and how far it was put forward since this was made. Any thread may call."""

    def __init__(self) -> None:
        self._ahead = time.time() - time.monotonic()
        self._leaps: list[tuple[float, float]] = []
        self._lock = Lock()

    @property
    def leaps(self) -> int:
        """How often it was put forward, as far as `now` or `age` saw."""
        return len(self._leaps)

    def now(self) -> float:
        """Seconds since 1970."""
        with self._lock:
            now = time.time()
            leap = now - time.monotonic() - self._ahead
            self._ahead += leap
            if leap > _JUMP_SECONDS:
                self._leaps.append((now - leap, leap))
            return now

    def age(self, when: float) -> float:
        """The seconds that passed since the clock said `when`, but for those that it left out."""
        now = self.now()
        return now - when - sum(leap for before, leap in self._leaps if when <= before)


class Uses:
    """When each kept network was used last by this process, and which are in use now. Any thread may call."""

    def __init__(self) -> None:
        self.clock = WallClock()
        self._last: dict[str, float] = {}  # as time.monotonic() tells it
        self._pinned: Counter[str] = Counter()
        self._fresh: set[str] = set()
        self._told_leaps = 0
        self._lock = Lock()

    def note(self, id: str) -> None:
        """It is used just now."""
        with self._lock:
            self._last[id] = time.monotonic()
            self._fresh.add(id)

    def pin(self, id: str) -> None:
        """It is in use until `unpin`."""
        with self._lock:
            self._pinned[id] += 1

    def unpin(self, id: str) -> None:
        with self._lock:
            self._last[id] = time.monotonic()
            self._fresh.add(id)
            self._pinned[id] -= 1
            if self._pinned[id] <= 0:
                del self._pinned[id]

    def forget(self, id: str) -> None:
        """It is no more."""
        with self._lock:
            self._last.pop(id, None)
            self._fresh.discard(id)

    def age(self, id: str) -> float:
        """For how many seconds it was not used; infinite where this process never did."""
        with self._lock:
            return 0.0 if id in self._pinned else time.monotonic() - self._last.get(id, -inf)

    def taken(self) -> dict[str, float]:
        """What was used since this was asked last, and when, in seconds since 1970; what is in use is used now.

        All that ever was, where the clock was put forward meanwhile: to others it would seem older than it is.
        """
        now, leaps = self.clock.now(), self.clock.leaps
        with self._lock:
            told = self._fresh if leaps == self._told_leaps else self._last
            used = {id: now - (time.monotonic() - self._last[id]) for id in told} | dict.fromkeys(self._pinned, now)
            self._fresh.clear()
            self._told_leaps = leaps
            return used


class UsesUnknown(Exception):
    """The store does not know when its files were used: a bucket has rules of its own."""


class Eviction:
    """The rule for one folder, whose file of a network `file_of` names."""

    def __init__(self, folder: Folder, keep_seconds: float, file_of: Callable[[str], str]) -> None:
        """Raises UsesUnknown for a folder that is neither on this machine nor in memory."""
        if not isinstance(folder, LocalFolder | MemoryFolder):
            raise UsesUnknown
        self.uses = Uses()
        self._folder = folder
        self._keep_seconds = keep_seconds
        self._file_of = file_of

    def renew(self) -> None:
        """Tells other processes what this one used. What can't be written now is older for them than it is."""
        if isinstance(self._folder, LocalFolder):
            for id, when in self.uses.taken().items():
                self._folder.touch(self._file_of(id), when)

    def giving_way(self, ids: list[str], needed: int) -> list[str]:
        """Which of these files give way so that so many bytes are free, the longest unused first; none if that fails.

        Raises OSError.
        """
        sizes = self._folder.sizes()
        noted = self._folder.times() if isinstance(self._folder, LocalFolder) else {}
        clock = self.uses.clock
        unused = {id: min(self.uses.age(id), clock.age(noted.get(self._file_of(id), _NEVER))) for id in ids}
        found, freed = [], 0
        for id in sorted((id for id in ids if unused[id] >= self._keep_seconds), key=lambda id: -unused[id]):
            if freed >= needed:
                break
            found.append(id)
            freed += sizes.get(self._file_of(id), 0)
        return found if freed >= needed else []
