"""A network as one safetensors file: its parameters, and its graph in the metadata. Nothing in it can run.

A chain of dense layers is written as the server has always read it (version 1: `layers.K.weights`, `layers.K.biases`,
and each layer's activation in the metadata). Any other network has its graph in the metadata, under `adelante`.
"""

import re
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from adelante.formats import dense_safetensors
from adelante.formats.dense_safetensors import Note
from adelante.formats.description import description_of, network_from
from adelante.formats.json.writing import check_names, check_ranks
from adelante.formats.kinds import Bytes
from adelante.formats.tensors import DESCRIPTION, DTYPES, tensors_from_safetensors, tensors_to_safetensors
from adelante.network.activations import ACTIVATIONS as NAMED
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.errors import NetworkError
from adelante.network.network import Input, Layer, Network, NetworkFault, Node
from adelante.network.operations import operation_named
from adelante.network.operations.functions import ACTIVATIONS, FUNCTIONS, Function
from adelante.network.operations.softmax import LogSoftmax, Softmax

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


def network_to_safetensors(network: Network | DenseNetwork) -> bytes:
    """The network as a file's bytes."""
    chain = dense_of(network)
    if chain is not None:
        return dense_safetensors.network_to_safetensors(chain)
    assert isinstance(network, Network)
    return tensors_to_safetensors(network.parameters, {DESCRIPTION: description_of(network)})


class Opened(NamedTuple):
    """A file's network, and what had to be decided to read it."""

    network: Network | DenseNetwork
    notes: tuple[Note, ...]


def opened_from_safetensors(data: Bytes) -> Opened:
    """The network that a file holds, of any kind, and what had to be decided to read it; for who serves others.

    Its tensors share the memory of `data`. Raises NetworkError with a pointer to what is wrong: unsupported-file,
    out-of-range, unknown-activation, shape-mismatch, empty.
    """
    return opened_from_tensors(*tensors_from_safetensors(data))


def opened_from_tensors(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> Opened:
    """The network of a file's tensors and metadata. Raises NetworkError as `opened_from_safetensors` does."""
    if DESCRIPTION not in metadata:
        return Opened(*dense_safetensors.opened_from_tensors(tensors, metadata))
    try:
        network = network_from(metadata[DESCRIPTION], tensors)
    except NetworkFault as fault:
        raise NetworkError(fault.fault) from None
    check_names(network)
    check_ranks(network)
    return Opened(dense_of(network) or network, ())


def network_from_safetensors(data: bytes) -> Network:
    """The network that a file's bytes hold. Raises NetworkFault."""
    try:
        tensors, metadata = tensors_from_safetensors(data, finite=False)
    except NetworkError as error:
        fault = error.faults[0]
        told = ", ".join(f"{name} {value}" for name, value in fault.values.items())
        raise NetworkFault("file", f"it is no safetensors file: {fault.key} {told}.", fault=fault) from None
    if DESCRIPTION in metadata:
        return network_from(metadata[DESCRIPTION], tensors)
    if any(_WEIGHTS.fullmatch(name) for name in tensors):
        return _chain_network(tensors, metadata)
    raise NetworkFault(
        "file",
        "it holds tensors, but does not say what network they belong to.",
        "adelante.save(module, example, path) writes a file that does.",
    )


def dense_of(network: Network | DenseNetwork) -> DenseNetwork | None:
    """The chain of dense layers that a network is; None where it is none."""
    if isinstance(network, DenseNetwork):
        return network
    activations = _chain(network)
    if activations is None:
        return None
    layers = []
    for layer, activation in zip(network.layers, activations, strict=True):
        operands = network.by_name[layer.nodes[0]].inputs[1:]
        weights, *biases = (network.parameters[name].detach() for name in operands)
        own = biases[0] if biases else weights.new_zeros(weights.shape[1])
        layers.append(DenseLayer(weights, own, NAMED[activation], layer.name or layer.module))
    return DenseNetwork(layers)


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
    own = [name for layer in network.layers for name in network.by_name[layer.nodes[0]].inputs[1:]]
    # Weights that layers share, or that are no parameters, a chain's file could not tell.
    if network.outputs != (before,) or sorted(own) != sorted(network.parameters):
        return None
    dtypes = {tensor.dtype for tensor in network.parameters.values()} | {network.inputs[0].dtype}
    return found if len(dtypes) == 1 and dtypes.pop() in DTYPES.values() else None


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
