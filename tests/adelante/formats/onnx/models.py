"""Small models, and their numbers by ONNX's own reference and by onnxruntime."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from torch import Tensor

import adelante
from adelante.formats.opening import Opened, opened

Array = "np.ndarray[Any, np.dtype[Any]]"
onnxruntime.set_default_logger_severity(4)


def model(
    nodes: Sequence[NodeProto],
    inputs: Mapping[str, Any],
    outputs: Sequence[str],
    initializers: Mapping[str, Any] | None = None,
    opset: int = 17,
    domains: Mapping[str, int] | None = None,
    batch: str | None = None,
) -> ModelProto:
    """A model of these nodes. Inputs and initializers are arrays; with `batch` the first dimension is called so."""
    given = []
    for name, value in inputs.items():
        shape: list[int | str] = list(np.shape(value))
        if batch is not None:
            shape[0] = batch
        given.append(helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), shape))
    graph = helper.make_graph(
        list(nodes),
        "g",
        given,
        [helper.make_empty_tensor_value_info(name) for name in outputs],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in (initializers or {}).items()],
    )
    imports = [helper.make_opsetid("", opset), *(helper.make_opsetid(d, v) for d, v in (domains or {}).items())]
    return helper.make_model(graph, opset_imports=imports, ir_version=10 if opset < 25 else 13)


def with_open_steps() -> bytes:
    """A model whose input, (batch, steps, 3), leaves its steps open."""
    proto = model([helper.make_node("Relu", ["x"], ["y"])], {"x": np.ones((1, 2, 3), "f4")}, ["y"], batch="n")
    proto.graph.input[0].type.tensor_type.shape.dim[1].dim_param = "steps"
    return bytes(proto.SerializeToString())


def one(
    operator: str,
    inputs: Mapping[str, Any],
    known: Mapping[str, Any] | None = None,
    *,
    outputs: int = 1,
    opset: int = 17,
    domain: str = "",
    order: Sequence[str] | None = None,
    **attributes: Any,
) -> ModelProto:
    """A model of one node, whose operands are the inputs and then what is known, or in the order that is given."""
    names = list(order) if order is not None else [*inputs, *(known or {})]
    results = [f"out{k}" for k in range(outputs)]
    node = helper.make_node(operator, names, results, name="the_node", domain=domain, **attributes)
    return model([node], inputs, results, known, opset, {domain: 3} if domain else None)


def computed(proto: ModelProto, inputs: Mapping[str, Any]) -> list[Tensor]:
    """What our network of the model gives, output by output."""
    network = opened(proto.SerializeToString()).network
    given = {
        each.name: torch.from_numpy(np.array(value))
        for each, value in zip(network.inputs, inputs.values(), strict=True)
    }
    trace = adelante.forward(network, given)
    return [trace[name] for name in network.outputs]


def reference(proto: ModelProto, inputs: Mapping[str, Any]) -> list[Any]:
    """What onnx.reference gives."""
    return list(ReferenceEvaluator(proto).run(None, dict(inputs)))


def runtime(proto: ModelProto, inputs: Mapping[str, Any]) -> list[Any]:
    """What onnxruntime gives."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return list(session.run(None, dict(inputs)))


def assert_same(ours: Sequence[Tensor], theirs: Sequence[Any], tolerance: float = 1e-5) -> None:
    """Shapes, dtypes and numbers, relative to the largest."""
    assert len(ours) == len(theirs)
    for found, wanted in zip(ours, theirs, strict=True):
        wanted = np.asarray(wanted)
        assert tuple(found.shape) == wanted.shape
        assert str(found.dtype).removeprefix("torch.") == str(wanted.dtype)
        size = max(1.0, float(np.abs(wanted.astype("f8"))[np.isfinite(wanted.astype("f8"))].max(initial=0)))
        np.testing.assert_allclose(found.numpy(), wanted, rtol=0, atol=tolerance * size)


def open_model(proto: ModelProto, **options: Any) -> Opened:
    """The network of a model, and its notes."""
    return opened(proto.SerializeToString(), **options)


__all__ = [
    "Array",
    "TensorProto",
    "assert_same",
    "computed",
    "model",
    "one",
    "onnx",
    "open_model",
    "reference",
    "runtime",
]
