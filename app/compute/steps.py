"""The forward pass of a large batch, step by step, so that others have their turn and it can be given up in between."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import torch
from torch import Tensor

from adelante.network.dense.network import DenseNetwork
from adelante.network.dense.responses import Axis, Grid, Sweep, Vary, grid, sweep
from adelante.network.errors import Fault, NetworkError, said
from adelante.network.forward import Begun, run
from adelante.network.given import Inputs
from adelante.network.names import layer_of
from adelante.network.network import Network
from adelante.network.pages import keep_pages
from adelante.network.parts import Step
from adelante.network.trace import Trace
from adelante.network.words import RAISED
from app.compute.lookups import guarded
from app.compute.pool import Steps

# About as long as others may have to wait for one step.
STEP_SECONDS = 0.05
# A call of torch, whatever it computes, takes as long as this many.
CALL_COST = 2_000
# Fewer rows at a time than this and the weights would be read more often than the arithmetic is worth.
_LEAST_ROWS = 16
# To copy a number takes as long as this many multiply-adds.
_COPIED_NUMBER_COST = 20
# A sweep's rows are whole input vectors: so many numbers of them at a time.
_MOST_NUMBERS = 1 << 22
# Torch's words are told this far.
_SHOWN = 300


def forward_in_steps(
    network: Network, inputs: Inputs, *, speed: float, keep: Collection[str] | None = None
) -> Steps[Trace]:
    """The trace of the inputs, a few calls at a time; of a dense layer some rows at a time where there are many.

    `speed` is in multiply-adds a second. The trace has the tensors of `keep` and the outputs, all where that is None:
    what is not kept is let go of once its last reader has taken it. Raises as `forward` does, and NetworkError where
    torch does not compute what the numbers ask for.
    """
    given, batch, single = network.given(inputs)
    if keep is None:
        keep_pages(batch * network.trace_bytes, network.device)
    values = {**network.parameters, **given}
    freed = network.last_uses(keep) if keep is not None else {}
    for steps, cost in _groups(network, network.steps(batch), batch, STEP_SECONDS * speed):
        rows = max(_LEAST_ROWS, int(STEP_SECONDS * speed / cost))
        if isinstance(network, DenseNetwork) and batch > rows:
            yield from _in_parts(steps, values, network, rows)
            for step in steps:
                for name in freed.get(step.name, ()):
                    del values[name]
        else:
            _run(network, steps, values, freed)
            yield
    return network.TRACE(network, values, batch, single)


def changed_in_steps(trace: Trace, changes: Mapping[str, Tensor], speed: float) -> Steps[Trace]:
    """The trace with some inputs or parameters changed, as `changed` gives it, a few calls at a time.

    Raises NetworkError where torch does not compute what the numbers ask for.
    """
    network = trace.network
    values = {**trace.values, **changes}
    steps = [network.step(node, trace.batch) for node in network.dependents(changes)]
    for some, _ in _groups(network, steps, trace.batch, STEP_SECONDS * speed):
        _run(network, some, values, {})
        yield
    return network.TRACE(network, values, trace.batch, trace.single)


def _run(network: Network, steps: Sequence[Step], values: dict[str, Tensor], freed: Mapping[str, list[str]]) -> None:
    done = Begun(steps)
    try:
        with torch.inference_mode():
            run(done, values, freed)
    except RAISED as error:
        raise failed(network, done.name, error) from None


def failed(network: Network, name: str, error: Exception) -> NetworkError:
    """What a pass has failed of: torch's own words, and where. A number that is no place is the inputs' fault."""
    words = said(error).partition("\n")[0][:_SHOWN]
    node = network.by_name[name]
    k = layer_of(name)
    layer = None if k is None else network.layers[k]
    values = {"kind": node.operation.kind, "layer": layer.name if layer is not None and layer.name else name}
    pointer = "" if k is None else f"/layers/{k}"
    if isinstance(error, IndexError) or "out of range" in words or "out of bounds" in words:
        return NetworkError(Fault("out-of-range", "place-not-there", pointer, values, torch_words=words))
    if "not implemented for" in words:
        return NetworkError(Fault("unsupported-dtype", "not-in-this-dtype", pointer, values, torch_words=words))
    return NetworkError(Fault("invalid-value", "pass-failed", pointer, values, torch_words=words))


def _groups(network: Network, steps: Sequence[Step], batch: int, most: float) -> Iterator[tuple[Sequence[Step], int]]:
    """Those of a pass's calls that belong together, and what these cost for one input: as many as come to `most`
    multiply-adds, of a dense layer both of its own.
    """
    if network.device.type == "cuda" and not isinstance(network, DenseNetwork):
        steps = [guarded(network, step) for step in steps]
    if isinstance(network, DenseNetwork):
        first = cost = 0
        for k, layer in enumerate(network.layers):
            own = (layer.n_in + 1) * layer.n_out
            if cost and batch * (cost + own) >= most:
                yield steps[2 * first : 2 * k], cost
                first, cost = k, 0
            cost += own
        yield steps[2 * first :], cost
        return
    first = cost = 0
    for k, step in enumerate(steps, 1):
        cost += network.costs[step.name]
        if batch * cost >= most or k == len(steps):
            yield steps[first:k], max(cost, 1)
            first, cost = k, 0


def _in_parts(steps: Sequence[Step], values: dict[str, Tensor], network: Network, rows: int) -> Steps[None]:
    """Writes the steps' results into `values`, so many rows at a time."""
    taken = {name: value for name, value in values.items() if name in network.per_input}
    batch = len(next(iter(taken.values())))
    done = 0
    for size in even_parts(batch, rows):
        with torch.inference_mode():
            some = {**values, **{name: value[done : done + size] for name, value in taken.items()}}
            run(steps, some)
            for name in (step.name for step in steps):
                if not done:
                    values[name] = some[name].new_empty((batch, *some[name].shape[1:]))
                values[name][done : done + size] = some[name]
        done += size
        yield


