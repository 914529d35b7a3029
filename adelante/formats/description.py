"""A network's graph as JSON: what the numbers of a file belong to."""

import json
from collections.abc import Mapping
from math import prod
from typing import Any, NoReturn

import orjson
from torch import Tensor

from adelante.formats.json.options import operation_from, options_of, written
from adelante.network.errors import Fault, NetworkFault, said
from adelante.network.metas import STRANGERS
from adelante.network.network import Batch, Input, Layer, Network, Node
from adelante.network.operations import OPERATIONS, Operation, operation_named
from adelante.network.operations.moves import DTYPES

VERSION = 2
_NAMES = {dtype: name for name, dtype in DTYPES.items()}
_BATCHES: tuple[Batch, ...] = ("any", "one", "none")
_TEXTS = ("name", "module", "source")
_LONGEST_TEXT = 200
_MOST_SIZES = 64
_LARGEST = 2**53
MOST_NODES = 65_536
"""An LSTM of a thousand steps, taken apart, has some sixteen thousand."""
# Options where a truth value may stand for a number, as in torch.full(size, True).
_TRUTHS = ("scalar", "other_scalar", "other", "fill_value", "value")


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
                "options": {name: written(value) for name, value in node.operation.options.items()},
                "inputs": list(node.inputs),
            }
            for node in network.nodes
        ],
        "layers": [
            {"kind": each.kind, "nodes": list(each.nodes)}
            | {key: value for key in _TEXTS if (value := getattr(each, key)) is not None}
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
        document = orjson.loads(description)
    except (ValueError, RecursionError) as error:
        _refuse(f"its description is no JSON: {error}.", "file-description")
    if not isinstance(document, dict) or document.get("version") != VERSION:
        found = document.get("version") if isinstance(document, dict) else None
        told = {"got": str(found)[:_LONGEST_TEXT], "expected": str(VERSION)}
        _refuse(f"its description has version {found!r}; {VERSION} is read here.", "file-version", **told)
    try:
        _check_nodes(document)
        layers = tuple(_layer(each) for each in document["layers"])
        sources = {name: layer for layer in layers for name in layer.nodes}
        inputs = tuple(_input(each) for each in document["inputs"])
        read: dict[tuple[str, bytes], Operation] = {}
        nodes = tuple(_node(each, sources, read) for each in document["nodes"])
        outputs = tuple(_text(name) for name in document["outputs"])
        if document["batch"] not in _BATCHES:
            raise ValueError("batch")
        return Network(inputs, parameters, nodes, outputs, layers, document["batch"], STRANGERS)
    except NetworkFault:
        raise
    except Exception as error:
        # What a hostile description asks for, Python and torch refuse with errors of many classes.
        reason = said(error)[:_LONGEST_TEXT]
        _refuse(f"its description lacks something, or has it of another kind: {reason}.", "file-description")


def _check_nodes(document: Mapping[str, Any]) -> None:
    count = len(document["nodes"])
    if count > MOST_NODES:
        told = {"got": count, "expected": MOST_NODES}
        _refuse(f"it has {count:,} nodes; {MOST_NODES:,} are read here at most.", "file-nodes", **told)


def _refuse(reason: str, key: str, **values: Any) -> NoReturn:
    raise NetworkFault("file", reason, fault=Fault("unsupported-file", key, "", values)) from None


def _input(document: Mapping[str, Any]) -> Input:
    shape = document["shape"]
    if not all(type(size) is int and size > 0 for size in shape) or len(shape) > _MOST_SIZES:
        raise ValueError("shape")
    if prod(shape) > _LARGEST:
        raise ValueError("shape")
    return Input(_text(document["name"]), tuple(shape), DTYPES[document["dtype"]])


def _node(document: Mapping[str, Any], layers: Mapping[str, Layer], read: dict[tuple[str, bytes], Operation]) -> Node:
    """A node. `read` has the operations that were read so far: most networks say the same of many nodes."""
    kind, name = document["kind"], _text(document["name"])
    if kind not in OPERATIONS:
        _refuse_kind(kind, name, layers.get(name))
    said = (kind, orjson.dumps(document["options"]))
    operation = read.get(said)
    if operation is None:
        operation = read[said] = _operation(kind, document["options"], name)
    inputs = tuple([_text(each) for each in document["inputs"]])
    if not operation.takes(len(inputs)):
        expected = ", ".join(operation.operands) or "0"
        values = {"kind": kind, "place": name, "got": str(len(inputs)), "expected": expected}
        fault = Fault("unsupported-file", "file-operands", "", values)
        reason = f"{kind} takes {expected}, not {len(inputs)} tensors."
        raise NetworkFault(name, reason, fault=fault)
    return Node(name, operation, inputs)


def _refuse_kind(kind: Any, name: str, layer: Layer | None) -> NoReturn:
    source = (layer.source or layer.module or layer.name or "") if layer is not None else ""
    told = {"kind": str(kind)[:_LONGEST_TEXT], "place": name, "source": source, "known": list(OPERATIONS)}
    fault = Fault("unsupported-file", "file-kind-of-line" if source else "file-kind", "", told)
    raise NetworkFault(name, f"there is no operation {kind!r}.", f"Known: {', '.join(OPERATIONS)}.", fault=fault)


def _operation(kind: str, options: Any, name: str) -> Operation:
    """The operation of a node, whose name is told where its options are not those of its kind."""
    if not isinstance(options, dict):
        raise TypeError("options")
    if kind == "copy" and "dtype" in options:
        # Files of the first release have casts under this name.
        kind, options = ("copy", {}) if options["dtype"] is None else ("cast", options)
    unknown = set(options) - set(options_of(kind))
    truths = {key: value for key, value in options.items() if type(value) is bool and key in _TRUTHS}
    operation, faults = operation_from(kind, options | {key: int(value) for key, value in truths.items()}, "")
    if operation is not None and truths:
        operation = operation_named(kind, **{**operation.options, **truths})
    if unknown or operation is None:
        what = ", ".join(map(repr, sorted(unknown))) or ", ".join(fault.pointer[1:] for fault in faults)
        told = {"kind": kind, "place": name, "options": what[:_LONGEST_TEXT]}
        fault = Fault("unsupported-file", "file-options", "", told)
        raise NetworkFault(name, f"{kind} has other options: {what}.", fault=fault)
    return operation


def _layer(document: Mapping[str, Any]) -> Layer:
    texts = {key: _text(document[key]) for key in _TEXTS if document.get(key) is not None}
    return Layer(_text(document["kind"]), tuple(_text(name) for name in document["nodes"]), **texts)


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise TypeError(f"{str(value)[:_LONGEST_TEXT]!r} is no name")
    return value
