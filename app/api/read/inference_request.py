"""A request of the Open Inference Protocol: JSON, then, with the binary tensor extension, bytes of tensors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Annotated, NoReturn

import numpy as np
import torch
from pydantic import ConfigDict, Field, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema
from torch import Tensor

from adelante.formats.json.arrays import tensor_of_any_rank
from adelante.formats.json.numbers import numbers
from adelante.formats.tensors import check_finite, tensor_over
from adelante.network.dense.network import DenseNetwork
from adelante.network.errors import Fault, NetworkError, shape_text
from adelante.network.names import output_labels
from adelante.network.network import Input, Network
from app.api.http.body import Body
from app.api.read.checked import read_json
from app.api.read.documents import Count, Document, Index, Integer
from app.api.read.inputs import AnyInputs, Inputs
from app.settings import Settings

INPUT = "inputs"
DATATYPE = "FP32"
DATATYPES: dict[str, torch.dtype] = {
    DATATYPE: torch.float32,
    "FP64": torch.float64,
    "FP16": torch.float16,
    "BF16": torch.bfloat16,
    "INT64": torch.int64,
    "INT32": torch.int32,
    "INT16": torch.int16,
    "INT8": torch.int8,
    "UINT8": torch.uint8,
    "BOOL": torch.bool,
}
DATATYPE_OF = {dtype: name for name, dtype in DATATYPES.items()}


class Parameters(Document):
    """Parameters may be anything in this protocol; those that are not known here change nothing."""

    model_config = ConfigDict(extra="ignore", strict=True)


class InputParameters(Parameters):
    # Only in bodies of bytes, which the OpenAPI document describes in words.
    binary_data_size: SkipJsonSchema[Index | None] = None


_SIZE = {"type": "integer", "minimum": 1}
_SHAPE = {"type": "array", "items": _SIZE, "maxItems": 8}


class InputDocument(Parameters):
    model_config = ConfigDict(json_schema_extra={"required": ["name", "shape", "datatype", "data"]})

    name: Annotated[str, Field(max_length=200)] = Field(description="inputs, or as the model's metadata say")
    shape: Annotated[list[Integer], Field(max_length=8), WithJsonSchema(_SHAPE)] = Field(
        description="of one input, or with the batch first: [n_in], [batch, n_in]"
    )
    datatype: Annotated[str, Field(max_length=20), WithJsonSchema({"type": "string", "enum": list(DATATYPES)})]
    parameters: InputParameters | None = None
    data: AnyInputs = Field(None, description="flat, or nested as in shape")


class OutputParameters(Parameters):
    binary_data: bool = Field(default=False, description="as bytes after the JSON")
    classification: Count | None = Field(
        None, description="so many of its largest numbers instead, as texts value:place:label"
    )


_OUTPUT_NAME = {"type": "string", "maxLength": 200, "description": "as the model's metadata list them"}


class OutputDocument(Parameters):
    name: Annotated[str, Field(max_length=200), WithJsonSchema(_OUTPUT_NAME)]
    parameters: OutputParameters | None = None


class RequestParameters(Parameters):
    binary_data_output: bool = Field(default=False, description="all outputs as bytes, unless they say otherwise")


class InferDocument(Parameters):
    long_arrays = True

    id: str | None = Field(None, max_length=200)
    parameters: RequestParameters | None = None
    inputs: list[InputDocument] = Field(min_length=1, max_length=64)
    outputs: list[OutputDocument] | None = Field(None, max_length=200)


@dataclass(frozen=True, slots=True)
class WantedOutput:
    """An output by its name, as bytes or not; its `classes` largest numbers with what they stand for, or 0 for all."""

    name: str
    binary: bool
    classes: int = 0


@dataclass(frozen=True, slots=True)
class InferRequest:
    """`inputs` are one input or a batch, several by name. No outputs are all that the model has."""

    id: str | None
    inputs: Inputs
    outputs: list[WantedOutput]


def json_length(header: bytes | None, size: int) -> int:
    """How many bytes of the body are JSON, which Inference-Header-Content-Length says. Raises NetworkError."""
    if header is None:
        return size
    if not header.isdigit() or len(header) > 15 or int(header) > size:
        values = {"name": "Inference-Header-Content-Length", "got": header[:40].decode("latin-1"), "size": size}
        raise NetworkError(Fault("invalid-value", "header-length", "", values))
    return int(header)


def read_request(body: Body, end: int, settings: Settings, network: Network) -> InferRequest:
    """The request that a body makes of a network whose JSON ends at `end`. Raises NetworkError.

    A thread's work where the JSON is large.
    """
    document = read_json(body if end == len(body) else body[:end], InferDocument, settings)
    if isinstance(network, DenseNetwork) and len(document.inputs) > 1:
        values = {"name": "inputs", "expected": 1}
        raise NetworkError(Fault("invalid-value", "too-many-items", "/inputs", values))
    wanted = {each.name.removeprefix("inputs."): each for each in network.inputs}
    found: dict[str, Tensor] = {}
    start = end
    for k, described in enumerate(document.inputs):
        pointer = f"/inputs/{k}"
        _check_input(described, wanted, pointer)
        each = wanted[described.name]
        size = None if described.parameters is None else described.parameters.binary_data_size
        last = k == len(document.inputs) - 1
        if size is None:
            if last and start != len(body):
                _refuse_size(pointer, expected=0, got=len(body) - start)
            found[each.name] = _from_json(described, pointer, each)
        else:
            found[each.name] = _from_bytes(described, body, start, size, pointer, each, last=last)
            start += size
    if missing := [name for name, each in wanted.items() if each.name not in found]:
        values = {"name": missing[0]}
        raise NetworkError(Fault("missing-field", "missing-field", "/inputs", values))
    binary = document.parameters is not None and document.parameters.binary_data_output
    # An empty list is what some clients make of none: all that is usual.
    asked = document.outputs or [OutputDocument(name=name) for name in usual_outputs(network)]
    outputs = [_wanted(each, binary) for each in asked]
    return InferRequest(document.id, found if len(wanted) > 1 else found[network.inputs[0].name], outputs)


def _wanted(output: OutputDocument, binary: bool) -> WantedOutput:
    parameters = output.parameters
    if parameters is None:
        return WantedOutput(output.name, binary)
    return WantedOutput(output.name, parameters.binary_data, parameters.classification or 0)


def usual_outputs(network: Network) -> list[str]:
    """What the outputs are called: outputs, or each by its layer's name where there are several."""
    return ["outputs"] if len(network.outputs) == 1 else output_labels(network)


