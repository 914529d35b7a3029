"""The compute service: cheap passes run here and now, dear ones in a bounded pool, so that none delays a slider."""

import asyncio
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import torch
from torch import Tensor

from app.compute.devices import DTYPES, device_named, known_devices
from app.compute.joining import MOST_ROWS_TO_JOIN, JoinedPass, rows_of
from app.compute.placement import placed
from app.compute.probe import crossing
from app.compute.threads import available_cores
from app.network.errors import Fault, NetworkError
from app.network.forward import Trace, forward
from app.network.network import Network, check_inputs
from app.settings import SettingFault, Settings

T = TypeVar("T")

# A pass of this many multiply-adds takes well under a millisecond on one core: less than a thread's hand-over is worth.
CHEAP_MULTIPLY_ADDS = 2_000_000
# Writing one number as text takes as long as this many.
WRITTEN_NUMBER_MULTIPLY_ADDS = 40
# Below this many, a GPU's launch and transfer cost more than the CPU's whole pass.
GPU_MULTIPLY_ADDS = 50_000_000
# Up to so many rows the CPU waits for the weights, not for arithmetic: 1.8 ms for one row of 25 million, 1.7 for four.
ROWS_PER_READ = 4
# Moving one parameter to a GPU, 4 bytes at some 20 GB/s, takes as long as this many multiply-adds on the CPU.
MOVED_PARAMETER_MULTIPLY_ADDS = 4
_SWITCH_SECONDS = 0.0005
_CPU = torch.device("cpu")


class ComputeBusy(Exception):
    """The queue of dear passes is full."""


class ComputeTimeout(Exception):
    """A pass outlived its limit."""


