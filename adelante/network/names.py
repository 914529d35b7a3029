"""What tensors are called: the inputs, a layer's results, its parameters. One numbering of layers, from 0."""

import re
from collections import Counter
from collections.abc import Container

from adelante.network.network import Network
from adelante.network.operations import Operation

_RESULT = re.compile(r"layers\.(0|[1-9][0-9]{0,5})\.(pre_activations|activations)")


def result_names(k: int, *, activated: bool) -> tuple[str, ...]:
    """The names of what layer k gives: z and a, or a alone where no activation follows."""
    ends = ("pre_activations", "activations") if activated else ("activations",)
    return tuple(f"layers.{k}.{end}" for end in ends)


def layer_of(tensor: str) -> int | None:
    """Which layer gives a tensor of this name; None of an input or a parameter."""
    found = _RESULT.fullmatch(tensor)
    return int(found[1]) if found else None


def input_name(name: str | None) -> str:
    """The tensor of an input: "inputs", or "inputs.ids" of one with a name."""
    return "inputs" if name is None else f"inputs.{name}"


def parameter_name(k: int, operation: Operation, position: int, taken: Container[str]) -> str:
    """The tensor that layer k's operation takes at a position: layers.0.weights; layers.2.inputs.1 of several alike."""
    name = f"layers.{k}.{operation.operand(position)}"
    return name if name not in taken else f"{name}.{position}"


def output_labels(network: Network) -> list[str]:
    """What each output is called where there are several, no two alike: its layer's name, or its tensor's.

    What is handed out twice, or would be called as another is, gets a number: scores, scores.1.
    """
    named = Counter(layer.name for layer in network.layers)
    labels = {layer.nodes[-1]: layer.name for layer in network.layers if layer.name is not None}
    found: dict[str, None] = {}
    for name in network.outputs:
        own = labels.get(name)
        label = name if own is None or named[own] > 1 else own
        n, free = 0, label
        while free in found:
            n += 1
            free = f"{label}.{n}"
        found[free] = None
    return list(found)


def own_name(network: Network, name: str) -> str:
    """The tensor of a name: a dense layer without an activation has its pre-activations as its activations."""
    k = layer_of(name)
    if k is None or name in network.by_name or k >= len(network.layers) or network.layers[k].kind != "dense":
        return name
    return network.layers[k].nodes[0]
