"""What the routes that explain, sweep, draw and write code share: a checked document in, timed JSON out."""

import time
from functools import partial
from operator import sub
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.api.body import read_json_body
from app.api.documents import Document, read_json
from app.api.encode import content_in_steps, json_pieces
from app.api.openapi import REFERENCES, TIMED, Responses, problems
from app.compute.content import Content
from app.compute.limits import Limits
from app.compute.pool import Steps
from app.compute.service import ComputeService, Gone
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
    """Bytes of JSON (or of another type) with their timing; made without Starlette's care for headers of all kinds.

    Large ones are sent piece by piece, each when the client has read most of those before it.
    """

    body: bytes

    def __init__(self, content: bytes | Content, clock: Clock | None, media_type: bytes = b"application/json") -> None:
        self.status_code = 200
        self._pieces: Content | None = None
        if isinstance(content, bytes):
            self.body = content
            size = len(content)
        else:
            whole, size = content.whole(), content.size
            if whole is None:
                self._pieces = content
            self.body = whole or b""
        self.background = None
        self.raw_headers = [
            (b"content-length", str(size).encode()),
            (b"content-type", media_type),
        ]
        if clock is not None:
            self.raw_headers.append((b"server-timing", clock.header().encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if self._pieces is not None:
            for piece in self._pieces.take():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": self.body})


async def read_document(request: Request, model: type[D]) -> tuple[D, Clock]:
    """The request's JSON as a checked document, and a clock that started once the body was there. Raises Problem."""
    settings: Settings = request.app.settings
    compute: ComputeService = request.app.compute
    body = await read_json_body(request, settings)
    clock = Clock()
    return await decoded(body, model, settings, compute, left(request)), clock


async def decoded(
    body: bytes, model: type[D], settings: Settings, compute: ComputeService, gone: Gone | None = None
) -> D:
    """A body of JSON as a checked document; large ones are read in the pool. Raises Problem or NetworkError."""
    cost = READ_BYTE_MULTIPLY_ADDS * len(body)
    return await compute.run(partial(read_json, body, model, settings), cost=cost, gone=gone)


def written(document: Any, clock: Clock, limits: Limits) -> Steps[Content]:
    """The document as JSON; done where the work was done, step by step, since writing a large one takes its time too.

    Raises NetworkError (too-large) as soon as it is longer than an answer may be.
    """
    content = yield from content_in_steps(json_pieces(document), limits)
    clock.mark("encode")
    return content


def left(request: Request) -> Gone:
    """Ends when the client has left, and with it the use of whatever is computed for it. Its body has to be read."""

    async def gone() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    return gone


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
    "description": "the first of them; non_finite_omitted, if there are more, says how many",
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
