"""The still picture of a forward pass: the one place where layout, inks, words and numbers meet."""

from collections.abc import Iterator
from math import prod
from typing import NamedTuple

import torch
from torch import Tensor

from adelante.code.comments import Names
from adelante.diagram import links
from adelante.diagram.bodies import MOST_CELLS, MOST_NEURONS
from adelante.diagram.colours import Theme, inks
from adelante.diagram.columns import columns_of
from adelante.diagram.layout import HEAD, LEAST_WIDTH, MOST_WIDTH, Placed, most_columns
from adelante.diagram.legend import legend
from adelante.diagram.neurons import neurons
from adelante.diagram.panels import notes, panels, summary
from adelante.diagram.scene import SANS, Scene
from adelante.diagram.svg import element, number, opening, text, text_of
from adelante.diagram.text import cut
from adelante.diagram.words import Words, size_text
from adelante.locale import LANGUAGES
from adelante.network.cells import Cell, check_cell
from adelante.network.network import Network, NetworkFault
from adelante.network.trace import Trace

_NO_NAMES = Names()
# Between columns nearer to one another a layer's whole name has no room.
_SHORT_ROOM = 96.0


def tensors_drawn(network: Network, width: int = 1000) -> tuple[str, ...]:
    """The tensors that a picture of this width shows: all that a pass has to keep for it."""
    return tuple(column.tensor for column in columns_of(network, most_columns(width)))


class Size(NamedTuple):
    """At most so many cells and edges, whatever the numbers are."""

    cells: int
    edges: int


def size_drawn(network: Network, width: int = 1000) -> Size:
    """How much a picture of this width draws."""
    columns = min(most_columns(width), len(network.inputs) + len(network.layers))
    numbers = network.units + sum(prod(each.shape) for each in network.inputs)
    return Size(min(numbers, columns * MOST_CELLS), min(network.size, columns * MOST_NEURONS**2))


def draw(
    network: Network,
    trace: Trace,
    *,
    width: int = 1000,
    theme: Theme = "light",
    language: str = "en",
    values: bool = True,
    selected: tuple[str, tuple[int, ...]] | None = None,
    names: Names = _NO_NAMES,
    row: int = 0,
) -> str:
    """The network and the numbers of one input's pass as an SVG document, the same bytes for the same numbers.

    `width` is in CSS pixels, 320 to 4096; the height follows from the network. `values` writes the numbers. `selected`
    is a cell, (tensor, index): it is ringed, and the edges that lead to it stand out. `names` says what inputs and
    outputs are called. Of a batch the input number `row` is drawn. Raises ValueError for an option that there is not,
    NetworkError for a cell that the network does not have, NetworkFault where the trace lacks the row or a tensor that
    is drawn (`tensors_drawn` names them).
    """
    drawn = pieces(
        network,
        trace,
        width=width,
        theme=theme,
        language=language,
        values=values,
        selected=selected,
        names=names,
        row=row,
    )
    return "".join(drawn)


def pieces(
    network: Network,
    trace: Trace,
    *,
    width: int,
    theme: Theme,
    language: str,
    values: bool,
    selected: tuple[str, tuple[int, ...]] | None,
    names: Names,
    row: int = 0,
) -> Iterator[str]:
    """The same document part by part, each of which takes some tens of milliseconds at most."""
    if not isinstance(trace, Trace):
        raise TypeError("draw takes the trace of a pass: draw(network, forward(network, inputs)).")
    if not LEAST_WIDTH <= width <= MOST_WIDTH:
        raise ValueError(f"width is {LEAST_WIDTH} to {MOST_WIDTH} pixels, not {width}.")
    if language not in LANGUAGES:
        raise ValueError(f"language is one of {', '.join(LANGUAGES)}, not {language!r}.")
    if theme not in ("light", "dark"):
        raise ValueError(f"theme is light or dark, not {theme!r}.")
    cell = None if selected is None else Cell(*selected)
    if cell is not None:
        check_cell(network.shapes, cell, "/selected")
    columns = columns_of(network, most_columns(width))
    with torch.no_grad():
        shown = [_value(trace, column.tensor, row) for column in columns]
    words = Words(network, columns, [tuple(value.shape) for value in shown], language, names)
    yield from _written(Scene(network, trace, columns, shown, words, inks(theme), width, values, cell))


