"""A live session of a network of any kind: its trace is kept, and only what depends on a change is computed again."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import prod
from typing import NoReturn

import torch
from torch import Tensor

from adelante.network.cells import Cell
from adelante.network.checks import check_held
from adelante.network.errors import Fault, NetworkError, shape_text
from adelante.network.forward import Trace
from adelante.network.network import Network
from adelante.network.responses import changed_cost
from adelante.network.words import RAISED
from app.compute.pool import Steps, drained
from app.compute.responses import failed_at
from app.compute.speed import ASSUMED
from app.compute.steps import CALL_COST, changed_in_steps, forward_in_steps
from app.live.budget import Budget
from app.live.cell_watches import (
    Cells,
    GeneralWatch,
    Named,
    WatchMoved,
    cost_of_any,
    memory_of_any,
    moved_told,
    numbers_of_any,
)
from app.live.session import Change, Price, Session, Stale, Version
from app.store.networks import ready_bytes

# A network with more numbers than this in its trace tells what is watched, and nothing else.
MOST_TOLD = 20_000
# What Python and torch need around each tensor of a trace, seen with thousands of small ones.
_TENSOR_BYTES = 1024
# What the old value of a changed cell takes, until a pass with the new one was computed.
_KEPT_CELL_BYTES = 256


class GeneralSession:
    """A network, one input, and the trace of both, changed between passes.

    A parameter is shared with whoever else uses the network until it is changed: then it is copied. `budget` counts the
    bytes that the session has for itself, the trace among them. Changes and watches that no pass can be computed with
    (a token that no row has) are undone: the session then stands as the newest pass left it.
    """

    def __init__(
        self, network: Network, inputs: Tensor | Mapping[str, Tensor], budget: Budget, *, shared: bool = True
    ) -> None:
        self.network = network
        self.cells = Cells()
        self._budget = budget
        named = inputs if isinstance(inputs, Mapping) else {network.inputs[0].name: inputs}
        # As the trace has them, the batch first where there is one.
        self._inputs = {
            name: (value.unsqueeze(0) if name in network.per_input else value).clone() for name, value in named.items()
        }
        self._own: dict[str, Tensor] = {}
        # How often each tensor was changed since the trace was computed.
        self._moved: dict[str, int] = {}
        self._trace: Trace | None = None
        # What tensors (and, by their index, cells) were before the changes since then, and the bytes that takes.
        self._before: dict[tuple[str, tuple[int, ...] | None], Tensor] = {}
        self._before_bytes = 0
        self._shared = network if shared else None
        self._bytes = 0
        size = trace_bytes(network) + sum(value.nbytes for value in self._inputs.values())
        self._take(size + (0 if shared else ready_bytes(network)), "/layers")
        if shared and not budget.hold(network, ready_bytes(network)):
            budget.take(-self._bytes)
            self._refuse(ready_bytes(network), "/network", budget.topmost)
        self._watches: tuple[GeneralWatch, ...] = ()
        self._watched_before: tuple[GeneralWatch, ...] = ()
        self._edits = 0

    @property
    def device(self) -> str:
        return "cpu"

    @property
    def tells_all(self) -> bool:
        """Whether a frame has every tensor of the pass."""
        return numbers_told(self.network) <= MOST_TOLD

    @property
    def cost(self) -> int:
        """Multiply-adds of the next pass with everything that is told with it, roughly."""
        network, moved = self.network, set(self._moved)
        if self._trace is None:
            ran, calls = network.cost, network.calls
        else:
            ran, calls = changed_cost(network, moved), len(network.dependents(moved))
        told = numbers_told(network) if self.tells_all else 0
        return ran + CALL_COST * calls + self.cost_of(each for each in self._watches if not is_later(each)) + told

    @property
    def loading(self) -> int:
        """Nothing: each cell's slopes are asked for by themselves."""
        return 0

    @property
    def memory(self) -> int:
        """Bytes that the next pass takes beside what the session keeps: what is new of the trace, and what is told."""
        return self.price(self._watches).memory

    def cost_of(self, watches: Iterable[GeneralWatch]) -> int:
        """Multiply-adds of what these watches tell, roughly."""
        return sum(cost_of_any(self.network, watch) for watch in watches)

    def price(self, watches: Sequence[GeneralWatch]) -> Price:
        """What telling all of these at each change costs."""
        network = self.network
        numbers = sum(numbers_of_any(network, watch) for watch in watches)
        told = numbers_told(network) if self.tells_all else 0
        memory = trace_bytes(network) + 8 * told + sum(memory_of_any(network, watch) for watch in watches)
        return Price(numbers, 4 * (1 + told + numbers), memory, network.cost + self.cost_of(watches))

    # ---- memory ----

    def close(self) -> None:
        """Gives back what the session has for itself."""
        self._budget.take(-self._bytes)
        self._bytes = self._before_bytes = 0
        shared, self._shared = self._shared, None
        if shared is not None:
            self._budget.release(shared, ready_bytes(shared))

    def _take(self, size: int, pointer: str) -> None:
        if not self._budget.take(size):
            self._refuse(size, pointer, self._budget.lacking(size) or self._budget)
        self._bytes += size

    @staticmethod
    def _refuse(size: int, pointer: str, lacking: Budget) -> NoReturn:
        values = {"size": size, "limit": lacking.limit, "setting": lacking.setting}
        raise NetworkError(Fault("too-large", "session-too-large", pointer, values, hint="session-too-large"))

    # ---- changes: each is checked, and given back as what makes it ----

    def set_cell(self, cell: Cell, value: float, pointer: str) -> Change:
        """Another value for a cell of an input or of a parameter, which has to be there (`check_varied`)."""
        dtype = self._given(cell.tensor).dtype
        check_held(value, dtype, f"{pointer}/value")
        if not dtype.is_floating_point and value != int(value):
            raise NetworkError(Fault("invalid-value", "whole-number-expected", f"{pointer}/value", {"name": "value"}))
        at = (0, *cell.at) if cell.tensor in self.network.per_input else cell.at
        return Change(None, lambda: self._write(cell.tensor, at, value), cell.tensor, _KEPT_CELL_BYTES)

    def set_tensor(self, tensor: str, values: Tensor, pointer: str) -> Change:
        """Other values for an input or for a whole parameter. Raises NetworkError (shape-mismatch)."""
        shape = self.network.shapes[tensor]
        if values.shape != shape:
            shapes = {"expected": shape_text(shape), "got": shape_text(values.shape)}
            raise NetworkError(Fault("shape-mismatch", "same-shape", pointer, shapes))
        own = values.unsqueeze(0) if tensor in self.network.per_input else values
        return Change(None, lambda: self._replace(tensor, own), tensor, values.nbytes)

    def set_activation(self, layer: int, name: str, pointer: str) -> Change:
        """Only a chain of dense layers can change what its layers are. Raises NetworkError."""
        raise NetworkError(Fault("invalid-value", "activation-dense-only", f"{pointer}/activation", {"name": name}))

    def make(self, changes: Sequence[Change], pointer: str = "") -> None:
        """Makes the changes in their order. Raises NetworkError (too-large), and makes none."""
        names = dict.fromkeys(change.tensor for change in changes if change.tensor is not None)
        new = [name for name in names if name not in self._inputs and name not in self._own]
        before = sum(change.kept for change in changes)
        self._take(before + sum(self.network.parameters[name].nbytes for name in new), pointer)
        self._before_bytes += before
        for name in new:
            self._own[name] = self.network.parameters[name].clone()
        for change in changes:
            change.make()
        for name in names:
            self._moved[name] = self._moved.get(name, 0) + 1
        self._edits += 1

    def _write(self, tensor: str, at: tuple[int, ...], value: float) -> None:
        own = self._owned(tensor)
        if (tensor, None) not in self._before and (tensor, at) not in self._before:
            self._before[tensor, at] = own[at].clone()
        own[at] = value

    def _replace(self, tensor: str, values: Tensor) -> None:
        self._before.setdefault((tensor, None), self._owned(tensor))
        (self._inputs if tensor in self._inputs else self._own)[tensor] = values

    def _undo(self) -> None:
        """Brings back the numbers of the newest pass, and what was watched then."""
        for (tensor, at), old in reversed(self._before.items()):
            if at is None:
                (self._inputs if tensor in self._inputs else self._own)[tensor] = old
            else:
                self._owned(tensor)[at] = old
        self._moved.clear()
        self._watches = self._watched_before
        self.cells.watch(self._watches)
        self._edits += 1
        self._settle()

    def _settle(self) -> None:
        """The session as it stands is what is gone back to from now on."""
        self._before.clear()
        self._watched_before = self._watches
        self._take(-self._before_bytes, "")
        self._before_bytes = 0

    def _given(self, tensor: str) -> Tensor:
        return self._inputs[tensor] if tensor in self._inputs else self.network.parameters[tensor]

    def _owned(self, tensor: str) -> Tensor:
        return self._inputs[tensor] if tensor in self._inputs else self._own[tensor]

    def watch(self, watches: Sequence[GeneralWatch], check: Callable[[], None] = lambda: None) -> None:
        """Replaces what is watched, which has to be there, once `check` finds it within limits."""
        check()
        self._watches = tuple(watches)
        self.cells.watch(watches)

    # ---- the pass ----

    def arrays(self) -> Named:
        """What a frame carries, in its order, once everything that depends on the changes was computed again."""
        found: Named = drained(self.told(ASSUMED))
        return found

    def told(self, speed: float) -> Steps[Named]:
        """The same step by step, at `speed` multiply-adds a second. Raises NetworkError, and undoes what led to it."""
        edits, watches = self._edits, self._watches
        try:
            named = yield from self._told(speed)
        except (NetworkError, *RAISED) as error:
            # What was changed meanwhile is another pass's.
            if self._trace is not None and (self._edits, self._watches) == (edits, watches):
                self._undo()
            raise error if isinstance(error, NetworkError) else failed_at(error) from None
        if (self._edits, self._watches) == (edits, watches):
            self._settle()
        return named

    def _told(self, speed: float) -> Steps[Named]:
        moved, network = dict(self._moved), self._now
        if self._trace is None:
            per_input = network.per_input
            one = {name: each[0] if name in per_input else each for name, each in self._inputs.items()}
            trace = yield from forward_in_steps(network, one, speed=speed)
        elif moved:
            trace = yield from changed_in_steps(self._trace, {name: self._owned(name) for name in moved}, speed)
        else:
            trace = self._trace
        with torch.inference_mode():
            told = [(name, trace[name]) for name in told_names(network)] if self.tells_all else []
            told += self.cells.told(trace)
        told += yield from self._responses(trace, later=False)
        self._trace = trace
        # What was changed again meanwhile is still to be computed.
        self._moved = {name: count for name, count in self._moved.items() if moved.get(name) != count}
        return told

    def stale(self, sent: Mapping[int, Version]) -> Stale:
        """What has to be sent later, where `sent` was sent since `watch`: all of it after any change."""
        later = [(k, watch) for k, watch in enumerate(self._watches) if is_later(watch)]
        versions: dict[int, Version] = {k: (self._edits, b"") for k, _ in later}
        due = [(k, watch) for k, watch in later if sent.get(k) != versions[k]]
        return Stale([], versions, self.cost_of(watch for _, watch in due), bool(due))

    def told_later(self, stale: Stale, speed: float) -> Steps[Named]:
        """The arrays of what is told later, step by step."""
        assert self._trace is not None
        try:
            return (yield from self._responses(self._trace, later=True))
        except RAISED as error:
            raise failed_at(error) from None

    def _responses(self, trace: Trace, *, later: bool) -> Steps[Named]:
        """The arrays of sweeps and planes that are told later, or of those that are told with the pass."""
        named: Named = []
        for k, watch in enumerate(self._watches):
            if isinstance(watch, WatchMoved) and watch.later == later:
                named += yield from moved_told(watch, k, self._now, trace)
        return named

    @property
    def _now(self) -> Network:
        """The network with the parameters that the session changed."""
        return self.network.with_parameters(self._own) if self._own else self.network


def is_later(watch: GeneralWatch) -> bool:
    """Whether it is told after the pass, in a frame of its own."""
    return isinstance(watch, WatchMoved) and watch.later


AnySession = Session | GeneralSession


def told_names(network: Network) -> list[str]:
    """The tensors of a pass in the order of a frame: the inputs, then each node's result."""
    return [*(each.name for each in network.inputs), *(node.name for node in network.nodes)]


def numbers_told(network: Network) -> int:
    """How many numbers all of a pass is."""
    return network.trace_size + sum(prod(each.shape) for each in network.inputs)


def trace_bytes(network: Network) -> int:
    """About how much memory a trace takes, without the parameters."""
    return numbers_told(network) * network.dtype.itemsize + _TENSOR_BYTES * len(network.nodes)
