"""What other values would give: activation curves, sweeps of one number, and grids over two inputs.

Every function takes ONE input vector, of the network's own dtype and device, and gives tensors of the same. Nothing
here is approximated: each number is that of a forward pass with these values, in the order of its sums; where the
values are those that the network and its inputs have, it is the very pass, to the bit. Results can be much larger than
the network; the `*_size` functions say how many numbers one would hold, before it is made.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from adelante.network.activations import Activation
from adelante.network.cells import Cell
from adelante.network.checks import check_index, single_inputs
from adelante.network.dense.network import DenseLayer, DenseNetwork, DenseTrace
from adelante.network.dense.rows import forward_each
from adelante.network.errors import Fault, NetworkError
from adelante.network.forward import forward

CURVE_SAMPLES = 65
# Of input vectors or weights that are made for a sweep or a grid: 16 MB of float32.
_NUMBERS_AT_ONCE = 1 << 22


@dataclass(frozen=True, slots=True)
class VaryInput:
    """The input with this index varies."""

    input: int


@dataclass(frozen=True, slots=True)
class VaryWeight:
    """The weight weights[source, target] of a layer varies."""

    layer: int
    source: int
    target: int


@dataclass(frozen=True, slots=True)
class VaryBias:
    """The bias of one neuron varies."""

    layer: int
    neuron: int


Vary = VaryInput | VaryWeight | VaryBias


def vary_of(cell: Cell) -> Vary:
    """A cell of the inputs or of a parameter as what a dense sweep varies."""
    if cell.tensor == "inputs":
        return VaryInput(*cell.at)
    _, layer, name = cell.tensor.split(".")
    return VaryWeight(int(layer), *cell.at) if name == "weights" else VaryBias(int(layer), *cell.at)


@dataclass(frozen=True, slots=True)
class Sweep:
    """Every layer's activations while one number takes `values` (steps,); activations[k] is (steps, n_out of k)."""

    values: Tensor
    activations: list[Tensor]

    @property
    def outputs(self) -> Tensor:
        """The last layer's activations, (steps, n_out)."""
        return self.activations[-1]


@dataclass(frozen=True, slots=True)
class Axis:
    """One side of a grid: the input with this index runs from low to high."""

    input: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Grid:
    """Every neuron's response over a plane of two inputs.

    x_values and y_values are (steps,); activations[k] is (n_out of k, steps, steps), its element [j, row, column]
    being neuron j's activation at y_values[row], x_values[column].
    """

    x_values: Tensor
    y_values: Tensor
    activations: list[Tensor]


def curve(activation: Activation, z: Tensor, neuron: int, samples: int = CURVE_SAMPLES) -> Tensor:
    """The activation function around one neuron: (2, samples), row 0 z values, row 1 f of them.

    `z` (n,) is the whole layer's: where f needs them (softmax), the other neurons' z stay as they are. The z values run
    symmetrically about 0, to 6 or to the first of 12, 24, 48, … that contains z, so the range moves seldom. What comes
    back is to be read, not written: it may be handed out again.
    """
    here = abs(float(z[neuron]))
    reach = 6.0
    if math.isfinite(here):
        while reach < here:
            reach *= 2.0
        reach = min(reach, torch.finfo(z.dtype).max)
    if activation.elementwise:
        return _elementwise_curve(activation, reach, samples, z.dtype, z.device)
    z_values = spread(-reach, reach, samples, z)
    rows = z.repeat(samples, 1)
    rows[:, neuron] = z_values
    return torch.stack((z_values, activation(rows)[:, neuron]))


@lru_cache(maxsize=64)
def _elementwise_curve(
    activation: Activation, reach: float, samples: int, dtype: torch.dtype, device: torch.device
) -> Tensor:
    """The curve of an f that needs one z alone: the same at every pass while the range stays."""
    z_values = spread(-reach, reach, samples, torch.empty(0, dtype=dtype, device=device))
    return torch.stack((z_values, activation(z_values)))


def spread(low: float, high: float, steps: int, like: Tensor) -> Tensor:
    """`steps` evenly spaced numbers from low to high, both included, of like's dtype and device."""
    along = torch.linspace(0.0, 1.0, steps, dtype=torch.float64)
    return (low * (1.0 - along) + high * along).to(like.device, like.dtype)


