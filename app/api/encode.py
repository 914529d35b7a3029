"""Tensors out as JSON: shortest digits that give the same number back, and an honest list of what is not finite."""

from collections.abc import Iterator
from math import isnan
from typing import Any

import numpy as np
import orjson
import torch
from torch import Tensor

from app.compute.devices import name_of
from app.network.forward import Trace
from app.network.network import Network

Array = np.ndarray[Any, np.dtype[Any]]
# Some 2 ms of orjson's work, during which no other thread runs.
_BLOCK = 50_000
_RECORDS = 5_000
_HALF = (torch.float16, torch.bfloat16)


def encode_json(document: Any) -> bytes:
    """JSON in UTF-8. Arrays may be NumPy's; what is not finite becomes null."""
    return orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)


def encode_in_blocks(document: Any) -> bytes:
    """The same JSON for large documents in a thread: made in pieces, between which the event loop has its turn.

    orjson holds the interpreter for as long as one call takes, half a second for ten million numbers.
    """
    return b"".join(_pieces(document))


def _pieces(value: Any) -> Iterator[bytes]:
    if isinstance(value, np.ndarray):
        yield from _array_pieces(value)
    elif isinstance(value, dict) and any(isinstance(each, np.ndarray | dict | list) for each in value.values()):
        yield b"{"
        for i, (name, each) in enumerate(value.items()):
            yield (b"," if i else b"") + orjson.dumps(name) + b":"
            yield from _pieces(each)
        yield b"}"
    elif isinstance(value, list) and value and _is_flat(value[0]):
        yield b"["
        for start in range(0, len(value), _RECORDS):
            yield (b"," if start else b"") + encode_json(value[start : start + _RECORDS])[1:-1]
        yield b"]"
    elif isinstance(value, list) and value and isinstance(value[0], np.ndarray | dict | list):
        yield b"["
        for i, each in enumerate(value):
            if i:
                yield b","
            yield from _pieces(each)
        yield b"]"
    else:
        yield encode_json(value)


def _is_flat(value: Any) -> bool:
    """Whether it is an object of plain members, which stands in a list of such."""
    return isinstance(value, dict) and not any(isinstance(each, np.ndarray | dict | list) for each in value.values())


def _array_pieces(values: Array) -> Iterator[bytes]:
    if values.size <= _BLOCK or values.ndim == 0:
        yield encode_json(values)
        return
    yield b"["
    rows = max(1, _BLOCK * len(values) // values.size)
    for start in range(0, len(values), rows):
        comma = b"," if start else b""
        if rows == 1 and values.ndim > 1:
            yield comma
            yield from _array_pieces(values[start])
        else:
            yield comma + encode_json(values[start : start + rows])[1:-1]
    yield b"]"


def array(tensor: Tensor) -> Array:
    """The tensor's numbers, contiguous, on the CPU; half precisions widened to float32, which changes no value."""
    if tensor.is_cpu and tensor.dtype not in _HALF and tensor.is_contiguous():
        return tensor.numpy()
    if tensor.dtype in _HALF:
        tensor = tensor.float()
    return tensor.cpu().contiguous().numpy()


def trace_document(network: Network, trace: Trace, *, layers: bool) -> dict[str, Any]:
    """The answer of POST /api/v1/forward."""
    document = _without_list(network, trace, layers=layers)
    document["non_finite"] = _non_finite_of(document)
    return document


def encode_trace(network: Network, trace: Trace, *, layers: bool) -> bytes:
    """The same as JSON, without a look at every number where orjson's own tells enough."""
    document = _without_list(network, trace, layers=layers)
    numbers = document["outputs"].size // network.sizes[-1] * network.units
    encode = encode_in_blocks if numbers > _BLOCK else encode_json
    answer = encode(document)
    # Null stands where a layer has no name or a number is not finite; only then is there anything to list.
    nulls = answer.count(b"null")
    if nulls and nulls > ([layer.name for layer in network.layers].count(None) if layers else 0):
        document["non_finite"] = _non_finite_of(document)
        answer = encode(document)
    return answer


def _without_list(network: Network, trace: Trace, *, layers: bool) -> dict[str, Any]:
    outputs = trace.activations[-1]
    dtype, on_cpu = outputs.dtype, outputs.is_cpu
    # A trace's tensors are contiguous; nearly always there is nothing else to look at either.
    numbers = Tensor.numpy if on_cpu and dtype not in _HALF else array
    if layers:
        told = [
            {
                "name": layer.name,
                "activation": layer.activation.name,
                "pre_activations": numbers(z),
                "activations": numbers(a),
            }
            for layer, z, a in zip(network.layers, trace.pre_activations, trace.activations, strict=True)
        ]
        document: dict[str, Any] = {"outputs": told[-1]["activations"], "layers": told}
    else:
        document = {"outputs": numbers(outputs)}
    document["dtype"] = name_of(dtype)
    document["device"] = "cpu" if on_cpu else str(outputs.device)
    document["non_finite"] = []
    return document


def _non_finite_of(document: dict[str, Any]) -> list[dict[str, str]]:
    places = {"/outputs": document["outputs"]}
    for k, entry in enumerate(document.get("layers", ())):
        places |= {f"/layers/{k}/{name}": entry[name] for name in ("pre_activations", "activations")}
    return non_finite(places)


def non_finite(places: dict[str, Array]) -> list[dict[str, str]]:
    """Where and what is not finite: `{"pointer": "/outputs/0", "value": "Infinity"}`."""
    found = []
    for pointer, values in places.items():
        wrong = ~np.isfinite(values)
        if not wrong.any():
            continue
        for index, value in zip(np.argwhere(wrong).tolist(), values[wrong].tolist(), strict=True):
            found.append({"pointer": "/".join((pointer, *map(str, index))), "value": non_finite_name(value)})
    return found


def non_finite_name(value: float) -> str:
    """What a number that is not finite is called."""
    return "NaN" if isnan(value) else "Infinity" if value > 0 else "-Infinity"
