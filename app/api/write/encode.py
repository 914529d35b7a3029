"""Tensors out as JSON: shortest digits that give the same number back, and an honest list of what is not finite.

Large answers are written in pieces, each of which takes a millisecond or two: orjson lets no other thread run for as
long as one call takes, half a second for ten million numbers. What a piece is made of need not be there before it is
written: `Members` and `Items` are asked for their contents in turn.
"""

import time
from collections.abc import Iterable, Iterator
from itertools import islice
from math import isnan
from typing import Any

import numpy as np
import orjson
import torch
from torch import Tensor

from adelante.network.dense.network import DenseNetwork, DenseTrace
from app.compute.content import Content
from app.compute.devices import name_of
from app.compute.limits import Limits
from app.compute.pool import Steps

Array = np.ndarray[Any, np.dtype[Any]]
# Some 2 ms of orjson's work.
_BLOCK = 50_000
_RECORDS = 5_000
# Small pieces are put together to this size; and after this long, others that write or compute have their turn.
_PIECE_BYTES = 1 << 18
_TURN_SECONDS = 0.01
# Numbers that are looked at in one go for what is not finite.
_LOOKED_AT = 1 << 20
_HALF = (torch.float16, torch.bfloat16)


class Members:
    """An object whose members are made as they are written, in their order."""

    def __init__(self, members: Iterable[tuple[str, Any]]) -> None:
        self.members = members


class Items:
    """An array whose elements are made as they are written. All of them are plain: no arrays, no objects in them."""

    def __init__(self, items: Iterable[Any]) -> None:
        self.items = iter(items)


class Elements:
    """An array whose elements are made as they are written, whatever they are made of."""

    def __init__(self, elements: Iterable[Any]) -> None:
        self.elements = elements


_DEEP = (np.ndarray, dict, list, Members, Items, Elements)


def encode_json(document: Any) -> bytes:
    """JSON in UTF-8. Arrays may be NumPy's; what is not finite becomes null."""
    return orjson.dumps(document, _one_number, orjson.OPT_SERIALIZE_NUMPY)


def _one_number(value: Any) -> orjson.Fragment:
    """An array of no dimensions, which orjson does not write, as one of one number is written within its brackets."""
    if not isinstance(value, np.ndarray) or value.ndim:
        raise TypeError(type(value).__name__)
    return orjson.Fragment(orjson.dumps(value.reshape(1), option=orjson.OPT_SERIALIZE_NUMPY)[1:-1])


def encode_in_blocks(document: Any) -> bytes:
    """The same JSON, joined from pieces."""
    return b"".join(json_pieces(document))


def content_in_steps(pieces: Iterator[bytes], limits: Limits) -> Steps[Content]:
    """The pieces as an answer's content; others have their turn after each. Raises NetworkError (too-large)."""
    written: list[bytes] = []
    some: list[bytes] = []
    size = gathered = 0
    turn = time.perf_counter() + _TURN_SECONDS
    for piece in pieces:
        some.append(piece)
        gathered += len(piece)
        size = limits.answer(size + len(piece))
        if gathered >= _PIECE_BYTES:
            written.append(b"".join(some))
            some, gathered = [], 0
        if time.perf_counter() >= turn:
            yield
            turn = time.perf_counter() + _TURN_SECONDS
    if some:
        written.append(b"".join(some))
    return Content(written)


def json_pieces(value: Any) -> Iterator[bytes]:
    """The JSON of a document that is an array, an object or a plain value, in pieces of a bounded size."""
    if isinstance(value, np.ndarray):
        yield from _array_pieces(value)
    elif isinstance(value, Members):
        yield from _object_pieces(value.members)
    elif isinstance(value, dict) and any(isinstance(each, _DEEP) for each in value.values()):
        yield from _object_pieces(value.items())
    elif isinstance(value, Items):
        yield from _item_pieces(value.items)
    elif isinstance(value, list) and value and _is_flat(value[0]):
        yield from _item_pieces(iter(value))
    elif isinstance(value, Elements) or (isinstance(value, list) and value and isinstance(value[0], _DEEP)):
        yield b"["
        for i, each in enumerate(value.elements if isinstance(value, Elements) else value):
            if i:
                yield b","
            yield from json_pieces(each)
        yield b"]"
    else:
        yield encode_json(value)


def _object_pieces(members: Iterable[tuple[str, Any]]) -> Iterator[bytes]:
    yield b"{"
    for i, (name, each) in enumerate(members):
        yield (b"," if i else b"") + orjson.dumps(name) + b":"
        yield from json_pieces(each)
    yield b"}"


def _item_pieces(items: Iterator[Any]) -> Iterator[bytes]:
    yield b"["
    comma = b""
    while some := list(islice(items, _RECORDS)):
        yield comma + encode_json(some)[1:-1]
        comma = b","
    yield b"]"


def _is_flat(value: Any) -> bool:
    """Whether it is an object of plain members, which stands in a list of such."""
    return isinstance(value, dict) and not any(isinstance(each, _DEEP) for each in value.values())


