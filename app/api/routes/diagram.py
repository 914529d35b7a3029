"""POST /api/v1/diagram: a pass as a still picture."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticKnownError
from starlette.responses import Response
from torch import Tensor

from adelante.code.comments import Names
from adelante.diagram import pieces, size_drawn, tensors_drawn
from adelante.diagram.layout import LEAST_WIDTH, MOST_WIDTH
from adelante.diagram.pixels import DEFAULT_SCALE, MOST_SCALE, png_apart
from adelante.formats.json.arrays import tensor
from adelante.locale import LANGUAGES
from adelante.network.cells import Cell
from adelante.network.checks import check_index, single_inputs
from adelante.network.dense.network import DenseNetwork
from adelante.network.errors import Fault, NetworkError, shape_text
from adelante.network.network import Network
from app.api.http.accept import preferred
from app.api.http.answer import Answer
from app.api.openapi import schemas
from app.api.openapi.common import CELLS_AND_PASS
from app.api.openapi.examples import forward_example, picture_example
from app.api.openapi.schemas import TEXT
from app.api.read.cells import TARGET, Place, check_place, one_input, target_from
from app.api.read.documents import Integer, NamesDocument, NetworkDocument, network_from
from app.api.read.inputs import AnyInputs, cost_of
from app.api.routes import exchange
from app.api.write.called import names_of
from app.compute.content import Content
from app.compute.effort import effort
from app.compute.placement import placed
from app.compute.pool import Steps
from app.compute.service import CHEAP_MULTIPLY_ADDS, ComputeService
from app.compute.steps import CALL_COST, forward_in_steps
from app.negotiation import negotiate

router = APIRouter(prefix="/api/v1", tags=["diagram"])

SVG, PNG = "image/svg+xml", "image/png"
# Opened by itself, a picture may load nothing and run nothing.
_POLICY = "default-src 'none'; sandbox"
# Drawing takes about as long as so many multiply-adds: a cell, an edge, what is around them.
_COST_OF_A_CELL, _COST_OF_AN_EDGE = 10_000, 100_000
# And at most so many bytes.
_BYTES_OF_A_CELL, _BYTES_OF_AN_EDGE, _BYTES_AROUND = 20, 220, 100_000
# Of a node it is asked where it stands and what it takes.
_CALLS_OF_A_NODE = 4
_Language = Annotated[
    str,
    BeforeValidator(lambda value: _known_language(value)),
    WithJsonSchema({"type": "string", "enum": list(LANGUAGES)}),
]


def _known_language(value: Any) -> Any:
    if isinstance(value, str) and value not in LANGUAGES:
        raise PydanticKnownError("literal_error", {"expected": " or ".join(map(repr, LANGUAGES))})
    return value


class DiagramDocument(NetworkDocument):
    inputs: AnyInputs = Field(description="one input; of several inputs an object, by name")
    width: Integer = Field(
        1000, ge=LEAST_WIDTH, le=MOST_WIDTH, description="in pixels; the height follows from the network"
    )
    scale: Integer = Field(
        DEFAULT_SCALE, ge=1, le=MOST_SCALE, description="of a PNG: so many of its pixels to one of the width"
    )
    theme: Literal["light", "dark"] = "light"
    language: _Language | None = Field(None, description="where left out, what Accept-Language prefers")
    values: bool = Field(default=True, description="false leaves the numbers out")
    selected: Annotated[dict[str, Any], WithJsonSchema(TARGET)] | None = Field(
        None, description="a neuron or any cell: it is ringed, and the edges that lead to it stand out"
    )
    names: NamesDocument | None = Field(
        None, description="what inputs and outputs are called; where left out, the preset's own names"
    )


MODELS = (DiagramDocument,)
_ANSWERS = schemas.answers("The picture, as Accept prefers it.", TEXT, *CELLS_AND_PASS)
_ANSWERS[200]["content"] = {SVG: {"schema": TEXT}, PNG: {"schema": {"type": "string", "format": "binary"}}}


@router.post(
    "/diagram",
    summary="A pass as a still picture",
    openapi_extra=schemas.request_body(
        DiagramDocument,
        preset={
            "network": "multilayer",
            "inputs": forward_example()["inputs"],
            "selected": {"layer": 0, "neuron": 0},
        },
        layers={**forward_example(), "theme": "dark", "width": 700},
        picture={**picture_example(), "inputs": [[[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]]]},
    ),
    responses=_ANSWERS,
)
async def post_diagram(request: Request) -> Response:
    """The network with the numbers of one input's pass, as the studio draws it, for a document, a slide or a report.

    Up to 16 numbers are neurons, more of a row a strip with their mean and largest, others small pictures. What has no
    room is told: "+ 24" pictures, blocks of cells by their means, layers folded by their module. The same request gives
    the same bytes: an SVG document, or with `Accept: image/png` a PNG, whose letters are Latin, Greek and Cyrillic.
    """
    compute: ComputeService = request.app.compute
    document, clock = await exchange.read_document(request, DiagramDocument)
    network = await network_from(document, request.app.networks)
    gone = exchange.left(request)
    inputs: Tensor | Mapping[str, Tensor] = await compute.run(
        partial(_one_input, network, document.inputs), cost=cost_of(document.inputs), gone=gone
    )
    compute.check_limits(network, 1)
    selected = _selected(network, document.selected)
    language = document.language or negotiate(request.headers.get("accept-language"))
    names = names_of(document.names, language, document.network) or Names()
    as_png = preferred(request.headers.get("accept"), (SVG, PNG)) == PNG
    size = size_drawn(network, document.width)
    cost = effort(network) + _CALLS_OF_A_NODE * CALL_COST * network.calls
    place = compute.place(document.device, cost)
    speed = compute.check_cost(cost, network.dtype, place)
    answer = compute.limits.answer(_BYTES_AROUND + _BYTES_OF_A_CELL * size.cells + _BYTES_OF_AN_EDGE * size.edges)
    clock.mark("decode")

    def work() -> Steps[Content]:
        there = {name: value.to(place) for name, value in network.given(inputs)[0].items()}
        keep = tensors_drawn(network, document.width)
        trace = yield from forward_in_steps(placed(network, place), there, speed=speed, keep=keep)
        clock.mark("compute")
        drawn = []
        for piece in pieces(
            network,
            trace,
            width=document.width,
            theme=document.theme,
            language=language,
            values=document.values,
            selected=selected,
            names=names,
        ):
            drawn.append(piece.encode())
            yield
        svg = b"".join(drawn)
        found = (yield from png_apart(svg.decode(), document.scale)) if as_png else svg
        clock.mark("encode")
        return Content([found])

    # It takes some milliseconds at least, which the event loop has not.
    cost += CHEAP_MULTIPLY_ADDS + 1 + _COST_OF_A_CELL * size.cells + _COST_OF_AN_EDGE * size.edges
    content: Content = await compute.run(work, cost=cost, memory=answer + network.trace_bytes, gone=gone)
    compute.limits.answer(content.size)
    found = Answer(content, clock, (PNG if as_png else SVG).encode())
    found.headers["Content-Security-Policy"] = _POLICY
    found.headers["Vary"] = "Accept, Accept-Language"
    return found


def _one_input(network: Network, given: Any) -> Tensor | Mapping[str, Tensor]:
    if isinstance(network, DenseNetwork):
        return single_inputs(network, tensor(given, "/inputs", (1, 2), network.dtype))
    return one_input(network, given)


def _selected(network: Network, given: Mapping[str, Any] | None) -> Cell | None:
    """The cell that is selected. Raises NetworkError with a pointer to each fault."""
    if given is None:
        return None
    target = target_from(given, "/selected")
    if isinstance(target, Place):
        check_place(network, target)
        return target.cell
    check_index(target.layer, len(network.layers), "no-such-layer", "/selected/layer")
    tensor = network.layers[target.layer].nodes[-1]
    shape = network.shapes[tensor]
    if len(shape) != 1:
        values = {"tensor": tensor, "expected": shape_text(shape), "name": "neuron"}
        raise NetworkError(Fault("shape-mismatch", "cell-needed", "/selected", values))
    check_index(target.neuron, shape[0], "no-such-neuron", "/selected/neuron")
    return Cell(tensor, (target.neuron,))
