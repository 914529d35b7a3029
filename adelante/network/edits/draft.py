"""A network taken apart into layers that can be moved, changed and put together again."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from adelante.network.activations import ACTIVATIONS
from adelante.network.dense.chain import dense_chain
from adelante.network.errors import Fault, NetworkError, NetworkFault
from adelante.network.metas import STRANGERS
from adelante.network.names import input_name, parameter_name, result_names
from adelante.network.network import Batch, Input, Layer, Network, Node
from adelante.network.operations import Operation

_IDENTITY = ACTIVATIONS["identity"].operation


@dataclass(frozen=True)
class DraftLayer:
    """A layer whose tensors have the names that they had before, or, of a new one, names that no network has.

    `operands` are what its operation takes, `result` is what it gives; `before`, where an activation follows, what that
    takes.
    """

    operation: Operation
    operands: tuple[str, ...]
    result: str
    before: str | None = None
    activation: Operation | None = None
    name: str | None = None
    module: str | None = None
    source: str | None = None


@dataclass
class Draft:
    """Layers in an order in which each finds what it takes, and their parameters; `outputs` are results' names."""

    inputs: tuple[Input, ...]
    layers: list[DraftLayer]
    parameters: dict[str, Tensor]
    outputs: tuple[str, ...]
    batch: Batch
    dtype: torch.dtype = torch.float32
    """Of new numbers."""
    registered: frozenset[str] = frozenset()
    made: int = 0
    read: Counter[str] = field(init=False)
    """How often each tensor is taken by a layer."""

    def __post_init__(self) -> None:
        self.read = Counter(name for layer in self.layers for name in layer.operands)

    def copy(self) -> "Draft":
        """The same, to be changed by itself."""
        return replace(self, layers=list(self.layers), parameters=dict(self.parameters))

    def new_name(self) -> str:
        """A name that no network gives to a tensor."""
        self.made += 1
        return f"new {self.made}"

    def insert(self, place: int, layer: DraftLayer) -> None:
        """One more layer, at this place."""
        self.layers.insert(place, layer)
        self.read.update(layer.operands)

    def remove(self, place: int) -> DraftLayer:
        """Without the layer at this place; gives it."""
        layer = self.layers.pop(place)
        self.read.subtract(layer.operands)
        return layer

    def renamed(self, old: str, new: str, since: int) -> None:
        """Has everyone who takes a tensor take another one; no layer before place `since` takes it."""
        left = self.read.pop(old, 0)
        self.read[new] += left
        place = since
        # Mostly the next layer is the only one: the others need not be looked at.
        while left > 0:
            layer = self.layers[place]
            if count := layer.operands.count(old):
                operands = tuple(new if name == old else name for name in layer.operands)
                self.layers[place] = replace(layer, operands=operands)
                left -= count
            place += 1
        if old in self.outputs:
            self.outputs = tuple(new if name == old else name for name in self.outputs)

    def redirected(self, place: int, old: str, new: str) -> None:
        """Has the layer at this place alone take another tensor."""
        layer = self.layers[place]
        count = layer.operands.count(old)
        self.layers[place] = replace(layer, operands=tuple(new if name == old else name for name in layer.operands))
        self.read[old] -= count
        self.read[new] += count

    def own(self, layer: DraftLayer) -> dict[str, str]:
        """A layer's parameters: their tensors' names by what the operation calls them."""
        return {
            layer.operation.operand(position): name
            for position, name in enumerate(layer.operands)
            if name in self.parameters
        }

    def network(self) -> Network:
        """The network, with the names that a network's tensors have; a DenseNetwork where it is a chain of those.

        Raises NetworkError with torch's words where a layer does not fit what it takes.
        """
        names = {each.name: each.name for each in self.inputs}
        kept: dict[str, Tensor] = {}
        nodes: list[Node] = []
        layers: list[Layer] = []
        for k, layer in enumerate(self.layers):
            for position, operand in enumerate(layer.operands):
                if operand not in names:
                    names[operand] = parameter_name(k, layer.operation, position, kept)
                    kept[names[operand]] = self.parameters[operand]
            results = result_names(k, activated=layer.activation is not None)
            nodes.append(Node(results[0], layer.operation, tuple(names[each] for each in layer.operands)))
            if layer.activation is not None:
                nodes.append(Node(results[1], layer.activation, results[:1]))
            if layer.before is not None:
                names[layer.before] = results[0]
            names[layer.result] = results[-1]
            layers.append(Layer(layer.operation.kind, results, layer.name, layer.module, layer.source))
        for output in self.outputs:
            if output not in names:
                names[output] = f"parameters.{len(kept)}"
                kept[names[output]] = self.parameters[output]
        outputs = tuple(names[output] for output in self.outputs)
        registered = frozenset(names[each] for each in self.registered if names.get(each) in kept)
        parts = (self.inputs, kept, tuple(nodes), outputs, tuple(layers), self.batch)
        try:
            found = Network(*parts, STRANGERS, registered)
        except NetworkFault as fault:
            raise NetworkError(fault.fault) from None
        return dense_chain(found) or found


def draft_of(network: Network) -> Draft:
    """A network taken apart. Raises NetworkError where its tensors are not named as layers name them."""
    layers = []
    renamed: dict[str, str] = {}
    for k, layer in enumerate(network.layers):
        if layer.nodes != result_names(k, activated=len(layer.nodes) == 2) or layer.nodes[0] not in network.by_name:
            raise NetworkError(Fault("unsupported-file", "file-names", f"/layers/{k}", {"name": layer.nodes[0][:200]}))
        first, *after = (network.by_name[name] for name in layer.nodes)
        activation = after[0].operation if after else None
        before: str | None = first.name if after else None
        if activation == _IDENTITY and before is not None:
            # A chain of dense layers has both; they are the same.
            renamed[before] = layer.nodes[-1]
            activation = before = None
        operands = tuple(renamed.get(name, name) for name in first.inputs)
        texts = (layer.name, layer.module, layer.source)
        layers.append(DraftLayer(first.operation, operands, layer.nodes[-1], before, activation, *texts))
    outputs = tuple(renamed.get(name, name) for name in network.outputs)
    parameters = dict(network.parameters)
    return Draft(
        network.inputs, layers, parameters, outputs, network.batch, network.dtype, registered=network.registered
    )


def layer_at(draft: Draft, index: int, pointer: str) -> DraftLayer:
    """A layer by its place. Raises NetworkError where there is none."""
    if 0 <= index < len(draft.layers):
        return draft.layers[index]
    values = {"got": index, "count": len(draft.layers), "last": len(draft.layers) - 1}
    raise NetworkError(Fault("out-of-range", "edited-layer", pointer, values))


def named_tensor(draft: Draft, name: str, known: Sequence[str], pointer: str) -> str:
    """A tensor that a new layer is to take, by its own name or by its layer's. Raises NetworkError (unknown-layer)."""
    layers: Mapping[str, str] = {layer.name: layer.result for layer in draft.layers if layer.name is not None}
    found = name if name in known else layers.get(name)
    if found in known:
        return str(found)
    values = {"name": name[:200], "known": list(known[-20:])}
    raise NetworkError(Fault("unknown-layer", "no-such-tensor", pointer, values))


def named_input(name: str, known: Sequence[str], pointer: str) -> str:
    """One of the network's inputs, by its tensor's name or its own. Raises NetworkError (unknown-layer)."""
    found = next((each for each in (name, input_name(name)) if each in known), None)
    if found is None:
        values = {"name": name[:200], "known": list(known[-20:])}
        raise NetworkError(Fault("unknown-layer", "no-such-tensor", pointer, values))
    return found
