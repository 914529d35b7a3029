"""What a question about a network points at: the number that varies, the neuron that is explained, a side of a plane.

The operations of HTTP and the live socket read them alike.
"""

from typing import Any

from pydantic import Field

from adelante.network.checks import check_held, check_index
from adelante.network.dense.network import DenseNetwork
from adelante.network.dense.responses import Axis, Vary, VaryBias, VaryInput, VaryWeight
from app.api.read.documents import Document, Index, validated


class VaryInputDocument(Document):
    input: Index


class VaryWeightDocument(Document):
    layer: Index
    weight: list[Index] = Field(min_length=2, max_length=2, description="[from, to]: its row and column in weights")


class VaryBiasDocument(Document):
    layer: Index
    bias: Index


VARY = {"anyOf": [model.model_json_schema() for model in (VaryInputDocument, VaryWeightDocument, VaryBiasDocument)]}


class TargetDocument(Document):
    layer: Index = Field(description="counted from 0, as in layers")
    neuron: Index


class AxisDocument(Document):
    input: Index = Field(description="which input runs along this side")
    from_: float = Field(alias="from", allow_inf_nan=False)
    to: float = Field(allow_inf_nan=False)


def vary_from(document: dict[str, Any], pointer: str = "/vary") -> Vary:
    """What a document says should vary. Raises Problem with a pointer to each fault."""
    if "weight" in document:
        weight = validated(VaryWeightDocument, document, pointer)
        return VaryWeight(weight.layer, weight.weight[0], weight.weight[1])
    if "bias" in document:
        bias = validated(VaryBiasDocument, document, pointer)
        return VaryBias(bias.layer, bias.bias)
    return VaryInput(validated(VaryInputDocument, document, pointer).input)


def axis_from(document: AxisDocument, network: DenseNetwork, pointer: str) -> Axis:
    """The side of a plane that a document means. Raises NetworkError (out-of-range)."""
    check_index(document.input, network.n_in, "no-such-input", f"{pointer}/input")
    check_held(document.from_, network.dtype, f"{pointer}/from")
    check_held(document.to, network.dtype, f"{pointer}/to")
    return Axis(document.input, document.from_, document.to)
