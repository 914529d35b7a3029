"""The stored network that a page's address names, as the studio learns it: what it is, and not its numbers."""

from typing import Any

import torch

from adelante.network.dense.names import neuron_names
from adelante.network.dense.network import DenseNetwork
from adelante.network.errors import NetworkError
from adelante.network.forward import forward
from adelante.network.network import Network
from adelante.network.presets import CHAIN_NAMES, PRESET_NAMES, preset_named
from app.api.write.network import description
from app.api.write.outline import outline
from app.api.write.presets import preset_told
from app.store.networks import Networks

Rows = list[tuple[str, float]]

# So many values can be read as a table by who has no script.
_MOST_ROWS = 64
# Of an address that is no id, so much is told back.
_LONGEST_ID = 100
# The outline of so many layers comes with the page; that of more is asked for.
_MOST_OUTLINED = 200


async def asked_network(
    name: str | None, language: str, networks: Networks, *, secret: bool = False
) -> tuple[dict[str, Any], Rows] | None:
    """What the studio is told of it, and a table of its values for inputs of zeros; None where none is asked for.

    Only `id` is told where there is no such network, or none at hand. Where networks are `secret` it is told that a
    kept one takes a key, whether there is such a one or not: a page is for everybody.
    """
    if name is None or name in CHAIN_NAMES:
        return None
    if secret and name not in PRESET_NAMES:
        return {"id": name[:_LONGEST_ID], "secret": True}, []
    try:
        network = await networks.get(name)
    except NetworkError:
        return {"id": name[:_LONGEST_ID]}, []
    if not isinstance(network, DenseNetwork):
        told = {"id": name, **description(network), **_outlined(name, network)}
        if name in PRESET_NAMES:
            told["preset"] = preset_told(language, preset_named(name))
        return told, []
    told = {
        "id": name,
        "sizes": network.sizes,
        "parameters": network.size,
        "dtype": str(network.dtype).removeprefix("torch."),
        **_outlined(name, network),
    }
    return told, _rows(network)


def _outlined(name: str, network: Network) -> dict[str, Any]:
    return {"outline": outline(name, network)} if len(network.layers) <= _MOST_OUTLINED else {}


def _rows(network: DenseNetwork) -> Rows:
    if sum(network.sizes) > _MOST_ROWS:
        return []
    with torch.inference_mode():
        trace = forward(network, torch.zeros(network.n_in, dtype=network.dtype))
    values = [trace.inputs, *trace.activations]
    layers = zip(neuron_names(network.sizes), values, strict=True)
    return [(name, value) for names, layer in layers for name, value in zip(names, layer.tolist(), strict=True)]
