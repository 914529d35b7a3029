"""A store that is full makes room, where the settings say so: what was used longest ago gives way.

Nothing gives way that was used lately, or that a live session uses: to return to it by its name, the session may need
it. A folder's files wear the time of their last use as the time of their last change, which means nothing else for what
never changes; every process renews there what it uses, often enough that no other takes it for unused.
"""

import time
from collections import Counter
from collections.abc import Callable
from threading import Lock

from app.store.folders import Folder, LocalFolder, MemoryFolder

_NEVER = 0.0


class Uses:
    """When each kept network was used last by this process, and which are in use now. Any thread may call."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}
        self._pinned: Counter[str] = Counter()
        self._fresh: set[str] = set()
        self._lock = Lock()

    def note(self, id: str) -> None:
        """It is used just now."""
        with self._lock:
            self._last[id] = time.time()
            self._fresh.add(id)

    def pin(self, id: str) -> None:
        """It is in use until `unpin`."""
        with self._lock:
            self._pinned[id] += 1

    def unpin(self, id: str) -> None:
        with self._lock:
            self._last[id] = time.time()
            self._fresh.add(id)
            self._pinned[id] -= 1
            if self._pinned[id] <= 0:
                del self._pinned[id]

    def forget(self, id: str) -> None:
        """It is no more."""
        with self._lock:
            self._last.pop(id, None)
            self._fresh.discard(id)

    def last(self, id: str) -> float:
        """When it was used last, in seconds since 1970; 0 where this process never did."""
        with self._lock:
            return time.time() if id in self._pinned else self._last.get(id, _NEVER)

    def taken(self) -> dict[str, float]:
        """What was used since this was asked last, and when; what is in use is used now."""
        with self._lock:
            used = {id: self._last[id] for id in self._fresh} | dict.fromkeys(self._pinned, time.time())
            self._fresh.clear()
            return used


class Eviction:
    """The rule for one folder, whose file of a network `file_of` names."""

    def __init__(self, folder: Folder, keep_seconds: float, file_of: Callable[[str], str]) -> None:
        """Raises TypeError for a folder that does not know when its files were used: a bucket has rules of its own."""
        if not isinstance(folder, LocalFolder | MemoryFolder):
            raise TypeError("neither a folder nor memory")
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
        last = {id: max(self.uses.last(id), noted.get(self._file_of(id), _NEVER)) for id in ids}
        before = time.time() - self._keep_seconds
        found, freed = [], 0
        for id in sorted((id for id in ids if last[id] <= before), key=last.__getitem__):
            if freed >= needed:
                break
            found.append(id)
            freed += sizes.get(self._file_of(id), 0)
        return found if freed >= needed else []
