"""What other values would give of any network, a part of it at a time, and what that takes."""

from typing import NamedTuple

from torch import Tensor

from adelante.network.cells import Cell
from adelante.network.errors import Fault, NetworkError, said
from adelante.network.given import Inputs
from adelante.network.network import Network
from adelante.network.responses import (
    Responses,
    responses,
    responses_calls,
    responses_cost,
    responses_size,
    runs_together,
)
from adelante.network.words import RAISED
from app.compute.pool import Steps
from app.compute.steps import STEP_SECONDS, forward_in_steps

# What the traces of a batch may take while it runs.
_BATCH_BYTES = 1 << 26
_MOST_AT_ONCE = 1024
# So much of torch's words is told.
_SHOWN = 300
# One call of torch on small tensors, seen on a busy machine.
CALL_SECONDS = 2e-5


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
        """How many rows run as one batch, at `speed` multiply-adds a second."""
        network = self.network
        by_time = int(STEP_SECONDS * speed / max(1, network.cost))
        by_memory = _BATCH_BYTES // max(1, network.trace_bytes)
        return max(1, min(by_time, by_memory, _MOST_AT_ONCE))

    def seconds(self, speed: float) -> float:
        """How long it takes, roughly."""
        calls = responses_calls(self.network, self.cells, self.keep, self.rows, self.at_once(speed))
        return self.cost / speed + CALL_SECONDS * calls

    def memory(self, speed: float) -> int:
        """Bytes that the responses and a batch of them take."""
        batch = min(self.rows, self.at_once(speed)) * self.network.trace_bytes
        held = self.size * self.network.dtype.itemsize + batch
        if runs_together(self.network, self.cells, self.keep):
            return held
        moved = {cell.tensor for cell in self.cells}
        return held + 2 * self.network.trace_bytes + sum(_bytes(self.network, name) for name in moved)


def responses_in_steps(wanted: Wanted, inputs: Inputs, rows: Tensor, speed: float) -> Steps[Responses]:
    """The responses to rows (count, cells) of values, beside the pass of these inputs."""
    network, cells, keep, _ = wanted
    together = runs_together(network, cells, keep)
    trace = yield from forward_in_steps(network, inputs, speed=speed, keep=keep if together else None)
    try:
        return (yield from responses(network, trace, cells, rows, keep, wanted.at_once(speed)))
    except RAISED as error:
        raise failed_at(error) from None


def failed_at(error: Exception) -> NetworkError:
    """What torch says where it can't compute with a value that was asked for: a token that no row has, say."""
    # Where a pass says which step it was, torch's own words are what it was raised from.
    raised = error.__cause__ if isinstance(error.__cause__, IndexError) else error
    words = said(raised).partition("\n")[0][:_SHOWN]
    return NetworkError(Fault("out-of-range", "value-not-computed", "", torch_words=words))


def _bytes(network: Network, tensor: str) -> int:
    return network.parameters[tensor].nbytes if tensor in network.parameters else 0
