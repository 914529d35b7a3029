"""Where and when a pass runs: in place or in the pool, alone or joined, within limits."""

import asyncio
import itertools
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import pytest
import torch
from torch import Tensor

from adelante.network.dense.network import DenseLayer, DenseNetwork, DenseTrace
from adelante.network.dense.responses import Axis, grid
from adelante.network.errors import NetworkError
from adelante.network.forward import forward
from adelante.network.trace import Trace
from app.compute import service as service_module
from app.compute import speed as speed_module
from app.compute.devices import DTYPES
from app.compute.joining import MOST_JOINED_ROWS, MOST_ROWS_TO_JOIN, JoinedPass
from app.compute.placement import placed
from app.compute.pool import Abandoned, Work
from app.compute.service import CHEAP_MULTIPLY_ADDS, ComputeBusy, ComputeService, ComputeTimeout
from app.compute.steps import STEP_SECONDS, forward_in_steps, grid_in_steps, row_cost
from app.settings import Settings


def network(*sizes: int, dtype: torch.dtype = torch.float32) -> DenseNetwork:
    generator = torch.Generator().manual_seed(1)
    return DenseNetwork(
        DenseLayer(
            torch.randn((n_in, n_out), generator=generator, dtype=dtype) / n_in**0.5, torch.zeros(n_out, dtype=dtype)
        )
        for n_in, n_out in itertools.pairwise(sizes)
    )


def same(trace: DenseTrace) -> DenseTrace:
    return trace


def thread(_: DenseTrace) -> str:
    return threading.current_thread().name


SMALL = network(3, 2, 1)
LARGE = network(1500, 1500)
X = torch.randn((1500,), generator=torch.Generator().manual_seed(2))


def serving(use: Callable[[ComputeService], Any], **settings: Any) -> Any:
    async def run() -> Any:
        compute = ComputeService(Settings(**settings))
        try:
            return await use(compute)
        finally:
            compute.close()

    return asyncio.run(run())


def test_cheap_passes_run_here_and_expensive_ones_in_the_pool() -> None:
    assert LARGE.cost > CHEAP_MULTIPLY_ADDS

    async def use(compute: ComputeService) -> list[str]:
        return [
            await compute.forward(SMALL, torch.ones(3), thread),
            await compute.forward(LARGE, X, thread),
            await compute.forward(LARGE, X, thread, resident=True),
            # A small network, but many numbers to write.
            await compute.forward(SMALL, torch.ones((50_000, 3)), thread),
        ]

    here, *elsewhere = serving(use)
    assert here == threading.main_thread().name
    assert all(name.startswith("pass") for name in elsewhere)


def test_neither_keeps_autograds_books() -> None:
    async def use(compute: ComputeService) -> None:
        for trace in (
            await compute.forward(SMALL, torch.ones(3), same),
            await compute.forward(LARGE, X, same),
            await compute.forward(LARGE, X, same, resident=True),
        ):
            assert not trace.outputs.requires_grad
            assert trace.outputs.grad_fn is None

    serving(use)


def test_torchs_threads_are_one_here_and_the_rest_in_the_pool() -> None:
    async def use(compute: ComputeService) -> tuple[int, int]:
        there = await compute.forward(LARGE, X, lambda _: torch.get_num_threads())
        return torch.get_num_threads(), there

    assert serving(use, threads=3) == (1, 3)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("sizes", [(3, 2, 1), (1500, 1500)])
def test_every_dtype_equals_torch(dtype: torch.dtype, sizes: tuple[int, ...]) -> None:
    net = network(*sizes, dtype=dtype)
    x = torch.linspace(-1, 1, sizes[0], dtype=dtype)

    async def use(compute: ComputeService) -> DenseTrace:
        return await compute.forward(net, x, same)

    expected = x.unsqueeze(0)
    for layer in net.layers:
        expected = torch.addmm(layer.biases, expected, layer.weights)
    outputs = serving(use).outputs
    assert outputs.dtype == dtype
    torch.testing.assert_close(outputs, expected[0], rtol=1e-2 if dtype.itemsize == 2 else 1e-5, atol=1e-2)


def blocked(compute: ComputeService) -> tuple[threading.Event, "asyncio.Task[bool]"]:
    """Keeps the pool's only thread busy until the event is set."""
    release = threading.Event()
    task = asyncio.create_task(compute.run(lambda: release.wait(20), cost=CHEAP_MULTIPLY_ADDS + 1))
    return release, task


