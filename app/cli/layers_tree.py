"""A network's layers as a tree by module, with repeats folded: what `adelante show` prints, without its words."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from adelante.network.network import Layer, Network

# A pattern of more layers than this that comes again is not looked for.
_LONGEST_PATTERN = 64
# So few layers alike are sooner read than folded.
_FEWEST_ALIKE = 3


@dataclass(frozen=True)
class Leaf:
    """A layer: its number, what it is called here, and how many numbers it learns that no layer before has."""

    k: int
    label: str
    layer: Layer
    shape: tuple[int, ...]
    parameters: int
    alike: tuple[object, ...]
    """What has to be the same in a layer that is folded with it."""


@dataclass
class Branch:
    """A module: the layers and modules in it, in the order of the pass."""

    label: str
    items: list["Item"] = field(default_factory=list)

    @property
    def parameters(self) -> int:
        return sum(each.parameters for each in self.items)

    @property
    def alike(self) -> tuple[object, ...]:
        """Modules with the same layers are alike, whatever their number."""
        label = "" if self.label.isdigit() else self.label
        return (label, *(each.alike for each in self.items))

    @property
    def first(self) -> int:
        return _first(self.items[0])

    @property
    def last(self) -> int:
        return _last(self.items[-1])


@dataclass(frozen=True)
class Fold:
    """A pattern of layers or modules that comes `times` times running: its first time, and the whole of it."""

    items: list["Item"]
    whole: list["Item"]
    times: int

    @property
    def parameters(self) -> int:
        return sum(each.parameters for each in self.whole)

    @property
    def alike(self) -> tuple[object, ...]:
        return (self.times, *(each.alike for each in self.items))

    @property
    def first(self) -> int:
        return _first(self.whole[0])

    @property
    def last(self) -> int:
        return _last(self.whole[-1])


Item = Leaf | Branch | Fold


def _first(item: Item) -> int:
    return item.k if isinstance(item, Leaf) else item.first


def _last(item: Item) -> int:
    return item.k if isinstance(item, Leaf) else item.last


def tree_of(network: Network, *, folded: bool = True) -> list[Item]:
    """The layers by module. With `folded`, what comes again is there once."""
    root = Branch("")
    alone = _alone(network.layers)
    seen: set[str] = set()
    for k, layer in enumerate(network.layers):
        path = layer.module.split(".") if layer.module else []
        label = path.pop() if path and layer.module in alone else ""
        taken = {name for node in layer.nodes for name in network.by_name[node].inputs} & network.parameters.keys()
        parameters = sum(network.parameters[name].numel() for name in taken - seen - network.buffers)
        size = sum(network.parameters[name].numel() for name in taken)
        seen |= taken
        shape = tuple(network.shapes[layer.nodes[-1]])
        named = layer.name or label
        alike = (kinds_of(network, layer), shape, size, "" if named.isdigit() else named)
        _branch(root, path).items.append(Leaf(k, named, layer, shape, parameters, alike))
    items = _joined(root.items)
    return _folded(items) if folded else items


def kinds_of(network: Network, layer: Layer) -> tuple[str, ...]:
    """The kind of the layer, and that of the activation after it."""
    after = (network.by_name[name].operation.kind for name in layer.nodes[1:])
    return (layer.kind, *(kind for kind in after if kind != "identity"))


def _alone(layers: Sequence[Layer]) -> set[str]:
    """The modules that are one layer."""
    counts: dict[str, int] = {}
    for layer in layers:
        path = ""
        for part in layer.module.split(".") if layer.module else ():
            path = f"{path}.{part}" if path else part
            counts[path] = counts.get(path, 0) + 1
    return {layer.module for layer in layers if layer.module and counts[layer.module] == 1}


def _branch(root: Branch, path: Sequence[str]) -> Branch:
    """The module of that path, if it is the one that was written to last, or else a new one."""
    there = root
    for part in path:
        last = there.items[-1] if there.items else None
        if not isinstance(last, Branch) or last.label != part:
            last = Branch(part)
            there.items.append(last)
        there = last
    return there


def _joined(items: list[Item]) -> list[Item]:
    """A module that is one layer here, though its author calls it more than once, is that layer."""
    for k, item in enumerate(items):
        if isinstance(item, Branch):
            item.items = _joined(item.items)
            (first, *others) = item.items
            if isinstance(first, Leaf) and not others and not first.label:
                items[k] = replace(first, label=item.label)
    return items


def _folded(items: list[Item]) -> list[Item]:
    for item in items:
        if isinstance(item, Branch):
            item.items = _folded(item.items)
    numbers: dict[object, int] = {}
    alike = [numbers.setdefault(item.alike, len(numbers)) for item in items]
    found: list[Item] = []
    k = 0
    while k < len(items):
        length, times = _pattern(alike, k)
        covered = length * times
        if times > 1:
            found.append(Fold(items[k : k + length], items[k : k + covered], times))
        else:
            found.append(items[k])
        k += covered
    return found


def _pattern(alike: Sequence[int], k: int) -> tuple[int, int]:
    """The pattern from k on that covers most by coming again: its length, and how often it comes."""
    best = (1, 1)
    for length in range(1, min(_LONGEST_PATTERN, (len(alike) - k) // 2) + 1):
        pattern, times = alike[k : k + length], 1
        while alike[k + times * length : k + (times + 1) * length] == pattern:
            times += 1
        if times > 1 and length * times >= _FEWEST_ALIKE and length * times > best[0] * best[1]:
            best = (length, times)
    return best
