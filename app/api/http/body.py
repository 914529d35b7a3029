"""Reading a request's body: refused while it is being read, before memory is spent on what would be refused anyway."""

import asyncio
from collections import deque
from collections.abc import Generator
from mmap import mmap
from types import CoroutineType

from starlette.requests import Request
from starlette.types import Message, Receive

from adelante.network.errors import Fault
from app.api.http.decompress import Decompressor, decompressor
from app.api.http.problems import RETRY_AFTER_SECONDS, Problem
from app.live.budget import Budget
from app.settings import Settings

Body = bytes | mmap
"""A body; a large one is a memory map, which was filled in pieces. Nobody writes to it."""

JSON_TYPES = ("application/json", "text/json")
# A body that goes on arriving may take as long as it takes, if at least so many bytes come within the time limit.
LEAST_PROGRESS = 1024
# Where a request's scope keeps what it holds of the memory for all bodies, until it is answered.
HELD = "adelante.held"
# Others get their turn after about this many bytes; each step of decompression costs as much as some of them.
_TURN = 2**20
_STEP = 4096
# Bytes of a body that are joined without a turn for others between: some 2 ms.
_JOINED_AT_ONCE = 4 * 2**20
# What uvicorn reads of a body before anybody asks for it.
_READ_IN_ANY_CASE = 2**16
# The patience with a body that arrives is renewed so often at most.
_SHORT_SECONDS = 0.05


def headers_of(request: Request) -> dict[bytes, bytes]:
    """The request's headers, names in lower case; of equal ones the last. Quicker than Request.headers by far."""
    return dict(request.scope["headers"])


def media_type(headers: dict[bytes, bytes]) -> str:
    """The body's media type without its parameters. Raises Problem (unsupported-media-type) where none is said: any
    website can have a browser send a body without a type, and none but its own server's can have it say JSON."""
    content_type = headers.get(b"content-type")
    if content_type is None:
        raise no_content_type()
    return content_type.partition(b";")[0].strip().lower().decode("latin-1")


def no_content_type() -> Problem:
    """The problem of a body that could be anything."""
    return Problem("unsupported-media-type", Fault("", "no-content-type", ""))


async def read_json_body(request: Request, settings: Settings) -> Body:
    """The body of a JSON request, decompressed.

    Raises Problem: unsupported-media-type, too-large (declared, received or decompressed), body-timeout.
    """
    headers = headers_of(request)
    check_json_type(headers.get(b"content-type"))
    return await read_body(request, headers, settings)


def check_json_type(content_type: bytes | None) -> None:
    """Raises Problem (unsupported-media-type, invalid-json) unless a Content-Type is of JSON in UTF-8."""
    if content_type == b"application/json":
        return
    if content_type is None:
        raise no_content_type()
    kind, _, parameters = content_type.decode("latin-1").partition(";")
    if kind.strip().lower() not in JSON_TYPES:
        raise Problem("unsupported-media-type", Fault("", "content-type", "", {"got": kind[:100]}))
    charset = parameters.lower().partition("charset=")[2].strip(' ";')
    if charset not in ("", "utf-8", "utf8"):
        raise Problem("invalid-json", Fault("", "charset", "", {"got": charset[:40]}))


async def read_body(request: Request, headers: dict[bytes, bytes], settings: Settings) -> Body:
    """The body, decompressed where Content-Encoding says gzip, deflate or zstd. Raises Problem as above."""
    limit = settings.max_body_bytes
    declared = headers.get(b"content-length")
    if declared is not None and declared.isdigit() and (len(declared) > 18 or int(declared) > limit):
        raise too_large(limit)
    encoding = headers.get(b"content-encoding")
    first = _here(request.receive)
    if first is not None and encoding is None and _is_small(first, limit):
        return first["body"]  # type: ignore[no-any-return]
    body = _Arriving(limit, decompressor(encoding), _held(request))
    seconds = settings.body_timeout_seconds
    try:
        async with asyncio.timeout(seconds) as patience:
            await body.arrive(first, request.receive, patience, seconds)
    except TimeoutError:
        fault = Fault("", "body-timeout", "", {"seconds": seconds})
        raise Problem("body-timeout", fault, headers={"Connection": "close"}) from None
    return await body.whole()


