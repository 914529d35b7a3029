"""POST /api/v1/sweep: every output while one number moves through a range."""

from typing import Annotated, Any, Literal

import torch
from fastapi import APIRouter, Request
from pydantic import Field, WithJsonSchema
from starlette.responses import Response

from adelante.network.checks import check_held, check_size, single_inputs
from adelante.network.dense.network import DenseNetwork
from adelante.network.dense.responses import Sweep, check_vary, spread, sweep_size
from app.api.http.answer import Answer
from app.api.openapi import schemas
from app.api.openapi.common import NETWORK_AND_PASS
from app.api.openapi.examples import forward_example
from app.api.openapi.schemas import NAME, NON_FINITE, TEXT, nested, record
from app.api.read.documents import Integer, NetworkDocument, OneVector, network_from, tensor
from app.api.read.places import VARY, vary_from
from app.api.routes import exchange
from app.api.write.encode import NonFinite, array
from app.compute.content import Content
from app.compute.devices import name_of
from app.compute.limits import Limits, text_bytes
from app.compute.placement import placed
from app.compute.pool import Steps
from app.compute.service import JSON_NUMBER_COST, ComputeService
from app.compute.steps import row_cost, sweep_in_steps
from app.settings import Settings

router = APIRouter(prefix="/api/v1", tags=["explain"])


class SweepDocument(NetworkDocument):
    inputs: OneVector = Field(description="(n_in,), or (1, n_in)")
    vary: Annotated[dict[str, Any], WithJsonSchema(VARY)] = Field(description="the number that moves")
    from_: float = Field(alias="from", allow_inf_nan=False)
    to: float = Field(allow_inf_nan=False)
    steps: Integer = Field(ge=2, description="2 to 4,096 unless the server's settings say otherwise")
    return_: Literal["trace", "outputs"] = Field("outputs", alias="return", description="trace adds layers")


_LAYER = record(name=NAME, activation=TEXT, activations=nested(2))
_ANSWER = record(values=nested(1), outputs=nested(2), dtype=TEXT, device=TEXT, non_finite=NON_FINITE)
_ANSWER["properties"]["layers"] = {"type": "array", "items": _LAYER}
MODELS = (SweepDocument,)


@router.post(
    "/sweep",
    summary="The outputs while one number varies",
    openapi_extra=schemas.request_body(
        SweepDocument,
        input={**forward_example(), "vary": {"input": 0}, "from": -3, "to": 3, "steps": 33},
        weight={
            "network": "multilayer",
            "inputs": forward_example()["inputs"],
            "vary": {"layer": 1, "weight": [0, 0]},
            "from": -3,
            "to": 3,
            "steps": 7,
            "return": "trace",
        },
    ),
    responses=schemas.answers("outputs[s] are the outputs at values[s].", _ANSWER, *NETWORK_AND_PASS),
)
async def post_sweep(request: Request) -> Response:
    """One row of outputs for each value; with `"return": "trace"` every layer's activations too."""
    settings: Settings = request.app.settings
    compute: ComputeService = request.app.compute
    document, clock = await exchange.read_document(request, SweepDocument)
    network = await network_from(document, request.app.networks)
    vary, steps = vary_from(document.vary), document.steps
    check_size(steps, settings.max_sweep_steps, "too-many-sweep-steps", "max_sweep_steps", "/steps")
    compute.check_limits(network, 1)
    size = sweep_size(network, steps)
    check_size(size, settings.max_derived_values, "sweep-too-large", "max_derived_values", "/steps")
    check_held(document.from_, network.dtype, "/from")
    check_held(document.to, network.dtype, "/to")
    inputs = single_inputs(network, tensor(document.inputs, "/inputs", (1, 2), network.dtype))
    check_vary(network, vary)
    layers = document.return_ == "trace"
    cost = steps * row_cost(network) + JSON_NUMBER_COST * size
    place = compute.place(document.device, cost)
    speed = compute.check_cost(steps * row_cost(network), network.dtype, place)
    answer = compute.limits.answer(text_bytes(size if layers else steps * (1 + network.n_out), network.dtype))
    clock.mark("decode")

    def work() -> Steps[Content]:
        with torch.inference_mode():
            values = spread(document.from_, document.to, steps, inputs).to(place)
        found = yield from sweep_in_steps(placed(network, place), inputs.to(place), vary, values, speed)
        clock.mark("compute")
        return (
            yield from exchange.written(_document(network, found, compute.limits, layers=layers), clock, compute.limits)
        )

    memory = answer + 3 * size * network.dtype.itemsize
    return Answer(await compute.run(work, cost=cost, memory=memory, gone=exchange.left(request)), clock)


def _document(network: DenseNetwork, found: Sweep, limits: Limits, *, layers: bool) -> dict[str, Any]:
    document: dict[str, Any] = {"values": array(found.values), "outputs": array(found.outputs)}
    bad = NonFinite(limits.listed_non_finite)
    bad.look("/outputs", document["outputs"])
    if layers:
        document["layers"] = [
            {"name": layer.name, "activation": layer.activation.name, "activations": array(activations)}
            for layer, activations in zip(network.layers, found.activations, strict=True)
        ]
        for k, layer in enumerate(document["layers"]):
            bad.look(f"/layers/{k}/activations", layer["activations"])
    document["dtype"] = name_of(network.dtype)
    document["device"] = str(found.values.device)
    return document | bad.members()
