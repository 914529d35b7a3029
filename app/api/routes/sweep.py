"""POST /api/v1/sweep: every output, or any tensor, while one number moves through a range."""

from typing import Annotated, Any

import torch
from fastapi import APIRouter, Request
from pydantic import Field, WithJsonSchema
from starlette.responses import Response

from adelante.formats.json.arrays import tensor
from adelante.network.checks import check_range, check_size, single_inputs
from adelante.network.dense.network import DenseNetwork
from adelante.network.dense.responses import Sweep, sweep_size, vary_of
from adelante.network.network import Network
from adelante.network.responses import spread
from app.api.http.answer import Answer, Clock
from app.api.openapi import schemas
from app.api.openapi.common import CELLS_AND_PASS
from app.api.openapi.examples import forward_example
from app.api.openapi.schemas import ANY_RANK, NAME, NAMED_ARRAYS, NON_FINITE, TEXT, nested, record
from app.api.read.cells import VARY, Place, Return, check_told, check_varied, one_input, place_from
from app.api.read.documents import Integer, NetworkDocument, network_from
from app.api.read.inputs import AnyInputs
from app.api.routes import exchange
from app.api.routes.responses import Moving, answered
from app.api.write.encode import NonFinite, array
from app.api.write.responses import tensors_told
from app.compute.content import Content
from app.compute.devices import name_of
from app.compute.limits import Limits, text_bytes
from app.compute.placement import placed
from app.compute.pool import Steps
from app.compute.service import JSON_NUMBER_COST, ComputeService
from app.compute.steps import CALL_COST, row_cost, sweep_in_steps
from app.settings import Settings

router = APIRouter(prefix="/api/v1", tags=["explain"])


class SweepDocument(NetworkDocument):
    inputs: AnyInputs = Field(
        description="one input: (n_in,), or (1, n_in); of other networks an array of their input's shape, or an object"
    )
    vary: Annotated[dict[str, Any], WithJsonSchema(VARY)] = Field(description="the number that moves")
    from_: float = Field(alias="from", allow_inf_nan=False)
    to: float = Field(allow_inf_nan=False)
    steps: Integer = Field(ge=2, description="2 to 4,096 unless the server's settings say otherwise")
    return_: Return = Field("outputs", alias="return", description="trace adds layers; or names of tensors")


_LAYER = record(name=NAME, activation=TEXT, activations=ANY_RANK)
_LAYER["properties"]["kind"] = TEXT
_ANSWER = record(values=nested(1), dtype=TEXT, device=TEXT, non_finite=NON_FINITE)
_ANSWER["properties"]["outputs"] = ANY_RANK
_ANSWER["properties"]["tensors"] = NAMED_ARRAYS
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
        cell={
            "network": "multilayer",
            "inputs": forward_example()["inputs"],
            "vary": {"tensor": "layers.0.biases", "at": [1]},
            "from": -3,
            "to": 3,
            "steps": 7,
            "return": ["layers.0.activations"],
        },
    ),
    responses=schemas.answers("outputs[s] are the outputs at values[s].", _ANSWER, *CELLS_AND_PASS),
)
async def post_sweep(request: Request) -> Response:
    """The outputs for each value, one row each; with `"return": "trace"` every layer's activations too.

    `vary` is any cell of an input or a parameter, of any network; names in `return` ask for these tensors alone.
    """
    settings: Settings = request.app.settings
    document, clock = await exchange.read_document(request, SweepDocument)
    network = await network_from(document, request.app.networks)
    place, steps = place_from(document.vary, "/vary"), document.steps
    check_size(steps, settings.max_sweep_steps, "too-many-sweep-steps", "max_sweep_steps", "/steps")
    if isinstance(network, DenseNetwork) and isinstance(document.return_, str):
        return await _post_dense(request, document, network, place, clock)
    return await _post_cell(request, document, network, place, clock)


async def _post_cell(
    request: Request, document: SweepDocument, network: Network, place: Place, clock: Clock
) -> Response:
    """Of any network: the outputs, every layer's activations, or the tensors that were named, (steps, *shape) each."""
    dtype = check_varied(network, place)
    check_range(document.from_, document.to, document.steps, dtype)
    check_told(network, document.return_)
    inputs = one_input(network, document.inputs)
    values = spread(document.from_, document.to, document.steps, dtype)
    moving = Moving(
        network=network,
        inputs=inputs,
        cells=(place.cell,),
        rows=values.double().unsqueeze(1),
        keep=tensors_told(network, document.return_),
        told=document.return_,
        beside={"values": array(values)},
        arranged=lambda each: each,
        key="sweep-too-large",
    )
    return await answered(request, moving, document.device, clock)


async def _post_dense(
    request: Request, document: SweepDocument, network: DenseNetwork, place: Place, clock: Clock
) -> Response:
    """Of a chain of dense layers: one row of outputs for each value, and every layer's activations."""
    settings: Settings = request.app.settings
    compute: ComputeService = request.app.compute
    steps = document.steps
    compute.check_limits(network, 1)
    size = sweep_size(network, steps)
    check_size(size, settings.max_derived_values, "sweep-too-large", "max_derived_values", "/steps")
    check_range(document.from_, document.to, steps, network.dtype)
    inputs = single_inputs(network, tensor(document.inputs, "/inputs", (1, 2), network.dtype))
    check_varied(network, place)
    vary = vary_of(place.cell)
    layers = document.return_ == "trace"
    cost = steps * row_cost(network) + CALL_COST * network.calls + JSON_NUMBER_COST * size
    device = compute.place(document.device, cost)
    speed = compute.check_cost(steps * row_cost(network), network.dtype, device)
    answer = compute.limits.answer(text_bytes(size if layers else steps * (1 + network.n_out), network.dtype))
    clock.mark("decode")

    def work() -> Steps[Content]:
        with torch.inference_mode():
            values = spread(document.from_, document.to, steps, network.dtype).to(device)
        found = yield from sweep_in_steps(placed(network, device), inputs.to(device), vary, values, speed)
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
