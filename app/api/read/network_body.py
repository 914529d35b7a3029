"""A network in a request's body: JSON layers, or a file, which may stand in a form."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, GetJsonSchemaHandler, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from adelante.formats.choices import check_unchosen
from adelante.formats.opening import Limits, Opened, is_json, opened_in_steps, with_its_other_file
from adelante.formats.safetensors import opened_from_safetensors
from adelante.network.activations import activation_named
from adelante.network.dense.network import DenseNetwork
from adelante.network.errors import Fault, NetworkError
from adelante.network.network import Network
from app.api.http.body import JSON_TYPES, Body, check_json_type
from app.api.read.checked import read_json
from app.api.read.documents import GraphDocument, Layers, network_in
from app.api.read.form import FORM, Form, FormFile, form_in
from app.api.read.forward_binary import SAFETENSORS
from app.api.read.kinds import network_of
from app.compute.devices import DTYPES, dtype_named
from app.compute.pool import Steps
from app.settings import Settings

OCTETS = "application/octet-stream"
ONNX = "application/onnx"
FILE_TYPES = (SAFETENSORS, OCTETS)


class KeptDocument(GraphDocument):
    long_arrays = True

    layers: Layers | None = None
    dtype: Annotated[str, WithJsonSchema({"type": "string", "enum": list(DTYPES)})] = Field(
        "float32", description="the precision it is kept in"
    )

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = super().__get_pydantic_json_schema__(core, handler)
        own = handler.resolve_ref_schema(schema)
        # Those of other kinds are taken out before pydantic looks; there are layers all the same.
        own["properties"]["layers"] = next(each for each in own["properties"]["layers"]["anyOf"] if "items" in each)
        own["required"] = ["layers"]
        return schema


Choices = Mapping[str, Any]
Reader = Callable[[Body, Choices], Opened | Steps[Opened]]


def network_reader(content_type: bytes | None, settings: Settings) -> Reader:
    """What reads a body of this type, with what its sender chose where a file leaves it open.

    It gives steps where that takes a while. Raises NetworkError where none does, and when it is called NetworkError.
    """
    if content_type is None:
        return lambda body, choices: _told_by_content(Form([FormFile(None, body)], {}), choices, settings)
    kind = content_type.partition(b";")[0].strip().lower().decode("latin-1")
    if kind in JSON_TYPES:
        check_json_type(content_type)
        return lambda body, choices: _from_json(body, choices, settings)
    if kind == SAFETENSORS:
        return opened_from_safetensors
    if kind in (OCTETS, ONNX):
        return lambda body, choices: _told_by_content(Form([FormFile(None, body)], {}), choices, settings)
    if kind == FORM:
        return lambda body, choices: _told_by_content(form_in(content_type, body), choices, settings)
    values = {"got": kind[:100]}
    raise NetworkError(Fault("unsupported-media-type", "content-type", "", values, hint="content-type-network"))


def _told_by_content(form: Form, choices: Choices, settings: Settings) -> Opened | Steps[Opened]:
    name, data, beside = with_its_other_file(form.files)
    choices = {**form.choices, **choices}
    if is_json(data):
        return _from_json(data, choices, settings)
    return opened_in_steps(data, name, beside, choices, file_limits(settings))


def file_limits(settings: Settings) -> Limits:
    """What a file may ask for, by the settings that bound every network."""
    # A process that reads a file may not compute for longer than whoever waits for it does.
    seconds = max(1, min(settings.file_seconds, int(settings.pass_timeout_seconds)))
    return Limits(parameters=settings.max_parameters, apart_seconds=seconds, apart_memory=settings.file_memory_bytes)


def _from_json(body: Body, choices: Choices, settings: Settings) -> Opened:
    check_unchosen(choices)
    document = read_json(body, KeptDocument, settings)
    dtype = dtype_named(document.dtype)
    if document.part is not None:
        return Opened(network_of(document.part, dtype))
    if document.layers is None:
        raise NetworkError(Fault("missing-field", "missing-field", "/layers", {"name": "layers"}))
    return Opened(network_in(document.layers, dtype))


def decided(
    read: Callable[[Choices], Opened | Steps[Opened]], choices: Choices, activation: str | None, pointer: str
) -> Steps[Opened]:
    """What a file holds with these choices, and with activations in place of what it says; in the steps of `read`.

    Raises what `read` and `with_activations` do.
    """
    found = yield from _finished(read(choices))
    if activation is None:
        return found
    assumed = [note for note in found.notes if note.key == "activations-assumed"]
    if assumed and not isinstance(found.network, DenseNetwork):
        # Batch norms stand between the layers, and the reader of the file knows after which an activation comes.
        return (yield from _finished(read({**choices, "activation": activations_in(activation)})))
    network = with_activations(found.network, activations_in(activation), pointer)
    return Opened(network, tuple(note for note in found.notes if note not in assumed))


def _finished(found: Opened | Steps[Opened]) -> Steps[Opened]:
    return found if isinstance(found, Opened) else (yield from found)


def activations_in(text: str) -> list[str]:
    """The names in "relu, identity"."""
    return text.replace(" ", "").split(",")


def with_activations(network: Network, named: Sequence[str], pointer: str) -> DenseNetwork:
    """The network with one activation for all layers, or one for each. Raises NetworkError at `pointer`."""
    found = [activation_named(name, pointer) for name in named]
    if not isinstance(network, DenseNetwork):
        raise NetworkError(Fault("invalid-value", "activations-of-dense", pointer))
    count = len(network.layers)
    if len(found) not in (1, count):
        values = {"got": len(found), "expected": count}
        raise NetworkError(Fault("shape-mismatch", "activations-count", pointer, values))
    each = found * count if len(found) == 1 else found
    return DenseNetwork(
        layer.with_activation(activation) for layer, activation in zip(network.layers, each, strict=True)
    )
