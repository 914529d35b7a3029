"""The values of a body's cells, and how they are painted: neighbours of one colour as one rectangle."""

from itertools import groupby

import torch
from torch import Tensor
from torch.nn import functional as F

from adelante.diagram.bodies import Body, Panel, picture_starts
from adelante.diagram.colours import STEPS, Inks
from adelante.diagram.svg import element, number

Rows = list[list[float]]


def shown(value: Tensor, body: Body) -> list[Rows]:
    """Each panel's cells, row by row; of blocks their means. A strip's last rows may be shorter than the others."""
    flat = value.reshape(-1)
    if body.down:
        cells = _means(flat[None, None, :], (1, body.by[0]))[0, 0].tolist()
        return [[cells[row :: body.rows] for row in range(body.rows)]]
    sides = (body.high, body.across)
    return [_means(flat[start:end].reshape(1, *sides), body.by)[0].tolist() for start, end in picture_starts(body)]


def _means(value: Tensor, by: tuple[int, int]) -> Tensor:
    found = value.detach().to("cpu", torch.float64)
    if by == (1, 1):
        return found
    return F.avg_pool2d(found, by, ceil_mode=True, count_include_pad=False)


def painted(rows: Rows, body: Body, at: Panel, inks: Inks) -> str:
    """A panel at its place, one path for each colour. What is no number has a colour of its own."""
    is_whole = all(len(row) == body.columns for row in rows)
    zero = inks.fills[STEPS]
    runs: dict[str, list[str]] = {}
    for r, row in enumerate(rows):
        c = 0
        for colour, some in groupby(row, inks.fill):
            length = sum(1 for _ in some)
            if colour != zero or not is_whole:
                runs.setdefault(colour, []).append(f"M{c} {r}h{length}v1h-{length}z")
            c += length
    paths = [element("path", fill=colour, d="".join(d)) for colour, d in sorted(runs.items())]
    scale = f"{_fine(at.width / body.columns)} {_fine(at.height / body.rows)}"
    placed = f"translate({number(at.x)} {number(at.y)}) scale({scale})"
    edge = {"x": at.x - 0.5, "y": at.y - 0.5, "width": at.width + 1, "height": at.height + 1}
    parts = [
        # Zeros are what the others lie on.
        *([element("rect", x=at.x, y=at.y, width=at.width, height=at.height, fill=zero)] if is_whole else []),
        element("g", *paths, transform=placed, shape_rendering="crispEdges"),
        element("rect", fill="none", stroke=inks.control, stroke_opacity=0.45, **edge),
    ]
    return "".join(parts)


def _fine(value: float) -> str:
    return f"{value:.5f}".rstrip("0").rstrip(".")
