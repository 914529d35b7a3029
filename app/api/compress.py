"""Answers as zstd or gzip where the client takes it, they are text, and it pays."""

import asyncio
import gzip
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

from app.api import zstd
from app.api.exchange import Answer
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

    async def compressed(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = message
            return
        if start is not None:
            body = message.get("body", b"")
            if not message.get("more_body", False) and len(body) >= SMALLEST:
                headers = MutableHeaders(raw=start["headers"])
                if _gains(start["status"], headers):
                    message["body"] = body = await _encode(encoding, body)
                    _describe(headers, encoding, len(body))
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
