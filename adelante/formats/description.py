"""A network's graph as JSON: what the numbers of a file belong to."""

import json
import math
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from adelante.network.network import Input, Layer, Network, NetworkFault, Node
from adelante.network.operations import OPERATIONS, PerBatch, operation_named
from adelante.network.operations.moves import DTYPES

VERSION = 2
_NAMES = {dtype: name for name, dtype in DTYPES.items()}
_INFINITE = {"Infinity": math.inf, "-Infinity": -math.inf}


def description_of(network: Network) -> str:
    """The graph of a network; its parameters are named, and stand elsewhere."""
    document = {
        "version": VERSION,
        "batch": network.batch,
        "inputs": [
            {"name": each.name, "shape": list(each.shape), "dtype": _NAMES[each.dtype]} for each in network.inputs
        ],
        "nodes": [
            {
                "name": node.name,
                "kind": node.operation.kind,
                "options": {name: _written(value) for name, value in node.operation.options.items()},
                "inputs": list(node.inputs),
            }
            for node in network.nodes
        ],
        "layers": [
            {"kind": each.kind, "nodes": list(each.nodes)}
            | {key: value for key in ("name", "module", "source") if (value := getattr(each, key)) is not None}
            for each in network.layers
        ],
        "outputs": list(network.outputs),
    }
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def network_from(description: str, parameters: Mapping[str, Tensor]) -> Network:
    """The network that a description tells of. Nothing in it is evaluated: kinds are looked up in the closed list.

    Raises NetworkFault with the place of what is missing, of another kind, or not known.
    """
    try:
        document = json.loads(description)
    except (ValueError, RecursionError) as error:
        raise NetworkFault("file", f"its description is no JSON: {error}.") from None
    if not isinstance(document, dict) or document.get("version") != VERSION:
        found = document.get("version") if isinstance(document, dict) else None
        raise NetworkFault("file", f"its description has version {found!r}; {VERSION} is read here.")
    try:
        return Network(
            tuple(
                Input(str(each["name"]), tuple(int(size) for size in each["shape"]), DTYPES[each["dtype"]])
                for each in document["inputs"]
            ),
            parameters,
            tuple(_node(each) for each in document["nodes"]),
            tuple(str(name) for name in document["outputs"]),
            tuple(_layer(each) for each in document["layers"]),
            document["batch"],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, NetworkFault):
            raise
        raise NetworkFault("file", f"its description lacks something, or has it of another kind: {error}.") from None


def _node(document: Mapping[str, Any]) -> Node:
    kind, name = document["kind"], str(document["name"])
    if kind not in OPERATIONS:
        raise NetworkFault(name, f"there is no operation {kind!r}.", f"Known: {', '.join(OPERATIONS)}.")
    options = {str(key): _read(value) for key, value in document["options"].items()}
    try:
        operation = operation_named(kind, **options)
    except (TypeError, KeyError) as error:
        raise NetworkFault(name, f"{kind} has other options: {error}.") from None
    return Node(name, operation, tuple(str(each) for each in document["inputs"]))


def _layer(document: Mapping[str, Any]) -> Layer:
    texts = {key: str(document[key]) for key in ("name", "module", "source") if document.get(key) is not None}
    return Layer(str(document["kind"]), tuple(str(name) for name in document["nodes"]), **texts)


def _written(value: Any) -> Any:
    if isinstance(value, PerBatch):
        return {"batch": value.times, "plus": value.plus}
    if isinstance(value, tuple):
        return [_written(each) for each in value]
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def _read(value: Any) -> Any:
    if isinstance(value, dict):
        return PerBatch(int(value["batch"]), int(value["plus"]))
    if isinstance(value, list):
        return tuple(_read(each) for each in value)
    return _INFINITE.get(value, value) if isinstance(value, str) else value
