"""/api/v1/datasets: the rows that the presets learnt from, and those that were held out."""

from enum import Enum
from json import loads
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import WithJsonSchema
from starlette.responses import Response

from adelante.datasets import DATA_SET_NAMES, data_set_named
from adelante.locale import DEFAULT_LANGUAGE
from app.api.http.accept import preferred
from app.api.openapi import common as openapi
from app.api.openapi.schemas import INDEX, NAME, NUMBER, TEXT, record
from app.api.write.datasets import data_set_description, data_set_document, data_set_table
from app.api.write.encode import encode_json
from app.negotiation import negotiate

router = APIRouter()
_TAGS: list[str | Enum] = ["catalog"]
_JSON = "application/json"
_CSV = "text/csv"

DataSetName = Annotated[
    str,
    WithJsonSchema({"type": "string", "enum": list(DATA_SET_NAMES)}),
    Path(description="one that GET /api/v1/datasets lists", openapi_examples={"iris": {"value": "iris"}}),
]
_TEXTS = {"type": "array", "items": TEXT}
_COLUMN = record(name=TEXT, unit=NAME, low=NUMBER, high=NUMBER)
_DESCRIBED = record(
    name=TEXT,
    title=TEXT,
    origin={**TEXT, "description": "where the numbers are from"},
    licence=TEXT,
    seed={"type": ["integer", "null"]},
    rows=INDEX,
    held_out=INDEX,
    shape={"type": "array", "items": INDEX, "description": "of one input"},
    columns={
        "type": "array",
        "items": _COLUMN,
        "description": "of each number of an input; of pictures and sequences one, which holds for all",
    },
    target=TEXT,
    class_names={**_TEXTS, "description": "empty where the targets are numbers"},
)
_LISTED = record(datasets={"type": "array", "items": _DESCRIBED})
_ARRAY = {"type": "array", "items": {}}
_WHOLE = record(
    inputs=_ARRAY,
    targets={**_ARRAY, "description": "classes count from 0"},
    held_out_rows={"type": "array", "items": {"type": "boolean"}},
)
_WHOLE["properties"] = {**_DESCRIBED["properties"], **_WHOLE["properties"]}
_WHOLE["required"] = [*_DESCRIBED["required"], *_WHOLE["required"]]


def _listed(language: str, *names: str) -> dict[str, Any]:
    return {"datasets": [data_set_description(language, data_set_named(name)) for name in names]}


@router.get(
    "/api/v1/datasets",
    tags=_TAGS,
    summary="The data sets that come with the product",
    responses=openapi.answer(
        "What there is to know of each, without its rows.", _LISTED, _listed(DEFAULT_LANGUAGE, "rain")
    ),
)
async def get_data_sets(request: Request) -> Response:
    """Names, units, ranges, classes, where each is from and under which licence."""
    language = negotiate(request.headers.get("accept-language"))
    return Response(encode_json(_listed(language, *DATA_SET_NAMES)), media_type=_JSON)


def _example() -> dict[str, Any]:
    """The rain as GET /datasets/rain gives it, without most of its rows."""
    whole: dict[str, Any] = loads(encode_json(data_set_document(DEFAULT_LANGUAGE, data_set_named("rain"))))
    return whole | {name: whole[name][:2] for name in ("inputs", "targets", "held_out_rows")}


def _answers() -> dict[int | str, dict[str, Any]]:
    found = openapi.answer("Its rows, as JSON or as a table.", _WHOLE, _example())
    found[200]["content"][_CSV] = {"schema": TEXT}
    return found | openapi.problems("unknown-data-set")


@router.get("/api/v1/datasets/{name}", tags=_TAGS, summary="One data set, whole", responses=_answers())
def get_data_set(name: DataSetName, request: Request) -> Response:
    """Inputs and targets of every row, and which rows are held out; as CSV for a client that accepts text/csv."""
    language = negotiate(request.headers.get("accept-language"))
    data = data_set_named(name)
    if preferred(request.headers.get("accept"), (_JSON, _CSV)) == _CSV:
        text = "".join(data_set_table(language, data))
        return Response(text, media_type=_CSV, headers={"Vary": "Accept, Accept-Language"})
    content = encode_json(data_set_document(language, data))
    return Response(content, media_type=_JSON, headers={"Vary": "Accept, Accept-Language"})
