"""What there is to name in a request: presets, activations, devices; and the probes of orchestrators."""

from enum import Enum
from json import loads
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Path, Request
from pydantic import WithJsonSchema
from starlette.responses import Response

from adelante.locale import DEFAULT_LANGUAGE
from adelante.network.errors import Fault
from adelante.network.explanation import Form
from adelante.network.presets import PRESET_NAMES, preset_named
from adelante.network.presets.preset import Group
from app.api.http.problems import RETRY_AFTER_SECONDS, Problem
from app.api.openapi import common as openapi
from app.api.openapi.schemas import INDEX, LAYER, NAME, NUMBER, TEXT, record
from app.api.read.kinds import BATCH, INPUT, OUTPUTS
from app.api.write.activations import activation_list
from app.api.write.encode import encode_json
from app.api.write.operations import operation_list
from app.api.write.presets import preset_in, preset_list
from app.compute.devices import DTYPES
from app.compute.service import ComputeService
from app.negotiation import negotiate
from app.settings import Settings
from app.store.networks import Networks

# An operation has one tag: generators of clients write it once for each.
router = APIRouter()
_CATALOG: list[str | Enum] = ["catalog"]

PresetName = Annotated[
    str,
    WithJsonSchema({"type": "string", "enum": list(PRESET_NAMES)}),
    Path(description="one that GET /api/v1/presets lists", openapi_examples={"notebook": {"value": "multilayer"}}),
]
_TEXTS = {"type": "array", "items": TEXT}
_SIZES = {
    "type": "array",
    "items": {"type": "integer", "minimum": 1},
    "description": "of a chain of dense layers: its inputs, then each layer's neurons",
}
_SHAPE = {"type": "array", "items": INDEX, "description": "of one input"}
_ARRAY = {"type": "array", "items": {}, "description": "numbers, nested as one input is"}
_SAMPLES = {"type": "array", "items": record(name=TEXT, inputs=_ARRAY)}
_UNITS = {"type": "array", "items": NAME, "description": "of each input; null: a bare number"}
_GROUP = {"type": "string", "enum": list(get_args(Group)), "description": "what kind of thing it knows"}
_SAID = {**TEXT, "description": "what is known of it in sentences; empty where nothing was learnt"}
_LISTED = record(name=TEXT, title=TEXT, group=_GROUP, input_shape=_SHAPE, input_units=_UNITS, samples=_SAMPLES)
_LISTED["properties"] |= {"description": TEXT, "known_in_words": _SAID, "sizes": _SIZES}
_LISTED["properties"]["data_set"] = {"type": ["string", "null"], "description": "that it learnt from"}
_LISTED["properties"]["class_names"] = {**_TEXTS, "description": "what its outputs stand for"}
_PRESETS = record(presets={"type": "array", "items": _LISTED})
_KNOWN = {
    "type": "object",
    "description": "how well it does on rows that it did not learn from: `measure` is accuracy (the share of `rows` "
    "that are right) or error (root of the mean square), `value` what was measured, `limit` what the rule that made "
    "the rows would reach itself, `drawn` the share of the same digits drawn by hand, `length` how long the sequences "
    "are, `longer` the share of longer ones by their length; empty where nothing was learnt",
}
_PRESET = record(
    name=TEXT,
    title=TEXT,
    description=TEXT,
    group=_GROUP,
    seed={"type": ["integer", "null"]},
    data_set=NAME,
    known=_KNOWN,
    known_in_words=_SAID,
    layers={"type": "array", "items": LAYER},
    inputs=_ARRAY,
    input_names={**_TEXTS, "description": "of each number; of pictures and sequences one, which holds for all"},
    input_ranges={"type": "array", "items": {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2}},
    input_units=_UNITS,
    output_names=_TEXTS,
    class_names=_TEXTS,
    samples=_SAMPLES,
)
_PRESET["properties"] |= {"input": INPUT, "outputs": OUTPUTS, "batch": BATCH}
_ACTIVATION = record(
    name=TEXT,
    formula=TEXT,
    mathml=TEXT,
    derivative=TEXT,
    range={"type": "array", "items": NUMBER, "description": "null: no bound"},
    elementwise={"type": "boolean"},
    module=TEXT,
    note=NAME,
)
_OPERAND = record(
    name=TEXT,
    shape={"type": "string", "description": "its rule"},
    required={"type": "boolean"},
)
_OPERAND["properties"]["instead"] = {**TEXT, "description": "the option, a number, that may stand in its place"}
_OPTION = record(
    name=TEXT,
    required={"type": "boolean"},
    schema={"type": "object", "description": "what it takes, as JSON Schema, and its default"},
)
_OPERATION = record(
    kind=TEXT,
    form={"type": "string", "enum": list(get_args(Form)), "description": "of the explanation of its numbers"},
    operands={"type": "array", "items": _OPERAND},
    repeats={"type": "boolean", "description": "whether it takes any number of its last operand"},
    options={"type": "array", "items": _OPTION},
    activation={"type": "boolean", "description": "whether it may stand as a layer's activation"},
)
_OPERATION["properties"]["formula"] = {**TEXT, "description": "of a function: in x, or in x and y"}
_OPERATION["properties"]["says"] = {
    **TEXT,
    "description": "what it gives, in the reader's language; of what is proposed",
}
_LIMITS = (
    "body_bytes",
    "parameters",
    "layers",
    "batch",
    "activations",
    "depth",
    "sweep_steps",
    "grid_steps",
    "derived_values",
    "listed_values",
)
_DEVICE = record(
    devices=_TEXTS,
    default_device=TEXT,
    dtypes=_TEXTS,
    threads=INDEX,
    gpu_multiply_adds={
        "type": ["integer", "null"],
        "description": "from here on, auto takes the GPU; null: none",
    },
    torch=TEXT,
    limits=record(**dict.fromkeys(_LIMITS, INDEX)),
)
_DEVICE_EXAMPLE = {
    "devices": ["cpu", "cuda:0"],
    "default_device": "auto",
    "dtypes": list(DTYPES),
    "threads": 3,
    "gpu_multiply_adds": 50_000_000,
    "torch": "2.13.0",
    "limits": {name: Settings.model_fields[f"max_{name}"].default for name in _LIMITS},
}


