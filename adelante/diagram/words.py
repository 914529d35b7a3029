"""What stands in words in a picture: over each column, beneath it, and for who hears it read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from adelante.code.comments import Names
from adelante.diagram.columns import Column
from adelante.diagram.numbers import printed
from adelante.formats.json.writing import activation_name
from adelante.locale import translate
from adelante.locale.numbers import grouped
from adelante.network.dense.network import DenseNetwork
from adelante.network.network import Network

# Layers that are called by their place alone are called so in the picture's language.
_FROM_PLACE = re.compile(r"(?:hidden(?: \d+)?|output)?")

_MOST_KINDS = 2


@dataclass(frozen=True)
class Words:
    """The words of one network's picture in one language."""

    network: Network
    columns: Sequence[Column]
    shapes: Sequence[tuple[int, ...]]
    language: str
    names: Names

    def say(self, key: str, **values: object) -> str:
        return translate(self.language, f"diagram.{key}", **values)

    def number(self, value: float) -> str:
        return str(int(value)) if isinstance(value, int | bool) else printed(self.language, value)

    # ---- over a column ----

    def head(self, place: int) -> list[str]:
        """Its name; its kind and activation; its shape. In a chain of dense layers its name; size and activation."""
        column, shape = self.columns[place], size_text(self.shapes[place])
        if not column.layers:
            name = column.tensor.removeprefix("inputs.")
            called = translate(self.language, "studio.layer-inputs") if name == "inputs" else name
            return [called, shape, *([f"+ {grouped(column.more)}"] if column.more else [])]
        if column.folded:
            return [self._folded(column), self._kinds(column), shape]
        layer = self.network.layers[column.layers[0]]
        activation = activation_name(self.network, layer)
        applied = [] if activation == "identity" else [activation]
        if isinstance(self.network, DenseNetwork):
            return [self._layer(place), " · ".join([shape, *applied])]
        kinds = [*([layer.kind] if layer.name else []), *applied]
        return [layer.name or layer.kind, *([" · ".join(kinds)] if kinds else []), shape]

    def short_head(self, place: int) -> list[str]:
        """The same between crowded columns: of a chain the place alone, x, 1, 2 … y."""
        column, head = self.columns[place], self.head(place)
        if not isinstance(self.network, DenseNetwork) or column.folded:
            return head
        name, *rest = head
        if not column.layers:
            return ["x", *rest]
        layer = column.layers[0]
        if not _FROM_PLACE.fullmatch(self.network.layers[layer].name or ""):
            short = name
        else:
            short = "y" if layer + 1 == len(self.network.layers) else str(layer + 1)
        return [short, *rest[0].split(" · ")]

    def _folded(self, column: Column) -> str:
        if column.module:
            return column.module
        return translate(self.language, "world.run", **{"from": column.layers[0] + 1, "to": column.layers[-1] + 1})

    def _kinds(self, column: Column) -> str:
        """Of a few layers what each is, of more how many they are."""
        if len(column.layers) <= _MOST_KINDS:
            return " + ".join(self.network.layers[layer].kind for layer in column.layers)
        return self.say("layers", count=grouped(len(column.layers)))

    def _layer(self, place: int) -> str:
        layer, last = self.columns[place].layers[0], len(self.network.layers) - 1
        name = self.network.layers[layer].name or ""
        if not _FROM_PLACE.fullmatch(name):
            return name
        if layer == last:
            return translate(self.language, "studio.layer-output")
        if last == 1:
            return translate(self.language, "studio.layer-hidden")
        return translate(self.language, "studio.layer-hidden-numbered", number=layer + 1)

    # ---- a neuron's name ----

    def neuron(self, place: int, k: int, count: int) -> str:
        """What a number of a row is called: an input or output by its name, a hidden neuron of a chain by its place."""
        column = self.columns[place]
        if not column.layers:
            return self.names.inputs[k] if len(self.names.inputs) == count else f"x{k + 1}" if count > 1 else "x"
        if column.tensor in self.network.outputs:
            classes, outputs = self.names.classes, self.names.outputs
            found = next((names for names in (classes, outputs) if len(names) == count), None)
            return found[k] if found else f"y{k + 1}" if count > 1 else "y"
        if not isinstance(self.network, DenseNetwork) or column.folded:
            return ""
        layer = column.layers[0] + 1
        return f"h{layer}.{k + 1}" if len(self.network.layers) > 2 else f"h{k + 1}"

    # ---- for who hears it ----

    def title(self) -> str:
        return self.say("title", sizes=" → ".join(map(size_text, self.shapes)))

    def description(self, told: Sequence[str]) -> str:
        """Each column's head, and what is told of its numbers."""
        return " ".join(f"{', '.join(self.head(place))}: {each}." for place, each in enumerate(told))


def size_text(shape: Sequence[int]) -> str:
    """A row's count; the sides of any other shape."""
    if not shape:
        return "1"
    return grouped(shape[0]) if len(shape) == 1 else " × ".join(map(grouped, shape))
