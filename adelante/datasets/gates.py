"""Logic gates of two inputs, read with a little noise: near 0 is false, near 1 is true."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from adelante.datasets.dataset import Column, DataSet, Maker, every_fourth, generator

_ROWS = 240
_NOISE = 0.1
_SEED = 1

GATES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "and": torch.logical_and,
    "or": torch.logical_or,
    "nand": lambda a, b: ~(a & b),
    "nor": lambda a, b: ~(a | b),
    "xor": torch.logical_xor,
}


def gate(name: str) -> DataSet:
    """The gate of this name: inputs (240, 2), classes 0 and 1."""
    corners = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=torch.bool).repeat(_ROWS // 4, 1)
    order = torch.randperm(_ROWS, generator=generator(_SEED))
    corners = corners[order]
    noise = torch.randn((_ROWS, 2), generator=generator(_SEED + 1)) * _NOISE
    return DataSet(
        name=f"gate-{name}",
        inputs=corners.float() + noise,
        targets=GATES[name](corners[:, 0], corners[:, 1]).long(),
        held_out=every_fourth(_ROWS),
        columns=(Column("x1", -0.5, 1.5), Column("x2", -0.5, 1.5)),
        target=name,
        class_names=("0", "1"),
        seed=_SEED,
    )


MAKERS: dict[str, Maker] = {f"gate-{name}": partial(gate, name) for name in GATES}
