"""The inks of a picture, the studio's own by day and by night: one diverging scale, and how a number becomes ink."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import cos, isinf, isnan, radians, sin, sqrt
from typing import Literal

Theme = Literal["light", "dark"]
Lch = tuple[float, float, float]
# The inks of app/frontend/src/styles/tokens.css by theme; a test holds the two together. oklch: lightness, chroma, hue.
_INKS: dict[str, dict[str, str]] = {
    "light": {
        "paper": "#fbfaf7", "ink": "#1c1e21", "muted": "#62635f", "hairline": "#dedbd3", "control": "#8a887f",
        "sunken": "#f3f1eb", "alarm": "#a03020",
    },
    "dark": {
        "paper": "#14161a", "ink": "#e8e6e1", "muted": "#9c9b96", "hairline": "#33363c", "control": "#74767b",
        "sunken": "#1c1f24", "alarm": "#ff9a86",
    },
}  # fmt: skip
_SCALES: dict[str, dict[str, tuple[Lch, Lch, Lch]]] = {
    # Negative, zero, positive.
    "light": {
        "fill": ((0.71, 0.15, 55), (0.97, 0.006, 85), (0.71, 0.13, 250)),
        "line": ((0.6, 0.15, 50), (0.8, 0.01, 85), (0.6, 0.15, 255)),
        "word": ((0.5, 0.13, 48), (0.5, 0.0, 0), (0.48, 0.15, 257)),
    },
    "dark": {
        "fill": ((0.48, 0.115, 50), (0.27, 0.008, 260), (0.48, 0.115, 255)),
        "line": ((0.7, 0.14, 58), (0.42, 0.01, 260), (0.7, 0.13, 250)),
        "word": ((0.78, 0.13, 62), (0.5, 0.0, 0), (0.78, 0.11, 248)),
    },
}
# How many colours there are between zero's and either end's.
STEPS = 64
# An edge's line is at least so much of its sign's colour.
_LEAST_LINE = 0.45


@dataclass(frozen=True)
class Inks:
    """The colours of one theme as #rrggbb; of the scales 2 · STEPS + 1, from the most negative to the most positive."""

    paper: str
    ink: str
    muted: str
    hairline: str
    control: str
    sunken: str
    alarm: str
    fills: tuple[str, ...]
    lines: tuple[str, ...]
    words: tuple[str, str, str]

    def fill(self, value: float) -> str:
        """Of a neuron or a cell; what is no number has a colour that no number has."""
        return self.alarm if isnan(value) else self.fills[step(value)]

    def line(self, weight: float) -> str:
        """Of an edge."""
        return self.alarm if isnan(weight) else self.lines[step(weight)]

    def word(self, value: float) -> str:
        """Of a number that is written in its sign's colour."""
        return self.alarm if isnan(value) else self.words[1 + (value > 0) - (value < 0)]


def intensity(value: float) -> float:
    """A number's place on the scale, −1 to 1. The scale has no end, so that no value is cut off."""
    if isnan(value):
        return 0.0
    if isinf(value) or abs(value) > 1e100:
        return 1.0 if value > 0 else -1.0
    return value / sqrt(1 + value * value)


def step(value: float) -> int:
    """Which of a scale's colours a number has."""
    return round(intensity(value) * STEPS) + STEPS


def edge_width(weight: float) -> float:
    """An edge's line in pixels: it grows with the square root of |weight|."""
    size = 0.0 if isnan(weight) else abs(weight)
    return min(1 + 1.6 * sqrt(min(size, 16)), 7)


@cache
def inks(theme: Theme) -> Inks:
    """The colours of a theme."""
    plain, scales = _INKS[theme], _SCALES[theme]
    negative, _, positive = (_hex(_oklab(each)) for each in scales["word"])
    return Inks(
        **plain,
        fills=_scale(scales["fill"], 0),
        lines=_scale(scales["line"], _LEAST_LINE),
        words=(negative, plain["muted"], positive),
    )


def _scale(ends: Sequence[Lch], least: float) -> tuple[str, ...]:
    """From one end over zero to the other. `least`: how much of an end's colour there is beside zero."""
    low, zero, high = map(_oklab, ends)

    def mixed(end: Sequence[float], share: float) -> str:
        whole = least + (1 - least) * share
        return _hex([z + whole * (e - z) for z, e in zip(zero, end, strict=True)])

    below = [mixed(low, k / STEPS) for k in range(STEPS, 0, -1)]
    above = [mixed(high, k / STEPS) for k in range(1, STEPS + 1)]
    return (*below, _hex(zero), *above)


def _oklab(colour: Lch) -> list[float]:
    lightness, chroma, hue = colour
    return [lightness, chroma * cos(radians(hue)), chroma * sin(radians(hue))]


def _hex(oklab: Sequence[float]) -> str:
    """OKLab as sRGB (CSS Color 4), what lies outside of it cut off as browsers do."""
    lightness, a, b = oklab
    l = (lightness + 0.3963377773761749 * a + 0.2158037573099136 * b) ** 3  # noqa: E741
    m = (lightness - 0.1055613458156586 * a - 0.0638541728258133 * b) ** 3
    s = (lightness - 0.0894841775298119 * a - 1.2914855480194092 * b) ** 3
    linear = (
        4.0767416360759583 * l - 3.3077115392580629 * m + 0.2309699031821043 * s,
        -1.2684379732850315 * l + 2.6097573492876882 * m - 0.3413193760026570 * s,
        -0.0041960761386756 * l - 0.7034186179359362 * m + 1.7076146940746117 * s,
    )
    return "#" + "".join(f"{_byte(part):02x}" for part in linear)


def _byte(linear: float) -> int:
    part = max(0.0, min(1.0, linear))
    encoded = 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
    return round(255 * encoded)
