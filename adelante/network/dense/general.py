"""A chain of dense layers as the general network that it is, with the same tensors, for what is asked of any cell."""

from collections.abc import Mapping
from weakref import WeakKeyDictionary

from adelante.network.activations import Activation
from adelante.network.cells import Cell
from adelante.network.dense.forward import DenseTrace
from adelante.network.dense.network import DenseNetwork
from adelante.network.dense.responses import Vary, VaryBias, VaryInput, VaryWeight
from adelante.network.forward import Trace
from adelante.network.network import Input, Layer, Network, Node
from adelante.network.operations import Operation, operation_named

_shapes: WeakKeyDictionary[DenseNetwork, dict[str, tuple[int, ...]]] = WeakKeyDictionary()
_views: WeakKeyDictionary[DenseNetwork, Network] = WeakKeyDictionary()


def general(network: DenseNetwork | Network) -> Network:
    """The same network as operations on named tensors; its parameters are the layers' own tensors. Made once."""
    if isinstance(network, Network):
        return network
    found = _views.get(network)
    if found is None:
        found = _views[network] = _general(network)
    return found


def _general(network: DenseNetwork) -> Network:
    nodes, layers, before = [], [], "inputs"
    for k, layer in enumerate(network.layers):
        z, a = f"layers.{k}.pre_activations", f"layers.{k}.activations"
        nodes.append(Node(z, operation_named("dense"), (before, f"layers.{k}.weights", f"layers.{k}.biases")))
        nodes.append(Node(a, activation_operation(layer.activation), (z,)))
        layers.append(Layer("dense", (z, a), layer.name))
        before = a
    parameters = {
        f"layers.{k}.{name}": tensor
        for k, layer in enumerate(network.layers)
        for name, tensor in (("weights", layer.weights), ("biases", layer.biases))
    }
    inputs = (Input("inputs", (network.n_in,), network.dtype),)
    return Network(inputs, parameters, tuple(nodes), (before,), tuple(layers))


def activation_operation(activation: Activation) -> Operation:
    """The operation that computes an activation of the registry."""
    if activation.name == "gelu_tanh":
        return operation_named("gelu", approximate="tanh")
    return operation_named(activation.name)


def general_trace(network: DenseNetwork, trace: DenseTrace) -> Trace:
    """A dense pass of one input vector as a trace of named tensors; no number is computed or copied."""
    view = general(network)
    values = dict(view.parameters) | {"inputs": trace.inputs.unsqueeze(0)}
    for k, (z, a) in enumerate(zip(trace.pre_activations, trace.activations, strict=True)):
        values |= {f"layers.{k}.pre_activations": z.unsqueeze(0), f"layers.{k}.activations": a.unsqueeze(0)}
    return Trace(view, values, 1, True)


def dense_shapes(network: DenseNetwork) -> Mapping[str, tuple[int, ...]]:
    """The shape of each of its tensors, without the batch. Made once."""
    found = _shapes.get(network)
    if found is None:
        found = _shapes[network] = _shapes_of(network)
    return found


def vary_of(cell: Cell) -> Vary:
    """A cell of the inputs or of a parameter as what a dense sweep varies."""
    if cell.tensor == "inputs":
        return VaryInput(*cell.at)
    _, layer, name = cell.tensor.split(".")
    return VaryWeight(int(layer), *cell.at) if name == "weights" else VaryBias(int(layer), *cell.at)


def _shapes_of(network: DenseNetwork) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {"inputs": (network.n_in,)}
    for k, (n_in, n_out) in enumerate(zip(network.sizes, network.sizes[1:], strict=False)):
        shapes |= {f"layers.{k}.weights": (n_in, n_out), f"layers.{k}.biases": (n_out,)}
        shapes |= dict.fromkeys((f"layers.{k}.pre_activations", f"layers.{k}.activations"), (n_out,))
    return shapes
