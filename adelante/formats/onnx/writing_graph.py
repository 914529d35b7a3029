"""An ONNX graph while it is written: its nodes, the constants that they share, and names that are free."""

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from onnx import NodeProto, TensorProto, helper
from torch import Tensor

from adelante.network.operations import PerBatch
from adelante.network.operations.operation import Size

TYPES: dict[torch.dtype, int] = {
    torch.float32: TensorProto.FLOAT,
    torch.float64: TensorProto.DOUBLE,
    torch.float16: TensorProto.FLOAT16,
    torch.bfloat16: TensorProto.BFLOAT16,
    torch.int64: TensorProto.INT64,
    torch.int32: TensorProto.INT32,
    torch.int16: TensorProto.INT16,
    torch.int8: TensorProto.INT8,
    torch.uint8: TensorProto.UINT8,
    torch.bool: TensorProto.BOOL,
}
"""ONNX's numbers for torch's types."""
OPSET = 21
"""What a graph asks for unless an operation of it is younger. onnxruntime 1.18 (May 2024) has it."""


def tensor_proto(tensor: Tensor, name: str = "") -> TensorProto:
    """The tensor as ONNX keeps it, its numbers as they lie in memory."""
    flat = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
    return TensorProto(
        name=name, data_type=TYPES[tensor.dtype], dims=tuple(tensor.shape), raw_data=flat.numpy().tobytes()
    )


class Graph:
    """`taken` are the names that the network itself uses; `batch_of` is an input whose first dimension is the batch."""

    def __init__(self, taken: Iterable[str], batch_of: str | None) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[NodeProto] = []
        self.opset = OPSET
        self._taken = set(taken)
        self._batch_of = batch_of
        self._known: dict[Any, str] = {}

    def needs(self, opset: int) -> None:
        """An operation is used that came with this opset."""
        self.opset = max(self.opset, opset)

    def name(self, wanted: str) -> str:
        """A name that nothing has yet."""
        found, n = wanted, 2
        while found in self._taken:
            found, n = f"{wanted}_{n}", n + 1
        self._taken.add(found)
        return found

    def add(self, op: str, inputs: Sequence[str], output: str, before: Sequence[str] = (), **attributes: Any) -> str:
        """One more node; gives the name of its result, which comes after those of `before`, where it has several.

        Attributes that are None are left out.
        """
        told = {key: value for key, value in attributes.items() if value is not None}
        self.nodes.append(helper.make_node(op, inputs, [*before, output], name=output, **told))
        return output

    def constant(self, tensor: Tensor) -> str:
        """The name of a tensor that never changes; the same one for the same numbers."""
        proto = tensor_proto(tensor)
        key = (proto.data_type, tuple(tensor.shape), proto.raw_data)
        if key not in self._known:
            name = self._known[key] = self.name(f"constants.{len(self._known)}")
            self.constants.append(helper.make_node("Constant", [], [name], name=name, value=proto))
        return self._known[key]

    def sizes(self, sizes: Sequence[Size]) -> str:
        """The name of a list of sizes (int64); where some grow with the batch, it is found in each pass."""
        if not any(isinstance(each, PerBatch) for each in sizes):
            return self.constant(torch.tensor(sizes, dtype=torch.int64))
        key = ("sizes", tuple(sizes))
        if key not in self._known:
            one_by_one = [
                self._of_batch(each) if isinstance(each, PerBatch) else self.constant(torch.tensor([each]))
                for each in sizes
            ]
            if len(one_by_one) == 1:
                return one_by_one[0]
            self._known[key] = self.add("Concat", one_by_one, self.name("sizes"), axis=0)
        return self._known[key]

    def _of_batch(self, size: PerBatch) -> str:
        """times · batch + plus, as a list of one."""
        if size not in self._known:
            if size == PerBatch(1):
                assert self._batch_of is not None
                found = self.add("Shape", [self._batch_of], self.name("batch"), start=0, end=1)
            elif size.plus:
                plus = self.constant(torch.tensor([size.plus]))
                found = self.add("Add", [self._of_batch(PerBatch(size.times)), plus], self.name("batch"))
            else:
                times = self.constant(torch.tensor([size.times]))
                found = self.add("Mul", [self._of_batch(PerBatch(1)), times], self.name("batch"))
            self._known[size] = found
        return self._known[size]

    def finish(self, found: str, name: str, begun: int) -> None:
        """Has `found` be called `name`: the node that gives it, of those from `begun` on, or a copy of it."""
        fresh = self.nodes[begun:]
        giver = next((node for node in fresh if node.output[0] == found and found not in self._known.values()), None)
        if giver is None:
            self.add("Identity", [found], name)
            return
        giver.output[0] = giver.name = name
        for node in fresh:
            node.input[:] = [name if each == found else each for each in node.input]
