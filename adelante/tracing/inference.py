"""A module as it is traced: as in inference, by its usual way, its results as torch.export takes them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn.modules import transformer

from adelante.tracing.results import plain


@contextmanager
def as_in_inference(module: nn.Module) -> Iterator[None]:
    """The module as in inference, and afterwards as it was: its modes, and its buffers."""
    modes = {each: each.training for each in module.modules()}
    try:
        module.eval()
    except NotImplementedError:
        # What torch.export gives back as a module has its modes written into it.
        for each in modes:
            each.training = False
    hook = module.register_forward_hook(lambda _module, _given, results: plain(results))
    with ExitStack() as stack:
        stack.enter_context(_the_usual_way())
        stack.enter_context(buffers_kept(module))
        try:
            yield
        finally:
            hook.remove()
            for each, training in modes.items():
                each.training = training


@contextmanager
def buffers_kept(module: nn.Module) -> Iterator[None]:
    """Afterwards the module's buffers are what they were: some count in them, or set others in their place."""
    buffers = [
        (owner, name, buffer, None if buffer.is_inference() else (buffer._version, buffer.clone()))
        for owner in module.modules()
        for name, buffer in owner._buffers.items()
        if buffer is not None
    ]
    try:
        yield
    finally:
        with torch.no_grad():
            for owner, name, buffer, before in buffers:
                owner._buffers[name] = buffer
                # F.batch_norm changes running means without counting it as a change.
                if before is not None and (buffer._version != before[0] or not torch.equal(buffer, before[1])):
                    buffer.copy_(before[1])


@contextmanager
def _the_usual_way() -> Iterator[None]:
    """Without torch's shortcuts through transformers, which take masks otherwise, or look at a mask's numbers."""
    fast, detect = torch.backends.mha.get_fastpath_enabled(), transformer._detect_is_causal_mask
    torch.backends.mha.set_fastpath_enabled(False)
    transformer._detect_is_causal_mask = _as_told
    try:
        yield
    finally:
        transformer._detect_is_causal_mask = detect
        torch.backends.mha.set_fastpath_enabled(fast)


def _as_told(mask: Any, is_causal: bool | None = None, size: int | None = None) -> bool:
    """A mask is added as it is, whatever it holds: to know it for the causal one only saves time."""
    return is_causal is True
