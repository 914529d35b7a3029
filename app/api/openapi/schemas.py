"""What the OpenAPI descriptions of requests and answers are made of."""

from typing import Any

from pydantic import BaseModel

from app.api.openapi.common import REFERENCES, TIMED, Responses, problems

TEXT = {"type": "string"}
INDEX = {"type": "integer", "minimum": 0}
NAME = {"type": ["string", "null"]}
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


# Arrays of numbers whose rank the network says.
ANY_RANK: dict[str, Any] = {"description": "numbers, or arrays of them; null stands for what is not finite"}
NAMED_ARRAYS: dict[str, Any] = {
    "type": "object",
    "description": "an array of each tensor that was asked for, by name",
    "additionalProperties": ANY_RANK,
}


def nested(rank: int) -> dict[str, Any]:
    """The schema of an array of numbers of this rank; null stands for what is not finite."""
    return NUMBER if rank == 0 else {"type": "array", "items": nested(rank - 1)}


def record(**properties: dict[str, Any]) -> dict[str, Any]:
    """The schema of an object, all of whose fields are there."""
    return {"type": "object", "properties": properties, "required": list(properties)}


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


_SHARED = {**record(tensor=TEXT), "description": "of a parameter that an earlier layer has: its name"}
# A layer in an answer, of a chain or of any other network.
LAYER: dict[str, Any] = {
    "anyOf": [
        {
            "type": "object",
            "description": "a dense layer, as requests have it",
            "properties": {
                "name": NAME,
                "weights": {"anyOf": [nested(2), _SHARED]},
                "biases": {"anyOf": [nested(1), _SHARED]},
                "activation": TEXT,
                "kind": TEXT,
            },
            "required": ["weights"],
        },
        {"$ref": "#/components/schemas/OtherLayer"},
    ]
}
