"""/api/v1/networks/{id}/changes and /additions: a kept network with other numbers or other layers, which is kept beside
what it was made of; and what layers there may be."""

import re
from typing import Any

import torch
from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response
from torch import Tensor

from adelante.formats.json.arrays import tensor, tensor_of_any_rank
from adelante.formats.json.edits import EDITS, additions, edits_from
from adelante.network.checks import check_held, check_size
from adelante.network.edits import edited
from adelante.network.errors import Fault, NetworkError, shape_text
from adelante.network.network import Network
from adelante.network.random import LARGEST_SEED
from app.api.http.answer import Answer, Clock
from app.api.http.body import read_json_body
from app.api.openapi import common as openapi
from app.api.openapi import schemas
from app.api.openapi.schemas import ANY_RANK, INDEX, TEXT, record
from app.api.read.cells import check_given, check_place
from app.api.read.checked import validated
from app.api.read.documents import Document, Integer
from app.api.read.live_documents import CellValue, TensorChange
from app.api.routes import exchange
from app.api.routes.networks import Id, description, kept_answers
from app.api.write.encode import encode_json
from app.compute.service import CHEAP_MULTIPLY_ADDS, ComputeService
from app.root_path import address_root
from app.settings import Settings
from app.store.networks import Networks

router = APIRouter(prefix="/api/v1/networks", tags=["networks"])

_AT = {"type": "array", "items": INDEX}
_LAYER = {
    "type": "object",
    "description": "as in `layers`, with sizes (out_features, out_channels, kernel_size, …; of an attention's softmax "
    "its `heads`) in place of parameters; what is left out is what fits, and of a layer that is there what it has",
}
_SPOT: dict[str, dict[str, Any]] = {
    "after": {"type": "integer", "minimum": -1},
    "into": {
        "type": "array",
        "items": INDEX,
        "description": "the layers before which it comes, of those that take what the one at `after` gives; none: all",
    },
    "input": {**TEXT, "description": "of several inputs the one that it takes, where `after` is -1"},
}
_CHANGE: dict[str, Any] = {
    "anyOf": [
        {**record(add=_LAYER), "properties": {"add": _LAYER, **_SPOT}, "additionalProperties": False},
        {
            **record(move=INDEX, after=_SPOT["after"]),
            "properties": {"move": INDEX, **_SPOT},
            "additionalProperties": False,
        },
        {**record(remove=INDEX), "additionalProperties": False},
        {**record(change=INDEX, to=_LAYER), "additionalProperties": False},
        {**record(cell=record(tensor=TEXT, at=_AT), value={"type": "number"}), "additionalProperties": False},
        {**record(tensor=TEXT, values=ANY_RANK), "additionalProperties": False},
    ]
}


class ChangesDocument(Document):
    changes: list[dict[str, Any]] = Field(
        description="one number of a parameter, or all of them; then, in their order, layers to `add` (`after` the one "
        "at this place, -1: the input), `move`, `remove` and `change`, counted as they stand by then; none: the same "
        "network, of a preset its id",
        json_schema_extra={"items": _CHANGE},
    )
    seed: Integer = Field(0, ge=0, le=LARGEST_SEED, description="of new numbers, which torch.nn's modules would have")


MODELS = (ChangesDocument,)
_REFUSED = (
    *("unknown-network", "unsupported-dtype", "unknown-kind", "unknown-layer", "unknown-activation"),
    "unsupported-file",
)
# Of each kind it is tried whether every layer fits.
_TRIED_LAYER_COST = 1_000_000
_LAYER_EXAMPLE = {
    "changes": [{"add": {"kind": "dense", "out_features": 4, "activation": "tanh"}, "after": 0}, {"remove": 2}],
    "seed": 7,
}
_EXAMPLE = {"changes": [{"cell": {"tensor": "layers.0.weights", "at": [2, 1]}, "value": 0.5}]}


@router.post(
    "/{id}/changes",
    status_code=201,
    summary="Keep a network with other numbers",
    openapi_extra=schemas.request_body(ChangesDocument, weight=_EXAMPLE, layer=_LAYER_EXAMPLE),
    responses={
        **kept_answers(),
        **openapi.problems(*openapi.BODY, *openapi.DOCUMENT, *openapi.NUMBERS, *openapi.PASS, *_REFUSED),
    },
)
async def post_changes(id: Id, request: Request) -> Response:
    """Another network is kept, with an id of its own; the one that was changed stays as it is.

    What did not change of its parameters is not sent. Where a layer is added, moved, removed or changed, those after
    it get parameters of the sizes that fit: what was set stays, new numbers are torch.nn's own for the seed.
    """
    settings: Settings = request.app.settings
    compute: ComputeService = request.app.compute
    kept: Networks = request.app.networks
    body = await read_json_body(request, settings)
    clock = Clock()
    document = await exchange.decoded(body, ChangesDocument, settings, compute, exchange.left(request))
    network = await kept.get(id)
    # Layers are fitted to each other anew, one by one; a network without parameters may have thousands.
    cost = CHEAP_MULTIPLY_ADDS + 1 + network.size

    def work() -> Network:
        return _changed(network, document, settings)

    changed = await compute.run(work, cost=cost, gone=exchange.left(request))
    compute.check_limits(changed, 1)
    clock.mark("decode")
    made, new = await kept.keep(changed)
    clock.mark("store")
    content = encode_json({**description(made, changed), "notes": [], "choices": []})
    clock.mark("encode")
    answer = Answer(content, clock)
    if new:
        answer.status_code = 201
        answer.headers["Location"] = f"{address_root(request.scope)}/api/v1/networks/{made}"
    return answer


