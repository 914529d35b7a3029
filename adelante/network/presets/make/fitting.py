"""Learning, as small as it gets: all rows at once or in batches, torch.optim.Adam, a seed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn

from adelante.network.activations import ACTIVATIONS
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.network import Layer, Network

Loss = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Made:
    """A network that learnt something, and what was measured of it."""

    network: Network
    known: dict[str, Any]


@dataclass(frozen=True)
class Recipe:
    """How to learn. `batch` is the number of rows at a time, None for all."""

    steps: int
    rate: float
    seed: int
    batch: int | None = None
    decay: float = 0.0


def fit(module: nn.Module, rows: Callable[[], tuple[Tensor, Tensor]], loss: Loss, recipe: Recipe) -> None:
    """Learns from what `rows` gives at each step. The rate falls to nothing along a cosine."""
    optimizer = torch.optim.Adam(module.parameters(), recipe.rate, weight_decay=recipe.decay)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, recipe.steps)
    for _ in range(recipe.steps):
        inputs, targets = rows()
        optimizer.zero_grad()
        torch.autograd.backward(loss(module(inputs), targets))
        optimizer.step()
        falling.step()
    module.eval()


def batches(inputs: Tensor, targets: Tensor, recipe: Recipe) -> Callable[[], tuple[Tensor, Tensor]]:
    """Rows for `fit`: each round goes through all of them in an order of its own."""
    if recipe.batch is None:
        return lambda: (inputs, targets)
    size = recipe.batch
    draws = torch.Generator().manual_seed(recipe.seed)

    def endless() -> Iterator[tuple[Tensor, Tensor]]:
        while True:
            for at in torch.split(torch.randperm(len(inputs), generator=draws), size):
                yield inputs[at], targets[at]

    found = endless()
    return lambda: next(found)


@dataclass
class Chain:
    """Dense layers to be learnt: sizes with the inputs first, and an activation's name for each layer.

    The module gives the last pre-activations, since torch's losses take those. Inputs are centred and scaled while it
    learns; `network` has that in its first layer's weights, so that it takes the inputs as they are.
    """

    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    names: tuple[str, ...] = ()
    module: "_Hidden" = field(init=False)
    _centre: Tensor = field(init=False)
    _scale: Tensor = field(init=False)

    def learn(self, inputs: Tensor, targets: Tensor, loss: Loss, recipe: Recipe, *, scaled: bool = False) -> None:
        """Draws the numbers anew from the recipe's seed, and learns."""
        torch.manual_seed(recipe.seed)
        layers = [nn.Linear(n_in, n_out) for n_in, n_out in zip(self.sizes, self.sizes[1:], strict=False)]
        self.module = _Hidden(layers, [ACTIVATIONS[name].function for name in self.activations[:-1]])
        self._centre = inputs.mean(0) if scaled else torch.zeros(self.sizes[0])
        self._scale = inputs.std(0) if scaled else torch.ones(self.sizes[0])
        fit(self.module, batches((inputs - self._centre) / self._scale, targets, recipe), loss, recipe)

    @property
    def network(self) -> DenseNetwork:
        """What was learnt, with weights of shape (n_in, n_out)."""
        found = []
        names = self.names or ("hidden",) * (len(self.sizes) - 2) + ("output",)
        with torch.no_grad():
            for k, each in enumerate(self.module.layers):
                weights, biases = each.weight.T.clone(), each.bias.clone()
                if k == 0:
                    weights = weights / self._scale[:, None]
                    biases = biases - self._centre @ weights
                found.append(DenseLayer(weights, biases, ACTIVATIONS[self.activations[k]], names[k]))
        return DenseNetwork(found)


class _Hidden(nn.Module):
    def __init__(self, layers: list[nn.Linear], functions: list[Callable[[Tensor], Tensor]]) -> None:
        super().__init__()
        self.layers: list[nn.Linear] = nn.ModuleList(layers)  # type: ignore[assignment]
        self._functions = functions

    def forward(self, x: Tensor) -> Tensor:
        for layer, function in zip(self.layers, self._functions, strict=False):
            x = function(layer(x))
        z: Tensor = self.layers[-1](x)
        return z


def named(network: Network, names: Mapping[str, str]) -> Network:
    """The same with names for its layers: what their module is called, or else what `names` says of their kind."""
    wanted = [each.name or _own_name(each, names) for each in network.layers]
    layers = [
        replace(each, name=name if name is not None and wanted.count(name) == 1 else each.name)
        for each, name in zip(network.layers, wanted, strict=True)
    ]
    return replace(network, layers=tuple(layers))


def _own_name(layer: Layer, names: Mapping[str, str]) -> str | None:
    return names.get(layer.kind) if layer.module is None else layer.module.replace(".", " ")


def yes_or_no(z: Tensor, targets: Tensor) -> Tensor:
    """Binary cross-entropy of pre-activations (rows, 1) and classes (rows,)."""
    return nn.functional.binary_cross_entropy_with_logits(z[:, 0], targets.float())


def share(right: Tensor) -> float:
    """The share of rows that are right, to four digits."""
    return round(right.float().mean().item(), 4)
