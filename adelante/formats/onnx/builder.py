"""What translations build: nodes of our operations, their shapes, and numbers that are known before any pass."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from adelante.formats.onnx.node import Place
from adelante.formats.onnx.refusals import Refused
from adelante.formats.onnx.tensors import Tensors
from adelante.formats.onnx.values import Sizes, Value, between
from adelante.formats.opened import Limits
from adelante.network.layering import Made
from adelante.network.metas import meta_of
from adelante.network.network import Node
from adelante.network.operations import Operation, PerBatch
from adelante.network.operations.functions import Function
from adelante.network.shapes import Meta

# Numbers that are worked out before any pass: so many of them, by so many multiplications each time.
_MOST_FOLDED = 1 << 26
_MOST_WORK = 1 << 32
_NOWHERE = Place("", None, None, None)


class Builder:
    """Collects what the network is made of. `batches` are the batches whose passes tell how sizes grow.

    `fixed` is the batch that the file says throughout, where it is taken for any.
    """

    def __init__(self, batches: Sequence[int], fixed: int | None, tensors: Tensors, limits: Limits) -> None:
        self.tensors = tensors
        self.batches = tuple(batches)
        self.fixed = fixed
        self.inputs: set[str] = set()
        self.parameters: dict[str, Tensor] = {}
        self.made: list[Made] = []
        self.ranks: dict[str, int] = {}
        self.place = _NOWHERE
        self.output = ""
        self._most_folded = min(_MOST_FOLDED, limits.parameters)
        self._folded = 0
        self._names: set[str] = set()

    def named(self, name: str) -> str:
        """The name, or one like it that no tensor has yet."""
        found, k = name, len(self._names)
        while found in self._names:
            found, k = f"{name}.{k}", k + 1
        self._names.add(found)
        return found

    # ---- values ----

    def constant(self, tensor: Tensor, name: str | None = None) -> Value:
        """Numbers that are known."""
        meta = Meta(tuple(tensor.shape), tensor.dtype)
        return Value(self.named(name or self.output), (meta,) * len(self.batches), tensor)

    def whole(self, numbers: int | Sequence[int]) -> Value:
        """Whole numbers that are known."""
        return self.constant(torch.tensor(numbers, dtype=torch.int64))

    def of_sizes(self, sizes: Sizes, *, scalar: bool = False) -> Value:
        """Sizes as a tensor: known where none of them grows with the batch."""
        if not any(isinstance(each, PerBatch) for each in sizes):
            return self.whole(sizes[0] if scalar else list(sizes))  # type: ignore[arg-type]
        meta = Meta(() if scalar else (len(sizes),), torch.int64)
        return Value(self.named(self.output), (meta,) * len(self.batches), None, tuple(sizes))

    def shape(self, value: Value) -> Sizes:
        """A tensor's shape, sizes that grow with the batch as PerBatch."""
        return tuple(between(self.batches, sizes) for sizes in zip(*(meta.shape for meta in value.metas), strict=True))

    def fixed_shape(self, value: Value) -> tuple[int, ...]:
        """A tensor's shape, which does not grow. Raises Refused."""
        return tuple(self.fixed_size(value, dim) for dim in range(value.rank))

    def fixed_size(self, value: Value, dim: int) -> int:
        """A size that does not grow. Raises Refused."""
        size = self.shape(value)[dim]
        if isinstance(size, PerBatch):
            raise Refused("onnx-of-batch")
        return size

    def known(self, value: Value, what: str) -> Tensor:
        """The numbers, which the file has to say. Raises Refused; `what` is the operand's name."""
        if value.constant is None:
            raise Refused("onnx-not-constant", operand=what)
        return value.constant

    def wholes(self, value: Value, what: str) -> list[int]:
        """Whole numbers that the file says, of any shape, one after the other."""
        if value.sizes is not None:
            raise Refused("onnx-of-batch")
        return [int(each) for each in self.known(value, what).reshape(-1).tolist()]

    def sizes(self, value: Value, what: str) -> Sizes:
        """Whole numbers that the file says, or sizes."""
        return tuple(self.wholes(value, what)) if value.sizes is None else value.sizes

    def number(self, value: Value) -> float | None:
        """The one number of a known tensor of one; None of any other."""
        if value.constant is None or value.constant.numel() != 1:
            return None
        return value.constant.reshape(()).item()

    # ---- nodes ----

    def emit(self, operation: Operation, *operands: Value) -> Value:
        """A node of this operation; its numbers where they are known already."""
        if any(each.sizes is not None for each in operands):
            raise Refused("onnx-of-batch")
        node = Node(self.place.node, operation, tuple(each.name for each in operands))
        metas = tuple(
            meta_of(node, operation.at_batch(batch), [each.metas[k] for each in operands])
            for k, batch in enumerate(self.batches)
        )
        if all(each.constant is not None for each in operands) and len({meta.shape for meta in metas}) == 1:
            known = self._worked_out(operation, operands, metas[0])
            if known is not None:
                return Value(self.named(self.output), metas, known)
        for each in operands:
            if each.constant is not None:
                self.parameters[each.name] = _dense(each.constant)
        value = Value(self.named(self.output), metas)
        module, source, label = self.place[1:]
        if label is not None and self.made and self.made[-1].label == label:
            # Of what one node becomes, the last is what it is called.
            self.made[-1] = self.made[-1]._replace(label=None)
        self.ranks[value.name] = value.rank
        self.made.append(Made(value.name, operation, node.inputs, module, source, label))
        return value

    def function(self, name: str, x: Value, **options: object) -> Value:
        """A function of each number."""
        return self.emit(Function.named(name, **options), x)

    def spend(self, count: int) -> None:
        """Takes note of numbers that are worked out before any pass. Raises Refused where they are too many."""
        self._folded += count
        if self._folded > self._most_folded:
            raise Refused("onnx-too-much-known", limit=self._most_folded)

    def _worked_out(self, operation: Operation, operands: Sequence[Value], meta: Meta) -> Tensor | None:
        """The result, where it is not too large and not too much work."""
        count = math.prod(meta.shape)
        work = operation.cost([each.metas[0].shape for each in operands], meta.shape)
        if self._folded + count > self._most_folded or work > _MOST_WORK:
            return None
        self._folded += count
        with torch.no_grad():
            return operation.at_batch(1).run(*(each.constant for each in operands if each.constant is not None))


def _dense(tensor: Tensor) -> Tensor:
    """A tensor that is expanded has one place in memory for many numbers, which nobody could change."""
    return tensor.contiguous() if 0 in tensor.stride() and tensor.numel() > 1 else tensor
