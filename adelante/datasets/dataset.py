"""A data set: rows of inputs with what is right for each, and what people have to know of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod

import torch
from torch import Tensor

HELD_OUT = 0.25


@dataclass(frozen=True)
class Column:
    """One number of a row: its name, its unit (None for a bare number), and the ends of its range."""

    name: str
    low: float
    high: float
    unit: str | None = None


@dataclass(frozen=True)
class DataSet:
    """Inputs of shape (rows, …), float32 or int64, and targets: classes (rows,) int64, or numbers (rows, n) float32.

    `held_out` marks the rows (rows,) that no preset was trained on. `columns` has one entry for each number of an input
    of one dimension; of pictures and sequences it has one, which holds for all of them. `origin` is the catalog's key
    (`dataset.ORIGIN.origin`) of where the numbers are from; `seed` is None where they are not drawn.
    """

    name: str
    inputs: Tensor
    targets: Tensor
    held_out: Tensor
    columns: tuple[Column, ...]
    target: str
    class_names: tuple[str, ...] = ()
    origin: str = "made"
    licence: str = "CC0-1.0"
    seed: int | None = None
    shape: tuple[int, ...] = field(init=False)
    """Of one input."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", tuple(self.inputs.shape[1:]))

    @property
    def rows(self) -> int:
        """How many there are."""
        return len(self.inputs)

    @property
    def training(self) -> tuple[Tensor, Tensor]:
        """Inputs and targets to learn from."""
        return self.inputs[~self.held_out], self.targets[~self.held_out]

    @property
    def held_out_rows(self) -> tuple[Tensor, Tensor]:
        """Inputs and targets to be tried on."""
        return self.inputs[self.held_out], self.targets[self.held_out]

    @property
    def header(self) -> tuple[str, ...]:
        """The names of a table's columns, the target's last."""
        if len(self.columns) == prod(self.shape):
            names = tuple(each.name for each in self.columns)
        else:
            names = tuple(f"{self.columns[0].name}{i + 1}" for i in range(prod(self.shape)))
        return (*names, self.target)


Maker = Callable[[], DataSet]


def generator(seed: int) -> torch.Generator:
    """torch's own generator on the CPU, so that a seed means what it means in a notebook."""
    return torch.Generator().manual_seed(seed)


def every_fourth(rows: int) -> Tensor:
    """A held-out part of a quarter, of rows that are in no order: every fourth."""
    return torch.arange(rows) % round(1 / HELD_OUT) == round(1 / HELD_OUT) - 1


def drawn_of_each(classes: Tensor, seed: int) -> Tensor:
    """A held-out part of a quarter of each class (rows,), drawn, of rows that are in an order."""
    held_out = torch.zeros(len(classes), dtype=torch.bool)
    draws = generator(seed)
    for each in torch.unique(classes):
        rows = (classes == each).nonzero()[:, 0]
        held_out[rows[torch.randperm(len(rows), generator=draws)[: round(len(rows) * HELD_OUT)]]] = True
    return held_out
