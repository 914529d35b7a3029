"""Ink: what strokes of a pen leave on a pad, and what differs from the paper in a picture."""

from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor

PAD = 128
"""Pixels along each side of the pad."""
PEN = 0.09
"""The pen's diameter, in sides of the pad."""

Stroke = Sequence[tuple[float, float]] | Tensor
"""Points (n, 2): x to the right and y down, from 0 to 1."""


def inked(strokes: Sequence[Stroke], pen: float = PEN) -> Tensor:
    """The ink (128, 128), 0 or 1, of strokes whose points (x to the right, y down) are from 0 to 1 of the pad's sides.

    The pen is a disk of diameter `pen`, whose middle goes straight from each point to the next; one point is a dot.
    """
    reach = int(pen * PAD / 2)
    wide = PAD + 2 * reach
    ways = torch.zeros(wide, wide, dtype=torch.uint8)
    for stroke in strokes:
        column, row = _way(torch.as_tensor(stroke, dtype=torch.float64)).unbind(1)
        ways[row + reach, column + reach] = 1
    ink = torch.zeros(wide * wide, dtype=torch.uint8)
    ink[(ways.view(-1).nonzero() + _disk(pen, wide)).view(-1)] = 1
    return ink.view(wide, wide)[reach:-reach, reach:-reach].contiguous()


def ink_of(picture: Tensor) -> Tensor:
    """The ink (height, width), 0 or 1, of a picture of grey (height, width): dark on light paper or light on dark.

    The paper's grey is the middle one along the four edges; ink is what is further from it than half of the most that
    any pixel is.
    """
    edges = torch.cat([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    away = (picture - edges.median()).abs()
    return (away > away.max() / 2).to(torch.uint8)


def _way(points: Tensor) -> Tensor:
    """The pixels (n, 2) under the pen's middle: between two points so many that none is left out."""
    places = points * PAD
    if len(places) > 1:
        steps = (places.diff(dim=0).abs().amax(1) * 2).ceil().long().clamp(min=1)
        start = places[:-1].repeat_interleave(steps, 0)
        step = (places.diff(dim=0) / steps[:, None]).repeat_interleave(steps, 0)
        within = torch.arange(len(start)) - (steps.cumsum(0) - steps).repeat_interleave(steps)
        places = torch.cat([start + step * within[:, None], places[-1:]])
    return places.long().clamp(0, PAD - 1)


@lru_cache(maxsize=8)
def _disk(pen: float, wide: int) -> Tensor:
    """From the pen's middle to each of its pixels, in a bitmap that is so wide whose rows are in one."""
    radius = pen * PAD / 2
    away = torch.arange(-int(radius), int(radius) + 1)
    row, column = (away[:, None] ** 2 + away**2 <= radius**2).nonzero().unbind(1)
    return (away[row] * wide + away[column])[None]
