"""POST /api/v1/random: a drawn network, the same for the same seed."""

from math import prod
from typing import Annotated, Any, Literal, NoReturn

import torch
from fastapi import APIRouter, Request
from pydantic import Field, WithJsonSchema
from starlette.responses import Response

from adelante.formats.json import network_from_document
from adelante.network.activations import ACTIVATIONS, Activation, activation_named
from adelante.network.checks import check_size
from adelante.network.dense.random import LARGEST_SEED, Drawn, draw, parameters_of
from adelante.network.errors import Fault, NetworkError
from adelante.network.operations import OPERATIONS
from adelante.network.random import draw_parameters, parameter_shapes
from app.api.http.answer import Answer, Clock
from app.api.openapi import common as openapi
from app.api.openapi import schemas
from app.api.openapi.schemas import ANY_RANK, TEXT, nested, record
from app.api.read.documents import Document, Integer
from app.api.read.drawings import drawings_of
from app.api.read.kinds import INPUT, OUTPUTS
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
# A layer takes as long to be made as this many multiply-adds, whatever its size.
_LAYER_COST = 40_000
_SEED = {"type": "integer", "minimum": 0, "exclusiveMaximum": LARGEST_SEED + 1}


_KINDS = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "properties": {
            "kind": {"type": "string", "enum": list(OPERATIONS)},
            "bias": {"type": "boolean", "description": "false leaves out biases and shifts"},
            "affine": {"type": "boolean", "description": "false leaves out a normalisation's scale and shift"},
        },
        "required": ["kind"],
        "additionalProperties": True,
    },
}


class RandomDocument(Document):
    sizes: Annotated[list[Integer], WithJsonSchema(_SIZES)] | None = Field(
        None, description="of dense layers: neurons of every layer, the inputs first: [3, 2, 1]"
    )
    layers: Annotated[list[dict[str, Any]], WithJsonSchema(_KINDS)] | None = Field(
        None,
        description="or layers of any kinds, as /forward takes them but for their parameters; the sizes of these stand "
        "here instead, named as in torch.nn (in_channels, out_channels, kernel_size, num_features, …)",
    )
    input: Annotated[Any, WithJsonSchema(INPUT)] = Field(None, description="of layers: the shape of one input")
    outputs: Annotated[Any, WithJsonSchema(OUTPUTS)] = Field(None, description="of layers: names; else the last one")
    seed: Annotated[Integer, WithJsonSchema(_SEED)] = Field(description="as torch.manual_seed takes it")
    activation: Annotated[Any, WithJsonSchema(_ACTIVATIONS)] = Field(
        "sigmoid", description="one for all layers, or one for each"
    )
    order: Literal["layerwise", "weights-first"] = Field(
        "layerwise", description="weights-first, the notebook's: all weights are drawn before all biases"
    )
    inputs: bool = Field(default=False, description="true draws features first, and gives them")
    dtype: Annotated[str, WithJsonSchema({"type": "string", "enum": list(DTYPES)})] = "float32"


_LAYER: dict[str, Any] = {
    "type": "object",
    "properties": {"weights": ANY_RANK, "biases": nested(1), "activation": {"type": ["string", "null"]}},
    "additionalProperties": True,
}
_ANSWER = record(layers={"type": "array", "items": _LAYER}, seed={"type": "integer"}, dtype=TEXT)
_ANSWER["properties"] |= {"inputs": nested(1), "order": TEXT, "input": INPUT, "outputs": OUTPUTS}
MODELS = (RandomDocument,)


