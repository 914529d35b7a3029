"""What a live session may be asked to tell beside the values of its pass, and what that costs."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from adelante.network.checks import check_index, check_range
from adelante.network.dense.network import DenseNetwork, check_inputs
from adelante.network.dense.responses import CURVE_SAMPLES, Axis, Vary, VaryInput, VaryWeight, check_vary
from adelante.network.errors import Fault, NetworkError, shape_text
from app.live.cell_watches import CellWatch, WatchCell, WatchTensor, cost_of_cells, numbers_of_cells

# Of more bytes of inputs than this, a digest is kept instead.
_LARGEST_KEPT = 256
# What Python and torch need around a layer's two results while a pass is at hand, seen with thousands of small ones.
_LAYER_BYTES = 1280


@dataclass(frozen=True, slots=True)
class WatchExplain:
    """The sum of one neuron: contributions, running sums (from the bias on, and with it last), derivative and curve."""

    layer: int
    neuron: int


@dataclass(frozen=True, slots=True)
class WatchShares:
    """The exponentials of a layer's z, their sum, and each one's share of it: what softmax is made of."""

    layer: int


@dataclass(frozen=True, slots=True, eq=False)
class WatchDifferences:
    """How far the inputs and each layer's activations are from these values, one vector for each."""

    values: Sequence[Tensor]

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, WatchDifferences)
            and len(other.values) == len(self.values)
            and all(map(torch.equal, self.values, other.values))
        )


@dataclass(frozen=True, slots=True)
class WatchSweep:
    """The outputs that every position of one slider would give; with `layers`, every layer's activations too.

    `later`: told after the pass, in a frame of its own.
    """

    vary: Vary
    low: float
    high: float
    steps: int
    name: str | None = None
    layers: bool = False
    later: bool = False


@dataclass(frozen=True, slots=True)
class WatchGrid:
    """Every neuron's response over a plane of two inputs; `later` as in WatchSweep."""

    x: Axis
    y: Axis
    steps: int
    name: str | None = None
    later: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class WatchBatch:
    """The outputs of other inputs than the session's own: `inputs` (batch, n_in), in the network's dtype.

    `layers`: every layer's pre-activations and activations too.
    """

    inputs: Tensor
    name: str | None = None
    layers: bool = False

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, WatchBatch) or (other.name, other.layers) != (self.name, self.layers):
            return False
        return torch.equal(self.inputs, other.inputs)


@dataclass(frozen=True, slots=True)
class WatchGradients:
    """d output / d input."""


Watch = WatchExplain | WatchShares | WatchDifferences | WatchSweep | WatchGrid | WatchBatch | WatchGradients | CellWatch


def check_watch(network: DenseNetwork, watch: Watch, pointer: str) -> None:
    """Raises NetworkError where the network has not what is watched, or its dtype does not hold a range."""
    match watch:
        case WatchExplain(layer, neuron):
            check_index(layer, len(network.layers), "no-such-layer", f"{pointer}/layer")
            check_index(neuron, network.layers[layer].n_out, "no-such-neuron", f"{pointer}/neuron")
        case WatchShares(layer):
            check_index(layer, len(network.layers), "no-such-layer", f"{pointer}/layer")
        case WatchDifferences(values):
            _check_values(network, values, f"{pointer}/values")
        case WatchSweep(vary, low, high):
            check_vary(network, vary, f"{pointer}/vary")
            check_range(low, high, watch.steps, network.dtype, pointer)
        case WatchBatch(inputs):
            check_inputs(network, inputs, f"{pointer}/inputs")
        case WatchGrid(x, y):
            check_index(x.input, network.n_in, "no-such-input", f"{pointer}/x/input")
            check_index(y.input, network.n_in, "no-such-input", f"{pointer}/y/input")
            check_range(x.low, x.high, watch.steps, network.dtype, f"{pointer}/x")
            check_range(y.low, y.high, watch.steps, network.dtype, f"{pointer}/y")
            if x.input == y.input:
                fault = Fault("out-of-range", "same-input-twice", f"{pointer}/y/input", {"input": x.input})
                raise NetworkError(fault)


def _check_values(network: DenseNetwork, values: Sequence[Tensor], pointer: str) -> None:
    """One vector for the inputs and one for each layer, as long as these."""
    for k, (vector, size) in enumerate(zip(values, network.sizes, strict=False)):
        if vector.shape != (size,):
            shapes = {"expected": shape_text((size,)), "got": shape_text(vector.shape)}
            raise NetworkError(Fault("shape-mismatch", "same-shape", f"{pointer}/{k}", shapes))
    if len(values) != len(network.sizes):
        shapes = {"expected": str(len(network.sizes)), "got": str(len(values))}
        raise NetworkError(Fault("shape-mismatch", "same-shape", pointer, shapes))


