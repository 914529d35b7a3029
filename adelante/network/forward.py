"""The forward pass: every node's result, in order. Everything that is shown anywhere comes from here."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Never, overload

from torch import Tensor

from adelante.network.given import Inputs
from adelante.network.network import Network, NetworkFault
from adelante.network.pages import LEAST_BYTES, keep_pages
from adelante.network.parts import Step
from adelante.network.trace import Trace

if TYPE_CHECKING:
    from adelante.network.dense.network import DenseNetwork, DenseTrace

__all__ = ["Trace", "changed", "forward"]


@overload
def forward(network: "DenseNetwork", inputs: Inputs, keep: Collection[str] | None = None) -> "DenseTrace": ...
@overload
def forward(network: Network, inputs: Inputs, keep: Collection[str] | None = None) -> Trace: ...
def forward(network: Network, inputs: Inputs, keep: Collection[str] | None = None) -> Trace:
    """Run the network on one input, or on a batch (one dimension more); several inputs come as a mapping by name.

    `keep` names the tensors that the trace shall hold, beside the outputs; None keeps all. What is not kept is freed as
    soon as its last reader has had it. Raises NetworkFault where an input does not fit, or is an index of nothing; a
    chain of dense layers raises NetworkError (shape-mismatch, empty).
    """
    given, batch, single = network.given(inputs)
    if keep is None and batch * network.units >= _MANY:
        keep_pages(batch * network.trace_bytes, network.device)
    values: dict[str, Tensor] = {**network.parameters, **given}
    steps = network.steps(batch)
    try:
        run(steps, values, _NOTHING if keep is None else network.last_uses(keep))
    except IndexError as error:
        _no_such_place(steps, {**network.parameters, **given}, error)
    return network.TRACE(network, values, batch, single)


def changed(trace: Trace, changes: Mapping[str, Tensor]) -> Trace:
    """The pass with some inputs or parameters changed: only what depends on them is computed again.

    Tensors have the shape of `trace.values`, the batch first where there is one. Raises NetworkFault where an input is
    an index of nothing.
    """
    values = {**trace.values, **changes}
    network = trace.network
    steps = [network.step(node, trace.batch) for node in network.dependents(changes)]
    try:
        run(steps, values)
    except IndexError as error:
        _no_such_place(steps, {**trace.values, **changes}, error)
    return network.TRACE(network, values, trace.batch, trace.single)


# Layers that give fewer numbers than this leave nothing that is worth keeping; most passes ask no further.
_MANY = LEAST_BYTES // 16
_NOTHING: Mapping[str, list[str]] = {}


def run(steps: Iterable[Step], values: dict[str, Tensor], freed: Mapping[str, list[str]] = _NOTHING) -> None:
    """Writes each step's result into `values`, and after it lets go of what `freed` names there."""
    if not freed:
        for name, function, take, one in steps:
            values[name] = function(take(values)) if one else function(*take(values))
        return
    for name, function, take, one in steps:
        values[name] = function(take(values)) if one else function(*take(values))
        for each in freed.get(name, ()):
            del values[each]


class Begun:
    """Steps, and the name of the one that was begun last."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps
        self.name = ""

    def __iter__(self) -> Iterator[Step]:
        for step in self._steps:
            self.name = step.name
            yield step


def _no_such_place(steps: Sequence[Step], values: dict[str, Tensor], error: IndexError) -> Never:
    """Runs the steps once more to learn which one fails: a pass that goes well does not note where it is."""
    begun = Begun(steps)
    try:
        run(begun, values)
    except IndexError:
        hint = "Indices count from 0 and must be smaller than the number of entries."
        raise NetworkFault(begun.name, f"it was asked for a place that is not there: {error}.", hint) from error
    raise error
