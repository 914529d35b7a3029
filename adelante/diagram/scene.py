"""What is in a picture before it is drawn: columns with their numbers, where they stand, what is selected."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

from torch import Tensor

from adelante.diagram.bodies import MOST_NEURONS
from adelante.diagram.colours import Inks
from adelante.diagram.columns import Column
from adelante.diagram.layout import Layout, layout
from adelante.diagram.numbers import MINUS, within
from adelante.diagram.words import Words
from adelante.network.cells import Cell
from adelante.network.network import Network
from adelante.network.trace import Trace

DIGITS = 4
# The studio's own; programs that know no system-ui find one of those after it.
SANS = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", "DejaVu Sans", sans-serif'
SERIF = 'ui-serif, "Iowan Old Style", "Palatino Linotype", Georgia, "Noto Serif", "DejaVu Serif", serif'
Look = dict[str, str | float | None]


@dataclass(frozen=True)
class Chosen:
    """What is selected: `flat` is its place in the column's tensor, None where that is not drawn.

    Of a weight `source` is the neuron that its edge leaves.
    """

    column: int
    flat: int | None = None
    source: int | None = None


@dataclass(frozen=True)
class Dense:
    """The parameters of a dense layer between neurons: weights (n_in, n_out), biases (n_out,) where it has any."""

    weights: Sequence[Sequence[float]]
    biases: Sequence[float] | None


@dataclass(frozen=True)
class Scene:
    """`shown` are the columns' tensors of one input, without the batch; `numbers` says whether they are written."""

    network: Network
    trace: Trace
    columns: Sequence[Column]
    shown: Sequence[Tensor]
    words: Words
    inks: Inks
    width: int
    numbers: bool
    selected: Cell | None

    @cached_property
    def layout(self) -> Layout:
        outer = self._outer(0), self._outer(len(self.columns) - 1)
        return layout(self.columns, self.words.shapes, self.width, outer=outer, numbers=self.numbers)

    def _outer(self, place: int) -> list[str]:
        """What stands beside the neurons of an outer column, where they have no room for it."""
        count = prod(self.words.shapes[place])
        return [] if count > MOST_NEURONS else [self.words.neuron(place, k, count) for k in range(count)]

    @cached_property
    def neurons(self) -> Sequence[list[float] | None]:
        """The numbers of each column that is drawn as neurons."""
        return [
            value.reshape(-1).tolist() if placed.body.sort == "neurons" else None
            for value, placed in zip(self.shown, self.layout.placed, strict=True)
        ]

    @cached_property
    def dense(self) -> Sequence[Dense | None]:
        """For each column the edges that lead to it, if it is one dense layer between neurons."""
        return [self._dense(place) for place in range(len(self.columns))]

    def _dense(self, place: int) -> Dense | None:
        column = self.columns[place]
        if place == 0 or len(column.layers) != 1 or None in (self.neurons[place], self.neurons[place - 1]):
            return None
        node = self.network.by_name[self.network.layers[column.layers[0]].nodes[0]]
        parameters = node.inputs[1:]
        if node.operation.kind != "dense" or node.inputs[0] != self.columns[place - 1].tensor:
            return None
        if not all(name in self.network.parameters for name in parameters):
            return None
        weights, *biases = (self.trace.values.get(name, self.network.parameters[name]).tolist() for name in parameters)
        return Dense(weights, biases[0] if biases else None)

    @cached_property
    def chosen(self) -> Chosen | None:
        """Where what is selected stands; of a parameter, whose it is."""
        if self.selected is None:
            return None
        tensor, at = self.selected
        for place, column in enumerate(self.columns):
            nodes = [name for layer in column.layers for name in self.network.layers[layer].nodes]
            if tensor == column.tensor or tensor in self._alike(column):
                return Chosen(place, _flat(at, self.words.shapes[place]))
            if tensor in nodes:
                return Chosen(place)
            if tensor in self.network.parameters and any(tensor in self.network.by_name[name].inputs for name in nodes):
                is_edge = self.dense[place] is not None
                return Chosen(place, at[-1], at[0] if len(at) == 2 else None) if is_edge else Chosen(place)
        return None

    def _alike(self, column: Column) -> tuple[str, ...]:
        """The last layer's results with a number for each of its activations: a z stands where its a does."""
        if not column.layers:
            return ()
        shapes, nodes = self.network.shapes, self.network.layers[column.layers[-1]].nodes
        return tuple(name for name in nodes if shapes[name] == shapes[nodes[-1]])

    # ---- what all parts write with ----

    def within(self, value: float, most: int = DIGITS + 2, digits: int = DIGITS) -> str:
        """A number where there is room for so many characters; a whole one as it is."""
        if isinstance(value, bool | int):
            return str(int(value)).replace("-", MINUS)
        return within(self.words.language, value, most, digits)

    def halo(self, width: float) -> Look:
        """Paper around a text, so that no line runs through it."""
        return {
            "stroke": self.inks.paper,
            "stroke_width": width,
            "stroke_linejoin": "round",
            "paint_order": "stroke",
        }


def _flat(at: Sequence[int], shape: Sequence[int]) -> int:
    """A cell's place in its tensor as a row."""
    flat = 0
    for index, size in zip(at, shape, strict=True):
        flat = flat * size + index
    return flat