def check_vary(network: DenseNetwork, vary: Vary, pointer: str = "/vary") -> None:
    """Raises NetworkError (out-of-range) where the network has no such input, weight or bias."""
    match vary:
        case VaryInput(index):
            check_index(index, network.n_in, "no-such-input", f"{pointer}/input")
        case VaryWeight(layer, source, target):
            check_index(layer, len(network.layers), "no-such-layer", f"{pointer}/layer")
            check_index(source, network.layers[layer].n_in, "no-such-weight-row", f"{pointer}/weight/0")
            check_index(target, network.layers[layer].n_out, "no-such-weight-column", f"{pointer}/weight/1")
        case VaryBias(layer, neuron):
            check_index(layer, len(network.layers), "no-such-layer", f"{pointer}/layer")
            check_index(neuron, network.layers[layer].n_out, "no-such-neuron", f"{pointer}/bias")


def sweep(network: DenseNetwork, inputs: Tensor, vary: Vary, values: Tensor, pointer: str = "/vary") -> Sweep:
    """Every layer while one number takes `values` (steps,) and all others stay.

    For a weight or a bias the layers before it are computed once. Where the number takes the value that it has, the
    sweep tells what `forward` does, to the bit.
    """
    check_vary(network, vary, pointer)
    return sweeps(network, inputs, [(vary, values)])[0]


def sweeps(network: DenseNetwork, inputs: Tensor, wanted: Sequence[tuple[Vary, Tensor]]) -> list[Sweep]:
    """The sweep of each number, in the order given: those that begin in the same layer share one batch.

    The numbers have to be there; `check_vary` says so.
    """
    inputs = single_inputs(network, inputs)
    together: dict[int, list[int]] = {}
    for index, (vary, _) in enumerate(wanted):
        together.setdefault(-1 if isinstance(vary, VaryInput) else vary.layer, []).append(index)
    trace = forward(network, inputs) if any(first >= 0 for first in together) else None
    found: dict[int, Sweep] = {}
    for first, indices in together.items():
        group = [wanted[index] for index in indices]
        if trace is None or first < 0:
            layers, before = _from_inputs(network, inputs, group), []
        else:
            layers, before = _from_layer(network, trace, first, group), trace.activations[:first]
        counts = [values.shape[0] for _, values in group]
        for index, *parts in zip(indices, *(torch.split(layer, counts) for layer in layers), strict=True):
            values = wanted[index][1]
            found[index] = Sweep(values, [*(earlier.expand(values.shape[0], -1) for earlier in before), *parts])
    return [found[index] for index in range(len(wanted))]


Group = Sequence[tuple[Vary, Tensor]]


def _in_each_step(indices: Sequence[int], group: Group) -> Tensor:
    """(all steps,): one index for each sweep of the group, repeated for each of its steps."""
    # NumPy does this in a sixth of the time that torch takes for some tens of steps.
    each = np.repeat(np.array(indices, np.int64), [values.shape[0] for _, values in group])
    return torch.from_numpy(each).to(group[0][1].device)


def _from_inputs(network: DenseNetwork, inputs: Tensor, group: Group) -> list[Tensor]:
    """Every layer's activations, (all steps, n), while one input after another takes its values."""
    index = _in_each_step([vary.input for vary, _ in group if isinstance(vary, VaryInput)], group)
    values = torch.cat([values for _, values in group])

    def rows(some: slice) -> Tensor:
        made = inputs.repeat(values[some].shape[0], 1)
        return made.scatter_(1, index[some].unsqueeze(1), values[some].unsqueeze(1))

    layers = _in_blocks(network, rows, values.shape[0])
    _set_rows(layers, values == inputs[index], lambda: forward(network, inputs).activations)
    return layers


def _from_layer(network: DenseNetwork, trace: DenseTrace, first: int, group: Group) -> list[Tensor]:
    """The activations of layer `first` and those after it while one of its numbers after another takes its values.

    Only one neuron's sum changes in each step: it is computed as that of a layer which has a neuron for each step.
    """
    layer = network.layers[first]
    before = trace.inputs if first == 0 else trace.activations[first - 1]
    places = [_place_in_layer(vary) for vary, _ in group]
    neurons = _in_each_step([neuron for _, neuron in places], group)
    sources = _in_each_step([source for source, _ in places], group)
    values = torch.cat([values for _, values in group])
    found = [
        _varied_sums(layer, before, neurons[some], sources[some], values[some])
        for some in _blocks(values.shape[0], layer.n_in)
    ]
    sums, here = found[0] if len(found) == 1 else (torch.cat(parts) for parts in zip(*found, strict=True))
    z = trace.pre_activations[first].repeat(values.shape[0], 1)
    layers = [layer.activation(z.scatter_(1, neurons.unsqueeze(1), sums.unsqueeze(1)))]
    if first + 1 < len(network.layers):
        layers += forward_each(network, layers[0], first + 1)
    _set_rows(layers, here, lambda: trace.activations[first:])
    return layers


