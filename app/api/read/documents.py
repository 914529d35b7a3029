"""The documents that requests carry: their fields, checked by pydantic, and the networks that they name.

Arrays of numbers stay as the decoder left them; `number_arrays.numbers` checks them, with a pointer for each element.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Annotated, Any, ClassVar, Literal, TypeVar, get_args

import numpy as np
import torch
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    JsonValue,
    PrivateAttr,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from torch import Tensor

from adelante.network.activations import ACTIVATIONS, activation_named
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.errors import Fault, NetworkError
from adelante.network.presets import PRESET_NAMES
from app.api.http.body import Body
from app.api.http.problems import Problem
from app.api.read.decode import decode_json
from app.api.read.number_arrays import LongArray, numbers
from app.compute.devices import DTYPES, dtype_named, name_of
from app.settings import Settings
from app.store.networks import Networks

_NUMBER = {"type": "number"}
_ROW = {"type": "array", "items": _NUMBER, "minItems": 1}
Biases = Annotated[Any, WithJsonSchema({"anyOf": [_ROW, {"type": "null"}]})]
OneVector = Annotated[
    Any, WithJsonSchema({"anyOf": [_ROW, {"type": "array", "items": _ROW, "minItems": 1, "maxItems": 1}]})
]
Matrix = Annotated[Any, WithJsonSchema({"type": "array", "items": _ROW, "minItems": 1})]
Inputs = Annotated[Any, WithJsonSchema({"anyOf": [_ROW, {"type": "array", "items": _ROW, "minItems": 1}]})]
MAX_NAME_LENGTH = 200
Name = Annotated[str, Field(max_length=MAX_NAME_LENGTH)]
# More faults than anybody reads would take longer to find words for than the request takes to read.
_MOST_FAULTS = 100


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


# 1.0 is an integer to JSON and JSON Schema, and some languages' writers have no other.
Integer = Annotated[int, BeforeValidator(_whole)]
Index = Annotated[int, Field(ge=0), BeforeValidator(_whole)]


class Document(BaseModel):
    """A request's body: unknown fields are refused, nothing is coerced. Null is as good as a field that is left out."""

    model_config = ConfigDict(extra="forbid", strict=True)

    long_arrays: ClassVar[bool] = False
    """Whether its arrays of numbers may be LongArrays."""

    def prepare(self) -> None:
        """Does what takes long, in the thread that read the document."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, document: Any) -> Any:
        if not isinstance(document, dict) or all(value is not None for value in document.values()):
            return document
        optional = {field.alias or name for name, field in cls.model_fields.items() if not field.is_required()}
        return {name: value for name, value in document.items() if value is not None or name not in optional}

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = handler(core)
        own = handler.resolve_ref_schema(schema)
        for name, each in own.get("properties", {}).items():
            if name not in own.get("required", ()):
                _allow_null(each)
        return schema


_TOLD = {"title", "description", "default"}


def _allow_null(schema: dict[str, Any]) -> None:
    if "anyOf" in schema:
        if {"type": "null"} not in schema["anyOf"]:
            schema["anyOf"].append({"type": "null"})
    elif "$ref" in schema:
        schema["anyOf"] = [{"$ref": schema.pop("$ref")}, {"type": "null"}]
    elif schema.get("type") in ("array", "object"):
        told: dict[str, Any] = {name: schema.pop(name) for name in _TOLD & schema.keys()}
        whole = dict(schema)
        schema.clear()
        schema.update({**told, "anyOf": [whole, {"type": "null"}]})
    elif isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]


class LayerDocument(Document):
    weights: Matrix = Field(description="(n_in, n_out), or (n_out, n_in) with layout out_in")
    biases: Biases = Field(None, description="(n_out,); zeros where left out")
    activation: Annotated[str, WithJsonSchema({"type": "string", "enum": list(ACTIVATIONS)})] = "identity"
    name: Name | None = None
    layout: Literal["in_out", "out_in"] = Field("in_out", description="out_in: torch.nn.Linear's (n_out, n_in)")


def either(one: str, one_type: str, other: str, other_type: str) -> dict[str, JsonValue]:
    """What a schema says of two fields of which exactly one is there.

    Said with oneOf, it would cost generators of clients the whole operation: they look for types there.
    """
    return {
        "if": {"required": [one], "properties": {one: {"type": one_type}}},
        "then": {"properties": {other: {"type": "null"}}},
        "else": {"required": [other], "properties": {other: {"type": other_type}}},
    }


class NetworkDocument(Document):
    """What names a network in one way everywhere: the layers themselves, or a name."""

    model_config = ConfigDict(json_schema_extra=either("layers", "array", "network", "string"))
    long_arrays = True

    layers: Annotated[list[LayerDocument], Field(json_schema_extra={"minItems": 1})] | None = Field(
        None, description="the network itself; or else its name in network"
    )
    network: Name | None = Field(None, description=f"a preset ({', '.join(PRESET_NAMES)}) or a stored network's id")
    dtype: Annotated[str, WithJsonSchema({"type": "string", "enum": list(DTYPES)})] = "float32"
    device: Annotated[str, WithJsonSchema({"type": "string", "pattern": "^(auto|cpu|cuda(:[0-9]+)?|mps)$"})] = Field(
        default="auto", description="auto, cpu, cuda, cuda:N or mps, of those that GET /api/v1/device lists"
    )
    _made: DenseNetwork | Problem | NetworkError | None = PrivateAttr(None)

    def prepare(self) -> None:
        """Makes the network of the layers, if that is all right with `network_from`, and the inputs' numbers."""
        dtype = DTYPES.get(self.dtype)
        if dtype is None:
            return
        if self.layers is not None and self.network is None:
            try:
                self._made = network_in(self.layers, dtype)
            except (Problem, NetworkError) as error:
                self._made = error
        inputs = getattr(self, "inputs", None)
        if isinstance(inputs, LongArray):
            inputs.take(numpy_dtype(dtype))

    @property
    def made(self) -> DenseNetwork | None:
        """The network that was made ahead. Raises Problem or NetworkError, as `network_in` does."""
        if isinstance(self._made, Exception):
            raise self._made
        return self._made


