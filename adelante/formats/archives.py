"""Zip archives of strangers: what an archive holds is checked against its bytes before anything of it is unpacked.

Only what torch's archives have is read: entries that are stored or deflated, each named once, none of them over
another. Nothing is ever written to disk, so a name is no more than a key.
"""

import struct
import zlib
from dataclasses import dataclass
from functools import cached_property

from adelante.formats.kinds import Bytes
from adelante.network.errors import Fault, NetworkError

MOST_ENTRIES = 65_536
MOST_UNPACKED = 1 << 26
"""Bytes that one deflated entry may unpack to; a stored one is never copied."""
_MOST_TIMES = 1 << 11
"""deflate packs to a 1032nd at most."""
_LONGEST_NAME = 1024
_END, _END_SIZE, _LONGEST_COMMENT = b"PK\x05\x06", 22, 0xFFFF
_END64, _LOCATOR64, _LOCATOR64_SIZE = b"PK\x06\x06", b"PK\x06\x07", 20
_RECORD = struct.Struct("<4s6H3I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")
_STORED, _DEFLATED, _ENCRYPTED = 0, 8, 1
_ALL = 0xFFFFFFFF
_EXTRA64 = 1


class BadArchive(Exception):
    """The archive says of itself what its bytes do not."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file in the archive: where its bytes lie, how many, and how they are packed."""

    name: str
    begin: int
    packed: int
    size: int
    deflated: bool
    crc: int


class Archive:
    """A zip archive's entries by name. Raises NetworkError (unsupported-file) where it is damaged or tells lies."""

    def __init__(self, data: Bytes) -> None:
        self._data = data
        try:
            self.entries = _entries(data)
        except (BadArchive, struct.error) as error:
            raise _refused(str(error)) from None

    @cached_property
    def _view(self) -> memoryview:
        return memoryview(self._data)

    def __contains__(self, name: str) -> bool:
        return name in self.entries

    def check_unpacked(self, most: int = MOST_UNPACKED) -> None:
        """Raises NetworkError where all that is packed would be over `most` bytes when somebody else unpacks it."""
        size = sum(entry.size for entry in self.entries.values() if entry.deflated)
        if size > most:
            raise _refused(f"it unpacks to {size} bytes; {most} are allowed")

    def read(self, name: str, most: int = MOST_UNPACKED) -> memoryview:
        """An entry's bytes: the archive's own memory where they are stored, unpacked ones otherwise.

        Raises KeyError where there is no such entry, NetworkError where it is damaged or unpacks to over `most` bytes.
        """
        entry = self.entries[name]
        if entry.deflated and entry.size > most:
            raise _refused(f"{_shown(name)} unpacks to {entry.size} bytes; {most} are allowed")
        held = self._view[entry.begin : entry.begin + entry.packed]
        if entry.deflated:
            held = memoryview(_unpacked(held, entry))
        if zlib.crc32(held) != entry.crc:
            raise _refused(f"{_shown(name)} is not what its checksum says")
        return held


def _unpacked(packed: memoryview, entry: Entry) -> bytes:
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        # One byte more than it says would be a lie.
        found = unpacking.decompress(packed, entry.size + 1)
    except zlib.error as error:
        raise _refused(f"{_shown(entry.name)} can't be unpacked: {error}") from None
    if len(found) != entry.size:
        raise _refused(f"{_shown(entry.name)} is not as long as it says")
    return found


def _refused(reason: str) -> NetworkError:
    return NetworkError(Fault("unsupported-file", "file-archive", "", {"reason": reason}))


def _shown(name: str) -> str:
    return ascii(name[:100])[1:-1]


