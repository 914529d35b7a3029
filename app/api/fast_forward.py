"""Requests to POST /api/v1/forward, read at speed where nothing in them is doubtful.

Nothing is refused here: at the first doubt this reader gives up, and the thorough one (`forward_request`) finds either
that all is well or the words to say what is not. So there is one set of rules, the thorough reader's.
"""

from collections.abc import Callable

import torch

from app.api.documents import MAX_NAME_LENGTH
from app.api.forward_request import ForwardRequest
from app.api.request_arrays import Arrays, Doubtful, arrays_of
from app.compute.devices import DTYPES
from app.network.activations import ACTIVATIONS
from app.network.errors import NetworkError
from app.network.network import Layer, Network

# The deepest request that is read here: {"layers": [{"weights": [[1]]}]}.
_DEPTH = 5
_RETURNS = {"trace": True, "outputs": False}
_TRANSPOSED = {"in_out": False, "out_in": True}

Resident = Callable[[str, torch.dtype], Network | None]


def fast_request(body: bytes, max_depth: int, resident: Resident) -> ForwardRequest | None:
    """The request that the body holds, None if in doubt. `resident` gives a named network that is ready, or None."""
    if max_depth < _DEPTH:
        return None
    try:
        return _read(arrays_of(body), resident)
    except (Doubtful, NetworkError, ValueError, ArithmeticError, TypeError, LookupError, AttributeError, RuntimeError):
        return None


def _read(arrays: Arrays, resident: Resident) -> ForwardRequest:
    document = arrays.document
    dtype = DTYPES[document.pop("dtype", "float32")]
    device = document.pop("device", "auto")
    layers_told = _RETURNS[document.pop("return", "trace")]
    arrays.take(document.pop("inputs"))
    plans = []
    network = None
    if "layers" in document:
        for layer in document.pop("layers"):
            arrays.take(layer.pop("weights"), 2)
            biased = "biases" in layer
            if biased:
                arrays.take(layer.pop("biases"), 1)
            name = layer.pop("name", None)
            if not (name is None or (type(name) is str and len(name) <= MAX_NAME_LENGTH)):
                raise Doubtful
            activation = ACTIVATIONS[layer.pop("activation", "identity")]
            plans.append((biased, _TRANSPOSED[layer.pop("layout", "in_out")], activation, name))
            if layer:
                raise Doubtful
    else:
        network = resident(document.pop("network"), dtype)
        if network is None:
            raise Doubtful
    if document or type(device) is not str:
        raise Doubtful
    tensors = iter(arrays.tensors(dtype))
    inputs = next(tensors)
    if network is not None:
        return ForwardRequest(network, inputs, device, layers_told, True)
    layers = []
    for biased, transposed, activation, name in plans:
        weights = next(tensors)
        if transposed:
            weights = weights.T.contiguous()
        biases = next(tensors) if biased else torch.zeros(weights.shape[1], dtype=dtype)
        layers.append(Layer(weights, biases, activation, name))
    return ForwardRequest(Network(layers), inputs, device, layers_told, False)
