"""Many input vectors in one pass, each summed in the order in which the pass of one alone sums it.

torch adds the biases first where there is one row and last where there are several, and sums a single column in yet
another order: more than a last digit where large terms cancel. So each row has a 1 before it here, the biases stand
above the weights as those of that 1, and a single column stands twice. The last digit may still differ from the pass
alone: torch computes sigmoid and its like with other instructions of many numbers than of few.
"""

import torch
from torch import Tensor

from adelante.network.dense.network import DenseNetwork
from adelante.network.forward import run


def forward_each(network: DenseNetwork, rows: Tensor, first: int = 0) -> list[Tensor]:
    """The activations of layer `first` and all after it, (count, n) each; `rows` (count, n_in) is what it takes."""
    layers = network.layers[first:]
    before = network.layers[first - 1].nodes[-1] if first else "inputs"
    values = {**network.parameters, before: rows}
    steps = network.steps(len(rows))[2 * first :]
    each = [step._replace(run=_each_alone) if k % 2 == 0 else step for k, step in enumerate(steps)]
    run(each, values, {layer.nodes[1]: [layer.nodes[0]] for layer in layers})
    return [values[layer.nodes[-1]] for layer in layers]


def _each_alone(rows: Tensor, weights: Tensor, biases: Tensor) -> Tensor:
    """`affine`, each row as if it were the only one."""
    after_ones = torch.cat((rows.new_ones((rows.shape[0], 1)), rows), 1)
    with_biases = torch.cat((biases.unsqueeze(0), weights))
    if weights.shape[1] > 1:
        return torch.mm(after_ones, with_biases)
    return torch.mm(after_ones, with_biases.repeat(1, 2))[:, :1].contiguous()
