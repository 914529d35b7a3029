"""What the routes that explain, sweep, draw and write code share: a checked document in, timed JSON out."""

import time
from functools import partial
from operator import sub
from typing import Any, TypeVar

import torch
from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.api.body import read_json_body
from app.api.documents import Document, read_json
from app.api.encode import encode_in_blocks, encode_json
from app.api.openapi import REFERENCES, TIMED, Responses, problems
from app.compute.service import CHEAP_MULTIPLY_ADDS, ComputeService
from app.network.errors import Fault, NetworkError
from app.settings import Settings

D = TypeVar("D", bound=Document)
# A byte of text takes as long to read, at worst, as this many multiply-adds: texts above some 64 KB go to a thread.
READ_BYTE_MULTIPLY_ADDS = 32


class Clock:
    """Times the phases of an answer for its Server-Timing header."""

    def __init__(self) -> None:
        self._phases: list[str] = []
        self._times = [time.perf_counter() * 1e3]

    def mark(self, phase: str) -> None:
        """The phase that ends now."""
        self._phases.append(phase)
        self._times.append(time.perf_counter() * 1e3)

    def header(self) -> str:
        """Server-Timing: decode;dur=0.120, compute;dur=0.050, … in milliseconds."""
        # One formatting for all of them: a small answer has few microseconds to spend.
        return (";dur=%.3f, ".join(self._phases) + ";dur=%.3f") % tuple(map(sub, self._times[1:], self._times))


class Answer(Response):
    """Bytes of JSON (or of another type) with their timing; made without Starlette's care for headers of all kinds."""

    body: bytes

    def __init__(self, content: bytes, clock: Clock, media_type: bytes = b"application/json") -> None:
        self.status_code = 200
        self.body = content
        self.background = None
        self.raw_headers = [
            (b"content-length", str(len(content)).encode()),
            (b"content-type", media_type),
            (b"server-timing", clock.header().encode()),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body})


async def read_document(request: Request, model: type[D]) -> tuple[D, Clock]:
    """The request's JSON as a checked document, and a clock that started once the body was there. Raises Problem."""
    settings: Settings = request.app.settings
    compute: ComputeService = request.app.compute
    body = await read_json_body(request, settings)
    clock = Clock()
    return await decoded(body, model, settings, compute), clock


async def decoded(body: bytes, model: type[D], settings: Settings, compute: ComputeService) -> D:
    """A body of JSON as a checked document; large ones are read in the pool. Raises Problem or NetworkError."""
    return await compute.run(partial(read_json, body, model, settings), cost=READ_BYTE_MULTIPLY_ADDS * len(body))


def written(document: Any, clock: Clock, *, cost: int = 0) -> bytes:
    """The document as JSON; to be called where the work was done, since writing a large one takes its time too."""
    content = encode_in_blocks(document) if cost > CHEAP_MULTIPLY_ADDS else encode_json(document)
    clock.mark("encode")
    return content


def check_held(value: float, dtype: torch.dtype, pointer: str) -> None:
    """Raises NetworkError (out-of-range) for a number that dtype can't hold."""
    largest = torch.finfo(dtype).max
    if not -largest <= value <= largest:
        values = {"dtype": str(dtype).removeprefix("torch."), "largest": largest}
        raise NetworkError(Fault("out-of-range", "not-held", pointer, values))


def request_body(model: type[BaseModel], **examples: Any) -> dict[str, Any]:
    """The OpenAPI description of a route that reads this model."""
    content = {"schema": _schema(model), "examples": {name: {"value": value} for name, value in examples.items()}}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def answers(description: str, schema: dict[str, Any], *types: str) -> Responses:
    """The OpenAPI description of a route's good answer, which tells its timing, and of its problems."""
    good = {"description": description, "headers": TIMED, "content": {"application/json": {"schema": schema}}}
    return {200: good, **problems(*types)}


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True, ref_template=REFERENCES)
    schema.pop("$defs", None)
    return schema


NUMBER = {"type": ["number", "null"]}
NON_FINITE = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "pointer": {"type": "string"},
            "value": {"type": "string", "enum": ["Infinity", "-Infinity", "NaN"]},
        },
        "required": ["pointer", "value"],
    },
}


def nested(rank: int) -> dict[str, Any]:
    """The schema of an array of numbers of this rank; null stands for what is not finite."""
    return NUMBER if rank == 0 else {"type": "array", "items": nested(rank - 1)}


def record(**properties: dict[str, Any]) -> dict[str, Any]:
    """The schema of an object, all of whose fields are there."""
    return {"type": "object", "properties": properties, "required": list(properties)}


TEXT = {"type": "string"}
INDEX = {"type": "integer", "minimum": 0}
NAME = {"type": ["string", "null"]}
