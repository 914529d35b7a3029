"""The one forward pass of the product. Everything that is shown anywhere comes from here."""

from typing import NamedTuple

import torch
from torch import Tensor

from app.network.network import Layer, Network, check_inputs


class Trace(NamedTuple):
    """Every value of one forward pass.

    `inputs` is (n_in,) or (batch, n_in); `pre_activations[k]` (z) and `activations[k]` (a) of layer k have the
    same rank: (n_out,) or (batch, n_out).
    """

    inputs: Tensor
    pre_activations: list[Tensor]
    activations: list[Tensor]

    @property
    def outputs(self) -> Tensor:
        """The last layer's activations."""
        return self.activations[-1]


def forward(network: Network, inputs: Tensor) -> Trace:
    """Run the network on inputs of shape (n_in,) or (batch, n_in), of its own dtype and device.

    Raises NetworkError (shape-mismatch, empty) where the inputs do not fit.
    """
    check_inputs(network, inputs)
    a = inputs if inputs.dim() == 2 else inputs.unsqueeze(0)
    pre_activations: list[Tensor] = []
    activations: list[Tensor] = []
    for layer in network.layers:
        z = torch.addmm(layer.biases, a, layer.weights)
        a = layer.activation.function(z)
        pre_activations.append(z)
        activations.append(a)
    if inputs.dim() == 1:
        return Trace(inputs, [z[0] for z in pre_activations], [a[0] for a in activations])
    return Trace(inputs, pre_activations, activations)


def forward_each(network: Network, rows: Tensor) -> Trace:
    """The passes of many input vectors (count, n_in), each summed in the order in which `forward` sums it alone.

    torch adds the biases first where there is one row and last where there are several, and sums a single column in yet
    another order: more than a last digit where large terms cancel. So the biases stand here as the weights of one more
    input that is always 1, and a single column stands twice. The last digit may still differ from the pass alone: torch
    computes sigmoid and its like with other instructions of many numbers than of few.
    """
    check_inputs(network, rows)
    ones = rows.new_ones((rows.shape[0], 1))
    a = rows
    pre_activations: list[Tensor] = []
    activations: list[Tensor] = []
    for layer in network.layers:
        z = torch.mm(torch.cat((ones, a), 1), _with_biases(layer))
        z = z if layer.n_out > 1 else z[:, :1].contiguous()
        a = layer.activation.function(z)
        pre_activations.append(z)
        activations.append(a)
    return Trace(rows, pre_activations, activations)


def _with_biases(layer: Layer) -> Tensor:
    """(1 + n_in, n_out), at least two columns: the biases above the weights."""
    weights = torch.cat((layer.biases.unsqueeze(0), layer.weights))
    return weights if layer.n_out > 1 else weights.repeat(1, 2)
