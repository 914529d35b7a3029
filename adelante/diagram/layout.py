"""Where everything of a picture stands, in pixels: the width is given, the height follows from what is in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from adelante.diagram.bodies import MOST_NEURONS, Body, Room, body_of, least_pitch
from adelante.diagram.columns import Column
from adelante.diagram.text import text_width

LEAST_WIDTH, MOST_WIDTH = 320, 4096
_USUAL_WIDTH = 1000
_MARGIN = 28.0
_LEAST_COLUMN = 76.0
_LEAST_GAP = 34.0
HEAD = 74.0
_LEAST_HEIGHT = 260.0
# Of the columns that are no neurons.
_PICTURE_HEIGHT = 380.0
# Lines of notes beneath a body, as a rule at most.
NOTE, NOTES = 15.0, 4
_FOOT = 12.0
LEGEND = 52.0
_ARC = 16.0
# Beside an outer neuron that has no room for its name around it.
OUTER_SIZE = 12.0
OUTER_GAP = 8.0
OUTER_NUMBER = 52.0
_MOST_OUTER = 150.0


@dataclass(frozen=True)
class Placed:
    """A column's body with its upper left corner, and its middle, over which its head stands."""

    column: Column
    body: Body
    x: float
    y: float

    @property
    def middle(self) -> float:
        return self.x + self.body.width / 2

    @property
    def right(self) -> float:
        return self.x + self.body.width

    @property
    def bottom(self) -> float:
        return self.y + self.body.height

    @property
    def foot(self) -> float:
        """Where what is told of the body beneath it ends."""
        return self.bottom + (0.0 if self.body.sort == "neurons" else NOTES * NOTE + 10)

    def neuron(self, k: int) -> tuple[float, float]:
        """Where a neuron's centre is."""
        x, y = self.body.middle(k)
        return self.x + x, self.y + y


@dataclass(frozen=True)
class Layout:
    """`room` is how wide what stands over a column may be, `lows` how low an arc runs, by the columns at its ends."""

    width: float
    height: float
    scale: float
    room: float
    placed: tuple[Placed, ...]
    lows: Mapping[tuple[int, int], float]


def most_columns(width: float) -> int:
    """So many columns have room side by side."""
    return max(3, int((width - 2 * _MARGIN + _LEAST_GAP) / (_LEAST_COLUMN + _LEAST_GAP)))


def layout(
    columns: Sequence[Column],
    shapes: Sequence[tuple[int, ...]],
    width: float,
    *,
    outer: tuple[Sequence[str], Sequence[str]] = ((), ()),
    numbers: bool = True,
) -> Layout:
    """Where the columns stand, whose values have these shapes.

    `outer` are the names beside the first and the last one's neurons, where these have no room for them, with their
    `numbers` where these have none either.
    """
    scale = max(1.0, min(1.6, width / _USUAL_WIDTH))
    count = len(columns)
    share = max(20.0, (width - 2 * _MARGIN - (count - 1) * _LEAST_GAP) / count)
    height = _height(shapes, scale)
    bodies = [
        body_of(shape, Room(min(share, 240 * scale), height, scale, picture=not column.layers))
        for column, shape in zip(columns, shapes, strict=True)
    ]
    left = _margin(bodies[0], outer[0], width, numbers=numbers)
    right = _margin(bodies[-1], outer[1], width, numbers=numbers)
    taken = sum(max(body.width, min(share, _LEAST_COLUMN)) for body in bodies)
    gap = (width - left - right - taken) / (count - 1) if count > 1 else 0.0
    x, placed = left, []
    for column, body in zip(columns, bodies, strict=True):
        slot = max(body.width, min(share, _LEAST_COLUMN))
        placed.append(Placed(column, body, x + (slot - body.width) / 2, HEAD + (height - body.height) / 2))
        x += slot + gap
    steps = [b.middle - a.middle for a, b in pairwise(placed)]
    lows = arc_lows(placed)
    low = max([*(each.foot for each in placed), *lows.values()]) + _FOOT
    return Layout(width, low + LEGEND, scale, min(steps, default=width) - 8, tuple(placed), lows)


def arc_lows(placed: Sequence[Placed]) -> dict[tuple[int, int], float]:
    """How low the arc between two columns runs: beneath all that it passes, a longer one lower, none on another."""
    arcs = [(k, later) for later, each in enumerate(placed) for k in each.column.takes if k < later - 1]
    lows: dict[tuple[int, int], float] = {}
    for before, after in sorted(arcs, key=lambda ends: (ends[1] - ends[0], ends)):
        low = max(each.foot for each in placed[before : after + 1]) + 8 + _ARC * min(after - before - 1, 6) / 2
        beside = sorted(other for (start, end), other in lows.items() if start < after and before < end)
        for other in beside:
            if abs(low - other) < _ARC / 2:
                low = other + _ARC / 2
        lows[before, after] = low
    return lows


def _height(shapes: Sequence[tuple[int, ...]], scale: float) -> float:
    """As high as the largest column of neurons needs it; pictures take what there is."""
    tallest = _LEAST_HEIGHT
    for shape in shapes:
        wide = [size for size in shape if size != 1]
        size = wide[0] if len(wide) == 1 else 1
        if len(wide) > 1 or size > MOST_NEURONS:
            tallest = max(tallest, _PICTURE_HEIGHT)
        else:
            tallest = max(tallest, size * least_pitch(size))
    return tallest * scale


def _margin(body: Body, names: Sequence[str], width: float, *, numbers: bool) -> float:
    """What stays free beside an outer column: for its head, and for names beside small neurons."""
    if body.sort != "neurons" or body.named or not names:
        return _MARGIN + (16.0 if body.sort == "neurons" else 0.0)
    widest = max(text_width(OUTER_SIZE, name[:60]) for name in names)
    beside = OUTER_NUMBER if numbers and not body.numbered else 0.0
    return min(width / 4, _MARGIN + OUTER_GAP + beside + min(_MOST_OUTER, widest))
