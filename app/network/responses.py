"""What other values would give: activation curves, sweeps of one number, and grids over two inputs.

Every function takes ONE input vector, of the network's own dtype and device, and gives tensors of the same. Nothing
here is approximated: the numbers are those of `forward`. Results can be much larger than the network; the `*_size`
functions say how many numbers one would hold, before it is made.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from app.network.activations import Activation
from app.network.checks import check_index, single_inputs
from app.network.errors import Fault, NetworkError
from app.network.forward import Trace, forward
from app.network.network import Network

CURVE_SAMPLES = 65


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


def check_vary(network: Network, vary: Vary, pointer: str = "/vary") -> None:
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


def sweep(network: Network, inputs: Tensor, vary: Vary, values: Tensor, pointer: str = "/vary") -> Sweep:
    """Every layer while one number takes `values` (steps,) and all others stay.

    An input is swept as one batch. For a weight or a bias the layers before it are computed once, its own layer changes
    in one column, and the layers after it run as one batch.
    """
    check_vary(network, vary, pointer)
    return sweeps(network, inputs, [(vary, values)])[0]


def sweeps(network: Network, inputs: Tensor, wanted: Sequence[tuple[Vary, Tensor]]) -> list[Sweep]:
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
            layers = forward(network, torch.cat([_varied_inputs(inputs, *each) for each in group])).activations
            before: list[Tensor] = []
        else:
            z = torch.cat([_varied_sums(network, trace, *each) for each in group])
            layers = [network.layers[first].activation(z)]
            layers += _onwards(network, layers[0], first + 1)
            before = trace.activations[:first]
        counts = [values.shape[0] for _, values in group]
        for index, *parts in zip(indices, *(torch.split(layer, counts) for layer in layers), strict=True):
            values = wanted[index][1]
            found[index] = Sweep(values, [*(earlier.expand(values.shape[0], -1) for earlier in before), *parts])
    return [found[index] for index in range(len(wanted))]


def _varied_inputs(inputs: Tensor, vary: Vary, values: Tensor) -> Tensor:
    """(steps, n_in): the inputs with one of them taking values."""
    assert isinstance(vary, VaryInput)
    rows = inputs.repeat(values.shape[0], 1)
    rows[:, vary.input] = values
    return rows


def _varied_sums(network: Network, trace: Trace, vary: Vary, values: Tensor) -> Tensor:
    """(steps, n_out): the pre-activations of the layer in which a weight or a bias takes values."""
    assert not isinstance(vary, VaryInput)
    layer = network.layers[vary.layer]
    before = trace.inputs if vary.layer == 0 else trace.activations[vary.layer - 1]
    z = trace.pre_activations[vary.layer].repeat(values.shape[0], 1)
    if isinstance(vary, VaryWeight):
        columns = layer.weights[:, vary.target].repeat(values.shape[0], 1)
        columns[:, vary.source] = values
        z[:, vary.target] = columns @ before + layer.biases[vary.target]
    else:
        z[:, vary.neuron] = before @ layer.weights[:, vary.neuron] + values
    return z


def _onwards(network: Network, a: Tensor, first: int) -> list[Tensor]:
    """The activations of layer `first` and all after it, a (batch, n) being those of the layer before."""
    if first == len(network.layers):
        return []
    return forward(Network(network.layers[first:]), a).activations


def grid(network: Network, inputs: Tensor, x: Axis, y: Axis, steps: int) -> Grid:
    """Every neuron's activation while two inputs cover a plane, the others staying as they are.

    Raises NetworkError (out-of-range) for an input that the network lacks, or one input on both axes.
    """
    inputs = single_inputs(network, inputs)
    check_index(x.input, network.n_in, "no-such-input", "/x/input")
    check_index(y.input, network.n_in, "no-such-input", "/y/input")
    if x.input == y.input:
        raise NetworkError(Fault("out-of-range", "same-input-twice", "/y/input", {"input": x.input}))
    x_values, y_values = spread(x.low, x.high, steps, inputs), spread(y.low, y.high, steps, inputs)
    first = network.layers[0]
    others = inputs.clone()
    others[[x.input, y.input]] = 0
    # Only two inputs move, so the first layer is a plane's worth of sums instead of steps² whole products.
    still = torch.addmm(first.biases, others.unsqueeze(0), first.weights)
    across = x_values.unsqueeze(1) * first.weights[x.input]
    down = y_values.unsqueeze(1) * first.weights[y.input]
    z = (still + across).unsqueeze(0) + down.unsqueeze(1)
    a = first.activation(z.reshape(steps * steps, first.n_out))
    layers = [a, *_onwards(network, a, 1)]
    return Grid(x_values, y_values, [layer.T.reshape(-1, steps, steps) for layer in layers])


def sweep_size(network: Network, steps: int) -> int:
    """How many numbers `sweep` gives, the values included."""
    return steps * (1 + sum(network.sizes[1:]))


def grid_size(network: Network, steps: int) -> int:
    """How many numbers `grid` gives, both axes included."""
    return steps * steps * sum(network.sizes[1:]) + 2 * steps
