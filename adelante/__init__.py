"""Adelante, the library: any PyTorch network, and where every number of its forward pass comes from.

>>> network = adelante.trace(module, (torch.zeros(1, 1, 28, 28),))
>>> trace = adelante.forward(network, picture)
>>> adelante.explain(network, trace, "layers.3.activations", (7, 12, 5))

Each name is imported where it is first used: what needs no torch, as the words of the command line, waits for none.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adelante.diagram.drawing import draw
    from adelante.formats.opening import load
    from adelante.network.arising import Arising, arises
    from adelante.network.explain import explain, gradients, reach
    from adelante.network.explanation import Explanation, Part
    from adelante.network.forward import Trace, changed, forward
    from adelante.network.network import Input, Layer, Network, NetworkFault, Node
    from adelante.saving import save, write
    from adelante.tracing import trace

_PLACES = {
    "adelante.diagram.drawing": ("draw",),
    "adelante.formats.opening": ("load",),
    "adelante.network.arising": ("Arising", "arises"),
    "adelante.network.explain": ("explain", "gradients", "reach"),
    "adelante.network.explanation": ("Explanation", "Part"),
    "adelante.network.forward": ("Trace", "changed", "forward"),
    "adelante.network.network": ("Input", "Layer", "Network", "NetworkFault", "Node"),
    "adelante.saving": ("save", "write"),
    "adelante.tracing": ("trace",),
}
_ROOMS = ("code", "datasets", "diagram", "formats", "locale", "network", "saving", "tensors", "tracing")
_PLACE_OF = {name: place for place, names in _PLACES.items() for name in names}

__all__ = [
    "Arising",
    "Explanation",
    "Input",
    "Layer",
    "Network",
    "NetworkFault",
    "Node",
    "Part",
    "Trace",
    "arises",
    "changed",
    "draw",
    "explain",
    "forward",
    "gradients",
    "load",
    "reach",
    "save",
    "trace",
    "write",
]


# For who checks types, the names above are all that there are.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name in _ROOMS:
            # As after any import of the library before: with what is in them.
            for place in _PLACES:
                import_module(place)
            return import_module(f"{__name__}.{name}")
        if name not in _PLACE_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(_PLACE_OF[name]), name)
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
