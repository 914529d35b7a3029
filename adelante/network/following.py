"""What a layer's activation makes of one number before it, and how steep it is there."""

from collections.abc import Sequence
from typing import NamedTuple

import torch

from adelante.network.cells import Cell
from adelante.network.forward import Trace
from adelante.network.network import Network, Node
from adelante.network.operations.functions import Function


class Following(NamedTuple):
    """The activation after a pre-activation: `value` is f(z) at the same index, `derivative` how f changes with z."""

    cell: Cell
    kind: str
    formula: str
    value: float
    derivative: float | None


def following(network: Network, trace: Trace, tensor: str, at: Sequence[int]) -> Following | None:
    """What the layer's activation makes of a cell; None where the cell is no pre-activation."""
    for layer in network.layers:
        if len(layer.nodes) > 1 and layer.nodes[-2] == tensor:
            node = network.by_name[layer.nodes[-1]]
            if node.inputs == (tensor,) and node.operation.FORM in ("function", "softmax"):
                value = float(trace[node.name][tuple(at)])
                cell = Cell(node.name, tuple(at))
                return Following(cell, node.operation.kind, _formula(node), value, slope(trace, node, at))
    return None


def _formula(node: Node) -> str:
    if isinstance(node.operation, Function):
        return node.operation.formula
    return "x - ln(Σ exp(x))" if node.operation.kind == "log_softmax" else "exp(x) / Σ exp(x)"


def slope(trace: Trace, node: Node, at: Sequence[int]) -> float | None:
    """How a node's number changes with the number at the same index of what it takes, by torch.autograd.

    None where it takes more than one tensor, or torch has no derivative of it.
    """
    if len(node.inputs) != 1:
        return None
    before = trace.values[node.inputs[0]]
    index = (0, *at) if node.name in trace.network.per_input else tuple(at)
    if isinstance(node.operation, Function):
        before, index = before[index].reshape(1), (0,)
    if not before.is_floating_point() or before.dim() != len(index):
        return None
    with torch.inference_mode(False), torch.enable_grad():
        leaf = before.clone().requires_grad_()
        value = node.operation.at_batch(trace.batch).run(leaf)[index]
        if not value.requires_grad:
            return None
        return float(torch.autograd.grad(value, leaf)[0][index])
