"""What part of a request's time is torch itself, and how it grows from ten to ten million parameters."""

import statistics
import time
from itertools import pairwise

import torch

from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.forward import forward
from adelante.network.presets import chain_named
from tests.bench.servers import dump, inputs, keep, ours, post

GROWTH = ((3, 2, 1), (10, 9), (31, 31), (100, 99), (316, 315), (1000, 999), (3162, 3161))
CALLS = 60


def main() -> None:
    """Two tables; every time is a median of CALLS calls over one connection after another."""
    with ours() as port:
        print("resident network, batch 1: milliseconds of a request, and of torch alone in this process")
        head = "".join(f"{name:>9s}" for name in ("request", "decode", "compute", "encode", "torch", "share"))
        print(f"{'parameters':>12s}{head}")
        for sizes in GROWTH:
            id = keep(port, sizes)
            body = dump({"inputs": inputs(1, sizes[0]), "network": id})
            whole, phases = [], []
            for _ in range(CALLS):
                started = time.perf_counter()
                _, headers = post(port, "/api/v1/forward", body)
                whole.append(1e3 * (time.perf_counter() - started))
                phases.append(_phases(headers["server-timing"]))
            parts = {name: statistics.median(each[name] for each in phases) for name in phases[0]}
            alone = _torch(sizes)
            parameters = sum((n_in + 1) * n_out for n_in, n_out in pairwise(sizes))
            total = statistics.median(whole)
            times = (total, parts["decode"], parts["compute"], parts["encode"], alone)
            columns = "".join(f"{milliseconds:9.3f}" for milliseconds in times)
            print(f"{parameters:12,d}{columns}{alone / total:9.1%}", flush=True)


def _phases(server_timing: str) -> dict[str, float]:
    return {name: float(rest) for name, _, rest in (part.partition(";dur=") for part in server_timing.split(", "))}


def _torch(sizes: tuple[int, ...]) -> float:
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    network = DenseNetwork(
        DenseLayer(
            torch.randn((n_in, n_out), generator=generator),
            torch.zeros(n_out),
            chain_named("xor").network.layers[0].activation,
        )
        for n_in, n_out in pairwise(sizes)
    )
    x = torch.randn((1, sizes[0]), generator=generator)
    times = []
    with torch.inference_mode():
        for _ in range(CALLS):
            started = time.perf_counter()
            forward(network, x)
            times.append(1e3 * (time.perf_counter() - started))
    return statistics.median(times)
