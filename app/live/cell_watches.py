"""Watches that any network has: regions of tensors, where a number comes from, what other values would give."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Literal

import torch
from torch import Tensor

from adelante.network.arising import Arising, arises
from adelante.network.cells import Cell
from adelante.network.explain import explain, leads_to
from adelante.network.explanation import Explanation
from adelante.network.forward import Trace
from adelante.network.network import Network
from adelante.network.responses import (
    responses,
    responses_calls,
    responses_cost,
    responses_size,
    spread,
)
from adelante.network.worked import largest_terms, worked
from app.compute.pool import Steps
from app.compute.steps import CALL_COST

Named = list[tuple[str, Tensor]]
# The text that says which cells a part is made of is as long as this many numbers of a frame.
_NUMBERS_OF_A_PART = 64
# What is told on the way without a part of its own: a curve, the running sum's ends.
_NUMBERS_ON_THE_WAY = 256
# Multiply-adds of finding what depends on a cell, which is done once.
_MOST_LEADING_COST = 20_000_000
# Where a number that is not finite arose is told at each change, so long as no more nodes than this are looked at.
_MOST_FOLLOWED = 256
# Rows of a sweep or a plane that run as one batch.
AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class WatchTensor:
    """A tensor's numbers from `region`, [from, to) along each dimension, or in blocks of `by` of them.

    Of a block its mean is told, or its largest number; the last block of a dimension may be smaller.
    """

    tensor: str
    region: tuple[tuple[int, int], ...]
    by: tuple[int, ...] | None = None
    reduction: Literal["mean", "largest"] = "mean"
    name: str | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of what is told."""
        sizes = [to - from_ for from_, to in self.region]
        return tuple(sizes if self.by is None else (-(-size // n) for size, n in zip(sizes, self.by, strict=True)))


@dataclass(frozen=True, slots=True)
class WatchCell:
    """What a cell's number is made of; `parts` is the most that it may be.

    With `terms` the numbers on the way are told too, so many terms of a sum by themselves, and all that depends on it.
    """

    cell: Cell
    parts: int
    name: str | None = None
    terms: int | None = None


@dataclass(frozen=True, slots=True)
class WatchMoved:
    """The outputs while a cell takes `steps` values of its range, or while two cells cover a plane.

    With `layers` every layer's activations too. `later`: told after the pass, in a frame of its own.
    """

    cells: tuple[Cell, ...]
    ranges: tuple[tuple[float, float], ...]
    steps: int
    name: str | None = None
    layers: bool = False
    later: bool = False

    @property
    def rows(self) -> int:
        """How many values, or pairs of them, there are."""
        return int(self.steps ** len(self.cells))

    def keep(self, network: Network) -> tuple[str, ...]:
        """The tensors that are told."""
        layers = [layer.nodes[-1] for layer in network.layers] if self.layers else []
        return tuple(dict.fromkeys((*network.outputs, *layers)))


CellWatch = WatchTensor | WatchCell
GeneralWatch = CellWatch | WatchMoved


def parts_of(network: Network, cell: Cell) -> int:
    """The most parts that the explanation of a computed cell has."""
    node, shapes = network.by_name[cell.tensor], network.whole_shapes
    return node.operation.parts([shapes[name] for name in node.inputs], shapes[node.name])


def numbers_of_cells(watch: CellWatch) -> int:
    """How many numbers a watch tells, its text counted as such."""
    if isinstance(watch, WatchTensor):
        return prod(watch.shape)
    return _NUMBERS_OF_A_PART * watch.parts + (0 if watch.terms is None else _NUMBERS_ON_THE_WAY)


def numbers_of_any(network: Network, watch: GeneralWatch) -> int:
    """The same of any watch."""
    if not isinstance(watch, WatchMoved):
        return numbers_of_cells(watch)
    # With all layers the outputs are told twice: by themselves too.
    twice = responses_size(network, network.outputs, watch.rows) if watch.layers else 0
    return len(watch.cells) * watch.steps + responses_size(network, watch.keep(network), watch.rows) + twice


def cost_of_cells(watch: CellWatch) -> int:
    """Multiply-adds, roughly."""
    if isinstance(watch, WatchTensor):
        return prod(to - from_ for from_, to in watch.region)
    return numbers_of_cells(watch)


def cost_of_any(network: Network, watch: GeneralWatch) -> int:
    """The same of any watch; a call of torch counts as CALL_COST."""
    if not isinstance(watch, WatchMoved):
        return cost_of_cells(watch)
    keep = watch.keep(network)
    calls = responses_calls(network, watch.cells, keep, watch.rows, AT_ONCE)
    return responses_cost(network, watch.cells, keep, watch.rows) + CALL_COST * calls


def memory_of_any(network: Network, watch: GeneralWatch) -> int:
    """Bytes that it takes while it is computed, roughly."""
    size = 8 * numbers_of_any(network, watch)
    if isinstance(watch, WatchMoved):
        size += min(AT_ONCE, watch.rows) * network.trace_bytes
    return size


def region_told(watch: WatchTensor, trace: Trace) -> Tensor:
    """The numbers that a watch of a tensor tells."""
    found = trace[watch.tensor][tuple(slice(*side) for side in watch.region)]
    if watch.by is None:
        return found
    if not found.is_floating_point():
        found = found.float()
    for dim, by in enumerate(watch.by):
        if by > 1:
            found = _in_blocks(found, dim, by, watch.reduction)
    return found


def _in_blocks(values: Tensor, dim: int, by: int, reduction: str) -> Tensor:
    """Each `by` numbers along a dimension as one. Dimension by dimension gives a block's own mean: all are as long."""
    size = values.shape[dim]
    whole = size // by * by
    parts = []
    if whole:
        blocks = values.narrow(dim, 0, whole).reshape(*values.shape[:dim], whole // by, by, *values.shape[dim + 1 :])
        parts.append(blocks.mean(dim + 1) if reduction == "mean" else blocks.amax(dim + 1))
    if whole < size:
        rest = values.narrow(dim, whole, size - whole)
        parts.append(rest.mean(dim, keepdim=True) if reduction == "mean" else rest.amax(dim, keepdim=True))
    return torch.cat(parts, dim)


@dataclass(frozen=True, slots=True)
class ToldCell:
    """A watched cell as its client is told of it.

    `largest` are the terms told by themselves, as places among the parts. `leads` are the tensors that are computed of
    the cell and which of their cells those are; None where they are not asked for. `arose` says where a number that is
    not finite comes from.
    """

    explanation: Explanation
    largest: tuple[int, ...] = ()
    leads: dict[str, Tensor | None] | None = None
    arose: Arising | None = None

    def same(self, other: "ToldCell") -> bool:
        """Whether a client that was told one needs no word of the other."""
        told = (self.largest, repr(self.arose)) == (other.largest, repr(other.arose))
        return told and same_cells(self.explanation, other.explanation)


class Cells:
    """What a session watches of tensors and cells, and what was told last of each cell by its arrays' name."""

    def __init__(self) -> None:
        self.watched: tuple[tuple[int, WatchTensor | WatchCell], ...] = ()
        self.explained: dict[str, ToldCell] = {}
        self._all: tuple[object, ...] = ()

    def watch(self, watches: Sequence[object]) -> None:
        """Watches those of these that are of tensors or cells; each keeps its place in the list.

        What was watched before, too, goes on with the terms that it had, whatever else is watched now; the same list
        again has all terms chosen anew.
        """
        before = {_name(k, each): each for k, each in self.watched} if self._all != tuple(watches) else {}
        self._all = tuple(watches)
        self.watched = tuple((k, each) for k, each in enumerate(watches) if isinstance(each, WatchTensor | WatchCell))
        stays = {_name(k, each) for k, each in self.watched if before.get(_name(k, each)) == each}
        self.explained = {name: told for name, told in self.explained.items() if name in stays}

    def told(self, trace: Trace) -> Named:
        """Their arrays, after this pass."""
        named: Named = []
        explained = {}
        for k, watch in self.watched:
            name = _name(k, watch)
            if isinstance(watch, WatchTensor):
                named.append((f"tensor.{name}", region_told(watch, trace)))
            else:
                told, arrays = cell_told(watch, f"explain.{name}", trace, self.explained.get(name))
                explained[name] = told
                named += arrays
        self.explained = explained
        return named


def _name(place: int, watch: WatchTensor | WatchCell) -> str:
    return watch.name or str(place)


def cell_told(watch: WatchCell, name: str, trace: Trace, before: ToldCell | None) -> tuple[ToldCell, Named]:
    """What a cell is made of, and its numbers as arrays: `value`, `parts`, and where there are any `parameters`.

    `constants` follow in the order of their names in the explanation, then the numbers on the way, where they are asked
    for. The parts stand in its order, one after another. Which terms are told by themselves stays as it was `before`,
    as long as the parts are the same cells: no row changes places while the numbers move.
    """
    found = explain(trace.network, trace, watch.cell.tensor, watch.cell.at)
    parts = _joined([part.values for part in found.parts])
    named = [(f"{name}.value", torch.tensor([found.value])), (f"{name}.parts", parts)]
    if factors := [part.factors for part in found.parts if part.factors is not None]:
        named.append((f"{name}.parameters", _joined(factors)))
    if found.constants:
        named.append((f"{name}.constants", torch.tensor(list(found.constants.values()))))
    if watch.terms is None:
        return ToldCell(found), named
    if before is not None and same_cells(before.explanation, found):
        largest, leads = before.largest, before.leads
    else:
        largest = largest_terms(found, watch.terms)
        leads = leads_to(trace, watch.cell.tensor, watch.cell.at, _MOST_LEADING_COST)
    arrays = worked(found, trace, largest)
    few = len(trace.network.nodes) <= _MOST_FOLLOWED
    arose = arises(trace.network, trace, watch.cell.tensor, watch.cell.at) if few else None
    return ToldCell(found, largest, leads, arose), named + [
        (f"{name}.{key}", each.float()) for key, each in arrays.items()
    ]


def _joined(values: Sequence[Tensor]) -> Tensor:
    return torch.cat([each.float().reshape(-1) for each in values]) if values else torch.empty(0)


def moved_told(watch: WatchMoved, k: int, network: Network, trace: Trace) -> Steps[Named]:
    """The arrays of a sweep, in steps: values (steps,), tensors (steps, …); or of a plane.

    Of a plane tensors are (…, steps, steps), whose rows follow its second cell, and both cells have their values, `x`
    and `y`.
    """
    spreads = [
        spread(low, high, watch.steps, trace.values[cell.tensor].dtype)
        for cell, (low, high) in zip(watch.cells, watch.ranges, strict=True)
    ]
    across = spreads[0].double()
    keep, plane = watch.keep(network), len(spreads) > 1
    if plane:
        down = spreads[1].double()
        rows = torch.stack((across.repeat(watch.steps), down.repeat_interleave(watch.steps)), 1)
    else:
        rows = across.unsqueeze(1)
    found = yield from responses(network, trace, watch.cells, rows, keep, AT_ONCE)
    kind = f"{'grid' if plane else 'sweep'}.{watch.name or k}"
    named = [(f"{kind}.{axis}", values) for axis, values in zip("xy" if plane else ("values",), spreads, strict=True)]
    if plane:
        sides = (watch.steps, watch.steps)
        found = {name: each.movedim(0, -1).reshape(*each.shape[1:], *sides) for name, each in found.items()}
    if len(network.outputs) == 1:
        named.append((f"{kind}.outputs", found[network.outputs[0]]))
    return named + [(f"{kind}.{name}", found[name]) for name in keep if len(network.outputs) > 1 or watch.layers]


def same_cells(one: Explanation, other: Explanation) -> bool:
    """Whether two explanations are of the same cells, chosen alike, with constants of the same names."""
    if (one.form, one.chosen, len(one.parts)) != (other.form, other.chosen, len(other.parts)):
        return False
    if list(one.constants) != list(other.constants):
        return False
    return all(
        (a.tensor, a.factor, a.role) == (b.tensor, b.factor, b.role)
        and torch.equal(a.at, b.at)
        and (a.factor_at is None or b.factor_at is None or torch.equal(a.factor_at, b.factor_at))
        for a, b in zip(one.parts, other.parts, strict=True)
    )
