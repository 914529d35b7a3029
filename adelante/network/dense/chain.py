"""Whether a network of any kind is a chain of dense layers, and it as one."""

import torch

from adelante.network.activations import ACTIVATIONS, Activation
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.network import Network
from adelante.network.operations.dense import Dense
from adelante.network.operations.softmax import LogSoftmax, Softmax
from adelante.network.parts import Layer

_NAMED = {activation.operation: activation for activation in ACTIVATIONS.values()} | {
    # Of (batch, n) the last dimension is also the first after the batch.
    Softmax(1): ACTIVATIONS["softmax"],
    LogSoftmax(1): ACTIVATIONS["log_softmax"],
}
_DTYPES = (torch.float32, torch.float64, torch.float16, torch.bfloat16)


def dense_chain(network: Network) -> DenseNetwork | None:
    """The network as a DenseNetwork, itself where it is one; None where it is no chain of dense layers.

    A layer without biases gets zeros, one without an activation the identity, one without a name its module's.
    """
    if isinstance(network, DenseNetwork):
        return network
    if network.batch != "any" or len(network.inputs) != 1 or len(network.inputs[0].shape) != 1 or not network.layers:
        return None
    before, layers = network.inputs[0].name, []
    own: list[str] = []
    for layer in network.layers:
        first, activation = network.by_name[layer.nodes[0]], _activation(network, layer)
        operands = first.inputs[1:]
        alone = first.inputs[:1] == (before,) and set(operands) <= set(network.parameters)
        if first.operation != Dense() or activation is None or not alone:
            return None
        own += operands
        weights, *biases = (network.parameters[name].detach() for name in operands)
        shift = biases[0] if biases else weights.new_zeros(weights.shape[1])
        layers.append(DenseLayer(weights, shift, activation, layer.name or layer.module))
        before = layer.nodes[-1]
    dtypes = {tensor.dtype for tensor in network.parameters.values()} | {network.inputs[0].dtype}
    # Weights that layers share, numbers of two kinds and results from the middle, a chain could not tell.
    whole = network.outputs == (before,) and sorted(own) == sorted(network.parameters)
    return DenseNetwork(layers) if whole and len(dtypes) == 1 and dtypes.pop() in _DTYPES else None


def _activation(network: Network, layer: Layer) -> Activation | None:
    if len(layer.nodes) == 1:
        return ACTIVATIONS["identity"]
    last = network.by_name[layer.nodes[-1]]
    return _NAMED.get(last.operation) if len(layer.nodes) == 2 and last.inputs == layer.nodes[:1] else None
