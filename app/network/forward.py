"""The one forward pass of the product. Everything that is shown anywhere comes from here."""

from typing import NamedTuple

import torch
from torch import Tensor

from app.network.network import Network, check_inputs


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
