"""Requests to POST /api/v1/forward, read at a SIMD parser's speed where nothing in them is doubtful.

pysimdjson hands an array of numbers over as one buffer, without an object per number. It is laxer than `decode` in some
ways (it flattens nested arrays, it skips a byte order mark, of equal keys it keeps one), so each is looked for here.
Nothing is refused here: at the first doubt this reader gives up, and the thorough one (`forward_request`) finds either
that all is well or the words to say what is not. So there is one set of rules, the thorough reader's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import simdjson
import torch
from torch import Tensor

from app.api.documents import MAX_NAME_LENGTH, numpy_dtype
from app.api.forward_request import ForwardRequest
from app.compute.devices import DTYPES
from app.network.activations import ACTIVATIONS, Activation
from app.network.errors import NetworkError
from app.network.network import Layer, Network

# The deepest request that is read here: {"layers": [{"weights": [[1]]}]}.
_DEPTH = 5
_PARSER = simdjson.Parser()
_LARGEST_FOR_THE_KEPT_PARSER = 4 * 2**20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BRACKET = ord("[")
_LONGEST_COUNTED_SIMPLY = 4096
_RETURNS = {"trace": True, "outputs": False}
_TRANSPOSED = {"in_out": False, "out_in": True}
_NUMPY = {dtype: numpy_dtype(dtype) for dtype in DTYPES.values()}
# Where even the sum of all squares is below the square of a type's largest number, no number is beyond it.
_SQUARES = {
    dtype: float("inf") if dtype == torch.float64 else float(np.finfo(numbers).max) ** 2
    for dtype, numbers in _NUMPY.items()
}

Resident = Callable[[str, torch.dtype], Network | None]


class _Doubtful(Exception):
    """Not certainly a good request."""


def fast_request(body: bytes, max_depth: int, resident: Resident) -> ForwardRequest | None:
    """The request that the body holds, None if in doubt. `resident` gives a named network that is ready, or None."""
    if max_depth < _DEPTH or body.startswith(_BYTE_ORDER_MARK):
        return None
    # A parser keeps the memory that it once needed: fresh pages for each large body would cost more than reading it.
    parser = _PARSER if len(body) <= _LARGEST_FOR_THE_KEPT_PARSER else simdjson.Parser()
    try:
        document = parser.parse(body)
        if type(document) is not simdjson.Object:
            return None
        return _read(document, body, resident)
    except (_Doubtful, NetworkError, ValueError, TypeError, LookupError, AttributeError, RuntimeError):
        return None


def _read(document: simdjson.Object, body: bytes, resident: Resident) -> ForwardRequest:
    fields = _fields(document)
    dtype = DTYPES[fields.pop("dtype", "float32")]
    device = fields.pop("device", "auto")
    layers_told = _RETURNS[fields.pop("return", "trace")]
    arrays = _Arrays()
    arrays.add(fields.pop("inputs"))
    if "layers" in fields:
        plans = [_plan(element, arrays) for element in fields.pop("layers")]
        arrays.brackets += 1
        network = None
    else:
        plans = []
        network = resident(fields.pop("network"), dtype)
        if network is None:
            raise _Doubtful
    # Buffers are flat: a bracket more than the arrays that were met is an array inside a row, or in a string.
    if fields or type(device) is not str or arrays.brackets != _brackets(body):
        raise _Doubtful
    tensors = arrays.tensors(dtype)
    if network is not None:
        return ForwardRequest(network, tensors[0], device, layers_told, resident=True)
    sent = Network([_layer(plan, tensors, dtype) for plan in plans])
    return ForwardRequest(sent, tensors[0], device, layers_told, resident=False)


def _fields(element: simdjson.Object) -> dict[str, Any]:
    """The object's members, its own members as proxies. Equal names are in doubt."""
    names = list(element.keys())
    fields = {name: element[name] for name in names}
    if len(fields) != len(names):
        raise _Doubtful
    return fields


@dataclass(slots=True)
class _Plan:
    """A layer whose arrays are still to come, by their places among all; biases None: zeros."""

    weights: int
    biases: int | None
    transposed: bool
    activation: Activation
    name: str | None


def _plan(element: simdjson.Object, arrays: "_Arrays") -> _Plan:
    fields = _fields(element)
    weights = arrays.add(fields.pop("weights"), rank=2)
    biases = arrays.add(fields.pop("biases"), rank=1) if "biases" in fields else None
    activation = ACTIVATIONS[fields.pop("activation", "identity")]
    name = fields.pop("name", None)
    transposed = _TRANSPOSED[fields.pop("layout", "in_out")]
    if fields or not (name is None or (type(name) is str and len(name) <= MAX_NAME_LENGTH)):
        raise _Doubtful
    return _Plan(weights, biases, transposed, activation, name)


def _layer(plan: _Plan, tensors: list[Tensor], dtype: torch.dtype) -> Layer:
    weights = tensors[plan.weights]
    if plan.transposed:
        weights = weights.T.contiguous()
    biases = torch.zeros(weights.shape[1], dtype=dtype) if plan.biases is None else tensors[plan.biases]
    return Layer(weights, biases, plan.activation, plan.name)


class _Arrays:
    """The request's arrays of numbers in the order they were met, and how many brackets they took."""

    def __init__(self) -> None:
        self.brackets = 0
        self._buffers: list[Any] = []
        self._shapes: list[tuple[int, int]] = []  # (rows, width), a vector's width 0

    def add(self, array: simdjson.Array, rank: int | None = None) -> int:
        """Takes an array of numbers or of rows as long as one another; gives its place."""
        rows = len(array)
        first = array[0]
        if type(first) is simdjson.Array:
            width = len(first)
            elements: Any = array
            if not width or rank == 1 or set(map(len, elements)) != {width}:
                raise _Doubtful
            self._shapes.append((rows, width))
            self.brackets += rows + 1
        else:
            if rank == 2:
                raise _Doubtful
            self._shapes.append((rows, 0))
            self.brackets += 1
        self._buffers.append(array.as_buffer(of_type="d"))
        return len(self._buffers) - 1

    def tensors(self, dtype: torch.dtype) -> list[Tensor]:
        """All of them, each in its shape: converted in one go and cut apart as views of one array."""
        wide = np.frombuffer(bytearray().join(self._buffers))
        if not np.vdot(wide, wide) <= _SQUARES[dtype]:
            raise _Doubtful
        flat = wide.astype(_NUMPY[dtype], copy=False)
        found, start = [], 0
        for rows, width in self._shapes:
            end = start + rows * (width or 1)
            part = flat[start:end]
            found.append(torch.from_numpy(part.reshape(rows, width) if width else part))
            start = end
        return [each.to(dtype) for each in found] if dtype is torch.bfloat16 else found


def _brackets(body: bytes) -> int:
    if len(body) < _LONGEST_COUNTED_SIMPLY:
        return body.count(b"[")
    return int(np.count_nonzero(np.frombuffer(body, np.uint8) == _BRACKET))