def test_requests_that_wait_for_one_resident_network_share_a_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    passes: list[int] = []
    original = JoinedPass.run

    def counted(self: JoinedPass) -> Trace:
        trace = original(self)
        passes.append(trace.batch)
        return trace

    monkeypatch.setattr(JoinedPass, "run", counted)
    vectors = [torch.randn(1500, generator=torch.Generator().manual_seed(seed)) for seed in range(6)]
    inputs = [*vectors, torch.stack(vectors[:3])]

    async def use(compute: ComputeService) -> list[Tensor]:
        release, task = blocked(compute)
        await asyncio.sleep(0)
        asked = [asyncio.create_task(compute.forward(LARGE, x, lambda t: t.outputs, resident=True)) for x in inputs]
        alone = asyncio.create_task(compute.forward(LARGE, vectors[0], lambda t: t.outputs))
        await asyncio.sleep(0.05)
        release.set()
        await task
        return [*await asyncio.gather(*asked), await alone]

    found = serving(use)
    assert passes == [9]
    for x, outputs in zip([*inputs, vectors[0]], found, strict=True):
        torch.testing.assert_close(outputs, forward(LARGE, x).outputs, rtol=1e-4, atol=1e-5)
        assert outputs.shape == (*x.shape[:-1], 1500)


def test_a_resident_pass_that_nobody_joined_is_one_work(monkeypatch: pytest.MonkeyPatch) -> None:
    works = 0
    original = ComputeService._submit

    def counted(self: ComputeService, *given: Any, **options: Any) -> Work[Any]:
        nonlocal works
        works += 1
        return original(self, *given, **options)

    monkeypatch.setattr(ComputeService, "_submit", counted)

    async def use(compute: ComputeService) -> list[Tensor]:
        return [await compute.forward(LARGE, x, lambda t: t.outputs, resident=True) for x in (X, X.unsqueeze(0))]

    found = serving(use)
    assert works == 2
    assert [outputs.shape for outputs in found] == [(1500,), (1, 1500)]
    torch.testing.assert_close(found[0], forward(LARGE, X).outputs)


def test_a_joined_pass_is_bounded_and_closed_once_it_runs() -> None:
    joined = JoinedPass(SMALL, torch.device("cpu"))
    assert joined.add({"inputs": torch.ones((MOST_JOINED_ROWS - 1, 3))}, MOST_JOINED_ROWS - 1) == slice(
        0, MOST_JOINED_ROWS - 1
    )
    assert joined.add({"inputs": torch.ones((2, 3))}, 2) is None
    assert joined.add({"inputs": torch.ones((1, 3))}, 1) == slice(MOST_JOINED_ROWS - 1, MOST_JOINED_ROWS)
    trace = joined.run()
    assert joined.add({"inputs": torch.ones((1, 3))}, 1) is None
    assert trace.rows(3).activations[-1].shape == (1,)
    assert trace.rows(slice(1, 4)).pre_activations[0].shape == (3, 2)


def test_wrong_inputs_are_refused_before_they_join() -> None:
    async def use(compute: ComputeService) -> None:
        with pytest.raises(NetworkError, match="shape-mismatch"):
            await compute.forward(LARGE, torch.ones(3), same, resident=True)

    serving(use)


def test_a_full_queue_is_busy_and_recovers() -> None:
    async def use(compute: ComputeService) -> None:
        release, task = blocked(compute)
        await asyncio.sleep(0)
        waiting = asyncio.create_task(compute.forward(LARGE, X, same))
        await asyncio.sleep(0)
        with pytest.raises(ComputeBusy):
            await compute.forward(LARGE, X, same)
        # What is cheap needs no place in the queue.
        assert (await compute.forward(SMALL, torch.ones(3), same)).outputs.shape == (1,)
        release.set()
        await task
        await waiting
        assert compute.expensive == 0
        await compute.forward(LARGE, X, same)

    serving(use, queue_length=1)


def test_a_pass_that_outlives_its_limit() -> None:
    async def use(compute: ComputeService) -> None:
        release, task = blocked(compute)
        await asyncio.sleep(0)
        with pytest.raises(ComputeTimeout):
            await compute.forward(LARGE, X, same)
        release.set()
        with pytest.raises(ComputeTimeout):
            await task

    serving(use, pass_timeout_seconds=0.05)


def test_a_expensive_pass_does_not_keep_cheap_ones_waiting() -> None:
    async def use(compute: ComputeService) -> None:
        release, task = blocked(compute)
        await asyncio.sleep(0)
        for _ in range(50):
            await compute.forward(SMALL, torch.ones(3), same)
        assert not task.done()
        release.set()
        await task

    serving(use)


