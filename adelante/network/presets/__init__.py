"""The networks that come with the product: the notebook's, and those that learnt something."""

from functools import cache
from typing import Any, cast

from adelante.network.dense.network import DenseNetwork
from adelante.network.errors import Fault, NetworkError
from adelante.network.network import Network
from adelante.network.presets import notebook, trained
from adelante.network.presets.notebook import NOTEBOOK_SEED, multilayer, one_neuron, xor
from adelante.network.presets.preset import Chain, Maker, Preset, Sample

__all__ = [
    "CHAIN_NAMES",
    "NOTEBOOK_SEED",
    "PRESET_NAMES",
    "Chain",
    "Preset",
    "Sample",
    "chain_named",
    "multilayer",
    "one_neuron",
    "preset_named",
    "xor",
]


_MAKERS: dict[str, Maker] = {**notebook.MAKERS, **trained.MAKERS}

PRESET_NAMES: tuple[str, ...] = tuple(_MAKERS)
# Those that are chains of dense layers.
CHAIN_NAMES: tuple[str, ...] = tuple(
    name for name in PRESET_NAMES if not name.startswith(("digits", "parity", "sorting"))
)


@cache
def preset_named(name: str) -> Preset[Network]:
    """The preset of that name. Raises NetworkError (unknown-network), which lists the known ones."""
    if name not in _MAKERS:
        raise NetworkError(Fault("unknown-network", "unknown-network", "/network", _names(name, PRESET_NAMES)))
    return _MAKERS[name]()


def chain_named(name: str) -> Chain:
    """The preset of that name, which is a chain of dense layers. Raises NetworkError (unknown-network)."""
    preset = preset_named(name)
    if not isinstance(preset.network, DenseNetwork):
        raise NetworkError(Fault("unknown-network", "unknown-network", "/network", _names(name, CHAIN_NAMES)))
    return cast(Chain, preset)


def _names(name: str, known: tuple[str, ...]) -> dict[str, Any]:
    return {"name": name, "known": list(known)}
