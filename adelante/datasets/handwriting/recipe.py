"""How a drawn character becomes a picture such as those of the handwritten digits.

The data set's authors took "preprocessing programs made available by NIST" and counted ink in blocks of 4x4. Those
programs are the ones of NIST's Form-Based Handprint Recognition System (M. Garris and others, NISTIR 5469, 1994): the
character's box is scaled to 20x32 pixels, centred in 32x32; with too much ink it is thinned, with too little thickened;
then its rows are moved sideways until its left edge is upright.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isqrt, prod

import numpy as np
import torch
from torch import Tensor

from adelante.datasets.digits import LARGE, SMALL, enlarged
from adelante.datasets.handwriting.pen import Bits, Places

SIDE = 32
WIDTH = 20
"""Of a character within the 32 pixels."""
BLOCK = 4
# Above these counts of ink a character loses its edge once, or twice; below those it grows once, or twice.
THINNED, THINNED_TWICE = 412, 560
THICKENED, THICKENED_TWICE = 256, 108
# An edge may be ragged: the upper and the lower end are looked for so many rows inside it.
_RAGGED = 2
# What is lower has no slant to speak of.
_LOWEST = 5

_ROWS: Places = np.arange(SIDE)


@dataclass(frozen=True)
class Written:
    """Each step from the ink to the picture. All are 0 or 1, of uint8, but the picture, which is float32."""

    ink: Tensor
    """(height, width), as it was drawn."""
    box: tuple[int, int, int, int]
    """Where the ink is: the first row, the first column, and the first ones after it; all 0 where there is none."""
    scaled: Tensor
    """(32, 32): the box, 20 wide and 32 high, in the middle."""
    grown: int
    """How often the edge was thickened, or (below 0) thinned."""
    weighed: Tensor
    """(32, 32), with as much ink as others have."""
    slant: float
    """How many columns a row was moved for each row below the middle."""
    upright: Tensor
    """(32, 32), its left edge upright."""
    picture: Tensor
    """(8, 8): how many of each 4x4 pixels have ink, 0 to 16."""


def written(ink: Tensor) -> Written:
    """The steps from ink (height, width), which is any number but 0, to a picture (8, 8) from 0 to 16."""
    # A pen moves sixty times a second: on so few pixels a call of NumPy takes a fraction of one of torch.
    bits = (ink.numpy() != 0).view(np.uint8)
    box = _box(bits)
    scaled = _scaled(bits, box)
    grown, weighed = _weighed(scaled)
    slant = _slant(weighed)
    upright = _sheared(weighed, slant)
    counted = upright.reshape(SMALL, BLOCK, SMALL, BLOCK).sum((1, 3), np.float32)
    drawn, boxed, heavy, straight, picture = map(torch.from_numpy, (bits, scaled, weighed, upright, counted))
    return Written(drawn, box, boxed, grown, heavy, slant, straight, picture)


def picture_of(ink: Tensor, shape: Sequence[int]) -> Tensor | None:
    """The picture of ink (height, width) in an input's shape; None for one that takes no pictures of digits.

    That is 8x8 numbers, or 28x28 for the enlarged ones.
    """
    side = isqrt(prod(shape))
    if tuple(shape) not in {(1, side, side), (side, side), (side * side,)} or side not in (SMALL, LARGE):
        return None
    picture = written(ink).picture[None, None]
    return (picture if side == SMALL else enlarged(picture)).reshape(tuple(shape))


def _box(ink: Bits) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    if len(rows) == 0:
        return 0, 0, 0, 0
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def _scaled(ink: Bits, box: tuple[int, int, int, int]) -> Bits:
    """The box as 20x32 pixels, each direction for itself, by repeating or leaving out rows and columns."""
    top, left, bottom, right = box
    found = np.zeros((SIDE, SIDE), np.uint8)
    if bottom > top:
        rows, columns = top + _taken(bottom - top, SIDE), left + _taken(right - left, WIDTH)
        found[:, (SIDE - WIDTH) // 2 : (SIDE + WIDTH) // 2] = ink[rows[:, None], columns]
    return found


@lru_cache(maxsize=512)
def _taken(count: int, wanted: int) -> Places:
    """Which of `count` rows each of the `wanted` ones is."""
    if count > wanted:
        return np.minimum((np.arange(wanted) * (count / wanted) + 0.5).astype(np.int64), count - 1)
    # Each row ends where its share of the wanted ones does.
    ends = (np.arange(1, count + 1) * (wanted / count) - 0.5).astype(np.int64)
    return np.minimum(np.searchsorted(ends, np.arange(wanted)), count - 1)


def _weighed(character: Bits) -> tuple[int, Bits]:
    count = int(np.count_nonzero(character))
    if count == 0:
        return 0, character
    grown = (count < THICKENED) + (count < THICKENED_TWICE) - (count > THINNED) - (count > THINNED_TWICE)
    for _ in range(abs(grown)):
        character = _thickened(character) if grown > 0 else 1 - _thickened(1 - character, outside=1)
    return grown, character


def _thickened(character: Bits, outside: int = 0) -> Bits:
    """Ink wherever a pixel or one of its four neighbours has some; beyond the edge there is `outside`."""
    wide = np.full((SIDE + 2, SIDE + 2), outside, np.uint8)
    wide[1:-1, 1:-1] = character
    return character | wide[:-2, 1:-1] | wide[2:, 1:-1] | wide[1:-1, :-2] | wide[1:-1, 2:]


def _slant(character: Bits) -> float:
    """How far the left edge goes to the right for each row upwards, between its upper and its lower end."""
    rows = np.flatnonzero(character.any(1))
    if len(rows) == 0 or int(rows[-1] - rows[0]) < _LOWEST:
        return 0.0
    top, bottom = min(int(rows[0]) + _RAGGED, SIDE - 1), max(int(rows[-1]) - _RAGGED, 0)
    ends = character[top].nonzero()[0], character[bottom].nonzero()[0]
    if top == bottom or any(len(each) == 0 for each in ends):
        return 0.0
    return (int(ends[0][0]) - int(ends[1][0])) / (bottom - top)


def _sheared(character: Bits, slant: float) -> Bits:
    """Row by row moved to the right by `slant` for each row below the middle, whole pixels; what leaves is cut off."""
    if slant == 0:
        return character
    far = (_ROWS - SIDE // 2) * slant
    # Halves go away from zero.
    moves = (np.sign(far) * np.floor(np.abs(far) + 0.5)).astype(np.int64)
    columns = _ROWS - moves[:, None]
    inside = (columns >= 0) & (columns < SIDE)
    moved: Bits = character[_ROWS[:, None], columns.clip(0, SIDE - 1)] * inside
    return moved