def _value(trace: Trace, tensor: str, row: int) -> Tensor:
    """A tensor of one input's pass, without the batch."""
    if tensor not in trace.values:
        raise NetworkFault(tensor, "the trace does not have it: it is of another network, or kept less.")
    value = trace.values[tensor]
    if tensor not in trace.network.per_input:
        return value
    if not 0 <= row < trace.batch:
        raise NetworkFault(tensor, f"there is no row {row}: the trace is of {trace.batch}, counted from 0.")
    return value[row]


def _written(scene: Scene) -> Iterator[str]:
    places, words, width = range(len(scene.columns)), scene.words, scene.width
    height = round(scene.layout.height)
    yield opening(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        width=width,
        height=height,
        viewBox=f"0 0 {width} {height}",
        role="img",
        lang=words.language,
        font_family=SANS,
    )
    yield element("title", text_of(words.title()))
    yield element("desc", text_of(words.description([_told(scene, place) for place in places])))
    yield element("rect", width=width, height=height, fill=scene.inks.paper)
    # What is drawn later lies over what is drawn before.
    for draw_one in (_link, _arcs, links.weights_said, _body, _head):
        for place in places:
            yield draw_one(scene, place)
    yield legend(height - 30, width, words.language, scene.inks, edges=any(scene.dense))
    yield "</svg>\n"


def _link(scene: Scene, place: int) -> str:
    """What is drawn between a column and the one before it."""
    if place == 0:
        return ""
    before, after = scene.layout.placed[place - 1 : place + 1]
    if scene.dense[place] is not None:
        return links.edges(scene, place)
    return links.band(before, after, scene.inks) if place - 1 in after.column.takes else ""


def _arcs(scene: Scene, place: int) -> str:
    """From further before, past the columns between."""
    placed = scene.layout.placed
    skipped = [before for before in placed[place].column.takes if before < place - 1]
    return "".join(
        links.arc(placed[before], placed[place], scene.layout.lows[before, place], scene.inks) for before in skipped
    )


def _body(scene: Scene, place: int) -> str:
    placed = scene.layout.placed[place]
    behind = _sheets(scene, placed) if placed.column.folded else ""
    if placed.body.sort == "neurons":
        return behind + neurons(scene, place)
    if placed.body.sort == "empty":
        box = {"x": placed.x, "y": placed.y, "width": placed.body.width, "height": placed.body.height}
        return behind + element("rect", fill="none", stroke=scene.inks.control, stroke_dasharray="3 4", **box)
    return behind + panels(scene, place)


def _sheets(scene: Scene, placed: Placed) -> str:
    """Behind a body that is the last of several layers."""
    x, y, body = placed.x - 6, placed.y - 6, placed.body
    look = {"fill": scene.inks.paper, "stroke": scene.inks.hairline}
    return "".join(
        element("rect", x=x + k, y=y - k, width=body.width + 12, height=body.height + 12, rx=5.0, **look)
        for k in (6.0, 3.0, 0.0)
    )


def _head(scene: Scene, place: int) -> str:
    """A column's name over it, and what it is; underlined where what is selected is in it, but not seen."""
    x, chosen = scene.layout.placed[place].middle, scene.chosen
    half = min(scene.layout.room / 2, x - 4, scene.width - x - 4)
    lines = scene.words.short_head(place) if scene.layout.room < _SHORT_ROOM else scene.words.head(place)
    top, found = HEAD - 54, []
    for k, line in enumerate(lines):
        size, ink = (13.0, scene.inks.ink) if k == 0 else (12.0, scene.inks.muted)
        found.append(text(x, top + 15 * k, cut(line, 0.88 * size, 2 * half), size, ink, text_anchor="middle"))
    if chosen is not None and chosen.column == place and chosen.flat is None:
        line = f"M{number(x - 24)} {number(top + 15 * len(lines) - 9)}h48"
        found.append(element("path", d=line, stroke=scene.inks.ink, stroke_width=2.0))
    return "".join(found)


def _told(scene: Scene, place: int) -> str:
    """A column's numbers for who hears them: a few each by its name, of many what stands for them."""
    values, words = scene.neurons[place], scene.words
    if not scene.numbers:
        return size_text(words.shapes[place])
    if values is None:
        return "; ".join(dict.fromkeys([*notes(scene, place), *summary(scene, place)]))
    named = ((words.neuron(place, k, len(values)), words.number(value)) for k, value in enumerate(values))
    return ", ".join(f"{name} = {value}" if name else value for name, value in named)
