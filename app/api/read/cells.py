"""What a question about a network points at: a cell, or one of the older ways to name a number of a dense layer.

The operations of HTTP and the live socket read them here alike. Whatever the form, a cell comes out; what is wrong with
it is told in the words and at the place of the form that was used. Layers count from 0 in all of them.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple

import torch
from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticKnownError
from torch import Tensor

from adelante.network.cells import Cell, check_cell, shape_of
from adelante.network.checks import check_index
from adelante.network.errors import Fault, NetworkError, shape_text
from adelante.network.network import Input, Network
from app.api.read.checked import validated
from app.api.read.documents import MAX_NAME_LENGTH, Document, Index, Name, either
from app.api.read.inputs import inputs_for

# torch's own most.
_MOST_DIMENSIONS = 64


class Place(NamedTuple):
    """A cell that was asked for, and how: `form` is the field that named it."""

    cell: Cell
    pointer: str
    form: str = "cell"


class CellDocument(Document):
    tensor: Name = Field(description="inputs, layers.K.weights, layers.K.activations, …; K counts from 0")
    at: list[Index] = Field(max_length=_MOST_DIMENSIONS, description="its index, which does not count the batch")

    def place(self, pointer: str) -> Place:
        """The number that the checked document names."""
        return Place(Cell(self.tensor, tuple(self.at)), pointer)


class VaryInputDocument(Document):
    input: Index

    def place(self, pointer: str) -> Place:
        """The number that the checked document names."""
        return Place(Cell("inputs", (self.input,)), pointer, "input")


class VaryWeightDocument(Document):
    layer: Index
    weight: list[Index] = Field(min_length=2, max_length=2, description="[from, to]: its row and column in weights")

    def place(self, pointer: str) -> Place:
        """The number that the checked document names."""
        return Place(Cell(f"layers.{self.layer}.weights", tuple(self.weight)), pointer, "weight")


class VaryBiasDocument(Document):
    layer: Index
    bias: Index

    def place(self, pointer: str) -> Place:
        """The number that the checked document names."""
        return Place(Cell(f"layers.{self.layer}.biases", (self.bias,)), pointer, "bias")


class TargetDocument(Document):
    layer: Index = Field(description="counted from 0, as in layers")
    neuron: Index


VARY = {
    "anyOf": [
        model.model_json_schema() for model in (VaryInputDocument, VaryWeightDocument, VaryBiasDocument, CellDocument)
    ]
}
TARGET = {"anyOf": [model.model_json_schema() for model in (TargetDocument, CellDocument)]}


class AxisDocument(Document):
    model_config = ConfigDict(json_schema_extra=either("input", "integer", "cell", "object"))

    input: Index | None = Field(None, description="which input runs along this side")
    cell: CellDocument | None = Field(None, description="or else which number of the inputs or of a parameter")
    from_: float = Field(alias="from", allow_inf_nan=False)
    to: float = Field(allow_inf_nan=False)


# For each index of a form's cell, where it stands in the document and which sentence says that it is not there.
_INDICES = {
    "input": (("/input", "no-such-input"),),
    "weight": (("/weight/0", "no-such-weight-row"), ("/weight/1", "no-such-weight-column")),
    "bias": (("/bias", "no-such-neuron"),),
    "neuron": (("/neuron", "no-such-neuron"),),
}


_Document = CellDocument | VaryWeightDocument | VaryBiasDocument | VaryInputDocument
_FORMS: dict[str, type[_Document]] = {
    "cell": CellDocument,
    "weight": VaryWeightDocument,
    "bias": VaryBiasDocument,
    "input": VaryInputDocument,
}


def form_of(document: Mapping[str, Any]) -> str:
    """How a document names a number: as a cell, or as a weight, bias or input of dense layers."""
    if "tensor" in document or "at" in document:
        return "cell"
    return next((form for form in ("weight", "bias") if form in document), "input")


def place_from(document: Mapping[str, Any], pointer: str) -> Place:
    """The number that a document names: `{"tensor", "at"}`, `{"input"}`, `{"layer", "weight"}`, `{"layer", "bias"}`.

    Raises NetworkError with a pointer to each fault.
    """
    return validated(_FORMS[form_of(document)], document, pointer).place(pointer)


def target_from(document: Mapping[str, Any], pointer: str = "/target") -> TargetDocument | Place:
    """What is to be explained: a neuron of a dense layer, or any cell. Raises NetworkError."""
    if "tensor" in document or "at" in document:
        return validated(CellDocument, document, pointer).place(pointer)
    return validated(TargetDocument, document, pointer)


def axis_place(document: AxisDocument, pointer: str) -> Place:
    """The number that runs along one side of a plane. Raises NetworkError."""
    if document.cell is None:
        given = {} if document.input is None else {"input": document.input}
        return validated(VaryInputDocument, given, pointer).place(pointer)
    if document.input is not None:
        raise NetworkError(Fault("invalid-value", "input-and-cell", f"{pointer}/cell"))
    return document.cell.place(f"{pointer}/cell")


def check_place(network: Network, place: Place) -> None:
    """Raises NetworkError where the network has no such number."""
    cell, pointer, form = place
    shapes = network.shapes
    if form == "cell":
        check_cell(shapes, cell, pointer)
        return
    if form != "input":
        layer = int(cell.tensor.split(".")[1])
        check_index(layer, len(network.layers), "no-such-layer", f"{pointer}/layer")
    shape = shapes.get(cell.tensor, ())
    if len(shape) != len(cell.at):
        values = {"tensor": cell.tensor, "expected": shape_text(shape), "name": form}
        raise NetworkError(Fault("shape-mismatch", "cell-needed", pointer, values))
    for index, size, (suffix, key) in zip(cell.at, shape, _INDICES[form], strict=True):
        check_index(index, size, key, pointer + suffix)


def check_varied(network: Network, place: Place) -> torch.dtype:
    """The dtype of a number that is to take other values. Raises NetworkError where it is not there, or is computed."""
    check_place(network, place)
    return check_given(network, place.cell.tensor, f"{place.pointer}/tensor")


def check_given(network: Network, name: str, pointer: str) -> torch.dtype:
    """The dtype of an input or a parameter. Raises NetworkError where it is not there, or is computed."""
    parameter = network.parameters.get(name)
    if parameter is not None:
        return parameter.dtype
    for given in network.inputs:
        if given.name == name:
            return given.dtype
    shape_of(network.shapes, name, pointer)
    raise NetworkError(Fault("out-of-range", "cell-computed", pointer, {"tensor": name}))


def check_computed(network: Network, cell: Cell, pointer: str) -> None:
    """Raises NetworkError where the cell is of a tensor that was given."""
    if cell.tensor not in network.by_name:
        raise NetworkError(Fault("out-of-range", "cell-given", f"{pointer}/tensor", {"tensor": cell.tensor}))


# What to tell of responses.
def _told(value: Any) -> Any:
    names = isinstance(value, list) and all(isinstance(each, str) and len(each) <= MAX_NAME_LENGTH for each in value)
    if value in ("trace", "outputs") or (names and value):
        return value
    raise PydanticKnownError("literal_error", {"expected": "'trace', 'outputs', ['layers.0.activations', …]"})


Return = Annotated[
    Any,
    BeforeValidator(_told),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "enum": ["trace", "outputs"]},
                {"type": "array", "items": {"type": "string", "maxLength": MAX_NAME_LENGTH}, "minItems": 1},
            ]
        }
    ),
]


def check_told(network: Network, told: str | Sequence[str]) -> None:
    """Raises NetworkError where a name in `told` is that of no tensor."""
    if not isinstance(told, str):
        for k, name in enumerate(told):
            shape_of(network.shapes, name, f"/return/{k}")


def one_input(network: Network, given: Any) -> Tensor | Mapping[str, Tensor]:
    """The one input that a question about cells is about, by name where the network takes several.

    Raises NetworkError.
    """
    found = inputs_for(network, given)
    if isinstance(found, Tensor):
        return _one_of(network.inputs[0], found, "/inputs")
    return {
        each.name: _one_of(each, found[each.name], f"/inputs/{each.name.removeprefix('inputs.')}")
        for each in network.inputs
    }


def _one_of(wanted: Input, found: Tensor, pointer: str) -> Tensor:
    if found.dim() == len(wanted.shape) + 1 and found.shape[0] == 1:
        found = found[0]
    if found.shape != wanted.shape:
        values = {"expected": shape_text(wanted.shape), "got": shape_text(found.shape)}
        raise NetworkError(Fault("shape-mismatch", "same-shape", pointer, values))
    return found