def _entries(data: Bytes) -> dict[str, Entry]:
    count, size, begin = _directory(data)
    if count > MOST_ENTRIES or count * _RECORD.size > size:
        raise BadArchive(f"its list has {count} entries; {MOST_ENTRIES} are read here at most")
    entries: dict[str, Entry] = {}
    spans = []
    place = begin
    for _ in range(count):
        entry, start, place = _entry(data, place, begin + size)
        if entry.name in entries:
            raise BadArchive(f"it has two entries of the name {_shown(entry.name)}")
        entries[entry.name] = entry
        spans.append((start, entry.begin + entry.packed))
    spans.append((begin, begin + size))
    spans.sort()
    last = 0
    for start, end in spans:
        if start < last:
            raise BadArchive("two of its entries lie over one another")
        last = end
    return entries


def _directory(data: Bytes) -> tuple[int, int, int]:
    """How many entries its list has, how many bytes it is long, and where it begins."""
    tail = bytes(data[-(_END_SIZE + _LONGEST_COMMENT) :])
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise BadArchive("its end is missing")
    end = len(data) - len(tail) + at
    count, size, begin = struct.unpack_from("<HII", tail, at + 10)
    locator = end - _LOCATOR64_SIZE
    if locator >= 0 and data[locator : locator + 4] == _LOCATOR64:
        (end64,) = struct.unpack_from("<Q", data, locator + 8)
        if end64 > len(data) - 56 or data[end64 : end64 + 4] != _END64:
            raise BadArchive("its end is damaged")
        count, size, begin = struct.unpack_from("<QQQ", data, end64 + 32)
    if begin + size > end:
        raise BadArchive("its list lies outside it")
    return count, size, begin


def _entry(data: Bytes, place: int, end: int) -> tuple[Entry, int, int]:
    """The entry whose record stands at `place`, where it begins with a header, and the next record's place."""
    if place + _RECORD.size > end:
        raise BadArchive("its list is cut off")
    record = _RECORD.unpack_from(data, place)
    signature, flags, method, crc = record[0], record[3], record[4], record[7]
    packed, size, named, extra, comment, start = *record[8:13], record[16]
    after = place + _RECORD.size + named + extra + comment
    if signature != b"PK\x01\x02" or after > end:
        raise BadArchive("its list is damaged")
    text = bytes(data[place + _RECORD.size : place + _RECORD.size + named])
    name = text.decode("utf-8", "replace")
    if named > _LONGEST_NAME:
        raise BadArchive(f"it has an entry with a name of {named} bytes")
    if _ALL in (packed, size, start):
        begin = place + _RECORD.size + named
        packed, size, start = _wide(bytes(data[begin : begin + extra]), packed, size, start)
    if flags & _ENCRYPTED or method not in (_STORED, _DEFLATED):
        raise BadArchive(f"{_shown(name)} is packed in a way that is not read here")
    if start + _LOCAL.size > len(data):
        raise BadArchive(f"{_shown(name)} lies outside it")
    local = _LOCAL.unpack_from(data, start)
    begin = start + _LOCAL.size + local[9] + local[10]
    if local[0] != b"PK\x03\x04" or data[start + _LOCAL.size : start + _LOCAL.size + local[9]] != text:
        raise BadArchive(f"{_shown(name)} is another file where it lies")
    if begin + packed > len(data):
        raise BadArchive(f"{_shown(name)} lies outside it")
    if (method == _STORED and packed != size) or size > packed * _MOST_TIMES + _MOST_TIMES:
        raise BadArchive(f"{_shown(name)} is not as long as it says")
    return Entry(name, begin, packed, size, method == _DEFLATED, crc), start, after


def _wide(extra: bytes, packed: int, size: int, start: int) -> tuple[int, int, int]:
    """The lengths and the place of an entry of over 4 GiB, or in an archive written as if it were."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == _EXTRA64:
            numbers = [number for (number,) in struct.iter_unpack("<Q", extra[at + 4 : at + 4 + length // 8 * 8])]
            # In this order, those that did not fit.
            size = numbers.pop(0) if size == _ALL and numbers else size
            packed = numbers.pop(0) if packed == _ALL and numbers else packed
            start = numbers.pop(0) if start == _ALL and numbers else start
            break
        at += 4 + length
    return packed, size, start
