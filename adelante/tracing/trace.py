"""From a module to a network: torch.export finds the calls, `aten` says what they are, `layers` names them."""

import inspect
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from adelante.network.forward import forward
from adelante.network.network import Batch, Network, NetworkFault
from adelante.tracing.graph import network_of

# A batch of this many is what is exported: torch.export takes sizes 0 and 1 for constants.
_BATCH = 2


def trace(module: nn.Module, example: Tensor | Sequence[Tensor], *, tolerance: float = 1e-3) -> Network:
    """The module as a network. `example` is what its forward takes: tensors with the batch as their first dimension.

    The module is exported as in inference: dropout is off, batch normalisation uses what it has learned. What it was
    set to is restored. Where the module allows it the network takes a batch of any size, else one input at a time.
    Where the results depend on one another along the first dimension, that is no batch: all of it is one input.
    The result is run beside the module. Raises NetworkFault where torch.export refuses the module (with its reason),
    where it needs an operation that is not in the list (with the author's line), or where the two passes differ by more
    than `tolerance`, relative to the largest output.
    """
    given = (example,) if isinstance(example, Tensor) else tuple(example)
    if not given or not all(isinstance(each, Tensor) and each.dim() > 0 for each in given):
        raise NetworkFault("example", "a tensor, or several, is needed, the batch first.", "trace(module, (x,))")
    # torch.export keeps an example's strides as a guard, and falls over it later.
    given = tuple(each.contiguous() for each in given)
    modes = {each: each.training for each in module.modules()}
    module.eval()
    try:
        with torch.no_grad(), warnings.catch_warnings():
            # Flattened LSTM weights and deprecated pytree names: neither is the author's to mend.
            warnings.simplefilter("ignore")
            return _traced(module, given, tolerance)
    finally:
        for each, training in modes.items():
            each.training = training


def _traced(module: nn.Module, example: tuple[Tensor, ...], tolerance: float) -> Network:
    one = tuple(each[:1] for each in example)
    many = tuple(_batch(each) for each in example)
    try:
        network = network_of(_exported(module, many, batched=True), "any")
        _compare(module, network, many, tolerance)
        rows = [tuple(each[row : row + 1] for each in many) for row in range(_BATCH)]
        for row in rows:
            _compare(module, network, row, tolerance)
    except NetworkFault:
        # With one input at a time it may do; if not, what is wrong with one says more than what is with many.
        return _as_it_is(module, one, "one", tolerance)
    # What looks like a batch may be the steps of a sequence: then each row's result depends on the others.
    if _independent(network, many, rows, tolerance):
        return network
    return _as_it_is(module, example, "none", tolerance)


def _as_it_is(module: nn.Module, inputs: tuple[Tensor, ...], batch: Batch, tolerance: float) -> Network:
    network = network_of(_exported(module, inputs, batched=False), batch)
    _compare(module, network, inputs, tolerance)
    return network


def _independent(
    network: Network, many: tuple[Tensor, ...], rows: Sequence[tuple[Tensor, ...]], tolerance: float
) -> bool:
    """Whether each row of a batch gives what it gives alone."""
    names = [each.name for each in network.inputs]
    together = forward(network, dict(zip(names, many, strict=True)), keep=())
    for row, inputs in enumerate(rows):
        alone = forward(network, dict(zip(names, inputs, strict=True)), keep=())
        for name in network.outputs:
            if name in network.per_input:
                found, wanted = together.values[name][row].double(), alone.values[name][0].double()
                difference, largest = _difference(found, wanted)
                if not difference <= tolerance * largest:
                    return False
    return True


class NotExported(NetworkFault):
    """torch.export has refused the module."""


def _batch(example: Tensor) -> Tensor:
    """Two different rows: the second one, where the example has just one, is that one back to front."""
    return example[:_BATCH] if example.shape[0] >= _BATCH else torch.cat([example[:1], example[:1].flip(-1)])


def _exported(module: nn.Module, inputs: tuple[Tensor, ...], batched: bool) -> ExportedProgram:
    try:
        shapes = _growing(module, inputs) if batched else None
        return torch.export.export(module, inputs, dynamic_shapes=shapes, strict=False)
    except Exception as error:
        # torch.export raises whatever the module raises, and errors of its own of many classes.
        reason = str(error).strip().split("\n\n")[0][:600]
        raise NotExported(
            type(module).__name__,
            f"torch.export refuses it: {reason}",
            "Try torch.export.export(module, example, strict=False) by itself: its whole message shows the line. What "
            "depends on the numbers (if x.sum() > 0) has to be written as torch.where, or moved outside.",
        ) from error


def _growing(module: nn.Module, inputs: tuple[Tensor, ...]) -> dict[str, Any]:
    """That the first size of each tensor is the batch, by the names of forward's arguments; *args has a tuple."""
    growing = {0: Dim.AUTO}
    given = inspect.signature(module.forward).bind(*inputs).arguments
    return {name: growing if isinstance(each, Tensor) else tuple(growing for _ in each) for name, each in given.items()}


def _compare(module: nn.Module, network: Network, inputs: tuple[Tensor, ...], tolerance: float) -> None:
    """Raises NetworkFault where the network's outputs are not the module's."""
    names = [each.name for each in network.inputs]
    try:
        wanted = flat(module(*inputs))
    except Exception as error:
        # torch.export follows shapes, and some errors are of dtypes or numbers: whatever the module raises.
        reason = f"it can't run on the example: {str(error)[:600]}"
        raise NetworkFault(type(module).__name__, reason, "Call the module on it first.") from error
    found = forward(network, dict(zip(names, inputs, strict=True)), keep=())
    for name, expected in zip(network.outputs, wanted, strict=True):
        value = found.values[name]
        if value.shape != expected.shape:
            raise NetworkFault(name, f"its shape is {tuple(value.shape)}, the module's {tuple(expected.shape)}.")
        difference, largest = _difference(value.double(), expected.double())
        if not difference <= tolerance * largest:
            raise NetworkFault(
                name, f"it differs from the module's by {difference:.3g}, where the largest is {largest:.3g}."
            )


def _difference(value: Tensor, expected: Tensor) -> tuple[float, float]:
    """The largest difference, and the largest number; infinities and NaN have to be the same."""
    finite = expected.isfinite()
    if not torch.equal(value[~finite].nan_to_num(nan=0.5), expected[~finite].nan_to_num(nan=0.5)):
        return float("inf"), float("inf")
    if not bool(finite.any()):
        return 0.0, 1.0
    value, expected = value[finite], expected[finite]
    return float((value - expected).abs().max()), max(float(expected.abs().max()), 1e-6)


def flat(outputs: Any) -> list[Tensor]:
    """The tensors of what a module returns: a tensor, or tuples, lists and mappings of them."""
    if isinstance(outputs, Tensor):
        return [outputs]
    if isinstance(outputs, Mapping):
        return [each for value in outputs.values() for each in flat(value)]
    if isinstance(outputs, list | tuple):
        return [each for value in outputs for each in flat(value)]
    return []