def sweep_in_steps(network: DenseNetwork, inputs: Tensor, vary: Vary, values: Tensor, speed: float) -> Steps[Sweep]:
    """The sweep over values (steps,), a part of them at a time."""
    rows = max(_LEAST_ROWS, int(STEP_SECONDS * speed / row_cost(network)))
    parts: list[Sweep] = []
    for some in split_evenly(values, min(rows, max(1, _MOST_NUMBERS // max(network.sizes)))):
        with torch.inference_mode():
            parts.append(sweep(network, inputs, vary, some))
        yield
    if len(parts) == 1:
        return parts[0]
    with torch.inference_mode():
        return Sweep(values, [torch.cat(layer) for layer in zip(*(part.activations for part in parts), strict=True)])


def grid_in_steps(network: DenseNetwork, inputs: Tensor, x: Axis, y: Axis, steps: int, speed: float) -> Steps[Grid]:
    """The plane, some of its rows at a time."""
    rows = max(1, int(STEP_SECONDS * speed / (steps * row_cost(network))))
    parts: list[Grid] = []
    for start in range(0, steps, rows):
        with torch.inference_mode():
            parts.append(grid(network, inputs, x, y, steps, range(start, min(start + rows, steps))))
        yield
    if len(parts) == 1:
        return parts[0]
    with torch.inference_mode():
        y_values = torch.cat([part.y_values for part in parts])
        layers = zip(*(part.activations for part in parts), strict=True)
        return Grid(parts[0].x_values, y_values, [torch.cat(layer, dim=1) for layer in layers])


def row_cost(network: DenseNetwork) -> int:
    """Multiply-adds of one input vector that first has to be made of another."""
    return network.cost + _COPIED_NUMBER_COST * network.n_in


def split_evenly(values: Tensor, most: int) -> tuple[Tensor, ...]:
    """Its rows in as few parts as have at most so many each; a small rest would be summed in another order."""
    count = -(-len(values) // most)
    return torch.tensor_split(values, count) if count > 1 else (values,)


def even_parts(count: int, most: int) -> list[int]:
    """How many rows each of those parts has."""
    parts = -(-count // most)
    return [count // parts + (k < count % parts) for k in range(parts)]
