"""Where a cell comes from, which cells it depends on, and how it changes with them."""

import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from adelante.network.explanation import Explanation, Part
from adelante.network.forward import Trace, forward
from adelante.network.given import Inputs
from adelante.network.network import Network, NetworkFault, Node
from adelante.network.operations import Operand

FEW_CELLS = 2
"""Up to so many, each cell has a backward pass of its own, which takes no longer; more share one."""


def explain(network: Network, trace: Trace, tensor: str, at: Sequence[int], row: int = 0) -> Explanation:
    """What the number at `at` of a node's result is made of; of input number `row` where the trace is of a batch.

    `at` does not count the batch, nor do the cells of the parts; tensors without the batch in their first dimension are
    counted as they are. Raises NetworkFault for a tensor that no node gives, or a cell that it does not have.
    """
    node = network.by_name.get(tensor)
    if node is None:
        if tensor in network.shapes:
            raise NetworkFault(tensor, "it was given, not computed.", "Ask a tensor that a layer gives.")
        raise NetworkFault(tensor, "the network has no tensor of this name.", "`network.shapes` lists them.")
    index = _whole(network, trace, tensor, at, row)
    if missing := [name for name in node.inputs if name not in trace.values]:
        raise _not_kept(missing[0])
    operands = [Operand(name, trace.values[name]) for name in node.inputs]
    result = Operand(tensor, trace.values[tensor])
    found = node.operation.at_batch(trace.batch).explain(index, operands, result)
    parts = tuple(_without_batch(network, part) for part in found.parts)
    return replace(found, at=tuple(at), parts=parts)


def cell_value(network: Network, trace: Trace, tensor: str, at: Sequence[int], row: int = 0) -> float:
    """The number at `at` of any tensor of the trace, one that was given too; `row` and `at` as of `explain`."""
    if tensor not in network.shapes:
        raise NetworkFault(tensor, "the network has no tensor of this name.", "`network.shapes` lists them.")
    return float(trace.values[tensor][_whole(network, trace, tensor, at, row)])


def _whole(network: Network, trace: Trace, tensor: str, at: Sequence[int], row: int) -> tuple[int, ...]:
    """The index into the tensor as torch has it."""
    if tensor not in trace.values:
        raise _not_kept(tensor)
    shape = tuple(trace.values[tensor].shape)
    per_input = tensor in network.per_input
    if per_input and not 0 <= row < trace.batch:
        raise NetworkFault(tensor, f"there is no row {row}: the trace is of {trace.batch}, counted from 0.")
    wanted = shape[1:] if per_input else shape
    try:
        place = tuple(map(operator.index, at))
    except TypeError:
        raise NetworkFault(tensor, f"a cell is a tuple of whole numbers, not {at!r}; its shape is {wanted}.") from None
    if len(place) != len(wanted) or not all(0 <= i < size for i, size in zip(place, wanted, strict=True)):
        raise NetworkFault(tensor, f"it has no cell {place}; its shape is {wanted}.")
    return (row, *place) if per_input else place


def _not_kept(tensor: str) -> NetworkFault:
    reason = "the trace does not have it: it is of another network, or kept less."
    return NetworkFault(tensor, reason, "adelante.forward(network, inputs) keeps all.")


def _without_batch(network: Network, part: Part) -> Part:
    cut = part.at[:, 1:] if part.tensor in network.per_input else part.at
    factor_at = part.factor_at
    if factor_at is not None and part.factor in network.per_input:
        factor_at = factor_at[:, 1:]
    return replace(part, at=cut, factor_at=factor_at)


def reach(network: Network, trace: Trace, tensor: str, at: Sequence[int], row: int = 0) -> dict[str, Tensor]:
    """Which cells the number at `at` depends on: for each tensor before it a mask of its shape, without the batch.

    All that it could depend on by the operations' shapes, whatever the numbers are: every cell of a pooling's window,
    not the largest alone; a weight of 0 too. Tensors that it does not depend on are left out; so are indices (what an
    embedding or a gather is asked for).
    """
    index = _whole(network, trace, tensor, at, row)
    masks = {tensor: torch.zeros(trace.values[tensor].shape, dtype=torch.bool)}
    masks[tensor][index] = True
    for node in reversed(network.nodes):
        if node.name in masks:
            for name, mask in _reached(network, trace, node.name, masks[node.name]).items():
                masks[name] = masks[name] | mask if name in masks else mask
    del masks[tensor]
    return {name: mask[row] if name in network.per_input else mask for name, mask in masks.items()}


def leads_to(trace: Trace, tensor: str, at: Sequence[int], most_cost: int) -> dict[str, Tensor | None]:
    """The tensors that are computed of a cell, each with a mask of its shape: the cells that depend on it, one input's.

    By the operations' shapes, as `reach`; the next ones only. None in a mask's place where finding it costs more than
    `most_cost` multiply-adds, or where the cell says where something is and not what.
    """
    network = trace.network
    found: dict[str, Tensor | None] = {}
    for node in network.nodes:
        if tensor in node.inputs:
            shapes = network.whole_shapes
            cost = 2 * node.operation.cost([shapes[name] for name in node.inputs], shapes[node.name])
            mask = _moved(trace, node, tensor, at) if cost <= most_cost else None
            found[node.name] = mask[0] if mask is not None and node.name in network.per_input else mask
    return found


