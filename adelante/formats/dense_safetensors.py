"""A network as a safetensors file, and back.

Tensors `layers.K.weights` (n_in, n_out) and `layers.K.biases` (n_out,); metadata `layers.K.activation`,
`layers.K.name`, `format` and `version`. The same network gives the same bytes, so their hash can be its name.

What PyTorch's own modules save is read too: `0.weight`, `fc1.weight`, … (n_out, n_in) with `….bias`. Such a file does
not say which activations follow; metadata `NAME.activation` does, and without it they are the identity.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

import torch
from torch import Tensor

from adelante.formats.kinds import Bytes
from adelante.formats.opened import Note
from adelante.formats.tensors import check_finite, pointer_of, tensors_from_safetensors, tensors_to_safetensors
from adelante.network.activations import activation_named
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.errors import Fault, NetworkError

__all__ = [
    "FORMAT",
    "VERSION",
    "Note",
    "Opened",
    "check_finite",
    "network_from_safetensors",
    "network_from_tensors",
    "network_to_safetensors",
    "network_to_tensors",
    "opened_from_safetensors",
    "opened_from_tensors",
    "tensors_from_safetensors",
    "tensors_to_safetensors",
]

FORMAT = "adelante"
VERSION = "1"
_OWN = re.compile(r"layers\.(0|[1-9][0-9]{0,5})\.(weights|biases)")
_MODULE = re.compile(r"(?:(.+)\.)?(weight|bias)", re.DOTALL)
_DIGITS = re.compile(r"[0-9]+")
_LONGEST_NAME = 200
_MOST_SHOWN = 4


def network_to_safetensors(network: DenseNetwork) -> bytes:
    """The network as a file, in its own dtype."""
    return tensors_to_safetensors(*network_to_tensors(network))


def network_to_tensors(network: DenseNetwork) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The network's tensors and the metadata that say the rest of it."""
    tensors: dict[str, Tensor] = {}
    metadata = {"format": FORMAT, "version": VERSION}
    for k, layer in enumerate(network.layers):
        tensors[f"layers.{k}.weights"] = layer.weights
        tensors[f"layers.{k}.biases"] = layer.biases
        metadata[f"layers.{k}.activation"] = layer.activation.name
        if layer.name is not None:
            metadata[f"layers.{k}.name"] = layer.name
    return tensors, metadata


class Opened(NamedTuple):
    """A file's chain of dense layers, and what had to be decided to read it."""

    network: DenseNetwork
    notes: tuple[Note, ...]


def network_from_safetensors(data: Bytes) -> DenseNetwork:
    """The network that a file holds; see `opened_from_safetensors`."""
    return opened_from_safetensors(data).network


