"""/api/v1/networks: networks are handed over once and named by the hash of their content from then on."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import WithJsonSchema
from starlette.responses import Response

from adelante.formats import safetensors
from adelante.formats.json import document_of
from adelante.formats.opened import Opened
from adelante.formats.opening import is_json
from adelante.formats.safetensors import network_to_safetensors, opened_from_safetensors
from adelante.network.activations import ACTIVATIONS
from adelante.network.dense.network import DenseNetwork
from adelante.network.network import Network
from adelante.network.presets import chain_named
from app.api.http.accept import preferred
from app.api.http.answer import Answer, Clock
from app.api.http.body import Body, headers_of, read_body
from app.api.http.questions import QUESTIONS, question_documents
from app.api.http.uploads import begins, begun
from app.api.openapi import common as openapi
from app.api.openapi import schemas
from app.api.openapi.examples import forward_example
from app.api.openapi.schemas import INDEX, LAYER, NAME, TEXT, record
from app.api.read import choices
from app.api.read.choices import choices_of
from app.api.read.form import FIELD, FORM
from app.api.read.kinds import BATCH, INPUT, OUTPUTS
from app.api.read.network_body import FILE_TYPES, ONNX, KeptDocument, decided, network_reader
from app.api.read.query import one_of
from app.api.routes import exchange, network_made
from app.api.write.encode import content_in_steps, encode_json, json_pieces
from app.api.write.network import description as kinds_description
from app.api.write.network_file import FORMATS, LANGUAGES, PYTHON, ZIP, Asked, stem_of
from app.api.write.notes import NOTES, note_document
from app.api.write.outline import outline
from app.compute.content import Content
from app.compute.devices import name_of
from app.compute.effort import counted
from app.compute.pool import Steps
from app.compute.service import CHEAP_MULTIPLY_ADDS, ComputeService
from app.negotiation import negotiate
from app.root_path import address_root
from app.settings import Settings
from app.store.files import content_id, is_id
from app.store.networks import Networks, unknown

router = APIRouter(prefix="/api/v1/networks", tags=["networks"])

_JSON = "application/json"
# Of a file's numbers as JSON: 8 bytes of float64 become about 21.
_LEAST_TEXT_OF_A_BYTE = 2
# Where a file tells of what kind it is.
_HEAD = 1 << 16
# A layer's shapes take as long to be told as this many multiply-adds.
_DESCRIBED_LAYER_COST = 10_000
# What an id names never changes.
_FOREVER = "public, max-age=31536000, immutable"


MODELS = (KeptDocument,)
_SHAPE = {"type": "array", "items": INDEX}
_OTHER = "#/components/schemas/OtherLayer"
_SHAPES = record(name=NAME, activation=TEXT)
_SHAPES["properties"] |= {"weights": _SHAPE, "biases": _SHAPE, "kind": TEXT, "module": NAME, "shape": _SHAPE}
_SHAPES["description"] = "the shapes of its parameters; of a layer in a network of other kinds its result's shape too"
_TENSOR = record(name=TEXT, shape=_SHAPE, dtype=TEXT)
_PARAMETER = record(name=TEXT, shape=_SHAPE, dtype=TEXT)
_PARAMETER["properties"] |= {"buffer": {"type": "boolean", "description": "true: kept with the network, not learned"}}
_BUFFERS = {
    **INDEX,
    "description": "how many numbers of `parameters` are not learned (running means, tables); torch counts the rest",
}
_KEPT = record(
    id={"type": "string", "pattern": "^[0-9a-f]{64}$"},
    parameters=INDEX,
    layers={"type": "array", "items": _SHAPES},
    dtype=TEXT,
    notes=NOTES,
    choices=QUESTIONS,
)
_KEPT["properties"] |= {
    "sizes": {**_SHAPE, "description": "of a chain of dense layers: its inputs, then each layer's neurons"},
    "inputs": {"type": "array", "items": _TENSOR, "description": "of any other network"},
    "outputs": {"type": "array", "items": _TENSOR},
    "batch": TEXT,
    "buffers": _BUFFERS,
}
_DRAWN = record(
    index=INDEX,
    name=NAME,
    kind=TEXT,
    activation=TEXT,
    module=NAME,
    source=NAME,
    takes={"type": "array", "items": TEXT, "description": "tensors, by name"},
    options={"type": "object"},
    parameters={"type": "array", "items": _PARAMETER},
    pre_activations={"anyOf": [_TENSOR, {"type": "null"}]},
    activations=_TENSOR,
)
_OUTLINE = record(
    id=TEXT,
    inputs={"type": "array", "items": _TENSOR},
    layers={"type": "array", "items": _DRAWN},
    outputs={"type": "array", "items": TEXT, "description": "tensors, by name"},
    parameters=INDEX,
    buffers=_BUFFERS,
    batch=TEXT,
    dtype=TEXT,
)
_NETWORK = record(layers={"type": "array", "items": LAYER}, dtype=TEXT)
_NETWORK["properties"] |= {"input": INPUT, "outputs": OUTPUTS, "batch": BATCH}
_BINARY = {"schema": {"type": "string", "format": "binary"}}
# The fields have no types of their own, which would be lost on openapi-generator: it writes none for forms.
_FORM = {
    "schema": {
        "type": "object",
        "description": "`file`, once or twice, and maybe `choices`, a JSON object as the parameter of that name has it",
        "additionalProperties": {"type": "string", "format": "binary"},
        "propertyNames": {"enum": [FIELD, choices.FIELD]},
        "required": [FIELD],
    }
}
_CHOICES = {
    "name": choices.FIELD,
    "in": "query",
    "description": (
        "A JSON object: what a file leaves open. `order`: the layers' names, in order; `head`: one of several; "
        "`activation`: one for all layers, or one for each. An answer's or a problem's `choices` say what there is."
    ),
    "schema": {"type": "string", "contentMediaType": "application/json"},
    "examples": {
        "order": {"value": '{"order": ["fc_in", "fc_hidden", "fc_out"], "activation": ["relu", "relu", "identity"]}'},
        "head": {"value": '{"head": "actor"}'},
    },
}
_ACTIVATION = {
    "name": "activation",
    "in": "query",
    "description": "In place of what the body says: one for all layers, or one for each, separated by commas.",
    "schema": {"type": "string", "pattern": "^({0})(,({0}))*$".format("|".join(ACTIVATIONS))},
    "examples": {"all": {"value": "sigmoid"}, "each": {"value": "sigmoid,sigmoid"}},
}

_REFUSED = openapi.problems(
    *openapi.BODY,
    *openapi.DOCUMENT,
    *openapi.NUMBERS,
    *openapi.PASS,
    "unknown-activation",
    "unknown-kind",
    "unknown-layer",
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
    # POST /forward has an example of other kinds, for which `activation` is not.
    described = schemas.request_body(KeptDocument, layers={"layers": forward_example()["layers"]})
    described["requestBody"]["content"] |= dict.fromkeys(FILE_TYPES, _BINARY) | {FORM: _FORM}
    return {**described, "parameters": [_ACTIVATION, _CHOICES]}


def _kept(description: str, **more: Any) -> dict[str, Any]:
    content = {_JSON: {"schema": _KEPT}}
    return {"description": description, "content": content, "headers": openapi.TIMED, "links": _LINKS, **more}


def kept_answers() -> openapi.Responses:
    """What is answered where a network is kept."""
    return {
        201: _kept("It is new.", headers={**openapi.TIMED, "Location": _LOCATION}),
        200: _kept("It was there already."),
    }


Id = Annotated[
    str,
    WithJsonSchema({"type": "string", "pattern": "^[0-9a-f]{64}$"}),
    Path(
        description="as POST gave it: the SHA-256 of the safetensors file",
        openapi_examples={"notebook": {"value": content_id(network_to_safetensors(chain_named("multilayer").network))}},
    ),
]


@router.post(
    "",
    status_code=201,
    summary="Keep a network",
    openapi_extra=_kept_body(),
    responses={**kept_answers(), **_REFUSED},
)
async def post_network(request: Request) -> Response:
    """JSON layers or a file in; an id out, which every operation takes as `network`.

    Layers may be of every kind that GET /api/v1/operations lists; what is fed by what, `inputs` says.
    A file is one that `adelante.save` wrote, or it holds `layers.K.weights` and `layers.K.biases`, or what PyTorch's
    modules save (`0.weight`, `fc1.bias`, …), or it is an ONNX model (.onnx), a program of torch.export.save (.pt2) or
    what torch.save wrote of a state_dict of dense layers (.pt, .pth). It comes as it is, or in a form
    (`curl -F file=@network.safetensors`), which may have a second one where the numbers stand apart
    (`curl -F file=@net.onnx -F file=@net.onnx.data`); what is no file is told by its content.
    `notes` say what was decided where the file is silent, each with a way to choose otherwise. What can be read in two
    ways is refused with `choices`: questions with their likely answers and the layers' shapes. The same file with the
    answers, as `?choices={"order": ["fc_in", "fc_out"]}` or as a field of the form, opens.
    Over a line that breaks a file may come in several requests: this one with `Upload-Complete: ?0`, `Upload-Length`
    and the file's type answers 201 with the `Location` to which PATCH brings the bytes (/api/v1/uploads).
    """
    settings: Settings = request.app.settings
    headers = headers_of(request)
    # What can't be read for its type is refused before it comes.
    network_reader(headers.get(b"content-type"), settings)
    if begins(headers):
        return await begun(request, headers)
    return await kept_of(request, headers, request.query_params, await read_body(request, headers, settings))


async def kept_of(request: Request, headers: dict[bytes, bytes], query: Mapping[str, str], body: Body) -> Response:
    """The answer to a body with these headers, however it came: its network is kept. Raises Problem, NetworkError."""
    compute: ComputeService = request.app.compute
    kept: Networks = request.app.networks
    read = network_reader(headers.get(b"content-type"), request.app.settings)
    clock = Clock()
    # What a file says of its graph is looked at node by node.
    of_a_graph = b'"adelante"' in bytes(body[:_HEAD]) or not (is_json(body) or safetensors.tells(body))
    cost = max(exchange.reading_cost(body), CHEAP_MULTIPLY_ADDS + 1 if of_a_graph else 0)
    chosen = choices_of(query.get(choices.FIELD))
    work = partial(_counted, partial(decided, partial(read, body), chosen, query.get("activation"), "/activation"))
    found: Opened = await compute.run(work, cost=cost, gone=exchange.left(request))
    network, notes = found
    compute.check_limits(network, 1)
    clock.mark("decode")
    id, new = await kept.keep(network)
    clock.mark("store")
    language = negotiate(headers.get(b"accept-language", b"").decode("latin-1"))
    rest = {
        "notes": [note_document(language, note) for note in notes],
        "choices": question_documents([note.question for note in notes if note.question is not None]),
    }

    def described() -> bytes:
        return encode_json({**description(id, network), **rest})

    content = await compute.run(described, cost=_DESCRIBED_LAYER_COST * len(network.layers))
    clock.mark("encode")
    answer = Answer(content, clock)
    if new:
        answer.status_code = 201
        answer.headers["Location"] = f"{address_root(request.scope)}/api/v1/networks/{id}"
    return answer


def _counted(read: Callable[[], Steps[Opened]]) -> Steps[Opened]:
    found = yield from read()
    return Opened(counted(found.network), found.notes)


def description(id: str, network: Network) -> dict[str, Any]:
    """A network's id, sizes and shapes, without its numbers."""
    if not isinstance(network, DenseNetwork):
        return {"id": id, **kinds_description(network)}
    return {
        "id": id,
        "sizes": list(network.sizes),
        "parameters": network.size,
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
    openapi_extra={"parameters": [_IF_NONE_MATCH, *network_made.PARAMETERS]},
    responses={
        200: {
            "description": "As JSON that /forward and the others take, or as a file by Accept.",
            "headers": _CACHED,
            "content": {
                _JSON: {"schema": _NETWORK},
                **dict.fromkeys((*FILE_TYPES, ONNX, ZIP), _BINARY),
                PYTHON: {"schema": TEXT},
            },
        },
        304: {"description": "If-None-Match named it.", "headers": _CACHED},
        **openapi.problems(
            "unknown-network", "invalid-value", "unsupported-dtype", "unsupported-file", "too-large", "busy", "timeout"
        ),
    },
)
async def get_network(id: Id, request: Request) -> Response:
    """JSON, or a file by `Accept`: `application/vnd.safetensors` is the one whose SHA-256 is the id, with
    `names=torch` a state_dict; `application/onnx`; `text/x-python` a program in PyTorch or, with `language=numpy`,
    in NumPy, whose parameters are read from the file that the `Link` header names; `application/zip` both of them."""
    kept: Networks = request.app.networks
    query = request.query_params
    torchs = one_of(query, "names", ("adelante", "torch")) == "torch"
    language = one_of(query, "language", LANGUAGES)
    kind = preferred(request.headers.get("accept"), (_JSON, *FILE_TYPES, ONNX, PYTHON, ZIP))
    if not is_id(id):
        raise unknown(id)
    size = await kept.size(id)
    if kind in FORMATS and (kind not in FILE_TYPES or torchs):
        spoken = negotiate(request.headers.get("accept-language"))
        asked = Asked(kind, stem_of(query.get("name"), id), language, spoken)
        return await network_made.answered(id, size, asked, request)
    etag = f'"{id}"' if kind in FILE_TYPES else f'"{id}-json"'
    headers = {"ETag": etag, "Cache-Control": _FOREVER, "Vary": "Accept"}
    if network_made.matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    compute: ComputeService = request.app.compute
    if kind in FILE_TYPES:
        headers["Content-Disposition"] = network_made.attachment(stem_of(query.get("name"), id), ".safetensors")
        memory = size

        def work() -> Content | Steps[Content]:
            return Content([kept.read(id)])
    else:
        memory = size + compute.limits.answer(_LEAST_TEXT_OF_A_BYTE * size)

        def work() -> Content | Steps[Content]:
            document = document_of(opened_from_safetensors(kept.read(id)).network)
            return content_in_steps(json_pieces(document), compute.limits)

    content = await compute.run(work, cost=CHEAP_MULTIPLY_ADDS + 1, memory=memory, gone=exchange.left(request))
    answer = Answer(content, None, kind.encode())
    answer.headers.update(headers)
    return answer


