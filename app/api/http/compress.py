"""Answers as zstd or gzip where the client takes it, they are text, and it pays.

One that comes in pieces is compressed piece by piece, so that it is never there twice; its length is told all the same.
"""

import asyncio
import gzip
import zlib
from collections.abc import Callable
from typing import Protocol

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

from app.api.http import zstd
from app.api.http.answer import Answer
from app.preferences import qualities

# Below this the headers and the work outweigh what is saved.
SMALLEST = 1400
# From here on it is done in a thread; zlib and zstd let the event loop run meanwhile.
_LARGE = 100_000
_TEXTS = ("application/json", "application/problem+json", "text/", "image/svg+xml", "application/javascript")
_ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "zstd": lambda data: zstd.compress(data, 3),
    "gzip": lambda data: gzip.compress(data, 4),
}


class _Compressor(Protocol):
    """What zlib's and zstd's compressors share."""

    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self) -> bytes: ...


_COMPRESSORS: dict[str, Callable[[], _Compressor]] = {
    "zstd": lambda: zstd.ZstdCompressor(3),
    "gzip": lambda: zlib.compressobj(4, zlib.DEFLATED, zlib.MAX_WBITS | 16),
}


def encoding_for(accept_encoding: str) -> str | None:
    """The best coding that the client takes: zstd before gzip; None where it wants neither."""
    wishes = qualities(accept_encoding)
    taken = [name for name in _ENCODERS if wishes.get(name, wishes.get("*", 0.0)) > 0]
    return max(taken, key=lambda name: wishes.get(name, wishes.get("*", 0.0)), default=None)


def compressing(send: Send, accept_encoding: str) -> Send:
    """A `send` that compresses whole answers of a kind that gains by it."""
    encoding = encoding_for(accept_encoding)
    if encoding is None:
        return send
    start: Message | None = None
    compressor: _Compressor | None = None
    pieces: list[bytes] = []

    async def compressed(message: Message) -> None:
        nonlocal start, compressor
        if message["type"] == "http.response.start":
            start = message
            return
        body, more = message.get("body", b""), message.get("more_body", False)
        if start is not None and compressor is None and (more or len(body) >= SMALLEST):
            headers = MutableHeaders(raw=start["headers"])
            if _gains(start["status"], headers):
                if more:
                    compressor = _COMPRESSORS[encoding]()
                else:
                    message["body"] = body = await _encode(encoding, body)
                    _describe(headers, encoding, len(body))
        if compressor is not None:
            pieces.append(await asyncio.to_thread(compressor.compress, body))
            if more:
                return
            pieces.append(await asyncio.to_thread(compressor.flush))
            assert start is not None
            _describe(MutableHeaders(raw=start["headers"]), encoding, sum(map(len, pieces)))
            await send(start)
            pieces.reverse()
            while pieces:
                await send({"type": "http.response.body", "body": pieces.pop(), "more_body": bool(pieces)})
            return
        if start is not None:
            await send(start)
            start = None
        await send(message)

    return compressed


def compress_now(answer: Answer, accept_encoding: str) -> bool:
    """Does the same to an answer that is not sent yet; False, and nothing done, where that had to be in a thread."""
    if len(answer.body) < SMALLEST:
        return True
    encoding = encoding_for(accept_encoding)
    headers = MutableHeaders(raw=answer.raw_headers)
    if encoding is None or not _gains(answer.status_code, headers):
        return True
    if len(answer.body) >= _LARGE:
        return False
    answer.body = _ENCODERS[encoding](answer.body)
    _describe(headers, encoding, len(answer.body))
    return True


def _gains(status: int, headers: MutableHeaders) -> bool:
    kind = headers.get("content-type", "")
    return status not in (204, 206, 304) and "content-encoding" not in headers and kind.startswith(_TEXTS)


async def _encode(encoding: str, body: bytes) -> bytes:
    encode = _ENCODERS[encoding]
    return encode(body) if len(body) < _LARGE else await asyncio.to_thread(encode, body)


def _describe(headers: MutableHeaders, encoding: str, length: int) -> None:
    headers["content-encoding"] = encoding
    headers["content-length"] = str(length)
    headers.add_vary_header("Accept-Encoding")
    tag = headers.get("etag")
    if tag is not None and not tag.startswith("W/"):
        # The bytes differ from those that the tag named; what they mean does not.
        headers["etag"] = f"W/{tag}"
