"""Files of networks, each named by the hash of its content, in a folder, in memory, or in whatever fsspec reaches."""

import errno
import hashlib
import re
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from app.store.folders import folder_at
from app.store.quota import Eviction, Uses
from app.store.used import Used

_ID = re.compile(r"[0-9a-f]{64}")
_SUFFIX = ".safetensors"
_NOTE = "store.used"
_GIB = 2**30
_MEMORY_BYTES = _GIB
_ELSEWHERE_BYTES = 8 * _GIB
# How long an answer to "can it be written?" holds.
_CHECK_SECONDS = 2.0
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class StoreFull(Exception):
    """The store has no room for a file of this size. `limit` is in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class StoreUnavailable(Exception):
    """The store can't be read or written now. `no_room`: its disk is full. `where` and `reason` are for people."""

    def __init__(self, where: str, reason: str, no_room: bool) -> None:
        super().__init__(f"{where}: {reason}")
        self.where = where
        self.reason = reason
        self.no_room = no_room


def content_id(data: bytes) -> str:
    """The SHA-256 of the content, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def is_id(name: str) -> bool:
    """Whether a name can be that of a stored file. Nothing else ever becomes part of a path."""
    return _ID.fullmatch(name) is not None


class NetworkFiles:
    """Networks' files at `url`: `memory://`, a path, or an fsspec URL. Raises StoreUnusable where there can be none.

    What is read is checked against its name: a file left half written, or changed, counts as absent. Every
    method but the first may take its time (call it in a thread) and raises StoreUnavailable.
    """

    def __init__(
        self, url: str, max_bytes: int | None = None, evict_after: float | None = None, beside: Path | None = None
    ) -> None:
        """With `evict_after`, what was not used for so many seconds gives way to what is new. Raises UsesUnknown where
        the store can't tell. `beside` is a folder that all processes of this server have: those whose store keeps no
        count of its own keep it there."""
        self._folder = folder_at(url)
        self._eviction = None if evict_after is None else Eviction(self._folder, evict_after, _file)
        self._evicting = Lock()
        self.evicted: deque[str] = deque()
        """Ids of what gave way, for who has copies of it."""
        self.shared = self._folder.shared
        self.threads = self._folder.threads
        self.max_bytes = max_bytes or (_ELSEWHERE_BYTES if self.shared else _MEMORY_BYTES)
        recount = self._folder.recount_seconds if self.shared else None
        note = beside / _NOTE if self.shared and beside is not None else None
        self._used = Used(lambda: sum(self._folder.sizes().values()), recount, self._folder.note or note)
        self._checked = -_CHECK_SECONDS
        self._failure: StoreUnavailable | None = None

    def write(self, data: bytes) -> tuple[str, bool]:
        """Keeps the content; gives its id and whether it was new. Raises StoreFull too."""
        id = content_id(data)
        if self.read(id) is not None:
            return id, False
        cost = self._folder.cost(len(data))
        with self._told():
            if not self._used.take(cost, self.max_bytes) and not self._made_room(cost):
                raise StoreFull(self.max_bytes)
            try:
                self._folder.write(_file(id), data)
            except BaseException:
                self._used.give_back(cost)
                raise
        if self.uses is not None:
            self.uses.note(id)
        return id, True

    def _made_room(self, cost: int) -> bool:
        """Whether what is not used gave way to so many bytes more, which are counted then."""
        if self._eviction is None or cost > self.max_bytes:
            return False
        with self._evicting:
            for id in self._eviction.giving_way(self.ids(), self._used.bytes + cost - self.max_bytes):
                if self.delete(id):
                    self.evicted.append(id)
            return self._used.take(cost, self.max_bytes)

    @property
    def uses(self) -> Uses | None:
        """Where uses are noted, None where nothing gives way."""
        return None if self._eviction is None else self._eviction.uses

    def renew(self) -> None:
        """Tells other processes what this one uses."""
        if self._eviction is not None:
            self._eviction.renew()

    def read(self, id: str) -> bytes | None:
        """The content, None where there is none or it is not what its name says."""
        with self._told():
            data = self._folder.read(_file(id))
        if data is None or content_id(data) != id:
            return None
        if self.uses is not None:
            self.uses.note(id)
        return data

    def exists(self, id: str) -> bool:
        """Whether a file of that id is there and not empty; `read` says whether it is whole."""
        return bool(self.size(id))

    def size(self, id: str) -> int | None:
        """How many bytes the file has, None where there is none."""
        with self._told():
            return self._folder.size(_file(id))

    def delete(self, id: str) -> bool:
        """Removes it; False where it was not there."""
        with self._told():
            size = self._folder.size(_file(id))
            if not self._folder.delete(_file(id)):
                return False
        self._used.give_back(self._folder.cost(size or 0))
        if self.uses is not None:
            self.uses.forget(id)
        return True

    def ids(self) -> list[str]:
        """The ids of all files, in order."""
        with self._told():
            names = self._folder.sizes()
        ids = (name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX))
        return sorted(id for id in ids if is_id(id))

    @property
    def used(self) -> int:
        """Bytes that all of them take, as last counted; it takes no time."""
        return self._used.bytes

    def count(self) -> int:
        """Counts them, unless that was lately."""
        with self._told():
            return self._used.refresh()

    def check(self) -> None:
        """Raises StoreUnavailable unless a network could be written now, or could a moment ago."""
        if time.monotonic() - self._checked >= _CHECK_SECONDS:
            self._failure = None
            try:
                with self._told():
                    self._folder.check()
            except StoreUnavailable as failure:
                self._failure = failure
            self._checked = time.monotonic()
        if self._failure is not None:
            raise self._failure

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or str(error) or type(error).__name__
            raise StoreUnavailable(self._folder.name, reason, error.errno in _NO_ROOM) from error


def _file(id: str) -> str:
    if not is_id(id):
        raise ValueError("not an id")
    return f"{id}{_SUFFIX}"
