"""The forward pass: every node's result, in order. Everything that is shown anywhere comes from here."""

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, overload

from torch import Tensor

from adelante.network.given import Inputs
from adelante.network.network import Network
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
    soon as its last reader has had it. Raises NetworkFault where an input does not fit; a chain of dense layers raises
    NetworkError (shape-mismatch, empty).
    """
    given, batch, single = network.given(inputs)
    if keep is None and batch * network.units >= _MANY:
        keep_pages(batch * network.trace_bytes, network.device)
    values: dict[str, Tensor] = {**network.parameters, **given}
    run(network.steps(batch), values, _NOTHING if keep is None else network.last_uses(keep))
    return network.TRACE(network, values, batch, single)


def changed(trace: Trace, changes: Mapping[str, Tensor]) -> Trace:
    """The pass with some inputs or parameters changed: only what depends on them is computed again.

    Tensors have the shape of `trace.values`, the batch first where there is one.
    """
    values = {**trace.values, **changes}
    network = trace.network
    run([network.step(node, trace.batch) for node in network.dependents(changes)], values)
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
