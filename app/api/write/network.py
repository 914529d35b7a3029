"""What a network of any kind is, without its numbers: its inputs, its layers' kinds and shapes, its outputs."""

from typing import Any

import torch

from adelante.formats.json.writing import activation_name
from adelante.network.names import output_labels
from adelante.network.network import Layer, Network


def description(network: Network) -> dict[str, Any]:
    """Each layer with its result's shape, and the shapes of its parameters under their names."""
    labels = output_labels(network)
    return {
        "parameters": network.size,
        "buffers": network.size - network.learned,
        "inputs": [
            {"name": each.name, "shape": list(each.shape), "dtype": _name(each.dtype)} for each in network.inputs
        ],
        "outputs": [
            {"name": label, "shape": list(network.shapes[name]), "dtype": _name(network.dtype)}
            for label, name in zip(labels, network.outputs, strict=True)
        ],
        "layers": [_layer(network, layer) for layer in network.layers],
        "batch": network.batch,
        "dtype": _name(network.dtype),
    }


def _layer(network: Network, layer: Layer) -> dict[str, Any]:
    node = network.by_name[layer.nodes[0]]
    own = {
        node.operation.operand(position): list(network.parameters[name].shape)
        for position, name in enumerate(node.inputs)
        if name in network.parameters
    }
    return {
        "name": layer.name,
        "kind": layer.kind,
        "activation": activation_name(network, layer),
        "module": layer.module,
        "shape": list(network.shapes[layer.nodes[-1]]),
        **own,
    }


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
