"""/api/v1/networks: networks are handed over once and named by the hash of their content from then on."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import Field, WithJsonSchema
from starlette.responses import Response

from app.api import exchange, openapi
from app.api.accept import preferred
from app.api.body import JSON_TYPES, headers_of, media_type, read_body
from app.api.decode import decode_json
from app.api.documents import Document, LayerDocument, network_in, validated
from app.api.encode import content_in_steps, encode_json, json_pieces
from app.api.examples import forward_example
from app.api.exchange import NAME, TEXT, nested, record
from app.api.forward_binary import SAFETENSORS
from app.api.problems import Problem
from app.compute.content import Content
from app.compute.devices import DTYPES, dtype_named, name_of
from app.compute.pool import Steps
from app.compute.service import CHEAP_MULTIPLY_ADDS, ComputeService
from app.formats.json import network_to_document
from app.formats.safetensors import network_from_safetensors, network_to_safetensors
from app.network.errors import Fault
from app.network.network import Network
from app.network.presets import preset_named
from app.settings import Settings
from app.store.files import content_id, is_id
from app.store.networks import Networks, unknown

router = APIRouter(prefix="/api/v1/networks", tags=["networks"])

FILE_TYPES = (SAFETENSORS, "application/octet-stream")
_JSON = "application/json"
# Of a file's numbers as JSON: 8 bytes of float64 become about 21.
_LEAST_TEXT_OF_A_BYTE = 2
# What an id names never changes.
_FOREVER = "public, max-age=31536000, immutable"


class KeptDocument(Document):
    layers: Annotated[list[LayerDocument], Field(json_schema_extra={"minItems": 1})]
    dtype: Annotated[str, WithJsonSchema({"type": "string", "enum": list(DTYPES)})] = Field(
        "float32", description="the precision it is kept in"
    )


MODELS = (KeptDocument,)
_SHAPE = {"type": "array", "items": exchange.INDEX}
_SHAPES = record(name=NAME, activation=TEXT, weights=_SHAPE, biases=_SHAPE)
_KEPT = record(
    id={"type": "string", "pattern": "^[0-9a-f]{64}$"},
    sizes=_SHAPE,
    parameters=exchange.INDEX,
    layers={"type": "array", "items": _SHAPES},
    dtype=TEXT,
)
_LAYER = record(name=NAME, weights=nested(2), biases=nested(1), activation=TEXT)
_NETWORK = record(layers={"type": "array", "items": _LAYER}, dtype=TEXT)
_BINARY = {"schema": {"type": "string", "format": "binary"}}


_REFUSED = openapi.problems(
    *openapi.BODY,
    *openapi.DOCUMENT,
    *openapi.NUMBERS,
    *openapi.PASS,
    "unknown-activation",
    "unsupported-dtype",
    "unsupported-file",
)
_LOCATION = {"description": "Its address.", "required": True, "schema": {"type": "string", "format": "uri-reference"}}
_CACHED = {
    "ETag": {"required": True, "schema": TEXT},
    "Cache-Control": {"required": True, "schema": TEXT},
    "Vary": {"required": True, "schema": TEXT},
}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "ETags of what is there already; * for any.",
    "schema": TEXT,
    "example": '"an-etag"',
}
_LINKS = {
    "Get": {"operationId": "get_network", "parameters": {"id": "$response.body#/id"}},
    "Forget": {"operationId": "delete_network", "parameters": {"id": "$response.body#/id"}},
    "Model": {"operationId": "get_model", "parameters": {"name": "$response.body#/id"}},
}


def _kept_body() -> dict[str, Any]:
    described = exchange.request_body(KeptDocument, layers={"layers": forward_example()["layers"]})
    described["requestBody"]["content"] |= dict.fromkeys(FILE_TYPES, _BINARY)
    return described


def _kept(description: str, **more: Any) -> dict[str, Any]:
    content = {_JSON: {"schema": _KEPT}}
    return {"description": description, "content": content, "headers": openapi.TIMED, "links": _LINKS, **more}


Id = Annotated[
    str,
    WithJsonSchema({"type": "string", "pattern": "^[0-9a-f]{64}$"}),
    Path(
        description="as POST gave it: the SHA-256 of the safetensors file",
        openapi_examples={
            "notebook": {"value": content_id(network_to_safetensors(preset_named("multilayer").network))}
        },
    ),
]


@router.post(
    "",
    status_code=201,
    summary="Keep a network",
    openapi_extra=_kept_body(),
    responses={
        201: _kept("It is new.", headers={**openapi.TIMED, "Location": _LOCATION}),
        200: _kept("It was there already."),
        **_REFUSED,
    },
)
async def post_network(request: Request) -> Response:
    """JSON layers or a safetensors file in; an id out, which every operation takes as `network`.

    A file holds `layers.K.weights` and `layers.K.biases`, or what PyTorch's modules save (`0.weight`, `fc1.bias`, …).
    """
    settings: Settings = request.app.settings
    compute: ComputeService = request.app.compute
    kept: Networks = request.app.networks
    headers = headers_of(request)
    read = _reader(media_type(headers), settings)
    body = await read_body(request, headers, settings)
    clock = exchange.Clock()
    cost = exchange.READ_BYTE_MULTIPLY_ADDS * len(body)
    network = await compute.run(partial(read, body), cost=cost, gone=exchange.left(request))
    compute.check_limits(network, 1)
    clock.mark("decode")
    id, new = await kept.keep(network)
    clock.mark("store")
    content = encode_json(description(id, network))
    clock.mark("encode")
    answer = exchange.Answer(content, clock)
    if new:
        answer.status_code = 201
        answer.headers["Location"] = f"/api/v1/networks/{id}"
    return answer


def _reader(kind: str, settings: Settings) -> Any:
    if kind in JSON_TYPES:
        return partial(_from_json, settings.max_depth)
    if kind in FILE_TYPES:
        return network_from_safetensors
    raise Problem("unsupported-media-type", Fault("", "content-type", "", {"got": kind[:100]}))


def _from_json(max_depth: int, body: bytes) -> Network:
    document = validated(KeptDocument, decode_json(body, max_depth))
    return network_in(document.layers, dtype_named(document.dtype))


def description(id: str, network: Network) -> dict[str, Any]:
    """A network's id, sizes and shapes, without its numbers."""
    return {
        "id": id,
        "sizes": list(network.sizes),
        "parameters": network.parameters,
        "layers": [
            {
                "name": layer.name,
                "activation": layer.activation.name,
                "weights": list(layer.weights.shape),
                "biases": list(layer.biases.shape),
            }
            for layer in network.layers
        ],
        "dtype": name_of(network.dtype),
    }


