"""Requests to POST /api/v1/forward, read at speed where they are certainly good.

Nothing is refused here: where anything needs a closer look this reader gives up, and the full one (`forward_request`)
finds either that all is well or the words to say what is not. So there is one set of rules, the full reader's; a
property test holds this one to it under every limit.
"""

from collections.abc import Callable

import numpy as np
import torch

from adelante.formats.json.numbers import Numbers
from adelante.network.activations import ACTIVATIONS
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.errors import NetworkError
from adelante.network.network import Network
from app.api.http.body import Body
from app.api.read.documents import MAX_NAME_LENGTH
from app.api.read.forward_request import ForwardRequest
from app.api.read.request_arrays import Arrays, NeedsFullReader, Shape, arrays_of, cut
from app.compute.devices import DTYPES

# The deepest request that is read here: {"layers": [{"weights": [[1]]}]}.
_DEPTH = 5
_RETURNS = {"trace": True, "outputs": False}
_TRANSPOSED = {"in_out": False, "out_in": True}
# More of them take longer than the event loop has time for.
_MOST_LAYERS = 256
# At most 4 MiB in all.
_MOST_CACHED = 64
_LARGEST_CACHED = 8192
# What the parsers and lookups below raise of a body that they do not like.
_NOT_PLAIN = (
    NeedsFullReader,
    NetworkError,
    ValueError,
    ArithmeticError,
    TypeError,
    LookupError,
    AttributeError,
    RuntimeError,
)

Resident = Callable[[str, torch.dtype], Network | None]


# What a layer says beside its numbers: whether it has biases, whether its weights are (n_out, n_in), its activation and
# its name; and all that a request says beside its numbers: dtype, device, whether layers are told, the layers, the
# arrays' shapes. Plain tuples, which are made in a fifth of a named one's time.
_LayerPlan = tuple[bool, bool, str, str | None]
_Plan = tuple[torch.dtype, str, bool, tuple[_LayerPlan, ...], tuple[Shape, ...]]


class RequestCache:
    """Tensors of earlier requests, into which the numbers of the next one of the same plan are copied.

    Making a small network's tensors takes longer than running it. A request from here is good until the next one is
    read, so its pass must be over by then: use it only where nothing is awaited in between.
    """

    def __init__(self) -> None:
        self._kept: dict[_Plan, tuple[Numbers, ForwardRequest]] = {}

    def request(self, plan: _Plan, numbers: Numbers) -> ForwardRequest:
        """The request that the plan makes of the numbers. Raises NetworkError."""
        known = self._kept.get(plan)
        if known is not None:
            np.copyto(known[0], numbers)
            return known[1]
        request = _made(plan, numbers)
        if numbers.size <= _LARGEST_CACHED and _in_place(plan):
            if len(self._kept) >= _MOST_CACHED:
                self._kept.clear()
            self._kept[plan] = numbers, request
        return request


def fast_request(
    body: Body, max_depth: int, resident: Resident, cache: RequestCache | None = None
) -> ForwardRequest | None:
    """The request that the body holds, or None; `resident` gives a named network that is ready, or None."""
    if max_depth < _DEPTH:
        return None
    try:
        return _read(arrays_of(body), resident, cache)
    except _NOT_PLAIN:
        return None


def _read(arrays: Arrays, resident: Resident, cache: RequestCache | None) -> ForwardRequest:
    document = arrays.document
    dtype = DTYPES[document.pop("dtype", "float32")]
    device = document.pop("device", "auto")
    layers_told = _RETURNS[document.pop("return", "trace")]
    arrays.take(document.pop("inputs"))
    plans: list[_LayerPlan] = []
    network: DenseNetwork | None = None
    if "layers" in document:
        layers = document.pop("layers")
        if len(layers) > _MOST_LAYERS:
            raise NeedsFullReader
        for layer in layers:
            arrays.take(layer.pop("weights"))
            biased = "biases" in layer
            if biased:
                arrays.take(layer.pop("biases"))
            name = layer.pop("name", None)
            if not (name is None or (type(name) is str and len(name) <= MAX_NAME_LENGTH)):
                raise NeedsFullReader
            activation = layer.pop("activation", "identity")
            if activation not in ACTIVATIONS:
                raise NeedsFullReader
            plans.append((biased, _TRANSPOSED[layer.pop("layout", "in_out")], activation, name))
            if layer:
                raise NeedsFullReader
    else:
        found = resident(document.pop("network"), dtype)
        if not isinstance(found, DenseNetwork):
            raise NeedsFullReader
        network = found
    if document or type(device) is not str:
        raise NeedsFullReader
    numbers = arrays.numbers(dtype)
    if network is not None:
        return ForwardRequest(network, cut(numbers, arrays.shapes, dtype)[0], device, layers_told, True)
    plan: _Plan = (dtype, device, layers_told, tuple(plans), tuple(arrays.shapes))
    return _made(plan, numbers) if cache is None else cache.request(plan, numbers)


def _made(plan: _Plan, numbers: Numbers) -> ForwardRequest:
    """A request whose tensors are views of the numbers wherever they can be."""
    dtype, device, layers_told, plans, shapes = plan
    tensors = iter(cut(numbers, shapes, dtype))
    inputs = next(tensors)
    layers = []
    for biased, transposed, activation, name in plans:
        weights = next(tensors)
        if transposed:
            weights = weights.mT.contiguous()
        biases = next(tensors) if biased else torch.zeros(weights.shape[1], dtype=dtype)
        layers.append(DenseLayer(weights, biases, ACTIVATIONS[activation], name))
    return ForwardRequest(DenseNetwork(layers), inputs, device, layers_told, False)


def _in_place(plan: _Plan) -> bool:
    """Whether all of a request's tensors are views of its numbers."""
    dtype, _, _, plans, _ = plan
    return dtype is not torch.bfloat16 and not any(transposed for _, transposed, _, _ in plans)
