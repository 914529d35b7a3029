"""A network as a page lays it out: how its layers hang together, what its tensors are called, and no number of them."""

from typing import Any

import torch

from adelante.formats.json.options import written_options
from adelante.formats.json.writing import activation_name
from adelante.network.network import Layer, Network


def outline(id: str, network: Network) -> dict[str, Any]:
    """Each layer with the tensors that it takes and gives, by name, shape and dtype; linear in the layers."""
    return {
        "id": id,
        "inputs": [
            {"name": each.name, "shape": list(each.shape), "dtype": _name(each.dtype)} for each in network.inputs
        ],
        "layers": [_layer(network, k, layer) for k, layer in enumerate(network.layers)],
        "outputs": list(network.outputs),
        "parameters": network.size,
        "buffers": network.size - network.learned,
        "batch": network.batch,
        "dtype": _name(network.dtype),
    }


def _layer(network: Network, index: int, layer: Layer) -> dict[str, Any]:
    node = network.by_name[layer.nodes[0]]
    own = [name for name in node.inputs if name in network.parameters]
    return {
        "index": index,
        "name": layer.name,
        "kind": layer.kind,
        "activation": activation_name(network, layer),
        "module": layer.module,
        "source": layer.source,
        "takes": [name for name in node.inputs if name not in network.parameters],
        "options": written_options(node.operation),
        "parameters": [_parameter(network, name) for name in own],
        "pre_activations": _tensor(network, layer.nodes[0]) if len(layer.nodes) > 1 else None,
        "activations": _tensor(network, layer.nodes[-1]),
    }


def _parameter(network: Network, name: str) -> dict[str, Any]:
    buffer = {"buffer": True} if name in network.buffers else {}
    return {**_tensor(network, name, network.parameters[name].dtype), **buffer}


def _tensor(network: Network, name: str, dtype: torch.dtype | None = None) -> dict[str, Any]:
    return {"name": name, "shape": list(network.shapes[name]), "dtype": _name(dtype or network.dtype)}


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