@router.get(
    "/{id}",
    summary="A kept network, whole",
    openapi_extra={"parameters": [_IF_NONE_MATCH]},
    responses={
        200: {
            "description": "As JSON that /forward and the others take, or as a file by Accept.",
            "headers": _CACHED,
            "content": {_JSON: {"schema": _NETWORK}, **dict.fromkeys(FILE_TYPES, _BINARY)},
        },
        304: {"description": "If-None-Match named it.", "headers": _CACHED},
        **openapi.problems("unknown-network", "busy", "timeout"),
    },
)
async def get_network(id: Id, request: Request) -> Response:
    """JSON, or with `Accept: application/vnd.safetensors` the file whose SHA-256 is the id."""
    kept: Networks = request.app.networks
    compute: ComputeService = request.app.compute
    kind = preferred(request.headers.get("accept"), (_JSON, *FILE_TYPES))
    etag = f'"{id}"' if kind in FILE_TYPES else f'"{id}-json"'
    headers = {"ETag": etag, "Cache-Control": _FOREVER, "Vary": "Accept"}
    if not is_id(id):
        raise unknown(id)
    size = await kept.size(id)
    if _matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    if kind in FILE_TYPES:
        headers["Content-Disposition"] = f'attachment; filename="{id[:12]}.safetensors"'
        memory = size

        def work() -> Content | Steps[Content]:
            return Content([kept.read(id)])
    else:
        memory = size + compute.limits.answer(_LEAST_TEXT_OF_A_BYTE * size)

        def work() -> Content | Steps[Content]:
            document = network_to_document(network_from_safetensors(kept.read(id)))
            return content_in_steps(json_pieces(document), compute.limits)

    content = await compute.run(work, cost=CHEAP_MULTIPLY_ADDS + 1, memory=memory, gone=exchange.left(request))
    answer = exchange.Answer(content, None, kind.encode())
    answer.headers.update(headers)
    return answer


def _matches(if_none_match: str | None, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return "*" in tags or etag in tags


@router.delete(
    "/{id}",
    status_code=204,
    summary="Forget a kept network",
    responses={204: {"description": "It is gone."}, **openapi.problems("unknown-network")},
)
async def delete_network(id: Id, request: Request) -> Response:
    """204; 404 where it is not there."""
    kept: Networks = request.app.networks
    await kept.forget(id)
    return Response(status_code=204)
