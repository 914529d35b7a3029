"""A network is operations on named tensors: inputs, parameters, and a node for each operation's result.

Every tensor of a pass has a name. Inputs are `inputs` (or `inputs.NAME` where there are several), a layer's results
`layers.K.pre_activations` and `layers.K.activations`, its parameters `layers.K.weights` and the like. A number anywhere
is a cell: a tensor's name and an index, which does not count the batch.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import Literal

import torch
from torch import Tensor

from adelante.network.errors import Fault, NetworkFault
from adelante.network.operations import Operation

__all__ = ["Batch", "Input", "Layer", "Network", "NetworkFault", "Node"]

Batch = Literal["any", "one", "none"]
# Of torch's words, and of a list of shapes, so much is told.
_SHOWN = 600


@dataclass(frozen=True)
class Input:
    """What a pass begins with. `shape` is that of one input, without the batch where there is one."""

    name: str
    shape: tuple[int, ...]
    dtype: torch.dtype = torch.float32


@dataclass(frozen=True)
class Node:
    """One operation: its result's name, and the names of what it takes, which stand before it."""

    name: str
    operation: Operation
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class Layer:
    """What people name: an operation with its parameters, and the activation after it.

    `nodes` are the names of its results, the last one its activations. `module` is the path in its author's code,
    `source` the line there.
    """

    kind: str
    nodes: tuple[str, ...]
    name: str | None = None
    module: str | None = None
    source: str | None = None


@dataclass(frozen=True, eq=False)
class Network:
    """Inputs, parameters and nodes, in an order in which each finds what it takes already computed.

    `batch` says what the first dimension of the inputs is: a batch of "any" size; a batch that has to be of "one"; or
    "none", where it is not a batch at all (the steps of a sequence, say), so that one input is all of it.
    Raises NetworkFault where a name is unknown or doubled, or the shapes do not fit.
    """

    inputs: tuple[Input, ...]
    parameters: Mapping[str, Tensor]
    nodes: tuple[Node, ...]
    outputs: tuple[str, ...]
    layers: tuple[Layer, ...] = ()
    batch: Batch = "any"

    shapes: Mapping[str, tuple[int, ...]] = field(init=False)
    """Each tensor's shape in a pass of one input, without the batch where that is its first dimension (`per_input`)."""
    per_input: frozenset[str] = field(init=False)
    """The tensors whose first dimension is the batch."""
    whole_shapes: Mapping[str, tuple[int, ...]] = field(init=False)
    """Each tensor's shape as torch has it in a pass of one input."""

    def __post_init__(self) -> None:
        self._check_names()
        one = self._shapes(1)
        growing = {each.name: self.batch != "none" for each in self.inputs}
        if self.batch == "any":
            two = self._shapes(2)
            growing |= {name: bool(shape) and two[name][0] == 2 * shape[0] == 2 for name, shape in one.items()}
        per_input = frozenset(name for name, grows in growing.items() if grows and name not in self.parameters)
        shapes = {name: shape[1:] if name in per_input else shape for name, shape in one.items()}
        # A frozen dataclass forbids assignment.
        self.__dict__.update(shapes=shapes, whole_shapes=one, per_input=per_input)

    def _check_names(self) -> None:
        known = {each.name for each in self.inputs} | set(self.parameters)
        for node in self.nodes:
            if missing := [name for name in node.inputs if name not in known]:
                values = {"name": missing[0], "layer": node.name}
                raise NetworkFault(
                    node.name,
                    f"there is no tensor {missing[0]!r} before it.",
                    fault=Fault("unknown-layer", "no-tensor-before", "", values),
                )
            if node.name in known:
                fault = Fault("invalid-value", "two-tensors", "", {"name": node.name})
                raise NetworkFault(node.name, "two tensors have this name.", fault=fault)
            known.add(node.name)
        if missing := [name for name in self.outputs if name not in known]:
            last = [node.name for node in self.nodes[-20:]]
            fault = Fault("unknown-layer", "no-such-tensor", "/outputs", {"name": missing[0], "known": last})
            raise NetworkFault("outputs", f"there is no tensor {missing[0]!r}.", fault=fault)

    def _shapes(self, batch: int) -> dict[str, tuple[int, ...]]:
        """Every tensor's shape in a pass of this many inputs, found without computing a number."""
        before = () if self.batch == "none" else (batch,)
        values = {
            each.name: torch.empty((*before, *each.shape), dtype=each.dtype, device="meta") for each in self.inputs
        }
        values |= {name: tensor.to("meta") for name, tensor in self.parameters.items()}
        # What is made on the way (arange, full) is then made without numbers too.
        with torch.device("meta"), torch.no_grad():
            for node in self.nodes:
                try:
                    operands = [values[name] for name in node.inputs]
                    values[node.name] = node.operation.at_batch(batch).run(*operands)
                except (RuntimeError, IndexError, ValueError, TypeError) as error:
                    given = ", ".join(f"{name} {tuple(values[name].shape)}" for name in node.inputs)
                    fault = Fault(
                        "shape-mismatch",
                        "layer-shapes",
                        "",
                        {"kind": node.operation.kind, "given": given[:_SHOWN]},
                        torch_words=str(error)[:_SHOWN],
                    )
                    reason = f"{node.operation.kind} of {given}: {error}"
                    raise NetworkFault(node.name, reason, fault=fault) from None
        return {name: tuple(value.shape) for name, value in values.items()}

    @cached_property
    def by_name(self) -> Mapping[str, Node]:
        """The nodes by their results' names."""
        return {node.name: node for node in self.nodes}

    @cached_property
    def cost(self) -> int:
        """Multiplications and additions of one input's pass, roughly."""
        shapes = self.whole_shapes
        return sum(node.operation.cost([shapes[n] for n in node.inputs], shapes[node.name]) for node in self.nodes)

    @cached_property
    def size(self) -> int:
        """How many numbers the parameters hold."""
        return sum(tensor.numel() for tensor in self.parameters.values())

    @cached_property
    def units(self) -> int:
        """How many numbers one input's trace holds, without the inputs."""
        return sum(prod(self.whole_shapes[node.name]) for node in self.nodes)

    def dependents(self, changed: Iterable[str]) -> tuple[Node, ...]:
        """The nodes whose results hang on any of these tensors, in order."""
        moved = set(changed)
        found = []
        for node in self.nodes:
            if node.name not in moved and not moved.isdisjoint(node.inputs):
                moved.add(node.name)
                found.append(node)
        return tuple(found)
