"""Pictures as inputs: channels, numbers from 0 to 1, the size that the network takes."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from adelante.network.errors import NetworkError
from app.cli.pictures_in import Wanted, check_format, picture_in, wanted_of

LIMIT = 1 << 20


def encoded(values: Any, format: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.asarray(values)).save(file, format, **options)
    return file.getvalue()


GREY = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
COLOURS = np.arange(36, dtype=np.uint8).reshape(3, 4, 3) * 7


def read(content: bytes, shape: tuple[int, ...], *, resize: bool = False) -> Any:
    return picture_in("x.png", content, shape, LIMIT, resize=resize)


def refused(content: bytes, shape: tuple[int, ...], limit: int = LIMIT) -> tuple[str, str]:
    with pytest.raises(NetworkError) as caught:
        picture_in("x.png", content, shape, limit, resize=False)
    return caught.value.faults[0].type, caught.value.faults[0].key


def test_grey_and_colours_from_0_to_1() -> None:
    found = read(encoded(GREY), (1, 3, 4))
    assert (found.values.dtype, found.resized, found.channels) == (np.float32, False, 1)
    np.testing.assert_array_equal(found.values, GREY[None] / np.float32(255))
    np.testing.assert_array_equal(read(encoded(GREY), (3, 4)).values, GREY / np.float32(255))
    found = read(encoded(COLOURS), (3, 3, 4))
    np.testing.assert_array_equal(found.values, np.moveaxis(COLOURS, -1, 0) / np.float32(255))
    np.testing.assert_array_equal(read(encoded(GREY), (3, 3, 4)).values, [GREY / np.float32(255)] * 3)


def test_the_784_numbers_of_a_digit_are_a_picture() -> None:
    digit = np.random.default_rng(1).integers(0, 256, (28, 28), dtype=np.uint8)
    assert read(encoded(digit), (784,)).values.tolist() == (digit.reshape(-1) / np.float32(255)).tolist()
    assert wanted_of((784,)) == Wanted(1, 28, 28, (784,))
    assert wanted_of((3 * 32 * 32,)) == Wanted(3, 32, 32, (3072,))
    assert wanted_of((10,)) is None
    assert wanted_of((2, 5, 5)) is None
    assert refused(encoded(digit), (10,)) == ("shape-mismatch", "picture-not-wanted")


def test_sixteen_bits_keep_all_of_them() -> None:
    deep = np.array([[0, 257], [40000, 65535]], dtype=np.uint16)
    np.testing.assert_array_equal(read(encoded(deep), (1, 2, 2)).values[0], deep / np.float32(65535))
    np.testing.assert_array_equal(read(encoded(deep), (3, 2, 2)).values[1], deep / np.float32(65535))


def test_another_size_is_resized_only_when_asked() -> None:
    assert refused(encoded(GREY), (1, 28, 28)) == ("shape-mismatch", "picture-size")
    found = read(encoded(GREY), (1, 6, 8), resize=True)
    assert (found.values.shape, found.resized, found.width, found.height) == ((1, 6, 8), True, 4, 3)
    assert 0 <= found.values.min() <= found.values.max() <= 1


def test_a_photograph_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    content = encoded(np.full((4, 6, 3), 128, dtype=np.uint8), "JPEG", exif=exif)
    assert read(content, (3, 6, 4)).values.shape == (3, 6, 4)


def test_what_bursts_or_is_broken_is_refused() -> None:
    large = encoded(np.zeros((600, 600), dtype=np.uint8))
    assert len(large) < 10_000
    assert refused(large, (1, 600, 600)) == ("too-large", "unpacked-too-large")
    assert refused(encoded(COLOURS)[:60], (3, 3, 4)) == ("unsupported-file", "picture-unreadable")
    assert refused(b"\x89PNG\r\n\x1a\n", (3, 3, 4)) == ("unsupported-file", "picture-unreadable")
    assert refused(encoded(COLOURS, "GIF"), (3, 3, 4)) == ("unsupported-file", "picture-unreadable")


def test_a_picture_in_another_format_is_no_text() -> None:
    with pytest.raises(NetworkError) as caught:
        check_format("picture.gif", encoded(COLOURS, "GIF"))
    assert caught.value.faults[0].key == "picture-format"
    check_format("rows.csv", b"1,2,3")
