"""Operators that make tensors: constants, shapes, ranges."""

import math

import torch

from adelante.formats.onnx.operators.registry import Builder, OnnxNode, Value, reads
from adelante.formats.onnx.refusals import Refused
from adelante.formats.onnx.values import product
from adelante.network.operations import made
from adelante.network.operations.moves import DTYPES

_NAMES = {dtype: name for name, dtype in DTYPES.items()}


@reads("Constant")
def _constant(b: Builder, node: OnnxNode) -> Value:
    proto = node.tensor("value")
    if proto is not None:
        return b.constant(b.tensors.read(proto, node.place.node))
    if node.has("value_float"):
        return b.constant(torch.tensor(node.fraction("value_float"), dtype=torch.float32))
    if node.has("value_int"):
        return b.whole(node.whole("value_int"))
    if node.has("value_floats"):
        return b.constant(torch.tensor(node.fractions("value_floats"), dtype=torch.float32))
    wholes = node.wholes("value_ints")
    if wholes is None:
        raise Refused("onnx-not-constant", operand="value")
    return b.whole(wholes)


@reads("Shape")
def _shape(b: Builder, node: OnnxNode, x: Value) -> Value:
    start, end = node.whole("start"), node.whole("end", x.rank)
    return b.of_sizes(b.shape(x)[start:end])


@reads("Size")
def _size(b: Builder, node: OnnxNode, x: Value) -> Value:
    return b.of_sizes((product(b.shape(x)),), scalar=True)


@reads("ConstantOfShape")
def _constant_of_shape(b: Builder, node: OnnxNode, shape: Value) -> Value:
    proto = node.tensor("value")
    filling = torch.zeros(1) if proto is None else b.tensors.read(proto, "value")
    value = filling.reshape(()).item()
    return b.emit(made.Full(b.sizes(shape, "shape"), value, _NAMES[filling.dtype]))


@reads("Range")
def _range(b: Builder, node: OnnxNode, start: Value, limit: Value, delta: Value) -> Value:
    if limit.sizes is not None and start.constant is not None and delta.constant is not None:
        first, by = b.number(start), b.number(delta)
        (end,) = limit.sizes
        return b.emit(made.Arange(first or 0, (end,), by or 1))
    first, last, by = (b.known(each, "limits").reshape(()).item() for each in (start, limit, delta))
    count = math.ceil((last - first) / by)
    if count > 1 << 26:
        raise Refused("onnx-attribute", attribute="limit", value=str(last))
    return b.constant(torch.arange(first, last, by, dtype=start.dtype))


@reads("EyeLike")
def _eye(b: Builder, node: OnnxNode, x: Value) -> Value:
    from adelante.formats.onnx.tensors import dtype_of

    rows, columns = b.fixed_shape(x)
    if rows * columns > 1 << 24:
        raise Refused("onnx-attribute", attribute="shape", value=f"{rows}, {columns}")
    dtype = dtype_of(node.whole("dtype"), "EyeLike") if node.has("dtype") else x.dtype
    eye = torch.zeros(rows, columns, dtype=dtype)
    eye.diagonal(node.whole("k")).fill_(1)
    return b.constant(eye)
