"""Networks' files as objects of an S3 store, by obstore (the extra `s3`).

Address, region and keys come from the standard variables: AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID,
AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; without keys from the machine's or the pod's role. obstore was taken rather
than s3fs or boto3: 6 MB without dependencies, conditional writes, and Python goes on while a call waits.
"""

import errno
import re
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import AlreadyExistsError, NotModifiedError
from obstore.store import S3Store

from app.store.folders import StoreUnusable

if TYPE_CHECKING:
    from obstore import PutMode
    from obstore.store import ClientConfig, RetryConfig

# S3's own name for a disk that is full, and MinIO's.
_NO_ROOM = re.compile(r"507 Insufficient|StorageFull|QuotaExceeded")
_CHECK = ".check"


@dataclass(frozen=True)
class Patience:
    """How long a store may take, in seconds, before it counts as away; then it is left alone for `rest`."""

    connect: float = 2.0
    answer: float = 20.0
    retries: int = 3
    retrying: float = 10.0
    rest: float = 1.0
    # A write that is only a question costs money.
    check: float = 10.0


class ObjectFolder:
    """Objects below `url`. A name stands for its content, so one is written where there is none and never changes.

    A few contents stay in memory, `cache_bytes` of them in all: the store then only says that they are there still.
    Raises StoreUnusable where the address can't be one. That nobody answers there is told later, by each call.
    """

    shared = True
    threads = 16
    # To list a thousand objects is a request of its own, with its price.
    recount_seconds = 60.0
    note: Path | None = None

    def __init__(self, url: str, patience: Patience = Patience(), cache_bytes: int = 2**26) -> None:
        self.name = url.rstrip("/")
        self._patience = patience
        try:
            self._store = S3Store.from_url(self.name, client_options=_client(patience), retry_config=_retries(patience))
        except Exception as error:
            raise StoreUnusable(_reason(error)) from None
        self._cache = _Cache(cache_bytes)
        self._away: tuple[float, OSError] | None = None
        self._written = -patience.check

    def sizes(self) -> dict[str, int]:
        with self._answers():
            pages = obstore.list(self._store)
            return {entry["path"]: entry["size"] for page in pages for entry in page}

    def size(self, name: str) -> int | None:
        with self._answers(), suppress(FileNotFoundError):
            return int(obstore.head(self._store, name)["size"])
        self._cache.drop(name)
        return None

    def cost(self, size: int) -> int:
        return size

    def read(self, name: str) -> bytes | None:
        known = self._cache.get(name)
        with self._answers(), suppress(FileNotFoundError):
            try:
                got = obstore.get(self._store, name, options={"if_none_match": known.tag} if known else {})
                content = _Content(bytes(got.bytes()), got.meta["e_tag"])
            except NotModifiedError:
                assert known is not None
                return known.data
            self._cache.put(name, content)
            return content.data
        self._cache.drop(name)
        return None

    def write(self, name: str, data: bytes) -> None:
        try:
            self._put(name, data, "create")
        except AlreadyExistsError:
            # Another writer was first, or a try of our own whose answer got lost. What is there may have been spoilt.
            if self.read(name) != data:
                self._put(name, data, "overwrite")

    def delete(self, name: str) -> bool:
        # S3 deletes what is not there without a word.
        there = self.size(name) is not None
        with self._answers():
            obstore.delete(self._store, name)
        self._cache.drop(name)
        return there

    def check(self) -> None:
        if time.monotonic() - self._written >= self._patience.check:
            self._put(_CHECK, b"", "overwrite")

    def _put(self, name: str, data: bytes, mode: "PutMode") -> None:
        with self._answers():
            # In one piece: pieces have no condition.
            put = obstore.put(self._store, name, data, mode=mode, use_multipart=False)
        self._written = time.monotonic()
        self._cache.put(name, _Content(data, put["e_tag"]))

    @contextmanager
    def _answers(self) -> Iterator[None]:
        """What obstore raises, as OSError; while a store is away nobody waits for it again and again."""
        away = self._away
        if away is not None and time.monotonic() < away[0]:
            raise OSError(away[1].errno, away[1].strerror)
        try:
            yield
        except (FileNotFoundError, AlreadyExistsError, NotModifiedError):
            self._away = None
            raise
        except Exception as error:
            failure = OSError(_number(error), _reason(error))
            self._written = -self._patience.check
            self._away = time.monotonic() + self._patience.rest, failure
            raise failure from error
        self._away = None


@dataclass(frozen=True, slots=True)
class _Content:
    data: bytes
    tag: str | None


class _Cache:
    """The contents asked for last, `limit` bytes in all."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._contents: OrderedDict[str, _Content] = OrderedDict()
        self._lock = Lock()

    def get(self, name: str) -> _Content | None:
        with self._lock:
            content = self._contents.get(name)
            if content is not None:
                self._contents.move_to_end(name)
            return content

    def put(self, name: str, content: _Content) -> None:
        self.drop(name)
        if content.tag is None or len(content.data) > self._limit:
            return
        with self._lock:
            self._contents[name] = content
            self._size += len(content.data)
            while self._size > self._limit:
                self._size -= len(self._contents.popitem(last=False)[1].data)

    def drop(self, name: str) -> None:
        with self._lock:
            content = self._contents.pop(name, None)
            self._size -= len(content.data) if content is not None else 0


def _client(patience: Patience) -> "ClientConfig":
    # Who names an endpoint without TLS means it.
    return {
        "allow_http": True,
        "connect_timeout": timedelta(seconds=patience.connect),
        "read_timeout": timedelta(seconds=patience.answer),
        # The longest of all: a large network on a slow line.
        "timeout": timedelta(seconds=10 * patience.answer),
    }


def _retries(patience: Patience) -> "RetryConfig":
    return {"max_retries": patience.retries, "retry_timeout": timedelta(seconds=patience.retrying)}


def _number(error: Exception) -> int:
    return errno.ENOSPC if _NO_ROOM.search(str(error)) else errno.EIO


def _reason(error: Exception) -> str:
    """obstore's first line without address and attempts: `HTTP error: error sending request`."""
    if "<Code>NoSuchBucket" in str(error):
        return "there is no such bucket"
    line = str(error).partition("\n")[0].rpartition(" - ")[2]
    return (line.partition(": <")[0] or type(error).__name__)[:200]
