"""Nodes as layers: what people name, an operation with its parameters and the activation after it."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from torch import Tensor

from adelante.network.metas import Bounds
from adelante.network.names import parameter_name
from adelante.network.network import Batch, Input, Layer, Network, Node
from adelante.network.operations import Operation
from adelante.network.operations.functions import ACTIVATIONS
from adelante.network.operations.softmax import LogSoftmax, Softmax

_BEFORE_ACTIVATIONS = {"sum-of-products", "normalisation", "sum"}
# What takes a whole layer's z, as the notebook's last layer does.
_OF_A_LAYER = (Softmax(-1), LogSoftmax(-1))


class Made(NamedTuple):
    """A node whose name is still to be given; `label` is what its layer is called, where a file says it."""

    name: str
    operation: Operation
    operands: tuple[str, ...]
    module: str | None
    source: str | None
    label: str | None = None


def layered(
    inputs: Sequence[Input],
    parameters: Mapping[str, Tensor],
    made: Sequence[Made],
    outputs: Sequence[str],
    batch: Batch,
    *,
    bounds: Bounds | None = None,
    registered: Collection[str] = (),
) -> Network:
    """The network of these nodes, those that no output needs left out, with the names that DESIGN gives to tensors.

    `bounds` are those of a network of strangers; `registered` are the parameters that are buffers in a module.
    """
    made = needed(made, outputs)
    names = {each.name: each.name for each in inputs}
    given = list(inputs)
    if len(inputs) == 1:
        names[inputs[0].name] = "inputs"
        given = [Input("inputs", inputs[0].shape, inputs[0].dtype)]
    else:
        names |= {each.name: f"inputs.{each.name}" for each in inputs}
        given = [Input(f"inputs.{each.name}", each.shape, each.dtype) for each in inputs]
    readers = Counter(name for each in made for name in each.operands)
    kept: dict[str, Tensor] = {}
    nodes: list[Node] = []
    layers: list[Layer] = []
    position = 0
    while position < len(made):
        first = made[position]
        after = made[position + 1] if position + 1 < len(made) else None
        activated = after is not None and _activates(after, first, readers, outputs)
        k = len(layers)
        together = [first, after] if activated and after is not None else [first]
        ends = (["pre_activations"] if activated else []) + ["activations"]
        for each, end in zip(together, ends, strict=True):
            for index, operand in enumerate(each.operands):
                if operand not in names:
                    names[operand] = parameter_name(k, each.operation, index, kept)
                    kept[names[operand]] = parameters[operand]
            names[each.name] = f"layers.{k}.{end}"
            nodes.append(Node(names[each.name], each.operation, tuple(names[name] for name in each.operands)))
        found = tuple(f"layers.{k}.{end}" for end in ends)
        label = _label(first, together[-1], outputs)
        layers.append(Layer(first.operation.kind, found, label, first.module, first.source))
        position += len(together)
    for output in outputs:
        if output not in names:
            # A module may hand out a parameter as it is.
            names[output] = f"parameters.{len(kept)}"
            kept[names[output]] = parameters[output]
    final = tuple(names[output] for output in outputs)
    buffers = frozenset(names[each] for each in registered if names.get(each) in kept)
    return Network(tuple(given), kept, tuple(nodes), final, tuple(layers), batch, bounds, buffers)


def _label(first: Made, last: Made, outputs: Sequence[str]) -> str | None:
    """What a layer is called: as its operation is, but of several outputs each as the output."""
    own = last.label if len(outputs) > 1 and last.name in outputs else None
    return own or first.label or last.label


def needed(made: Sequence[Made], outputs: Sequence[str]) -> list[Made]:
    """The nodes that an output depends on."""
    needed = set(outputs)
    found = []
    for each in reversed(made):
        if each.name in needed:
            needed.update(each.operands)
            found.append(each)
    return found[::-1]


def _activates(after: Made, first: Made, readers: Mapping[str, int], outputs: Sequence[str]) -> bool:
    """Whether a node is the activation of the one before: its only reader, a function of each number by itself.

    Of a linear layer softmax too, over its neurons; elsewhere (in attention) it is a step of its own.
    """
    alone = after.operands == (first.name,) and readers[first.name] == 1 and first.name not in outputs
    if after.operation in _OF_A_LAYER:
        return alone and first.operation.kind in ("dense", "linear")
    return alone and after.operation.kind in ACTIVATIONS and first.operation.FORM in _BEFORE_ACTIVATIONS
