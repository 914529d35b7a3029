"""What a pass means: the terms of each neuron's sum, derivatives, and gradients.

Every function takes a network and ONE input vector, of the network's own dtype and device, and gives tensors of the
same. Nothing here is approximated: the numbers are those of `forward`, and derivatives are torch.autograd's.
Results can be much larger than the network; the `*_size` functions say how many numbers one would hold, before it is
made.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

import torch
from torch import Tensor

from adelante.network import explain as general
from adelante.network.activations import Activation
from adelante.network.checks import check_index, single_inputs
from adelante.network.dense.network import DenseNetwork, DenseTrace
from adelante.network.errors import shape_text

_DIAGONAL_CHUNK = 1 << 20


class LayerExplanation(NamedTuple):
    """Some neurons of one layer, taken apart. `neurons` are their n indices; the tensors follow their order.

    values        (n_in,)    what the layer before hands over (the inputs, for layer 0)
    weights       (n_in, n)
    contributions (n_in, n)  values · weights, term by term
    biases, pre_activations, activations, derivatives   (n,); derivatives are da_j / dz_j
    """

    layer: int
    neurons: Sequence[int]
    values: Tensor
    weights: Tensor
    contributions: Tensor
    biases: Tensor
    pre_activations: Tensor
    activations: Tensor
    derivatives: Tensor


@dataclass(frozen=True, slots=True)
class Shares:
    """How the z of a layer become shares that add up to 1, as softmax makes them.

    exponentials (n,)  e^(z - subtracted)
    total        ()    their sum
    shares       (n,)  torch's own softmax: each exponential's part of the total
    log_total    ()    ln Σ e^z, which log_softmax takes from every z
    subtracted   ()    0, or the largest z where e^z would leave the dtype's range
    """

    exponentials: Tensor
    total: Tensor
    shares: Tensor
    log_total: Tensor
    subtracted: Tensor


@dataclass(frozen=True, slots=True)
class Gradients:
    """How each output changes with each number; the first axis of every tensor is the output.

    inputs (n_outputs, n_in); weights[k] (n_outputs, n_in of layer k, n_out of layer k); biases[k] (n_outputs, n_out of
    layer k). Both lists are empty where only the inputs' gradients were asked for.
    """

    inputs: Tensor
    weights: list[Tensor]
    biases: list[Tensor]


def explain_layer(
    network: DenseNetwork, trace: DenseTrace, layer: int, neuron: int | range | None = None, pointer: str = "/target"
) -> LayerExplanation:
    """One neuron of a layer, some in a row, or all of them, from the trace of one input vector.

    Raises NetworkError (out-of-range) at pointer + "/layer" or "/neuron".
    """
    check_index(layer, len(network.layers), "no-such-layer", f"{pointer}/layer")
    this = network.layers[layer]
    neurons = _in_a_row(neuron, this.n_out)
    for each in (neurons[0], neurons[-1]):
        check_index(each, this.n_out, "no-such-neuron", f"{pointer}/neuron")
    values = trace.inputs if layer == 0 else trace.activations[layer - 1]
    z, a = trace.pre_activations[layer], trace.activations[layer]
    if z.dim() != 1:
        raise ValueError(f"a trace of one input vector is needed, this one has shape {shape_text(trace.inputs.shape)}")
    some = slice(neurons.start, neurons.stop)
    weights = this.weights[:, some]
    return LayerExplanation(
        layer=layer,
        neurons=neurons,
        values=values,
        weights=weights,
        contributions=values.unsqueeze(1) * weights,
        biases=this.biases[some],
        pre_activations=z[some],
        activations=a[some],
        derivatives=derivatives(this.activation, z, neurons),
    )


def running_sums(part: LayerExplanation) -> Tensor:
    """(1 + n_in, n): the bias, then the sum after each term in order; the last row is z, up to rounding."""
    return torch.cumsum(torch.cat((part.biases.unsqueeze(0), part.contributions)), 0)


def shares(z: Tensor) -> Shares:
    """What softmax and log_softmax are made of, for the z (n,) of one layer."""
    subtracted = torch.zeros_like(z[0])
    exponentials = torch.exp(z)
    total = exponentials.sum()
    # Torch always subtracts the largest z; here only where it has to be, because plain e^z is what people know.
    if not torch.finfo(z.dtype).tiny <= total < torch.inf:
        subtracted = z.max()
        exponentials = torch.exp(z - subtracted)
        total = exponentials.sum()
    return Shares(exponentials, total, torch.softmax(z, dim=0), torch.logsumexp(z, dim=0), subtracted)


def running_terms(part: LayerExplanation) -> Tensor:
    """(n_in + 1, n): the sum after each term in order, then with the bias, which is z, up to rounding."""
    return torch.cumsum(torch.cat((part.contributions, part.biases.unsqueeze(0))), 0)


def _in_a_row(neuron: int | range | None, n: int) -> range:
    if isinstance(neuron, range):
        return neuron
    return range(n) if neuron is None else range(neuron, neuron + 1)


def derivatives(activation: Activation, z: Tensor, neuron: int | range | None = None) -> Tensor:
    """da_j / dz_j at a layer's z (n,), by torch.autograd: of one neuron, some in a row, or all of them."""
    n = z.shape[0]
    neurons = _in_a_row(neuron, n)
    # Out of inference mode gradients are on, whatever they were.
    with torch.inference_mode(False):
        if activation.elementwise:
            leaf = _leaf(z[neurons.start : neurons.stop])
            return _pointwise(activation(leaf), leaf)
        # a_j depends on the whole of z, so each neuron gets a row of its own, and of row j only a_j counts.
        rows = torch.arange(neurons.start, neurons.stop, device=z.device)
        chunk = max(1, _DIAGONAL_CHUNK // n)
        parts = [_diagonal(activation, z, some_rows) for some_rows in torch.split(rows, chunk)]
        return torch.cat(parts)


def _pointwise(a: Tensor, leaf: Tensor) -> Tensor:
    node = a.grad_fn
    # The graph of most functions is one node. Called by itself it gives the same, without the engine's start, which
    # costs a live pass a quarter of a millisecond. A test holds it against the engine, to the bit.
    if node and len(node.next_functions) == 1 and getattr(node.next_functions[0][0], "variable", None) is leaf:
        with torch.no_grad():
            return cast("Callable[[Tensor], Tensor]", node)(torch.ones_like(leaf))
    # Of a sum, which says the same: for slopes that are given, torch loads sympy the first time, which takes seconds.
    return torch.autograd.grad(a.sum(), leaf)[0]


def _diagonal(activation: Activation, z: Tensor, neurons: Tensor) -> Tensor:
    leaf = _leaf(z.expand(len(neurons), -1).clone())
    column = neurons.unsqueeze(1)
    chosen = activation(leaf).gather(1, column).sum()
    return torch.autograd.grad(chosen, leaf)[0].gather(1, column).squeeze(1)


def _leaf(tensor: Tensor) -> Tensor:
    # What was made under inference mode can't enter a graph; its copy can.
    return (tensor.clone() if tensor.is_inference() else tensor.detach()).requires_grad_()


def gradients(network: DenseNetwork, inputs: Tensor, *, parameters: bool = True) -> Gradients:
    """d output / d each input and, with `parameters`, d output / d each weight and bias, by torch.autograd.

    All outputs share one forward pass, and more than two share one (batched) backward pass. Raises NetworkError as
    `single_inputs` does.
    """
    inputs = single_inputs(network, inputs)
    named = [f"layers.{k}.{what}" for what in ("weights", "biases") for k in range(len(network.layers))]
    by = ["inputs", *(named if parameters else [])]
    found = list(general.gradients(network, inputs, network.outputs[0], None, by).values())
    count = len(network.layers) if parameters else 0
    return Gradients(found[0], found[1 : 1 + count], found[1 + count :])


def terms_size(network: DenseNetwork, layer: int | None = None, neuron: int | None = None) -> int:
    """How many terms an explanation lists: of one neuron, one layer, or the whole network."""
    if layer is None:
        return sum(each.weights.numel() for each in network.layers)
    return network.layers[layer].n_in if neuron is not None else network.layers[layer].weights.numel()


def gradients_size(network: DenseNetwork, *, parameters: bool = True) -> int:
    """How many numbers `gradients` gives."""
    return network.n_out * (network.n_in + (network.size if parameters else 0))
