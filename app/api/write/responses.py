"""What tensors are while cells move, as JSON: the outputs, every layer's activations, or tensors by name."""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from adelante.network.network import Layer, Network
from app.api.write.encode import NonFinite, array


def responses_members(
    network: Network, found: Mapping[str, Tensor], told: str | Sequence[str], bad: NonFinite
) -> dict[str, Any]:
    """`outputs`, and with "trace" `layers`; of a list of names `tensors` alone, by name."""
    if not isinstance(told, str):
        return {"tensors": _named(found, told, "/tensors", bad)}
    members: dict[str, Any] = {}
    if len(network.outputs) == 1:
        members["outputs"] = array(found[network.outputs[0]])
        bad.look("/outputs", members["outputs"])
    else:
        members["outputs"] = _named(found, network.outputs, "/outputs", bad)
    if told == "trace":
        members["layers"] = [_layer(network, each, found, f"/layers/{k}", bad) for k, each in enumerate(network.layers)]
    return members


def _named(found: Mapping[str, Tensor], names: Sequence[str], pointer: str, bad: NonFinite) -> dict[str, Any]:
    arrays = {name: array(found[name]) for name in names}
    for name, values in arrays.items():
        bad.look(f"{pointer}/{name}", values)
    return arrays


def _layer(network: Network, layer: Layer, found: Mapping[str, Tensor], pointer: str, bad: NonFinite) -> dict[str, Any]:
    values = array(found[layer.nodes[-1]])
    bad.look(f"{pointer}/activations", values)
    activation = network.by_name[layer.nodes[-1]].operation.kind if len(layer.nodes) > 1 else "identity"
    return {"name": layer.name, "kind": layer.kind, "activation": activation, "activations": values}


def tensors_told(network: Network, told: str | Sequence[str]) -> tuple[str, ...]:
    """The tensors that an answer tells of."""
    if not isinstance(told, str):
        return tuple(dict.fromkeys(told))
    layers = [layer.nodes[-1] for layer in network.layers] if told == "trace" else []
    return tuple(dict.fromkeys((*network.outputs, *layers)))
