"""What a rule of shapes is, and what rules have in common."""

from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

import torch

Shape = tuple[int, ...]


class Meta(NamedTuple):
    """A tensor without its numbers."""

    shape: Shape
    dtype: torch.dtype


Rule = Callable[[Any, Sequence[Meta]], Meta | None]


class Unusual(Exception):
    """Torch is to be asked."""


class Unfit(Unusual):
    """Torch refuses it, and is to be asked for its words alone."""


def whole(*values: Any) -> list[int]:
    if not all(type(value) is int for value in values):
        raise Unusual
    return list(values)


def numbers_only(*values: Any) -> None:
    if not all(type(value) in (int, float) for value in values):
        raise Unusual


def same_dtype(operands: Sequence[Meta]) -> torch.dtype:
    """The one dtype, of floating point, of all operands."""
    dtype = operands[0].dtype
    if not dtype.is_floating_point or any(other.dtype is not dtype for other in operands):
        raise Unusual
    return dtype


def place(dim: Any, rank: int) -> int:
    whole(dim)
    if not -rank <= dim < rank:
        raise Unusual
    return int(dim % rank)


def broadcast(operands: Sequence[Meta]) -> Shape:
    first, *others = [shape for shape, _ in operands]
    for other in others:
        if other == first:
            continue
        sizes = [
            a if b == 1 else b if a == 1 or a == b else -1
            for a, b in zip_longest(reversed(first), reversed(other), fillvalue=1)
        ]
        if -1 in sizes:
            raise Unfit
        first = tuple(reversed(sizes))
    return first
