"""Tensors out as JSON: shortest digits that give the same number back, and an honest list of what is not finite."""

from typing import Any

import numpy as np
import orjson
import torch
from torch import Tensor

from app.compute.devices import name_of
from app.network.forward import Trace
from app.network.network import Network


def encode_json(document: Any) -> bytes:
    """JSON in UTF-8. Arrays may be NumPy's; what is not finite becomes null."""
    return orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)


def array(tensor: Tensor) -> np.ndarray[Any, np.dtype[Any]]:
    """The tensor's numbers, contiguous, on the CPU; half precisions widened to float32, which changes no value."""
    if tensor.dtype in (torch.float16, torch.bfloat16):
        tensor = tensor.float()
    return np.ascontiguousarray(tensor.cpu().numpy())


def trace_document(network: Network, trace: Trace, *, layers: bool) -> dict[str, Any]:
    """The answer of POST /api/v1/forward."""
    document: dict[str, Any] = {"outputs": array(trace.outputs)}
    places = {"/outputs": document["outputs"]}
    if layers:
        document["layers"] = []
        for k, (layer, z, a) in enumerate(zip(network.layers, trace.pre_activations, trace.activations, strict=True)):
            entry = {"pre_activations": array(z), "activations": array(a)}
            document["layers"].append({"name": layer.name, "activation": layer.activation.name, **entry})
            places |= {f"/layers/{k}/{name}": values for name, values in entry.items()}
    document["dtype"] = name_of(network.dtype)
    document["device"] = str(trace.outputs.device)
    document["non_finite"] = non_finite(places)
    return document


def non_finite(places: dict[str, np.ndarray[Any, np.dtype[Any]]]) -> list[dict[str, str]]:
    """Where and what is not finite: `{"pointer": "/outputs/0", "value": "Infinity"}`."""
    found = []
    for pointer, values in places.items():
        if np.isfinite(values).all():
            continue
        for index in np.argwhere(~np.isfinite(values)):
            value = values[tuple(index)]
            name = "NaN" if np.isnan(value) else "Infinity" if value > 0 else "-Infinity"
            found.append({"pointer": pointer + "".join(f"/{i}" for i in index), "value": name})
    return found
