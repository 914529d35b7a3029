"""From a module to a network: torch.export finds the calls, `aten` says what they are, `layers` names them."""

import inspect
import warnings
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from adelante.network.network import Batch, Network, NetworkFault
from adelante.tracing.comparing import compare, independent
from adelante.tracing.graph import network_of, opened

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
        network = network_of(opened(_exported(module, many, batched=True)), "any")
        compare(module, network, many, tolerance)
        rows = [tuple(each[row : row + 1] for each in many) for row in range(_BATCH)]
        for row in rows:
            compare(module, network, row, tolerance)
    except NetworkFault:
        # With one input at a time it may do; if not, what is wrong with one says more than what is with many.
        return _as_it_is(module, one, "one", tolerance)
    # What looks like a batch may be the steps of a sequence: then each row's result depends on the others.
    if independent(network, many, rows, tolerance):
        return network
    return _as_it_is(module, example, "none", tolerance)


def _as_it_is(module: nn.Module, inputs: tuple[Tensor, ...], batch: Batch, tolerance: float) -> Network:
    network = network_of(opened(_exported(module, inputs, batched=False)), batch)
    compare(module, network, inputs, tolerance)
    return network


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
