"""POST /api/v1/forward: a network and inputs in, its trace out."""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from adelante.network.dense.network import DenseNetwork
from adelante.network.errors import NetworkError
from app.api.http.accept import preferred
from app.api.http.answer import Answer, Clock
from app.api.http.body import Body, check_json_type, headers_of, media_type, read_body
from app.api.openapi import schemas
from app.api.openapi.common import NETWORK_AND_PASS
from app.api.openapi.examples import forward_example, picture_example
from app.api.openapi.schemas import ANY_RANK, INDEX, NAME, NON_FINITE, TEXT, record
from app.api.read.fast_forward import RequestCache, fast_request
from app.api.read.forward_binary import SAFETENSORS, read_binary
from app.api.read.forward_request import ForwardDocument, ForwardRequest, request_of
from app.api.read.request_arrays import LARGEST
from app.api.routes import exchange
from app.api.write.encode import encode_trace
from app.api.write.forward import numbers_told, tensors_told, write_file, written
from app.api.write.forward_binary import write_binary
from app.compute.content import Content
from app.compute.limits import Limits, text_bytes
from app.compute.pool import Steps, drained
from app.compute.service import ComputeService
from app.settings import Settings
from app.store.networks import Networks

router = APIRouter(prefix="/api/v1", tags=["forward"])
MODELS = (ForwardDocument,)
# The quick reader takes a few milliseconds for a body of this size; larger ones are read in a thread.
_READ_AT_ONCE = 2**19

_LAYER = record(name=NAME, activation=TEXT)
_LAYER["properties"] |= {
    "index": {**INDEX, "description": "which layer, where return names tensors"},
    "kind": {**TEXT, "description": "in networks of other kinds than dense alone"},
    "pre_activations": ANY_RANK,
    "activations": ANY_RANK,
}
_ANSWER = record(outputs=ANY_RANK, dtype=TEXT, device=TEXT, non_finite=NON_FINITE)
_ANSWER["properties"]["layers"] = {"type": "array", "items": _LAYER}


_BINARY = {SAFETENSORS: {"schema": {"type": "string", "format": "binary"}}}
_BODY = schemas.request_body(
    ForwardDocument,
    preset={"network": "multilayer", "inputs": forward_example()["inputs"]},
    layers=forward_example(),
    picture={**picture_example(), "inputs": [[[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]]]},
)
_BODY["requestBody"]["content"] |= _BINARY
_ANSWERS = schemas.answers(
    "Of one input, arrays without a batch; of a batch, all with one. Several outputs are an object.",
    _ANSWER,
    *NETWORK_AND_PASS,
    "unknown-layer",
    "unsupported-file",
)
_ANSWERS[200]["content"] |= _BINARY


@router.post(
    "/forward",
    summary="One forward pass",
    openapi_extra=_BODY,
    responses=_ANSWERS,
)
async def post_forward(request: Request) -> Response:
    """Every pre-activation and activation, with `"return": "outputs"` the outputs alone, or the tensors it names.

    As a safetensors file: tensors `inputs` (or `inputs.NAME`), `layers.K.weights` and `layers.K.biases`, and in the
    metadata each layer's `layers.K.activation` (and `name`), or `adelante` as adelante.save writes it, or `network`
    instead of the layers; and `device` and `return` (names with commas between them) if not the usual.
    """
    app = request.app
    settings: Settings = app.settings
    headers = headers_of(request)
    content_type, accept = headers.get(b"content-type"), headers.get(b"accept")
    binary = content_type != b"application/json" and media_type(headers) == SAFETENSORS
    if not binary:
        check_json_type(content_type)
    body = await read_body(request, headers, settings)
    clock = Clock()
    if binary:
        asked = await read_binary(body, app.networks, app.compute)
    else:
        quick = await _quick_request(body, request)
        asked = quick or await _thorough_request(body, request)
    clock.mark("decode")
    as_file = binary if accept is None else _wants_file(accept, binary)
    compute: ComputeService = app.compute
    finish = partial(_answered, asked, clock, compute.limits, as_file)
    answer: bytes | Content = await compute.forward(
        asked.network,
        asked.inputs,
        finish,
        device=asked.device,
        resident=asked.resident,
        keep=None if asked.told is True else tensors_told(asked.network, asked.told),
        answer=_size(asked, as_file=as_file),
        gone=exchange.left(request),
    )
    clock.mark("encode")
    return Answer(answer, clock, SAFETENSORS.encode() if as_file else b"application/json")


def forward_now(
    headers: dict[bytes, bytes],
    body: bytes,
    *,
    settings: Settings,
    networks: Networks,
    compute: ComputeService,
    cache: RequestCache,
) -> Answer | None:
    """The same answer where the request is plain JSON without fault and its pass cheap; None of any other."""
    if headers.get(b"content-type") != b"application/json" or b"content-encoding" in headers:
        return None
    if len(body) > settings.max_body_bytes or len(body) > _READ_AT_ONCE:
        return None
    accept = headers.get(b"accept")
    if accept is not None and _wants_file(accept, False):
        return None
    clock = Clock()
    asked = fast_request(body, settings.max_depth, networks.ready, cache)
    if asked is None:
        return None
    clock.mark("decode")
    try:
        trace = compute.forward_at_once(asked.network, asked.inputs, device=asked.device, resident=asked.resident)
        if trace is None:
            return None
        content: bytes | Content = drained(_answered(asked, clock, compute.limits, False, trace))
    except NetworkError:
        return None  # the thorough reader finds the words
    clock.mark("encode")
    return Answer(content, clock)


def _answered(
    asked: ForwardRequest, clock: Clock, limits: Limits, as_file: bool, trace: Any
) -> bytes | Content | Steps[Content]:
    clock.mark("compute")
    told = asked.told
    if isinstance(told, bool) and isinstance(asked.network, DenseNetwork):
        # A chain of dense layers is answered as it always was.
        return (write_binary if as_file else encode_trace)(asked.network, trace, limits, layers=told)
    return write_file(trace, limits, told) if as_file else written(trace, limits, told)


def _size(asked: ForwardRequest, *, as_file: bool) -> int:
    """About how many bytes the answer will have."""
    network = asked.network
    if isinstance(network, DenseNetwork) and isinstance(asked.told, bool):
        each = network.n_out + (2 * network.units if asked.told else 0)
    else:
        each = numbers_told(network, asked.told)
    numbers = network.rows(asked.inputs) * each
    return numbers * network.dtype.itemsize if as_file else text_bytes(numbers, network.dtype)


def _wants_file(accept: bytes, binary: bool) -> bool:
    """Whether the answer is a safetensors file: what Accept prefers, and the request's own kind where it is silent."""
    if accept == b"*/*":
        return binary
    kinds = (SAFETENSORS, "application/json") if binary else ("application/json", SAFETENSORS)
    return preferred(accept.decode("latin-1"), kinds) == SAFETENSORS


async def _quick_request(body: Body, request: Request) -> ForwardRequest | None:
    app = request.app
    read = partial(fast_request, body, app.settings.max_depth, app.networks.ready)
    if len(body) <= _READ_AT_ONCE:
        return read()
    if len(body) > LARGEST:
        return None
    compute: ComputeService = app.compute
    return await compute.run(read, cost=exchange.READ_BYTE_MULTIPLY_ADDS * len(body), gone=exchange.left(request))


async def _thorough_request(body: Body, request: Request) -> ForwardRequest:
    app = request.app
    document = await exchange.decoded(body, ForwardDocument, app.settings, app.compute, exchange.left(request))
    return await request_of(document, app.networks, app.compute.run, exchange.left(request))
