"""Networks in requests that say more than a chain of dense layers: other kinds, named inputs, several outputs."""

from collections.abc import Mapping
from typing import Any

import torch

from adelante.formats.json import check_ranks, network_from_document
from adelante.formats.json.activation import AFTER_LAYERS
from adelante.network.dense.chain import dense_chain
from adelante.network.network import Network
from adelante.network.operations import OPERATIONS
from adelante.network.operations.moves import DTYPES
from app.compute.effort import counted

# What a network says beside its layers.
GRAPH = ("input", "outputs", "batch")
_SIZES = {"type": "array", "items": {"type": "integer", "minimum": 1}}
_ONE_INPUT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "shape": _SIZES,
        "dtype": {"type": ["string", "null"], "enum": [*DTYPES, None]},
        "name": {"type": ["string", "null"], "maxLength": 200},
    },
    "required": ["shape"],
    "additionalProperties": False,
}
_NAMES = {"type": "array", "items": {"type": "string"}, "minItems": 1}
# What OpenAPI says of them.
INPUT = {"anyOf": [_ONE_INPUT, {"type": "array", "items": _ONE_INPUT, "minItems": 1}, {"type": "null"}]}
OUTPUTS = {"anyOf": [_NAMES, {"type": "null"}]}
BATCH = {"type": ["string", "null"], "enum": ["any", "one", "none", None]}
OTHER_LAYER: dict[str, Any] = {
    "title": "OtherLayer",
    "type": "object",
    "description": "A layer of another kind than dense. GET /api/v1/operations tells the options and the parameters of "
    'each, which stand here too: parameters as arrays, or {"tensor": "layers.0.weights"} where two layers share them.',
    "properties": {
        "kind": {"type": "string", "enum": [kind for kind in OPERATIONS if kind != "dense"]},
        "name": {"type": ["string", "null"], "maxLength": 200},
        "inputs": {
            "type": ["array", "null"],
            "items": {"type": "string"},
            "description": "names of earlier layers, or inputs; left out, the layer before",
        },
        "activation": {"type": ["string", "null"], "enum": [*AFTER_LAYERS, None]},
        "module": {"type": ["string", "null"], "maxLength": 200, "description": "the path in its author's code"},
        "source": {"type": ["string", "null"], "maxLength": 200, "description": "a line of its author's code"},
    },
    "required": ["kind"],
    "additionalProperties": True,
}
# It stands where OTHER_LAYER is meant: pydantic lets no reference stand to what it does not know.
OTHER_LAYER_HERE: dict[str, Any] = {"title": "OtherLayer"}
# A dense layer that says one of these says where it takes its values from, or where its author's code has it.
_BEYOND_DENSE = ("inputs", "module", "source")


def is_of_other_kinds(document: Mapping[str, Any]) -> bool:
    """Whether a document's network needs the words for every kind, not those for dense layers alone."""
    layers = document.get("layers")
    if not isinstance(layers, list):
        return False
    return any(document.get(name) is not None for name in GRAPH) or any(map(_is_beyond_dense, layers))


def _is_beyond_dense(layer: Any) -> bool:
    if not isinstance(layer, dict):
        return False
    if layer.get("kind") not in (None, "dense") or isinstance(layer.get("activation"), dict):
        return True
    arrays = (layer.get("weights"), layer.get("biases"))
    return any(layer.get(name) is not None for name in _BEYOND_DENSE) or any(isinstance(each, dict) for each in arrays)


def taken_from(document: dict[str, Any]) -> dict[str, Any]:
    """What a document says of its network; it is no longer in the document."""
    return {name: document.pop(name) for name in ("layers", *GRAPH) if name in document}


def network_of(part: Mapping[str, Any], dtype: torch.dtype) -> Network:
    """The network of such a part; a chain of dense layers however it was written. Raises NetworkError."""
    network = network_from_document(part, dtype)
    check_ranks(network)
    return counted(dense_chain(network) or network)
