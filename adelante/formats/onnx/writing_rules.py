"""What each kind becomes in ONNX: one table, filled by the modules beside this one that are called `writing_…`.

A rule is the name of an ONNX operation that does the same, or a function of the call that adds nodes and gives the name
of the result.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from adelante.formats.onnx.writing_graph import TYPES, Graph
from adelante.network.errors import Fault, NetworkError, pointer_of_place
from adelante.network.operations import PerBatch
from adelante.network.operations.operation import Size
from adelante.network.operations.written import Written


class Known(NamedTuple):
    """What is known of a tensor before any pass."""

    shape: tuple[Size, ...]
    dtype: torch.dtype


@dataclass(frozen=True)
class Call(Written):
    """One operation of the network: `operands` are the names of what it takes, `known` what is known of them."""

    known: tuple[Known, ...]
    result: Known
    name: str
    graph: Graph

    # ---- what is known ----

    @property
    def dtype(self) -> torch.dtype:
        """The result's."""
        return self.result.dtype

    @property
    def shape(self) -> tuple[Size, ...]:
        """The first operand's."""
        return self.known[0].shape

    @property
    def rank(self) -> int:
        """How many dimensions the first operand has."""
        return len(self.known[0].shape)

    def axis(self, dim: int) -> int:
        """A dimension of the first operand, counted from the front."""
        return dim % max(self.rank, 1)

    def length(self, dim: int) -> int:
        """The first operand's size along a dimension. Raises NetworkError where it depends on the batch."""
        return self.fixed(self.shape[dim])

    def fixed(self, size: Size) -> int:
        """A size that no batch changes. Raises NetworkError."""
        if isinstance(size, PerBatch):
            values = {"kind": self.operation.kind}
            raise NetworkError(Fault("invalid-value", "onnx-batch", pointer_of_place(self.name), values))
        return size

    @property
    def together(self) -> torch.dtype:
        """The type in which torch puts two operands together, or an operand and the number `other`."""
        metas = [torch.empty((1,) * len(each.shape), dtype=each.dtype, device="meta") for each in self.known]
        return torch.result_type(metas[0], metas[1] if len(metas) > 1 else self.other)

    # ---- what is added ----

    def add(self, op: str, *inputs: str, **attributes: Any) -> str:
        """A node; gives its result's name."""
        return self.graph.add(op, inputs, self.graph.name(f"{self.name}/{op}"), **attributes)

    def second(self, op: str, *inputs: str, **attributes: Any) -> str:
        """A node of which the second result is wanted; gives that one's name."""
        first, wanted = (self.graph.name(f"{self.name}/{op}") for _ in range(2))
        return self.graph.add(op, inputs, wanted, before=[first], **attributes)

    def number(self, value: float, dtype: torch.dtype | None = None) -> str:
        """One number, of the result's type unless another is asked for."""
        return self.graph.constant(torch.tensor(value, dtype=dtype or self.dtype))

    def ints(self, *values: int) -> str:
        """Whole numbers, as axes and shapes are given."""
        return self.graph.constant(torch.tensor(values, dtype=torch.int64))

    def array(self, tensor: Tensor) -> str:
        """A tensor that never changes."""
        return self.graph.constant(tensor)

    def cast(self, name: str, given: torch.dtype, wanted: torch.dtype) -> str:
        """The tensor in another type; itself where it has it."""
        return name if given == wanted else self.add("Cast", name, to=TYPES[wanted])

    def operand(self, position: int, dtype: torch.dtype | None = None) -> str:
        """An operand in the result's type, or in another one."""
        return self.cast(self.operands[position], self.known[position].dtype, dtype or self.dtype)

    def reshaped(self, name: str, shape: Sequence[Size]) -> str:
        """The same numbers in another shape; one size that grows with the batch is whatever is left."""
        open_sizes = [each for each in shape if isinstance(each, PerBatch)]
        if len(open_sizes) == 1 and 0 not in shape:
            return self.add("Reshape", name, self.ints(*(-1 if isinstance(each, PerBatch) else each for each in shape)))
        return self.add("Reshape", name, self.graph.sizes(shape), allowzero=1 if 0 in shape else None)

    def permuted(self, name: str, order: Sequence[int]) -> str:
        """The dimensions in another order."""
        return name if list(order) == list(range(len(order))) else self.add("Transpose", name, perm=list(order))

    def cut(self, name: str, dim: int, start: int, end: int | None, step: int = 1) -> str:
        """From start up to end along one dimension."""
        last = torch.iinfo(torch.int64).max if end is None else end
        return self.add("Slice", name, *(self.ints(each) for each in (start, last, dim, step)))

    def with_batch(self, dims: int, run: Callable[[str], str]) -> str:
        """`run` of the first operand as (batch, channels, …): one without a batch is made a batch of one."""
        if self.rank == dims + 2:
            return run(self.x)
        return self.add("Squeeze", run(self.add("Unsqueeze", self.x, self.ints(0))), self.ints(0))


Rule = Callable[[Call], str]
WRITING: dict[str, Rule] = {}
"""The rule of each kind."""


def write(kind: str, rule: str | Rule, **attributes: Any) -> None:
    """Says how a kind is written. An ONNX operation takes the operands in the result's type."""
    if callable(rule):
        WRITING[kind] = rule
        return
    op = rule
    WRITING[kind] = lambda call: call.add(op, *(call.operand(k) for k in range(len(call.operands))), **attributes)
