"""Adelante, the library: any PyTorch network, and where every number of its forward pass comes from.

>>> network = adelante.trace(module, (torch.zeros(1, 1, 28, 28),))
>>> trace = adelante.forward(network, picture)
>>> adelante.explain(network, trace, "layers.3.activations", (7, 12, 5))
"""

from os import PathLike
from typing import Any, overload

from torch import Tensor, nn

from adelante.formats.opening import load
from adelante.network.explain import explain, gradients, reach
from adelante.network.explanation import Explanation, Part
from adelante.network.forward import Trace, changed, forward
from adelante.network.network import Input, Layer, Network, NetworkFault, Node
from adelante.saving import write
from adelante.tracing import trace


@overload
def save(module: nn.Module, example: Tensor | tuple[Tensor, ...], path: str | PathLike[str]) -> Network: ...
@overload
def save(module: Network, path: str | PathLike[str], /) -> Network: ...
@overload
def save(module: Network, *, path: str | PathLike[str]) -> Network: ...
def save(module: nn.Module | Network, example: Any = None, path: str | PathLike[str] | None = None) -> Network:
    """Writes a network to a file, of the format that the file's ending says (`write`); gives the network.

    `save(module, example, path)` traces a torch module first and raises as `trace` does; `save(network, path)`
    writes a network that is there.
    """
    if isinstance(module, Network):
        write(module, example if path is None else path)
        return module
    assert path is not None
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
