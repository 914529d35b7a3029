"""From a module to a network: torch.export finds the calls, `aten` says what they are, `layers` names them."""

import inspect
import io
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, suppress
from typing import Any

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram
from torch.utils import _pytree as pytree

from adelante.network.errors import said
from adelante.network.network import Batch, Network, NetworkFault
from adelante.tracing.called import Called, Example
from adelante.tracing.comparing import compare, independent, one_by_one, results_of
from adelante.tracing.graph import network_of, opened
from adelante.tracing.inference import as_in_inference
from adelante.tracing.refusals import DEPENDS, way_out
from adelante.tracing.source import line_of
from adelante.tracing.stopping import stopped

# What torch writes of what it refuses is told in our own words, and of one way to export it there may be another.
_TALKING = (
    "torch._subclasses.fake_tensor",
    "torch.fx.experimental.symbolic_shapes",
    "torch._export.non_strict_utils",
)
# A batch of this many is what is exported: torch.export takes sizes 0 and 1 for constants.
_BATCH = 2


def trace(module: nn.Module, example: Example, *, tolerance: float = 1e-3) -> Network:
    """The module as a network. `example` is what its forward takes: tensors with the batch as their first dimension.

    One tensor, several in order, or a mapping of forward's own names; a tuple or a mapping may stand within, where
    forward takes one. Where their first sizes differ, or a tensor has no dimension, that is no batch.

    The module is exported as in inference: dropout is off, batch normalisation uses what it has learned. What it was
    set to is restored. Where the module allows it the network takes a batch of any size, else one input at a time.
    Where the results depend on one another along the first dimension, that is no batch: all of it is one input.
    The result is run beside the module. Raises NetworkFault where torch.export refuses the module (with its reason),
    where it needs an operation that is not in the list (with the author's line), or where the two passes differ by more
    than `tolerance`, relative to the largest output.
    """
    called = Called(module, example)
    with as_in_inference(module), torch.no_grad(), warnings.catch_warnings(), _in_silence():
        # Flattened LSTM weights and deprecated pytree names: neither is the author's to mend.
        warnings.simplefilter("ignore")
        try:
            return _traced(called, tolerance)
        except NotExported as refused:
            # What the module itself says of the example says more than what torch.export makes of it.
            if refused.hint == DEPENDS:
                results_of(called, called.tensors)
            raise


@contextmanager
def _in_silence() -> Iterator[None]:
    """Without what torch writes while it fails."""
    with ExitStack() as stack:
        for name in _TALKING:
            logger = logging.getLogger(name)
            logger.addFilter(_nothing)
            stack.callback(logger.removeFilter, _nothing)
        stack.enter_context(redirect_stderr(io.StringIO()))
        yield


def _nothing(_: logging.LogRecord) -> bool:
    return False


def _traced(called: Called, tolerance: float) -> Network:
    example = called.tensors
    if not all(each.dim() for each in example):
        return _as_it_is(called, example, "none", tolerance)
    many = tuple(_batch(each) for each in example)
    try:
        network = network_of(opened(_exported(called, many, batched=True)), "any")
        compare(called, network, many, tolerance)
        rows = [tuple(each[row : row + 1] for each in many) for row in range(_BATCH)]
        for row in rows:
            compare(called, network, row, tolerance)
    except NetworkFault:
        # With one input at a time it may do; if not, what is wrong with one says more than what is with many.
        return _without_batch(called, tolerance)
    # What looks like a batch may be the steps of a sequence: then each row's result depends on the others.
    if independent(network, many, rows, tolerance):
        return network
    return _as_it_is(called, example, "none", tolerance)


def _without_batch(called: Called, tolerance: float) -> Network:
    """The network of one input at a time; of the whole example, where that is no batch of such."""
    example = called.tensors
    sizes = {each.shape[0] for each in example}
    if len(sizes) > 1:
        return _as_it_is(called, example, "none", tolerance)
    try:
        network = _as_it_is(called, tuple(each[:1] for each in example), "one", tolerance)
    except NetworkFault:
        if sizes == {1}:
            raise
    else:
        # A recurrent layer takes its steps first: cut to one of them it would go through, and be another.
        if sizes == {1} or one_by_one(called, network, example, tolerance):
            return network
    return _as_it_is(called, example, "none", tolerance)


def _as_it_is(called: Called, inputs: tuple[Tensor, ...], batch: Batch, tolerance: float) -> Network:
    network = network_of(opened(_exported(called, inputs, batched=False)), batch)
    compare(called, network, inputs, tolerance)
    return network


class NotExported(NetworkFault):
    """torch.export has refused the module."""


def _batch(example: Tensor) -> Tensor:
    """Two different rows: the second one, where the example has just one, is that one back to front."""
    return example[:_BATCH] if example.shape[0] >= _BATCH else torch.cat([example[:1], example[:1].flip(-1)])


def _exported(called: Called, inputs: Sequence[Tensor], batched: bool) -> ExportedProgram:
    module = called.module
    try:
        args, kwargs = called.arguments(inputs)
        shapes = _growing(module, args, kwargs) if batched else None
        # With gradients torch keeps apart what a module does without; not every module lets itself be exported so.
        with suppress(Exception), torch.enable_grad():
            return stopped(torch.export.export(module, args, kwargs, dynamic_shapes=shapes, strict=False))
        return torch.export.export(module, args, kwargs, dynamic_shapes=shapes, strict=False)
    except Exception as error:
        # torch.export raises whatever the module raises, and errors of its own of many classes.
        reason = said(error).strip().split("\n\n")[0][:600]
        line = line_of(error)
        where = "" if line is None else f" ({line})"
        raise NotExported(
            type(module).__name__,
            f"torch.export refuses it: {reason}{where}",
            way_out(f"{reason} {line} {' '.join(sorted({type(each).__module__ for each in module.modules()}))}"),
        ) from error


def _growing(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """That the first size of each tensor is the batch, by the names of forward's arguments; *args has a tuple."""
    given = inspect.signature(module.forward).bind(*args, **kwargs).arguments
    return pytree.tree_map(lambda _: {0: Dim.AUTO}, dict(given))