_PLACE = re.compile("-1|[0-9]{1,6}", re.ASCII)
_AFTER = {
    "name": "after",
    "in": "query",
    "description": "the layer before it; -1: the input",
    "schema": {"type": "integer", "minimum": -1, "default": -1},
}
_INTO = {
    "name": "into",
    "in": "query",
    "description": "the layers before which it comes, where not all are that take the same, as 4,7",
    "schema": {"type": "string", "pattern": "^[0-9]{1,6}(,[0-9]{1,6})*$"},
}
_INPUT = {
    "name": "input",
    "in": "query",
    "description": "of several inputs the one that it takes, where after is -1",
    "schema": {"type": "string"},
}
_ADDITION = record(
    kind=TEXT,
    fields={"type": "object"},
    shape={"type": "array", "items": INDEX},
    others={"type": "array", "items": TEXT},
)
_ADDITION["description"] = (
    "what to `add` beside the kind, the shape it gives one input; of what takes two tensors, which may be the second"
)


@router.get(
    "/{id}/additions",
    summary="Layers that fit a kept network",
    openapi_extra={"parameters": [_AFTER, _INTO, _INPUT]},
    responses={
        200: {
            "description": "Kinds with sizes and options, each of which POST …/changes can add there.",
            "content": {"application/json": {"schema": record(additions={"type": "array", "items": _ADDITION})}},
        },
        **openapi.problems("unknown-network", "unknown-layer", "out-of-range", "unsupported-file", "busy", "timeout"),
    },
)
async def get_additions(id: Id, request: Request) -> Response:
    """Layers after which the rest of the network still fits, its parameters in other sizes where that is needed."""
    compute: ComputeService = request.app.compute
    kept: Networks = request.app.networks
    network = await kept.get(id)
    query = request.query_params
    after = _place(network, query.get("after", "-1"), "after", -1)
    into = [_place(network, each, "into", 0) for each in query["into"].split(",")] if query.get("into") else []
    input = query.get("input")

    def work() -> bytes:
        return encode_json({"additions": [each._asdict() for each in additions(network, after, into, input)]})

    cost = CHEAP_MULTIPLY_ADDS + _TRIED_LAYER_COST * len(network.layers)
    return Answer(await compute.run(work, cost=cost, gone=exchange.left(request)), None)


def _place(network: Network, asked: str, name: str, least: int) -> int:
    """A layer's place as an address says it. Raises NetworkError where there is none."""
    place = int(asked) if _PLACE.fullmatch(asked) else None
    if place is None or not least <= place < len(network.layers):
        values = {"got": asked[:20], "count": len(network.layers), "last": len(network.layers) - 1}
        raise NetworkError(Fault("out-of-range", "edited-layer", f"/{name}", values))
    return place


def _changed(network: Network, document: ChangesDocument, settings: Settings) -> Network:
    """The network with all of these changes. Raises NetworkError at the first that can't be made."""
    own: dict[str, Tensor] = {}
    edits: dict[str, dict[str, Any]] = {}
    count = sum(any(name in change for name in EDITS) for change in document.changes)
    # Each edit looks at every layer; a network of the most layers is made anew by as many.
    check_size(count, settings.max_layers, "too-many-edits", "max_layers", "/changes")
    for k, change in enumerate(document.changes):
        if any(name in change for name in EDITS):
            edits[f"/changes/{k}"] = change
        else:
            _make(network, change, own, f"/changes/{k}")
    changed = network.with_parameters(own) if own else network
    if not edits:
        return changed
    return edited(
        changed, edits_from(changed, edits), document.seed, pointers=list(edits), most=settings.max_parameters
    )


def _make(network: Network, change: dict[str, Any], own: dict[str, Tensor], pointer: str) -> None:
    if "cell" in change:
        one = validated(CellValue, change, pointer)
        place = one.cell.place(f"{pointer}/cell")
        check_place(network, place)
        dtype = _parameter(network, place.cell.tensor, f"{pointer}/cell/tensor")
        check_held(one.value, dtype, f"{pointer}/value")
        if not dtype.is_floating_point and one.value != int(one.value):
            raise NetworkError(Fault("invalid-value", "whole-number-expected", f"{pointer}/value", {"name": "value"}))
        if place.cell.tensor not in own:
            own[place.cell.tensor] = network.parameters[place.cell.tensor].clone()
        own[place.cell.tensor][place.cell.at] = one.value
        return
    whole = validated(TensorChange, change, pointer)
    dtype = _parameter(network, whole.tensor, f"{pointer}/tensor")
    shape = network.parameters[whole.tensor].shape
    plain = len(shape) in (1, 2) and dtype.is_floating_point
    at = f"{pointer}/values"
    values = tensor(whole.values, at, (len(shape),), dtype) if plain else tensor_of_any_rank(whole.values, at, dtype)
    if values.shape != shape:
        shapes = {"expected": shape_text(shape), "got": shape_text(values.shape)}
        raise NetworkError(Fault("shape-mismatch", "same-shape", at, shapes))
    own[whole.tensor] = values


def _parameter(network: Network, name: str, pointer: str) -> torch.dtype:
    """The dtype of a parameter. Raises NetworkError where it is none: inputs are no part of a network."""
    dtype = check_given(network, name, pointer)
    if name not in network.parameters:
        raise NetworkError(Fault("out-of-range", "cell-of-a-parameter", pointer, {"tensor": name}))
    return dtype
