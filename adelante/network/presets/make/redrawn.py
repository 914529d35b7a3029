"""The data set's digits drawn again: their middle lines as strokes of the pad's pen, a little otherwise each time."""

from itertools import pairwise
from math import cos, sin
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from adelante.datasets.handwriting import PEN, Stroke, inked, written

_BLOCK = 4
_FINER = 4
_SEED = 0
# Of the pad, so that a digit that is turned or widened stays on it.
_HEIGHT = 0.8
# The eight around a pixel, clockwise from above.
_AROUND = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
# Those that share a side with it, then the others.
_SIDES_FIRST = (*_AROUND[::2], *_AROUND[1::2])
Place = tuple[int, int]
Bits = np.ndarray[Any, np.dtype[np.uint8]]


def redrawn(pictures: Tensor, times: int) -> Tensor:
    """Pictures (times * rows, 1, 8, 8) of pictures (rows, 1, 8, 8): each time with another pen, slant and size."""
    draws = torch.Generator().manual_seed(_SEED)
    lines = [middle_lines(picture) for picture in pictures[:, 0]]
    drawn = [_drawn_otherwise(each, draws) for _ in range(times) for each in lines]
    return torch.stack(drawn)[:, None]


def traced(picture: Tensor) -> Tensor:
    """A picture (8, 8) drawn once more with the pad's own pen."""
    return written(inked(middle_lines(picture))).picture


def middle_lines(picture: Tensor) -> list[Stroke]:
    """The strokes, on a pad of 1 by 1, that go along the middle of a picture's (8, 8) ink."""
    thin = _thinned(_ink(picture))
    side = len(thin)

    def on_pad(place: int) -> float:
        return 0.5 + ((place + 0.5) / side - 0.5) * _HEIGHT

    return [[(on_pad(column), on_pad(row)) for row, column in walk] for walk in _walks(thin)]


def _ink(picture: Tensor) -> Bits:
    """Ink (128, 128) that counts to the picture: in each block the pixels that its neighbours make likely."""
    likely = functional.interpolate(picture[None, None], scale_factor=_BLOCK, mode="bicubic", align_corners=False)[0]
    blocks = functional.pixel_unshuffle(likely, _BLOCK)
    rank = blocks.argsort(0, descending=True).argsort(0)
    bits = functional.pixel_shuffle((rank < picture).float(), _BLOCK)
    finer = functional.interpolate(bits[None], scale_factor=_FINER, mode="bilinear", align_corners=False)[0]
    smooth = functional.avg_pool2d(functional.pad(finer, (3, 3, 3, 3), mode="replicate"), 7, 1)
    return (smooth[0] > 0.5).to(torch.uint8).numpy()


def _thinned(ink: Bits) -> Bits:
    """Lines of one pixel, as T. Zhang and C. Suen thin them (1984): pixels of the edge go while all hangs together."""
    while True:
        before = ink
        for turn in (0, 1):
            wide = np.pad(ink, 1)
            height, width = ink.shape
            near = [wide[1 + down : 1 + down + height, 1 + right : 1 + right + width] for down, right in _AROUND]
            begins = sum((first < second).view(np.uint8) for first, second in pairwise([*near, near[0]]))
            count = sum(near)
            up, right, down, left = near[0], near[2], near[4], near[6]
            edge = (right & down & (up | left)) if turn == 0 else (up & left & (right | down))
            gone = (count >= 2) & (count <= 6) & (begins == 1) & (edge == 0)
            ink = ink & ~gone
        if np.array_equal(ink, before):
            return ink


def _walks(thin: Bits) -> list[list[Place]]:
    """Ways along the lines that together visit each pixel, from an end where there is one."""
    left: set[Place] = {(int(row), int(column)) for row, column in np.argwhere(thin)}
    whole = set(left)
    found = []
    while left:
        walk = [min(left, key=lambda place: (len(_beside(place, left)), place))]
        left.discard(walk[0])
        while beside := _beside(walk[-1], left):
            walk.append(beside[0])
            left.discard(beside[0])
        # To where the line was left off.
        joined = [each for each in _beside(walk[0], whole) if each not in walk]
        walk[:0] = joined[:1]
        found.append(walk + [each for each in _beside(walk[-1], whole) if each not in walk][:1])
    return found


def _beside(place: Place, among: set[Place]) -> list[Place]:
    """Its neighbours, those first that share a side with it."""
    near = [(place[0] + down, place[1] + right) for down, right in _SIDES_FIRST]
    return [each for each in near if each in among]


def _drawn_otherwise(lines: list[Stroke], draws: torch.Generator) -> Tensor:
    def between(low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=draws))

    pen, turn, slant = between(0.75, 1.4) * PEN, between(-0.2, 0.2), between(-0.2, 0.2)
    wide, high = between(0.7, 1.3), between(0.85, 1.1)
    # Slanted and sized, then turned.
    by = torch.tensor([[cos(turn), -sin(turn)], [sin(turn), cos(turn)]]) @ torch.tensor([[wide, slant], [0, high]])
    moved = [((torch.tensor(line) - 0.5) @ by.T + 0.5).clamp(0, 1).tolist() for line in lines]
    return written(inked(moved, pen)).picture
