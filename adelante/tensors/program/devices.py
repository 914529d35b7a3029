"""Devices: the lab's tensors lie in the CPU's memory, so to name the CPU changes nothing, and no other is there."""

from typing import Any

import torch

from adelante.tensors.program.faults import Lacks
from adelante.tensors.program.values import Builtin, Kind, Module


def on_the_cpu(value: Any) -> Any:
    """A device as torch takes it. Raises Lacks for another than the CPU, RuntimeError for text that names none."""
    device = torch.device(value) if isinstance(value, str) else value
    if type(device) is int or (isinstance(device, torch.device) and device.type != "cpu"):
        raise Lacks("lab-lacks-device", device=str(device))
    return device


def _absent(name: str) -> Module:
    """torch.cuda and its like: what asks whether one is there is answered no, whatever the server has."""
    entries = {
        "is_available": Builtin("is_available", lambda machine: False, 0, 0),
        "device_count": Builtin("device_count", lambda machine: 0, 0, 0),
    }
    known = frozenset({*dir(torch.cuda), *dir(torch.backends.mps)})
    return Module(name, entries, known, {})


_MPS = _absent("torch.backends.mps")
DEVICES: dict[str, Any] = {
    "device": Kind(
        "device", torch.device, Builtin("device", lambda machine, *named: torch.device(*named), least=1, most=2)
    ),
    "cuda": _absent("torch.cuda"),
    "accelerator": _absent("torch.accelerator"),
    "backends": Module("torch.backends", {"mps": _MPS}, frozenset(dir(torch.backends)), {}),
}