def _json(document: Any) -> Response:
    return Response(encode_json(document), media_type="application/json")


def _plain(document: Any) -> Any:
    """The document as its readers get it: lists for NumPy's arrays."""
    return loads(encode_json(document))


@router.get(
    "/api/v1/presets",
    tags=_CATALOG,
    summary="The networks that come with the product",
    responses=openapi.answer("In the order of the page.", _PRESETS, _plain({"presets": preset_list(DEFAULT_LANGUAGE)})),
)
async def get_presets(request: Request) -> Response:
    """Name, title, sizes, units of the inputs and sample inputs of each."""
    return _json({"presets": preset_list(negotiate(request.headers.get("accept-language")))})


@router.get(
    "/api/v1/presets/{name}",
    tags=_CATALOG,
    summary="One preset, whole",
    responses=openapi.answer("As /forward and the others take it.", _PRESET) | openapi.problems("unknown-network"),
)
async def get_preset(name: PresetName, request: Request) -> Response:
    """Layers, inputs to start from, names, ranges, units and samples."""
    language = negotiate(request.headers.get("accept-language"))
    return _json(preset_in(language, preset_named(name)))


@router.get(
    "/api/v1/activations",
    tags=_CATALOG,
    summary="The activation functions",
    responses=openapi.answer(
        "In the registry's order.",
        record(activations={"type": "array", "items": _ACTIVATION}),
        {"activations": [each for each in activation_list(DEFAULT_LANGUAGE) if each["name"] == "sigmoid"]},
    ),
)
async def get_activations(request: Request) -> Response:
    """Name, formula (plain and MathML), derivative and range of each."""
    return _json({"activations": activation_list(negotiate(request.headers.get("accept-language")))})


@router.get(
    "/api/v1/operations",
    tags=_CATALOG,
    summary="Every kind of layer",
    responses=openapi.answer(
        "In the registry's order.",
        record(operations={"type": "array", "items": _OPERATION}),
        {"operations": [each for each in operation_list(DEFAULT_LANGUAGE) if each["kind"] in ("conv2d", "relu")]},
    ),
)
async def get_operations(request: Request) -> Response:
    """What each takes (parameters, and what earlier layers give), its options, and the form of its explanation."""
    return _json({"operations": operation_list(negotiate(request.headers.get("accept-language")))})


@router.get(
    "/api/v1/device",
    tags=_CATALOG,
    summary="Where passes run",
    responses=openapi.answer("What this server has and allows.", _DEVICE, _DEVICE_EXAMPLE),
)
async def get_device(request: Request) -> Response:
    """Devices, precisions, threads, torch's version and the limits in force."""
    compute: ComputeService = request.app.compute
    return _json(compute.describe())


@router.get(
    "/v2/health/live",
    tags=["health"],
    summary="The process answers",
    responses=openapi.answer("It does.", record(live={"type": "boolean", "const": True}), {"live": True}),
)
async def get_live() -> Response:
    """200 as long as the event loop turns."""
    return _json({"live": True})


@router.get(
    "/v2/health/ready",
    tags=["health"],
    summary="The server can compute",
    responses=openapi.answer("It can.", record(ready={"type": "boolean", "const": True}), {"ready": True})
    | openapi.problems("store-unavailable", "busy"),
)
async def get_ready(request: Request) -> Response:
    """200 once the server takes requests and networks can be kept, until it is told to stop."""
    if request.app.drain.began:
        raise Problem("busy", Fault("busy", "stopping", ""), {"Retry-After": str(RETRY_AFTER_SECONDS)})
    kept: Networks = request.app.networks
    await kept.check()
    return _json({"ready": True})
