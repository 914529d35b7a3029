"""The networks that come with the product: the notebook's, and those that learnt something."""

from functools import cache

from adelante.network.errors import Fault, NetworkError
from adelante.network.presets import notebook, trained
from adelante.network.presets.notebook import NOTEBOOK_SEED, multilayer, one_neuron, xor
from adelante.network.presets.preset import Maker, Preset, Sample

__all__ = ["CHAIN_NAMES", "NOTEBOOK_SEED", "PRESET_NAMES", "Preset", "Sample", "multilayer", "one_neuron", "preset_named", "xor"]

_MAKERS: dict[str, Maker] = {**notebook.MAKERS, **trained.MAKERS}

PRESET_NAMES: tuple[str, ...] = tuple(_MAKERS)
# Those that are chains of dense layers.
CHAIN_NAMES: tuple[str, ...] = tuple(
    name for name in PRESET_NAMES if not name.startswith(("digits", "parity", "sorting"))
)


@cache
def preset_named(name: str) -> Preset:
    """The preset of that name. Raises NetworkError (unknown-network), which lists the known ones."""
    if name not in _MAKERS:
        values = {"name": name, "known": list(PRESET_NAMES)}
        raise NetworkError(Fault("unknown-network", "unknown-network", "/network", values))
    return _MAKERS[name]()
