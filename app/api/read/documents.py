"""The documents that requests carry: their fields, checked by pydantic, and the networks that they name.

Arrays of numbers stay as the decoder left them; `number_arrays.numbers` checks them, with a pointer for each element.
"""

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Literal

import torch
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    JsonValue,
    PrivateAttr,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from adelante.formats.json.arrays import numpy_dtype, tensor
from adelante.formats.json.fields import whole
from adelante.formats.json.numbers import LongArray
from adelante.network.activations import ACTIVATIONS, activation_named
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.errors import Fault, NetworkError
from adelante.network.network import Network
from adelante.network.presets import PRESET_NAMES
from app.api.read.kinds import (
    BATCH,
    INPUT,
    OTHER_LAYER_HERE,
    OUTPUTS,
    network_of,
)
from app.compute.devices import DTYPES, dtype_named
from app.store.networks import Networks

_NUMBER = {"type": "number"}
_ROW = {"type": "array", "items": _NUMBER, "minItems": 1}
References = Annotated[
    Any,
    WithJsonSchema(
        {"anyOf": [{"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "object"}]}}, {"type": "null"}]}
    ),
]
Biases = Annotated[Any, WithJsonSchema({"anyOf": [_ROW, {"type": "null"}]})]
OneVector = Annotated[
    Any, WithJsonSchema({"anyOf": [_ROW, {"type": "array", "items": _ROW, "minItems": 1, "maxItems": 1}]})
]
Matrix = Annotated[Any, WithJsonSchema({"type": "array", "items": _ROW, "minItems": 1})]
Inputs = Annotated[Any, WithJsonSchema({"anyOf": [_ROW, {"type": "array", "items": _ROW, "minItems": 1}]})]
MAX_NAME_LENGTH = 200
# Of more layers what is asked about them takes a while to list, which is done where the document is read.
_MOST_LAYERS_COUNTED_LATER = 256
Name = Annotated[str, Field(max_length=MAX_NAME_LENGTH)]


def _whole(value: Any) -> Any:
    found = whole(value)
    return value if found is None else found


# 1.0 is an integer to JSON and JSON Schema, and some languages' writers have no other.
Integer = Annotated[int, BeforeValidator(_whole)]
# A bound before the validator is one that pydantic writes into a schema within a choice too.
Index = Annotated[int, Field(ge=0), BeforeValidator(_whole)]
Count = Annotated[int, Field(ge=1), BeforeValidator(_whole)]


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
        if not isinstance(document, dict) or None not in document.values():
            return document
        optional = {field.alias or name for name, field in cls.model_fields.items() if not field.is_required()}
        return {name: value for name, value in document.items() if value is not None or name not in optional}

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = handler(core)
        own = handler.resolve_ref_schema(schema)
        for name, each in own["properties"].items():
            if name not in own.get("required", ()):
                _allow_null(each)
        return schema


_TOLD = {"title", "description", "default"}


def _allow_null(schema: dict[str, Any]) -> None:
    if "anyOf" in schema:
        if {"type": "null"} not in schema["anyOf"]:
            schema["anyOf"].append({"type": "null"})
    elif schema.get("type") in ("array", "object"):
        told: dict[str, Any] = {name: schema.pop(name) for name in _TOLD & schema.keys()}
        whole = dict(schema)
        schema.clear()
        schema.update({**told, "anyOf": [whole, {"type": "null"}]})
    elif isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        if "const" in schema:
            schema["enum"] = [schema.pop("const")]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]


class NamesDocument(Document):
    inputs: list[Name] = Field(
        default_factory=list, description="one for each number of an input, with its unit: humidity (%)"
    )
    outputs: list[Name] = Field(default_factory=list, description="one for each number of the output")
    classes: list[Name] = Field(
        default_factory=list, description="what the outputs stand for; two where a lone output goes from 0 to 1"
    )


class LayerDocument(Document):
    """A dense layer."""

    weights: Matrix = Field(description="(n_in, n_out), or (n_out, n_in) with layout out_in")
    biases: Biases = Field(None, description="(n_out,); zeros where left out")
    activation: Annotated[str, WithJsonSchema({"type": "string", "enum": list(ACTIVATIONS)})] = "identity"
    name: Name | None = None
    layout: Literal["in_out", "out_in"] = Field("in_out", description="out_in: torch.nn.Linear's (n_out, n_in)")
    kind: Literal["dense"] = "dense"
    inputs: References = Field(None, description="an earlier layer's name, or inputs; left out, the layer before")
    module: Name | None = Field(None, description="the path in its author's code: encoder.0")
    source: Name | None = Field(None, description="a line of its author's code")


def _with_other_kinds(schema: dict[str, Any]) -> None:
    """Layers of the other kinds are read by `kinds`, which pydantic does not know of."""
    if "items" in schema:
        schema["minItems"] = 1
        schema["items"] = {"anyOf": [schema["items"], OTHER_LAYER_HERE]}


Layers = Annotated[list[LayerDocument], Field(json_schema_extra=_with_other_kinds)]


class GraphDocument(Document):
    """What a network of other kinds says beside its layers, or the layers themselves; read by `kinds`."""

    input: Annotated[Any, WithJsonSchema(INPUT)] = Field(
        default=None, description="the shape of one input, without the batch; a list of them where there are several"
    )
    outputs: Annotated[Any, WithJsonSchema(OUTPUTS)] = Field(
        default=None, description="names; left out, the last layer"
    )
    batch: Annotated[Any, WithJsonSchema(BATCH)] = Field(
        default=None,
        description="any (the usual), one input at a time, or none: the first dimension is no batch",
    )
    _part: dict[str, Any] | None = PrivateAttr(None)

    @property
    def part(self) -> dict[str, Any] | None:
        """What the document says of a network of other kinds; None of a chain of dense layers."""
        return self._part

    def take(self, part: dict[str, Any] | None) -> None:
        """What the document says of its network, where that is read by `kinds`."""
        self._part = part


def either(one: str, one_type: str, other: str, other_type: str) -> dict[str, JsonValue]:
    """What a schema says of two fields of which exactly one is there.

    Said with oneOf, it would cost generators of clients the whole operation: they look for types there.
    """
    return {
        "if": {"required": [one], "properties": {one: {"type": one_type}}},
        "then": {"properties": {other: {"type": "null"}}},
        "else": {"required": [other], "properties": {other: {"type": other_type}}},
    }


class NetworkDocument(GraphDocument):
    """What names a network in one way everywhere: the layers themselves, or a name."""

    model_config = ConfigDict(json_schema_extra=either("layers", "array", "network", "string"))
    long_arrays = True

    layers: Layers | None = Field(None, description="the network itself; or else its name in network")
    network: Name | None = Field(None, description=f"a preset ({', '.join(PRESET_NAMES)}) or a stored network's id")
    dtype: Annotated[str, WithJsonSchema({"type": "string", "enum": list(DTYPES)})] = "float32"
    device: Annotated[str, WithJsonSchema({"type": "string", "pattern": "^(auto|cpu|cuda(:[0-9]+)?|mps)$"})] = Field(
        default="auto", description="auto, cpu, cuda, cuda:N or mps, of those that GET /api/v1/device lists"
    )
    _made: Network | NetworkError | None = PrivateAttr(None)

    @property
    def carries(self) -> bool:
        """Whether the layers are here, of whatever kinds."""
        return self.layers is not None or self._part is not None

    def prepare(self) -> None:
        """Makes the network of the layers, if that is all right with `network_from`, and the inputs' numbers."""
        dtype = DTYPES.get(self.dtype)
        if dtype is None:
            return
        if self.carries and self.network is None:
            try:
                self._made = (
                    network_in(self.layers or (), dtype) if self._part is None else network_of(self._part, dtype)
                )
                if len(self._made.layers) > _MOST_LAYERS_COUNTED_LATER:
                    self._made.counted()
            except NetworkError as error:
                self._made = error
        inputs = getattr(self, "inputs", None)
        # What a named network takes is known when it has been fetched.
        if isinstance(inputs, LongArray) and isinstance(self._made, DenseNetwork):
            inputs.take(numpy_dtype(dtype))

    @property
    def made(self) -> Network | None:
        """The network that was made ahead. Raises NetworkError, as `network_in` does."""
        if isinstance(self._made, Exception):
            raise self._made
        return self._made


async def network_from(document: NetworkDocument, networks: Networks) -> Network:
    """The network that a document carries in `layers` or names in `network`, in the document's dtype.

    Raises NetworkError with a pointer to each fault.
    """
    dtype = dtype_named(document.dtype)
    if not document.carries and document.network is None:
        raise NetworkError(Fault("missing-field", "layers-or-network", "/layers"))
    if document.carries and document.network is not None:
        raise NetworkError(Fault("invalid-value", "layers-and-network", "/network"))
    if document.network is not None:
        return await networks.get(document.network, dtype)
    made = document.made
    if made is not None:
        return made
    return network_in(document.layers or (), dtype)


def network_in(layers: Iterable[LayerDocument], dtype: torch.dtype) -> DenseNetwork:
    """The network that these layers make. Raises NetworkError with a pointer to each fault."""
    return DenseNetwork(layer_of(layer, f"/layers/{k}", dtype) for k, layer in enumerate(layers))


def layer_of(document: LayerDocument, pointer: str, dtype: torch.dtype) -> DenseLayer:
    """The layer that a document carries. Raises NetworkError, their pointers counted from `pointer`."""
    weights = tensor(document.weights, f"{pointer}/weights", (2,), dtype)
    if weights.dim() == 2 and document.layout == "out_in":
        weights = weights.T.contiguous()
    if document.biases is None:
        biases = torch.zeros(weights.shape[-1], dtype=dtype)
    else:
        biases = tensor(document.biases, f"{pointer}/biases", (1,), dtype)
    activation = activation_named(document.activation, f"{pointer}/activation")
    return DenseLayer(weights, biases, activation, document.name)
