"""Passes that wait for the same network run as one: a large network's weights are then read once for all of them."""

from collections.abc import Mapping
from threading import Lock

import torch
from torch import Tensor

from adelante.network.dense.network import DenseNetwork
from adelante.network.forward import forward
from adelante.network.network import Network
from adelante.network.trace import Trace
from app.compute.lookups import looks_up
from app.compute.placement import placed

# With more rows than this the arithmetic takes longer than reading the weights: joining would gain nothing.
MOST_ROWS_TO_JOIN = 32
MOST_JOINED_ROWS = 256
# Multiply-adds for each weight, of one input. A convolution has hundreds, a dense layer one.
_MOST_USES = 4


def worth_joining(network: Network, rows: int) -> bool:
    """Whether a pass of so many rows spends its time on reading the weights."""
    if rows > MOST_ROWS_TO_JOIN or network.batch != "any" or network.cost > _MOST_USES * network.size:
        return False
    # Where a number of one request can be out of range, the others must not hear of it.
    return isinstance(network, DenseNetwork) or not looks_up(network)


class JoinedPass:
    """One pass for the inputs of several requests, open to more until it begins."""

    def __init__(self, network: Network, place: torch.device, most_rows: int = MOST_JOINED_ROWS) -> None:
        self.most_rows = most_rows
        self.network = network
        self.place = place
        self._inputs: list[Mapping[str, Tensor]] = []
        self._rows = 0
        self._begun = False
        self._lock = Lock()

    def add(self, inputs: Mapping[str, Tensor], rows: int) -> slice | None:
        """Takes so many inputs, by name; gives their rows of the pass, or None where it has begun or is full."""
        with self._lock:
            if self._begun or (self._inputs and self._rows + rows > self.most_rows):
                return None
            mine = slice(self._rows, self._rows + rows)
            self._inputs.append(inputs)
            self._rows = mine.stop
            return mine

    @property
    def rows(self) -> int:
        """Of all requests together."""
        return self._rows

    @property
    def alone(self) -> bool:
        """Whether it has begun with the inputs of one request."""
        return self._begun and len(self._inputs) == 1

    def run(self) -> Trace:
        """The trace of all rows."""
        with self._lock:
            self._begun = True
        first, *others = self._inputs
        inputs = {
            name: torch.cat([value, *(other[name] for other in others)]) if others else value
            for name, value in first.items()
        }
        network = placed(self.network, self.place)
        with torch.inference_mode():
            return forward(network, {name: value.to(self.place) for name, value in inputs.items()})
