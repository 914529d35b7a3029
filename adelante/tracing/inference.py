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
    """The module as in inference, and afterwards as it was: its modes, and the buffers that its forward counts in."""
    modes = {each: each.training for each in module.modules()}
    buffers = [(each, each._version, each.clone()) for each in module.buffers() if not each.is_inference()]
    module.eval()
    hook = module.register_forward_hook(lambda _module, _given, results: plain(results))
    with ExitStack() as stack:
        stack.enter_context(_the_usual_way())
        try:
            yield
        finally:
            hook.remove()
            for each, training in modes.items():
                each.training = training
            with torch.no_grad():
                for buffer, version, before in buffers:
                    if buffer._version != version:
                        buffer.copy_(before)


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
