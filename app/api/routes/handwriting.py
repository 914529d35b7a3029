"""POST /api/v1/datasets/digits/pictures: a drawn character as a picture such as the data set's, step by step."""

from enum import Enum
from json import loads
from typing import Annotated, Any

import torch
from fastapi import APIRouter, Request
from pydantic import Field, WithJsonSchema
from starlette.responses import Response
from torch import Tensor

from adelante.datasets.digits import enlarged
from adelante.datasets.handwriting import PEN, Written, written
from adelante.network.errors import Fault, NetworkError
from app.api.http.answer import Answer
from app.api.openapi import common as openapi
from app.api.openapi import schemas
from app.api.openapi.schemas import record
from app.api.read.documents import Document
from app.api.read.handwriting import drawing_cost, ink_in
from app.api.routes import exchange
from app.api.write.encode import array, encode_json
from app.compute.content import Content
from app.compute.pool import Steps
from app.compute.service import JSON_NUMBER_COST, ComputeService

router = APIRouter()
_TAGS: list[str | Enum] = ["catalog"]
_POINT = {"type": "array", "items": {"type": "number", "minimum": 0, "maximum": 1}, "minItems": 2, "maxItems": 2}
_STROKES = {"type": "array", "items": {"type": "array", "items": _POINT, "minItems": 1}}
_GREY = {"type": "array", "items": {"type": "array", "items": {"type": "number"}, "minItems": 1}, "minItems": 1}
# Multiply-adds that take as long as writing the steps of a character, the ink of one that was drawn above all.
_WRITING_COST = JSON_NUMBER_COST * 20_000


class CharacterDocument(Document):
    strokes: Annotated[Any, WithJsonSchema(_STROKES)] = Field(
        None,
        description=f"ways of a pen on a pad of 1 by 1, each of points [x, y], y down; the pen is {PEN} wide",
    )
    picture: Annotated[Any, WithJsonSchema(_GREY)] = Field(
        None, description="or rows of grey on any scale, as a photograph has them: dark on light or light on dark"
    )


_BITS = {"type": "array", "items": {"type": "array", "items": {"type": "integer", "enum": [0, 1]}}}
_ANSWER = record(
    ink={**_BITS, "description": "as it was drawn"},
    box={
        "type": "array",
        "items": {"type": "integer"},
        "description": "first row and column with ink, and the first ones after it; zeros where there is no ink",
    },
    scaled={**_BITS, "description": "32 by 32: the box 20 wide and 32 high, in the middle"},
    grown={"type": "integer", "description": "how often its edge was thickened by a pixel; below 0: thinned"},
    weighed={**_BITS, "description": "32 by 32, with as much ink as the data set's"},
    slant={"type": "number", "description": "columns that a row was moved for each row below the middle"},
    upright={**_BITS, "description": "32 by 32, its left edge upright"},
    picture={
        "type": "array",
        "items": {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 16}},
        "description": "8 by 8: the ink counted in blocks of 4 by 4, as the presets for digits take it",
    },
    enlarged={**schemas.nested(2), "description": "28 by 28: the same enlarged, as digits-large takes it"},
)
MODELS = (CharacterDocument,)


def written_document(found: Written) -> dict[str, Any]:
    """The steps as the API gives them: every pixel a whole number."""
    steps = vars(found)
    whole = {name: array(each.to(torch.uint8)) if isinstance(each, Tensor) else each for name, each in steps.items()}
    return {**whole, "enlarged": array(enlarged(found.picture[None, None])[0, 0])}


def _example() -> Any:
    found = written_document(written(ink_in([[[0.5, 0.2], [0.5, 0.8]]], None)))
    whole = loads(encode_json(found))
    return whole | {name: whole[name][:2] for name in ("ink", "scaled", "weighed", "upright", "enlarged")}


_ANSWERS = openapi.answer("What each step makes of it.", _ANSWER, _example()) | openapi.problems(
    *openapi.BODY, *openapi.DOCUMENT, *openapi.NUMBERS, *openapi.PASS
)


@router.post(
    "/api/v1/datasets/digits/pictures",
    tags=_TAGS,
    summary="A drawn character as a picture such as the data set's",
    openapi_extra=schemas.request_body(CharacterDocument, one={"strokes": [[[0.5, 0.2], [0.5, 0.8]]]}),
    responses=_ANSWERS,
)
async def post_picture(request: Request) -> Response:
    """By the recipe of NIST's programs, which made the data set's: scaled, thickened or thinned, set upright, counted.

    Any character gets a picture: that it is no digit, no network that knows only digits can say.
    """
    compute: ComputeService = request.app.compute
    document, clock = await exchange.read_document(request, CharacterDocument)
    if (document.strokes is None) == (document.picture is None):
        values = {"name": "strokes", "other": "picture"}
        raise NetworkError(Fault("missing-field", "strokes-or-picture", "/strokes", values))
    clock.mark("decode")

    def work() -> Steps[Content]:
        found = written(ink_in(document.strokes, document.picture))
        clock.mark("compute")
        return (yield from exchange.written(written_document(found), clock, compute.limits))

    cost = drawing_cost(document.strokes, document.picture) + _WRITING_COST
    return Answer(await compute.run(work, cost=cost, gone=exchange.left(request)), clock)
