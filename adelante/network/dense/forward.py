"""Many input vectors at once, each computed as the one pass computes it alone."""

import torch
from torch import Tensor

from adelante.network.dense.network import DenseLayer, DenseNetwork, DenseTrace
from adelante.network.forward import forward

__all__ = ["DenseTrace", "after_ones", "forward", "forward_each", "rows_of_inputs"]


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
