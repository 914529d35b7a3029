"""Points of a plane in two classes, and points of a line and of a curve, drawn by torch's generator."""

from math import pi

import torch
from torch import Tensor

from adelante.datasets.dataset import Column, DataSet, Maker, every_fourth, generator

_ROWS = 400
_SEED = 2
_PLANE = (Column("x1", -1.4, 1.4), Column("x2", -1.4, 1.4))


def _plane(name: str, inputs: Tensor, targets: Tensor, class_names: tuple[str, str]) -> DataSet:
    return DataSet(
        name=name,
        inputs=inputs,
        targets=targets,
        held_out=every_fourth(len(inputs)),
        columns=_PLANE,
        target="class",
        class_names=class_names,
        seed=_SEED,
    )


def circle() -> DataSet:
    """Points within a disk of radius 0.5, and in a ring around it from 0.65 to 1.1."""
    drawn = torch.rand((_ROWS, 2), generator=generator(_SEED))
    targets = torch.arange(_ROWS) // 4 % 2
    # A square root spreads them evenly over the area.
    inner = 0.5 * drawn[:, 0].sqrt()
    outer = (0.65**2 + (1.1**2 - 0.65**2) * drawn[:, 0]).sqrt()
    radius = torch.where(targets == 0, inner, outer)
    angle = 2 * pi * drawn[:, 1]
    return _plane("circle", torch.stack([radius * angle.cos(), radius * angle.sin()], 1), targets, ("inside", "around"))


def moons() -> DataSet:
    """Two half circles that reach into each other, with noise of 0.06."""
    draws = generator(_SEED)
    targets = torch.arange(_ROWS) // 4 % 2
    angle = pi * torch.rand(_ROWS, generator=draws)
    upper = torch.stack([angle.cos() - 0.5, angle.sin() - 0.25], 1)
    lower = torch.stack([0.5 - angle.cos(), 0.25 - angle.sin()], 1)
    points = torch.where(targets[:, None] == 0, upper, lower) * 0.75
    noise = 0.06 * torch.randn((_ROWS, 2), generator=draws)
    return _plane("moons", points + noise, targets, ("upper", "lower"))


def spiral() -> DataSet:
    """Two arms that wind around each other for one turn and a half, with noise of 0.02."""
    draws = generator(_SEED)
    targets = torch.arange(_ROWS) // 4 % 2
    along = torch.rand(_ROWS, generator=draws).sqrt()
    angle = 3 * pi * along + pi * targets
    points = along[:, None] * torch.stack([angle.cos(), angle.sin()], 1)
    noise = 0.02 * torch.randn((_ROWS, 2), generator=draws)
    return _plane("spiral", points + noise, targets, ("first", "second"))


def _function(name: str, inputs: Tensor, values: Tensor, low: float, high: float) -> DataSet:
    return DataSet(
        name=name,
        inputs=inputs[:, None],
        targets=values[:, None],
        held_out=every_fourth(len(inputs)),
        columns=(Column("x", low, high),),
        target="y",
        seed=_SEED,
    )


def line() -> DataSet:
    """y = 0.8 x - 0.3, with noise of 0.1."""
    draws = generator(_SEED)
    x = 4 * torch.rand(120, generator=draws) - 2
    return _function("line", x, 0.8 * x - 0.3 + 0.1 * torch.randn(120, generator=draws), -2, 2)


def curve() -> DataSet:
    """y = sin(2 x) + x / 3, with noise of 0.05."""
    draws = generator(_SEED)
    x = 6 * torch.rand(240, generator=draws) - 3
    return _function("curve", x, (2 * x).sin() + x / 3 + 0.05 * torch.randn(240, generator=draws), -3, 3)


MAKERS: dict[str, Maker] = {"circle": circle, "moons": moons, "spiral": spiral, "line": line, "curve": curve}