@pytest.mark.parametrize(
    ("limit", "batch"), [("max_parameters", 1), ("max_layers", 1), ("max_batch", 3), ("max_activations", 3)]
)
def test_limits_name_their_settings(limit: str, batch: int) -> None:
    async def use(compute: ComputeService) -> None:
        with pytest.raises(NetworkError) as caught:
            await compute.forward(SMALL, torch.ones((batch, 3)), same)
        (fault,) = caught.value.faults
        assert fault.values["setting"] == f"ADELANTE_{limit.upper()}"
        assert fault.hint == fault.key

    serving(use, **{limit: 1})


def test_a_network_is_moved_once() -> None:
    meta = torch.device("meta")
    assert placed(SMALL, torch.device("cpu")) is SMALL
    assert placed(SMALL, meta) is placed(SMALL, meta)
    assert placed(SMALL, meta).device == meta


LIMITS = (
    "body_bytes",
    "parameters",
    "layers",
    "batch",
    "activations",
    "depth",
    "sweep_steps",
    "grid_steps",
    "derived_values",
    "listed_values",
    "lab_steps",
    "lab_tensor_elements",
    "lab_elements",
    "answer_bytes",
    "pass_seconds",
)


def test_what_computes_is_described_with_the_limits_in_force() -> None:
    values = {f"max_{name}": 10**5 + k for k, name in enumerate(LIMITS)} | {"max_depth": 40, "max_pass_seconds": 3.0}
    values |= {"max_answer_bytes": 2**23}

    async def use(compute: ComputeService) -> None:
        told = compute.describe()
        assert told["limits"] == {name: values[f"max_{name}"] for name in LIMITS}
        assert told.keys() == {"devices", "default_device", "dtypes", "threads", "gpu_multiply_adds", "torch", "limits"}
        assert (told["default_device"], told["dtypes"]) == ("cpu", ["float32", "float64", "bfloat16", "float16"])
        assert (told["threads"], told["torch"]) == (compute.threads, torch.__version__)
        assert "cpu" in told["devices"]

    serving(use, device="cpu", **values)


def test_auto_places_small_passes_on_the_cpu_and_large_ones_on_the_gpu() -> None:
    async def use(compute: ComputeService) -> None:
        gpu = torch.device("cuda", 0)
        compute.machine.gpu = None
        assert compute.describe()["gpu_multiply_adds"] is None
        compute.machine.gpu = gpu
        compute.machine.gpu_multiply_adds = 1000
        assert compute.describe()["gpu_multiply_adds"] == 1000
        assert compute.place("auto", 999).type == "cpu"
        assert compute.place("auto", 1000) == gpu
        # Weights that came with the request would have to be moved first.
        assert compute.place("auto", 1000, moved=10).type == "cpu"
        assert compute.place("auto", 1040, moved=10) == gpu
        assert compute.place("cpu", 10**9).type == "cpu"
        # The weights are read for one row as for four.
        for rows, enough in (1, 4), (4, 4), (5, 5):
            for spare, place in (0, "cuda"), (1, "cpu"):
                compute.machine.gpu_multiply_adds = enough * LARGE.cost + spare
                assert compute._planned(LARGE, torch.ones((rows, 1500)), "auto", True).place.type == place

    serving(use)


GPU_FULL = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
CPU_FULL = RuntimeError("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory: you tried …")


@pytest.mark.parametrize(("error", "place"), [(GPU_FULL, "cpu"), (CPU_FULL, "cuda"), (MemoryError(), "cuda")])
@pytest.mark.parametrize("resident", [True, False])
def test_a_pass_without_memory_is_busy_and_the_next_one_leaves_a_full_gpu_alone(
    monkeypatch: pytest.MonkeyPatch, error: Exception, place: str, resident: bool
) -> None:
    async def use(compute: ComputeService) -> None:
        def full(*_: object, **__: object) -> Any:
            raise error

        compute.machine.gpu, compute.machine.gpu_multiply_adds = torch.device("cuda", 0), 10**12
        meta = placed(SMALL, torch.device("meta"))
        with monkeypatch.context() as broken:
            broken.setattr(service_module, "forward_in_steps", full)
            broken.setattr(JoinedPass, "run", full)
            with pytest.raises(ComputeBusy):
                await compute.forward(LARGE, X, same, resident=resident)
        assert compute.place("auto", 10**13).type == place
        assert (placed(SMALL, torch.device("meta")) is meta) == (place == "cuda")
        assert compute.expensive == compute.memory == 0
        torch.testing.assert_close(
            await compute.forward(LARGE, X, lambda trace: trace.outputs, resident=resident), forward(LARGE, X).outputs
        )
        compute.machine.wake_gpu()
        assert compute.place("auto", 10**13).type == "cuda"

    serving(use)


