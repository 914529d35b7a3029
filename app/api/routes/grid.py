"""POST /api/v1/grid: every neuron's response, or that of any tensor, over a plane of two numbers."""

from typing import Any

import torch
from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response
from torch import Tensor

from adelante.formats.json.arrays import tensor
from adelante.network.checks import check_range, check_size, single_inputs
from adelante.network.dense.network import DenseNetwork
from adelante.network.dense.responses import Axis, Grid, grid_size
from adelante.network.errors import Fault, NetworkError
from adelante.network.network import Network
from adelante.network.responses import spread
from app.api.http.answer import Answer, Clock
from app.api.openapi import schemas
from app.api.openapi.common import CELLS_AND_PASS
from app.api.openapi.examples import forward_example
from app.api.openapi.schemas import ANY_RANK, INDEX, NAME, NAMED_ARRAYS, NON_FINITE, TEXT, nested, record
from app.api.read.cells import (
    AxisDocument,
    Place,
    Return,
    axis_place,
    check_told,
    check_varied,
    one_input,
)
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
from app.compute.steps import CALL_COST, grid_in_steps, row_cost
from app.settings import Settings

router = APIRouter(prefix="/api/v1", tags=["explain"])


class GridDocument(NetworkDocument):
    inputs: AnyInputs = Field(description="one input, where all other numbers stay")
    x: AxisDocument
    y: AxisDocument
    steps: Integer = Field(ge=2, description="2 to 512 along each side, unless the server's settings say otherwise")
    return_: Return | None = Field(
        None, alias="return", description="of cells: outputs where left out, trace, or names of tensors"
    )


_AXIS = record(values=nested(1))
_AXIS["properties"] |= {"input": INDEX, "cell": record(tensor=TEXT, at={"type": "array", "items": INDEX})}
_LAYER = record(name=NAME, activation=TEXT, activations=ANY_RANK)
_LAYER["properties"]["kind"] = TEXT
_ANSWER = record(x=_AXIS, y=_AXIS, dtype=TEXT, device=TEXT, non_finite=NON_FINITE)
_ANSWER["properties"] |= {
    "layers": {"type": "array", "items": _LAYER},
    "outputs": ANY_RANK,
    "tensors": NAMED_ARRAYS,
}
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
        cells={
            **forward_example(),
            "x": {"cell": {"tensor": "layers.0.weights", "at": [0, 1]}, "from": -3, "to": 3},
            "y": {"cell": {"tensor": "layers.1.biases", "at": [0]}, "from": -3, "to": 3},
            "steps": 8,
            "return": ["layers.1.activations"],
        },
    ),
    responses=schemas.answers(
        "activations[j][row][column] is neuron j's at y's and x's values there; of tensors of other shapes, "
        "rows and columns stand last as well.",
        _ANSWER,
        *CELLS_AND_PASS,
    ),
)
async def post_grid(request: Request) -> Response:
    """Each layer's activations, (n_out, steps, steps): rows follow y, columns follow x.

    With cells of any network along the sides, the outputs, or what `return` names, (…, steps, steps).
    """
    settings: Settings = request.app.settings
    document, clock = await exchange.read_document(request, GridDocument)
    network, steps = await network_from(document, request.app.networks), document.steps
    check_size(steps, settings.max_grid_steps, "too-many-grid-steps", "max_grid_steps", "/steps")
    x, y = axis_place(document.x, "/x"), axis_place(document.y, "/y")
    if isinstance(network, DenseNetwork) and document.return_ is None and x.form == y.form == "input":
        return await _post_dense(request, document, network, x, y, clock)
    return await _post_cells(request, document, network, x, y, clock)


def _check_sides(network: Network, document: GridDocument, x: Place, y: Place) -> tuple[torch.dtype, torch.dtype]:
    """The dtypes of two numbers that run through their ranges. Raises NetworkError (out-of-range)."""
    dtypes = check_varied(network, x), check_varied(network, y)
    check_range(document.x.from_, document.x.to, document.steps, dtypes[0], "/x")
    check_range(document.y.from_, document.y.to, document.steps, dtypes[1], "/y")
    if x.cell == y.cell:
        values = {"input": str(list(x.cell.at)) if y.form == "cell" else x.cell.at[0]}
        key, place = ("same-cell-twice", "/y/cell") if y.form == "cell" else ("same-input-twice", "/y/input")
        raise NetworkError(Fault("out-of-range", key, place, values))
    return dtypes


async def _post_cells(
    request: Request, document: GridDocument, network: Network, x: Place, y: Place, clock: Clock
) -> Response:
    """Of any network: the outputs, every layer's activations, or the tensors named, (*shape, steps, steps) each."""
    told, steps = document.return_ or "outputs", document.steps
    x_dtype, y_dtype = _check_sides(network, document, x, y)
    check_told(network, told)
    inputs = one_input(network, document.inputs)
    x_values = spread(document.x.from_, document.x.to, steps, x_dtype)
    y_values = spread(document.y.from_, document.y.to, steps, y_dtype)
    across, down = x_values.double().repeat(steps), y_values.double().repeat_interleave(steps)
    moving = Moving(
        network=network,
        inputs=inputs,
        cells=(x.cell, y.cell),
        rows=torch.stack((across, down), 1),
        keep=tensors_told(network, told),
        told=told,
        beside={"x": _side(x, x_values), "y": _side(y, y_values)},
        arranged=lambda each: each.movedim(0, -1).reshape(*each.shape[1:], steps, steps),
        key="grid-too-large",
    )
    return await answered(request, moving, document.device, clock)


def _side(place: Place, values: Tensor) -> dict[str, Any]:
    return {"cell": {"tensor": place.cell.tensor, "at": list(place.cell.at)}, "values": array(values)}


async def _post_dense(
    request: Request, document: GridDocument, network: DenseNetwork, across: Place, down: Place, clock: Clock
) -> Response:
    """Of a chain of dense layers over two inputs: every neuron's response."""
    settings: Settings = request.app.settings
    compute: ComputeService = request.app.compute
    steps = document.steps
    compute.check_limits(network, 1)
    size = grid_size(network, steps)
    check_size(size, settings.max_derived_values, "grid-too-large", "max_derived_values", "/steps")
    inputs = single_inputs(network, tensor(document.inputs, "/inputs", (1, 2), network.dtype))
    _check_sides(network, document, across, down)
    x = Axis(across.cell.at[0], document.x.from_, document.x.to)
    y = Axis(down.cell.at[0], document.y.from_, document.y.to)
    cost = steps * steps * row_cost(network) + CALL_COST * network.calls + JSON_NUMBER_COST * size
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
