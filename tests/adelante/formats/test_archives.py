"""Zip archives that tell lies: what they say is held against their bytes, and nothing is unpacked on their word."""

import io
import struct
import tracemalloc
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adelante.formats.archives import Archive
from adelante.network.errors import NetworkError
from tests.long import examples


def made(*entries: tuple[str, bytes], packed: bool = False, comment: bytes = b"") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
        archive.comment = comment
    return file.getvalue()


def reason(data: bytes, name: str = "a") -> str:
    with pytest.raises(NetworkError) as refused:
        Archive(data).read(name)
    (fault,) = refused.value.faults
    assert fault.key == "file-archive"
    return str(fault.values["reason"])


@settings(max_examples=examples(20, 50), deadline=None)
@given(st.dictionaries(st.text(min_size=1, max_size=20), st.binary(max_size=300), max_size=5), st.booleans())
def test_what_zipfile_writes_is_read(files: dict[str, bytes], packed: bool) -> None:
    files = {name.replace("\0", "_").replace("\ud800", "_"): content for name, content in files.items()}
    archive = Archive(made(*files.items(), packed=packed, comment=b"PK of a sort"))
    assert {name: bytes(archive.read(name)) for name in archive.entries} == files


def test_large_archives_have_wide_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("a", "b"):
            with archive.open(name, "w", force_zip64=True) as entry:
                entry.write(name.encode() * 10)
    assert b"PK\x06\x06" in file.getvalue()
    assert bytes(Archive(file.getvalue()).read("b")) == b"b" * 10


def test_stored_bytes_are_the_archives_own() -> None:
    data = bytearray(made(("a", b"abc")))
    held = Archive(data).read("a")
    data[data.index(b"abc")] = ord("z")
    assert bytes(held) == b"zbc"


def test_a_bomb_is_not_unpacked() -> None:
    bomb = made(("a", bytes(1 << 27)), packed=True)
    tracemalloc.start()
    assert "unpacks to 134217728 bytes" in reason(bomb)
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def _patched(data: bytes, at: int, value: int, width: str = "<I") -> bytes:
    found = bytearray(data)
    struct.pack_into(width, found, data.index(b"PK\x01\x02") + at, value)
    return bytes(found)


def test_sizes_that_are_not_so() -> None:
    packed, stored = made(("a", bytes(5000)), packed=True), made(("a", b"abc"), ("b", b"def"))
    assert "not as long as it says" in reason(_patched(packed, 24, 100))
    assert "not as long as it says" in reason(_patched(packed, 24, 6000))
    assert "not as long as it says" in reason(_patched(packed, 24, 1 << 31))
    assert "not as long as it says" in reason(_patched(stored, 24, 1 << 31))
    assert "lies outside it" in reason(_patched(_patched(stored, 20, 1 << 20), 24, 1 << 20))
    assert "lies outside it" in reason(_patched(stored, 42, 1 << 30))
    assert "another file where it lies" in reason(_patched(stored, 42, 5))
    assert "over one another" in reason(_patched(_patched(stored, 20, 60), 24, 60))
    assert "checksum" in reason(_patched(stored, 16, 1))
    assert "packed in a way" in reason(_patched(stored, 10, 12, "<H"))
    assert "packed in a way" in reason(_patched(stored, 8, 1, "<H"))
    start = packed.index(b"a") + 1
    assert "can't be unpacked" in reason(packed[:start] + b"\xff" * 8 + packed[start + 8 :])


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_one_name_for_two_and_one_place_for_two() -> None:
    assert "two entries of the name a" in reason(made(("a", b"1"), ("a", b"2")))
    stored = made(("a", b"abc"), ("b", b"abc"))
    twice = stored.replace(b"b", b"a")
    assert "two entries" in reason(twice)
    # Every entry of a quine of overlapping files would be unpacked from the same bytes.
    record = stored[stored.index(b"PK\x01\x02") :]
    second = record.index(b"PK\x01\x02", 4) + len(stored) - len(record)
    over = bytearray(stored)
    struct.pack_into("<I", over, second + 42, 0)
    assert "another file where it lies" in reason(bytes(over))


def test_lists_that_are_too_long_or_cut() -> None:
    data = made(("a", b"abc"))
    assert "end is missing" in reason(data[:-5])
    assert "end is missing" in reason(b"PK\x03\x04")
    end = data.index(b"PK\x05\x06")
    many = bytearray(data)
    struct.pack_into("<HH", many, end + 8, 60_000, 60_000)
    assert "60000 entries" in reason(bytes(many))
    outside = bytearray(data)
    struct.pack_into("<I", outside, end + 16, 1 << 31)
    assert "outside it" in reason(bytes(outside))


def test_names_are_keys_and_never_paths() -> None:
    for name in ("../../etc/passwd", "/etc/passwd", "C:\\windows", "a/../b", "\x1b[2J"):
        archive = Archive(made((name, b"x")))
        assert list(archive.entries) == [name]
    assert "name of 2000 bytes" in reason(made(("n" * 2000, b"")))


@settings(max_examples=examples(50, 150), deadline=None)
@given(st.data())
def test_damaged_archives_are_refused_or_read(data: st.DataObject) -> None:
    file = bytearray(made(("a", b"abc" * 40), ("b", b"def"), packed=data.draw(st.booleans())))
    for _ in range(data.draw(st.integers(1, 4))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(file)))
    for each in (bytes(file), bytes(file[:cut])):
        with suppress(NetworkError):
            archive = Archive(each)
            for name, entry in archive.entries.items():
                assert len(archive.read(name)) == entry.size
