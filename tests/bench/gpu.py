"""Passes of a resident 1024-4096-4096-1024 on a GPU: against raw torch on the same card, and `auto` against both."""

import asyncio
import statistics
import time
from itertools import pairwise

import torch
from torch import Tensor

from adelante.network.activations import ACTIVATIONS
from adelante.network.dense.network import DenseLayer, DenseNetwork, DenseTrace
from app.compute.service import ComputeService
from app.settings import Settings

SIZES = (1024, 4096, 4096, 1024)
BATCHES = (1, 4, 16, 64, 256, 1024, 4096, 16384)
ROUNDS = 15


def main() -> None:
    """One row for each batch: milliseconds, the transfer of inputs and outputs included."""
    if not torch.cuda.is_available():
        print("no GPU that torch can use here: nothing was measured")
        return
    print(torch.cuda.get_device_name(0))
    asyncio.run(_measure())


async def _measure() -> None:
    generator = torch.Generator().manual_seed(1)
    network = DenseNetwork(
        DenseLayer(torch.randn((n, m), generator=generator) / n**0.5, torch.zeros(m), ACTIVATIONS["relu"])
        for n, m in pairwise(SIZES)
    )
    weights = [(layer.weights.cuda(), layer.biases.cuda()) for layer in network.layers]
    compute = ComputeService(Settings(max_activations=10**9))
    await compute.probe()
    print(f"auto crosses over at {compute.machine.gpu_multiply_adds:,} multiply-adds")
    head = "".join(f"{name:>10s}" for name in ("raw torch", "cuda", "cpu", "auto"))
    print(f"{'batch':>6s}{head}{'cuda/raw':>8s}  auto chose, the better is")
    for batch in BATCHES:
        x = torch.randn((batch, SIZES[0]), generator=generator)
        base = _raw(weights, x)
        cuda, _ = await _ours(compute, network, x, "cuda", ROUNDS)
        cpu, _ = await _ours(compute, network, x, "cpu", ROUNDS if batch <= 256 else 3)
        auto, chosen = await _ours(compute, network, x, "auto", ROUNDS)
        times = "".join(f"{1e3 * seconds:10.3f}" for seconds in (base, cuda, cpu, auto))
        print(f"{batch:6d}{times}{cuda / base:8.2f}  {chosen}, {'cuda' if cuda < cpu else 'cpu'}", flush=True)
    compute.close()


def _raw(weights: list[tuple[Tensor, Tensor]], x: Tensor) -> float:
    times = []
    with torch.inference_mode():
        for _ in range(ROUNDS):
            started = time.perf_counter()
            a = x.cuda()
            for w, b in weights:
                a = torch.relu(torch.addmm(b, a, w))
            a.cpu()
            times.append(time.perf_counter() - started)
    return statistics.median(times)


async def _ours(
    compute: ComputeService, network: DenseNetwork, x: Tensor, device: str, rounds: int
) -> tuple[float, str]:
    """Seconds of a pass, and where the last one ran."""
    times, chosen = [], ""
    for _ in range(rounds):
        started = time.perf_counter()
        chosen = await compute.forward(network, x, _fetched, device=device, resident=True)
        times.append(time.perf_counter() - started)
    return statistics.median(times), chosen


def _fetched(trace: DenseTrace) -> str:
    trace.outputs.cpu()
    return trace.outputs.device.type
