"""How many bytes of a store are taken: counted now and then, and kept up to date in between.

To list thousands of files at each write would take longer than the writing.
"""

import os
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

try:
    import fcntl
except ImportError:  # Windows, where each process counts for itself
    fcntl = None  # type: ignore[assignment]

# Bytes that are taken, and when they were counted (seconds since 1970).
_NOTE = struct.Struct("<qd")
_NEVER = 0.0
# Others who count for themselves may fill a store that is nearly full: it is counted anew this often then.
_NEARLY = 0.9
_NEARLY_SECONDS = 10.0


class Used:
    """What a store's files take, by `count`, which is asked again after so many seconds (None: never again).

    With a `note`, a file beside them, all processes that have the folder count as one: whoever counts holds a lock on
    it. Every method may take its time, and raises OSError where it fails.
    """

    def __init__(self, count: Callable[[], int], recount_seconds: float | None, note: Path | None = None) -> None:
        self._count = count
        self._recount_seconds = recount_seconds
        self._note = note if fcntl is not None else None
        self._lock = Lock()
        self._counted = _NEVER
        self.bytes = 0
        """As it was when this process last counted, took or gave back."""

    def take(self, size: int, limit: int) -> bool:
        """Counts so many bytes more; False, and none counted, where there would be more than the limit then."""
        with self._current(limit):
            if self.bytes + size > limit:
                return False
            self.bytes += size
            return True

    def give_back(self, size: int) -> None:
        """Counts so many bytes fewer. What can't be noted now is found at the next count."""
        with suppress(OSError), self._current() as fresh:
            if not fresh:
                self.bytes = max(0, self.bytes - size)

    def refresh(self) -> int:
        """The bytes that are taken now, as far as the last count is not too old."""
        with self._current():
            return self.bytes

    @contextmanager
    def _current(self, limit: int | None = None) -> Iterator[bool]:
        """Within it this process alone has the count, which is as new as it has to be; whether it was counted now."""
        longest = self._recount_seconds or float("inf")
        with self._lock, self._noted():
            now = time.time()
            age = now - self._counted
            if limit is not None and self.bytes > _NEARLY * limit and self._recount_seconds:
                longest = min(longest, _NEARLY_SECONDS)
            fresh = self._counted == _NEVER or not 0 <= age < longest
            if fresh:
                self.bytes, self._counted = self._count(), now
            yield fresh

    @contextmanager
    def _noted(self) -> Iterator[None]:
        if self._note is None:
            yield
            return
        self._note.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._note, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            with suppress(OSError):  # a file system without locks: a count may then be lost until the next
                fcntl.flock(file, fcntl.LOCK_EX)
            note = os.pread(file, _NOTE.size, 0)
            self.bytes, self._counted = _NOTE.unpack(note) if len(note) == _NOTE.size else (0, _NEVER)
            yield
            os.pwrite(file, _NOTE.pack(self.bytes, self._counted), 0)
        finally:
            os.close(file)
