"""Reading a request's body: refused while it is being read, before memory is spent on what would be refused anyway."""

import asyncio
import zlib

from starlette.requests import ClientDisconnect, Request

from app.api.problems import Problem
from app.network.errors import Fault
from app.settings import Settings

JSON_TYPES = ("application/json", "text/json")


async def read_json_body(request: Request, settings: Settings) -> bytes:
    """The body of a JSON request, decompressed.

    Raises Problem: unsupported-media-type, too-large (declared, received or decompressed), body-timeout.
    """
    content_type = request.headers.get("content-type", "application/json")
    kind, _, parameters = content_type.partition(";")
    if kind.strip().lower() not in JSON_TYPES:
        raise Problem("unsupported-media-type", Fault("", "content-type", "", {"got": content_type[:100]}))
    charset = parameters.lower().partition("charset=")[2].strip(' ";')
    if charset not in ("", "utf-8", "utf8"):
        raise Problem("invalid-json", Fault("", "charset", "", {"got": charset[:40]}))
    return await read_body(request, settings)


async def read_body(request: Request, settings: Settings) -> bytes:
    """The body, decompressed where Content-Encoding says gzip or deflate. Raises Problem as above."""
    limit = settings.max_body_bytes
    declared = request.headers.get("content-length")
    if declared is not None and declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    inflate = _inflater(request.headers.get("content-encoding", "identity").strip().lower())
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(settings.body_timeout_seconds):
            async for received in request.stream():
                chunk = received
                if inflate is not None:
                    chunk = inflate.decompress(received, limit - size + 1)
                size += len(chunk)
                if size > limit:
                    raise _too_large(limit)
                chunks.append(chunk)
    except TimeoutError:
        raise Problem(
            "body-timeout", Fault("", "body-timeout", "", {"seconds": settings.body_timeout_seconds})
        ) from None
    except ClientDisconnect:
        raise Problem("bad-request") from None
    except zlib.error as error:
        raise Problem("invalid-json", Fault("", "compressed", "", {"reason": str(error)})) from None
    return b"".join(chunks)


def _inflater(encoding: str) -> "zlib._Decompress | None":
    if encoding in ("identity", ""):
        return None
    if encoding in ("gzip", "deflate"):
        return zlib.decompressobj(zlib.MAX_WBITS | 32)
    raise Problem("unsupported-media-type", Fault("", "content-encoding", "", {"got": encoding[:40]}))


def _too_large(limit: int) -> Problem:
    values = {"limit": limit, "setting": "ADELANTE_MAX_BODY_BYTES"}
    # The rest of the body is not read, so the connection can't serve another request.
    return Problem("too-large", Fault("too-large", "body-too-large", "", values), headers={"Connection": "close"})
