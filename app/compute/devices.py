"""torch's devices and precisions under the names that requests use."""

from functools import cache

import torch

from adelante.network.errors import Fault, NetworkError

DTYPES: dict[str, torch.dtype] = {
    "float32": torch.float32,
    "float64": torch.float64,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}
_NAMES = {dtype: name for name, dtype in DTYPES.items()}


@cache
def known_devices() -> tuple[str, ...]:
    """The devices of this machine, cpu first; they are looked up once."""
    devices = ["cpu"]
    devices += [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        devices.append("mps")
    return tuple(devices)


def dtype_named(name: str) -> torch.dtype:
    """Raises NetworkError (unsupported-dtype), which lists the known ones."""
    if name not in DTYPES:
        values = {"name": name, "known": list(DTYPES)}
        raise NetworkError(Fault("unsupported-dtype", "unsupported-dtype", "/dtype", values))
    return DTYPES[name]


def device_named(name: str) -> torch.device | None:
    """The device of that name; None for auto. Raises NetworkError (unsupported-device), which lists the known ones."""
    if name == "auto":
        return None
    known = known_devices()
    wanted = "cuda:0" if name == "cuda" else name
    if wanted not in known:
        values = {"name": name, "known": ["auto", *known]}
        raise NetworkError(Fault("unsupported-device", "unsupported-device", "/device", values))
    return torch.device(wanted)


def name_of(dtype: torch.dtype) -> str:
    """torch.float32 is "float32"."""
    return _NAMES[dtype]