class ForwardDocument(NetworkDocument):
    inputs: Inputs = Field(description="(n_in,) or (batch, n_in)")
    return_: Literal["trace", "outputs"] = Field("trace", alias="return")


D = TypeVar("D", bound=Document)


def read_json(body: Body, model: type[D], settings: Settings) -> D:
    """A JSON body as a checked document; a thread's work where the body is large. Raises Problem or NetworkError."""
    found = decode_json(body, settings.max_depth, max_values=settings.max_json_values, long_arrays=model.long_arrays)
    if "layers" in model.model_fields:
        check_layer_count(found.get("layers"), settings.max_layers)
    document = validated(model, found)
    document.prepare()
    return document


def check_layer_count(layers: Any, limit: int) -> None:
    """Raises NetworkError (too-large) before layers that are too many are looked at one by one."""
    if isinstance(layers, list) and len(layers) > limit:
        values = {"size": len(layers), "limit": limit, "setting": "ADELANTE_MAX_LAYERS"}
        raise NetworkError(Fault("too-large", "too-many-layers", "", values))


def validated(model: type[D], document: Mapping[str, Any], pointer: str = "") -> D:
    """The document as a model. Raises Problem with a pointer to each fault, of very many to the first."""
    unknown = list(islice(_unknown_fields(model, document, pointer), _MOST_FAULTS))
    if len(unknown) == _MOST_FAULTS:
        raise Problem("unknown-field", unknown)
    try:
        return model.model_validate(document)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)[:_MOST_FAULTS]
        faults = [_fault(model, dict(each), pointer) for each in errors]
        raise Problem(faults[0].type, faults) from None


def _unknown_fields(model: type[BaseModel], document: Mapping[str, Any], pointer: str) -> Iterator[Fault]:
    """Fields that a document and its layers may not have."""
    if model.model_config.get("extra") != "forbid" or not isinstance(document, Mapping):
        return
    known = _fields_at(model, ())
    for name in document:
        if name not in known:
            yield _unknown_field(name, known, pointer + _step(name))
    layers = document.get("layers") if "layers" in known else None
    for k, layer in enumerate(layers if isinstance(layers, list) else ()):
        if isinstance(layer, dict):
            yield from _unknown_fields(LayerDocument, layer, f"{pointer}/layers/{k}")


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
    name, context = _called(loc), error.get("ctx", {})
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
    field = next((k for k in reversed(range(len(loc))) if isinstance(loc[k], str)), 0)
    return "".join(f"[{part}]" if k > field else str(part) for k, part in enumerate(loc) if k >= field)


