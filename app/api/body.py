"""Reading a request's body: refused while it is being read, before memory is spent on what would be refused anyway."""

import asyncio
import zlib
from types import CoroutineType
from typing import Protocol

from starlette.requests import Request
from starlette.types import Message, Receive

from app.api import zstd
from app.api.problems import Problem
from app.network.errors import Fault
from app.settings import Settings

JSON_TYPES = ("application/json", "text/json")
# What a decoder keeps of the stream's past: the most that RFC 9659 lets a sender ask for.
_ZSTD_WINDOW_LOG = 23


class Decompressor(Protocol):
    """What zlib's and zstd's decompressors share."""

    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


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


async def read_json_body(request: Request, settings: Settings) -> bytes:
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


async def read_body(request: Request, headers: dict[bytes, bytes], settings: Settings) -> bytes:
    """The body, decompressed where Content-Encoding says gzip, deflate or zstd. Raises Problem as above."""
    limit = settings.max_body_bytes
    declared = headers.get(b"content-length")
    if declared is not None and declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    encoding = headers.get(b"content-encoding")
    decompressor = None if encoding is None else _decompressor(encoding.decode("latin-1").strip().lower())
    first = _at_once(request.receive)
    try:
        if first is not None and not first.get("more_body", False):
            if decompressor is None and first["type"] == "http.request" and len(first["body"]) <= limit:
                return first["body"]  # type: ignore[no-any-return]
            body = await _read(request.receive, first, limit, decompressor)
        else:
            async with asyncio.timeout(settings.body_timeout_seconds):
                first = first or await request.receive()
                body = await _read(request.receive, first, limit, decompressor)
    except TimeoutError:
        fault = Fault("", "body-timeout", "", {"seconds": settings.body_timeout_seconds})
        raise Problem("body-timeout", fault, headers={"Connection": "close"}) from None
    except (zlib.error, zstd.ZstdError, EOFError) as error:
        raise _not_decompressed(str(error)) from None
    if decompressor is not None and body and not decompressor.eof:
        raise _not_decompressed("unexpected end")
    return body


def _at_once(receive: Receive) -> Message | None:
    """The next message where it is there already, as nearly all are: those need no timer and no system call for one."""
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


async def _read(receive: Receive, message: Message, limit: int, decompressor: Decompressor | None) -> bytes:
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        if message["type"] == "http.disconnect":
            raise Problem("bad-request")
        chunk, more = message.get("body", b""), message.get("more_body", False)
        if decompressor is not None and chunk:
            chunk = decompressor.decompress(chunk, limit - size + 1)
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
        if more:
            message = await receive()
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _decompressor(encoding: str) -> Decompressor | None:
    if encoding in ("identity", ""):
        return None
    if encoding in ("gzip", "x-gzip", "deflate"):
        return zlib.decompressobj(zlib.MAX_WBITS | 32)
    if encoding == "zstd":
        return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG})
    raise Problem("unsupported-media-type", Fault("", "content-encoding", "", {"got": encoding[:40]}))


def _not_decompressed(reason: str) -> Problem:
    return Problem("invalid-json", Fault("", "compressed", "", {"reason": reason}))


def _too_large(limit: int) -> Problem:
    values = {"limit": limit, "setting": "ADELANTE_MAX_BODY_BYTES"}
    # The rest of the body is not read, so the connection can't serve another request.
    return Problem("too-large", Fault("too-large", "body-too-large", "", values), headers={"Connection": "close"})
