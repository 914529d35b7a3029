"""The dense layer, in the notebook's convention and in torch's."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor
from torch.nn import functional as F

from adelante.network.explanation import Explanation, Part
from adelante.network.operations.operation import (
    Index,
    Operand,
    Operation,
    Shape,
    along,
    broadcast_index,
    cell_part,
    number,
    take,
)


def affine(inputs: Tensor, weights: Tensor, biases: Tensor) -> Tensor:
    """inputs (batch, n_in) @ weights (n_in, n_out) + biases (n_out,)."""
    return torch.addmm(biases, inputs, weights)


@dataclass(frozen=True)
class Dense(Operation):
    """inputs @ weights + biases, with weights (n_in, n_out), the notebook's convention, and biases (n_out,)."""

    KIND = "dense"
    FORM = "sum-of-products"
    OPERANDS = ("inputs", "weights", "biases")
    OPTIONAL = 1

    def run(self, *operands: Tensor) -> Tensor:
        inputs, weights, biases = (*operands, None)[:3]
        assert inputs is not None
        assert weights is not None
        if inputs.dim() == 2 and biases is not None:
            return affine(inputs, weights, biases)
        return F.linear(inputs, weights.t(), biases)

    def cost(self, shapes: Sequence[Shape], result: Shape) -> int:
        return prod(result) * shapes[0][-1]

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        return explain_product(at, operands, result, input_dim=0)


@dataclass(frozen=True)
class Linear(Dense):
    """inputs @ weights.T + biases, with weights (n_out, n_in) as torch.nn.Linear keeps them.

    For weights that another layer computes or shares; a linear layer with weights of its own is `dense`.
    """

    KIND = "linear"

    def run(self, *operands: Tensor) -> Tensor:
        return F.linear(*operands)

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        return explain_product(at, operands, result, input_dim=1)


def explain_product(at: Index, operands: Sequence[Operand], result: Operand, input_dim: int) -> Explanation:
    """The sum behind one neuron; `input_dim` is the dimension of the weights that counts the inputs."""
    inputs, weights = operands[:2]
    *before, neuron = at
    cells = along((*before, 0), [-1], inputs.value.shape)
    n_in = torch.arange(cells.shape[0])
    there = torch.full_like(n_in, neuron)
    weights_at = torch.stack((n_in, there) if input_dim == 0 else (there, n_in), 1)
    parts = [
        Part(
            inputs.name,
            cells,
            take(inputs.value, cells),
            weights.name,
            weights_at,
            take(weights.value, weights_at),
        )
    ]
    if len(operands) == 3:
        parts.append(cell_part(operands[2], broadcast_index(at, operands[2].value.shape), "bias"))
    return Explanation(result.name, at, number(result.value, at), "sum-of-products", tuple(parts))