@router.get(
    "/{id}/outline",
    summary="How a kept network hangs together",
    openapi_extra={"parameters": [_IF_NONE_MATCH]},
    responses={
        200: {
            "description": "Each layer with the tensors that it takes and gives, and no number of them.",
            "headers": _CACHED,
            "content": {_JSON: {"schema": _OUTLINE}},
        },
        304: {"description": "If-None-Match named it.", "headers": _CACHED},
        **openapi.problems("unknown-network", "busy", "timeout"),
    },
)
async def get_outline(id: Id, request: Request) -> Response:
    """Of a network of any kind: names, shapes, options, modules and lines of source, in the order of its layers."""
    kept: Networks = request.app.networks
    compute: ComputeService = request.app.compute
    etag = f'"{id}-outline"'
    headers = {"ETag": etag, "Cache-Control": _FOREVER, "Vary": "Accept"}
    if not is_id(id):
        raise unknown(id)
    if network_made.matches(request.headers.get("if-none-match"), etag):
        await kept.size(id)
        return Response(status_code=304, headers=headers)
    network = await kept.get(id)
    cost = CHEAP_MULTIPLY_ADDS + 1
    content = await compute.run(lambda: encode_json(outline(id, network)), cost=cost, gone=exchange.left(request))
    answer = Answer(content, None)
    answer.headers.update(headers)
    return answer


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
