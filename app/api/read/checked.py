"""A body as a checked document: what pydantic finds wrong becomes faults, each with a pointer and the field's words."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, TypeVar, get_args

import torch
from pydantic import BaseModel, ValidationError

from adelante.network.errors import Fault, NetworkError
from app.api.http.body import Body
from app.api.read.decode import decode_json
from app.api.read.documents import Document, GraphDocument
from app.api.read.kinds import GRAPH, is_of_other_kinds, taken_from
from app.settings import Settings

# More faults than anybody reads would take longer to find words for than the request takes to read.
_MOST_FAULTS = 100

D = TypeVar("D", bound=Document)


def read_json(body: Body, model: type[D], settings: Settings) -> D:
    """A JSON body as a checked document; a thread's work where the body is large. Raises NetworkError."""
    found = decode_json(body, settings.max_depth, max_values=settings.max_json_values, long_arrays=model.long_arrays)
    if "layers" in model.model_fields:
        check_layer_count(found.get("layers"), settings.max_layers)
    part = taken_from(found) if issubclass(model, GraphDocument) and is_of_other_kinds(found) else None
    document = validated(model, found)
    if isinstance(document, GraphDocument):
        document.take(part)
    document.prepare()
    return document


def check_layer_count(layers: Any, limit: int) -> None:
    """Raises NetworkError (too-large) before layers that are too many are looked at one by one."""
    if isinstance(layers, list) and len(layers) > limit:
        values = {"size": len(layers), "limit": limit, "setting": "ADELANTE_MAX_LAYERS"}
        raise NetworkError(Fault("too-large", "too-many-layers", "", values))


def validated(model: type[D], document: Mapping[str, Any], pointer: str = "") -> D:
    """The document as a model. Raises NetworkError with a pointer to each fault, of very many to the first."""
    faults: list[Fault] = []
    if issubclass(model, GraphDocument) and document.get("layers") is None:
        faults = _without_layers(model, document, pointer)
    try:
        found = model.model_validate(document)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)[:_MOST_FAULTS]
        faults = [*(_fault(model, dict(each), pointer) for each in errors), *faults]
    if faults:
        raise NetworkError(faults)
    return found


def _without_layers(model: type[BaseModel], document: Mapping[str, Any], pointer: str) -> list[Fault]:
    """What is said of layers that are not there."""
    known = [name for name in _fields_of(model) if name not in GRAPH]
    return [_unknown_field(name, known, f"{pointer}/{name}") for name in GRAPH if document.get(name) is not None]


def _unknown_field(name: str, known: list[str], pointer: str) -> Fault:
    return Fault("unknown-field", "unknown-field", pointer, {"name": name[:100], "known": known})


def _step(part: int | str) -> str:
    """One step of a JSON pointer."""
    return "/" + str(part).replace("~", "~0").replace("/", "~1")


# What pydantic calls its errors of kind, and the sentence for each.
_WRONG_KINDS = {
    "int_type": "whole-number-expected",
    "int_from_float": "whole-number-expected",
    "float_type": "number-expected",
    "string_type": "text-expected",
    "bool_type": "boolean-expected",
    "list_type": "array-expected",
    "dict_type": "object-expected",
    "model_type": "object-expected",
    "model_attributes_type": "object-expected",
}


def _fault(model: type[BaseModel], error: dict[str, Any], prefix: str) -> Fault:
    loc = error["loc"]
    place = prefix + "".join(map(_step, loc))
    # A document that is none at all is called by the field that it stands in.
    name, context = _called(loc or _steps(prefix)), error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            return _unknown_field(name, _fields_at(model, loc[:-1]), place)
        case "missing":
            return Fault("missing-field", "missing-field", place, {"name": name})
        case "literal_error":
            return Fault("invalid-value", "not-one-of", place, {"name": name, "expected": context["expected"]})
        case "string_too_long":
            return Fault("invalid-value", "string-too-long", place, {"name": name, "limit": context["max_length"]})
        case "string_pattern_mismatch":
            return Fault("invalid-value", "pattern", place, {"name": name, "expected": context["pattern"]})
        case "greater_than_equal":
            return Fault("out-of-range", "too-small", place, {"name": name, "least": context["ge"]})
        case "less_than_equal":
            return Fault("out-of-range", "too-great", place, {"name": name, "most": context["le"]})
        case "finite_number":
            values = {"dtype": "float64", "largest": torch.finfo(torch.float64).max}
            return Fault("out-of-range", "not-held", place, values)
        case "too_short":
            return Fault("invalid-value", "too-few-items", place, {"name": name, "expected": context["min_length"]})
        case "too_long":
            return Fault("invalid-value", "too-many-items", place, {"name": name, "expected": context["max_length"]})
        case "string_unicode":
            return Fault("invalid-json", "surrogate", place)
        case kind:
            return Fault("invalid-value", _WRONG_KINDS[kind], place, {"name": name})


def _called(loc: tuple[int | str, ...]) -> str:
    """What a sentence calls the field at a place: shape[0]."""
    called = ""
    for part in loc:
        called = part if isinstance(part, str) else f"{called}[{part}]"
    return called


def _steps(pointer: str) -> tuple[int | str, ...]:
    """The steps of a pointer to a field of ours, or to an element of its array: steps, 0."""
    return tuple(int(step) if step.isdecimal() else step for step in pointer.split("/")[1:])


@cache
def _fields_of(model: type[BaseModel]) -> list[str]:
    """The names of the fields that a document may have."""
    return [field.alias or name for name, field in model.model_fields.items()]


def _fields_at(model: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """The names of the fields that the document at a place in the model's document may have."""
    for part in place:
        if isinstance(part, str):
            fields = {field.alias or name: field for name, field in model.model_fields.items()}
            model = next(_documents_in(fields[part].annotation))
    return _fields_of(model)


def _documents_in(annotation: Any) -> Iterator[type[Document]]:
    """The kinds of documents that a type speaks of: LayerDocument in list[LayerDocument] | None."""
    if isinstance(annotation, type) and issubclass(annotation, Document):
        yield annotation
    for part in get_args(annotation):
        yield from _documents_in(part)
