"""What the OpenAPI document says of all operations alike: their problems, headers and parameters."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse

from adelante.locale import DEFAULT_LANGUAGE, LANGUAGES, translate
from adelante.network.dense.network import check_inputs
from adelante.network.errors import NetworkError
from adelante.network.presets import chain_named
from app.api.http.problems import MEDIA_TYPE, STATUSES, problem_document
from app.api.http.questions import QUESTIONS
from app.api.read.kinds import OTHER_LAYER, OTHER_LAYER_HERE
from app.root_path import address_root

Schema = dict[str, Any]
Responses = dict[int | str, Schema]
ADDRESS = "/api/v1/openapi.json"
REFERENCES = "#/components/schemas/{model}"

# What may be wrong, in groups that operations share.
BODY = ("invalid-json", "bad-request", "body-timeout", "too-large", "unsupported-media-type", "busy")
DOCUMENT = ("missing-field", "unknown-field", "invalid-value")
NUMBERS = ("shape-mismatch", "ragged-array", "not-a-number", "out-of-range", "empty")
NAMES = (
    "unknown-network",
    "unknown-activation",
    "unknown-kind",
    "unknown-layer",
    "unsupported-device",
    "unsupported-dtype",
)
PASS = ("too-large", "busy", "timeout")
NETWORK_AND_PASS = (*BODY, *DOCUMENT, *NUMBERS, *NAMES, *PASS)
CELLS_AND_PASS = (*NETWORK_AND_PASS, "unknown-layer")

_DESCRIPTION = """\
Forward passes of neural networks: inputs, weights and biases in, every activation out.

Every refusal is a problem document (RFC 9457, `application/problem+json`) with a JSON pointer to each fault, in English
or Spanish as Accept-Language prefers; every type has a page at `/problems/{type}`. An address answers methods that it
does not have with 405, and `Allow` lists those that it has.

Not in this document: `GET /api/v1/live`, a WebSocket. Commands go in as text, values come back as binary frames, and
values go in as binary frames too, all little-endian: uint32 `seq`, uint32 length of a tensor's name, the name in UTF-8
with zeros up to a multiple of four bytes, then all of its values as float32, or int64 where it holds whole numbers.
docs/live.md in the source tells all of it.

Nor in it: `/api/v1/uploads`, for files over lines that break (draft-ietf-httpbis-resumable-upload). POST
/api/v1/networks with `Upload-Complete: ?0`, `Upload-Length` and no body answers 201 with a `Location`; PATCH there
(`application/partial-upload`, `Upload-Offset`, `Upload-Complete: ?1`) brings the bytes and is answered as the POST of
all of them is; where the line broke, HEAD says in `Upload-Offset` from where on, and DELETE gives it up.

