"""The chain of dense layers: a network of one kind of layer, its shapes and their rules in one place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from adelante.network.activations import ACTIVATIONS, Activation
from adelante.network.dense.faults import inputs_fault, layers_faults
from adelante.network.dense.shapes import ChainShapes
from adelante.network.errors import Fault, NetworkError
from adelante.network.given import Given, Inputs, by_name
from adelante.network.names import parameter_name, result_names
from adelante.network.network import Network, checked
from adelante.network.operations.dense import Dense, affine
from adelante.network.parts import Input, Layer, Node, Step, step_of
from adelante.network.trace import Trace

DENSE = Dense()


class LayerNames(NamedTuple):
    """What the tensors of a dense layer are called."""

    nodes: tuple[str, ...]
    """Its pre-activations and its activations."""
    parameters: tuple[str, ...]
    """Its weights and its biases."""


@lru_cache(maxsize=1024)
def layer_names(k: int) -> LayerNames:
    """What the tensors of layer k are called."""
    parameters = [parameter_name(k, DENSE, position, ()) for position in (1, 2)]
    return LayerNames(result_names(k, activated=True), tuple(parameters))


class _Chain(NamedTuple):
    """What two chains with the same activations have in common, whatever their numbers and sizes."""

    names: tuple[LayerNames, ...]
    steps: tuple[Step, ...]
    per_input: frozenset[str]


# Longer chains are rare, and one of each length would be much to keep.
_MOST_KEPT = 16


def _chain(activations: tuple[Activation, ...]) -> _Chain:
    names = tuple([layer_names(k) for k in range(len(activations))])
    steps, before = [], "inputs"
    for ((z, a), (weights, biases)), activation in zip(names, activations, strict=True):
        steps += [step_of(z, affine, (before, weights, biases)), step_of(a, activation.function, (z,))]
        before = a
    return _Chain(names, tuple(steps), frozenset(["inputs", *(step.name for step in steps)]))


_kept_chain = lru_cache(maxsize=256)(_chain)


class DenseLayer(Layer):
    """activations = activation(inputs @ weights + biases).

    `weights` has shape (n_in, n_out), the notebook's convention; `torch.nn.Linear` keeps (n_out, n_in).
    `biases` has shape (n_out,). Both share one dtype and device. `nodes` is empty until it stands in a network.
    """

    kind = "dense"
    nodes: tuple[str, ...] = ()
    module = None
    source = None

    weights: Tensor
    biases: Tensor
    activation: Activation

    def __init__(
        self,
        weights: Tensor,
        biases: Tensor,
        activation: Activation = ACTIVATIONS["identity"],
        name: str | None = None,
    ) -> None:
        # A frozen dataclass forbids assignment.
        self.__dict__.update(weights=weights, biases=biases, activation=activation, name=name)

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"<DenseLayer {self.name or ''}{tuple(self.weights.shape)} {self.activation.name}>"

    @property
    def n_in(self) -> int:
        return self.weights.shape[0]

    @property
    def n_out(self) -> int:
        return self.weights.shape[1]

    def with_numbers(self, weights: Tensor, biases: Tensor) -> "DenseLayer":
        """The same layer with other weights and biases."""
        return DenseLayer(weights, biases, self.activation, self.name)

    def with_activation(self, activation: Activation) -> "DenseLayer":
        """The same layer with another activation."""
        return DenseLayer(self.weights, self.biases, activation, self.name)


def _placed(layers: tuple[DenseLayer, ...], names: tuple[LayerNames, ...]) -> tuple[DenseLayer, ...]:
    """The layers, each of which knows what its results are called; a twin of one that stands elsewhere already."""
    elsewhere = False
    for layer, (nodes, _) in zip(layers, names, strict=True):
        if layer.nodes is nodes:
            continue
        if layer.nodes:
            elsewhere = True
        else:
            layer.__dict__["nodes"] = nodes
    if not elsewhere:
        return layers
    twins = [
        layer if layer.nodes is nodes else layer.with_activation(layer.activation)
        for layer, (nodes, _) in zip(layers, names, strict=True)
    ]
    return _placed(tuple(twins), names)


class DenseTrace(Trace):
    """The named tensors of a pass through dense layers, all of them (batch, n), or (n,) of one input vector."""

    __slots__ = ()

    @property
    def inputs(self) -> Tensor:
        """What the pass began with, (batch, n_in) or (n_in,)."""
        return self["inputs"]

    @property
    def outputs(self) -> Tensor:
        """The last layer's activations."""
        return self.activations[-1]


