"""Neurons: circles with their numbers in them, inputs as squares, their names beneath or beside, biases on the rim."""

from collections.abc import Sequence
from math import isnan

from adelante.diagram.layout import OUTER_GAP, OUTER_NUMBER, OUTER_SIZE, Placed
from adelante.diagram.scene import DIGITS, SERIF, Look, Scene
from adelante.diagram.svg import element, span, text
from adelante.diagram.text import cut, symbol, text_width, two_lines
from adelante.network.activations import ACTIVATIONS

# From one column's middle to the next: so much leaves room for biases.
_BIAS_ROOM = 150.0
# Between two neurons: so much leaves room for a bias beside the name of the one above.
_BIAS_PITCH = 56.0
_BIAS = 64.0, 20.0
# Two lines of a name beside a neuron.
_TWO_LINES = 30.0


def neurons(scene: Scene, place: int) -> str:
    """A column of neurons."""
    values, dense = scene.neurons[place], scene.dense[place]
    assert values is not None
    strongest, placed = _strongest(scene, place, values), scene.layout.placed[place]
    biases = dense.biases if dense and scene.numbers else None
    end = None if biases is None else _bias_end(scene, place)
    found = []
    for k, value in enumerate(values):
        weight = "600" if k == strongest else None
        x, y = placed.neuron(k)
        parts = [_body(scene, place, k, value)]
        if biases is not None and end is not None:
            parts.append(_bias(scene, x + end, y - 0.78 * placed.body.radius, biases[k]))
        if scene.numbers and placed.body.numbered:
            parts.append(_number(scene, x, y, placed.body.radius, value, weight))
        name = scene.words.neuron(place, k, len(values))
        if placed.body.named:
            parts.append(_name_beneath(scene, name, x, y + placed.body.radius, weight))
        elif place in (0, len(scene.columns) - 1):
            parts.append(_name_beside(scene, name, placed, k, value, weight, left=place == 0))
        found.append(element("g", *parts))
    return "".join(found)


def _strongest(scene: Scene, place: int, values: Sequence[float]) -> int | None:
    """Of outputs that share what is 1 in all, as classes do, the largest."""
    column = scene.columns[place]
    if not column.layers or column.tensor not in scene.network.outputs:
        return None
    known = ACTIVATIONS.get(scene.network.by_name[column.tensor].operation.kind)
    if known is None or known.elementwise or len(values) < 2 or any(map(isnan, values)):
        return None
    return max(range(len(values)), key=values.__getitem__)


def _bias_end(scene: Scene, place: int) -> float | None:
    """Where biases end, left of their neurons' middles; None where they have no room beside the names above them."""
    body = scene.layout.placed[place].body
    if not body.named or scene.layout.room < _BIAS_ROOM:
        return None
    end = 5 - 0.62 * body.radius
    if body.pitch - 2 * body.radius >= _BIAS_PITCH:
        return end
    names = (symbol(scene.words.neuron(place, k, body.cells)) for k in range(body.cells))
    above = max(text_width(16, base[:60]) + text_width(11.5, index) for base, index in names) / 2
    return min(end, -above - 2) if above <= 0.8 * body.radius else None


def _ink(scene: Scene, value: float) -> str:
    return scene.inks.alarm if isnan(value) else scene.inks.ink


def _body(scene: Scene, place: int, k: int, value: float) -> str:
    """The circle or square, with a ring where it is selected. What is no number is dotted, and no zero."""
    placed, odd = scene.layout.placed[place], isnan(value)
    (x, y), radius = placed.neuron(k), placed.body.radius
    look: Look = {
        "fill": scene.inks.paper if odd else scene.inks.fill(value),
        "stroke": _ink(scene, value),
        "stroke_width": 1.25,
        "stroke_dasharray": "2 3" if odd else None,
    }
    chosen, ring = scene.chosen, ""
    is_input = not placed.column.layers
    if chosen is not None and (chosen.column, chosen.flat) == (place, k):
        ring = _shape(
            x, y, radius + 5, {"fill": "none", "stroke": scene.inks.ink, "stroke_width": 2.0}, square=is_input
        )
    return ring + _shape(x, y, radius, look, square=is_input)


def _shape(x: float, y: float, radius: float, look: Look, *, square: bool) -> str:
    if not square:
        return element("circle", cx=x, cy=y, r=radius, **look)
    side = 2 * radius
    return element("rect", x=x - radius, y=y - radius, width=side, height=side, rx=min(10.0, radius / 2), **look)


