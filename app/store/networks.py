import torch

from app.network.network import Network
from app.network.presets import PRESET_NAMES, preset_named


class Networks:
    def ready(self, name: str, dtype: torch.dtype) -> Network | None:
        return preset_named(name).network.to(dtype=dtype) if name in PRESET_NAMES else None

    async def get(self, name: str, dtype: torch.dtype) -> Network:
        return preset_named(name).network.to(dtype=dtype)
