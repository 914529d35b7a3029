"""What torch loads when it is first needed: hundreds of modules, which takes seconds.

Nobody else waits for that: a work that may load them costs so much that it goes to a thread.
"""

import sys

_MULTIPLY_ADDS = 1 << 32
# A module that comes with all the others, and what it defines late: while it is being loaded it is listed already.
_SHAPES = ("torch._dynamo", "reset")
_SLOPES = ("torch.fx.experimental.symbolic_shapes", "ShapeEnv")


def cost_of_shapes() -> int:
    """Multiply-adds of asking torch for shapes alone, beyond the work itself: none once all is loaded."""
    return _loading(*_SHAPES)


def cost_of_batched_slopes() -> int:
    """The same for the gradients of more than `adelante.network.explain.FEW_CELLS` cells at once."""
    return _loading(*_SLOPES)


def _loading(module: str, last: str) -> int:
    return 0 if hasattr(sys.modules.get(module), last) else _MULTIPLY_ADDS
