"""A network is operations on named tensors: inputs, parameters, and a node for each operation's result.

Every tensor of a pass has a name. Inputs are `inputs` (or `inputs.NAME` where there are several), a layer's results
`layers.K.pre_activations` and `layers.K.activations`, its parameters `layers.K.weights` and the like. A number anywhere
is a cell: a tensor's name and an index, which does not count the batch.
"""

import copy
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from functools import cached_property, partial
from itertools import chain
from math import prod
from typing import ClassVar, Self

import torch
from torch import Tensor

from adelante.network.errors import Fault, NetworkFault
from adelante.network.given import Given, Inputs, given
from adelante.network.metas import CHECKED, Bounds, has_batch, metas_by_batch
from adelante.network.parts import Batch, Input, Layer, Node, Step, step_of
from adelante.network.trace import Trace

__all__ = ["Batch", "Input", "Layer", "Network", "NetworkFault", "Node"]

_CPU = torch.device("cpu")


@dataclass(frozen=True, eq=False, repr=False)
class Network:
    """Inputs, parameters and nodes, in an order in which each finds what it takes already computed.

    `batch` says what the first dimension of the inputs is: a batch of "any" size; a batch that has to be of "one"; or
    "none", where it is not a batch at all (the steps of a sequence, say), so that one input is all of it.
    `bounds` are for networks of strangers: nothing is allocated to check them. Raises NetworkFault where a name is
    unknown or doubled, the shapes do not fit, or a pass of one input would hold more numbers than the bounds allow.
    """

    inputs: tuple[Input, ...]
    parameters: Mapping[str, Tensor]
    nodes: tuple[Node, ...]
    outputs: tuple[str, ...]
    layers: tuple[Layer, ...] = ()
    batch: Batch = "any"
    bounds: InitVar[Bounds | None] = None
    registered: frozenset[str] = frozenset()
    """The parameters that are buffers in a traced module; files do not keep it."""

    shapes: Mapping[str, tuple[int, ...]] = field(init=False)
    """Each tensor's shape in a pass of one input, without the batch where that is its first dimension (`per_input`)."""
    per_input: frozenset[str] = field(init=False)
    """The tensors whose first dimension is the batch."""
    whole_shapes: Mapping[str, tuple[int, ...]] = field(init=False)
    """Each tensor's shape as torch has it in a pass of one input."""

    TRACE: ClassVar[type[Trace]] = Trace

    def __post_init__(self, bounds: Bounds | None) -> None:
        self._check_names()
        batches = CHECKED[self.batch]
        metas = metas_by_batch(self.inputs, self.parameters, self.nodes, batches, bounds)
        one = {name: found[0].shape for name, found in metas.items()}
        growing = {each.name: self.batch != "none" for each in self.inputs}
        if self.batch == "any":
            growing |= {name: has_batch(found) for name, found in metas.items()}
        per_input = frozenset(name for name, grows in growing.items() if grows and name not in self.parameters)
        shapes = {name: shape[1:] if name in per_input else shape for name, shape in one.items()}
        # A frozen dataclass forbids assignment.
        self.__dict__.update(shapes=shapes, whole_shapes=one, per_input=per_input)

    def __repr__(self) -> str:
        names = ", ".join(each.name for each in self.inputs)
        return f"<{type(self).__name__} of {names}: {len(self.nodes)} nodes, {self.learned:,} parameters>"

    def _check_names(self) -> None:
        known = set(self.parameters)
        for each in self.inputs:
            _check_new(each.name, known)
        for node in self.nodes:
            if missing := [name for name in node.inputs if name not in known]:
                values = {"name": missing[0], "layer": node.name}
                raise NetworkFault(
                    node.name,
                    f"there is no tensor {missing[0]!r} before it.",
                    fault=Fault("unknown-layer", "no-tensor-before", "", values),
                )
            _check_new(node.name, known)
        if missing := [name for name in self.outputs if name not in known]:
            last = [node.name for node in self.nodes[-20:]]
            fault = Fault("unknown-layer", "no-such-tensor", "/outputs", {"name": missing[0], "known": last})
            raise NetworkFault("outputs", f"there is no tensor {missing[0]!r}.", fault=fault)

    # ---- what a pass asks ----

    def given(self, inputs: Inputs) -> Given:
        """The inputs by name, the batch first. Raises NetworkFault where they do not fit."""
        return given(self.inputs, self.batch, inputs)

    def rows(self, inputs: Inputs) -> int:
        """How many inputs these are, as far as their rank tells; whether they fit, `given` says."""
        if self.batch == "none":
            return 1
        named = {self.inputs[0].name: inputs} if isinstance(inputs, Tensor) else inputs
        found = [named[each.name].shape[0] for each in self.inputs if self._batched(each, named.get(each.name))]
        return max(found, default=1)

    @staticmethod
    def _batched(wanted: Input, value: Tensor | None) -> bool:
        return value is not None and value.dim() > len(wanted.shape)

    def steps(self, batch: int) -> Sequence[Step]:
        """The calls of a pass of so many inputs, in order."""
        fixed = self._fixed_steps
        if not self._varying:
            return fixed
        return [self.step(node, batch) if node.name in self._varying else fixed[k] for k, node in enumerate(self.nodes)]

    def step(self, node: Node, batch: int) -> Step:
        """What computes a node in a pass of so many inputs."""
        step = step_of(node.name, node.operation.at_batch(batch).call, node.inputs)
        # What is made of nothing (arange, full) is made where the parameters lie.
        return (
            step if node.inputs or self.device == _CPU else step._replace(run=partial(_made_on, self.device, step.run))
        )

    @cached_property
    def _fixed_steps(self) -> tuple[Step, ...]:
        return tuple(self.step(node, 1) for node in self.nodes)

    @cached_property
    def _varying(self) -> frozenset[str]:
        """The nodes that have an option which depends on the batch."""
        return frozenset(node.name for node in self.nodes if node.operation.at_batch(1) is not node.operation)

    def dependents(self, changed: Iterable[str]) -> tuple[Node, ...]:
        """The nodes whose results depend on any of these tensors, in order."""
        moved = set(changed)
        found = []
        for node in self.nodes:
            if node.name not in moved and not moved.isdisjoint(node.inputs):
                moved.add(node.name)
                found.append(node)
        return tuple(found)

    def last_uses(self, keep: Collection[str]) -> Mapping[str, list[str]]:
        """After which node which results are needed no more, if those in `keep` and the outputs are to stay."""
        kept = {*keep, *self.outputs, *self.parameters, *(each.name for each in self.inputs)}
        last: dict[str, str] = {}
        for node in self.nodes:
            last |= dict.fromkeys((*node.inputs, node.name), node.name)
        freed: dict[str, list[str]] = {}
        for name, node_name in last.items():
            if name not in kept:
                freed.setdefault(node_name, []).append(name)
        return freed

    @cached_property
    def by_name(self) -> Mapping[str, Node]:
        """The nodes by their results' names."""
        return {node.name: node for node in self.nodes}

    # ---- how large it is ----

    @cached_property
    def costs(self) -> Mapping[str, int]:
        """Multiplications and additions of each node's result of one input, roughly."""
        shapes = self.whole_shapes
        return {
            node.name: node.operation.cost([shapes[name] for name in node.inputs], shapes[node.name])
            for node in self.nodes
        }

    @cached_property
    def cost(self) -> int:
        """Multiplications and additions of one input's pass, roughly."""
        return sum(self.costs.values())

    @property
    def calls(self) -> int:
        """How many calls of torch a pass is."""
        return len(self.nodes)

    @cached_property
    def size(self) -> int:
        """How many numbers the parameters hold, the buffers among them."""
        return sum(tensor.numel() for tensor in self.parameters.values())

    @cached_property
    def buffers(self) -> frozenset[str]:
        """The parameters that are not learned: those registered so, what training counts, and whole numbers."""
        counted = {
            name
            for node in self.nodes
            if node.operation.KEPT
            for position, name in enumerate(node.inputs)
            if node.operation.operand(position) in node.operation.KEPT
        }
        whole = {name for name, tensor in self.parameters.items() if not tensor.is_floating_point()}
        return self.registered | (counted & self.parameters.keys()) | whole

    @cached_property
    def learned(self) -> int:
        """How many numbers are learned, as torch counts a module's parameters."""
        return self.size - sum(self.parameters[name].numel() for name in self.buffers)

    @cached_property
    def units(self) -> int:
        """How many numbers one input's layers give: their activations, without what they are computed from."""
        inner = {name for layer in self.layers for name in layer.nodes[:-1]}
        return sum(prod(self.whole_shapes[node.name]) for node in self.nodes if node.name not in inner)

    @cached_property
    def trace_size(self) -> int:
        """How many numbers one input's trace holds, without the inputs."""
        return sum(prod(self.whole_shapes[node.name]) for node in self.nodes)

    @property
    def trace_bytes(self) -> int:
        """How much memory one input's trace takes, in the network's own dtype."""
        return self.trace_size * self.dtype.itemsize

    @cached_property
    def widest(self) -> int:
        """The most numbers that are there at once in one input's pass of which only the outputs are kept."""
        sizes = {node.name: prod(self.whole_shapes[node.name]) for node in self.nodes}
        freed = self.last_uses(())
        most = there = 0
        for node in self.nodes:
            there += sizes[node.name]
            most = max(most, there)
            there -= sum(sizes[name] for name in freed.get(node.name, ()))
        return most

    def counted(self) -> Self:
        """The network, once its sizes are known: they take a while to count where there are thousands of nodes."""
        _ = (self.cost, self.size, self.units, self.trace_size, self.widest, self.by_name)
        return self

    # ---- where it lies ----

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of its first parameter that holds fractions, else of its first such input, else float32."""
        found = chain((each.dtype for each in self.parameters.values()), (each.dtype for each in self.inputs))
        return next((dtype for dtype in found if dtype.is_floating_point), torch.float32)

    @property
    def device(self) -> torch.device:
        """Where its parameters lie."""
        return next((tensor.device for tensor in self.parameters.values()), _CPU)

    def on(self, device: torch.device) -> "Network":
        """The same network on another device; itself where it lies there."""
        if device == self.device:
            return self
        return self.with_parameters({name: tensor.to(device) for name, tensor in self.parameters.items()})

    def with_parameters(self, changes: Mapping[str, Tensor]) -> Self:
        """The same network with other numbers in these parameters, whose shapes stay. Raises NetworkFault."""
        twin = copy.copy(self)
        twin.__dict__["parameters"] = {**self.parameters, **checked(self, changes)}
        twin.__dict__.pop("_fixed_steps", None)
        return twin


def _check_new(name: str, known: set[str]) -> None:
    """Makes a name known. Raises NetworkFault where another tensor has it."""
    if name in known:
        fault = Fault("invalid-value", "two-tensors", "", {"name": name})
        raise NetworkFault(name, "two tensors have this name.", fault=fault)
    known.add(name)


def checked(network: Network, changes: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """The changes, if each is of a parameter that the network has, and of its shape. Raises NetworkFault."""
    for name, tensor in changes.items():
        if name not in network.parameters:
            raise NetworkFault(name, "the network has no parameter of this name.")
        if tensor.shape != network.parameters[name].shape:
            shapes = f"{tuple(network.parameters[name].shape)}, not {tuple(tensor.shape)}"
            raise NetworkFault(name, f"the parameter's shape is {shapes}.")
    return changes


def _made_on(device: torch.device, function: Callable[[], Tensor]) -> Tensor:
    with device:
        return function()
