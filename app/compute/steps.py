"""The forward pass of a large batch, step by step, so that others have their turn and it can be given up in between."""

import torch
from torch import Tensor

from adelante.network.dense.forward import DenseTrace, forward
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.dense.responses import Axis, Grid, Sweep, Vary, grid, sweep
from app.compute.pool import Steps

# About as long as others may have to wait for one step.
STEP_SECONDS = 0.05
# Fewer rows at a time than this and the weights would be read more often than the arithmetic is worth.
_LEAST_ROWS = 16
# To copy a number takes as long as this many multiply-adds.
_COPIED_NUMBER_COST = 20
# A sweep's rows are whole input vectors: so many numbers of them at a time.
_MOST_NUMBERS = 1 << 22


def forward_in_steps(
    network: DenseNetwork, inputs: Tensor, *, speed: float, outputs_only: bool = False
) -> Steps[DenseTrace]:
    """The trace of inputs (n_in,) or (batch, n_in): each layer by itself, its rows in parts where there are many.

    `speed` is in multiply-adds a second. With `outputs_only` the trace has the last activations and nothing else; what
    a layer gave is let go of once the next has taken it.
    """
    a = inputs if inputs.dim() == 2 else inputs.unsqueeze(0)
    pre_activations: list[Tensor] = []
    activations: list[Tensor] = []
    for layer in network.layers:
        z, a = yield from _layer(layer, a, speed)
        if not outputs_only:
            pre_activations.append(z)
            activations.append(a)
        del z
    if outputs_only:
        activations.append(a)
    if inputs.dim() == 1:
        return DenseTrace(inputs, [z[0] for z in pre_activations], [a[0] for a in activations])
    return DenseTrace(inputs, pre_activations, activations)


def _layer(layer: DenseLayer, a: Tensor, speed: float) -> Steps[tuple[Tensor, Tensor]]:
    network = DenseNetwork((layer,))
    rows = max(_LEAST_ROWS, int(STEP_SECONDS * speed / network.parameters))
    if len(a) <= rows:
        with torch.inference_mode():
            trace = forward(network, a)
        yield
        return trace.pre_activations[0], trace.outputs
    z, activations = a.new_empty((len(a), layer.n_out)), a.new_empty((len(a), layer.n_out))
    done = 0
    for some in split_evenly(a, rows):
        with torch.inference_mode():
            trace = forward(network, some)
            z[done : done + len(some)] = trace.pre_activations[0]
            activations[done : done + len(some)] = trace.outputs
        done += len(some)
        yield
    return z, activations


def sweep_in_steps(network: DenseNetwork, inputs: Tensor, vary: Vary, values: Tensor, speed: float) -> Steps[Sweep]:
    """The sweep over values (steps,), a part of them at a time."""
    rows = max(_LEAST_ROWS, int(STEP_SECONDS * speed / row_cost(network)))
    parts: list[Sweep] = []
    for some in split_evenly(values, min(rows, max(1, _MOST_NUMBERS // max(network.sizes)))):
        with torch.inference_mode():
            parts.append(sweep(network, inputs, vary, some))
        yield
    if len(parts) == 1:
        return parts[0]
    with torch.inference_mode():
        return Sweep(values, [torch.cat(layer) for layer in zip(*(part.activations for part in parts), strict=True)])


def grid_in_steps(network: DenseNetwork, inputs: Tensor, x: Axis, y: Axis, steps: int, speed: float) -> Steps[Grid]:
    """The plane, some of its rows at a time."""
    rows = max(1, int(STEP_SECONDS * speed / (steps * row_cost(network))))
    parts: list[Grid] = []
    for start in range(0, steps, rows):
        with torch.inference_mode():
            parts.append(grid(network, inputs, x, y, steps, range(start, min(start + rows, steps))))
        yield
    if len(parts) == 1:
        return parts[0]
    with torch.inference_mode():
        y_values = torch.cat([part.y_values for part in parts])
        layers = zip(*(part.activations for part in parts), strict=True)
        return Grid(parts[0].x_values, y_values, [torch.cat(layer, dim=1) for layer in layers])


def row_cost(network: DenseNetwork) -> int:
    """Multiply-adds of one input vector that first has to be made of another."""
    return network.parameters + _COPIED_NUMBER_COST * network.n_in


def split_evenly(values: Tensor, most: int) -> tuple[Tensor, ...]:
    """Its rows in as few parts as have at most so many each; a small rest would be summed in another order."""
    count = -(-len(values) // most)
    return torch.tensor_split(values, count) if count > 1 else (values,)
