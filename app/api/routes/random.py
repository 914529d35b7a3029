"""POST /api/v1/random: a drawn network, the same for the same seed."""

from typing import Annotated, Any, Literal, NoReturn

from fastapi import APIRouter, Request
from pydantic import Field, WithJsonSchema
from starlette.responses import Response

from adelante.network.activations import ACTIVATIONS, Activation, activation_named
from adelante.network.checks import check_size
from adelante.network.dense.random import LARGEST_SEED, Drawn, draw, parameters_of
from adelante.network.errors import Fault, NetworkError
from app.api.http.answer import Answer
from app.api.http.problems import Problem
from app.api.openapi import common as openapi
from app.api.openapi import schemas
from app.api.openapi.schemas import TEXT, nested, record
from app.api.read.documents import Document, Integer
from app.api.routes import exchange
from app.api.write.encode import array
from app.compute.content import Content
from app.compute.devices import DTYPES, dtype_named
from app.compute.limits import text_bytes
from app.compute.pool import Steps
from app.compute.service import ComputeService
from app.settings import Settings

router = APIRouter(prefix="/api/v1", tags=["networks"])

_ONE_ACTIVATION = {"type": "string", "enum": list(ACTIVATIONS)}
_ACTIVATIONS = {"anyOf": [_ONE_ACTIVATION, {"type": "array", "items": _ONE_ACTIVATION, "minItems": 1}]}

_SIZES = {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 2}
_SEED = {"type": "integer", "minimum": 0, "exclusiveMaximum": LARGEST_SEED + 1}


class RandomDocument(Document):
    sizes: Annotated[list[Integer], WithJsonSchema(_SIZES)] = Field(
        description="neurons of every layer, the inputs first: [3, 2, 1]"
    )
    seed: Annotated[Integer, WithJsonSchema(_SEED)] = Field(description="as torch.manual_seed takes it")
    activation: Annotated[Any, WithJsonSchema(_ACTIVATIONS)] = Field(
        "sigmoid", description="one for all layers, or one for each"
    )
    order: Literal["layerwise", "weights-first"] = Field(
        "layerwise", description="weights-first, the notebook's: all weights are drawn before all biases"
    )
    inputs: bool = Field(default=False, description="true draws features first, and gives them")
    dtype: Annotated[str, WithJsonSchema({"type": "string", "enum": list(DTYPES)})] = "float32"


_LAYER = record(weights=nested(2), biases=nested(1), activation=TEXT)
_ANSWER = record(layers={"type": "array", "items": _LAYER}, seed={"type": "integer"}, order=TEXT, dtype=TEXT)
_ANSWER["properties"]["inputs"] = nested(1)
MODELS = (RandomDocument,)


@router.post(
    "/random",
    summary="A drawn network",
    openapi_extra=schemas.request_body(
        RandomDocument,
        notebook={"sizes": [3, 2, 1], "seed": 7, "activation": "sigmoid", "order": "weights-first", "inputs": True},
    ),
    responses=schemas.answers(
        "Ready to be sent to /forward as layers and inputs.",
        _ANSWER,
        *openapi.BODY,
        *openapi.DOCUMENT,
        *openapi.PASS,
        "empty",
        "out-of-range",
        "shape-mismatch",
        "unknown-activation",
        "unsupported-dtype",
    ),
)
async def post_random(request: Request) -> Response:
    """Standard normal numbers from torch's own generator; seed 7 gives the notebook's figures."""
    settings: Settings = request.app.settings
    compute: ComputeService = request.app.compute
    document, clock = await exchange.read_document(request, RandomDocument)
    dtype = dtype_named(document.dtype)
    activations = _activations(document.activation)
    sizes = document.sizes
    check_size(len(sizes) - 1, settings.max_layers, "too-many-layers", "max_layers", "/sizes")
    parameters = parameters_of([max(size, 0) for size in sizes])
    check_size(parameters, settings.max_parameters, "too-many-parameters", "max_parameters", "/sizes")
    check_size(max(sizes, default=0), settings.max_parameters, "too-many-parameters", "max_parameters", "/sizes")
    clock.mark("decode")

    # Drawing a normal number and writing it cost some tens of multiply-adds.
    cost = 70 * max(parameters, 0)
    answer = compute.limits.answer(text_bytes(parameters, dtype))

    def work() -> Steps[Content]:
        drawn = draw(sizes, document.seed, activations, order=document.order, inputs=document.inputs, dtype=dtype)
        clock.mark("compute")
        return exchange.written(_document(document, drawn), clock, compute.limits)

    memory = answer + 2 * parameters * dtype.itemsize
    return Answer(await compute.run(work, cost=cost, memory=memory, gone=exchange.left(request)), clock)


def _activations(named: Any) -> list[Activation]:
    if isinstance(named, str):
        return [activation_named(named, "/activation")]
    if not isinstance(named, list):
        _refuse("text-or-array-expected", "/activation", "activation")
    if not named:
        raise NetworkError(Fault("empty", "no-activations", "/activation"))
    for k, name in enumerate(named):
        if not isinstance(name, str):
            _refuse("text-expected", f"/activation/{k}", f"activation[{k}]")
    return [activation_named(name, f"/activation/{k}") for k, name in enumerate(named)]


def _refuse(key: str, pointer: str, name: str) -> NoReturn:
    raise Problem("invalid-value", Fault("invalid-value", key, pointer, {"name": name}))


def _document(document: RandomDocument, drawn: Drawn) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "layers": [
            {
                "weights": array(layer.weights),
                "biases": array(layer.biases),
                "activation": layer.activation.name,
            }
            for layer in drawn.network.layers
        ],
        "seed": document.seed,
        "order": document.order,
        "dtype": document.dtype,
    }
    if drawn.inputs is not None:
        answer["inputs"] = array(drawn.inputs)
    return answer
