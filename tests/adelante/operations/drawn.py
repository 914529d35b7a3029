"""What an operation may be given, drawn by hypothesis: options and operands of each kind, and torch's own call of it.

The calls are written down here once more, by torch's names, so that a slip in an operation's `run` shows.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from hypothesis import strategies as st
from torch import Tensor

Drawer = st.DrawFn


class Case(NamedTuple):
    """An operation's options and operands, and what torch is asked. `rows`: the first dimension is a batch."""

    options: dict[str, Any]
    operands: tuple[Tensor, ...]
    torchs: Callable[..., Tensor]
    rows: bool = False


KINDS: dict[str, st.SearchStrategy[Case]] = {}
"""A strategy for each kind; the modules beside this one fill it."""

Made = Callable[..., Case]


def draws(*kinds: str, **given: Any) -> Callable[[Made], Made]:
    """Registers a function of `draw` (and the kind, where it stands for several) as these kinds' strategy."""

    def register(made: Made) -> Made:
        for kind in kinds:
            KINDS[kind] = _strategy(made, kind, given)
        return made

    return register


def _strategy(made: Made, kind: str, given: dict[str, Any]) -> st.SearchStrategy[Case]:
    @st.composite
    def strategy(draw: Drawer) -> Case:
        return made(draw, kind, **given)

    return strategy()


def size(draw: Drawer, least: int = 1, most: int = 4) -> int:
    return draw(st.integers(least, most))


def shape(draw: Drawer, least: int = 1, most: int = 4, largest: int = 4) -> tuple[int, ...]:
    """Of `least` to `most` dimensions; small, so that every cell can be explained."""
    return tuple(draw(st.lists(st.integers(1, largest), min_size=least, max_size=most)))


def numbers(draw: Drawer, *sizes: int, positive: bool = False) -> Tensor:
    """float64, standard normal; hypothesis draws the seed alone, which is quicker than each number."""
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**16)))
    found = torch.randn(sizes, generator=generator, dtype=torch.float64)
    # What float32 holds too, so that one case serves both.
    found = found.float().double()
    return found.abs() + 0.1 if positive else found


def whole(draw: Drawer, high: int, *sizes: int) -> Tensor:
    """int64 from 0 up to `high`."""
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**16)))
    return torch.randint(high, sizes, generator=generator)


def mask(draw: Drawer, *sizes: int) -> Tensor:
    return whole(draw, 2, *sizes).bool()


def chance(draw: Drawer) -> bool:
    return draw(st.booleans())


def choice(draw: Drawer, *among: Any) -> Any:
    return draw(st.sampled_from(among))


def dim(draw: Drawer, rank: int, least: int = 0) -> int:
    """One of the dimensions from `least` on, from the front or from the end."""
    found = draw(st.integers(least, rank - 1))
    return found - rank if chance(draw) else found


def dims(draw: Drawer, rank: int, least: int = 1) -> tuple[int, ...]:
    """Some of the dimensions, each once."""
    found = draw(st.lists(st.integers(0, rank - 1), min_size=least, max_size=rank, unique=True))
    return tuple(each - rank if chance(draw) else each for each in found)


def under(draw: Drawer, sizes: Sequence[int]) -> tuple[int, ...]:
    """A shape that broadcasts to `sizes`: some of them 1, some of the first left out."""
    found = tuple(1 if draw(st.integers(0, 3)) == 0 else each for each in sizes)
    return found[draw(st.integers(0, len(found))) :]
