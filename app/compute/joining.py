"""Passes that wait for the same network run as one: a large network's weights are then read once for all of them."""

from threading import Lock

import torch
from torch import Tensor

from adelante.network.dense.forward import DenseTrace, forward
from adelante.network.dense.network import DenseNetwork
from app.compute.placement import placed

# With more rows than this the arithmetic takes longer than reading the weights: joining would gain nothing.
MOST_ROWS_TO_JOIN = 32
MOST_JOINED_ROWS = 256


class JoinedPass:
    """One pass for the inputs of several requests, open to more until it begins."""

    def __init__(self, network: DenseNetwork, place: torch.device, most_rows: int = MOST_JOINED_ROWS) -> None:
        self.most_rows = most_rows
        self.network = network
        self.place = place
        self._inputs: list[Tensor] = []
        self._rows = 0
        self._begun = False
        self._lock = Lock()

    def add(self, inputs: Tensor) -> slice | None:
        """Takes inputs (batch, n_in); gives their rows of the pass, or None where it has begun or is full."""
        with self._lock:
            if self._begun or (self._inputs and self._rows + len(inputs) > self.most_rows):
                return None
            rows = slice(self._rows, self._rows + len(inputs))
            self._inputs.append(inputs)
            self._rows = rows.stop
            return rows

    @property
    def alone(self) -> bool:
        """Whether it has begun with the inputs of one request."""
        return self._begun and len(self._inputs) == 1

    def run(self) -> DenseTrace:
        """The trace of all rows."""
        with self._lock:
            self._begun = True
        inputs = self._inputs[0] if len(self._inputs) == 1 else torch.cat(self._inputs)
        network = placed(self.network, self.place)
        with torch.inference_mode():
            return forward(network, inputs.to(self.place))


def rows_of(trace: DenseTrace, rows: slice | int) -> DenseTrace:
    """These rows of a trace, or one alone (every value then of rank 1), as views."""
    return DenseTrace(
        trace.inputs[rows], [z[rows] for z in trace.pre_activations], [a[rows] for a in trace.activations]
    )