def _fields_at(model: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """The names of the fields that the document at a place in the model's document may have."""
    for part in place:
        if isinstance(part, str):
            fields = {field.alias or name: field for name, field in model.model_fields.items()}
            model = next(_documents_in(fields[part].annotation))
    return [field.alias or name for name, field in model.model_fields.items()]


def _documents_in(annotation: Any) -> Iterator[type[Document]]:
    """The kinds of documents that a type speaks of: LayerDocument in list[LayerDocument] | None."""
    if isinstance(annotation, type) and issubclass(annotation, Document):
        yield annotation
    for part in get_args(annotation):
        yield from _documents_in(part)


def numpy_dtype(dtype: torch.dtype) -> np.dtype[Any]:
    """The NumPy type that carries numbers of a torch dtype; bfloat16, which NumPy lacks, travels as float32."""
    return np.dtype("f8") if dtype == torch.float64 else np.dtype("f2") if dtype == torch.float16 else np.dtype("f4")


def inputs_from(document: ForwardDocument) -> Tensor:
    """The inputs (n_in,) or (batch, n_in) in the document's dtype. Raises Problem."""
    dtype = dtype_named(document.dtype)
    return tensor(document.inputs, "/inputs", (1, 2), dtype)


def tensor(value: Any, pointer: str, ranks: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    """A JSON array of numbers as a tensor on the CPU. Raises Problem with the first wrong element's pointer."""
    if dtype is torch.bfloat16:
        return _bfloat16(value, pointer, ranks)
    return torch.from_numpy(numbers(value, pointer, ranks, numpy_dtype(dtype)))


def _bfloat16(value: Any, pointer: str, ranks: tuple[int, ...]) -> Tensor:
    """NumPy lacks this type, and those that it has hold other numbers: what this one can't hold is told here."""
    dtype = torch.bfloat16
    try:
        wide = numbers(value, pointer, ranks, np.dtype("f8"))
    except Problem as problem:
        if problem.type != "out-of-range":
            raise
        raise _not_held(problem.faults[0].pointer, dtype) from None
    with np.errstate(over="ignore"):
        tensor = torch.from_numpy(wide.astype(numpy_dtype(dtype))).to(dtype)
    if bool(tensor.isinf().any()):
        place = tensor.isinf().nonzero()[0].tolist()
        raise _not_held("/".join(map(str, (pointer, *place))), dtype)
    return tensor


def _not_held(pointer: str, dtype: torch.dtype) -> Problem:
    values = {"dtype": name_of(dtype), "largest": torch.finfo(dtype).max}
    return Problem("out-of-range", Fault("out-of-range", "not-held", pointer, values))


async def network_from(document: NetworkDocument, networks: Networks) -> DenseNetwork:
    """The network that a document carries in `layers` or names in `network`, in the document's dtype.

    Raises Problem or NetworkError with a pointer to each fault.
    """
    dtype = dtype_named(document.dtype)
    if document.layers is None and document.network is None:
        raise Problem("missing-field", Fault("missing-field", "layers-or-network", "/layers"))
    if document.layers is not None and document.network is not None:
        raise Problem("invalid-value", Fault("invalid-value", "layers-and-network", "/network"))
    if document.layers is None:
        assert document.network is not None
        return await networks.get(document.network, dtype)
    return document.made or network_in(document.layers, dtype)


def network_in(layers: Iterable[LayerDocument], dtype: torch.dtype) -> DenseNetwork:
    """The network that these layers make. Raises Problem or NetworkError with a pointer to each fault."""
    return DenseNetwork(layer_of(layer, f"/layers/{k}", dtype) for k, layer in enumerate(layers))


def layer_of(document: LayerDocument, pointer: str, dtype: torch.dtype) -> DenseLayer:
    """The layer that a document carries. Raises Problem or NetworkError, their pointers counted from `pointer`."""
    weights = tensor(document.weights, f"{pointer}/weights", (2,), dtype)
    if weights.dim() == 2 and document.layout == "out_in":
        weights = weights.T.contiguous()
    if document.biases is None:
        biases = torch.zeros(weights.shape[-1], dtype=dtype)
    else:
        biases = tensor(document.biases, f"{pointer}/biases", (1,), dtype)
    activation = activation_named(document.activation, f"{pointer}/activation")
    return DenseLayer(weights, biases, activation, document.name)
