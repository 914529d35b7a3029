"""Sequences: strings of bits with their parity, and rows of digits with the same digits in order."""

import torch
from torch import Tensor

from adelante.datasets.dataset import Column, DataSet, Maker, every_fourth, generator

BITS = 8
DIGITS = 6
BAR = 10
"""The token between a row of digits and the same digits in order."""
_SEED = 6


def parity_of(bits: Tensor) -> Tensor:
    """1 where the number of ones in (rows, length, 1) is odd."""
    return bits.sum((1, 2)).long() % 2


def parity() -> DataSet:
    """All 256 strings of 8 bits in an order that was drawn: inputs (256, 8, 1)."""
    numbers = torch.randperm(1 << BITS, generator=generator(_SEED))
    bits = ((numbers[:, None] >> torch.arange(BITS - 1, -1, -1)) & 1).float().unsqueeze(2)
    return DataSet(
        name="parity",
        inputs=bits,
        targets=parity_of(bits),
        held_out=every_fourth(len(bits)),
        columns=(Column("bit", 0, 1),),
        target="parity",
        class_names=("even", "odd"),
        seed=_SEED,
    )


def sorting_rows(rows: int, draws: torch.Generator) -> Tensor:
    """Tokens (rows, 13): six digits, the bar, the same digits in order."""
    digits = torch.randint(0, 10, (rows, DIGITS), generator=draws)
    return torch.cat([digits, torch.full((rows, 1), BAR), digits.sort(1).values], 1)


def sorting() -> DataSet:
    """Rows as a model reads them, (2000, 12), and the tokens that follow each place, (2000, 12)."""
    tokens = sorting_rows(2000, generator(_SEED))
    return DataSet(
        name="sorting",
        inputs=tokens[:, :-1],
        targets=tokens[:, 1:],
        held_out=every_fourth(len(tokens)),
        columns=(Column("token", 0, BAR),),
        target="next",
        class_names=tuple("0123456789|"),
        seed=_SEED,
    )


MAKERS: dict[str, Maker] = {"parity": parity, "sorting": sorting}