def network_from_tensors(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> DenseNetwork:
    """The network of tensors whose names are those of a file. Raises NetworkError as network_from_safetensors does."""
    return opened_from_tensors(tensors, metadata).network


def opened_from_safetensors(data: Bytes) -> Opened:
    """The network that a file holds, in the file's dtype, on the CPU; its tensors share the memory of `data`.

    Raises NetworkError with a pointer to what is wrong: unsupported-file, out-of-range (numbers that are not finite),
    unknown-activation, shape-mismatch, empty.
    """
    return opened_from_tensors(*tensors_from_safetensors(data))


def opened_from_tensors(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> Opened:
    """The network of tensors whose names are those of a file. Raises NetworkError as opened_from_safetensors does."""
    if metadata.get("format") == FORMAT and metadata.get("version") != VERSION:
        _refuse("file-version", "", got=metadata.get("version", "")[:_LONGEST_NAME], expected=VERSION)
    stored = _own_layers(tensors) if any(_OWN.fullmatch(name) for name in tensors) else _module_layers(tensors)
    if not stored:
        _refuse("file-no-layers", "")
    _check_dtypes(stored)
    network = DenseNetwork(_layer(k, each, metadata) for k, each in enumerate(stored))
    return Opened(network, tuple(_notes(stored, metadata)))


def _notes(layers: list["_Stored"], metadata: Mapping[str, str]) -> Iterator[Note]:
    unnamed = [k for k, layer in enumerate(layers) if _named(layer.prefix, "activation") not in metadata]
    if unnamed:
        pointers = tuple(f"/layers/{k}/activation" for k in unnamed)
        example = layers[unnamed[0]].prefix[:_LONGEST_NAME]
        query = ",".join(["relu"] * (len(layers) - 1) + ["identity"]) if len(layers) <= _MOST_SHOWN else "relu"
        values = {
            "count": len(unnamed),
            "layers": len(layers),
            "metadata": _named(example, "activation"),
            "query": query,
        }
        yield Note("activations-assumed", pointers, values)


@dataclass(frozen=True)
class _Stored:
    """One layer as the file has it: the tensors' common name, weights (n_in, n_out), and biases where it has them."""

    prefix: str
    weights: Tensor
    biases: Tensor | None
    weights_name: str
    biases_name: str


def _refuse(key: str, pointer: str, **values: Any) -> NoReturn:
    raise NetworkError(Fault("unsupported-file", key, pointer, values))


def _own_layers(tensors: Mapping[str, Tensor]) -> list[_Stored]:
    """The layers of layers.K.weights and layers.K.biases, K from 0 without a gap."""
    indices = set()
    for name in tensors:
        found = _OWN.fullmatch(name)
        if found is None:
            _refuse("file-tensor", pointer_of(name), name=name[:_LONGEST_NAME])
        indices.add(int(found[1]))
    layers = []
    for k in range(max(indices) + 1):
        weights_name, biases_name = f"layers.{k}.weights", f"layers.{k}.biases"
        if weights_name not in tensors:
            key = "file-no-weights" if k in indices else "file-layer-gap"
            _refuse(key, pointer_of(weights_name), name=weights_name, layer=k, last=max(indices))
        layers.append(
            _Stored(f"layers.{k}", tensors[weights_name], tensors.get(biases_name), weights_name, biases_name)
        )
    return layers


def _module_layers(tensors: Mapping[str, Tensor]) -> list[_Stored]:
    """The layers of NAME.weight (n_out, n_in) and NAME.bias, as PyTorch's modules name them."""
    prefixes: dict[str, None] = {}
    for name in tensors:
        found = _MODULE.fullmatch(name) if len(name) <= _LONGEST_NAME else None
        if found is None:
            _refuse("file-tensor", pointer_of(name), name=name[:_LONGEST_NAME])
        prefixes[found[1] or ""] = None
    layers = []
    for prefix in prefixes:
        weights_name, biases_name = _named(prefix, "weight"), _named(prefix, "bias")
        if weights_name not in tensors:
            _refuse("file-no-weights", pointer_of(weights_name), name=weights_name[:_LONGEST_NAME])
        weights = tensors[weights_name]
        turned = weights.T.contiguous() if weights.dim() == 2 else weights
        layers.append(_Stored(prefix, turned, tensors.get(biases_name), weights_name, biases_name))
    return _in_order(layers)


def _in_order(layers: list[_Stored]) -> list[_Stored]:
    """By number where names differ only in numbers (0, 2, 4; fc1, fc2), else by the shapes, if these leave no doubt.

    A file's own order says nothing: tensors are kept by name, "10" before "2".
    """
    numbers = [tuple(map(int, _DIGITS.findall(layer.prefix))) for layer in layers]
    if len({_DIGITS.sub("#", layer.prefix) for layer in layers}) <= 1 and len(set(numbers)) == len(layers):
        return [layer for _, layer in sorted(zip(numbers, layers, strict=True), key=lambda pair: pair[0])]
    matrices = [layer for layer in layers if layer.weights.dim() == 2]
    by_inputs = {layer.weights.shape[0]: layer for layer in matrices}
    outputs = {layer.weights.shape[1] for layer in matrices}
    starts = [n_in for n_in in by_inputs if n_in not in outputs]
    if len(by_inputs) == len(outputs) == len(layers) and len(starts) == 1:
        chain = [by_inputs[starts[0]]]
        while (after := by_inputs.get(chain[-1].weights.shape[1])) is not None:
            chain.append(after)
        if len(chain) == len(layers):
            return chain
    names = [layer.prefix[:_LONGEST_NAME] for layer in layers[:8]]
    _refuse("file-order", pointer_of(layers[0].weights_name), names=names)


def _check_dtypes(layers: list[_Stored]) -> None:
    first = layers[0].weights.dtype
    for layer in layers:
        for name, tensor in ((layer.weights_name, layer.weights), (layer.biases_name, layer.biases)):
            if tensor is not None and tensor.dtype != first:
                values = {"name": name[:_LONGEST_NAME], "got": _name(tensor.dtype), "expected": _name(first)}
                _refuse("file-dtypes", pointer_of(name), **values)


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _named(prefix: str, part: str) -> str:
    """fc1.weight; a module that was saved by itself has no prefix: weight."""
    return f"{prefix}.{part}" if prefix else part


def _layer(k: int, stored: _Stored, metadata: Mapping[str, str]) -> DenseLayer:
    weights = stored.weights
    biases = weights.new_zeros(weights.shape[-1] if weights.dim() else 1) if stored.biases is None else stored.biases
    name = metadata.get(_named(stored.prefix, "name"))
    if name is not None and len(name) > _LONGEST_NAME:
        values = {"name": "name", "limit": _LONGEST_NAME}
        raise NetworkError(Fault("invalid-value", "string-too-long", f"/layers/{k}/name", values))
    named = metadata.get(_named(stored.prefix, "activation"), "identity")
    if len(named) > _LONGEST_NAME:
        named = named[:_LONGEST_NAME] + "…"
    return DenseLayer(weights, biases, activation_named(named, f"/layers/{k}/activation"), name)
