"""A drawn character in a request: strokes of a pen, or a picture, as ink."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from adelante.datasets.handwriting import Stroke, ink_of, inked
from adelante.formats.json.arrays import tensor
from adelante.formats.json.numbers import numbers
from adelante.network.errors import Fault, NetworkError, shape_text
from app.compute.service import JSON_NUMBER_COST

MOST_POINTS = 20_000
# Multiply-adds that take as long as the recipe, as one more stroke, and as a point near the one before.
_RECIPE_COST = 500_000
_STROKE_COST = 10_000
_POINT_COST = 2_000


def strokes_in(value: Any, pointer: str) -> list[Stroke]:
    """Strokes, each of points [x, y] from 0 to 1. Raises NetworkError.

    shape-mismatch for what are no points; out-of-range for one beside the pad; too-large for more than a hand draws.
    """
    if not isinstance(value, list):
        raise NetworkError(Fault("invalid-value", "strokes-expected", pointer))
    found: list[Stroke] = []
    points = 0
    for k, each in enumerate(value):
        stroke = numbers(each, f"{pointer}/{k}", (2,), np.dtype("f8"))
        if stroke.ndim != 2 or stroke.shape[1] != 2:
            values = {"expected": "(n, 2)", "got": shape_text(stroke.shape)}
            raise NetworkError(Fault("shape-mismatch", "stroke-points", f"{pointer}/{k}", values))
        points += len(stroke)
        if points > MOST_POINTS:
            raise NetworkError(Fault("too-large", "too-many-points", pointer, {"limit": MOST_POINTS}))
        if stroke.min() < 0 or stroke.max() > 1:
            row, column = np.argwhere((stroke < 0) | (stroke > 1))[0]
            raise NetworkError(Fault("out-of-range", "point-beside-pad", f"{pointer}/{k}/{row}/{column}"))
        found.append(stroke)
    return found


def drawing_cost(strokes: Any, picture: Any = None) -> int:
    """Multiply-adds that take as long as making a picture of what was drawn, told from how much that is."""
    count = len(strokes) if isinstance(strokes, list) else 0
    return _RECIPE_COST + _STROKE_COST * count + _POINT_COST * _in_rows(strokes) + JSON_NUMBER_COST * _in_rows(picture)


def _in_rows(rows: Any) -> int:
    """How many elements rows have together."""
    return sum(len(row) for row in rows if isinstance(row, list)) if isinstance(rows, list) else 0


def ink_in(strokes: Any, picture: Any, pointer: str = "") -> Tensor:
    """The ink (height, width) of strokes, or of a picture (height, width) of grey. Raises NetworkError."""
    if strokes is not None:
        return inked(strokes_in(strokes, f"{pointer}/strokes"))
    grey = tensor(picture, f"{pointer}/picture", (2,), torch.float32)
    if grey.numel() == 0:
        raise NetworkError(Fault("empty", "empty-array", f"{pointer}/picture"))
    return ink_of(grey)
