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
from adelante.network.forward import Trace, changed, forward, run
from adelante.network.network import Network, Node

Responses = dict[str, Tensor]
Part = tuple[slice, Mapping[str, Tensor]]


def responses(
    network: Network, trace: Trace, cells: Sequence[Cell], rows: Tensor, keep: Sequence[str], at_once: int = 256
) -> Generator[None, None, Responses]:
    """The tensors named in `keep` while the cells take the values of each row of `rows` (n, cells), float64, in turn.

    Each tensor comes as (n, *its shape without the batch). `trace` is of one input; it has all tensors where a
    parameter's cell moves. Where the network takes batches, `at_once` rows run together: from the start where inputs
    move, from what a moving parameter gives where one does. Others run one by one. Yields between them.
    """
    found = {name: trace[name].new_empty((len(rows), *trace[name].shape)) for name in keep}
    for some, values in _parts(network, trace, cells, rows, keep, max(1, at_once)):
        for name, tensor in found.items():
            tensor[some] = values[name]
        yield
    standing = torch.stack([trace[cell.tensor][cell.at].to(rows) for cell in cells])
    here = (rows == standing).all(1)
    if bool(here.any()):
        for name, tensor in found.items():
            tensor[here] = trace[name]
    return found


def _parts(
    network: Network, trace: Trace, cells: Sequence[Cell], rows: Tensor, keep: Sequence[str], at_once: int
) -> Iterator[Part]:
    if runs_together(network, cells, keep):
        for some in _blocks(len(rows), at_once):
            with torch.inference_mode():
                together = forward(network, _batch(network, trace, cells, rows[some]), keep)
            yield some, together.values
    elif heads := _heads(network, cells, keep):
        yield from _after_heads(network, trace, heads, cells, rows, keep, at_once)
    else:
        moving = _Moving(trace, cells)
        for k, row in enumerate(rows):
            with torch.inference_mode():
                alone = changed(trace, moving.at(row))
            yield slice(k, k + 1), {name: alone[name] for name in keep}


def _blocks(count: int, most: int) -> Iterator[slice]:
    """As few parts as have at most so many each; a small rest would be summed in another order than its neighbours."""
    parts = -(-count // most)
    ends = [count * k // parts for k in range(parts + 1)]
    yield from map(slice, ends, ends[1:])


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


class _Moving:
    """The tensors of some cells, as a trace has them, into which one row of values after another is written."""

    def __init__(self, trace: Trace, cells: Sequence[Cell]) -> None:
        per_input = trace.network.per_input
        self._tensors = {cell.tensor: trace.values[cell.tensor].clone() for cell in cells}
        self._places: list[tuple[Tensor, Any]] = [
            (self._tensors[cell.tensor], (0, *cell.at) if cell.tensor in per_input else cell.at) for cell in cells
        ]

    def at(self, row: Tensor) -> Mapping[str, Tensor]:
        """The tensors with this row's values; the next row overwrites them."""
        for (tensor, index), value in zip(self._places, row, strict=True):
            tensor[index] = value.to(tensor)
        return self._tensors


def _heads(network: Network, cells: Sequence[Cell], keep: Sequence[str]) -> tuple[Node, ...]:
    """The nodes that read the moving parameters, where all that follows them may run as one batch; else none."""
    moving = {cell.tensor for cell in cells}
    if network.batch != "any" or not moving.issubset(network.parameters):
        return ()
    dependents = network.dependents(moving)
    computed = {node.name for node in dependents}
    heads = tuple(node for node in dependents if not moving.isdisjoint(node.inputs))
    taken = {name for node in dependents if node not in heads for name in node.inputs}
    told = computed.union(name for name in keep if name not in network.parameters)
    if any(not computed.isdisjoint(head.inputs) for head in heads) or not network.per_input.issuperset(told):
        return ()
    return heads if taken <= network.per_input | network.parameters.keys() else ()


def _after_heads(
    network: Network,
    trace: Trace,
    heads: Sequence[Node],
    cells: Sequence[Cell],
    rows: Tensor,
    keep: Sequence[str],
    at_once: int,
) -> Iterator[Part]:
    """Each row's heads by themselves, and what follows them for all rows of a block together."""
    after = [node for node in network.dependents({cell.tensor for cell in cells}) if node not in heads]
    taken = {*(name for node in after for name in node.inputs), *keep}
    own = {name: trace.values[name] for name in taken.difference(node.name for node in (*heads, *after))}
    first = [(head, head.operation.at_batch(trace.batch)) for head in heads]
    moving = _Moving(trace, cells)
    for some in _blocks(len(rows), at_once):
        count = some.stop - some.start
        with torch.inference_mode():
            given: dict[str, list[Tensor]] = {head.name: [] for head in heads}
            for row in rows[some]:
                moved = moving.at(row)
                for head, operation in first:
                    operands = [moved.get(name, trace.values[name]) for name in head.inputs]
                    given[head.name].append(operation.run(*operands))
            values = {name: torch.cat(each) for name, each in given.items()}
            for name, value in own.items():
                values[name] = value.expand(count, *value.shape[1:]) if name in network.per_input else value
            run([network.step(node, count) for node in after], values)
        yield some, values


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
        return (1 + count) * network.cost
    return network.cost + count * changed_cost(network, {cell.tensor for cell in cells})


def responses_calls(network: Network, cells: Sequence[Cell], keep: Sequence[str], count: int, at_once: int) -> int:
    """How many calls of torch so many responses are."""
    batches = -(-count // at_once)
    if runs_together(network, cells, keep):
        return batches * network.calls
    dependents = len(network.dependents({cell.tensor for cell in cells}))
    heads = len(_heads(network, cells, keep))
    return count * heads + batches * dependents if heads else count * dependents


def changed_cost(network: Network, tensors: set[str]) -> int:
    """Multiplications and additions of what depends on these tensors, which are copied, roughly."""
    copied = sum(prod(network.whole_shapes[name]) for name in tensors)
    return copied + sum(network.costs[node.name] for node in network.dependents(tensors))