def cost_of(network: DenseNetwork, watch: Watch) -> int:
    """Multiply-adds of what a watch tells, roughly."""
    if isinstance(watch, WatchTensor | WatchCell):
        return cost_of_cells(watch)
    if isinstance(watch, WatchExplain):
        layer = network.layers[watch.layer]
        # A curve's samples of a function such as softmax are whole layers.
        return 4 * layer.n_in + CURVE_SAMPLES * (1 if layer.activation.elementwise else 2 * layer.n_out)
    return _rows(network, watch) * network.cost


def numbers_of(network: DenseNetwork, watch: Watch) -> int:
    """How many neurons' values are computed for a watch, and how many other numbers it tells."""
    match watch:
        case WatchTensor() | WatchCell():
            return numbers_of_cells(watch)
        case WatchExplain(layer=index):
            layer = network.layers[index]
            curve = CURVE_SAMPLES * (2 if layer.activation.elementwise else layer.n_out)
            return 3 * layer.n_in + 3 + curve
        case WatchShares(layer=index):
            return 2 * network.layers[index].n_out + 3
        case WatchDifferences():
            return sum(network.sizes)
        case WatchGradients():
            return network.n_out * (network.n_in + network.units)
        case WatchBatch(layers=True):
            return 2 * _rows(network, watch) * network.units
        case _:
            return _rows(network, watch) * network.units


def memory_of(network: DenseNetwork, watches: Iterable[Watch]) -> int:
    """Bytes that a pass with these watches takes while it is computed, roughly."""
    numbers = network.n_in + 3 * network.units
    for watch in watches:
        numbers += 3 * numbers_of(network, watch)
        match watch:
            case WatchSweep(vary=VaryInput()):
                # Its rows are whole input vectors.
                numbers += _rows(network, watch) * network.n_in
            case WatchSweep(vary=VaryWeight(layer=layer)):
                numbers += _rows(network, watch) * network.layers[layer].n_in
    return numbers * network.dtype.itemsize + _LAYER_BYTES * len(network.layers)


def frame_bytes(network: DenseNetwork, watches: Iterable[Watch]) -> int:
    """How many bytes a frame with all that these watches tell has; for a text, the most."""
    return 4 * (1 + network.n_in + 2 * network.units + sum(_told_by(network, watch) for watch in watches))


def _told_by(network: DenseNetwork, watch: Watch) -> int:
    """How many numbers a watch tells, whatever is computed for them."""
    match watch:
        case WatchExplain(layer=index):
            return 3 * network.layers[index].n_in + 3 + 2 * CURVE_SAMPLES
        case WatchSweep(steps=steps, layers=layers):
            # With all layers the outputs are told twice: by themselves too.
            return steps * (1 + network.n_out + (network.units if layers else 0))
        case WatchBatch(inputs, layers=layers):
            return inputs.shape[0] * (network.n_out + (2 * network.units if layers else 0))
        case WatchGradients():
            return network.n_out * network.n_in
        case _:
            return numbers_of(network, watch)


def _rows(network: DenseNetwork, watch: Watch) -> int:
    """How many input vectors a watch runs through the network."""
    match watch:
        case WatchGrid(steps=steps):
            return steps * steps
        case WatchSweep(steps=steps):
            return steps
        case WatchBatch(inputs):
            return inputs.shape[0]
        case WatchGradients():
            return 3 * network.n_out
        case _:
            return 0


def kept_bytes(watch: Watch) -> int:
    """What a watch itself keeps, for as long as it is watched."""
    match watch:
        case WatchBatch(inputs):
            return inputs.nbytes
        case WatchDifferences(values):
            return sum(vector.nbytes for vector in values)
        case _:
            return 0


def is_later(watch: Watch) -> bool:
    """Whether it is told after the pass, in a frame of its own."""
    return isinstance(watch, WatchSweep | WatchGrid) and watch.later


def inputs_that_count(inputs: bytes, watch: Watch, size: int) -> bytes:
    """Which inputs a watch's arrays were computed from: all but those that it sets itself, each of `size` bytes."""
    match watch:
        case WatchGrid(x, y):
            varied = sorted((x.input, y.input), reverse=True)
        case WatchSweep(VaryInput(index)):
            varied = [index]
        case _:
            varied = []
    for index in varied:
        inputs = inputs[: index * size] + inputs[(index + 1) * size :]
    return inputs if len(inputs) <= _LARGEST_KEPT else hashlib.blake2b(inputs).digest()
