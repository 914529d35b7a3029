"""Inputs from NumPy's files: .npy, one array, and .npz, several by name. Never a pickle, and no more than a limit."""

import io
import zipfile
from math import prod
from typing import Any, NoReturn

import numpy as np

from adelante.network.errors import Fault, NetworkError

Array = np.ndarray[Any, np.dtype[Any]]
NPY = b"\x93NUMPY"
# A zip file begins with its first entry; one without entries, with its end.
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_MAX_NAME_LENGTH = 200
# Fractions, whole numbers with and without a sign, and what holds or does not.
_KINDS = "fiub"
_WIDEST = 8
# What is in every file of Excel's, and of LibreOffice's.
_OF_SPREADSHEETS = frozenset(("xl/workbook.xml", "content.xml"))


def array_in(name: str, content: bytes, limit: int) -> Array:
    """The array of a .npy file. Raises NetworkError where it is none, holds objects, or has over `limit` bytes."""
    file = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(file)
        size = prod(shape) * dtype.itemsize
        if dtype.kind not in _KINDS:
            _refuse("npy-type", name, dtype=str(dtype)[:_MAX_NAME_LENGTH])
        if size > limit:
            _too_large(name, size, limit)
        if size > len(content):
            raise ValueError("it is cut short")
        file.seek(0)
        found: Array = np.lib.format.read_array(file, allow_pickle=False)
    except NetworkError:
        raise
    except (ValueError, OSError, EOFError) as error:
        _refuse("npy-unreadable", name, reason=str(error)[:_MAX_NAME_LENGTH])
    # torch has no fractions of more than 64 bits.
    own = np.dtype(np.float64) if dtype.kind == "f" and dtype.itemsize > _WIDEST else dtype.newbyteorder("=")
    return found.astype(own, copy=False)


def arrays_in(name: str, content: bytes, limit: int) -> dict[str, Array]:
    """The arrays of a .npz file by name. Raises NetworkError as `array_in` does; `limit` is for all together."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if not _OF_SPREADSHEETS.isdisjoint(archive.namelist()):
                _refuse("spreadsheet", name, hint="spreadsheet")
            entries = [each for each in archive.infolist() if each.filename.endswith(".npy")]
            size = sum(each.file_size for each in entries)
            if size > limit:
                _too_large(name, size, limit)
            # No entry gives more than the size that it is said to have.
            held = {each.filename.removesuffix(".npy"): archive.read(each) for each in entries}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        _refuse("npz-unreadable", name, reason=str(error)[:_MAX_NAME_LENGTH])
    if not held:
        _refuse("npz-empty", name)
    return {each: array_in(f"{name}: {each}", data, limit) for each, data in held.items()}


def _too_large(name: str, size: int, limit: int) -> NoReturn:
    values = {"name": name[:_MAX_NAME_LENGTH], "size": size, "limit": limit, "setting": "ADELANTE_MAX_BODY_BYTES"}
    raise NetworkError(Fault("too-large", "unpacked-too-large", "", values))


def _refuse(key: str, name: str, hint: str = "npy-written", **values: str) -> NoReturn:
    # The sentence names the file: it is about all of it.
    named = {"name": name[:_MAX_NAME_LENGTH], **values}
    raise NetworkError(Fault("unsupported-file", key, "", named, hint=hint))
