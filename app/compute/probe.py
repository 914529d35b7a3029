"""From which size on a GPU is the quicker place, measured on this machine when the server starts."""

import time
from collections.abc import Sequence

import torch

from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.forward import forward
from app.compute.placement import placed

_WIDTHS = (256, 512, 1024, 2048, 4096)
_BATCH = 16
_ROUNDS = 5
# The first passes start threads and load kernels: on 16 cores those of a small one took 4 ms each, and 0.02 ms later.
_WAKE_SECONDS = 0.05


def crossing(device: torch.device, widths: Sequence[int] = _WIDTHS, batch: int = _BATCH) -> int:
    """The multiply-adds of the smallest pass that `device` does quicker than the CPU, moving inputs and outputs too.

    One layer of each width is timed in both places, the weights at rest there. Where the CPU wins every time: twice the
    largest pass that was tried.
    """
    costs, seconds = [], []
    for width in widths:
        generator = torch.Generator().manual_seed(0)
        network = DenseNetwork([DenseLayer(torch.randn((width, width), generator=generator), torch.zeros(width))])
        inputs = torch.randn((batch, width), generator=generator)
        costs.append(batch * network.cost)
        seconds.append((_time(network, inputs, torch.device("cpu")), _time(network, inputs, device)))
    return first_quicker(costs, seconds)


def first_quicker(costs: Sequence[int], seconds: Sequence[tuple[float, float]]) -> int:
    """The first cost from which on the second of each pair of times is the shorter; twice the last if there is none."""
    first = 2 * costs[-1]
    for cost, (here, there) in zip(reversed(costs), reversed(seconds), strict=True):
        if there >= here:
            break
        first = cost
    return first


def _time(network: DenseNetwork, inputs: torch.Tensor, device: torch.device) -> float:
    """Seconds of the quickest pass, once the place is awake."""
    there = placed(network, device)

    def timed() -> float:
        started = time.perf_counter()
        forward(there, inputs.to(device)).outputs.cpu()
        return time.perf_counter() - started

    with torch.inference_mode():
        awake = time.perf_counter() + _WAKE_SECONDS
        while time.perf_counter() < awake:
            timed()
        return min(timed() for _ in range(_ROUNDS))