def _here(receive: Receive) -> Message | None:
    """The next message where it is there already, as nearly all are: those need no timer."""
    waiting = receive()
    if not isinstance(waiting, CoroutineType):
        return None
    try:
        waiting.send(None)
    except StopIteration as done:
        message: Message = done.value
        return message
    # It waits. Nothing was taken yet, so it may be asked again.
    waiting.close()
    return None


def _is_small(message: Message, limit: int) -> bool:
    """Whether it is a whole body of a size that the server has read in any case, and that nobody counts."""
    if message["type"] != "http.request" or message.get("more_body", False):
        return False
    return len(message.get("body", b"")) <= min(_READ_IN_ANY_CASE, limit)


class Held:
    """What one request holds of the memory for all bodies."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self._size = 0

    def take(self, size: int) -> bool:
        """Whether there was room for so many bytes more."""
        if not self.budget.take(size):
            return False
        self._size += size
        return True

    def leave(self) -> None:
        """The request is answered."""
        self.budget.take(-self._size)
        self._size = 0


def _held(request: Request) -> Held:
    held: Held | None = request.scope.get(HELD)
    if held is None:
        held = request.scope[HELD] = Held(request.app.bodies)
    return held


class _Arriving:
    """A body while it arrives."""

    def __init__(self, limit: int, coding: Decompressor | None, held: Held) -> None:
        self._limit = limit
        self._held = held
        self._coding = coding
        self._parts: deque[bytes] = deque()
        self._size = 0

    async def whole(self) -> Body:
        joining = joined(self._parts)
        while True:
            try:
                next(joining)
            except StopIteration as end:
                body: Body = end.value
                return body
            await asyncio.sleep(0)  # others' turn

    async def arrive(
        self, message: Message | None, receive: Receive, patience: asyncio.Timeout, seconds: float
    ) -> None:
        """Returns once all of it is there, which begins with `message` where there is one; has patience for so many
        seconds more whenever enough came."""
        came, more = 0, True
        now = asyncio.get_running_loop().time
        patient_since = now()
        while more:
            if message is None:
                message = await receive()
            if message["type"] == "http.disconnect":
                raise Problem("bad-request")
            chunk, more = message.get("body", b""), message.get("more_body", False)
            message = None
            came += len(chunk)
            if self._coding is None:
                self._add(chunk)
            elif chunk:
                await self._undo(self._coding, chunk)
            # A timer that is set anew for each of a quick line's pieces would take longer than the pieces.
            if more and came >= LEAST_PROGRESS and now() - patient_since > min(_SHORT_SECONDS, seconds / 10):
                came, patient_since = 0, now()
                patience.reschedule(patient_since + seconds)
        if self._coding is not None:
            self._coding.finish()

    async def _undo(self, coding: Decompressor, chunk: bytes) -> None:
        work = 0
        for piece in coding.feed(chunk):
            self._add(piece)
            work += _STEP + len(piece)
            if work > _TURN:
                work = 0
                await asyncio.sleep(0)  # others' turn

    def _add(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._limit:
            raise too_large(self._limit)
        if not self._held.take(len(part)):
            raise _bodies_full(self._held.budget)
        if part:
            self._parts.append(part)


def joined(parts: deque[bytes]) -> Generator[None, None, Body]:
    """The parts in one, which are gone afterwards; yields where others may have their turn.

    Joined in one go, 40 MB would keep them waiting for 30 ms. Up to `_JOINED_AT_ONCE` that is the quicker way, since a
    memory map begins with fresh pages each time, which cost more than the copy.
    """
    size = sum(map(len, parts))
    if len(parts) == 1 or size <= _JOINED_AT_ONCE:
        return b"".join(parts)
    body, work = mmap(-1, size), 0
    while parts:
        work += body.write(parts.popleft())
        if work > _TURN:
            work = 0
            yield
    return body


def too_large(limit: int) -> Problem:
    """The refusal of a body that is larger than the limit, in bytes."""
    values = {"limit": limit, "setting": "ADELANTE_MAX_BODY_BYTES"}
    # The rest of the body is not read, so the connection can't serve another request.
    return Problem("too-large", Fault("too-large", "body-too-large", "", values), headers={"Connection": "close"})


def _bodies_full(budget: Budget) -> Problem:
    fault = Fault("busy", "bodies-full", "", {"limit": budget.limit, "setting": budget.setting})
    return Problem("busy", fault, headers={"Retry-After": str(RETRY_AFTER_SECONDS), "Connection": "close"})
