"""Reading a request's body: refused while it is being read, before memory is spent on what would be refused anyway."""

import asyncio
import zlib
from typing import Protocol

from starlette.requests import Request
from starlette.types import Receive

from app.api import zstd
from app.api.problems import Problem
from app.network.errors import Fault
from app.settings import Settings

JSON_TYPES = ("application/json", "text/json")
# What a decoder keeps of the stream's past: the most that RFC 9659 lets a sender ask for.
_ZSTD_WINDOW_LOG = 23
_TOO_SLOW = "the body takes too long"


class Decompressor(Protocol):
    """What zlib's and zstd's decompressors share."""

    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def headers_of(request: Request) -> dict[bytes, bytes]:
    """The request's headers, names in lower case; of equal ones the last. Quicker than Request.headers by far."""
    return dict(request.scope["headers"])


def media_type(headers: dict[bytes, bytes]) -> str:
    """The body's media type without its parameters; JSON's where none is said."""
    return headers.get(b"content-type", b"application/json").partition(b";")[0].strip().lower().decode("latin-1")


async def read_json_body(request: Request, settings: Settings) -> bytes:
    """The body of a JSON request, decompressed.

    Raises Problem: unsupported-media-type, too-large (declared, received or decompressed), body-timeout.
    """
    headers = headers_of(request)
    check_json_type(headers)
    return await read_body(request, headers, settings)


def check_json_type(headers: dict[bytes, bytes]) -> None:
    """Raises Problem (unsupported-media-type, invalid-json) unless the headers announce JSON in UTF-8."""
    content_type = headers.get(b"content-type", b"application/json")
    if content_type == b"application/json":
        return
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
    # asyncio.timeout in few words: nearly every body is here already, and a timer is set for each.
    task = asyncio.current_task()
    assert task is not None
    timer = asyncio.get_running_loop().call_later(settings.body_timeout_seconds, task.cancel, _TOO_SLOW)
    try:
        body = await _receive(request.receive, limit, decompressor)
    except asyncio.CancelledError as cancelled:
        if cancelled.args != (_TOO_SLOW,):
            raise
        task.uncancel()
        fault = Fault("", "body-timeout", "", {"seconds": settings.body_timeout_seconds})
        # As after a body that is too large: the rest of it may yet come, and is not a request.
        raise Problem("body-timeout", fault, headers={"Connection": "close"}) from None
    except (zlib.error, zstd.ZstdError, EOFError) as error:
        raise _not_decompressed(str(error)) from None
    finally:
        timer.cancel()
    if decompressor is not None and body and not decompressor.eof:
        raise _not_decompressed("unexpected end")
    return body


async def _receive(receive: Receive, limit: int, decompressor: Decompressor | None) -> bytes:
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Problem("bad-request")
        chunk, more = message.get("body", b""), message.get("more_body", False)
        if decompressor is not None and chunk:
            chunk = decompressor.decompress(chunk, limit - size + 1)
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
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