class ComputeService:
    """Runs passes for everyone. One per process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # The event loop's own passes are too small to gain by a second thread, which each would have to wake and wait
        # for. Dear ones get every core but the one that the event loop needs to stay prompt.
        torch.set_num_threads(1)
        self.threads = settings.threads or max(1, available_cores() - 1)
        self._pool = ThreadPoolExecutor(settings.workers, "pass", torch.set_num_threads, (self.threads,))
        # A thread that writes an answer yields to the event loop after this long at the latest; Python's own 5 ms show.
        sys.setswitchinterval(_SWITCH_SECONDS)
        self.dear = 0  # how many dear works run or wait
        self._preferred = _preferred(settings.device)
        self._joined: dict[tuple[Network, torch.device], tuple[JoinedPass, asyncio.Future[Trace]]] = {}
        self._gpu = next((torch.device(known) for known in known_devices() if known != "cpu"), None)
        self.gpu_multiply_adds = GPU_MULTIPLY_ADDS

    async def forward(
        self,
        network: Network,
        inputs: Tensor,
        finish: Callable[[Trace], T],
        *,
        device: str = "auto",
        resident: bool = False,
    ) -> T:
        """What `finish` makes of the trace of inputs (n_in,) or (batch, n_in), of the network's dtype.

        `finish` (which writes the answer) runs where the pass ran. `resident` networks outlive the request: what moving
        them to a device costs is paid once, and requests that wait for the same one share a pass; the last digits of
        float32 may depend on how many rows share it.
        Raises NetworkError (shape-mismatch, too-large, unsupported-device), ComputeBusy, ComputeTimeout.
        """
        place, cheap = self._planned(network, inputs, device, resident)
        if cheap:
            return finish(forward(network, inputs))
        check_inputs(network, inputs)
        if resident and _rows(inputs) <= MOST_ROWS_TO_JOIN:
            return await self._join(network, inputs, place, finish)
        return await self._wait(self._submit(lambda: finish(_forward(network, inputs, place))))

    def forward_at_once(
        self, network: Network, inputs: Tensor, finish: Callable[[Trace], T], *, device: str, resident: bool
    ) -> T | None:
        """The same of a pass that is cheap enough to be run here and now; None of a dear one. Raises NetworkError."""
        _, cheap = self._planned(network, inputs, device, resident)
        return finish(forward(network, inputs)) if cheap else None

    def _planned(self, network: Network, inputs: Tensor, device: str, resident: bool) -> tuple[torch.device, bool]:
        """Where the pass runs, and whether it is cheap enough for the event loop."""
        batch = _rows(inputs)
        activations = self.check_limits(network, batch)
        cost = batch * network.parameters
        read = max(batch, ROWS_PER_READ) * network.parameters
        place = self.place(device, read, moved=0 if resident else network.parameters)
        # No parameter asks for gradients: autograd keeps no books there, and inference mode would only cost its entry.
        return place, place is _CPU and cost + WRITTEN_NUMBER_MULTIPLY_ADDS * activations <= CHEAP_MULTIPLY_ADDS

    async def _join(self, network: Network, inputs: Tensor, place: torch.device, finish: Callable[[Trace], T]) -> T:
        """What `finish` makes of this request's rows of a pass shared with those that wait for the same network."""
        matrix = inputs if inputs.dim() == 2 else inputs.unsqueeze(0)
        key = (network, place)
        joined, future = self._joined.get(key, (None, None))
        rows = None if joined is None else joined.add(matrix)
        finished: list[T] = []

        def finish_mine(trace: Trace) -> T:
            assert rows is not None
            return finish(rows_of(trace, rows if inputs.dim() == 2 else rows.start))

        if joined is None or future is None or rows is None:
            opened = JoinedPass(network, place)
            rows = opened.add(matrix)

            def run() -> Trace:
                trace = opened.run()
                if opened.alone:
                    # Nobody else waits for the trace: its answer is written at once, without a second hand-over.
                    finished.append(finish_mine(trace))
                return trace

            future = self._submit(run)
            self._joined[key] = opened, future
            future.add_done_callback(partial(self._joined_finished, key))
        trace = await self._wait(future)
        return finished[0] if finished else await self._wait(self._submit(lambda: finish_mine(trace), admitted=True))

    def _joined_finished(self, key: tuple[Network, torch.device], future: "asyncio.Future[Trace]") -> None:
        if self._joined.get(key, (None, None))[1] is future:
            del self._joined[key]

    async def probe(self) -> None:
        """Measures from which size on this machine's GPU, if it has one, is the quicker place for `auto`."""
        if self._gpu is not None and self._preferred is None:
            # A card that takes too long to wake keeps the estimate; the server starts all the same.
            with suppress(ComputeTimeout):
                self.gpu_multiply_adds = await self.run(partial(crossing, self._gpu), cost=GPU_MULTIPLY_ADDS)

    async def run(self, work: Callable[[], T], *, cost: int) -> T:
        """Does the work: here where it is cheap (cost in multiply-adds), else in the pool, in turn."""
        if cost <= CHEAP_MULTIPLY_ADDS:
            return work()
        return await self._wait(self._submit(work))

    def _submit(self, work: Callable[[], T], *, admitted: bool = False) -> "asyncio.Future[T]":
        if not admitted and self.dear >= self._settings.queue_length + self._settings.workers:
            raise ComputeBusy
        self.dear += 1
        future = asyncio.get_running_loop().run_in_executor(self._pool, work)
        future.add_done_callback(self._finished)
        return future

    async def _wait(self, future: "asyncio.Future[T]") -> T:
        try:
            return await asyncio.wait_for(asyncio.shield(future), self._settings.pass_timeout_seconds)
        except TimeoutError:
            raise ComputeTimeout from None

    def _finished(self, _: Any) -> None:
        self.dear -= 1

    def check_limits(self, network: Network, batch: int) -> int:
        """How many activations a trace holds. Raises NetworkError (too-large), naming the limit and its setting."""
        settings = self._settings
        activations = batch * network.units
        # The loop only finds the words: this is on every request's way.
        if (
            len(network.layers) <= settings.max_layers
            and network.parameters <= settings.max_parameters
            and batch <= settings.max_batch
            and activations <= settings.max_activations
        ):
            return activations
        for size, limit, key, name in (
            (len(network.layers), settings.max_layers, "too-many-layers", "MAX_LAYERS"),
            (network.parameters, settings.max_parameters, "too-many-parameters", "MAX_PARAMETERS"),
            (batch, settings.max_batch, "batch-too-large", "MAX_BATCH"),
            (activations, settings.max_activations, "trace-too-large", "MAX_ACTIVATIONS"),
        ):
            if size > limit:
                values = {"size": size, "limit": limit, "setting": f"ADELANTE_{name}"}
                raise NetworkError(Fault("too-large", key, "", values))
        return activations

    def describe(self) -> dict[str, Any]:
        """Devices, precisions, threads, torch's version and the limits in force."""
        settings = self._settings
        return {
            "devices": known_devices(),
            "default_device": settings.device,
            "dtypes": list(DTYPES),
            "threads": self.threads,
            "gpu_multiply_adds": None if self._gpu is None else self.gpu_multiply_adds,
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
                "lab_steps": settings.max_lab_steps,
                "lab_tensor_elements": settings.max_lab_tensor_elements,
                "lab_elements": settings.max_lab_elements,
            },
        }

    def close(self) -> None:
        """Lets running passes end and takes no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def place(self, name: str, cost: int, moved: int = 0) -> torch.device:
        """The device for a pass of this cost in multiply-adds that must first move so many parameters there.

        Raises NetworkError (unsupported-device).
        """
        chosen = self._preferred if name == "auto" else device_named(name)
        if chosen is not None:
            return _CPU if chosen == _CPU else chosen
        if self._gpu is None or cost < self.gpu_multiply_adds + MOVED_PARAMETER_MULTIPLY_ADDS * moved:
            return _CPU
        return self._gpu


def _preferred(name: str) -> torch.device | None:
    """The device that the settings name. Raises SettingFault."""
    try:
        return device_named(name)
    except NetworkError as error:
        known = ", ".join(error.faults[0].values["known"])
        raise SettingFault("ADELANTE_DEVICE", name, "device-here", known=known) from None


def _rows(inputs: Tensor) -> int:
    return inputs.shape[0] if inputs.dim() == 2 else 1


def _forward(network: Network, inputs: Tensor, place: torch.device) -> Trace:
    # Copies outlive the pass, and gradients may be asked of them: they are made outside inference mode.
    there = placed(network, place)
    with torch.inference_mode():
        return forward(there, inputs.to(place))
