"""What the routes that explain, sweep, draw and write code share: a checked document in, timed JSON out."""

from functools import partial
from typing import Any, TypeVar

from fastapi import Request

from app.api.http.answer import Clock
from app.api.http.body import Body, read_json_body
from app.api.read.checked import read_json
from app.api.read.documents import Document
from app.api.write.encode import content_in_steps, json_pieces
from app.compute.content import Content
from app.compute.limits import Limits
from app.compute.loading import cost_of_shapes
from app.compute.pool import Steps
from app.compute.service import ComputeService, Gone
from app.settings import Settings

D = TypeVar("D", bound=Document)
# A byte of text takes as long to read, at worst, as this many multiply-adds: texts above some 64 KB go to a thread.
READ_BYTE_MULTIPLY_ADDS = 32
# An object may be a layer of any kind, whose shapes take up to a millisecond to find.
_OBJECT_MULTIPLY_ADDS = 100_000
# Longer texts go to a thread whatever they hold.
_SHORT = 1 << 16


def reading_cost(text: Body | str) -> int:
    """Multiply-adds that take as long as reading a text of JSON and making its network."""
    size = len(text)
    cost = READ_BYTE_MULTIPLY_ADDS * size
    if size > _SHORT:
        return cost
    short = text if isinstance(text, str) else bytes(text).decode("latin-1")
    if '"kind"' in short or "\\u" in short:
        cost += cost_of_shapes()
    return cost + _OBJECT_MULTIPLY_ADDS * short.count("{")


async def read_document(request: Request, model: type[D]) -> tuple[D, Clock]:
    """The request's JSON as a checked document, and a clock that started once the body was there. Raises Problem."""
    settings: Settings = request.app.settings
    compute: ComputeService = request.app.compute
    body = await read_json_body(request, settings)
    clock = Clock()
    return await decoded(body, model, settings, compute, left(request)), clock


async def decoded(
    body: Body, model: type[D], settings: Settings, compute: ComputeService, gone: Gone | None = None
) -> D:
    """A body of JSON as a checked document; large ones are read in the pool. Raises Problem or NetworkError."""
    return await compute.run(partial(read_json, body, model, settings), cost=reading_cost(body), gone=gone)


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