A server may ask for an API key, for some operations or for all (`Authorization: Bearer`; for the socket also the
subprotocol `adelante.key.KEY`, offered beside `adelante`), and may limit how often a client asks (`RateLimit`).
"""
_TEXT = {"type": "string"}
_VALUE: Schema = {"anyOf": [_TEXT, {"type": "number"}]}
_FAULT: Schema = {
    "type": "object",
    "properties": {
        "pointer": {"type": "string", "description": "JSON pointer (RFC 6901) to the culprit; empty: the whole body"},
        "detail": {"type": "string", "description": "in the language of Content-Language"},
        "hint": {"type": "string", "description": "the way out"},
        "torch": {"type": "string", "description": "torch's own words"},
        "expected": _VALUE,
        "got": _VALUE,
        "known": {"type": "array", "items": _TEXT, "description": "the names that there are"},
        "limit": {"type": "number"},
        "setting": {"type": "string", "description": "the variable that raises the limit"},
    },
    "required": ["pointer", "detail"],
    "additionalProperties": False,
}
_PROBLEM: Schema = {
    "type": "object",
    "description": "RFC 9457. Its type is the address of a page that explains it.",
    "properties": {
        # Which ones an operation answers, it says itself: generators of clients can't narrow one enum by another.
        "type": {"type": "string", "format": "uri-reference", "description": "/problems/shape-mismatch"},
        "title": _TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": _TEXT,
        "instance": {"type": "string", "format": "uri-reference", "description": "the request's path"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}, "minItems": 1},
        "choices": QUESTIONS,
        "error": {"type": "string", "description": "under /v2: the detail, where that protocol's clients look"},
    },
    "required": ["type", "title", "status", "detail", "instance"],
    "additionalProperties": False,
}
_REQUEST_ID = {
    "description": "The request's own where it sent one of 1 to 100 visible characters, else a fresh one.",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 100},
}
_HEADERS: Schema = {
    "RequestId": _REQUEST_ID,
    "ServerTiming": {
        "description": "Milliseconds of each phase: decode;dur=0.120, compute;dur=0.050, encode;dur=0.030",
        "required": True,
        "schema": _TEXT,
    },
    "ContentLanguage": {"required": True, "schema": {"type": "string", "enum": list(LANGUAGES)}},
    "RetryAfter": {"description": "Seconds.", "required": True, "schema": {"type": "integer", "minimum": 0}},
    "WWWAuthenticate": {"description": "RFC 6750: Bearer.", "required": True, "schema": _TEXT},
    "RateLimit": {
        "description": 'Where requests are limited, what is left and in how many seconds there is more: "60s";r=0;t=7',
        "schema": _TEXT,
    },
    "RateLimitPolicy": {"description": 'Requests (q) in so many seconds (w): "60s";q=600;w=60', "schema": _TEXT},
    "Allow": {"description": "The methods that the address has.", "required": True, "schema": _TEXT},
}
_PARAMETERS: Schema = {
    "AcceptLanguage": {
        "name": "Accept-Language",
        "in": "header",
        "description": "Of titles, details and hints: es or en, which is also what others get.",
        "schema": _TEXT,
        "example": "es-MX, es;q=0.9",
    },
    "RequestId": {
        "name": "X-Request-ID",
        "in": "header",
        "description": "Comes back if it is 1 to 100 visible characters.",
        "schema": _TEXT,
        "example": "order-7",
    },
    "ContentEncoding": {
        "name": "Content-Encoding",
        "in": "header",
        "description": "How the body is compressed. The limit of the body holds for what comes out.",
        "schema": {"type": "string", "enum": ["", "identity", "gzip", "x-gzip", "deflate", "zstd"]},
        "example": "identity",
    },
}
_SECURITY: Schema = {
    "ApiKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "Where the server asks for one (ADELANTE_KEYS_FOR); `adelante key NAME` makes them.",
    }
}
# Headers that all problems of a status have.
_HEADERS_OF: dict[int, dict[str, str]] = {
    401: {"WWW-Authenticate": "WWWAuthenticate"},
    429: {"Retry-After": "RetryAfter", "RateLimit": "RateLimit", "RateLimit-Policy": "RateLimitPolicy"},
    503: {"Retry-After": "RetryAfter"},
}
# Operations that no key and no limit stands before.
_FREE = ("/v2/health/live", "/v2/health/ready")
_BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
TIMED: Schema = {"Server-Timing": {"$ref": "#/components/headers/ServerTiming"}}


def problems(*types: str) -> Responses:
    """The OpenAPI description of a route's problems, by status, each with the types that come with it."""
    by_status: dict[int, list[str]] = {}
    for type in dict.fromkeys(types):
        for status in STATUSES[type]:
            by_status.setdefault(status, []).append(type)
    return {status: _problem_answer(status, some) for status, some in sorted(by_status.items())}


def answer(description: str, schema: Schema, example: Any = None) -> Responses:
    """The OpenAPI description of a good answer in JSON."""
    content = {"schema": schema} if example is None else {"schema": schema, "example": example}
    return {200: {"description": description, "content": {"application/json": content}}}


def _problem_answer(status: int, types: list[str]) -> Schema:
    titles = "; ".join(f"{type}: {translate(DEFAULT_LANGUAGE, f'problem.{type}.title')}" for type in types)
    narrowed = {
        "type": {"type": "string", "enum": [f"/problems/{type}" for type in types]},
        "status": {"type": "integer", "enum": [status]},
    }
    schema = {"allOf": [{"$ref": "#/components/schemas/Problem"}, {"properties": narrowed}]}
    names = {"Content-Language": "ContentLanguage", **_HEADERS_OF.get(status, {})}
    headers = {name: {"$ref": f"#/components/headers/{each}"} for name, each in names.items()}
    return {"description": titles, "headers": headers, "content": {MEDIA_TYPE: {"schema": schema}}}


