"""The Open Inference Protocol, version 2: presets and kept networks as models, for KServe's and Triton's clients."""

from functools import partial
from typing import Annotated, Any

import torch
from fastapi import APIRouter, Path, Request
from pydantic import WithJsonSchema
from starlette.responses import Response

from adelante.network.dense.network import DenseNetwork
from adelante.network.errors import Fault, NetworkError
from adelante.network.names import own_name, result_names
from adelante.network.network import Network
from adelante.network.precision import dtypes_of
from adelante.network.presets import PRESET_NAMES, preset_named
from adelante.network.trace import Trace
from app import __version__
from app.api.http.answer import Answer, Clock
from app.api.http.body import check_json_type, headers_of, media_type, read_body
from app.api.openapi import common as openapi
from app.api.openapi import schemas
from app.api.openapi.examples import forward_example
from app.api.openapi.schemas import INDEX, TEXT, record
from app.api.read.inference_request import DATATYPE_OF, InferDocument, json_length, read_request, usual_outputs
from app.api.routes import exchange
from app.api.routes.exchange import READ_BYTE_MULTIPLY_ADDS
from app.api.write.encode import encode_json
from app.api.write.inference_response import Requested, infer_response
from app.compute.content import Content
from app.compute.pool import Steps
from app.compute.service import ComputeService
from app.compute.steps import CALL_COST
from app.settings import Settings
from app.store.networks import Networks

router = APIRouter(prefix="/v2", tags=["Open Inference Protocol"])
MODELS = (InferDocument,)
VERSION = "1"
SERVER = {
    "name": "adelante",
    "version": __version__,
    "extensions": ["binary_tensor_data", "classification", "model_repository"],
}

Name = Annotated[
    str,
    Path(description="a preset's name or a kept network's id", openapi_examples={"preset": {"value": "multilayer"}}),
]
Version = Annotated[
    str,
    WithJsonSchema({"type": "string", "enum": [VERSION]}),
    Path(description="what a name stands for never changes", openapi_examples={"only": {"value": VERSION}}),
]

_TENSOR = record(name=TEXT, datatype=TEXT, shape={"type": "array", "items": {"type": "integer"}})
_TENSORS = {"type": "array", "items": _TENSOR}
_MODEL = record(name=TEXT, versions={"type": "array", "items": TEXT}, platform=TEXT, inputs=_TENSORS, outputs=_TENSORS)
_READY = record(name=TEXT, ready={"type": "boolean"})
_INDEX = {"type": "array", "items": record(name=TEXT, version=TEXT, state=TEXT, reason=TEXT)}
_SERVER = record(name=TEXT, version=TEXT, extensions={"type": "array", "items": TEXT})
_OUTPUT = record(name=TEXT, datatype=TEXT, shape={"type": "array", "items": INDEX})
_OUTPUT["properties"]["data"] = {
    "type": "array",
    "items": {"anyOf": [{"type": ["number", "null"]}, {"type": "string"}]},
    "description": "with the parameter classification texts, value:place or value:place:label",
}
_OUTPUT["properties"]["parameters"] = {
    "type": "object",
    "properties": {
        "binary_data_size": {**INDEX, "description": "its bytes after the JSON"},
        "non_finite": {
            "type": "string",
            "description": "what each null in data is, after its place: 0 Infinity, 5 NaN",
        },
    },
}
_INFERRED = record(model_name=TEXT, model_version=TEXT, outputs={"type": "array", "items": _OUTPUT})
_INFERRED["properties"]["id"] = TEXT
_EXAMPLE = {
    "inputs": [{"name": "inputs", "shape": [1, 3], "datatype": "FP32", "data": forward_example()["inputs"]}],
    "outputs": [{"name": "outputs"}, {"name": "layers.0.activations"}],
}

_BINARY = "application/octet-stream"
_HEADER_LENGTH = "Inference-Header-Content-Length"
_BYTES = {"schema": {"type": "string", "format": "binary"}}


