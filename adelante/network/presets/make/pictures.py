"""The presets of pictures: handwritten digits read by dense layers and by convolutions.

Pixels go in from 0 to 16, as the data set has them; that they are divided by 16 is a layer of the network. They learn
from the data set's pictures, and from the same digits drawn again with the pad's pen, so that they know both.
"""

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn

from adelante.datasets import data_set_named
from adelante.datasets.digits import enlarged
from adelante.network.forward import forward
from adelante.network.presets.make.fitting import Made, Recipe, batches, fit, named, share
from adelante.network.presets.make.redrawn import redrawn, traced
from adelante.tracing import trace

INK = 16.0
# What layers are called that are no module.
_NAMES = {"div": "scaled", "reshape": "in a row", "max_pool2d": "pooled", "softmax": "shares"}


class DenseDigits(nn.Module):
    """Dense layers on a picture's pixels in a row. Gives ten pre-activations while it learns, ten shares afterwards."""

    def __init__(self, sizes: tuple[int, ...]) -> None:
        super().__init__()
        pairs = pairwise(sizes[:-1])
        self.hidden = nn.ModuleList(nn.Linear(n_in, n_out) for n_in, n_out in pairs)
        self.digit = nn.Linear(sizes[-2], sizes[-1])

    def forward(self, picture: Tensor) -> Tensor:
        """Pictures (batch, 1, height, width)."""
        x = picture / INK
        x = x.flatten(1)
        for hidden in self.hidden:
            x = hidden(x).relu()
        z: Tensor = self.digit(x)
        return z if self.training else z.softmax(1)


class ConvolutionDigits(nn.Module):
    """Two convolutions of 3x3 with pooling between, and a dense layer."""

    def __init__(self) -> None:
        super().__init__()
        self.edges = nn.Conv2d(1, 4, 3, padding=1)
        self.again = nn.Conv2d(4, 8, 3, padding=1)
        self.digit = nn.Linear(128, 10)

    def forward(self, picture: Tensor) -> Tensor:
        """Pictures (batch, 1, 8, 8)."""
        x = picture / INK
        x = self.edges(x).relu()
        x = nn.functional.max_pool2d(x, 2)
        x = self.again(x).relu()
        x = x.flatten(1)
        z: Tensor = self.digit(x)
        return z if self.training else z.softmax(1)


Rows = Callable[[], tuple[Tensor, Tensor]]
# How often each picture is drawn again, and how often it is learnt from as it is.
_DRAWN, _AS_IT_IS = 6, 3


def _as_they_are(pictures: Tensor) -> Tensor:
    return pictures


def _learnt(
    make: Callable[[], nn.Module],
    recipe: Recipe,
    *,
    sized: Callable[[Tensor], Tensor] = _as_they_are,
    seen: Callable[[Rows], Rows] | None = None,
) -> Made:
    data = data_set_named("digits")
    pictures, digits = data.training
    drawn = redrawn(pictures, _DRAWN)
    torch.manual_seed(recipe.seed)
    module = make()
    rows = batches(
        sized(torch.cat([pictures.repeat(_AS_IT_IS, 1, 1, 1), drawn])), digits.repeat(_AS_IT_IS + _DRAWN), recipe
    )
    fit(module, seen(rows) if seen else rows, nn.functional.cross_entropy, recipe)
    pictures, digits = data.held_out_rows
    network = named(trace(module, (sized(pictures[:2]),)), _NAMES)

    def right(given: Tensor) -> float:
        return share(forward(network, sized(given))[network.outputs[0]].argmax(1) == digits)

    drawn = torch.stack([traced(picture) for picture in pictures[:, 0]])[:, None]
    known = {"measure": "accuracy", "value": right(pictures), "drawn": right(drawn), "rows": len(pictures)}
    return Made(network, known | {"seed": recipe.seed})


def _moved(rows: Rows) -> Rows:
    """Half the batches moved by a pixel at random, so that a digit is known a little to the side too."""
    draws = torch.Generator().manual_seed(0)

    def moved() -> tuple[Tensor, Tensor]:
        pictures, digits = rows()
        if torch.rand(1, generator=draws) < 0.5:
            return pictures, digits
        down, right = torch.randint(0, 3, (2,), generator=draws).tolist()
        height, width = pictures.shape[-2:]
        wider = nn.functional.pad(pictures, (1, 1, 1, 1))
        return wider[..., down : down + height, right : right + width], digits

    return moved


def digits() -> Made:
    """64-32-10: each hidden unit's weights are a picture."""
    return _learnt(lambda: DenseDigits((64, 32, 10)), Recipe(6000, 0.01, 1, batch=64))


def digits_conv() -> Made:
    """Two convolutions, whose filters can be looked at."""
    return _learnt(ConvolutionDigits, Recipe(6000, 0.01, 1, batch=64), seen=_moved)


def digits_large() -> Made:
    """784-128-64-10: for its size."""
    return _learnt(lambda: DenseDigits((784, 128, 64, 10)), Recipe(4000, 0.003, 1, batch=64), sized=enlarged)


MAKERS: dict[str, Callable[[], Made]] = {
    "digits": digits,
    "digits-conv": digits_conv,
    "digits-large": digits_large,
}
