"""What there is to name in a request: presets, activations, devices; and the probes of orchestrators."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.encode import array, encode_json
from app.compute.service import ComputeService
from app.locale import negotiate, translate
from app.network.activations import ACTIVATIONS
from app.network.presets import PRESET_NAMES, Preset, preset_named

router = APIRouter(tags=["catalog"])


def _json(document: Any) -> Response:
    return Response(encode_json(document), media_type="application/json")


@router.get("/api/v1/presets", summary="The networks that come with the product")
async def get_presets(request: Request) -> Response:
    """Name, title and sizes of each."""
    return _json({"presets": preset_list(negotiate(request.headers.get("accept-language")))})


@router.get("/api/v1/presets/{name}", summary="One preset, whole")
async def get_preset(name: str, request: Request) -> Response:
    """Layers, inputs to start from, names, ranges, units and samples."""
    language = negotiate(request.headers.get("accept-language"))
    return _json(preset_document(preset_named(name), language))


@router.get("/api/v1/activations", summary="The activation functions")
async def get_activations(request: Request) -> Response:
    """Name, formula (plain and MathML), derivative and range of each."""
    return _json({"activations": activation_list(negotiate(request.headers.get("accept-language")))})


@router.get("/api/v1/device", summary="Where passes run")
async def get_device(request: Request) -> Response:
    """Devices, precisions, threads, torch's version and the limits in force."""
    compute: ComputeService = request.app.state.compute
    return _json(compute.describe())


@router.get("/v2/health/live", tags=["health"], summary="The process answers")
async def get_live() -> Response:
    return _json({"live": True})


@router.get("/v2/health/ready", tags=["health"], summary="The server can compute")
async def get_ready() -> Response:
    return _json({"ready": True})


def preset_list(language: str) -> list[dict[str, Any]]:
    """Name, title and sizes of every preset."""
    return [
        {
            "name": name,
            "title": translate(language, f"preset.{name}.title"),
            "sizes": list(preset_named(name).network.sizes),
        }
        for name in PRESET_NAMES
    ]


def preset_document(preset: Preset, language: str) -> dict[str, Any]:
    """The whole preset, its numbers as float32 prints them."""
    return {
        "name": preset.name,
        "title": translate(language, f"preset.{preset.name}.title"),
        "description": translate(language, f"preset.{preset.name}.description"),
        "seed": preset.seed,
        "layers": [
            {
                "name": layer.name,
                "weights": array(layer.weights),
                "biases": array(layer.biases),
                "activation": layer.activation.name,
            }
            for layer in preset.network.layers
        ],
        "inputs": array(preset.inputs),
        "input_names": preset.input_names,
        "input_ranges": preset.input_ranges,
        "input_units": preset.input_units,
        "output_names": preset.output_names,
        "class_names": preset.class_names,
        "samples": [{"name": sample.name, "inputs": array(sample.inputs)} for sample in preset.samples],
    }


def activation_list(language: str) -> list[dict[str, Any]]:
    """The registry in its own order; `note` says what the notebook says of a function, null where it is silent."""
    return [
        {
            "name": each.name,
            "formula": each.formula,
            "mathml": each.mathml,
            "derivative": each.derivative,
            "range": [each.low, each.high],
            "elementwise": each.elementwise,
            "module": f"torch.nn.{each.module}",
            "note": translate(language, "activation.sigmoid.note") if each.name == "sigmoid" else None,
        }
        for each in ACTIVATIONS.values()
    ]
