"""What is drawn between bodies: edges between neurons, a band where there are too many, an arc past what is skipped."""

from itertools import pairwise

from adelante.diagram.colours import Inks, edge_width
from adelante.diagram.layout import Placed
from adelante.diagram.scene import Chosen, Scene
from adelante.diagram.svg import element, number, text

_DASHES = "7 4"
# How much of an edge is seen: as usual, into the selected neuron or chosen itself, and beside the way to it.
_USUAL, _CHOSEN, _BESIDE = 0.5, 1.0, 0.12
# Where along an edge its weight is written: before the edges cross.
_LABEL = 0.36
# So many are written at most; from one to the next; and between two columns.
_MOST_SAID, _LEAST_APART, _LEAST_GAP = 12, 17.0, 120.0


def edges(scene: Scene, place: int) -> str:
    """The edges of a dense layer into the column at a place: their width and colour say its weights.

    Negative ones are dashed. Where a neuron is selected those that lead to it stand out, and others stand back.
    """
    dense, inks = scene.dense[place], scene.inks
    assert dense is not None
    before, after = scene.layout.placed[place - 1 : place + 1]
    thin = _thinness(before, after)
    by_opacity: dict[float, list[str]] = {_BESIDE: [], _USUAL: [], _CHOSEN: []}
    for i, row in enumerate(dense.weights):
        for j, weight in enumerate(row):
            path = element(
                "path",
                d=edge_path(before, after, i, j),
                stroke=inks.line(weight),
                stroke_width=edge_width(weight) * thin,
                stroke_dasharray=_DASHES if weight < 0 else None,
            )
            by_opacity[_opacity(scene.chosen, place, i, j)].append(path)
    groups = ((opacity, some) for opacity, some in by_opacity.items() if some)
    return "".join(element("g", *some, fill="none", stroke_opacity=opacity) for opacity, some in groups)


def _opacity(chosen: Chosen | None, place: int, source: int, neuron: int) -> float:
    if chosen is None or chosen.flat is None:
        return _USUAL
    if place == chosen.column:
        return _CHOSEN if neuron == chosen.flat and chosen.source in (None, source) else _BESIDE
    return _USUAL if place < chosen.column else _BESIDE


def _thinness(before: Placed, after: Placed) -> float:
    if before.body.named and after.body.named:
        return 1.0
    return max(0.25, min(1.0, before.body.radius / 30, after.body.radius / 30))


def edge_path(before: Placed, after: Placed, source: int, neuron: int) -> str:
    """A curve that leaves and arrives along the flow."""
    (a, y), (b, end) = _ends(before, after, source, neuron)
    middle = number((a + b) / 2)
    return f"M{number(a)} {number(y)}C{middle} {number(y)} {middle} {number(end)} {number(b)} {number(end)}"


def _ends(before: Placed, after: Placed, source: int, neuron: int) -> tuple[tuple[float, float], tuple[float, float]]:
    (a, y), (b, end) = before.neuron(source), after.neuron(neuron)
    return (a + before.body.radius, y), (b - after.body.radius, end)


def _label_place(before: Placed, after: Placed, source: int, neuron: int) -> tuple[float, float]:
    """Where an edge's weight is written."""
    (a, y), (b, end) = _ends(before, after, source, neuron)
    t = _LABEL
    along, across = 1.5 * t - 1.5 * t * t + t**3, 3 * t * t - 2 * t**3
    return a + (b - a) * along, y + (end - y) * across


def weights_said(scene: Scene, place: int) -> str:
    """The weights into the selected neuron, where they have room."""
    dense, chosen = scene.dense[place], scene.chosen
    if not scene.numbers or dense is None or chosen is None or chosen.column != place or chosen.flat is None:
        return ""
    before, after = scene.layout.placed[place - 1 : place + 1]
    sources = range(before.body.cells) if chosen.source is None else [chosen.source]
    places = [_label_place(before, after, source, chosen.flat) for source in sources]
    crowded = any(abs(b - a) < _LEAST_APART for (_, a), (_, b) in pairwise(places))
    if crowded or len(places) > _MOST_SAID or after.x - before.right < _LEAST_GAP:
        return ""
    look = scene.halo(9.0) | {"text_anchor": "middle"}
    found = []
    for source, (x, y) in zip(sources, places, strict=True):
        weight = dense.weights[source][chosen.flat]
        found.append(text(x, y + 4.5, scene.within(weight), 13, scene.inks.word(weight), **look))
    return "".join(found)


def band(before: Placed, after: Placed, inks: Inks) -> str:
    """Every number of the one body may count in every number of the other: one broad, quiet stroke."""
    a, b = before.right + 3, after.x - 3
    if b - a < 4:
        return ""
    middle = number((a + b) / 2)
    one, two, three, four = map(number, (before.y, after.y, after.bottom, before.bottom))
    d = (
        f"M{number(a)} {one}C{middle} {one} {middle} {two} {number(b)} {two}"
        f"V{three}C{middle} {three} {middle} {four} {number(a)} {four}z"
    )
    return element("path", d=d, fill=inks.sunken)


def arc(before: Placed, after: Placed, low: float, inks: Inks) -> str:
    """A line beneath what it skips, from the body that gives to the one that takes, where it ends in an arrow."""
    a, b, top = before.middle, after.middle - 8, after.foot
    start, end = number(a), number(b)
    line = f"M{start} {number(before.foot)}V{number(low - 10)}Q{start} {number(low)} {number(a + 10)} {number(low)}"
    line += f"H{number(b - 10)}Q{end} {number(low)} {end} {number(low - 10)}V{number(top)}"
    arrow = f"M{number(b - 4)} {number(top + 6)}L{end} {number(top)}L{number(b + 4)} {number(top + 6)}"
    return element("path", d=line + arrow, fill="none", stroke=inks.control, stroke_width=1.25, stroke_linejoin="round")