def _body() -> dict[str, Any]:
    described = schemas.request_body(InferDocument, json=_EXAMPLE)
    described["requestBody"]["content"][_BINARY] = _BYTES
    header = {
        "name": _HEADER_LENGTH,
        "in": "header",
        "description": "Bytes of the JSON at the body's start, where tensors' bytes follow it.",
        "schema": INDEX,
    }
    return {**described, "parameters": [header]}


def _answers() -> openapi.Responses:
    described = schemas.answers(
        "One entry for each output asked for; bytes where any of them was wanted so.",
        _INFERRED,
        *openapi.BODY,
        *openapi.DOCUMENT,
        *openapi.NUMBERS,
        *openapi.PASS,
        "unknown-network",
        "unsupported-dtype",
    )
    described[200]["content"][_BINARY] = _BYTES
    length = {"description": f"With {_BINARY}: bytes of the JSON at its start.", "schema": INDEX}
    described[200]["headers"] = {**openapi.TIMED, _HEADER_LENGTH: length}
    return described


_BODY, _ANSWERS = _body(), _answers()


def _indexed(name: str) -> dict[str, str]:
    return {"name": name, "version": VERSION, "state": "READY", "reason": ""}


def _json(document: Any) -> Response:
    return Response(encode_json(document), media_type="application/json")


@router.get("", summary="The server", responses=openapi.answer("Its name and extensions.", _SERVER, SERVER))
async def get_server() -> Response:
    """Name, version and the protocol's extensions that are spoken here."""
    return _json(SERVER)


@router.post(
    "/repository/index",
    summary="All models",
    responses=openapi.answer("Each is ready.", _INDEX, [_indexed("multilayer")]),
)
async def post_index(request: Request) -> Response:
    """Presets, then kept networks."""
    kept: Networks = request.app.networks
    names = [*PRESET_NAMES, *await kept.ids()]
    return _json([_indexed(name) for name in names])


@router.get(
    "/models/{name}",
    summary="One model",
    responses=openapi.answer("Its inputs and outputs.", _MODEL) | openapi.problems("unknown-network"),
)
async def get_model(name: Name, request: Request) -> Response:
    """Names, datatypes and shapes of its inputs and outputs."""
    kept: Networks = request.app.networks
    network = await kept.get(name)
    compute: ComputeService = request.app.compute
    # Of a network of other kinds, the look at every tensor takes a moment.
    cost = 0 if isinstance(network, DenseNetwork) else CALL_COST * 20 * network.calls
    return _json(await compute.run(partial(metadata, name, network), cost=cost))


@router.get(
    "/models/{name}/ready",
    summary="Whether a model is ready",
    responses=openapi.answer("It is.", _READY) | openapi.problems("unknown-network"),
)
async def get_model_ready(name: Name, request: Request) -> Response:
    """200; 404 where there is none."""
    kept: Networks = request.app.networks
    await kept.get(name)
    return _json({"name": name, "ready": True})


@router.get(
    "/models/{name}/versions/{version}",
    summary="One model's only version",
    responses=openapi.answer("Its inputs and outputs.", _MODEL) | openapi.problems("unknown-network", "not-found"),
)
async def get_version(name: Name, version: Version, request: Request) -> Response:
    """The same as the model."""
    _check(version)
    return await get_model(name, request)


@router.get(
    "/models/{name}/versions/{version}/ready",
    summary="Whether a model's version is ready",
    responses=openapi.answer("It is.", _READY) | openapi.problems("unknown-network", "not-found"),
)
async def get_version_ready(name: Name, version: Version, request: Request) -> Response:
    """The same as the model's."""
    _check(version)
    return await get_model_ready(name, request)


