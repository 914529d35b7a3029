"""What only a GPU can show; skipped where there is none."""

import asyncio
import itertools
from types import SimpleNamespace

import pytest
import torch

from adelante.network.dense.network import DenseLayer, DenseNetwork, DenseTrace
from adelante.network.forward import forward
from app.compute import probe
from app.compute.probe import crossing, first_quicker
from app.compute.service import ComputeService
from app.settings import Settings


@pytest.mark.parametrize(
    ("seconds", "first"),
    [
        ([(1, 9), (2, 9), (9, 3)], 30),
        ([(9, 1), (9, 1), (9, 1)], 10),
        ([(1, 9), (1, 9), (1, 9)], 60),
        # One small pass that was quick by luck does not count.
        ([(9, 1), (1, 9), (9, 1)], 30),
    ],
)
def test_the_crossing(seconds: list[tuple[float, float]], first: int) -> None:
    assert first_quicker([10, 20, 30], seconds) == first


def test_the_probe_measures_what_it_is_given() -> None:
    assert crossing(torch.device("cpu"), widths=(4, 8), batch=2) in (2 * 20, 2 * 72, 4 * 72)


def test_what_the_first_passes_take_to_wake_a_place_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, passes = [0.0], itertools.count()

    def slow_at_first(network: DenseNetwork, inputs: torch.Tensor) -> DenseTrace:
        clock[0] += 0.004 if next(passes) < 8 else 0.001
        return forward(network, inputs)

    monkeypatch.setattr(probe, "forward", slow_at_first)
    monkeypatch.setattr(probe, "time", SimpleNamespace(perf_counter=lambda: clock[0]))
    network = DenseNetwork([DenseLayer(torch.ones((2, 2)), torch.zeros(2))])
    assert probe._time(network, torch.ones((1, 2)), torch.device("cpu")) == pytest.approx(0.001)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
def test_a_gpus_numbers_are_the_cpus(dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(1)
    sizes = (1024, 4096, 1024)
    network = DenseNetwork(
        DenseLayer(
            (torch.randn((n_in, n_out), generator=generator) / n_in**0.5).to(dtype), torch.zeros(n_out, dtype=dtype)
        )
        for n_in, n_out in itertools.pairwise(sizes)
    )
    inputs = torch.randn((64, 1024), generator=generator).to(dtype)

    async def use() -> DenseTrace:
        compute = ComputeService(Settings())
        await compute.probe()
        compute.machine.gpu_multiply_adds = 1
        return await compute.forward(network, inputs, lambda trace: trace, resident=True)

    trace = asyncio.run(use())
    assert trace.outputs.is_cuda
    expected = forward(network.to(dtype=torch.float64), inputs.double()).outputs
    tolerance = {torch.float64: 1e-10, torch.float32: 1e-2}.get(dtype, 5e-2)
    torch.testing.assert_close(trace.outputs.cpu().double(), expected, rtol=tolerance, atol=tolerance)
