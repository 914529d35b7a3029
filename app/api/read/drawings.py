"""Layers whose parameters are to be drawn: what POST /random reads beside the sizes of dense ones."""

from collections.abc import Mapping, Sequence
from typing import Any

from adelante.formats.json.fields import whole
from adelante.formats.json.options import options_of
from adelante.network.errors import Fault, NetworkError
from adelante.network.operations import OPERATIONS
from adelante.network.random import OPTIONAL_SIZES, SIZES, Drawing

_FLAGS = ("bias", "affine")


def drawing_of(layer: Mapping[str, Any], pointer: str) -> tuple[Drawing, dict[str, Any]]:
    """What is to be drawn for a layer, and the layer without what only says that. Raises NetworkError.

    Sizes are named as the arguments of the kind's module in torch.nn; `bias` and `affine` say what to leave out.
    """
    layer = {name: value for name, value in layer.items() if value is not None}
    kind = layer.get("kind", "dense")
    if not isinstance(kind, str) or kind not in OPERATIONS:
        values = {"name": str(kind)[:100], "known": list(OPERATIONS)}
        raise NetworkError(Fault("unknown-kind", "unknown-kind", f"{pointer}/kind", values))
    if kind not in SIZES:
        return Drawing(kind), dict(layer)
    for name in _FLAGS:
        if not isinstance(layer.get(name, True), bool):
            raise NetworkError(Fault("invalid-value", "boolean-expected", f"{pointer}/{name}", {"name": name}))
    named = (*SIZES[kind], *OPTIONAL_SIZES.get(kind, ()))
    sizes = {name: _whole(layer[name]) for name in named if name in layer}
    drawing = Drawing(kind, sizes, layer.get("bias", True), layer.get("affine", True))
    spent = {*_FLAGS, *named}.difference(options_of(kind))
    return drawing, {name: value for name, value in layer.items() if name not in spent}


def drawings_of(layers: Sequence[Mapping[str, Any]]) -> tuple[list[Drawing], list[dict[str, Any]]]:
    """The same of all layers. Raises NetworkError."""
    found = [drawing_of(layer, f"/layers/{k}") for k, layer in enumerate(layers)]
    return [drawing for drawing, _ in found], [rest for _, rest in found]


def _whole(size: Any) -> Any:
    """A size or several; what is none, the drawing itself refuses."""
    if isinstance(size, list):
        return tuple(map(_whole, size))
    found = whole(size)
    return size if found is None else found
