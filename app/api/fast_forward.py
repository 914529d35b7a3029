"""Requests to POST /api/v1/forward, read at speed where nothing in them is doubtful.

Nothing is refused here: at the first doubt this reader gives up, and the thorough one (`forward_request`) finds either
that all is well or the words to say what is not. So there is one set of rules, the thorough reader's.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from app.api.documents import MAX_NAME_LENGTH
from app.api.forward_request import ForwardRequest
from app.api.request_arrays import Arrays, Doubtful, Numbers, Shape, arrays_of, cut
from app.compute.devices import DTYPES
from app.network.activations import ACTIVATIONS
from app.network.errors import NetworkError
from app.network.network import Layer, Network

# The deepest request that is read here: {"layers": [{"weights": [[1]]}]}.
_DEPTH = 5
_RETURNS = {"trace": True, "outputs": False}
_TRANSPOSED = {"in_out": False, "out_in": True}
_MOST_MOULDS = 256
_LARGEST_MOULD = 1024

Resident = Callable[[str, torch.dtype], Network | None]


class _LayerPlan(NamedTuple):
    """What a layer says beside its numbers."""

    biased: bool
    transposed: bool
    activation: str
    name: str | None


class _Plan(NamedTuple):
    """All that a request with its network says beside its numbers."""

    dtype: torch.dtype
    device: str
    layers_told: bool
    layers: tuple[_LayerPlan, ...]
    shapes: tuple[Shape, ...]


class Moulds:
    """Requests read before, whose numbers those of the next one with the same plan replace.

    Making a small network's tensors takes longer than running it. What came out of a mould is good until the next
    request is read: for passes that are over by then.
    """

    def __init__(self) -> None:
        self._kept: dict[_Plan, tuple[Numbers, ForwardRequest]] = {}

    def cast(self, plan: _Plan, numbers: Numbers) -> ForwardRequest:
        """The request that the plan makes of the numbers. Raises NetworkError."""
        known = self._kept.get(plan)
        if known is not None:
            np.copyto(known[0], numbers)
            return known[1]
        request = _made(plan, numbers)
        if numbers.size <= _LARGEST_MOULD and _in_place(plan):
            if len(self._kept) >= _MOST_MOULDS:
                self._kept.clear()
            self._kept[plan] = numbers, request
        return request


def fast_request(
    body: bytes, max_depth: int, resident: Resident, moulds: Moulds | None = None
) -> ForwardRequest | None:
    """The request that the body holds, None if in doubt. `resident` gives a named network that is ready, or None."""
    if max_depth < _DEPTH:
        return None
    try:
        return _read(arrays_of(body), resident, moulds)
    except (Doubtful, NetworkError, ValueError, ArithmeticError, TypeError, LookupError, AttributeError, RuntimeError):
        return None


def _read(arrays: Arrays, resident: Resident, moulds: Moulds | None) -> ForwardRequest:
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
            activation = layer.pop("activation", "identity")
            if activation not in ACTIVATIONS:
                raise Doubtful
            plans.append(_LayerPlan(biased, _TRANSPOSED[layer.pop("layout", "in_out")], activation, name))
            if layer:
                raise Doubtful
    else:
        network = resident(document.pop("network"), dtype)
        if network is None:
            raise Doubtful
    if document or type(device) is not str:
        raise Doubtful
    numbers = arrays.numbers(dtype)
    if network is not None:
        return ForwardRequest(network, cut(numbers, arrays.shapes, dtype)[0], device, layers_told, True)
    plan = _Plan(dtype, device, layers_told, tuple(plans), tuple(arrays.shapes))
    return _made(plan, numbers) if moulds is None else moulds.cast(plan, numbers)


def _made(plan: _Plan, numbers: Numbers) -> ForwardRequest:
    """A request whose tensors are views of the numbers wherever they can be."""
    tensors = iter(cut(numbers, plan.shapes, plan.dtype))
    inputs = next(tensors)
    layers = []
    for biased, transposed, activation, name in plan.layers:
        weights = next(tensors)
        if transposed:
            weights = weights.T.contiguous()
        biases = next(tensors) if biased else torch.zeros(weights.shape[1], dtype=plan.dtype)
        layers.append(Layer(weights, biases, ACTIVATIONS[activation], name))
    return ForwardRequest(Network(layers), inputs, plan.device, plan.layers_told, False)


def _in_place(plan: _Plan) -> bool:
    """Whether all of a request's tensors are views of its numbers."""
    return plan.dtype is not torch.bfloat16 and not any(layer.transposed for layer in plan.layers)
