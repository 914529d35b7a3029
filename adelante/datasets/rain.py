"""Two weather readings, with rain in the next hours or none: made by a rule, and said to be made.

Rain is drawn with the probability sigmoid(0.12 (humidity - 65) - 0.9 change): damp air and a falling barometer bring
it.
"""

import torch
from torch import Tensor

from adelante.datasets.dataset import Column, DataSet, Maker, every_fourth, generator

_ROWS = 1200
_SEED = 3


def chance(readings: Tensor) -> Tensor:
    """The rule: how likely rain is at these readings (rows, 2)."""
    return torch.sigmoid(0.12 * (readings[:, 0] - 65) - 0.9 * readings[:, 1])


def rain() -> DataSet:
    """Humidity in per cent and the barometer's change over three hours in hPa; class 1 is rain."""
    draws = generator(_SEED)
    humidity = 20 + 80 * torch.rand(_ROWS, generator=draws)
    change = 10 * torch.rand(_ROWS, generator=draws) - 5
    inputs = torch.stack([(10 * humidity).round() / 10, (10 * change).round() / 10], 1)
    return DataSet(
        name="rain",
        inputs=inputs,
        targets=(torch.rand(_ROWS, generator=draws) < chance(inputs)).long(),
        held_out=every_fourth(_ROWS),
        columns=(Column("humidity", 20, 100, "%"), Column("pressure change", -5, 5, "hPa")),
        target="rain",
        class_names=("dry", "rain"),
        origin="rain",
        seed=_SEED,
    )


MAKERS: dict[str, Maker] = {"rain": rain}
