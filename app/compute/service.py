"""The compute service: cheap passes run here and now, expensive ones in a few threads, so that none delays a slider."""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from functools import partial
from math import prod
from types import GeneratorType
from typing import Any, NamedTuple, TypeVar, cast

import torch
from torch import Tensor

from adelante.network.dense.network import DenseNetwork
from adelante.network.forward import forward
from adelante.network.given import Inputs
from adelante.network.network import Network
from adelante.network.trace import Trace
from app import tracing
from app.compute.devices import DTYPES, known_devices
from app.compute.effort import effort
from app.compute.joining import MOST_JOINED_ROWS, JoinedPass, worth_joining
from app.compute.limits import Limits
from app.compute.machine import CPU, GPU_MULTIPLY_ADDS, Machine
from app.compute.memory import free_devices, out_of_memory
from app.compute.placement import placed
from app.compute.pool import Abandoned, Pool, Steps, Work, drained
from app.compute.probe import crossing
from app.compute.speed import ASSUMED, multiply_adds_per_second
from app.compute.steps import CALL_COST, forward_in_steps
from app.compute.threads import available_cores
from app.settings import Settings
from app.tally import ROWS, Tally

T = TypeVar("T")
# What makes an answer of a trace, a DenseTrace of a Network: at once, or step by step where it is large.
Finish = Callable[[Any], T | Steps[T]]
# Ends once nobody waits for an answer any more.
Gone = Callable[[], Awaitable[None]]

# A pass of this many multiply-adds takes well under a millisecond on one core: less than a thread's hand-over is worth.
CHEAP_MULTIPLY_ADDS = 2_000_000
# Writing one number as JSON takes as long as this many.
JSON_NUMBER_COST = 40
# Up to so many rows the CPU waits for the weights, not for arithmetic: 1.8 ms for one row of 25 million, 1.7 for four.
ROWS_PER_READ = 4
# A longer answer is written in the pool, whatever its pass costs: its outputs may be asked for many times over.
_CHEAP_ANSWER_BYTES = 1 << 19
# What the traces of a shared pass may take, unless one request's own takes more.
_JOINED_BYTES = 1 << 25
# Works that take longer than this leave half of the queue to shorter ones.
_LONG_SECONDS = 1.0
_SWITCH_SECONDS = 0.0005
_SOON_SECONDS = 0.01
_log = logging.getLogger("uvicorn.error")


class ComputeBusy(Exception):
    """The queue of expensive passes is full, or memory for one was missing."""


class ComputeTimeout(Exception):
    """A pass outlived its limit."""


class Plan(NamedTuple):
    """Where a pass runs, whether it is cheap enough for the event loop, how many inputs it takes."""

    place: torch.device
    cheap: bool
    rows: int