def _moved(trace: Trace, node: Node, tensor: str, at: Sequence[int]) -> Tensor | None:
    """Which results of a node are others once the cell is: its stand-in of ones, and of ones of which that one is 2."""
    index = (0, *at) if tensor in trace.network.per_input else tuple(at)
    before, after, there = [], [], False
    for i, name in enumerate(node.inputs):
        value = trace.values[name]
        moves = _moves(node, i)
        ones = torch.ones(value.shape, dtype=torch.float64) if moves else value
        grown = ones
        if moves and name == tensor:
            there = True
            grown = ones.clone()
            grown[index] = 2.0
        before.append(ones)
        after.append(grown)
    stand_in = node.operation.at_batch(trace.batch).stand_in
    return stand_in(*after) != stand_in(*before) if there else None


def _reached(network: Network, trace: Trace, name: str, mask: Tensor) -> dict[str, Tensor]:
    """For each operand of a node, which of its numbers the masked results depend on."""
    node = network.by_name[name]
    with torch.inference_mode(False), torch.enable_grad():
        values = [trace.values[each] for each in node.inputs]
        ones = [
            torch.ones(value.shape, dtype=torch.float64, requires_grad=True) if _moves(node, i) else _plain(value)
            for i, value in enumerate(values)
        ]
        leaves = [each for each in ones if each.requires_grad]
        if not leaves:
            return {}
        result = node.operation.at_batch(trace.batch).stand_in(*ones)
        # Of a sum: for slopes that are given, torch loads sympy the first time, which takes seconds.
        found = torch.autograd.grad((result * mask.to(result.dtype)).sum(), leaves, allow_unused=True)
    slopes = iter(found)
    masks: dict[str, Tensor] = {}
    for each, one in zip(node.inputs, ones, strict=True):
        slope = next(slopes) if one.requires_grad else None
        if slope is not None and bool((slope > 0).any()):
            masks[each] = masks[each] | (slope > 0) if each in masks else slope > 0
    return masks


def _plain(tensor: Tensor) -> Tensor:
    """A tensor that a graph may keep: one that was made under inference mode can't enter it, its copy can."""
    return tensor.clone() if tensor.is_inference() else tensor


def _moves(node: Node, operand: int) -> bool:
    """Whether an operand is numbers to follow; indices say only where, and a mask stays the mask that it is."""
    role = node.operation.operand(operand)
    return role != "index" and not (node.operation.kind == "embedding" and role == "inputs")


def gradients(
    network: Network, inputs: Inputs, tensor: str, at: Sequence[int] | None, by: Iterable[str]
) -> dict[str, Tensor]:
    """d (the cell at `at` of `tensor`) / d (every number of the tensors named in `by`), by torch.autograd.

    One input, or a batch of one. Each gradient has its tensor's shape, without the batch where that is its first
    dimension; where `at` is None, every cell of `tensor` is differentiated, and counted along one more dimension,
    before. A tensor that the cell does not depend on has zeros.
    """
    by = [by] if isinstance(by, str) else list(by)
    if missing := [name for name in by if name not in network.shapes]:
        raise NetworkFault(missing[0], "the network has no tensor of this name.", "`network.shapes` lists them.")
    with torch.inference_mode(False), torch.enable_grad():
        # What was made under inference mode can't enter a graph, not even as a constant; its copy can.
        own = {name: _leaf(value) if name in by else _constant(value) for name, value in network.parameters.items()}
        named = inputs if isinstance(inputs, Mapping) else {network.inputs[0].name: inputs}
        leaves = {name: _leaf(value) for name, value in named.items()}
        trace = forward(network.with_parameters(own), leaves, keep=(tensor, *by))
        wanted = [trace.values[name] for name in by]
        if not trace.values[tensor].requires_grad:
            # It depends on nothing given, or on the choice of an index alone.
            found: Sequence[Tensor | None] = [None] * len(by)
        elif at is None:
            cells = trace.values[tensor].reshape(-1)
            found = _of_each(cells, wanted) if cells.numel() <= FEW_CELLS else _of_all(cells, wanted)
        else:
            cell = trace.values[tensor][_whole(network, trace, tensor, at, 0)]
            found = torch.autograd.grad(cell, wanted, allow_unused=True)
    before = (trace.values[tensor].numel(),) if at is None else ()
    zeros = (v.new_zeros((*before, *v.shape)) if g is None else g for v, g in zip(wanted, found, strict=True))
    return {
        name: grad.squeeze(len(before)) if name in network.per_input else grad
        for name, grad in zip(by, zeros, strict=True)
    }


def _of_each(cells: Tensor, wanted: Sequence[Tensor]) -> Sequence[Tensor | None]:
    """The gradients of each cell, one after another; torch loads nothing for that."""
    rows = [torch.autograd.grad(cell, wanted, retain_graph=True, allow_unused=True) for cell in cells]
    # Cells of one tensor: what one of them does not come from, none does.
    return [None if slopes[0] is None else torch.stack(slopes) for slopes in zip(*rows, strict=True)]


def _of_all(cells: Tensor, wanted: Sequence[Tensor]) -> Sequence[Tensor | None]:
    """The same in one batched backward pass; before the first, torch loads sympy for seconds."""
    each_cell = torch.eye(cells.numel(), dtype=cells.dtype, device=cells.device)
    return torch.autograd.grad(cells, wanted, each_cell, is_grads_batched=True, allow_unused=True)


def _constant(tensor: Tensor) -> Tensor:
    return tensor.clone() if tensor.is_inference() else tensor.detach()


def _leaf(tensor: Tensor) -> Tensor:
    return _constant(tensor).requires_grad_(tensor.is_floating_point())
