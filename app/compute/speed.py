"""How many multiply-adds a second this machine does, by precision: half precisions may be thirty times slower."""

import time
from collections.abc import Iterable

import torch

_ROWS, _WIDTH = 64, 512
_ROUNDS = 3
# Until it is measured; a slow core in float32.
ASSUMED = 10e9


def multiply_adds_per_second(dtypes: Iterable[torch.dtype], device: torch.device) -> dict[torch.dtype, float]:
    """The speed of a matrix product of each precision, on as many threads as the calling one may use."""
    return {dtype: _ROWS * _WIDTH * _WIDTH / _seconds(dtype, device) for dtype in dtypes}


def _seconds(dtype: torch.dtype, device: torch.device) -> float:
    """Of the quickest of a few products: the first ones load kernels."""
    weights = torch.ones((_WIDTH, _WIDTH), dtype=dtype, device=device)
    rows = torch.ones((_ROWS, _WIDTH), dtype=dtype, device=device)

    def timed() -> float:
        started = time.perf_counter()
        torch.mm(rows, weights)[0, 0].item()
        return time.perf_counter() - started

    with torch.inference_mode():
        return min(timed() for _ in range(_ROUNDS))
