"""Places for files of bytes: this process's memory, a folder, or what fsspec reaches.

Every method may take its time (call it in a thread), and raises OSError where it fails.
"""

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from threading import Lock
from typing import Any, Protocol

import fsspec
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem

try:
    import fcntl
except ImportError:  # Windows, which does not let go of a file that is open
    fcntl = None  # type: ignore[assignment]

_PART = ".part"
_NOTE = ".used"
_TRIES = 3
# A file system without locks (some network drives) is swept by age.
_LONGEST_WRITE_SECONDS = 3600
# Disks give out their room in blocks of about this size.
_BLOCK_BYTES = 4096
_S3_MISSING = "pip install 'adelante[s3]' brings what s3:// needs"
# What Python needs around the bytes of a file in memory: its name, its object, its place in the dictionary.
_OBJECT_BYTES = 256


class StoreUnusable(Exception):
    """No files can ever be kept there. `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Folder(Protocol):
    """Files by name, each whole or absent."""

    # Whether other processes may write to it too.
    shared: bool
    # So it is counted anew after this long.
    recount_seconds: float
    # Where all processes that have it keep their count of what it costs; None where each counts for itself.
    note: Path | None
    # How many calls may wait for it at once.
    threads: int
    # What it is called in messages.
    name: str

    def sizes(self) -> dict[str, int]:
        """What each file costs, in bytes."""

    def size(self, name: str) -> int | None:
        """The bytes of a file's content; None where it is absent."""

    def cost(self, size: int) -> int:
        """What a file of so many bytes costs."""

    def read(self, name: str) -> bytes | None: ...

    def write(self, name: str, data: bytes) -> None: ...

    def delete(self, name: str) -> bool:
        """Whether it was there."""

    def check(self) -> None:
        """Raises OSError unless a file can be written now."""


def folder_at(url: str) -> Folder:
    """The folder that an address means. Raises StoreUnusable."""
    if url.startswith(("s3://", "s3a://")) and find_spec("obstore"):
        from app.store.objects import ObjectFolder

        return ObjectFolder(url)
    try:
        fs, root = fsspec.core.url_to_fs(url)
    except Exception as error:
        # A package that is missing, a protocol that nobody knows, what some package makes of its part of the address.
        raise StoreUnusable(_S3_MISSING if url.startswith("s3") else _first_line(error)) from None
    if isinstance(fs, MemoryFileSystem):
        return MemoryFolder()
    if isinstance(fs, LocalFileSystem):
        return LocalFolder(Path(root))
    return RemoteFolder(fs, root.rstrip("/"), url)


class MemoryFolder:
    """Files in this process's memory. fsspec's own is shared by the whole process and not safe with threads."""

    shared = False
    recount_seconds = 0.0
    note: Path | None = None
    threads = 2
    name = "memory://"

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}
        self._lock = Lock()

    def sizes(self) -> dict[str, int]:
        with self._lock:
            return {name: self.cost(len(data)) for name, data in self._files.items()}

    def size(self, name: str) -> int | None:
        data = self._files.get(name)
        return None if data is None else len(data)

    def cost(self, size: int) -> int:
        return size + _OBJECT_BYTES

    def read(self, name: str) -> bytes | None:
        return self._files.get(name)

    def write(self, name: str, data: bytes) -> None:
        with self._lock:
            self._files[name] = data

    def delete(self, name: str) -> bool:
        with self._lock:
            return self._files.pop(name, None) is not None

    def check(self) -> None:
        pass


