"""What torch says of an operation that does not fit what it is given, in the words that people know."""

from collections.abc import Sequence
from math import prod

import torch

from adelante.network.errors import said
from adelante.network.operations import Operation
from adelante.network.operations.arithmetic import Paired
from adelante.network.operations.functions import Function

# Of these torch speaks otherwise where there are no numbers, so they are attempted once more on the CPU.
_PRODUCTS = {
    *("dense", "linear", "matmul", "addmm", "conv1d", "conv2d", "conv3d"),
    *("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
}
_IN_OTHER_WORDS = {*_PRODUCTS, "add", "sub", "mul", "div"}
# What torch computes of fractions alone, or of operands of one dtype; where there are no numbers it takes any.
_OF_FRACTIONS = {
    *_PRODUCTS,
    *("batch_norm", "instance_norm", "group_norm", "layer_norm", "rms_norm"),
    *("softmax", "log_softmax", "safe_softmax", "mean"),
    *(f"{sort}_pool{dims}d" for sort in ("avg", "max", "adaptive_avg", "adaptive_max") for dims in (1, 2, 3)),
}
# Should the CPU have nothing against them after all, no more is computed than this.
_MOST_ATTEMPTED = 1 << 20
RAISED = (
    *(RuntimeError, IndexError, ValueError, TypeError, ArithmeticError, KeyError, AssertionError, AttributeError),
)
"""What torch raises where an operation does not fit what it is given, its shapes or its numbers."""


def cpu_words(operation: Operation, operands: Sequence[tuple[Sequence[int], torch.dtype]]) -> str | None:
    """What torch says on the CPU of tensors of these shapes; None where it has nothing to say, or is not asked.

    The tensors share one number each, so that no memory is spent.
    """
    return attempted_words(operation, operands) if operation.kind in _IN_OTHER_WORDS else None


def attempted_words(operation: Operation, operands: Sequence[tuple[Sequence[int], torch.dtype]]) -> str | None:
    """The same of any operation that surely does not fit, or computes no more than it is given."""
    if sum(prod(shape) for shape, _ in operands) > _MOST_ATTEMPTED:
        return None
    with torch.device("cpu"), torch.no_grad():
        try:
            operation.run(*(torch.zeros((), dtype=dtype).expand(tuple(shape)) for shape, dtype in operands))
        except RAISED as error:
            return said(error)
    return None


def fraction_words(operation: Operation, operands: Sequence[tuple[Sequence[int], torch.dtype]]) -> str | None:
    """What torch says on the CPU of whole numbers or truth values where fractions are wanted; None where it has nothing
    to say."""
    fractions = operation.kind not in _OF_FRACTIONS or all(dtype.is_floating_point for _, dtype in operands)
    return None if fractions else attempted_words(operation, operands)


def dtype_words(operation: Operation, dtypes: Sequence[torch.dtype]) -> str | None:
    """What torch says on the CPU of a function of each number that it does not have for numbers of this kind.

    Without numbers it takes most of them. None where it has it, or is not asked.
    """
    bitwise = operation.kind.startswith("bitwise")
    if not isinstance(operation, Function | Paired) or all(each.is_floating_point is not bitwise for each in dtypes):
        return None
    with torch.device("cpu"), torch.no_grad():
        try:
            operation.run(*(torch.ones(1, dtype=dtype) for dtype in dtypes))
        except RAISED as error:
            return said(error)
    return None
