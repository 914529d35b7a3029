"""Inputs from pictures: PNG and JPEG, by Pillow, which `pip install "adelante[pictures]"` brings."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any, NoReturn

import numpy as np

from adelante.formats.kinds import foreign_kind
from adelante.network.errors import Fault, NetworkError, shape_text

Array = np.ndarray[Any, np.dtype[Any]]
PNG, JPEG = b"\x89PNG\r\n", b"\xff\xd8\xff"
_MAX_NAME_LENGTH = 200
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a network sees a picture: (channels, height, width), and the shape in which it takes it."""

    channels: int
    height: int
    width: int
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """What was read, and what was done to it: its own width and height, and whether it was resized."""

    values: Array
    width: int
    height: int
    channels: int
    resized: bool


def wanted_of(shape: Sequence[int]) -> Wanted | None:
    """How inputs of this shape can be a picture; None where they can't. (784,) is one of 28 × 28."""
    whole = tuple(shape)
    match whole:
        case (channels, height, width) if channels in _MODES:
            return Wanted(channels, height, width, whole)
        case (height, width):
            return Wanted(1, height, width, whole)
        case (count,):
            for channels in (1, 3):
                side = isqrt(count // channels)
                if channels * side * side == count:
                    return Wanted(channels, side, side, whole)
    return None


def check_format(name: str, content: bytes) -> None:
    """Raises NetworkError for a picture in another format than those that are read."""
    if foreign_kind(content) == "file-picture":
        _refuse("picture-format", name, "unsupported-file")


def picture_in(name: str, content: bytes, shape: Sequence[int], limit: int, *, resize: bool) -> Picture:
    """The picture as float32 from 0 to 1, in the shape that is wanted.

    Raises NetworkError where it can't be read, is larger than `limit` bytes once unpacked, is of another size and is
    not to be resized, where the network takes no pictures, or where Pillow is not installed.
    """
    wanted = wanted_of(shape)
    if wanted is None:
        _refuse("picture-not-wanted", name, "shape-mismatch", shape=shape_text(shape))
    try:
        from PIL import Image, ImageOps
    except ImportError:
        _refuse("picture-needs-pillow", name, "unsupported-file")
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:
            width, height = image.size
            if 4 * width * height > limit:
                told = {"size": 4 * width * height, "limit": limit, "setting": "ADELANTE_MAX_BODY_BYTES"}
                named = {"name": name[:_MAX_NAME_LENGTH], **told}
                raise NetworkError(Fault("too-large", "unpacked-too-large", "", named))
            upright = ImageOps.exif_transpose(image)
            width, height = upright.size
            other = (width, height) != (wanted.width, wanted.height)
            if other and not resize:
                own = {"width": width, "height": height, "wanted": f"{wanted.width} × {wanted.height}"}
                _refuse("picture-size", name, "shape-mismatch", **own)
            values = _values(upright, wanted, resize=other)
    except NetworkError:
        raise
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        _refuse("picture-unreadable", name, "unsupported-file", reason=str(error)[:_MAX_NAME_LENGTH])
    return Picture(values.reshape(wanted.shape), width, height, wanted.channels, other)


def _values(image: Any, wanted: Wanted, *, resize: bool) -> Array:
    """(channels, height, width), float32 from 0 to 1."""
    size = (wanted.width, wanted.height) if resize else image.size
    if image.mode.startswith("I"):
        # Grey of 16 bits, which every other mode would cut to 8.
        grey = np.asarray(image.resize(size) if resize else image, dtype=np.float32) / np.float32(65535)
        return np.broadcast_to(grey, (wanted.channels, *grey.shape))
    image = image.convert(_MODES[wanted.channels])
    values = np.asarray(image.resize(size) if resize else image, dtype=np.float32) / np.float32(255)
    return values[None] if values.ndim == 2 else np.moveaxis(values, -1, 0)


def _refuse(key: str, name: str, type: str, **values: Any) -> NoReturn:
    named = {"name": name[:_MAX_NAME_LENGTH], **values}
    pointer = "" if type == "unsupported-file" else "/inputs"
    raise NetworkError(Fault(type, key, pointer, named, hint=key))
