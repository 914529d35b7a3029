"""POST /api/v1/networks/{id}/changes: a kept network with other numbers, kept beside what it was made of."""

from collections.abc import Sequence
from typing import Any

import torch
from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response
from torch import Tensor

from adelante.formats.json.arrays import tensor, tensor_of_any_rank
from adelante.network.checks import check_held
from adelante.network.errors import Fault, NetworkError, shape_text
from adelante.network.network import Network
from app.api.http.answer import Answer, Clock
from app.api.http.body import read_json_body
from app.api.openapi import common as openapi
from app.api.openapi import schemas
from app.api.openapi.schemas import ANY_RANK, INDEX, TEXT, record
from app.api.read.cells import check_given, check_place, place_of
from app.api.read.documents import Document, validated
from app.api.read.live_documents import CellValue, TensorChange
from app.api.routes import exchange
from app.api.routes.networks import Id, description, kept_answers
from app.api.write.encode import encode_json
from app.compute.service import CHEAP_MULTIPLY_ADDS, ComputeService
from app.root_path import address_root
from app.settings import Settings
from app.store.files import is_id
from app.store.networks import Networks, unknown

router = APIRouter(prefix="/api/v1/networks", tags=["networks"])

_AT = {"type": "array", "items": INDEX}
_CHANGE: dict[str, Any] = {
    "anyOf": [
        {**record(cell=record(tensor=TEXT, at=_AT), value={"type": "number"}), "additionalProperties": False},
        {**record(tensor=TEXT, values=ANY_RANK), "additionalProperties": False},
    ]
}


class ChangesDocument(Document):
    changes: list[dict[str, Any]] = Field(
        min_length=1,
        description="made in their order: one number of a parameter, or all of them",
        json_schema_extra={"items": _CHANGE},
    )


MODELS = (ChangesDocument,)
_EXAMPLE = {"changes": [{"cell": {"tensor": "layers.0.weights", "at": [2, 1]}, "value": 0.5}]}


@router.post(
    "/{id}/changes",
    status_code=201,
    summary="Keep a network with other numbers",
    openapi_extra=schemas.request_body(ChangesDocument, weight=_EXAMPLE),
    responses={
        **kept_answers(),
        **openapi.problems(
            *openapi.BODY, *openapi.DOCUMENT, *openapi.NUMBERS, *openapi.PASS, "unknown-network", "unsupported-dtype"
        ),
    },
)
async def post_changes(id: Id, request: Request) -> Response:
    """Another network is kept, with an id of its own; the one that was changed stays as it is.

    What did not change of its parameters is not sent.
    """
    settings: Settings = request.app.settings
    compute: ComputeService = request.app.compute
    kept: Networks = request.app.networks
    body = await read_json_body(request, settings)
    clock = Clock()
    document = await exchange.decoded(body, ChangesDocument, settings, compute, exchange.left(request))
    if not is_id(id):
        raise unknown(id)
    network = await kept.get(id)
    cost = CHEAP_MULTIPLY_ADDS + network.size
    changed = await compute.run(lambda: _changed(network, document.changes), cost=cost, gone=exchange.left(request))
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


def _changed(network: Network, changes: Sequence[dict[str, Any]]) -> Network:
    """The network with all of these changes. Raises Problem or NetworkError at the first that can't be made."""
    own: dict[str, Tensor] = {}
    for k, change in enumerate(changes):
        _make(network, change, own, f"/changes/{k}")
    return network.with_parameters(own)


def _make(network: Network, change: dict[str, Any], own: dict[str, Tensor], pointer: str) -> None:
    if "cell" in change:
        one = validated(CellValue, change, pointer)
        place = place_of(one.cell, f"{pointer}/cell")
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
