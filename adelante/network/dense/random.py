"""Drawn networks: torch's own generator, so a seed gives the numbers of `torch.manual_seed` and `torch.randn`."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor

from adelante.network.activations import Activation
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.errors import Fault, NetworkError

Order = Literal["layerwise", "weights-first"]
ORDERS: tuple[Order, ...] = ("layerwise", "weights-first")
LARGEST_SEED = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn network and, where they were asked for, the features (n_in,) that were drawn before it."""

    network: DenseNetwork
    inputs: Tensor | None


def parameters_of(sizes: Sequence[int]) -> int:
    """How many weights and biases a network of these sizes has, the inputs' size first."""
    return sum((n_in + 1) * n_out for n_in, n_out in pairwise(sizes))


def draw(
    sizes: Sequence[int],
    seed: int,
    activations: Sequence[Activation],
    *,
    order: Order = "layerwise",
    inputs: bool = False,
    dtype: torch.dtype = torch.float32,
) -> Drawn:
    """A network of standard normal numbers; `sizes` counts the neurons of every layer, the inputs first.

    With `inputs`, features (1, n_in) come out of the generator first. Then "layerwise" draws each layer's weights
    (n_in, n_out) and biases (1, n_out) in turn; "weights-first", the notebook's order, draws all weights before all
    biases. Numbers are drawn as float32 and then converted, so a seed means the same network in every dtype; float64
    draws its own, as torch does. `activations` has one entry for all layers or one for each.

    Raises NetworkError (empty, out-of-range, shape-mismatch).
    """
    _check(sizes, seed, activations)
    generator = torch.Generator().manual_seed(seed)
    drawn_as = dtype if dtype == torch.float64 else torch.float32

    def randn(rows: int, columns: int) -> Tensor:
        return torch.randn((rows, columns), generator=generator, dtype=drawn_as).to(dtype)

    features = randn(1, sizes[0])[0] if inputs else None
    weights, biases = [], []
    for n_in, n_out in pairwise(sizes):
        weights.append(randn(n_in, n_out))
        if order == "layerwise":
            biases.append(randn(1, n_out)[0])
    if order == "weights-first":
        biases = [randn(1, n_out)[0] for n_out in sizes[1:]]
    count = len(weights)
    each = list(activations) if len(activations) == count else [activations[0]] * count
    return Drawn(DenseNetwork(map(DenseLayer, weights, biases, each)), features)


def _check(sizes: Sequence[int], seed: int, activations: Sequence[Activation]) -> None:
    faults = []
    if len(sizes) < 2:
        faults.append(Fault("empty", "too-few-sizes", "/sizes", {"got": len(sizes)}))
    for position, size in enumerate(sizes):
        if size < 1:
            faults.append(Fault("out-of-range", "size-not-positive", f"/sizes/{position}", {"got": str(size)}))
    if not 0 <= seed <= LARGEST_SEED:
        faults.append(Fault("out-of-range", "seed", "/seed", {"got": str(seed), "last": str(LARGEST_SEED)}))
    layers = max(len(sizes) - 1, 1)
    if len(activations) not in (1, layers):
        values = {"got": len(activations), "expected": layers}
        faults.append(Fault("shape-mismatch", "activations-count", "/activation", values))
    if faults:
        raise NetworkError(faults)