class ComputeService:
    """Runs passes for everyone. One per process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.limits = Limits(settings)
        # The event loop's own passes are too small to gain by a second thread, which each would have to wake and wait
        # for. Expensive ones get every core but the one that the event loop needs to stay prompt.
        torch.set_num_threads(1)
        # Processes beside this one get as many each.
        self.threads = settings.threads or max(1, available_cores() // settings.processes - 1)
        self._pool = Pool(settings.workers, settings.work_memory_bytes, partial(torch.set_num_threads, self.threads))
        # A thread that writes an answer yields to the event loop after this long at the latest; Python's own 5 ms show.
        sys.setswitchinterval(_SWITCH_SECONDS)
        self.expensive = 0  # how many expensive works run or wait
        self.batches = Tally(ROWS)
        """Inputs of each pass, those of all requests that shared it."""
        self.machine = Machine(settings.device)
        self._joined: dict[tuple[Network, torch.device], tuple[JoinedPass, Work[Any]]] = {}

    @property
    def waiting(self) -> int:
        """How many expensive works wait for a thread or for memory."""
        return self._pool.waiting

    @property
    def waits(self) -> Tally:
        """Seconds that they waited."""
        return self._pool.waits

    @property
    def seconds(self) -> dict[str, Tally]:
        """Seconds that they then took, by device."""
        return self._pool.seconds

    @property
    def memory(self) -> int:
        """Bytes that expensive works and answers which are not sent yet have taken."""
        return self._pool.used

    async def forward(
        self,
        network: Network,
        inputs: Inputs,
        finish: Finish[T],
        *,
        device: str = "auto",
        resident: bool = False,
        keep: Collection[str] | None = None,
        answer: int = 0,
        gone: Gone | None = None,
    ) -> T:
        """What `finish` makes of the trace of one input or a batch, of the network's dtype; several come by name.

        `finish` (which writes the answer, of about `answer` bytes) runs where the pass ran. `resident` networks outlive
        the request: what moving them to a device costs is paid once, and requests that wait for the same one share a
        pass; the last digits of float32 may depend on how many rows share it. An expensive pass keeps of its trace the
        tensors of `keep` and the outputs, all where that is None. The pass is given up where `gone` ends before it.
        Raises NetworkError (too-large, unsupported-device), what `network.given` raises of inputs that do not fit,
        ComputeBusy, ComputeTimeout and Abandoned.
        """
        plan = self._planned(network, inputs, device, resident)
        if plan.cheap and answer <= _CHEAP_ANSWER_BYTES:
            dense = isinstance(network, DenseNetwork)
            trace = forward(network, inputs) if dense else drained(forward_in_steps(network, inputs, speed=ASSUMED))
            self.batches.add(plan.rows)
            return cast(T, drained(finish(trace)))
        given, rows, single = network.given(inputs)
        cost = rows * effort(network)
        speed = self.check_cost(cost, network.dtype, plan.place)
        self.limits.answer(answer)
        held = rows * _most_held(network, keep) * network.dtype.itemsize
        memory = self.limits.memory(held + answer)
        if resident and worth_joining(network, rows):
            return await self._join(network, given, rows, single, plan.place, finish, answer, gone)
        self.batches.add(rows)

        def work() -> Steps[T]:
            place = plan.place
            there = {name: value.to(place) for name, value in given.items()}
            trace = yield from forward_in_steps(placed(network, place), there, speed=speed, keep=keep)
            return (yield from _finished(finish, trace.rows(0) if single else trace))

        return await self._wait(self._submit(work, memory, cost / speed, place=plan.place), gone)

    def forward_at_once(self, network: Network, inputs: Inputs, *, device: str, resident: bool) -> Trace | None:
        """The trace of a pass that is cheap enough to be run here and now; None of others. Raises NetworkError."""
        plan = self._planned(network, inputs, device, resident)
        if not plan.cheap:
            return None
        self.batches.add(plan.rows)
        return forward(network, inputs)

    def _planned(self, network: Network, inputs: Inputs, device: str, resident: bool) -> Plan:
        batch = network.rows(inputs)
        activations = self.limits.network(network, batch)
        cost = batch * effort(network)
        read = max(cost, ROWS_PER_READ * network.size)
        place = self.machine.place(device, read, moved=0 if resident else network.size)
        here = cost + JSON_NUMBER_COST * activations + CALL_COST * network.calls
        # No parameter asks for gradients: autograd keeps no books there, and inference mode would only cost its entry.
        return Plan(place, place is CPU and here <= CHEAP_MULTIPLY_ADDS, batch)

    async def _join(
        self,
        network: Network,
        given: Mapping[str, Tensor],
        count: int,
        single: bool,
        place: torch.device,
        finish: Finish[T],
        answer: int,
        gone: Gone | None,
    ) -> T:
        """What `finish` makes of this request's rows of a pass shared with those that wait for the same network."""
        key = (network, place)
        joined, shared = self._joined.get(key, (None, None))
        rows = joined.add(given, count) if joined is not None and shared is not None and shared.waiters else None

        def finish_mine(trace: Trace) -> Steps[T]:
            assert rows is not None
            return _finished(finish, trace.rows(rows.start if single else rows))

        if joined is None or shared is None or rows is None:
            row = network.trace_bytes
            joined = JoinedPass(network, place, min(MOST_JOINED_ROWS, max(count, _JOINED_BYTES // row)))
            rows = joined.add(given, count)
            run = partial(_run_joined, joined, finish_mine)
            shared = self._submit(run, answer + joined.most_rows * row, place=place)
            self._joined[key] = joined, shared
            shared.future.add_done_callback(partial(self._joined_finished, key, joined))
        else:
            shared.waiters += 1
        found = await self._wait(shared, gone)
        if joined.alone:
            return cast(T, found)
        return await self._wait(self._submit(lambda: finish_mine(found), answer, admitted=True), gone)

    def _joined_finished(
        self, key: tuple[Network, torch.device], joined: JoinedPass, future: "asyncio.Future[Any]"
    ) -> None:
        self.batches.add(joined.rows)
        found = self._joined.get(key)
        if found is not None and found[1].future is future:
            del self._joined[key]

    async def probe(self) -> None:
        """Measures the speeds of this machine, and from which size on its GPU, if any, is the quicker for `auto`."""
        for device in self.machine.devices:
            # A card that takes too long to wake, or is full, keeps the estimates; the server starts all the same.
            with suppress(ComputeTimeout, ComputeBusy):
                await self._measure(device)
        gpu = self.machine.gpu
        if gpu is not None and self.machine.preferred is None:
            with suppress(ComputeTimeout, ComputeBusy):
                self.machine.gpu_multiply_adds = await self.run(partial(crossing, gpu), cost=GPU_MULTIPLY_ADDS)

    async def _measure(self, device: torch.device) -> None:
        measure = partial(multiply_adds_per_second, DTYPES.values(), device)
        found = await self.run(measure, cost=CHEAP_MULTIPLY_ADDS + 1)
        self.machine.speeds |= {(device.type, dtype): speed for dtype, speed in found.items()}

    async def run(self, work: Callable[[], T | Steps[T]], *, cost: int, memory: int = 0, gone: Gone | None = None) -> T:
        """Does the work: here where it is cheap (cost in multiply-adds), else in the pool, in turn.

        `memory` is what it takes in bytes, its answer included. Raises what the work raises, NetworkError (too-large),
        ComputeBusy, ComputeTimeout, and Abandoned where `gone` ends first.
        """
        if cost <= CHEAP_MULTIPLY_ADDS:
            found: T = drained(work())
            return found
        return await self._wait(self._submit(work, self.limits.memory(memory)), gone)

    def check_cost(self, cost: int, dtype: torch.dtype, place: torch.device = CPU) -> float:
        """Raises NetworkError (too-large) where a pass would take too long; gives multiply-adds a second there."""
        speed = self.speed(dtype, place)
        self.limits.seconds(cost / speed)
        return speed

    def speed(self, dtype: torch.dtype, place: torch.device = CPU) -> float:
        """Multiply-adds a second there."""
        return self.machine.speed(dtype, place)

    def place(self, name: str, cost: int, moved: int = 0) -> torch.device:
        """See `Machine.place`."""
        return self.machine.place(name, cost, moved)

    def _submit(
        self,
        work: Callable[[], T | Steps[T]],
        memory: int = 0,
        seconds: float = 0.0,
        *,
        admitted: bool = False,
        place: torch.device = CPU,
    ) -> Work[T]:
        """Hands the work to the pool. What is expected to take long may only fill the first half of the queue."""
        places = self._settings.queue_length // (2 if seconds > _LONG_SECONDS else 1) + self._settings.workers
        if not admitted and self.expensive >= places:
            raise ComputeBusy
        self.expensive += 1
        submitted = self._pool.submit(work, memory, str(place))
        submitted.future.add_done_callback(self._finished_one)
        return submitted

    async def _wait(self, work: Work[T], gone: Gone | None) -> T:
        limit, leaving = self._settings.pass_timeout_seconds, None
        try:
            with tracing.span("pass", device=work.device) as span:
                # Most works end before anybody leaves: only for the others the client is watched.
                soon = min(_SOON_SECONDS, limit)
                await asyncio.wait((work.future,), timeout=soon)
                if not work.future.done():
                    leaving = None if gone is None else asyncio.ensure_future(gone())
                    waited: list[asyncio.Future[Any]] = [work.future, *(() if leaving is None else (leaving,))]
                    await asyncio.wait(waited, timeout=limit - soon, return_when=asyncio.FIRST_COMPLETED)
                if span is not None:
                    span.set_attributes({"adelante.waited": work.waited, "adelante.seconds": work.seconds})
            if work.future.done():
                return self._result(work)
            raise ComputeTimeout if leaving is None or not leaving.done() else Abandoned
        finally:
            if leaving is not None:
                leaving.cancel()
            if not work.future.done():
                self._pool.leave(work)

    def _result(self, work: Work[T]) -> T:
        """Its result. Raises what it raised; memory that was missing is given back, and makes the service busy."""
        try:
            return work.future.result()
        except Exception as error:
            if not out_of_memory(error):
                raise
            _log.warning("A pass found too little memory: %s", (str(error) or type(error).__name__).partition("\n")[0])
            if isinstance(error, torch.OutOfMemoryError):
                self.machine.rest_gpu()
                free_devices()
            raise ComputeBusy from None

    def _finished_one(self, _: Any) -> None:
        self.expensive -= 1

    def check_limits(self, network: Network, batch: int) -> int:
        """How many activations a trace holds. Raises NetworkError (too-large), naming the limit and its setting."""
        return self.limits.network(network, batch)

    def describe(self) -> dict[str, Any]:
        """Devices, precisions, threads, torch's version and the limits in force."""
        settings = self._settings
        return {
            "devices": known_devices(),
            "default_device": settings.device,
            "dtypes": list(DTYPES),
            "threads": self.threads,
            "gpu_multiply_adds": None if self.machine.gpu is None else self.machine.gpu_multiply_adds,
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
                "answer_bytes": settings.max_answer_bytes,
                "pass_seconds": settings.max_pass_seconds,
            },
        }

    def close(self) -> None:
        """Lets what runs end with its current step and takes no more."""
        self._pool.close()


def _most_held(network: Network, keep: Collection[str] | None) -> int:
    """The most numbers that a pass of one input holds at once."""
    if keep is None:
        return network.trace_size
    kept = sum(prod(network.whole_shapes[name]) for name in set(keep) - set(network.outputs))
    return min(network.trace_size, network.widest + kept)


def _run_joined(joined: JoinedPass, finish: Callable[[Trace], Steps[Any]]) -> Steps[Any]:
    """The trace for all who joined; where nobody did, the answer of the one there is, without a second hand-over."""
    trace = joined.run()
    yield
    return (yield from finish(trace)) if joined.alone else trace


def _finished(finish: Finish[T], trace: Trace) -> Steps[T]:
    """The answer, in steps where `finish` gives some."""
    answer: Any = finish(trace)
    if isinstance(answer, GeneratorType):
        answer = yield from answer
    return cast(T, answer)