def test_a_request_that_shared_a_pass_gets_its_answer_although_the_queue_is_full() -> None:
    vectors = [torch.randn(1500, generator=torch.Generator().manual_seed(seed)) for seed in range(4)]

    async def use(compute: ComputeService) -> None:
        release, task = blocked(compute)
        await asyncio.sleep(0)
        asked = [asyncio.create_task(compute.forward(LARGE, x, lambda t: t.outputs, resident=True)) for x in vectors]
        await asyncio.sleep(0)
        assert compute.expensive == 2
        release.set()
        await task
        for x, outputs in zip(vectors, await asyncio.gather(*asked), strict=True):
            torch.testing.assert_close(outputs, forward(LARGE, x).outputs, rtol=1e-4, atol=1e-5)

    serving(use, queue_length=1)


def test_many_rows_do_not_join(monkeypatch: pytest.MonkeyPatch) -> None:
    joined: list[int] = []
    original = JoinedPass.add

    def counted(self: JoinedPass, inputs: Mapping[str, Tensor], rows: int) -> slice | None:
        joined.append(rows)
        return original(self, inputs, rows)

    monkeypatch.setattr(JoinedPass, "add", counted)

    async def use(compute: ComputeService) -> None:
        for rows in (MOST_ROWS_TO_JOIN, MOST_ROWS_TO_JOIN + 1):
            outputs = await compute.forward(LARGE, X.expand(rows, -1), lambda t: t.outputs, resident=True)
            assert len(outputs) == rows

    serving(use)
    assert joined == [MOST_ROWS_TO_JOIN]


async def never() -> None:
    await asyncio.get_running_loop().create_future()


@pytest.mark.parametrize("resident", [True, False])
def test_what_a_client_that_left_asked_for_is_not_computed(resident: bool) -> None:
    async def use(compute: ComputeService) -> None:
        release, task = blocked(compute)
        await asyncio.sleep(0)
        left = asyncio.Event()
        finished: list[DenseTrace] = []

        async def gone() -> None:
            await left.wait()

        asked = [
            asyncio.create_task(compute.forward(LARGE, X, finished.append, resident=resident, gone=gone))
            for _ in range(3)
        ]
        stays = asyncio.create_task(compute.forward(LARGE, 2 * X, same, resident=resident, gone=never))
        await asyncio.sleep(0)
        left.set()
        for each in asked:
            with pytest.raises(Abandoned):
                await each
        release.set()
        await task
        torch.testing.assert_close((await stays).outputs, forward(LARGE, 2 * X).outputs, rtol=1e-4, atol=1e-4)
        assert finished == []
        assert compute.expensive == 0

    serving(use)


def test_who_stops_waiting_leaves_the_queue_and_a_new_request_opens_a_pass_of_its_own() -> None:
    async def use(compute: ComputeService) -> None:
        release, task = blocked(compute)
        await asyncio.sleep(0)
        asked = asyncio.create_task(compute.forward(LARGE, X, same, resident=True))
        await asyncio.sleep(0)
        asked.cancel()
        with suppress(asyncio.CancelledError):
            await asked
        again = asyncio.create_task(compute.forward(LARGE, X, lambda t: t.outputs, resident=True))
        await asyncio.sleep(0)
        assert compute.expensive == 2
        release.set()
        await task
        torch.testing.assert_close(await again, forward(LARGE, X).outputs)

    serving(use)


def test_a_pass_that_would_take_too_long_is_refused_by_the_speed_of_its_dtype() -> None:
    half = network(1500, 1500, dtype=torch.float16)

    async def use(compute: ComputeService) -> None:
        cost = 1000 * LARGE.cost
        compute.machine.speeds = {("cpu", torch.float32): cost / 0.9, ("cpu", torch.float16): cost / 1.1}
        assert (await compute.forward(LARGE, X.expand(1000, -1), same, keep=())).outputs.shape == (1000, 1500)
        with pytest.raises(NetworkError) as caught:
            await compute.forward(half, X.half().expand(1000, -1), same)
        assert caught.value.faults[0].values["setting"] == "ADELANTE_MAX_PASS_SECONDS"

    serving(use, max_pass_seconds=1.0)


