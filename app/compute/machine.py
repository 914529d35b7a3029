"""The machine that passes run on: its devices, what each computes in a second, and which of them a pass goes to."""

import time

import torch

from adelante.network.errors import NetworkError
from app.compute.devices import device_named, known_devices
from app.compute.speed import ASSUMED
from app.settings import SettingFault

CPU = torch.device("cpu")
# Below this many, a GPU's launch and transfer cost more than the CPU's whole pass.
GPU_MULTIPLY_ADDS = 50_000_000
# Moving one parameter to a GPU, 4 bytes at some 20 GB/s, takes as long as this many multiply-adds on the CPU.
MOVED_PARAMETER_MULTIPLY_ADDS = 4
# A GPU that had no memory left gets no passes of `auto` for so long.
_GPU_REST_SECONDS = 30.0


class Machine:
    """Where `auto` sends a pass. `name` is the device of the settings. Raises SettingFault where it isn't there."""

    def __init__(self, name: str) -> None:
        self.preferred = _preferred(name)
        self.gpu = next((torch.device(known) for known in known_devices() if known != "cpu"), None)
        self.gpu_multiply_adds = GPU_MULTIPLY_ADDS
        self.speeds: dict[tuple[str, torch.dtype], float] = {}
        """Multiply-adds a second that were measured, by the device's type and the dtype."""
        self._gpu_rests_until = 0.0

    @property
    def devices(self) -> set[torch.device]:
        """Those that `auto` may choose."""
        return {CPU, self.gpu or CPU, self.preferred or CPU}

    def speed(self, dtype: torch.dtype, place: torch.device = CPU) -> float:
        """Multiply-adds a second there."""
        return self.speeds.get((place.type, dtype), ASSUMED)

    def place(self, name: str, cost: int, moved: int = 0) -> torch.device:
        """The device for a pass of this cost in multiply-adds that must first move so many parameters there.

        Raises NetworkError (unsupported-device).
        """
        chosen = self.preferred if name == "auto" else device_named(name)
        if chosen is not None:
            return CPU if chosen == CPU else chosen
        if self.gpu is None or cost < self.gpu_multiply_adds + MOVED_PARAMETER_MULTIPLY_ADDS * moved:
            return CPU
        return self.gpu if time.monotonic() >= self._gpu_rests_until else CPU

    def rest_gpu(self) -> None:
        """Sends `auto`'s passes elsewhere for a while: the GPU's memory was full."""
        self._gpu_rests_until = time.monotonic() + _GPU_REST_SECONDS

    def wake_gpu(self) -> None:
        """Lets it have passes again."""
        self._gpu_rests_until = 0.0


def _preferred(name: str) -> torch.device | None:
    """The device that the settings name. Raises SettingFault."""
    try:
        return device_named(name)
    except NetworkError as error:
        known = ", ".join(error.faults[0].values["known"])
        raise SettingFault("ADELANTE_DEVICE", name, "device-here", known=known) from None
