"""Compressed bodies, undone in pieces: none of them may become large in one go, whatever it was made of."""

import zlib
from collections.abc import Iterator
from typing import Protocol

from adelante.network.errors import Fault
from app.api.http import zstd
from app.api.http.problems import Problem

# What one step gives at most: a millisecond's work.
PIECE = 2**18
# A decompressor copies what follows the end of its stream, so that it is given little at a time.
_SLICE = 4096
# Files are made of members, a few for each processor or block that wrote them.
_MOST_MEMBERS = 10_000
# What a decoder keeps of the stream's past: the most that RFC 9659 lets a sender ask for.
_ZSTD_WINDOW_LOG = 23
_KNOWN = ("gzip", "deflate", "zstd")
_GZIP, _RAW = 16 + zlib.MAX_WBITS, -zlib.MAX_WBITS


class Decompressor(Protocol):
    """A content coding, undone as the body arrives."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What the next bytes of the body become, in pieces. Raises Problem (invalid-json)."""

    def finish(self) -> None:
        """The body is all there. Raises Problem (invalid-json) where the end of what was compressed is missing."""


def decompressor(content_encoding: bytes | None) -> Decompressor | None:
    """Of a Content-Encoding; None where there is nothing to undo. Raises Problem (unsupported-media-type)."""
    if content_encoding is None:
        return None
    match content_encoding.decode("latin-1").strip().lower():
        case "identity" | "":
            return None
        case "gzip" | "x-gzip":
            return _Members(_Zlib)
        case "deflate":
            return _Deflate()
        case "zstd":
            return _Members(_Zstd)
        case other:
            values = {"got": other[:40], "known": list(_KNOWN)}
            fault = Fault("", "content-encoding", "", values, hint="content-encoding")
            raise Problem("unsupported-media-type", fault, {"Accept-Encoding": ", ".join(_KNOWN)})


class _Stream(Protocol):
    """One gzip member, zlib stream or zstd frame."""

    @property
    def eof(self) -> bool: ...

    @property
    def rest(self) -> bytes: ...

    def pieces(self, data: bytes) -> Iterator[bytes]: ...


class _Zlib:
    def __init__(self, window_bits: int = _GZIP) -> None:
        self._object = zlib.decompressobj(window_bits)

    @property
    def eof(self) -> bool:
        return self._object.eof

    @property
    def rest(self) -> bytes:
        """What came after the end."""
        return self._object.unused_data

    def pieces(self, data: bytes) -> Iterator[bytes]:
        while True:
            piece = self._object.decompress(data, PIECE)
            yield piece
            data = self._object.unconsumed_tail
            # A full piece may have left more behind, inside.
            if self._object.eof or (not data and len(piece) < PIECE):
                return


class _Zstd:
    def __init__(self) -> None:
        self._object = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG})

    @property
    def eof(self) -> bool:
        return self._object.eof

    @property
    def rest(self) -> bytes:
        """What came after the end."""
        return self._object.unused_data

    def pieces(self, data: bytes) -> Iterator[bytes]:
        while True:
            yield self._object.decompress(data, PIECE)
            data = b""
            if self._object.eof or self._object.needs_input:
                return


class _Members:
    """A series of members (RFC 1952) or frames (RFC 8878): together they are what was compressed."""

    def __init__(self, kind: type[_Zlib] | type[_Zstd]) -> None:
        self._kind = kind
        self._stream: _Stream | None = None
        self._members = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        for at in range(0, len(data), _SLICE):
            part = data[at : at + _SLICE]
            while part:
                if self._stream is None:
                    self._members += 1
                    if self._members > _MOST_MEMBERS:
                        raise _not_decompressed(f"more than {_MOST_MEMBERS} members")
                    self._stream = self._kind()
                yield from _pieces(self._stream, part)
                part = b""
                if self._stream.eof:
                    part, self._stream = self._stream.rest, None

    def finish(self) -> None:
        if self._stream is not None:
            raise _not_decompressed("unexpected end")


class _Deflate:
    """With zlib's header, as RFC 9110 wants it, or without, as some clients send it."""

    def __init__(self) -> None:
        self._first = b""
        self._stream: _Stream | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._stream is None:
            self._first += data
            if len(self._first) < 2:
                return
            headed = self._first[0] & 15 == zlib.DEFLATED and int.from_bytes(self._first[:2]) % 31 == 0
            self._stream, data = _Zlib(zlib.MAX_WBITS if headed else _RAW), self._first
        for at in range(0, len(data), _SLICE):
            if self._stream.eof:
                raise _not_decompressed("something follows its end")
            yield from _pieces(self._stream, data[at : at + _SLICE])
        if self._stream.rest:
            raise _not_decompressed("something follows its end")

    def finish(self) -> None:
        if self._first and (self._stream is None or not self._stream.eof):
            raise _not_decompressed("unexpected end")


def _pieces(stream: _Stream, data: bytes) -> Iterator[bytes]:
    try:
        yield from stream.pieces(data)
    except (zlib.error, zstd.ZstdError, EOFError) as error:
        raise _not_decompressed(str(error)) from None


def _not_decompressed(reason: str) -> Problem:
    return Problem("invalid-json", Fault("", "compressed", "", {"reason": reason}))
