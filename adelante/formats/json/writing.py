"""A network of any kind as the JSON document that `network_from_document` reads back equal."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from adelante.formats.json.activation import AFTER_LAYERS
from adelante.formats.json.dense import network_to_document
from adelante.formats.json.options import written_options
from adelante.formats.json.reading import DTYPES_OF
from adelante.formats.literals import host_array
from adelante.network.dense.network import DenseNetwork
from adelante.network.errors import Fault, NetworkError, pointer_of_place
from adelante.network.names import input_name, result_names
from adelante.network.network import Input, Layer, Network, Node
from adelante.network.operations import Operation
from adelante.network.operations.moves import DTYPES

# NumPy's most are 64; JSON's readers stop sooner.
_MOST_DIMENSIONS = 32
_NAMES = {dtype: name for name, dtype in DTYPES.items()}


def document_of(network: Network) -> dict[str, Any]:
    """The document of a network; of a dense chain the one it always had. Numbers are NumPy arrays.

    Raises NetworkError (unsupported-file) where its tensors are not named as layers name them.
    """
    if isinstance(network, DenseNetwork):
        return network_to_document(network)
    check_names(network)
    writer = _Writer(network)
    document: dict[str, Any] = {"input": writer.inputs(), "layers": writer.layers()}
    if network.outputs != network.layers[-1].nodes[-1:]:
        document["outputs"] = [writer.output(name) for name in network.outputs]
    if network.batch != "any":
        document["batch"] = network.batch
    return {**document, "dtype": _NAMES[writer.dtype]}


def check_names(network: Network) -> None:
    """Raises NetworkError unless every node is a layer's, and every tensor has the name that its place gives it."""
    nodes = [name for layer in network.layers for name in layer.nodes]
    if nodes != [node.name for node in network.nodes] or not nodes:
        _refuse("layers")
    for k, layer in enumerate(network.layers):
        if layer.nodes != result_names(k, activated=len(layer.nodes) == 2):
            _refuse(layer.nodes[0])
        first, *after = (network.by_name[name] for name in layer.nodes)
        if first.operation.kind != layer.kind or first.name in first.inputs:
            _refuse(first.name)
        if after and (after[0].inputs != (first.name,) or after[0].operation.kind not in AFTER_LAYERS):
            _refuse(after[0].name)
    single = len(network.inputs) == 1 and network.inputs[0].name == "inputs"
    if not single and not all(each.name.startswith(input_name("")) for each in network.inputs):
        _refuse("inputs")


def check_ranks(network: Network) -> None:
    """Raises NetworkError where a tensor has more dimensions than an array in an answer may be deep."""
    for name, shape in network.whole_shapes.items():
        if len(shape) > _MOST_DIMENSIONS:
            values = {"name": name[:200], "got": len(shape), "limit": _MOST_DIMENSIONS}
            raise NetworkError(Fault("shape-mismatch", "too-many-dimensions", pointer_of_place(name), values))


def _refuse(name: str) -> None:
    raise NetworkError(Fault("unsupported-file", "file-names", "", {"name": name[:200]}))