def _array_pieces(values: Array) -> Iterator[bytes]:
    if values.size <= _BLOCK or values.ndim == 0:
        yield encode_json(np.ascontiguousarray(values) if values.ndim else values)
        return
    yield b"["
    rows = max(1, _BLOCK * len(values) // values.size)
    for start in range(0, len(values), rows):
        comma = b"," if start else b""
        if rows == 1 and values.ndim > 1:
            yield comma
            yield from _array_pieces(values[start])
        else:
            yield comma + encode_json(np.ascontiguousarray(values[start : start + rows]))[1:-1]
    yield b"]"


def array(tensor: Tensor) -> Array:
    """The tensor's numbers, contiguous, on the CPU; half precisions widened to float32, which changes no value."""
    if tensor.is_cpu and tensor.dtype not in _HALF and tensor.is_contiguous():
        return tensor.numpy()
    if tensor.dtype in _HALF:
        tensor = tensor.float()
    return tensor.cpu().contiguous().numpy()


def trace_document(network: DenseNetwork, trace: DenseTrace, *, layers: bool) -> dict[str, Any]:
    """The answer of POST /api/v1/forward."""
    document = _without_list(network, trace, layers=layers)
    document |= _non_finite_of(document, MOST_LISTED).members()
    return document


def encode_trace(network: DenseNetwork, trace: DenseTrace, limits: Limits, *, layers: bool) -> bytes | Steps[Content]:
    """The same as JSON, without a look at every number where orjson's own tells enough; in steps where it is large."""
    document = _without_list(network, trace, layers=layers)
    numbers = document["outputs"].size // network.sizes[-1] * network.units
    if numbers > _BLOCK:
        return content_in_steps(_trace_pieces(document, _nameless(network, layers=layers), limits), limits)
    document["non_finite"] = []
    answer = encode_json(document)
    # Null stands where a layer has no name or a number is not finite; only then is there anything to list.
    nulls = answer.count(b"null")
    if nulls and nulls > _nameless(network, layers=layers):
        document |= _non_finite_of(document, limits.listed_non_finite).members()
        answer = encode_json(document)
    return answer


def _trace_pieces(document: dict[str, Any], nameless: int, limits: Limits) -> Iterator[bytes]:
    nulls = 0
    end = b""
    for piece in json_pieces(document):
        nulls += piece.count(b"null")
        yield end
        end = piece
    assert end == b"}"
    found = NonFinite(limits.listed_non_finite)
    if nulls > nameless:
        found = _non_finite_of(document, limits.listed_non_finite)
    yield b"," + encode_json(found.members())[1:]


def _nameless(network: DenseNetwork, *, layers: bool) -> int:
    return [layer.name for layer in network.layers].count(None) if layers else 0


def _without_list(network: DenseNetwork, trace: DenseTrace, *, layers: bool) -> dict[str, Any]:
    values, single = trace.values, trace.single
    outputs = values[network.layers[-1].nodes[-1]]
    dtype, on_cpu = outputs.dtype, outputs.is_cpu
    # A trace's tensors are contiguous, so that only their device and dtype may ask for more than `numpy`.
    numbers = Tensor.numpy if on_cpu and dtype not in _HALF else array
    document: dict[str, Any] = {"outputs": None}
    if layers:
        told = document["layers"] = []
        for layer in network.layers:
            before, after = layer.nodes
            z, a = numbers(values[before]), numbers(values[after])
            if single:
                z, a = z[0], a[0]
            entry = {"name": layer.name, "activation": layer.activation.name, "pre_activations": z, "activations": a}
            told.append(entry)
        document["outputs"] = a
    else:
        document["outputs"] = numbers(outputs[0] if single else outputs)
    document["dtype"] = name_of(dtype)
    document["device"] = "cpu" if on_cpu else str(outputs.device)
    return document


def _non_finite_of(document: dict[str, Any], most: int) -> "NonFinite":
    found = NonFinite(most)
    found.look("/outputs", document["outputs"])
    for k, entry in enumerate(document.get("layers", ())):
        for name in ("pre_activations", "activations"):
            found.look(f"/layers/{k}/{name}", entry[name])
    return found


# Where no setting says otherwise.
MOST_LISTED = 1000


class NonFinite:
    """Where and what is not finite: `{"pointer": "/outputs/0", "value": "Infinity"}`; the first `most`, and a count."""

    def __init__(self, most: int = MOST_LISTED) -> None:
        self._most = most
        self.listed: list[dict[str, str]] = []
        self.omitted = 0

    def look(self, pointer: str, values: Any) -> None:
        """Looks through an array, or at one number, that stands at the pointer."""
        values = np.asarray(values)
        flat = values.reshape(-1)
        for start in range(0, flat.size, _LOOKED_AT):
            wrong = np.flatnonzero(~np.isfinite(flat[start : start + _LOOKED_AT]))
            named = wrong[: self._most - len(self.listed)] + start
            self.omitted += len(wrong) - len(named)
            for place in named.tolist():
                index = map(str, np.unravel_index(place, values.shape))
                self.listed.append(
                    {"pointer": "/".join((pointer, *index)), "value": non_finite_name(float(flat[place]))}
                )

    def look_at_members(self, pointer: str, name: str, values: Array, first: int = 0) -> None:
        """Looks through the numbers that an array's objects have under this name: at pointer/first/name, …"""
        wrong = np.flatnonzero(~np.isfinite(values))
        for place in wrong[: self._most - len(self.listed)].tolist():
            called = non_finite_name(float(values[place]))
            self.listed.append({"pointer": f"{pointer}/{first + place}/{name}", "value": called})
            self.omitted -= 1
        self.omitted += len(wrong)

    def members(self) -> dict[str, Any]:
        """What an answer says of it; how many were not listed is said where there are any."""
        return {"non_finite": self.listed, **({"non_finite_omitted": self.omitted} if self.omitted else {})}


def non_finite_name(value: float) -> str:
    """What a number that is not finite is called."""
    return "NaN" if isnan(value) else "Infinity" if value > 0 else "-Infinity"
