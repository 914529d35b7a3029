"""The one forward pass of the product. Everything that is shown anywhere comes from here."""

from typing import NamedTuple

import torch
from torch import Tensor

from adelante.network.dense.network import DenseLayer, DenseNetwork, check_inputs


class DenseTrace(NamedTuple):
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


def forward(network: DenseNetwork, inputs: Tensor) -> DenseTrace:
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
        return DenseTrace(inputs, [z[0] for z in pre_activations], [a[0] for a in activations])
    return DenseTrace(inputs, pre_activations, activations)


def rows_of_inputs(inputs: Tensor, count: int) -> Tensor:
    """(count, 1 + n_in): the input vector (n_in,) that many times, each after a 1, as `forward_each` takes them."""
    return torch.cat((inputs.new_ones(1), inputs)).repeat(count, 1)


def forward_each(network: DenseNetwork, rows: Tensor) -> list[Tensor]:
    """Every layer's activations, for many input vectors, each summed in the order in which `forward` sums it alone.

    `rows` (count, 1 + n_in) has a 1 before each vector. torch adds the biases first where there is one row and last
    where there are several, and sums a single column in yet another order: more than a last digit where large terms
    cancel. So the biases stand here as the weights of that 1, and a single column stands twice. The last digit may
    still differ from the pass alone: torch computes sigmoid and its like with other instructions of many numbers than
    of few.
    """
    activations: list[Tensor] = []
    for k, layer in enumerate(network.layers):
        if k:
            rows = after_ones(activations[-1])
        z = torch.mm(rows, _with_biases(layer))
        z = z if layer.n_out > 1 else z[:, :1].contiguous()
        activations.append(layer.activation.function(z))
    return activations


def after_ones(a: Tensor) -> Tensor:
    """(count, 1 + n): a 1 before each row of a (count, n)."""
    return torch.cat((a.new_ones((a.shape[0], 1)), a), 1)


def _with_biases(layer: DenseLayer) -> Tensor:
    """(1 + n_in, n_out), at least two columns: the biases above the weights."""
    weights = torch.cat((layer.biases.unsqueeze(0), layer.weights))
    return weights if layer.n_out > 1 else weights.repeat(1, 2)