def _check_input(described: InputDocument, wanted: Mapping[str, Input], place: str) -> None:
    if described.name not in wanted:
        values = {"name": described.name, "known": list(wanted)}
        raise NetworkError(Fault("unknown-field", "unknown-tensor", f"{place}/name", values))
    datatype = DATATYPE_OF[wanted[described.name].dtype]
    if described.datatype != datatype:
        values = {"name": described.datatype, "known": [datatype]}
        fault = Fault("unsupported-dtype", "unsupported-dtype", f"{place}/datatype", values, hint="datatype")
        raise NetworkError(fault)
    shape = described.shape
    if min(shape, default=1) < 1:
        pointer, got = f"{place}/shape", {"got": _listed(shape)}
        if -1 in shape:
            fault = Fault("shape-mismatch", "shape-of-metadata", pointer, got | {"expected": _listed(_real(described))})
        elif 0 in shape:
            fault = Fault("empty", "empty-tensor", pointer, {"got": shape_text(shape)})
        else:
            fault = Fault("empty", "negative-size", pointer, got)
        raise NetworkError(fault)


def _real(described: InputDocument) -> list[int]:
    """The shape that is meant: a size of -1 is as many as the numbers fill, or else 1."""
    parameters = described.parameters
    if parameters is not None and parameters.binary_data_size is not None:
        count = parameters.binary_data_size // DATATYPES[described.datatype].itemsize
    else:
        data = described.data if isinstance(described.data, list) else []
        count = sum(len(each) if isinstance(each, list) else 1 for each in data)
    others = prod(size for size in described.shape if size > 0)
    return [size if size > 0 else max(1, count // others) for size in described.shape]


def _listed(shape: Sequence[int]) -> str:
    """A shape as JSON writes it, which is how it was sent: [1, 3]."""
    return str(list(shape))


def _refuse_size(place: str, *, expected: int, got: int) -> NoReturn:
    values = {"expected": expected, "got": got}
    raise NetworkError(Fault("shape-mismatch", "binary-size", f"{place}/parameters", values))


def _from_json(described: InputDocument, place: str, wanted: Input) -> Tensor:
    pointer = f"{place}/data"
    if described.data is None:
        raise NetworkError(Fault("not-a-number", "no-data", pointer))
    if len(wanted.shape) == 1 and wanted.dtype == torch.float32:
        found = torch.from_numpy(numbers(described.data, pointer, (1, 2), np.dtype("f4")))
    else:
        # The one number of an input without a dimension is sent in an array of one, or as it is.
        found = tensor_of_any_rank(described.data, pointer, wanted.dtype)
    shape = tuple(described.shape)
    if found.numel() != prod(shape) or (found.dim() > 1 and found.shape != shape):
        values = {"expected": shape_text(shape), "got": shape_text(found.shape)}
        raise NetworkError(Fault("shape-mismatch", "data-shape", pointer, values))
    return found.view(shape)


def _from_bytes(
    described: InputDocument, body: Body, start: int, size: int, place: str, wanted: Input, *, last: bool
) -> Tensor:
    expected, got = wanted.dtype.itemsize * prod(described.shape), len(body) - start
    if described.data is not None or size != expected or got < expected or (last and got != expected):
        _refuse_size(place, expected=expected, got=size if size != expected else got)
    inputs = tensor_over(body, wanted.dtype, tuple(described.shape), start)
    if wanted.dtype.is_floating_point:
        check_finite(inputs, described.name)
    return inputs