def describe(app: FastAPI, *models: type[BaseModel]) -> None:
    """Makes the application's OpenAPI document whole; the models are those that the routes' own bodies refer to."""
    app.description = _DESCRIPTION
    generate: Callable[[], Schema] = app.openapi
    completed: Schema | None = None

    def whole() -> Schema:
        nonlocal completed
        document = generate()
        if document is not completed:
            _complete(document, models)
            completed = document
        return document

    app.openapi = whole  # type: ignore[method-assign]

    async def document(request: Request) -> JSONResponse:
        root = address_root(request.scope)
        return JSONResponse(_under(root, whole()) if root else whole())

    app.add_route(ADDRESS, document, include_in_schema=False)


def _under(root: str, document: Schema) -> Schema:
    """The document of an API that stands under a path."""

    def moved(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: moved(each) for name, each in part.items()}
        if isinstance(part, list):
            return [moved(each) for each in part]
        return root + part if isinstance(part, str) and part.startswith("/problems/") else part

    return {**moved(document), "servers": [{"url": root}]}


def _complete(document: Schema, models: tuple[type[BaseModel], ...]) -> None:
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _complete_operation(operation, free=path in _FREE)
    # No key at all is as good, where the server asks for none.
    document["security"] = [{}, {name: [] for name in _SECURITY}]
    document["paths"] = _bounds_as_integers(document["paths"])
    parts = document.setdefault("components", {})
    own = {"Problem": {**_PROBLEM, "examples": [_example()]}, "Fault": _FAULT, "OtherLayer": OTHER_LAYER}
    schemas = {**own, **parts.get("schemas", {})}
    for model in models:
        schemas |= model.model_json_schema(by_alias=True, ref_template=REFERENCES).get("$defs", {})
    # FastAPI's own answer to a bad parameter; here, parameters are looked at by the operations.
    parts["schemas"] = {name: _referring(each) for name, each in schemas.items() if "ValidationError" not in name}
    document["paths"] = _referring(document["paths"])
    parts["headers"] = _HEADERS
    parts["securitySchemes"] = _SECURITY
    parts["parameters"] = _PARAMETERS
    refused = problems("method-not-allowed")[405]
    parts["responses"] = {
        "MethodNotAllowed": {
            **refused,
            "headers": {**refused["headers"], "Allow": {"$ref": "#/components/headers/Allow"}},
        }
    }


def _complete_operation(operation: Schema, *, free: bool) -> None:
    parameters = operation.setdefault("parameters", [])
    parameters += [{"$ref": f"#/components/parameters/{name}"} for name in ("AcceptLanguage", "RequestId")]
    if "requestBody" in operation:
        parameters.append({"$ref": "#/components/parameters/ContentEncoding"})
    responses = {
        status: each
        for status, each in operation["responses"].items()
        if "#/components/schemas/HTTPValidationError" not in str(each)
    }
    common = problems("internal") if free else problems("key-needed", "too-many-requests", "internal")
    responses |= {str(status): each for status, each in common.items()}
    for response in responses.values():
        response["headers"] = {
            "X-Request-ID": {"$ref": "#/components/headers/RequestId"},
            **response.get("headers", {}),
        }
    operation["responses"] = dict(sorted(responses.items()))


def _bounds_as_integers(part: Any) -> Any:
    """FastAPI makes bounds floats: 2**64 would be written with digits that stand for another number."""
    if isinstance(part, list):
        return [_bounds_as_integers(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {
        name: int(each) if name in _BOUNDS and each == int(each) else _bounds_as_integers(each)
        for name, each in part.items()
    }


def _referring(part: Any) -> Any:
    """The same with references to the layers of other kinds where `kinds` could only mark their place."""
    if part == OTHER_LAYER_HERE:
        return {"$ref": REFERENCES.format(model="OtherLayer")}
    if isinstance(part, list):
        return [_referring(each) for each in part]
    return {name: _referring(each) for name, each in part.items()} if isinstance(part, dict) else part


def _example() -> Schema:
    """The notebook's own shape error, as it is answered."""
    preset = chain_named("one-neuron")
    try:
        check_inputs(preset.network, preset.inputs.view(5, 1))
    except NetworkError as error:
        return problem_document(DEFAULT_LANGUAGE, error.faults[0].type, error.faults, "/api/v1/forward")
    raise AssertionError("a column of inputs fits no row of weights")
