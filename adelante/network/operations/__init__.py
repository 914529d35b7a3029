"""The closed list of operations: what a network can be made of. Nothing outside it ever runs."""

from collections.abc import Callable
from functools import partial

from adelante.network.operations import (
    arithmetic,
    choices,
    conv,
    dense,
    functions,
    matmul,
    moves,
    norms,
    pooling,
    reductions,
    resize,
    softmax,
)
from adelante.network.operations.operation import Operand, Operation, PerBatch

__all__ = ["OPERATIONS", "Operand", "Operation", "PerBatch", "operation_named"]

_CLASSES: tuple[type[Operation], ...] = (
    dense.Dense,
    dense.Linear,
    matmul.Matmul,
    matmul.Addmm,
    conv.Conv1d,
    conv.Conv2d,
    conv.Conv3d,
    conv.ConvTranspose2d,
    pooling.MaxPool1d,
    pooling.MaxPool2d,
    pooling.AvgPool1d,
    pooling.AvgPool2d,
    pooling.AdaptiveAvgPool1d,
    pooling.AdaptiveAvgPool2d,
    pooling.AdaptiveMaxPool1d,
    pooling.AdaptiveMaxPool2d,
    norms.BatchNorm,
    norms.LayerNorm,
    norms.RmsNorm,
    norms.GroupNorm,
    norms.InstanceNorm,
    softmax.Softmax,
    softmax.LogSoftmax,
    arithmetic.Add,
    arithmetic.Sub,
    arithmetic.Mul,
    arithmetic.Div,
    choices.Where,
    choices.MaskedFill,
    choices.Amax,
    choices.Amin,
    choices.Argmax,
    choices.Argmin,
    reductions.Sum,
    reductions.Mean,
    reductions.Cumsum,
    resize.UpsampleBilinear2d,
    moves.Reshape,
    moves.Flatten,
    moves.Unflatten,
    moves.Permute,
    moves.Transpose,
    moves.Squeeze,
    moves.Unsqueeze,
    moves.Expand,
    moves.Repeat,
    moves.RepeatInterleave,
    moves.Slice,
    moves.Select,
    moves.Cat,
    moves.Stack,
    moves.Pad,
    moves.Triangle,
    moves.UpperTriangle,
    moves.Roll,
    moves.Flip,
    moves.Unfold,
    moves.UpsampleNearest,
    moves.PixelShuffle,
    moves.Copy,
    moves.Embedding,
    moves.Gather,
    moves.IndexSelect,
    moves.IndexBy,
    moves.SliceScatter,
    moves.SelectScatter,
    moves.Full,
    moves.Arange,
    moves.ScalarTensor,
)

OPERATIONS: dict[str, Callable[..., Operation]] = {
    **{each.KIND: each for each in _CLASSES},
    **{name: partial(functions.Function.named, name) for name in functions.FUNCTIONS},
    **{name: partial(arithmetic.Paired, name) for name in arithmetic.PAIRED},
}


def operation_named(kind: str, **options: object) -> Operation:
    """The operation of that kind with these options. Raises KeyError for a kind, TypeError for an option, it lacks."""
    return OPERATIONS[kind](**options)
