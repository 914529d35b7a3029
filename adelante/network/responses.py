"""What other values would give: any tensors of a pass while cells of its inputs or parameters take other values.

Each number is that of a forward pass with these values. Where the values are those that stand, it is the very pass, to
the bit. Results can be much larger than the network; `responses_size` and `responses_cost` say how large and how
expensive, before anything is made.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from math import prod
from typing import Any

import torch
from torch import Tensor

from adelante.network.cells import Cell
from adelante.network.forward import Trace, changed, forward
from adelante.network.network import Network

Responses = dict[str, Tensor]


def responses(
    network: Network, trace: Trace, cells: Sequence[Cell], rows: Tensor, keep: Sequence[str], at_once: int = 256
) -> Generator[None, None, Responses]:
    """The tensors named in `keep` while the cells take the values of each row of `rows` (n, cells), float64, in turn.

    Each tensor comes as (n, *its shape without the batch). `trace` is of one input; it has all tensors where a
    parameter's cell moves. Rows that differ in inputs alone run together, `at_once` of them at a time, where the
    network takes batches; others run one by one, and compute what hangs on the cells alone. Yields between them.
    """
    found = {name: _empty(trace[name], len(rows)) for name in keep}
    for some, values in _parts(network, trace, cells, rows, keep, at_once):
        for name, tensor in found.items():
            tensor[some] = values[name]
        yield
    standing = torch.stack([trace[cell.tensor][cell.at].to(rows) for cell in cells])
    here = (rows == standing).all(1)
    if bool(here.any()):
        for name, tensor in found.items():
            tensor[here] = trace[name]
    return found


def _empty(one: Tensor, count: int) -> Tensor:
    return one.new_empty((count, *one.shape))


def _parts(
    network: Network, trace: Trace, cells: Sequence[Cell], rows: Tensor, keep: Sequence[str], at_once: int
) -> Iterator[tuple[slice, Mapping[str, Tensor]]]:
    if runs_together(network, cells, keep):
        # A small rest would be summed in another order than its neighbours.
        count = -(-len(rows) // max(1, at_once))
        start = 0
        for some in torch.tensor_split(rows, count):
            with torch.inference_mode():
                together = forward(network, _batch(network, trace, cells, some), keep)
            yield slice(start, start + len(some)), together.values
            start += len(some)
        return
    for k, row in enumerate(rows):
        with torch.inference_mode():
            alone = changed(trace, _moved(trace, cells, row))
        yield slice(k, k + 1), {name: alone[name] for name in keep}


def runs_together(network: Network, cells: Sequence[Cell], keep: Sequence[str]) -> bool:
    """Whether many values may run as one batch."""
    inputs = {each.name for each in network.inputs}
    return (
        network.batch == "any"
        and inputs.issuperset(cell.tensor for cell in cells)
        and network.per_input.issuperset(name for name in keep if name not in network.parameters)
    )


def _batch(network: Network, trace: Trace, cells: Sequence[Cell], rows: Tensor) -> dict[str, Tensor]:
    """The inputs, once for each row, with the row's values in the cells."""
    moving = {cell.tensor for cell in cells}
    inputs = {}
    for each in network.inputs:
        many = trace.values[each.name].expand(len(rows), *each.shape)
        inputs[each.name] = many.clone() if each.name in moving else many
    for column, cell in enumerate(cells):
        index: Any = (slice(None), *cell.at)
        inputs[cell.tensor][index] = rows[:, column].to(inputs[cell.tensor])
    return inputs


def _moved(trace: Trace, cells: Sequence[Cell], row: Tensor) -> dict[str, Tensor]:
    """The tensors of the cells, as the trace has them, with the row's values in the cells."""
    moved: dict[str, Tensor] = {}
    for cell, value in zip(cells, row, strict=True):
        tensor = moved.setdefault(cell.tensor, trace.values[cell.tensor].clone())
        index: Any = (0, *cell.at) if cell.tensor in trace.network.per_input else cell.at
        tensor[index] = value.to(tensor)
    return moved


def spread(low: float, high: float, steps: int, dtype: torch.dtype) -> Tensor:
    """`steps` evenly spaced numbers from low to high, both included, as dtype has them."""
    along = torch.linspace(0.0, 1.0, steps, dtype=torch.float64)
    spaced = low * (1.0 - along) + high * along
    return (spaced if dtype.is_floating_point else spaced.round()).to(dtype)


def responses_size(network: Network, keep: Sequence[str], count: int) -> int:
    """How many numbers so many responses hold."""
    return count * sum(prod(network.shapes[name]) for name in keep)


def responses_cost(network: Network, cells: Sequence[Cell], keep: Sequence[str], count: int) -> int:
    """Multiplications and additions of so many responses, the pass before them included, roughly."""
    if runs_together(network, cells, keep):
        return count * network.cost
    return network.cost + count * changed_cost(network, {cell.tensor for cell in cells})


def changed_cost(network: Network, tensors: set[str]) -> int:
    """Multiplications and additions of what hangs on these tensors, which are copied, roughly."""
    shapes = network.whole_shapes
    copied = sum(prod(shapes[name]) for name in tensors)
    return copied + sum(
        node.operation.cost([shapes[name] for name in node.inputs], shapes[node.name])
        for node in network.dependents(tensors)
    )
