"""GET /api/v1/networks/{id} as a file that is made when it is asked for: ONNX, programs, torch's names."""

from typing import Any

from fastapi import Request
from starlette.responses import Response

from adelante.formats.safetensors import opened_from_safetensors
from app import __version__
from app.api.http.answer import Answer
from app.api.openapi.schemas import TEXT
from app.api.routes import exchange
from app.api.write.network_file import FORMATS, PYTHON, Asked, link, network_file
from app.compute.content import Content
from app.compute.service import CHEAP_MULTIPLY_ADDS, ComputeService
from app.store.networks import Networks

PARAMETERS: list[dict[str, Any]] = [
    {
        "name": "names",
        "in": "query",
        "description": "Of safetensors: torch for a state_dict of what the PyTorch program builds.",
        "schema": {"type": "string", "enum": ["adelante", "torch"]},
        "example": "torch",
    },
    {
        "name": "language",
        "in": "query",
        "description": "Of a program.",
        "schema": {"type": "string", "enum": ["pytorch", "numpy"]},
        "example": "numpy",
    },
    {
        "name": "name",
        "in": "query",
        "description": "What the files are called, without their ending: letters, digits, - and _.",
        "schema": TEXT,
        "example": "digits",
    },
]


async def answered(id: str, size: int, asked: Asked, request: Request) -> Response:
    """A file that is made of the kept one; another version of the server may make another."""
    kept: Networks = request.app.networks
    compute: ComputeService = request.app.compute
    format = FORMATS[asked.type]
    etag = f'"{id}-{format.name}-{asked.language}-{asked.stem}-{asked.spoken}-{__version__}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache", "Vary": "Accept, Accept-Language"}
    if matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)

    def work() -> Content:
        content = Content([network_file(opened_from_safetensors(kept.read(id)).network, asked)])
        compute.limits.answer(content.size)
        return content

    memory = size * (1 + format.memory)
    content = await compute.run(work, cost=CHEAP_MULTIPLY_ADDS + 1, memory=memory, gone=exchange.left(request))
    answer = Answer(content, None, b"text/x-python; charset=utf-8" if asked.type == PYTHON else asked.type.encode())
    answer.headers.update({**headers, "Content-Disposition": attachment(asked.stem, format.ending)})
    if asked.type == PYTHON:
        answer.headers["Link"] = link(id, asked)
    return answer


def attachment(stem: str, ending: str) -> str:
    return f'attachment; filename="{stem}{ending}"'


def matches(if_none_match: str | None, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return "*" in tags or etag in tags
