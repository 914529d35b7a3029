"""The numbers that the lessons' sentences quote, each computed by torch. The notebook's draws are the presets'."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

from adelante.network.activations import ACTIVATIONS
from adelante.network.dense.network import DenseLayer, DenseNetwork, DenseTrace
from adelante.network.forward import forward
from adelante.network.presets import Chain, chain_named, one_neuron, xor

LOOP_SIZE = 96
TIMED_RUNS = 5
# In multiply-adds of torch: Python takes some thousand times as long for one.
RACE_COST = 1000 * LOOP_SIZE**3


@dataclass(frozen=True, slots=True)
class Pass:
    """One forward pass under short names: a[0] are the inputs, z[k] and a[k] belong to layer k, counted from 1."""

    preset: Chain
    trace: DenseTrace

    @property
    def x(self) -> list[float]:
        """The inputs, (n_in,)."""
        return _list(self.trace.inputs)

    def w(self, layer: int) -> list[list[float]]:
        """The weights into a layer, (n_in, n_out)."""
        weights: list[list[float]] = self.preset.network.layers[layer - 1].weights.tolist()
        return weights

    def b(self, layer: int) -> list[float]:
        """The biases of a layer, (n_out,)."""
        return _list(self.preset.network.layers[layer - 1].biases)

    def z(self, layer: int) -> list[float]:
        """The pre-activations of a layer, (n_out,)."""
        return _list(self.trace.pre_activations[layer - 1])

    def a(self, layer: int) -> list[float]:
        """The activations of a layer, (n_out,)."""
        return _list(self.trace.activations[layer - 1])

    def terms(self, layer: int, neuron: int) -> list[float]:
        """The products value · weight of one neuron's sum, (n_in,)."""
        values = self.trace.inputs if layer == 1 else self.trace.activations[layer - 2]
        return _list(values * self.preset.network.layers[layer - 1].weights[:, neuron])

    @property
    def parameters(self) -> int:
        """Weights and biases together."""
        return self.preset.network.size


def _list(tensor: Tensor) -> list[float]:
    values: list[float] = tensor.tolist()
    return values


def two_inputs() -> Chain:
    """The first lesson's neuron: small round numbers, so that its sum can be done in the head."""
    layer = DenseLayer(torch.tensor([[0.5], [-0.25]]), torch.tensor([0.5]), ACTIVATIONS["sigmoid"], "output")
    return Chain(
        name="two-inputs",
        network=DenseNetwork([layer]),
        inputs=torch.tensor([2.0, 4.0]),
        input_names=("x1", "x2"),
        input_ranges=((-5.0, 5.0),) * 2,
        input_units=(None, None),
        output_names=("y",),
        class_names=(),
        samples=(),
    )


@cache
def pass_of(name: str) -> Pass:
    """The pass of a lesson's network over the inputs that it starts from. Raises KeyError for another name."""
    preset = two_inputs() if name == "two-inputs" else chain_named(name)
    with torch.inference_mode():
        return Pass(preset, forward(preset.network, preset.inputs))


@cache
def sums() -> dict[str, tuple[float, float]]:
    """The notebook's warm-up: the sum of each of the first neuron's tensors, and the sigmoid of that sum."""
    preset = one_neuron()
    layer = preset.network.layers[0]
    tensors = {"features": preset.inputs, "weights": layer.weights, "bias": layer.biases}
    return {name: (tensor.sum().item(), torch.sigmoid(tensor.sum()).item()) for name, tensor in tensors.items()}


@cache
def xor_table() -> list[tuple[list[float], float]]:
    """The four corners of exclusive or, each with the preset's output."""
    preset = xor()
    corners = torch.stack([sample.inputs for sample in preset.samples])
    with torch.inference_mode():
        outputs = forward(preset.network, corners).outputs
    return [(corner.tolist(), output.item()) for corner, output in zip(corners, outputs, strict=True)]


def sigmoid(z: float) -> float:
    """torch's sigmoid of one number."""
    return torch.sigmoid(torch.tensor(z)).item()


@dataclass(frozen=True, slots=True)
class Race:
    """One product of two square matrices, done twice on this machine; both in milliseconds."""

    size: int
    products: int
    loop: float
    torch: float

    @property
    def ratio(self) -> float:
        """How many times longer the loop took."""
        return self.loop / self.torch


@cache
def race(size: int = LOOP_SIZE) -> Race:
    """Python's loop against torch.mm, measured once per process; each is the shortest of its runs."""
    generator = torch.Generator().manual_seed(0)
    left, right = (torch.rand((size, size), generator=generator) for _ in range(2))
    rows, columns = left.tolist(), right.T.tolist()

    def loop() -> None:
        for row in rows:
            for column in columns:
                sum(a * b for a, b in zip(row, column, strict=True))

    def product() -> None:
        torch.mm(left, right)

    product()
    return Race(size, size**3, _shortest(loop, 2), _shortest(product, 20))


def timed_product(size: int) -> float:
    """The shortest of some products of two (size, size) matrices with torch.mm, in milliseconds."""
    left, right = torch.ones((size, size)), torch.ones((size, size))
    return _shortest(lambda: torch.mm(left, right), TIMED_RUNS)


def _shortest(work: Callable[[], object], times: int) -> float:
    found = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        work()
        found = min(found, time.perf_counter() - start)
    return found * 1e3
