"""The scale of colours with its range, and, where there are edges, what their lines say."""

from adelante.diagram.colours import Inks, intensity
from adelante.diagram.numbers import MINUS
from adelante.diagram.svg import element, number, text
from adelante.diagram.text import text_width
from adelante.locale import translate

_MARKS = (-3, -1, 0, 1, 3)
_SCALE, _GAP, _LINE, _SIZE = 200.0, 28.0, 42.0, 12.0
# The stops of the gradient: so many that sRGB between them is as good as OKLab.
_STOPS = 32


def legend(y: float, width: float, language: str, inks: Inks, *, edges: bool) -> str:
    """In the middle of the width; narrow pictures have the scale alone."""
    said = [(translate(language, f"studio.legend-{sign}"), sign) for sign in ("positive", "negative", "thickness")]
    room = [0.86 * text_width(_SIZE, word) + (0 if sign == "thickness" else _LINE) for word, sign in said]
    taken = _SCALE + sum(room) + _GAP * len(said)
    if not edges or taken > width - 40:
        return _scale((width - _SCALE) / 2, y, inks)
    x = (width - taken) / 2
    parts = [_scale(x, y, inks)]
    x += _SCALE + _GAP
    for (word, sign), each in zip(said, room, strict=True):
        if sign != "thickness":
            dashes, weight = ("7 4", -3) if sign == "negative" else (None, 3)
            line = {"stroke": inks.line(weight), "stroke_dasharray": dashes}
            parts.append(element("path", d=f"M{number(x)} {number(y + 5)}h34", stroke_width=3.0, **line))
        parts.append(text(x + (0 if sign == "thickness" else _LINE), y + 9, word, _SIZE, inks.muted))
        x += each + _GAP
    return element("g", *parts)


def _scale(x: float, y: float, inks: Inks) -> str:
    name = f"scale-{inks.paper[1:]}"
    fills = inks.fills[:: (len(inks.fills) - 1) // _STOPS]
    stops = (element("stop", offset=f"{k / _STOPS:.5g}", stop_color=fill) for k, fill in enumerate(fills))
    parts = [
        element("linearGradient", *stops, id=name),
        element("rect", x=x, y=y, width=_SCALE, height=9.0, fill=f"url(#{name})"),
    ]
    for value in _MARKS:
        at = x + (intensity(value) + 1) / 2 * _SCALE
        parts.append(element("path", d=f"M{number(at)} {number(y + 9)}v4", stroke=inks.muted))
        parts.append(text(at, y + 24, str(value).replace("-", MINUS), _SIZE, inks.muted, text_anchor="middle"))
    return "".join(parts)
