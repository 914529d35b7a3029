"""What stands side by side: a column for each layer, or, of more than have room, for those of one module."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from adelante.network.network import Network


@dataclass(frozen=True)
class Column:
    """`tensor` is what its values are; `layers` those that it stands for, none of an input, several where folded.

    `module` is the path of what was folded, or of nothing where that is a run of layers without one. `takes` are the
    earlier columns that it takes from. `more` is how many further inputs the last one stands for.
    """

    tensor: str
    layers: range
    module: str = ""
    takes: tuple[int, ...] = ()
    more: int = 0

    @property
    def folded(self) -> bool:
        return len(self.layers) > 1


def columns_of(network: Network, most: int) -> tuple[Column, ...]:
    """The columns of a network: at most so many, of which a third may be inputs."""
    seen = network.inputs[: max(1, most // 3)]
    inputs = [Column(each.name, range(0)) for each in seen]
    inputs[-1] = replace(inputs[-1], more=len(network.inputs) - len(seen))
    groups = _groups([layer.module or "" for layer in network.layers], max(1, most - len(inputs)))
    folded = [Column(network.layers[some[-1]].nodes[-1], some, module) for some, module in groups]
    return _connected(network, [*inputs, *folded])


def _groups(modules: Sequence[str], most: int) -> list[tuple[range, str]]:
    """Runs of layers, each with the path that it has in common: as few folded as leaves at most so many runs."""
    if len(modules) <= most:
        return [(range(k, k + 1), "") for k in range(len(modules))]
    deepest = max(path.count(".") + 1 if path else 0 for path in modules)
    runs: list[tuple[range, str]] = [(range(k, k + 1), "") for k in range(len(modules))]
    for depth in range(deepest, 0, -1):
        runs = _runs(modules, depth)
        if len(runs) <= most:
            return runs
    ends = [len(runs) * k // most for k in range(most + 1)]
    return [_joined(runs[start:end]) for start, end in pairwise(ends)]


def _runs(modules: Sequence[str], depth: int) -> list[tuple[range, str]]:
    """Neighbours whose paths are the same up to a depth, together; what has no path stays alone."""
    found: list[tuple[range, str]] = []
    for k, path in enumerate(modules):
        begun = ".".join(path.split(".")[:depth])
        if found and begun and found[-1][1] == begun:
            found[-1] = (range(found[-1][0].start, k + 1), begun)
        else:
            found.append((range(k, k + 1), begun))
    return found


def _joined(runs: Sequence[tuple[range, str]]) -> tuple[range, str]:
    return range(runs[0][0].start, runs[-1][0].stop), runs[0][1] if len(runs) == 1 else ""


def _connected(network: Network, columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns with what they take from each other, as their layers do."""
    place = {column.tensor: k for k, column in enumerate(columns)}
    for k, column in enumerate(columns):
        for layer in column.layers:
            place.update(dict.fromkeys(network.layers[layer].nodes, k))
    found = []
    for k, column in enumerate(columns):
        nodes = [network.by_name[name] for layer in column.layers for name in network.layers[layer].nodes]
        takes = {place[name] for node in nodes for name in node.inputs if name in place}
        found.append(replace(column, takes=tuple(sorted(takes - {k}))))
    return tuple(found)
