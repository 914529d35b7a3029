"""POST /api/v1/forward: a network and inputs in, its trace out."""

from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api import exchange
from app.api.body import read_json_body
from app.api.documents import ForwardDocument
from app.api.encode import encode_trace
from app.api.examples import forward_example
from app.api.exchange import NAME, NON_FINITE, TEXT, Answer, Clock, nested, record
from app.api.fast_forward import fast_request
from app.api.forward_request import ForwardRequest, read_document, request_of
from app.compute.service import ComputeService
from app.network.forward import Trace
from app.settings import Settings
from app.store.networks import Networks

router = APIRouter(prefix="/api/v1", tags=["forward"])
MODELS = (ForwardDocument,)

_VALUES = {"anyOf": [nested(1), nested(2)]}
_LAYER = record(name=NAME, activation=TEXT, pre_activations=_VALUES, activations=_VALUES)
_ANSWER = record(outputs=_VALUES, dtype=TEXT, device=TEXT, non_finite=NON_FINITE)
_ANSWER["properties"]["layers"] = {"type": "array", "items": _LAYER}


@router.post(
    "/forward",
    summary="One forward pass",
    openapi_extra=exchange.request_body(
        ForwardDocument,
        preset={"network": "multilayer", "inputs": forward_example()["inputs"]},
        layers=forward_example(),
    ),
    responses=exchange.answers("The rank of inputs is the rank of every array.", _ANSWER),
)
async def post_forward(request: Request) -> Response:
    """Every pre-activation and activation, or with `"return": "outputs"` the outputs alone."""
    state = request.app.state
    body = await read_json_body(request, state.settings)
    clock = Clock()
    asked = await _read(body, state.settings, state.networks, state.compute)
    clock.mark("decode")

    def finish(trace: Trace) -> bytes:
        clock.mark("compute")
        return encode_trace(asked.network, trace, layers=asked.layers)

    compute: ComputeService = state.compute
    answer = await compute.forward(asked.network, asked.inputs, finish, device=asked.device, resident=asked.resident)
    clock.mark("encode")
    return Answer(answer, clock)


async def _read(body: bytes, settings: Settings, networks: Networks, compute: ComputeService) -> ForwardRequest:
    quick = fast_request(body, settings.max_depth, networks.ready)
    if quick is not None:
        return quick
    work = partial(read_document, body, settings.max_depth)
    document = await compute.run(work, cost=exchange.READ_BYTE_MULTIPLY_ADDS * len(body))
    return await request_of(document, networks)