class _Writer:
    """Writes one network; a parameter that is used twice is written once."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.dtype = network.dtype
        self._written: set[str] = set()
        taken = {each.name for each in network.inputs} | {node.name for node in network.nodes}
        named = Counter(layer.name for layer in network.layers if layer.name is not None)
        self._names = {
            layer.nodes[-1]: layer.name
            for layer in network.layers
            if layer.name is not None and named[layer.name] == 1 and layer.name not in taken and "." not in layer.name
        }

    def inputs(self) -> Any:
        inputs = self._network.inputs
        if len(inputs) == 1 and inputs[0].name == "inputs":
            return self._input(inputs[0])
        return [{"name": each.name.removeprefix("inputs."), **self._input(each)} for each in inputs]

    def _input(self, given: Input) -> dict[str, Any]:
        dtype = {} if given.dtype == self.dtype else {"dtype": _NAMES[given.dtype]}
        return {"shape": list(given.shape), **dtype}

    def layers(self) -> list[dict[str, Any]]:
        inputs = self._network.inputs
        before = inputs[0].name if len(inputs) == 1 else None
        found = []
        for layer in self._network.layers:
            found.append(self._layer(layer, before))
            before = layer.nodes[-1]
        return found

    def _layer(self, layer: Layer, before: str | None) -> dict[str, Any]:
        first, *after = (self._network.by_name[name] for name in layer.nodes)
        texts = {name: getattr(layer, name) for name in ("name", "module", "source")}
        told: dict[str, Any] = {"kind": layer.kind, **{name: text for name, text in texts.items() if text is not None}}
        told |= written_options(first.operation)
        told |= self._operands(first, before)
        if after:
            told["activation"] = _activation(after[0].operation)
        return told

    def _operands(self, node: Node, before: str | None) -> dict[str, Any]:
        """Parameters under their operands' names, and `inputs` for what remains, unless that is the layer before."""
        names, operation = node.operation.operands, node.operation
        own: dict[str, Any] = {}
        references: list[Any] = []
        only_before = True
        for position, tensor in enumerate(node.inputs):
            name = operation.operand(position)
            is_array = tensor in self._network.parameters
            alone = name != "inputs" and not (operation.MANY and position >= len(names) - 1)
            if is_array and alone:
                own[name] = self._parameter(tensor, name)
                continue
            only_before = only_before and not is_array and not references and tensor == before
            references.append(self._parameter(tensor, name, boxed=True) if is_array else self.reference(tensor))
        return own if not references or only_before else {**own, "inputs": references}

    def reference(self, tensor: str) -> str:
        """How another layer names this tensor: by its layer's name, where that is one."""
        return self._names.get(tensor, tensor)

    def output(self, tensor: str) -> Any:
        """An output: a layer's name, or a parameter that is handed out as it is."""
        if tensor in self._network.parameters:
            return self._parameter(tensor, "inputs", boxed=True)
        return self.reference(tensor)

    def _parameter(self, name: str, operand: str, *, boxed: bool = False) -> Any:
        if name in self._written:
            return {"tensor": name}
        self._written.add(name)
        return _array(self._network.parameters[name], DTYPES_OF.get(operand, self.dtype), boxed=boxed)


def _array(tensor: Tensor, usual: torch.dtype, *, boxed: bool) -> Any:
    """The numbers, in a box with what else has to be said of them."""
    more: dict[str, Any] = {} if tensor.dtype == usual else {"dtype": _NAMES[tensor.dtype]}
    if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
        marks = tensor.isnan() * 2 + tensor.isposinf() * 1 - tensor.isneginf() * 1
        more["non_finite"] = _written(marks.cpu().numpy(), tensor)
        tensor = torch.where(torch.isfinite(tensor), tensor, torch.zeros_like(tensor))
    values = _numbers(tensor)
    return {"values": values, **more} if boxed or more else values


def _numbers(tensor: Tensor) -> Any:
    whole = not tensor.is_floating_point()
    return _written(tensor.detach().cpu().to(torch.int64).numpy() if whole else host_array(tensor), tensor)


def _written(values: np.ndarray[Any, np.dtype[Any]], tensor: Tensor) -> Any:
    """As orjson writes it: an array without gaps, and a number for one without dimensions."""
    return np.ascontiguousarray(values).reshape(tuple(tensor.shape)) if tensor.dim() else values[()]


def activation_name(network: Network, layer: Layer) -> str:
    """What the API calls the activation after a layer."""
    if len(layer.nodes) == 1:
        return "identity"
    written = _activation(network.by_name[layer.nodes[-1]].operation)
    return written if isinstance(written, str) else str(written["kind"])


def _activation(operation: Operation) -> Any:
    if operation.kind == "gelu" and operation.options["approximate"] == "tanh":
        return "gelu_tanh"
    options: Mapping[str, Any] = written_options(operation)
    return {"kind": operation.kind, **options} if options else operation.kind
