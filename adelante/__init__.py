"""Adelante, the library: any PyTorch network, and where every number of its forward pass comes from.

>>> network = adelante.trace(module, (torch.zeros(1, 1, 28, 28),))
>>> trace = adelante.forward(network, picture)
>>> adelante.explain(network, trace, "layers.3.activations", (7, 12, 5))
"""

from os import PathLike

from torch import Tensor, nn

from adelante.formats.opening import load
from adelante.formats.safetensors import write
from adelante.network.explain import explain, gradients, reach
from adelante.network.explanation import Explanation, Part
from adelante.network.forward import Trace, changed, forward
from adelante.network.network import Input, Layer, Network, NetworkFault, Node
from adelante.tracing import trace


def save(module: nn.Module, example: Tensor | tuple[Tensor, ...], path: str | PathLike[str]) -> Network:
    """Traces the module and writes its network to a safetensors file; gives the network. Raises as `trace` does."""
    network = trace(module, example)
    write(network, path)
    return network


__all__ = [
    "Explanation",
    "Input",
    "Layer",
    "Network",
    "NetworkFault",
    "Node",
    "Part",
    "Trace",
    "changed",
    "explain",
    "forward",
    "gradients",
    "load",
    "reach",
    "save",
    "trace",
    "write",
]
