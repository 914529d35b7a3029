"""Files that arrive in several requests, because the line is slow and breaks: Resumable Uploads for HTTP.

What is spoken is draft-ietf-httpbis-resumable-upload: an upload begins with `Upload-Complete: ?0` and its length, HEAD
tells how much has come, PATCH brings more. What has come lies in memory, of this process alone. So there are bounds: on
how many there are, in all and of one client, on their bytes, which are counted before the first one comes, and on their
age. Where no place is free, those that stand still give theirs up, the oldest first.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from mmap import mmap
from secrets import token_urlsafe

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive

from adelante.network.errors import Fault
from app.api.http.body import LEAST_PROGRESS, too_large
from app.api.http.problems import RETRY_AFTER_SECONDS, Problem
from app.api.http.rates import client_name
from app.live.budget import Budget
from app.root_path import address_root
from app.settings import Settings

STILL_SECONDS = 30.0
"""An upload into which nothing has come for so long gives way where there is no room."""
_ID_BYTES = 24
_DIGITS = 15


@dataclass(eq=False)
class Upload:
    """One file on its way: its first `offset` bytes have come. `query` and `headers` are those of its first request."""

    client: str
    query: str
    headers: Mapping[bytes, bytes]
    content: mmap
    length: int
    end: asyncio.TimerHandle
    offset: int = 0
    seen_at: float = 0.0
    turn: int = 0
    """Which request may write: the last that came. One before it, over a line that broke, may not have ended yet."""

    async def append(self, receive: Receive, most: int, seconds: float) -> None:
        """Takes in the body of a request, `most` bytes at most; what has come stays where it breaks off.

        Raises Problem: bad-request (the line broke, another request came, or more came than there should),
        body-timeout.
        """
        self.turn += 1
        mine, came, more = self.turn, 0, True
        try:
            async with asyncio.timeout(seconds) as patience:
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect" or mine != self.turn:
                        raise Problem("bad-request")
                    chunk, more = message.get("body", b""), message.get("more_body", False)
                    if len(chunk) > most:
                        raise Problem("bad-request", Fault("bad-request", "upload-longer", "", {"limit": self.length}))
                    most -= len(chunk)
                    self._write(chunk)
                    came += len(chunk)
                    if more and came >= LEAST_PROGRESS:
                        came = 0
                        patience.reschedule(asyncio.get_running_loop().time() + seconds)
        except TimeoutError:
            fault = Fault("", "body-timeout", "", {"seconds": seconds})
            raise Problem("body-timeout", fault, headers={"Connection": "close"}) from None

    def _write(self, chunk: bytes) -> None:
        self.content[self.offset : self.offset + len(chunk)] = chunk
        self.offset += len(chunk)
        self.seen_at = time.monotonic()

    @property
    def whole(self) -> bool:
        """Whether all of it is there."""
        return self.offset == self.length


class Uploads:
    """All of one process."""

    def __init__(self, settings: Settings) -> None:
        self._seconds = settings.upload_seconds
        self._most = settings.max_uploads
        self._most_per_client = settings.max_uploads_per_client
        self._longest = settings.max_body_bytes
        self._budget = Budget(settings.max_uploads_bytes, "ADELANTE_MAX_UPLOADS_BYTES")
        self._there: dict[str, Upload] = {}

    @property
    def used(self) -> int:
        """Bytes that are kept free for those that are on their way."""
        return self._budget.used

    def begin(self, client: str, query: str, headers: Mapping[bytes, bytes], length: int) -> str:
        """The id of a new one. Raises Problem: too-large, busy."""
        if length > self._longest:
            raise too_large(self._longest)
        if not (self._place(client) and self._room(length)):
            values = {"limit": self._budget.limit, "setting": self._budget.setting}
            fault = Fault("busy", "uploads-full", "", values)
            raise Problem("busy", fault, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
        id = token_urlsafe(_ID_BYTES)
        end = asyncio.get_running_loop().call_later(self._seconds, self.drop, id)
        # The pages of a map are the system's until something is written there.
        content = mmap(-1, length)
        self._there[id] = Upload(client, query, headers, content, length, end, seen_at=time.monotonic())
        return id

    def _place(self, client: str) -> bool:
        """Whether the client may have one more, after one of its own that stands still has gone."""
        own = [id for id, each in self._there.items() if each.client == client]
        if len(own) < self._most_per_client:
            return True
        still = [id for id in self._still() if id in own]
        if still:
            self.drop(still[0])
        return bool(still)

    def _still(self) -> list[str]:
        """Those into which nothing has come for a while, the oldest first."""
        before = time.monotonic() - STILL_SECONDS
        return [id for id, each in self._there.items() if each.seen_at <= before]

    def _room(self, length: int) -> bool:
        """Whether there is room for so many bytes more, after those that stand still have gone."""
        waiting = self._still()
        while len(self._there) >= self._most or self._budget.lacking(length):
            if not waiting:
                return False
            self.drop(waiting.pop(0))
        return self._budget.take(length)

    def found(self, id: str) -> Upload:
        """The upload. Raises Problem (unknown-upload)."""
        upload = self._there.get(id)
        if upload is None:
            raise Problem("unknown-upload")
        return upload

    def drop(self, id: str) -> None:
        """It came to its end, or is not wanted any more."""
        upload = self._there.pop(id, None)
        if upload is not None:
            upload.turn += 1
            # The loop would remember one that is given up at once for as long as it might have lasted.
            upload.end.cancel()
            self._budget.take(-upload.length)

    def told(self, upload: Upload) -> dict[str, str]:
        """How far it is and what its limits are, as headers."""
        left = max(int(upload.end.when() - asyncio.get_running_loop().time()), 0)
        return {
            "Upload-Offset": str(upload.offset),
            "Upload-Length": str(upload.length),
            "Upload-Complete": "?0",
            "Upload-Limit": f"max-size={self._longest}, max-age={left}",
            "Cache-Control": "no-store",
        }


def begins(headers: dict[bytes, bytes]) -> bool:
    """Whether a request is the beginning of an upload."""
    return headers.get(b"upload-complete", b"").strip() == b"?0"


async def begun(request: Request, headers: dict[bytes, bytes]) -> Response:
    """201 with the address of the upload, into which whatever came with the request has gone. Raises Problem."""
    length = number_of(headers, b"upload-length")
    if not length or b"content-encoding" in headers:
        key = "upload-length" if not length else "upload-encoding"
        raise Problem("bad-request", Fault("bad-request", key, ""))
    uploads: Uploads = request.app.uploads
    settings: Settings = request.app.settings
    id = uploads.begin(client_name(request.scope.get("client")), request.url.query, headers, length)
    upload = uploads.found(id)
    try:
        await upload.append(request.receive, length, settings.body_timeout_seconds)
    except Problem:
        # Nobody knows its address.
        uploads.drop(id)
        raise
    location = f"{address_root(request.scope)}/api/v1/uploads/{id}"
    return Response(status_code=201, headers={**uploads.told(upload), "Location": location})


def number_of(headers: dict[bytes, bytes], name: bytes) -> int | None:
    """A header's whole number; None where it has none."""
    text = headers.get(name, b"").strip()
    return int(text) if text.isdigit() and len(text) <= _DIGITS else None