@router.post(
    "/models/{name}/infer",
    summary="One forward pass of a model",
    openapi_extra=_BODY,
    responses=_ANSWERS,
)
async def post_infer(name: Name, request: Request) -> Response:
    """JSON, or the binary tensor extension: JSON of `Inference-Header-Content-Length` bytes, then the tensors' own.

    Inputs and outputs by the names that the model's metadata list: `inputs`, `outputs`, `layers.K.activations`, ….
    With the parameter `classification` an output is its largest numbers, as texts: `0.9969:0:setosa`.
    """
    settings: Settings = request.app.settings
    compute: ComputeService = request.app.compute
    kept: Networks = request.app.networks
    headers = headers_of(request)
    _check_type(headers)
    body = await read_body(request, headers, settings)
    clock = Clock()
    end = json_length(headers.get(b"inference-header-content-length"), len(body))
    # Numbers that come as bytes are only looked at.
    cost = READ_BYTE_MULTIPLY_ADDS * end + (len(body) - end) // 4
    # The protocol's clients ask in float32, whatever a network was kept in.
    network = await kept.get(name, torch.float32)
    read = partial(read_request, body, end, settings, network)
    asked = await compute.run(read, cost=cost, gone=exchange.left(request))
    labels = preset_named(name).output_names if name in PRESET_NAMES else ()
    requested = Requested(name, asked, network, output_names(network), labels)
    clock.mark("decode")

    header_length: int | None = None

    def finish(trace: Trace) -> Steps[Content]:
        nonlocal header_length
        clock.mark("compute")
        content, header_length = yield from infer_response(requested, trace, compute.limits)
        return content

    content: Content = await compute.forward(
        network,
        asked.inputs,
        finish,
        resident=True,
        keep=requested.tensors,
        answer=requested.size(network.rows(asked.inputs)),
        gone=exchange.left(request),
    )
    clock.mark("encode")
    if header_length is None:
        return Answer(content, clock)
    answer = Answer(content, clock, _BINARY.encode())
    answer.raw_headers.append((b"inference-header-content-length", str(header_length).encode()))
    return answer


async def infer(request: Request) -> Response:
    """The same for the name in the request's `path_params`."""
    return await post_infer(request.path_params["name"], request)


@router.post(
    "/models/{name}/versions/{version}/infer",
    summary="One forward pass of a model's version",
    openapi_extra=_BODY,
    responses=_ANSWERS | openapi.problems("unknown-network", "not-found"),
)
async def post_version_infer(name: Name, version: Version, request: Request) -> Response:
    """The same as the model's."""
    _check(version)
    return await post_infer(name, request)


def _check_type(headers: dict[bytes, bytes]) -> None:
    # Triton's own client says no type; what comes from a page was asked for its origin.
    if b"content-type" in headers and media_type(headers) != _BINARY:
        check_json_type(headers[b"content-type"])


def _check(version: str) -> None:
    if version != VERSION:
        values = {"name": version, "known": [VERSION]}
        raise NetworkError(Fault("not-found", "unknown-version", "", values))


def output_names(network: Network) -> dict[str, str]:
    """Every output that may be asked for, and its tensor."""
    found = dict(zip(usual_outputs(network), network.outputs, strict=True))
    for k, layer in enumerate(network.layers):
        both = layer.kind == "dense" or len(layer.nodes) == 2
        for name in result_names(k, activated=both):
            found[name] = own_name(network, name)
    return found


def metadata(name: str, network: Network) -> dict[str, Any]:
    """A model's metadata as the protocol has it; -1 stands for the batch."""
    dtypes = dtypes_of(network, torch.float32)

    def described(label: str, tensor: str) -> dict[str, Any]:
        shape = list(network.shapes[tensor])
        before = [-1 if network.batch == "any" else 1] if tensor in network.per_input else []
        return {"name": label, "datatype": DATATYPE_OF[dtypes[tensor]], "shape": [*before, *shape]}

    return {
        "name": name,
        "versions": [VERSION],
        "platform": "pytorch",
        "inputs": [described(each.name.removeprefix("inputs."), each.name) for each in network.inputs],
        "outputs": [described(label, tensor) for label, tensor in output_names(network).items()],
    }
