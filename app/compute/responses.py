"""What other values would give of any network, a part of it at a time, and what that takes."""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from adelante.network.cells import Cell
from adelante.network.forward import Trace, forward
from adelante.network.network import Network
from adelante.network.responses import (
    Responses,
    responses,
    responses_cost,
    responses_size,
    runs_together,
)
from app.compute.pool import Steps
from app.compute.steps import STEP_SECONDS

# What the traces of a batch may take while it runs.
_BATCH_BYTES = 1 << 26
_MOST_AT_ONCE = 1024


class Wanted(NamedTuple):
    """Which tensors of a network are to be told while which cells move, over how many rows of values."""

    network: Network
    cells: tuple[Cell, ...]
    keep: tuple[str, ...]
    rows: int

    @property
    def size(self) -> int:
        """How many numbers the responses hold."""
        return responses_size(self.network, self.keep, self.rows)

    @property
    def cost(self) -> int:
        """Multiply-adds."""
        return responses_cost(self.network, self.cells, self.keep, self.rows)

    def at_once(self, speed: float) -> int:
        """How many values run as one batch, at `speed` multiply-adds a second."""
        network = self.network
        by_time = int(STEP_SECONDS * speed / max(1, network.cost))
        by_memory = _BATCH_BYTES // max(1, _bytes_of_one(network))
        return max(1, min(by_time, by_memory, _MOST_AT_ONCE))

    def memory(self, speed: float) -> int:
        """Bytes that the responses and a batch of them take."""
        held = self.size * _itemsize(self.network)
        if runs_together(self.network, self.cells, self.keep):
            return held + self.at_once(speed) * _bytes_of_one(self.network)
        moved = sum(_bytes(self.network, cell.tensor) for cell in self.cells)
        return held + 2 * _bytes_of_one(self.network) + moved


def responses_in_steps(
    wanted: Wanted, inputs: Tensor | Mapping[str, Tensor], rows: Tensor, speed: float
) -> Steps[tuple[Trace, Responses]]:
    """The pass of these inputs, and the responses to rows (count, cells) of values."""
    network, cells, keep, _ = wanted
    together = runs_together(network, cells, keep)
    with torch.inference_mode():
        trace = forward(network, inputs, keep if together else None)
    yield
    found = yield from responses(network, trace, cells, rows, keep, wanted.at_once(speed))
    return trace, found


def _bytes_of_one(network: Network) -> int:
    return network.units * _itemsize(network)


def _bytes(network: Network, tensor: str) -> int:
    return network.parameters[tensor].nbytes if tensor in network.parameters else _bytes_of_one(network)


def _itemsize(network: Network) -> int:
    return max([4, *(each.dtype.itemsize for each in network.inputs)])
