"""The named tensors of one pass, and the layers' own among them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

from torch import Tensor

if TYPE_CHECKING:
    from adelante.network.network import Network


class Trace:
    """The named tensors of one pass. `trace["layers.3.activations"]` has the batch only where a batch was asked.

    `values` holds them as torch has them, the batch always first in those of `network.per_input`; parameters too.
    `single` says that one input came without a batch.
    """

    __slots__ = ("_activations", "_pre_activations", "batch", "network", "single", "values")

    def __init__(self, network: "Network", values: Mapping[str, Tensor], batch: int, single: bool) -> None:
        self.network = network
        self.values = values
        self.batch = batch
        self.single = single
        self._activations: list[Tensor] | None = None
        self._pre_activations: list[Tensor] | None = None

    def __getitem__(self, name: str) -> Tensor:
        value = self.values[name]
        return value[0] if self.single and name in self.network.per_input else value

    @property
    def outputs(self) -> Tensor | dict[str, Tensor]:
        """The output, or a dictionary of them where there are several."""
        names = self.network.outputs
        return self[names[0]] if len(names) == 1 else {name: self[name] for name in names}

    @property
    def pre_activations(self) -> list[Tensor]:
        """Each layer's z; of a layer without an activation function what it gives. Those that were kept."""
        found = self._pre_activations
        if found is None:
            found = self._pre_activations = self._of_layers(0)
        return found

    @property
    def activations(self) -> list[Tensor]:
        """Each layer's a, its last node's tensor. Those that were kept."""
        found = self._activations
        if found is None:
            found = self._activations = self._of_layers(-1)
        return found

    def rows(self, rows: slice | int) -> Self:
        """These inputs' part of a batch, or one alone, without a batch then; as views."""
        some = slice(rows, rows + 1) if isinstance(rows, int) else rows
        per_input = self.network.per_input
        values = {name: value[some] if name in per_input else value for name, value in self.values.items()}
        batch = len(range(*some.indices(self.batch)))
        return type(self)(self.network, values, batch, isinstance(rows, int))

    def _of_layers(self, place: int) -> list[Tensor]:
        values, layers = self.values, self.network.layers
        if not self.single:
            return [values[name] for layer in layers if (name := layer.nodes[place]) in values]
        per_input = self.network.per_input
        return [
            values[name][0] if name in per_input else values[name]
            for layer in layers
            if (name := layer.nodes[place]) in values
        ]
