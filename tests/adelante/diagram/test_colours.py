"""The inks are those of the studio's styles, and a number's place on the scale is its place there."""

import math
import re
from pathlib import Path

import pytest

from adelante.diagram import colours
from adelante.diagram.colours import STEPS, Theme, edge_width, inks, intensity, step

TOKENS = (Path(__file__).parents[3] / "app/frontend/src/styles/tokens.css").read_text()


def token(name: str, theme: Theme) -> str:
    found = re.search(rf"--{name}: light-dark\((.*)\);", TOKENS)
    assert found, name
    parts = re.fullmatch(r"(\S+\([^)]*\)|[^,]+), (.*)", found[1])
    assert parts
    return parts[1 if theme == "light" else 2]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_inks_are_the_pages_own(theme: Theme) -> None:
    for name in ("paper", "ink", "muted", "hairline", "control", "sunken", "alarm"):
        assert getattr(inks(theme), name) == token(name, theme)
    for scale in ("fill", "line"):
        for sign, colour in zip(("negative", "zero", "positive"), colours._SCALES[theme][scale], strict=True):
            assert token(f"{scale}-{sign}", theme) == "oklch({:g} {:g} {:g})".format(*colour)
    for sign, colour in zip(("negative", "positive"), colours._SCALES[theme]["word"][::2], strict=True):
        assert token(f"word-{sign}", theme) == "oklch({:g} {:g} {:g})".format(*colour)


def test_oklch_is_the_srgb_that_browsers_make_of_it() -> None:
    # The corners of sRGB, as CSS Color 4 gives them.
    for colour, srgb in (
        ((0.62796, 0.25768, 29.2339), "#ff0000"),
        ((0.86644, 0.29483, 142.4953), "#00ff00"),
        ((0.45201, 0.31321, 264.052), "#0000ff"),
        ((1.0, 0.0, 0.0), "#ffffff"),
        ((0.0, 0.0, 0.0), "#000000"),
    ):
        assert colours._hex(colours._oklab(colour)) == srgb


def test_the_scale_has_no_end_and_a_place_for_everything() -> None:
    assert [intensity(value) for value in (0, math.inf, -math.inf, math.nan, 1e300)] == [0, 1, -1, 0, 1]
    assert intensity(3) == pytest.approx(0.9487, abs=1e-4)
    assert [step(value) for value in (-math.inf, 0.0, math.inf)] == [0, STEPS, 2 * STEPS]
    light = inks("light")
    assert len(light.fills) == len(light.lines) == 2 * STEPS + 1
    assert light.fill(math.nan) == light.line(math.nan) == light.alarm
    assert light.alarm not in light.fills
    assert light.word(-1) != light.word(1) != light.word(0) == light.muted


def test_an_edge_is_as_thick_as_on_the_page() -> None:
    assert [round(edge_width(weight), 4) for weight in (0.0, 1.0, -1.0, 4.0, 16.0, 1e9)] == [1, 2.6, 2.6, 4.2, 7, 7]
    assert edge_width(math.nan) == 1
    assert edge_width(math.inf) == 7