def _number(scene: Scene, x: float, y: float, radius: float, value: float, weight: str | None) -> str:
    """The number in its neuron: its digits stand in the middle, with or without a minus."""
    digits, size = fitting(radius)
    written = scene.within(value, digits + 2, digits)
    shift = -0.29 * size if written.startswith("−") else 0.0
    ink = _ink(scene, value)
    return text(x + shift, y + 0.35 * size, written, size, ink, text_anchor="middle", font_weight=weight)


def fitting(radius: float) -> tuple[int, float]:
    """How many digits of a number can be read in a neuron of this radius, and their type size."""
    digits, room = DIGITS, 2 * (radius - 4)
    while digits > 2 and room / ((digits + 4) * 0.6) < 10:
        digits -= 1
    size = max(10.0, room / ((digits + 4) * 0.625))
    return digits, round(min(max(14.0, 0.33 * radius), size), 1)


def _bias(scene: Scene, right: float, bottom: float, bias: float) -> str:
    """On the left rim, above where the edges arrive."""
    width, height = _BIAS
    left, top = right - width, bottom - height
    look: Look = {"fill": scene.inks.paper, "stroke": scene.inks.line(bias), "stroke_width": 1.25}
    dashes = "4 3" if bias < 0 else None
    back = element("rect", x=left, y=top, width=width, height=height, rx=height / 2, stroke_dasharray=dashes, **look)
    written = [span("b", font_family=SERIF, font_style="italic"), span(f" {scene.within(bias, 5, 2)}")]
    return back + text(left + width / 2, top + 14.2, written, 12, scene.inks.word(bias), text_anchor="middle")


def _name_beneath(scene: Scene, name: str, x: float, y: float, weight: str | None) -> str:
    """x₁ with its index lowered; a longer name smaller, or on two lines."""
    if not name:
        return ""
    ink, look = scene.inks.ink, scene.halo(4.0) | {"text_anchor": "middle", "font_family": SERIF, "font_weight": weight}
    base, index = symbol(name)
    if index:
        pieces = [span(base, font_style="italic"), span(index, dy=4.0, font_size=11.5)]
        return text(x, y + 21, pieces, 16, ink, **look)
    look["font_style"] = "italic"
    room = min(scene.layout.room - 16, 2 * min(x, scene.width - x) - 8) * (0.88 if weight else 1)
    if text_width(16, name[:200]) <= room:
        return text(x, y + 21, name, 16, ink, **look)
    lines = two_lines(name, 13, room)
    top = y + (16 if len(lines) > 1 else 20)
    return "".join(text(x, top + 13 * k, line, 13, ink, **look) for k, line in enumerate(lines))


def _name_beside(
    scene: Scene, name: str, placed: Placed, k: int, value: float, weight: str | None, *, left: bool
) -> str:
    """The name of an input or output, and its number where that has no room in it."""
    (x, y), body = placed.neuron(k), placed.body
    size = min(OUTER_SIZE, body.pitch * 0.95)
    at = x - body.radius - OUTER_GAP if left else x + body.radius + OUTER_GAP
    numbered = scene.numbers and not body.numbered
    room = (at if left else scene.width - at) - 6 - (OUTER_NUMBER if numbered else 0)
    look = scene.halo(3.0) | {"text_anchor": "end" if left else "start", "font_weight": weight}
    base, index = symbol(name)
    if not numbered and body.pitch >= _TWO_LINES and text_width(size, base[:200]) > room:
        look |= {"font_family": SERIF, "font_style": "italic"}
        lines = two_lines(base, 11, room)
        top = y + 4 - 6.5 * (len(lines) - 1)
        return "".join(text(at, top + 13 * n, line, 11, scene.inks.ink, **look) for n, line in enumerate(lines))
    pieces = [span(cut(base, size, room), font_family=SERIF, font_style="italic")]
    if index:
        pieces.append(span(index, dy=2.0, font_size=size * 0.72, font_family=SERIF))
    if numbered:
        # A name that ends in a digit and its number would read as one.
        gap = ": " if base[-1:].isdigit() else " "
        pieces.append(span(gap + scene.within(value), dy=-2.0 if index else None))
    return text(at, y + 0.35 * size, pieces, size, _ink(scene, value), **look)
