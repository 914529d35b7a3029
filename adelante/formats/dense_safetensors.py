"""A network as a safetensors file, and back.

Tensors `layers.K.weights` (n_in, n_out) and `layers.K.biases` (n_out,); metadata `layers.K.activation`,
`layers.K.name`, `format` and `version`. The same network gives the same bytes, so their hash can be its name.

What PyTorch's own modules save is read too (`modules`): `0.weight`, `fc1.weight`, … (n_out, n_in) with `….bias`. Such a
file does not say which activations follow; metadata `NAME.activation` does, and without it they are the identity.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import torch
from torch import Tensor

from adelante.formats.choices import AskedLayer
from adelante.formats.kinds import Bytes
from adelante.formats.modules.activations import activations_assumed, with_activations_chosen
from adelante.formats.modules.reading import opened_from_modules
from adelante.formats.opened import Note, Opened
from adelante.formats.tensors import check_finite, pointer_of, tensors_from_safetensors, tensors_to_safetensors
from adelante.network.activations import activation_named
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.errors import Fault, NetworkError
from adelante.network.network import Network

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
_LONGEST_NAME = 200


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


def network_from_safetensors(data: Bytes) -> DenseNetwork:
    """The chain of dense layers that a file holds; see `opened_from_safetensors`. Raises TypeError if it is none."""
    network = opened_from_safetensors(data).network
    if not isinstance(network, DenseNetwork):
        raise TypeError(f"{network!r} is no chain of dense layers")
    return network


def network_from_tensors(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> Network:
    """The network of tensors whose names are those of a file. Raises NetworkError as network_from_safetensors does."""
    return opened_from_tensors(tensors, metadata).network


def opened_from_safetensors(data: Bytes) -> Opened:
    """The network that a file holds, in the file's dtype, on the CPU; its tensors share the memory of `data`.

    Raises NetworkError with a pointer to what is wrong: unsupported-file, out-of-range (numbers that are not finite),
    unknown-activation, shape-mismatch, empty.
    """
    return opened_from_tensors(*tensors_from_safetensors(data))


def opened_from_tensors(
    tensors: Mapping[str, Tensor], metadata: Mapping[str, str], choices: Mapping[str, Any] | None = None
) -> Opened:
    """The network of tensors whose names are those of a file. Raises NetworkError as opened_from_safetensors does.

    It is a DenseNetwork unless there are batch norms between the dense layers. `choices` decide what the names of
    modules leave open.
    """
    if metadata.get("format") == FORMAT and metadata.get("version") != VERSION:
        _refuse("file-version", "", got=metadata.get("version", "")[:_LONGEST_NAME], expected=VERSION)
    if not any(_OWN.fullmatch(name) for name in tensors):
        return opened_from_modules(tensors, metadata, choices or {})
    stored = _own_layers(tensors)
    _check_dtypes(stored)
    network = DenseNetwork(_layer(k, each, metadata) for k, each in enumerate(stored))
    return Opened(with_activations_chosen(network, choices or {}), tuple(_notes(stored, metadata, choices or {})))


def _notes(layers: list["_Stored"], metadata: Mapping[str, str], choices: Mapping[str, Any]) -> Iterator[Note]:
    unnamed = [k for k, layer in enumerate(layers) if f"{layer.prefix}.activation" not in metadata]
    if unnamed and choices.get("activation") is None:
        shapes = [AskedLayer(each.prefix, "dense", _shape_of(each.weights)) for each in layers]
        likely = ["relu"] * (len(layers) - 1) + ["identity"]
        yield activations_assumed(unnamed, f"{layers[unnamed[0]].prefix}.activation", likely, shapes)


def _shape_of(weights: Tensor) -> tuple[int, int]:
    n_in, n_out = weights.shape
    return n_in, n_out


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


def _check_dtypes(layers: list[_Stored]) -> None:
    first = layers[0].weights.dtype
    for layer in layers:
        for name, tensor in ((layer.weights_name, layer.weights), (layer.biases_name, layer.biases)):
            if tensor is not None and tensor.dtype != first:
                values = {"name": name[:_LONGEST_NAME], "got": _name(tensor.dtype), "expected": _name(first)}
                _refuse("file-dtypes", pointer_of(name), **values)


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _layer(k: int, stored: _Stored, metadata: Mapping[str, str]) -> DenseLayer:
    weights = stored.weights
    biases = weights.new_zeros(weights.shape[-1] if weights.dim() else 1) if stored.biases is None else stored.biases
    name = metadata.get(f"{stored.prefix}.name")
    if name is not None and len(name) > _LONGEST_NAME:
        values = {"name": "name", "limit": _LONGEST_NAME}
        raise NetworkError(Fault("invalid-value", "string-too-long", f"/layers/{k}/name", values))
    named = metadata.get(f"{stored.prefix}.activation", "identity")
    if len(named) > _LONGEST_NAME:
        named = named[:_LONGEST_NAME] + "…"
    return DenseLayer(weights, biases, activation_named(named, f"/layers/{k}/activation"), name)