class DenseNetwork(Network):
    """A chain of dense layers, each fitting the one before: the short way to write such a network.

    Each layer K is two nodes, `layers.K.pre_activations` and `layers.K.activations`. What only some ask of a network
    (nodes, shapes, parameters by name) is made when it is asked for, since most small ones are run once and forgotten.
    Raises NetworkError with every fault that was found, its pointer counted from the network ("/layers/0/weights").
    """

    TRACE = DenseTrace

    layers: tuple[DenseLayer, ...]
    sizes: tuple[int, ...]
    """Neurons of every layer, the inputs first: (3, 2, 1)."""

    def __init__(self, layers: Iterable[DenseLayer]) -> None:
        layers = tuple(layers)
        sizes = _sizes(layers)
        if sizes is None:
            raise NetworkError(list(layers_faults(layers)))
        size, units, n_in = 0, 0, sizes[0]
        for n_out in sizes[1:]:
            size += (n_in + 1) * n_out
            units += n_out
            n_in = n_out
        activations = tuple([layer.activation for layer in layers])
        chain = (_kept_chain if len(layers) <= _MOST_KEPT else _chain)(activations)
        parameters: dict[str, Tensor] = {}
        for layer, (_, (weights, biases)) in zip(layers, chain.names, strict=True):
            parameters[weights], parameters[biases] = layer.weights, layer.biases
        # A frozen dataclass forbids assignment: write `__dict__` once.
        self.__dict__.update(
            layers=_placed(layers, chain.names),
            sizes=sizes,
            size=size,
            units=units,
            parameters=parameters,
            per_input=chain.per_input,
            _fixed_steps=chain.steps,
        )

    @property
    def n_in(self) -> int:
        return self.sizes[0]

    @property
    def n_out(self) -> int:
        return self.sizes[-1]

    @property
    def dtype(self) -> torch.dtype:
        return self.layers[0].weights.dtype

    @property
    def device(self) -> torch.device:
        return self.layers[0].weights.device

    # ---- the chain as nodes over named tensors ----

    @cached_property
    def inputs(self) -> tuple[Input, ...]:
        return (Input("inputs", (self.n_in,), self.dtype),)

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        found, before = [], "inputs"
        for k, layer in enumerate(self.layers):
            (z, a), parameters = layer_names(k)
            found += [Node(z, DENSE, (before, *parameters)), Node(a, layer.activation.operation, (z,))]
            before = a
        return tuple(found)

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        return (self.layers[-1].nodes[-1],)

    @cached_property
    def whole_shapes(self) -> Mapping[str, tuple[int, ...]]:
        return ChainShapes(self.sizes, self.parameters, (1,))

    @cached_property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        return ChainShapes(self.sizes, self.parameters, ())

    # ---- what a pass asks ----

    def given(self, inputs: Inputs) -> Given:
        """The inputs (n_in,) or (batch, n_in) as (batch, n_in). Raises NetworkError (shape-mismatch, empty)."""
        value = inputs if isinstance(inputs, Tensor) else by_name(self.inputs, inputs)["inputs"]
        check_inputs(self, value)
        if value.dim() == 1:
            return {"inputs": value.unsqueeze(0)}, 1, True
        return {"inputs": value}, value.shape[0], False

    def rows(self, inputs: Inputs) -> int:
        value = inputs if isinstance(inputs, Tensor) else inputs["inputs"]
        return value.shape[0] if value.dim() == 2 else 1

    def steps(self, batch: int) -> Sequence[Step]:
        return self._fixed_steps

    # ---- how large it is, and where it lies ----

    @cached_property
    def cost(self) -> int:
        together = sum(layer.n_out for layer in self.layers if not layer.activation.elementwise)
        return self.size + 2 * together

    @property
    def calls(self) -> int:
        return 2 * len(self.layers)

    @property
    def trace_size(self) -> int:
        return 2 * self.units

    @cached_property
    def widest(self) -> int:
        # A layer's z and a are computed together, some rows at a time.
        before = (0, *self.sizes[1:-1])
        return max(given + 2 * n_out for given, n_out in zip(before, self.sizes[1:], strict=True))

    def on(self, device: torch.device) -> "DenseNetwork":
        return self.to(device)

    def to(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> "DenseNetwork":
        """The same network elsewhere or in another precision; itself where nothing changes.

        Raises NetworkError (out-of-range) for a weight or bias that a narrower dtype can't hold.
        """
        device = self.device if device is None else torch.device(device)
        dtype = dtype or self.dtype
        if device == self.device and dtype == self.dtype:
            return self
        moved = DenseNetwork(
            layer.with_numbers(layer.weights.to(device, dtype), layer.biases.to(device, dtype)) for layer in self.layers
        )
        if torch.finfo(dtype).max < torch.finfo(self.dtype).max:
            _check_held(self, moved)
        return moved

    def with_parameters(self, changes: Mapping[str, Tensor]) -> "DenseNetwork":
        named = {**self.parameters, **checked(self, changes)}
        return DenseNetwork(
            layer.with_numbers(*(named[name] for name in layer_names(k).parameters))
            for k, layer in enumerate(self.layers)
        )


def _check_held(network: DenseNetwork, narrowed: DenseNetwork) -> None:
    """Raises NetworkError (out-of-range) with the place of the first number that became infinite."""
    for k, (layer, narrow) in enumerate(zip(network.layers, narrowed.layers, strict=True)):
        for name, own, held in (("weights", layer.weights, narrow.weights), ("biases", layer.biases, narrow.biases)):
            if bool(held.isinf().any()):
                place = held.isinf().nonzero()[0].tolist()
                pointer = "/".join(map(str, ("/layers", k, name, *place)))
                values = {
                    "name": f"layers[{k}].{name}" + "".join(f"[{i}]" for i in place),
                    "value": own[tuple(place)].item(),
                    "dtype": str(held.dtype).removeprefix("torch."),
                    "largest": torch.finfo(held.dtype).max,
                    "own": str(own.dtype).removeprefix("torch."),
                }
                raise NetworkError(Fault("out-of-range", "network-not-held", pointer, values))


def _sizes(layers: tuple[DenseLayer, ...]) -> tuple[int, ...] | None:
    """The sizes of layers that fit one another, None where any does not: then `_faults` finds the words."""
    sizes: list[int] = []
    for layer in layers:
        shape = layer.weights.shape
        if len(shape) != 2 or layer.biases.shape != shape[1:] or 0 in shape or (sizes and sizes[-1] != shape[0]):
            return None
        if not sizes:
            sizes.append(shape[0])
        sizes.append(shape[1])
    return tuple(sizes) or None


def check_inputs(network: DenseNetwork, inputs: Tensor, pointer: str = "/inputs") -> None:
    """Raises NetworkError, at pointer, unless inputs has shape (n_in,) or (batch, n_in), batch at least 1."""
    shape = inputs.shape
    if not (len(shape) in (1, 2) and shape[-1] == network.sizes[0] and shape[0] > 0):
        fault = inputs_fault(network, inputs)
        raise NetworkError(replace(fault, pointer=pointer + fault.pointer.removeprefix("/inputs")))
