"""A network as one safetensors file: its parameters, and its graph in the metadata. Nothing in it can run.

A chain of dense layers is written as the server has always read it (version 1: `layers.K.weights`, `layers.K.biases`,
and each layer's activation in the metadata), so that POST /api/v1/networks and `adelante forward` take it as it is. Any
other network has its graph under the one key `adelante`; one key, because safetensors writes several in an order that
changes from call to call, and the same network is to give the same bytes.
"""

import json
import re
from collections.abc import Mapping
from os import PathLike
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load as tensors_of
from safetensors.torch import save as file_of
from torch import Tensor

from adelante.formats.description import description_of, network_from
from adelante.network.network import Input, Layer, Network, NetworkFault, Node
from adelante.network.operations import operation_named
from adelante.network.operations.functions import ACTIVATIONS, FUNCTIONS, Function
from adelante.network.operations.softmax import LogSoftmax, Softmax

_KEY = "adelante"
_WEIGHTS = re.compile(r"layers\.(\d{1,6})\.weights")
# The activations that a dense chain's file can name: those of torch's functions that take no options of their own, or
# that have them at their defaults. The server calls gelu's other form gelu_tanh.
_OTHERS = ("celu", "hardshrink", "softshrink", "threshold")
_CHAIN_FUNCTIONS = frozenset({"identity", *ACTIVATIONS} - set(_OTHERS))


def write(network: Network, path: str | PathLike[str]) -> None:
    """Writes the network to a file. The same network gives the same bytes."""
    Path(path).write_bytes(network_to_safetensors(network))


def load(path: str | PathLike[str]) -> Network:
    """The network of a file that `write` or the server wrote. Raises NetworkFault with what is wrong with it."""
    return network_from_safetensors(Path(path).read_bytes())


def network_to_safetensors(network: Network) -> bytes:
    """The network as a file's bytes."""
    activations = _chain(network)
    if activations is not None:
        return _chain_file(network, activations)
    tensors = {name: tensor.detach().contiguous() for name, tensor in network.parameters.items()}
    return file_of(tensors, {_KEY: description_of(network)})


def network_from_safetensors(data: bytes) -> Network:
    """The network that a file's bytes hold. Raises NetworkFault."""
    try:
        tensors = tensors_of(data)
        metadata = _metadata(data)
    except (SafetensorError, ValueError) as error:
        raise NetworkFault("file", f"it is no safetensors file: {error}.") from None
    if _KEY in metadata:
        return network_from(metadata[_KEY], tensors)
    if any(_WEIGHTS.fullmatch(name) for name in tensors):
        return _chain_network(tensors, metadata)
    raise NetworkFault(
        "file",
        "it holds tensors, but does not say what network they belong to.",
        "adelante.save(module, example, path) writes a file that does.",
    )


def _metadata(data: bytes) -> Mapping[str, str]:
    # safetensors' loader of bytes gives the tensors alone.
    length = int.from_bytes(data[:8], "little")
    found = json.loads(data[8 : 8 + length]).get("__metadata__") or {}
    return {str(key): str(value) for key, value in found.items()}


def _chain(network: Network) -> list[str] | None:
    """The activations of a chain of dense layers, each fed by the one before; None for any other network."""
    if network.batch != "any" or len(network.inputs) != 1 or len(network.inputs[0].shape) != 1 or not network.layers:
        return None
    before, found = network.inputs[0].name, []
    for layer in network.layers:
        first = network.by_name[layer.nodes[0]]
        named = _activation(network, layer)
        if layer.kind != "dense" or first.inputs[0] != before or named is None or len(layer.nodes) > 2:
            return None
        found.append(named)
        before = layer.nodes[-1]
    return found if network.outputs == (before,) and len(network.parameters) >= len(found) else None


def _activation(network: Network, layer: Layer) -> str | None:
    if len(layer.nodes) == 1:
        return "identity"
    operation = network.by_name[layer.nodes[-1]].operation
    if isinstance(operation, Softmax) and operation.dim in (-1, 1):
        return operation.kind
    if not isinstance(operation, Function):
        return None
    if operation.function == "gelu" and operation.arguments == ("tanh",):
        return "gelu_tanh"
    usual = operation.arguments == tuple(FUNCTIONS[operation.function].defaults.values())
    return operation.function if usual and operation.function in _CHAIN_FUNCTIONS else None


def _chain_file(network: Network, activations: list[str]) -> bytes:
    tensors: dict[str, Tensor] = {}
    metadata = {"format": "adelante", "version": "1"}
    for k, (layer, activation) in enumerate(zip(network.layers, activations, strict=True)):
        operands = network.by_name[layer.nodes[0]].inputs[1:]
        weights, *biases = (network.parameters[name].detach().contiguous() for name in operands)
        tensors[f"layers.{k}.weights"] = weights
        tensors[f"layers.{k}.biases"] = biases[0] if biases else weights.new_zeros(weights.shape[1])
        metadata[f"layers.{k}.activation"] = activation
        if (name := layer.name or layer.module) is not None:
            metadata[f"layers.{k}.name"] = name
    return file_of(tensors, metadata)


def _chain_network(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> Network:
    count = 1 + max(int(found[1]) for name in tensors if (found := _WEIGHTS.fullmatch(name)))
    weights = [tensors.get(f"layers.{k}.weights") for k in range(count)]
    nodes, layers, before = [], [], "inputs"
    parameters: dict[str, Tensor] = {}
    for k, each in enumerate(weights):
        if each is None or each.dim() != 2:
            raise NetworkFault(f"layers.{k}.weights", "a dense layer's weights, (n_in, n_out), are needed.")
        named = [f"layers.{k}.weights"] + [name for name in (f"layers.{k}.biases",) if name in tensors]
        parameters |= {name: tensors[name] for name in named}
        z, a = f"layers.{k}.pre_activations", f"layers.{k}.activations"
        nodes.append(Node(z, operation_named("dense"), (before, *named)))
        activation = metadata.get(f"layers.{k}.activation", "identity")
        nodes.append(Node(a, _chain_operation(activation, f"layers.{k}.activation"), (z,)))
        layers.append(Layer("dense", (z, a), metadata.get(f"layers.{k}.name")))
        before = a
    first = weights[0]
    assert first is not None
    return Network(
        (Input("inputs", (first.shape[0],), first.dtype),), parameters, tuple(nodes), (before,), tuple(layers)
    )


def _chain_operation(activation: str, place: str) -> Function | Softmax:
    if activation in ("softmax", "log_softmax"):
        return Softmax(-1) if activation == "softmax" else LogSoftmax(-1)
    if activation == "gelu_tanh":
        return Function.named("gelu", approximate="tanh")
    if activation not in _CHAIN_FUNCTIONS:
        raise NetworkFault(
            place, f"there is no activation {activation!r}.", f"Known: {', '.join(sorted(_CHAIN_FUNCTIONS))}."
        )
    return Function.named(activation)
