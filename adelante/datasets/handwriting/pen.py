"""Ink: what strokes of a pen leave on a pad, and what differs from the paper in a picture."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

PAD = 128
"""Pixels along each side of the pad."""
PEN = 0.09
"""The pen's diameter, in sides of the pad."""
# So many points are followed at a time.
_PIECE = 64

Bits = np.ndarray[Any, np.dtype[np.uint8]]
Places = np.ndarray[Any, np.dtype[np.int64]]
Points = np.ndarray[Any, np.dtype[np.float64]]
Stroke = Sequence[tuple[float, float]] | Points | Tensor
"""Points (n, 2): x to the right and y down, from 0 to 1."""


def inked(strokes: Sequence[Stroke], pen: float = PEN) -> Tensor:
    """The ink (128, 128), 0 or 1, of strokes whose points (x to the right, y down) are from 0 to 1 of the pad's sides.

    The pen is a disk of diameter `pen`, whose middle goes straight from each point to the next; one point is a dot.
    """
    reach = int(pen * PAD / 2)
    wide = PAD + 2 * reach
    ways = np.zeros((wide, wide), np.uint8)
    for stroke in strokes:
        points = np.asarray(stroke, np.float64)
        # Each piece ends where the next one begins. A way may be two hundred times as long as what says where it goes.
        for first in range(0, max(len(points) - 1, 1), _PIECE):
            rows, columns = _way(points[first : first + _PIECE + 1])
            ways[rows + reach, columns + reach] = 1
    ink = _spread(ways, pen * PAD / 2)[reach : wide - reach, reach : wide - reach]
    return torch.from_numpy(np.ascontiguousarray(ink))


def ink_of(picture: Tensor) -> Tensor:
    """The ink (height, width), 0 or 1, of a picture of grey (height, width): dark on light paper or light on dark.

    The paper's grey is the middle one along the four edges; ink is what is further from it than half of the most that
    any pixel is.
    """
    edges = torch.cat([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    away = (picture - edges.median()).abs()
    return (away > away.max() / 2).to(torch.uint8)


def _way(stroke: Points) -> tuple[Places, Places]:
    """The rows and columns of the pixels under the pen's middle: between two points so many that none is left out."""
    across, down = (stroke * PAD).T
    if len(stroke) > 1:
        far = np.maximum(np.abs(across[1:] - across[:-1]), np.abs(down[1:] - down[:-1]))
        reached = np.zeros(len(stroke))
        np.maximum(np.ceil(far * 2), 1).cumsum(out=reached[1:])
        steps = np.arange(reached[-1] + 1)
        across, down = np.interp(steps, reached, across), np.interp(steps, reached, down)
    return np.minimum(down.astype(np.int64), PAD - 1), np.minimum(across.astype(np.int64), PAD - 1)


def _spread(ways: Bits, radius: float) -> Bits:
    """A disk around each set pixel, none of which is nearer than the radius to an edge.

    The bitmap is one long number: shifted it moves to the side, or by whole rows up and down.
    """
    wide = len(ways)
    packed = np.packbits(ways).tobytes()
    middle = int.from_bytes(packed)
    found = spread = middle
    half = 0
    for row in range(int(radius), -1, -1):
        while (half + 1) ** 2 + row**2 <= radius**2:
            half += 1
            spread |= middle << half | middle >> half
        found |= spread << row * wide | spread >> row * wide
    bits = np.frombuffer(found.to_bytes(len(packed)), np.uint8)
    return np.unpackbits(bits, count=wide * wide).reshape(wide, wide)
