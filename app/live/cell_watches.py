"""Watches that any network has: a region of a tensor, whole or in blocks, and where a cell's number comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Literal

import torch
from torch import Tensor

from adelante.network.cells import Cell
from adelante.network.explain import explain
from adelante.network.explanation import Explanation
from adelante.network.forward import Trace
from adelante.network.network import Network

Named = list[tuple[str, Tensor]]
# The text that says which cells a part is made of is as long as this many numbers of a frame.
_NUMBERS_OF_A_PART = 64


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
    """What a cell's number is made of; `parts` is the most that it may be."""

    cell: Cell
    parts: int
    name: str | None = None


CellWatch = WatchTensor | WatchCell


def parts_of(network: Network, cell: Cell) -> int:
    """The most parts that the explanation of a computed cell has."""
    node, shapes = network.by_name[cell.tensor], network.whole_shapes
    return node.operation.parts([shapes[name] for name in node.inputs], shapes[node.name])


def numbers_of_cells(watch: CellWatch) -> int:
    """How many numbers a watch tells, its text counted as such."""
    return prod(watch.shape) if isinstance(watch, WatchTensor) else _NUMBERS_OF_A_PART * watch.parts


def cost_of_cells(watch: CellWatch) -> int:
    """Multiply-adds, roughly."""
    if isinstance(watch, WatchTensor):
        return prod(to - from_ for from_, to in watch.region)
    return _NUMBERS_OF_A_PART * watch.parts


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


class Cells:
    """What a session watches of tensors and cells, and the newest explanation of each cell by its arrays' name."""

    def __init__(self) -> None:
        self.watched: tuple[tuple[int, CellWatch], ...] = ()
        self.explained: dict[str, Explanation] = {}

    def watch(self, watches: Sequence[object]) -> None:
        """Watches those of these that are of tensors or cells; each keeps its place in the list."""
        self.watched = tuple((k, each) for k, each in enumerate(watches) if isinstance(each, WatchTensor | WatchCell))
        self.explained = {}

    def told(self, trace: Trace) -> Named:
        """Their arrays, after this pass."""
        named: Named = []
        explained = {}
        for k, watch in self.watched:
            name = watch.name or str(k)
            if isinstance(watch, WatchTensor):
                named.append((f"tensor.{name}", region_told(watch, trace)))
            else:
                explained[name], arrays = cell_told(watch, f"explain.{name}", trace)
                named += arrays
        self.explained = explained
        return named


def cell_told(watch: WatchCell, name: str, trace: Trace) -> tuple[Explanation, Named]:
    """What a cell is made of, and its numbers as arrays: `value`, `parts`, and where there are any `parameters`.

    `constants` follow in the order of their names in the explanation. The parts stand in its order, one after another.
    """
    found = explain(trace.network, trace, watch.cell.tensor, watch.cell.at)
    parts = _joined([part.values for part in found.parts])
    named = [(f"{name}.value", torch.tensor([found.value])), (f"{name}.parts", parts)]
    if factors := [part.factors for part in found.parts if part.factors is not None]:
        named.append((f"{name}.parameters", _joined(factors)))
    if found.constants:
        named.append((f"{name}.constants", torch.tensor(list(found.constants.values()))))
    return found, named


def _joined(values: Sequence[Tensor]) -> Tensor:
    return torch.cat([each.float().reshape(-1) for each in values]) if values else torch.empty(0)


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