@router.post(
    "/random",
    summary="A drawn network",
    openapi_extra=schemas.request_body(
        RandomDocument,
        layers={
            "seed": 7,
            "input": {"shape": [1, 6, 6]},
            "layers": [
                {"kind": "conv2d", "in_channels": 1, "out_channels": 2, "kernel_size": 3, "activation": "relu"},
                {"kind": "max_pool2d", "kernel_size": 2},
                {"kind": "flatten"},
                {"kind": "dense", "in_features": 8, "out_features": 3, "activation": "softmax"},
            ],
        },
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
        "unknown-kind",
        "unknown-layer",
        "unsupported-dtype",
    ),
)
async def post_random(request: Request) -> Response:
    """Standard normal numbers from torch's own generator; seed 7 gives the notebook's figures.

    With `layers` each kind is drawn as torch.nn draws it: the same seed gives the parameters of its modules, made in
    the same order after `torch.manual_seed`.
    """
    settings: Settings = request.app.settings
    compute: ComputeService = request.app.compute
    document, clock = await exchange.read_document(request, RandomDocument)
    dtype = dtype_named(document.dtype)
    if document.layers is not None:
        return await _post_layers(request, document, document.layers, dtype, clock)
    if document.sizes is None:
        raise NetworkError(Fault("missing-field", "missing-field", "/sizes", {"name": "sizes"}))
    activations = _activations(document.activation)
    sizes = document.sizes
    check_size(len(sizes) - 1, settings.max_layers, "too-many-layers", "max_layers", "/sizes")
    parameters = parameters_of([max(size, 0) for size in sizes])
    check_size(parameters, settings.max_parameters, "too-many-parameters", "max_parameters", "/sizes")
    check_size(max(sizes, default=0), settings.max_parameters, "too-many-parameters", "max_parameters", "/sizes")
    clock.mark("decode")

    # Drawing a normal number and writing it cost some tens of multiply-adds.
    cost = 70 * max(parameters, 0) + _LAYER_COST * len(sizes)
    answer = compute.limits.answer(text_bytes(parameters, dtype))

    def work() -> Steps[Content]:
        drawn = draw(sizes, document.seed, activations, order=document.order, inputs=document.inputs, dtype=dtype)
        clock.mark("compute")
        return exchange.written(_document(document, drawn), clock, compute.limits)

    memory = answer + 2 * parameters * dtype.itemsize
    return Answer(await compute.run(work, cost=cost, memory=memory, gone=exchange.left(request)), clock)


async def _post_layers(
    request: Request, document: RandomDocument, layers: list[dict[str, Any]], dtype: torch.dtype, clock: Clock
) -> Response:
    """Layers of any kinds with parameters of torch.nn's own making."""
    settings: Settings = request.app.settings
    compute: ComputeService = request.app.compute
    if document.sizes is not None:
        raise NetworkError(Fault("invalid-value", "sizes-and-layers", "/layers"))
    for name in ("inputs", "activation", "order"):
        if name in document.model_fields_set and getattr(document, name) is not False:
            raise NetworkError(Fault("invalid-value", "only-with-sizes", f"/{name}", {"name": name}))
    check_size(len(layers), settings.max_layers, "too-many-layers", "max_layers", "/layers")
    drawings, rest = drawings_of(layers)
    parameters = sum(prod(shape) for each in parameter_shapes(drawings) for shape in each.values())
    check_size(parameters, settings.max_parameters, "too-many-parameters", "max_parameters", "/layers")
    answer = compute.limits.answer(text_bytes(parameters, dtype) + 100 * len(layers))
    clock.mark("decode")

    def work() -> Steps[Content]:
        drawn = draw_parameters(drawings, document.seed, dtype)
        made = [
            {**layer, **{name: array(tensor) for name, tensor in own.items()}}
            for layer, own in zip(rest, drawn, strict=True)
        ]
        graph = {name: value for name in ("input", "outputs") if (value := getattr(document, name)) is not None}
        # Whether they fit one another is said here, not when they are sent on.
        network_from_document({**graph, "layers": made}, dtype)
        clock.mark("compute")
        told = {**graph, "layers": made, "seed": document.seed, "dtype": document.dtype}
        return exchange.written(told, clock, compute.limits)

    memory = answer + 4 * parameters * dtype.itemsize
    content: Content = await compute.run(
        work, cost=70 * parameters + _LAYER_COST * len(layers), memory=memory, gone=exchange.left(request)
    )
    return Answer(content, clock)


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
    raise NetworkError(Fault("invalid-value", key, pointer, {"name": name}))


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
