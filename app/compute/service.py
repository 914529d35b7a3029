"""The compute service: cheap passes run here and now, dear ones in a bounded pool, so that none delays a slider."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import torch
from torch import Tensor

from app.compute.devices import DTYPES, device_named, known_devices
from app.network.errors import Fault, NetworkError
from app.network.forward import Trace, forward
from app.network.network import Network
from app.settings import Settings

T = TypeVar("T")

# A pass of this many multiply-adds takes well under a millisecond on one core: less than a thread's hand-over is worth.
CHEAP_MULTIPLY_ADDS = 2_000_000
# Below this many, a GPU's launch and transfer cost more than the CPU's whole pass.
GPU_MULTIPLY_ADDS = 50_000_000


class ComputeBusy(Exception):
    """The queue of dear passes is full."""


class ComputeTimeout(Exception):
    """A pass outlived its limit."""


class ComputeService:
    """Runs passes for everyone. One per process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool = ThreadPoolExecutor(settings.workers, thread_name_prefix="pass")
        self._dear = 0
        self._preferred = device_named(settings.device)
        if settings.threads is not None:
            torch.set_num_threads(settings.threads)

    async def forward(self, network: Network, inputs: Tensor, *, device: str | None = None) -> Trace:
        """The trace of inputs (n_in,) or (batch, n_in), of the network's dtype, on the device asked for.

        Raises NetworkError (shape-mismatch, too-large, unsupported-device), ComputeBusy, ComputeTimeout.
        """
        batch = inputs.shape[0] if inputs.dim() == 2 else 1
        self.check_limits(network, batch)
        cost = batch * network.parameters
        place = self.place(device, cost)

        def work() -> Trace:
            with torch.inference_mode():
                return forward(network.to(place), inputs.to(place))

        return await self.run(work, cost=cost)

    async def run(self, work: Callable[[], T], *, cost: int) -> T:
        """Does the work: here where it is cheap (cost in multiply-adds), else in the pool, in turn."""
        if cost <= CHEAP_MULTIPLY_ADDS:
            return work()
        if self._dear >= self._settings.queue_length + self._settings.workers:
            raise ComputeBusy
        self._dear += 1
        future = asyncio.get_running_loop().run_in_executor(self._pool, work)
        future.add_done_callback(self._finished)
        try:
            return await asyncio.wait_for(asyncio.shield(future), self._settings.pass_timeout_seconds)
        except TimeoutError:
            raise ComputeTimeout from None

    def _finished(self, _: Any) -> None:
        self._dear -= 1

    def check_limits(self, network: Network, batch: int) -> None:
        """Raises NetworkError (too-large), naming the limit and the setting that raises it."""
        settings = self._settings
        for size, limit, key, name in (
            (len(network.layers), settings.max_layers, "too-many-layers", "MAX_LAYERS"),
            (network.parameters, settings.max_parameters, "too-many-parameters", "MAX_PARAMETERS"),
            (batch, settings.max_batch, "batch-too-large", "MAX_BATCH"),
            (batch * sum(network.sizes[1:]), settings.max_activations, "trace-too-large", "MAX_ACTIVATIONS"),
        ):
            if size > limit:
                values = {"size": size, "limit": limit, "setting": f"ADELANTE_{name}"}
                raise NetworkError(Fault("too-large", key, "", values))

    def describe(self) -> dict[str, Any]:
        """Devices, precisions, threads, torch's version and the limits in force."""
        settings = self._settings
        return {
            "devices": known_devices(),
            "default_device": settings.device,
            "dtypes": list(DTYPES),
            "threads": torch.get_num_threads(),
            "torch": torch.__version__,
            "limits": {
                "body_bytes": settings.max_body_bytes,
                "parameters": settings.max_parameters,
                "layers": settings.max_layers,
                "batch": settings.max_batch,
                "activations": settings.max_activations,
                "depth": settings.max_depth,
                "sweep_steps": settings.max_sweep_steps,
                "grid_steps": settings.max_grid_steps,
                "derived_values": settings.max_derived_values,
                "listed_values": settings.max_listed_values,
            },
        }

    def close(self) -> None:
        """Lets running passes end and takes no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def place(self, name: str | None, cost: int) -> torch.device:
        """The device for a pass of this cost in multiply-adds. Raises NetworkError (unsupported-device)."""
        chosen = self._preferred if name is None or name == "auto" else device_named(name)
        if chosen is not None:
            return chosen
        gpu = next((known for known in known_devices() if known != "cpu"), None)
        return torch.device(gpu if gpu is not None and cost >= GPU_MULTIPLY_ADDS else "cpu")
