"""What a question about a network points at: a cell, or one of the older ways to name a number of a dense layer.

The operations of HTTP and the live socket read them here alike. Whatever the form, a cell comes out; what is wrong with
it is told in the words and at the place of the form that was used. Layers count from 0 in all of them.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from pydantic import ConfigDict, Field

from adelante.network.cells import Cell, check_cell
from adelante.network.checks import check_index
from adelante.network.dense.general import dense_shapes
from adelante.network.dense.network import DenseNetwork
from adelante.network.errors import Fault, NetworkError, shape_text
from adelante.network.network import Network
from app.api.http.problems import Problem
from app.api.read.documents import Document, Index, Name, either, validated

# torch's own most.
_MOST_DIMENSIONS = 64


class CellDocument(Document):
    tensor: Name = Field(description="inputs, layers.K.weights, layers.K.activations, …; K counts from 0")
    at: list[Index] = Field(max_length=_MOST_DIMENSIONS, description="its index, which does not count the batch")


class VaryInputDocument(Document):
    input: Index


class VaryWeightDocument(Document):
    layer: Index
    weight: list[Index] = Field(min_length=2, max_length=2, description="[from, to]: its row and column in weights")


class VaryBiasDocument(Document):
    layer: Index
    bias: Index


class TargetDocument(Document):
    layer: Index = Field(description="counted from 0, as in layers")
    neuron: Index


VARY = {
    "anyOf": [
        model.model_json_schema()
        for model in (VaryInputDocument, VaryWeightDocument, VaryBiasDocument, CellDocument)
    ]
}
TARGET = {"anyOf": [model.model_json_schema() for model in (TargetDocument, CellDocument)]}


class AxisDocument(Document):
    model_config = ConfigDict(json_schema_extra=either("input", "integer", "cell", "object"))

    input: Index | None = Field(None, description="which input runs along this side")
    cell: CellDocument | None = Field(None, description="or else which number of the inputs or of a parameter")
    from_: float = Field(alias="from", allow_inf_nan=False)
    to: float = Field(allow_inf_nan=False)


class Place(NamedTuple):
    """A cell that was asked for, and how: `form` is the field that named it."""

    cell: Cell
    pointer: str
    form: str = "cell"


# For each index of a form's cell, where it stands in the document and which sentence says that it is not there.
_INDICES = {
    "input": (("/input", "no-such-input"),),
    "weight": (("/weight/0", "no-such-weight-row"), ("/weight/1", "no-such-weight-column")),
    "bias": (("/bias", "no-such-neuron"),),
    "neuron": (("/neuron", "no-such-neuron"),),
}


def place_from(document: Mapping[str, Any], pointer: str) -> Place:
    """The number that a document names: `{"tensor", "at"}`, `{"input"}`, `{"layer", "weight"}`, `{"layer", "bias"}`.

    Raises Problem with a pointer to each fault.
    """
    if "tensor" in document or "at" in document:
        return _cell_place(validated(CellDocument, document, pointer), pointer)
    if "weight" in document:
        weight = validated(VaryWeightDocument, document, pointer)
        return Place(Cell(f"layers.{weight.layer}.weights", tuple(weight.weight)), pointer, "weight")
    if "bias" in document:
        bias = validated(VaryBiasDocument, document, pointer)
        return Place(Cell(f"layers.{bias.layer}.biases", (bias.bias,)), pointer, "bias")
    return Place(Cell("inputs", (validated(VaryInputDocument, document, pointer).input,)), pointer, "input")


def target_from(document: Mapping[str, Any], pointer: str = "/target") -> TargetDocument | Place:
    """What is to be explained: a neuron of a dense layer, or any cell. Raises Problem."""
    if "tensor" in document or "at" in document:
        return _cell_place(validated(CellDocument, document, pointer), pointer)
    return validated(TargetDocument, document, pointer)


def axis_place(document: AxisDocument, pointer: str) -> Place:
    """The cell that runs along one side of a plane. Raises Problem."""
    if document.cell is None:
        given = {} if document.input is None else {"input": document.input}
        return Place(Cell("inputs", (validated(VaryInputDocument, given, pointer).input,)), pointer, "input")
    if document.input is not None:
        raise Problem("invalid-value", Fault("invalid-value", "input-and-cell", f"{pointer}/cell"))
    return _cell_place(document.cell, f"{pointer}/cell")


def _cell_place(document: CellDocument, pointer: str) -> Place:
    return Place(Cell(document.tensor, tuple(document.at)), pointer)


def check_place(network: DenseNetwork | Network, place: Place) -> None:
    """Raises NetworkError where the network has no such number."""
    cell, pointer, form = place
    shapes = shapes_in(network)
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


def shapes_in(network: DenseNetwork | Network) -> Mapping[str, tuple[int, ...]]:
    """The shape of each tensor by name, without the batch."""
    return dense_shapes(network) if isinstance(network, DenseNetwork) else network.shapes


def check_varied(network: DenseNetwork | Network, place: Place) -> torch.dtype:
    """The dtype of a number that is to take other values. Raises NetworkError where it is not there, or is computed."""
    check_place(network, place)
    name = place.cell.tensor
    if isinstance(network, DenseNetwork):
        found = network.dtype if not name.endswith("activations") else None
    elif name in network.parameters:
        found = network.parameters[name].dtype
    else:
        found = next((each.dtype for each in network.inputs if each.name == name), None)
    if found is None:
        raise NetworkError(Fault("out-of-range", "cell-computed", f"{place.pointer}/tensor", {"tensor": name}))
    return found