class LocalFolder:
    """A folder of this machine, made where it is missing. Raises StoreUnusable where no file can be written there.

    A file is written under another name and then moved. Who writes holds a lock on it meanwhile: what is not locked was
    left by a process that was killed, and is removed when the next one starts.
    """

    shared = True
    recount_seconds = 5.0
    threads = 2

    def __init__(self, path: Path) -> None:
        self._path = path
        self.note: Path | None = path / _NOTE
        self.name = str(path)
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._sweep()
            self.check()
        except OSError as error:
            # A disk that is full now may have room later.
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                where = path if str(error.filename).endswith(_PART) else error.filename or path
                raise StoreUnusable(f"{where}: {error.strerror}") from None

    def sizes(self) -> dict[str, int]:
        sizes = {}
        with suppress(FileNotFoundError), os.scandir(self._path) as entries:
            for entry in (each for each in entries if each.name != _NOTE):
                # Another process may delete it meanwhile.
                with suppress(FileNotFoundError):
                    sizes[entry.name] = self.cost(entry.stat().st_size)
        return sizes

    def size(self, name: str) -> int | None:
        try:
            return (self._path / name).stat().st_size
        except FileNotFoundError:
            return None

    def cost(self, size: int) -> int:
        return size

    def read(self, name: str) -> bytes | None:
        try:
            return (self._path / name).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, name: str, data: bytes) -> None:
        for _ in range(_TRIES):
            part = self._written(data)
            try:
                part.replace(self._path / name)
                return
            except FileNotFoundError:
                # A server that started just now, before the lock was taken, took the file for an abandoned one.
                continue
            finally:
                part.unlink(missing_ok=True)
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN), str(self._path))

    def delete(self, name: str) -> bool:
        try:
            (self._path / name).unlink()
        except FileNotFoundError:
            return False
        return True

    def times(self) -> dict[str, float]:
        """When each file was changed or touched last, in seconds since 1970."""
        times = {}
        with suppress(FileNotFoundError), os.scandir(self._path) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    times[entry.name] = entry.stat().st_mtime
        return times

    def touch(self, name: str, when: float) -> None:
        """Gives a file that time, where it is there and older."""
        with suppress(OSError):
            if (self._path / name).stat().st_mtime < when:
                os.utime(self._path / name, (when, when))

    def check(self) -> None:
        self._written(bytes(_BLOCK_BYTES)).unlink(missing_ok=True)

    def _written(self, data: bytes) -> Path:
        """A whole file under a name of its own."""
        self._path.mkdir(parents=True, exist_ok=True)
        path = self._path / f".{token_hex(16)}{_PART}"
        try:
            with path.open("xb") as file:
                _lock(file.fileno())
                file.write(data)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def _sweep(self) -> None:
        """Removes the files of writers that are no more."""
        for path in self._path.glob(f".*{_PART}"):
            with suppress(OSError), path.open("r+b") as file:
                old = time.time() - path.stat().st_mtime > _LONGEST_WRITE_SECONDS
                if _lock(file.fileno()) or old:
                    path.unlink()


def _lock(file: int) -> bool:
    """Takes the lock on an open file, until it is closed; False where another has it or there are no locks."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class RemoteFolder:
    """What fsspec reaches: object stores show an object when all of it has arrived, and have no move."""

    shared = True
    recount_seconds = 5.0
    note: Path | None = None
    threads = 16

    def __init__(self, fs: Any, root: str, url: str) -> None:
        self._fs = fs
        self._root = root
        # Without what may be a password.
        self.name = f"{url.partition('://')[0]}://{root}" if "://" in url else root

    def sizes(self) -> dict[str, int]:
        with _failures():
            self._fs.invalidate_cache(self._root)
            try:
                found = self._fs.ls(self._root, detail=True)
            except FileNotFoundError:
                return {}
        return {entry["name"].rsplit("/", 1)[-1]: self.cost(entry["size"] or 0) for entry in found}

    def size(self, name: str) -> int | None:
        with _failures():
            self._fs.invalidate_cache(self._root)
            try:
                size: int | None = self._fs.size(self._path(name))
            except FileNotFoundError:
                return None
        return size

    def cost(self, size: int) -> int:
        return size

    def read(self, name: str) -> bytes | None:
        with _failures():
            try:
                data: bytes = self._fs.cat_file(self._path(name))
            except FileNotFoundError:
                return None
        return data

    def write(self, name: str, data: bytes) -> None:
        with _failures():
            self._fs.makedirs(self._root, exist_ok=True)
            self._fs.pipe_file(self._path(name), data)

    def delete(self, name: str) -> bool:
        with _failures():
            try:
                self._fs.rm_file(self._path(name))
            except FileNotFoundError:
                return False
        return True

    def check(self) -> None:
        name = f".{token_hex(16)}{_PART}"
        self.write(name, b"")
        self.delete(name)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"


@contextmanager
def _failures() -> Iterator[None]:
    """What a remote store's own packages raise, which is of many kinds, as OSError."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(errno.EIO, _first_line(error)) from error


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).partition("\n")[0][:200]