def test_speeds_are_measured_when_the_server_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_module, "multiply_adds_per_second", speed_module.multiply_adds_per_second)

    async def use(compute: ComputeService) -> None:
        await compute.probe()
        assert {dtype for kind, dtype in compute.machine.speeds if kind == "cpu"} == set(DTYPES.values())
        assert min(compute.machine.speeds.values()) > 1e6

    serving(use)


@pytest.mark.parametrize("outputs_only", [True, False])
@pytest.mark.parametrize("rank", [1, 2])
def test_a_pass_in_steps_is_the_pass(outputs_only: bool, rank: int) -> None:
    net = network(40, 30, 20, 10)
    x = torch.randn((100, 40), generator=torch.Generator().manual_seed(3))
    inputs = x if rank == 2 else x[0]
    # So slow that each step has as few rows as there may be.
    steps = forward_in_steps(net, inputs, speed=1.0, keep=() if outputs_only else None)
    taken = 0
    while True:
        try:
            next(steps)
        except StopIteration as end:
            trace = end.value
            break
        taken += 1
    assert taken == (3 * 7 if rank == 2 else 3)
    whole = forward(net, inputs)
    told = ([], [whole.outputs]) if outputs_only else (whole.pre_activations, whole.activations)
    torch.testing.assert_close((trace.pre_activations, trace.activations), told, rtol=1e-5, atol=1e-6)


def test_layers_that_together_take_less_than_a_step_are_one() -> None:
    net = network(40, 30, 20, 10)
    # A pass of all three layers costs 1,230 + 620 + 210 multiply-adds for each input.
    for speed, steps in ((2_061, 1), (2_060, 2), (1_849, 2), (831, 2), (830, 3)):
        taken = list(forward_in_steps(net, torch.ones(1, 40), speed=speed / STEP_SECONDS))
        assert len(taken) == steps, speed


def test_what_a_sweep_copies_for_each_row_counts() -> None:
    assert row_cost(SMALL) > SMALL.cost
    assert row_cost(network(300, 1)) - network(300, 1).cost == 100 * (row_cost(network(3, 1)) - network(3, 1).cost)


def test_a_plane_in_steps_is_the_plane() -> None:
    net = network(5, 4, 3)
    x = torch.linspace(-1, 1, 5)
    steps = grid_in_steps(net, x, Axis(0, -1, 1), Axis(3, -2, 2), 6, speed=1.0)
    taken = 0
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found = end.value
            break
        taken += 1
    assert taken == 6
    whole = grid(net, x, Axis(0, -1, 1), Axis(3, -2, 2), 6)
    torch.testing.assert_close(found.y_values, whole.y_values)
    torch.testing.assert_close(found.activations, whole.activations, rtol=1e-5, atol=1e-6)


def test_work_and_answers_that_take_too_much_memory_name_their_settings() -> None:
    async def use(compute: ComputeService) -> None:
        for answer, setting in ((2**22 + 1, "MAX_ANSWER_BYTES"), (0, "WORK_MEMORY_BYTES")):
            with pytest.raises(NetworkError) as caught:
                await compute.forward(LARGE, X.expand(1500, -1), same, answer=answer)
            assert caught.value.faults[0].values["setting"] == f"ADELANTE_{setting}"
        assert compute.memory == 0

    serving(use, max_answer_bytes=2**22, work_memory_bytes=2**24)


def test_works_that_take_long_leave_half_of_the_queue_to_others() -> None:
    async def use(compute: ComputeService) -> None:
        release, task = blocked(compute)
        await asyncio.sleep(0)
        compute.machine.speeds = {("cpu", torch.float32): LARGE.cost / 2.0}
        long = [asyncio.create_task(compute.forward(LARGE, X, same)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(ComputeBusy):
            await compute.forward(LARGE, X, same)
        short = asyncio.create_task(compute.run(lambda: "short", cost=CHEAP_MULTIPLY_ADDS + 1))
        await asyncio.sleep(0)
        release.set()
        await task
        assert await short == "short"
        await asyncio.gather(*long)

    serving(use, queue_length=4)


@pytest.mark.parametrize("raised", [ZeroDivisionError, AssertionError, NotImplementedError, KeyError])
def test_whatever_torch_raises_in_a_pass_is_told(raised: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Tensor) -> Tensor:
        raise raised("torch's own words")

    steps = [step._replace(run=fails) for step in SMALL.steps(1)]
    monkeypatch.setattr(DenseNetwork, "steps", lambda *_: steps)
    with pytest.raises(NetworkError) as caught:
        list(forward_in_steps(SMALL, torch.ones(3), speed=1e9))
    (fault,) = caught.value.faults
    assert (fault.key, "torch's own words" in (fault.torch_words or "")) == ("pass-failed", True)
