"""POST /api/v1/forward: a network and inputs in, its trace out."""

import time
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.body import read_json_body
from app.api.decode import decode_json
from app.api.documents import ForwardDocument, inputs_from, network_from, validated
from app.api.encode import encode_json, trace_document
from app.api.examples import forward_example
from app.compute.service import ComputeService
from app.settings import Settings

router = APIRouter(prefix="/api/v1", tags=["forward"])

_REQUEST = {
    "required": True,
    "content": {
        "application/json": {
            "schema": ForwardDocument.model_json_schema(by_alias=True, ref_template="#/components/schemas/{model}"),
            "examples": {
                "preset": {"value": {"network": "multilayer", "inputs": forward_example()["inputs"]}},
                "layers": {"value": forward_example()},
            },
        }
    },
}


@router.post("/forward", summary="One forward pass", openapi_extra={"requestBody": _REQUEST})
async def post_forward(request: Request) -> Response:
    """Every pre-activation and activation, or with `"return": "outputs"` the outputs alone."""
    settings: Settings = request.app.state.settings
    compute: ComputeService = request.app.state.compute
    body = await read_json_body(request, settings)
    started = time.perf_counter()
    document = validated(ForwardDocument, decode_json(body, settings.max_depth))
    network, inputs = network_from(document), inputs_from(document)
    decoded = time.perf_counter()
    trace = await compute.forward(network, inputs, device=document.device)
    computed = time.perf_counter()
    answer = encode_json(trace_document(network, trace, layers=document.return_ == "trace"))
    timing = server_timing(decode=decoded - started, compute=computed - decoded, encode=time.perf_counter() - computed)
    return Response(answer, headers={"Server-Timing": timing}, media_type="application/json")


def server_timing(**seconds: float) -> str:
    """A Server-Timing header: decode;dur=0.12, compute;dur=0.05, … in milliseconds."""
    return ", ".join(f"{name};dur={value * 1e3:.3f}" for name, value in seconds.items())


def component_schemas() -> dict[str, Any]:
    """The schemas that the request's own schema refers to, for the OpenAPI document's components."""
    schema: dict[str, Any] = ForwardDocument.model_json_schema(
        by_alias=True, ref_template="#/components/schemas/{model}"
    )
    definitions: dict[str, Any] = schema.get("$defs", {})
    return definitions
