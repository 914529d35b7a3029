"""A live torch.nn.Module as a network: exported by torch, in its author's own process, then read call by call."""

from adelante.tracing.trace import trace

__all__ = ["trace"]
