"""Files of networks, each named by the hash of its content, in a folder, in memory, or in whatever fsspec reaches."""

import hashlib
import re
from secrets import token_hex

import fsspec
from fsspec.implementations.local import LocalFileSystem

_ID = re.compile(r"[0-9a-f]{64}")
_SUFFIX = ".safetensors"


class StoreFull(Exception):
    """The store has no room for a file of this size. `limit` is in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


def content_id(data: bytes) -> str:
    """The SHA-256 of the content, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def is_id(name: str) -> bool:
    """Whether a name can be that of a stored file. Nothing else ever becomes part of a path."""
    return _ID.fullmatch(name) is not None


class NetworkFiles:
    """A folder of files at `url`: `memory://`, a path, or an fsspec URL. Every method may take its time: call it in a
    thread.

    A file is written whole under another name and then moved, and what is read is held against its name: a file that
    some process left half written, or that was changed, is as good as absent.
    """

    def __init__(self, url: str, max_bytes: int) -> None:
        self._fs, root = fsspec.core.url_to_fs(url)
        self._root = root.rstrip("/")
        self._max_bytes = max_bytes

    @property
    def shared(self) -> bool:
        """Whether other processes may write to it too."""
        return "memory" not in self._protocols()

    def write(self, data: bytes) -> tuple[str, bool]:
        """Keeps the content; gives its id and whether it was new. Raises StoreFull, OSError."""
        id = content_id(data)
        if self.read(id) is not None:
            return id, False
        self._fs.makedirs(self._root, exist_ok=True)
        if self._used() + len(data) > self._max_bytes:
            raise StoreFull(self._max_bytes)
        path = self._path(id)
        if isinstance(self._fs, LocalFileSystem):
            part = f"{self._root}/.{id}.{token_hex(8)}.part"
            try:
                self._fs.pipe_file(part, data)
                self._fs.mv(part, path)
            finally:
                if self._fs.exists(part):
                    self._fs.rm_file(part)
        else:
            # Object stores show an object when all of it has arrived, and have no move.
            self._fs.pipe_file(path, data)
        return id, True

    def read(self, id: str) -> bytes | None:
        """The content, None where there is none or it is not what its name says."""
        try:
            data: bytes = self._fs.cat_file(self._path(id))
        except FileNotFoundError:
            return None
        return data if content_id(data) == id else None

    def exists(self, id: str) -> bool:
        """Whether a file of that id is there and not empty; `read` says whether it is whole."""
        return bool(self.size(id))

    def size(self, id: str) -> int | None:
        """How many bytes the file has, None where there is none."""
        self._fs.invalidate_cache(self._root)
        try:
            return int(self._fs.size(self._path(id)) or 0)
        except FileNotFoundError:
            return None

    def delete(self, id: str) -> bool:
        """Removes it; False where it was not there."""
        try:
            self._fs.rm_file(self._path(id))
        except FileNotFoundError:
            return False
        return True

    def ids(self) -> list[str]:
        """The ids of all files, in order."""
        names = (path.rsplit("/", 1)[-1].removesuffix(_SUFFIX) for path, _ in self._entries())
        return sorted(name for name in names if is_id(name))

    def _used(self) -> int:
        return sum(size for _, size in self._entries())

    def _entries(self) -> list[tuple[str, int]]:
        self._fs.invalidate_cache(self._root)
        try:
            found = self._fs.ls(self._root, detail=True)
        except FileNotFoundError:
            return []
        return [(entry["name"], entry["size"] or 0) for entry in found if entry["name"].endswith(_SUFFIX)]

    def _path(self, id: str) -> str:
        if not is_id(id):
            raise ValueError("not an id")
        return f"{self._root}/{id}{_SUFFIX}"

    def _protocols(self) -> tuple[str, ...]:
        protocol = self._fs.protocol
        return (protocol,) if isinstance(protocol, str) else tuple(protocol)
