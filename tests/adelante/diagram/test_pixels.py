"""The still picture as PNG: the SVG's own pixels and letters, and what it is refused for."""

import io
import re
import unicodedata
from typing import Any

import numpy as np
import pytest
from PIL import Image

from adelante.diagram import Names, draw
from adelante.diagram.pixels import _HAS_NO_LETTER, MOST_PIXELS, png, png_apart
from adelante.network.errors import NetworkError
from adelante.network.forward import forward
from adelante.network.presets import chain_named
from adelante.process import NotStarted, ProcessFailed
from adelante.raster import rasterized

_CELL = 32


def picture(name: str = "xor", **options: Any) -> str:
    found = chain_named(name)
    return draw(found.network, forward(found.network, found.inputs), **options)


def pixels(content: bytes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    with Image.open(io.BytesIO(content)) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB"))


def apart(svg: str, scale: int) -> bytes:
    steps = png_apart(svg, scale)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: bytes = end.value
            return found


def test_the_same_pixels_in_a_process_apart() -> None:
    assert apart(picture(), 1) == png(picture(), 1)


def test_as_large_as_the_picture_times_the_scale() -> None:
    height, width, _ = pixels(png(picture(width=500), 1)).shape
    assert (width, f'width="500" height="{height}"' in picture(width=500)) == (500, True)
    assert pixels(png(picture(width=500), 3)).shape == (3 * height, 1500, 3)


def test_paper_and_neurons_have_the_pictures_colours() -> None:
    svg = picture(theme="dark", values=False)
    found = pixels(png(svg, 1))
    paper = re.search(r'<rect [^>]*fill="#(\w{6})"', svg)
    assert paper is not None
    assert found[2, 2].tolist() == list(bytes.fromhex(paper[1]))
    # A neuron of the first layer, where its circle's middle is.
    circle = re.search(r'<circle [^>]*cx="([\d.]+)" cy="([\d.]+)"[^>]*fill="#(\w{6})"', svg)
    assert circle is not None
    assert found[int(float(circle[2])), int(float(circle[1]))].tolist() == list(bytes.fromhex(circle[3]))


def test_numbers_and_names_are_written() -> None:
    with_numbers, without = (pixels(png(picture(values=values), 1)) for values in (True, False))
    assert (with_numbers != without).any(axis=2).sum() > 500
    names = [Names(("alpha", "βήτα"), ("ответ",)), Names(("", ""), ("",))]
    named, bare = (pixels(png(picture(names=each), 1)) for each in names)
    assert (named != bare).any(axis=2).sum() > 200


def test_each_letter_that_is_taken_is_there() -> None:
    """A letter that the font lacks leaves its cell empty."""
    letters = [
        letter
        for letter in map(chr, range(0x21, 0x2800))
        if not _HAS_NO_LETTER.search(letter) and unicodedata.category(letter) not in ("Zs", "Cf", "Cn", "Zl", "Zp")
    ]
    side = 40
    cells = "".join(
        f'<text x="{_CELL * (k % side) + 8}" y="{_CELL * (k // side) + 22}">&#{ord(letter)};</text>'
        for k, letter in enumerate(letters)
    )
    rows = -(-len(letters) // side)
    size = f'width="{side * _CELL}" height="{rows * _CELL}"'
    for style in ("normal", "italic"):
        svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-size="16" font-family="serif" font-style="{style}">'
            f'<rect {size} fill="#ffffff"/>{cells}</svg>'
        )
        ink = np.asarray((pixels(rasterized(svg, 1)) < 200).any(axis=2))
        empty = [
            letter
            for k, letter in enumerate(letters)
            if not ink[_CELL * (k // side) :][:_CELL, _CELL * (k % side) :][:, :_CELL].any()
        ]
        assert empty == []
    assert len(letters) > 1000


@pytest.mark.parametrize("letter", ["日", "ا", "😀", "\u0904"])
def test_a_letter_that_the_font_lacks_is_refused_by_its_name(letter: str) -> None:
    svg = picture(names=Names((f"x {letter}", "y"), ()))
    with pytest.raises(NetworkError) as refused:
        png(svg)
    fault = refused.value.faults[0]
    assert (fault.type, fault.key, fault.values) == ("invalid-value", "png-letters", {"letter": letter})


def test_more_pixels_than_there_may_be_are_refused_before_any_is_drawn() -> None:
    svg = picture(width=4096)
    height = int(re.search(r'height="(\d+)"', svg)[1])  # type: ignore[index]
    assert 4096 * height * 16 > MOST_PIXELS
    with pytest.raises(NetworkError) as refused:
        png(svg, 4)
    fault = refused.value.faults[0]
    assert (fault.type, fault.key, fault.pointer) == ("too-large", "png-large", "/scale")
    assert fault.values == {"width": 4 * 4096, "height": 4 * height, "limit": MOST_PIXELS}


@pytest.mark.parametrize("scale", [0, 5, -1])
def test_a_scale_that_there_is_not(scale: int) -> None:
    with pytest.raises(ValueError, match=f"scale is 1 to 4, not {scale}"):
        png(picture(), scale)


def test_another_text_than_a_picture() -> None:
    with pytest.raises(ValueError, match=r"adelante\.draw gave"):
        png("<html>", 1)


@pytest.mark.parametrize(
    ("failure", "key", "values"),
    [
        (NotStarted("no more processes"), "png-not-started", {"reason": "no more processes"}),
        (ProcessFailed(), "png-failed", {}),
    ],
)
def test_a_process_that_gives_none_is_told(
    failure: Exception, key: str, values: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> Any:
        raise failure
        yield

    monkeypatch.setattr("adelante.diagram.pixels.answer_of", failing)
    with pytest.raises(NetworkError) as refused:
        apart(picture(), 1)
    fault = refused.value.faults[0]
    assert (fault.type, fault.key, fault.values, fault.hint) == ("busy", key, values, "png-failed")