def _place_in_layer(vary: Vary) -> tuple[int, int]:
    """Row and column of a weight; a bias stands in row -1."""
    match vary:
        case VaryWeight(_, source, target):
            return source, target
        case VaryBias(_, neuron):
            return -1, neuron
        case VaryInput():
            raise ValueError("an input belongs to no layer")


def _varied_sums(
    layer: DenseLayer, before: Tensor, neurons: Tensor, sources: Tensor, values: Tensor
) -> tuple[Tensor, Tensor]:
    """In each step, a neuron's sum where its weight from `sources`, or its bias where that is -1, has this value.

    And whether it is the value that the weight or bias has now.
    """
    weights, biases = layer.weights.index_select(1, neurons), layer.biases.index_select(0, neurons)
    of_bias, row = sources < 0, sources.clamp(min=0).unsqueeze(0)
    now = weights.gather(0, row)[0]
    weights.scatter_(0, row, torch.where(of_bias, now, values).unsqueeze(0))
    here = values == torch.where(of_bias, biases, now)
    return forward(DenseNetwork([DenseLayer(weights, torch.where(of_bias, values, biases))]), before).outputs, here


def _in_blocks(network: DenseNetwork, rows: Callable[[slice], Tensor], count: int) -> list[Tensor]:
    """Every layer's activations (count, n) of as many input vectors; `rows` makes some at a time."""
    found = [forward_each(network, rows(some)) for some in _blocks(count, network.n_in)]
    return found[0] if len(found) == 1 else [torch.cat(parts) for parts in zip(*found, strict=True)]


def _blocks(count: int, n_in: int) -> list[slice]:
    """So many input vectors in parts that are made at once."""
    at_once = max(1, _NUMBERS_AT_ONCE // n_in)
    return [slice(start, min(start + at_once, count)) for start in range(0, count, at_once)]


def _set_rows(layers: Sequence[Tensor], here: Tensor, activations: Callable[[], Sequence[Tensor]]) -> None:
    """Writes the pass's own activations into the rows `here` (count,), those of the values that stand."""
    if bool(here.any()):
        for layer, a in zip(layers, activations(), strict=True):
            layer[here] = a


def grid(network: DenseNetwork, inputs: Tensor, x: Axis, y: Axis, steps: int, some: range | None = None) -> Grid:
    """Every neuron's activation while two inputs cover a plane, the others staying as they are.

    Of the plane's rows, which follow y, `some` in a row, or all of them.

    At the point where both have the values that they have now, it is the pass's own, to the bit. Raises NetworkError
    (out-of-range) for an input that the network lacks, or one input on both axes.
    """
    inputs = single_inputs(network, inputs)
    check_axes(network, x, y)
    x_values, y_values = spread(x.low, x.high, steps, inputs), spread(y.low, y.high, steps, inputs)
    y_values = y_values if some is None else y_values[some.start : some.stop]
    height = len(y_values)
    across, down = x_values.repeat(height), y_values.repeat_interleave(steps)

    def rows(some: slice) -> Tensor:
        made = inputs.repeat(across[some].shape[0], 1)
        made[:, x.input], made[:, y.input] = across[some], down[some]
        return made

    layers = _in_blocks(network, rows, height * steps)
    here = (y_values == inputs[y.input]).unsqueeze(1) & (x_values == inputs[x.input])
    _set_rows(layers, here.flatten(), lambda: forward(network, inputs).activations)
    return Grid(x_values, y_values, [layer.T.reshape(-1, height, steps) for layer in layers])


def check_axes(network: DenseNetwork, x: Axis, y: Axis, pointer: str = "") -> None:
    """Raises NetworkError (out-of-range) for an input that the network lacks, or one input on both axes."""
    check_index(x.input, network.n_in, "no-such-input", f"{pointer}/x/input")
    check_index(y.input, network.n_in, "no-such-input", f"{pointer}/y/input")
    if x.input == y.input:
        raise NetworkError(Fault("out-of-range", "same-input-twice", f"{pointer}/y/input", {"input": x.input}))


def sweep_size(network: DenseNetwork, steps: int) -> int:
    """How many numbers `sweep` gives, the values included."""
    return steps * (1 + sum(network.sizes[1:]))


def grid_size(network: DenseNetwork, steps: int) -> int:
    """How many numbers `grid` gives, both axes included."""
    return steps * steps * sum(network.sizes[1:]) + 2 * steps
