"""POST /api/v1/grid: every neuron's response over a plane of two inputs."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from adelante.network.checks import check_size, single_inputs
from adelante.network.dense.network import DenseNetwork
from adelante.network.dense.responses import Axis, Grid, grid_size
from app.api.http.answer import Answer
from app.api.openapi import schemas
from app.api.openapi.common import NETWORK_AND_PASS
from app.api.openapi.examples import forward_example
from app.api.openapi.schemas import INDEX, NAME, NON_FINITE, TEXT, nested, record
from app.api.read.documents import Integer, NetworkDocument, OneVector, network_from, tensor
from app.api.read.places import AxisDocument, axis_from
from app.api.routes import exchange
from app.api.write.encode import NonFinite, array
from app.compute.content import Content
from app.compute.devices import name_of
from app.compute.limits import Limits, text_bytes
from app.compute.placement import placed
from app.compute.pool import Steps
from app.compute.service import JSON_NUMBER_COST, ComputeService
from app.compute.steps import grid_in_steps, row_cost
from app.settings import Settings

router = APIRouter(prefix="/api/v1", tags=["explain"])


class GridDocument(NetworkDocument):
    inputs: OneVector = Field(description="(n_in,), or (1, n_in): where the other inputs stay")
    x: AxisDocument
    y: AxisDocument
    steps: Integer = Field(ge=2, description="2 to 512 along each side, unless the server's settings say otherwise")


_AXIS = record(input=INDEX, values=nested(1))
_LAYER = record(name=NAME, activation=TEXT, activations=nested(3))
_ANSWER = record(
    x=_AXIS, y=_AXIS, layers={"type": "array", "items": _LAYER}, dtype=TEXT, device=TEXT, non_finite=NON_FINITE
)
MODELS = (GridDocument,)


@router.post(
    "/grid",
    summary="Every neuron over a plane of two inputs",
    openapi_extra=schemas.request_body(
        GridDocument,
        plane={
            **forward_example(),
            "x": {"input": 0, "from": -3, "to": 3},
            "y": {"input": 1, "from": -3, "to": 3},
            "steps": 16,
        },
    ),
    responses=schemas.answers(
        "activations[j][row][column] is neuron j's at y's and x's values there.", _ANSWER, *NETWORK_AND_PASS
    ),
)
async def post_grid(request: Request) -> Response:
    """Each layer's activations, (n_out, steps, steps): rows follow y, columns follow x."""
    settings: Settings = request.app.settings
    compute: ComputeService = request.app.compute
    document, clock = await exchange.read_document(request, GridDocument)
    network, steps = await network_from(document, request.app.networks), document.steps
    check_size(steps, settings.max_grid_steps, "too-many-grid-steps", "max_grid_steps", "/steps")
    compute.check_limits(network, 1)
    size = grid_size(network, steps)
    check_size(size, settings.max_derived_values, "grid-too-large", "max_derived_values", "/steps")
    inputs = single_inputs(network, tensor(document.inputs, "/inputs", (1, 2), network.dtype))
    x, y = (axis_from(side, network, f"/{name}") for name, side in (("x", document.x), ("y", document.y)))
    cost = steps * steps * row_cost(network) + JSON_NUMBER_COST * size
    place = compute.place(document.device, cost)
    speed = compute.check_cost(steps * steps * row_cost(network), network.dtype, place)
    answer = compute.limits.answer(text_bytes(size, network.dtype))
    clock.mark("decode")

    def work() -> Steps[Content]:
        found = yield from grid_in_steps(placed(network, place), inputs.to(place), x, y, steps, speed)
        clock.mark("compute")
        return (yield from exchange.written(_document(network, found, x, y, compute.limits), clock, compute.limits))

    memory = answer + 3 * size * network.dtype.itemsize
    return Answer(await compute.run(work, cost=cost, memory=memory, gone=exchange.left(request)), clock)


def _document(network: DenseNetwork, found: Grid, x: Axis, y: Axis, limits: Limits) -> dict[str, Any]:
    responses = [array(activations) for activations in found.activations]
    layers = [
        {"name": layer.name, "activation": layer.activation.name, "activations": response}
        for layer, response in zip(network.layers, responses, strict=True)
    ]
    bad = NonFinite(limits.listed_non_finite)
    for k, values in enumerate(responses):
        bad.look(f"/layers/{k}/activations", values)
    return {
        "x": {"input": x.input, "values": array(found.x_values)},
        "y": {"input": y.input, "values": array(found.y_values)},
        "layers": layers,
        "dtype": name_of(network.dtype),
        "device": str(found.x_values.device),
        **bad.members(),
    }
