"""A request of the Open Inference Protocol: JSON, then, with the binary tensor extension, bytes of tensors."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Annotated, NoReturn

import numpy as np
import torch
from pydantic import ConfigDict, Field, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema
from torch import Tensor

from adelante.formats.json.numbers import numbers
from adelante.formats.tensors import check_finite, tensor_over
from adelante.network.errors import Fault, shape_text
from app.api.http.body import Body
from app.api.http.problems import Problem
from app.api.read.documents import Document, Index, Inputs, Integer, read_json
from app.settings import Settings

INPUT = "inputs"
DATATYPE = "FP32"


class Parameters(Document):
    """Parameters may be anything in this protocol; those that are not known here change nothing."""

    model_config = ConfigDict(extra="ignore", strict=True)


class InputParameters(Parameters):
    # Only in bodies of bytes, which the OpenAPI document describes in words.
    binary_data_size: SkipJsonSchema[Index | None] = None


_SIZE = {"type": "integer", "minimum": 1}
_SHAPE = {"type": "array", "items": _SIZE, "minItems": 1, "maxItems": 2}


class InputDocument(Parameters):
    model_config = ConfigDict(json_schema_extra={"required": ["name", "shape", "datatype", "data"]})

    name: Annotated[str, Field(max_length=200), WithJsonSchema({"type": "string", "const": INPUT})]
    shape: Annotated[list[Integer], Field(min_length=1, max_length=8), WithJsonSchema(_SHAPE)] = Field(
        description="[n_in] or [batch, n_in]"
    )
    datatype: Annotated[str, Field(max_length=20), WithJsonSchema({"type": "string", "const": DATATYPE})]
    parameters: InputParameters | None = None
    data: Inputs = Field(None, description="flat, or nested as in shape")


class OutputParameters(Parameters):
    binary_data: bool = Field(default=False, description="as bytes after the JSON")


_OUTPUT_NAME = {"type": "string", "pattern": r"^(outputs|layers\.[0-9]+\.(pre_activations|activations))$"}


class OutputDocument(Parameters):
    name: Annotated[str, Field(max_length=200), WithJsonSchema(_OUTPUT_NAME)]
    parameters: OutputParameters | None = None


class RequestParameters(Parameters):
    binary_data_output: bool = Field(default=False, description="all outputs as bytes, unless they say otherwise")


class InferDocument(Parameters):
    long_arrays = True

    id: str | None = Field(None, max_length=200)
    parameters: RequestParameters | None = None
    inputs: list[InputDocument] = Field(min_length=1, max_length=1)
    outputs: list[OutputDocument] | None = Field(None, max_length=200)


@dataclass(frozen=True, slots=True)
class InferRequest:
    """`inputs` are (n_in,) or (batch, n_in), float32; `outputs` are names, each with whether it is wanted as bytes."""

    id: str | None
    inputs: Tensor
    outputs: list[tuple[str, bool]]


def json_length(header: bytes | None, size: int) -> int:
    """How many bytes of the body are JSON, which Inference-Header-Content-Length says. Raises Problem."""
    if header is None:
        return size
    if not header.isdigit() or len(header) > 15 or int(header) > size:
        values = {"name": "Inference-Header-Content-Length", "got": header[:40].decode("latin-1"), "size": size}
        raise Problem("invalid-value", Fault("invalid-value", "header-length", "", values))
    return int(header)


def read_request(body: Body, end: int, settings: Settings) -> InferRequest:
    """The request that a body makes whose JSON ends at `end`. Raises Problem or NetworkError.

    A thread's work where the JSON is large.
    """
    document = read_json(body if end == len(body) else body[:end], InferDocument, settings)
    described = document.inputs[0]
    _check_input(described)
    size = None if described.parameters is None else described.parameters.binary_data_size
    inputs = _from_json(described, body, end) if size is None else _from_bytes(described, body, end, size)
    binary = document.parameters is not None and document.parameters.binary_data_output
    # An empty list is what some clients make of none: all that is usual.
    asked = document.outputs or [OutputDocument(name="outputs")]
    outputs = [(each.name, each.parameters.binary_data if each.parameters else binary) for each in asked]
    return InferRequest(document.id, inputs, outputs)


def _check_input(described: InputDocument) -> None:
    if described.name != INPUT:
        values = {"name": described.name, "known": [INPUT]}
        raise Problem("unknown-field", Fault("unknown-field", "unknown-tensor", "/inputs/0/name", values))
    if described.datatype != DATATYPE:
        values = {"name": described.datatype, "known": [DATATYPE]}
        fault = Fault("unsupported-dtype", "unsupported-dtype", "/inputs/0/datatype", values, hint="datatype")
        raise Problem("unsupported-dtype", fault)
    shape = described.shape
    if min(shape) < 1:
        pointer, got = "/inputs/0/shape", {"got": _listed(shape)}
        if -1 in shape:
            fault = Fault("shape-mismatch", "shape-of-metadata", pointer, got | {"expected": _listed(_real(described))})
        elif 0 in shape:
            fault = Fault("empty", "empty-tensor", pointer, {"got": shape_text(shape)})
        else:
            fault = Fault("empty", "negative-size", pointer, got)
        raise Problem(fault.type, fault)


def _real(described: InputDocument) -> list[int]:
    """The shape that is meant: a size of -1 is as many as the numbers fill, or else 1."""
    parameters = described.parameters
    if parameters is not None and parameters.binary_data_size is not None:
        count = parameters.binary_data_size // 4
    else:
        data = described.data if isinstance(described.data, list) else []
        count = sum(len(each) if isinstance(each, list) else 1 for each in data)
    others = prod(size for size in described.shape if size > 0)
    return [size if size > 0 else max(1, count // others) for size in described.shape]


def _listed(shape: Sequence[int]) -> str:
    """A shape as JSON writes it, which is how it was sent: [1, 3]."""
    return str(list(shape))


def _refuse_size(*, expected: int, got: int) -> NoReturn:
    values = {"expected": expected, "got": got}
    raise Problem("shape-mismatch", Fault("shape-mismatch", "binary-size", "/inputs/0/parameters", values))


def _from_json(described: InputDocument, body: Body, end: int) -> Tensor:
    if end != len(body):
        _refuse_size(expected=0, got=len(body) - end)
    if described.data is None:
        raise Problem("not-a-number", Fault("not-a-number", "no-data", "/inputs/0/data"))
    array = numbers(described.data, "/inputs/0/data", (1, 2), np.dtype("f4"))
    shape = tuple(described.shape)
    if array.size != prod(shape) or (array.ndim == 2 and array.shape != shape):
        values = {"expected": shape_text(shape), "got": shape_text(array.shape)}
        raise Problem("shape-mismatch", Fault("shape-mismatch", "data-shape", "/inputs/0/data", values))
    return torch.from_numpy(array).view(shape)


def _from_bytes(described: InputDocument, body: Body, end: int, size: int) -> Tensor:
    expected, got = 4 * prod(described.shape), len(body) - end
    if described.data is not None or size != expected or got != expected:
        _refuse_size(expected=expected, got=size if size != expected else got)
    inputs = tensor_over(body, torch.float32, tuple(described.shape), end)
    check_finite(inputs, INPUT)
    return inputs
