"""The closed list of operations: what a network can be made of. Nothing outside it ever runs."""

from collections.abc import Callable
from functools import partial

from adelante.network.operations import (
    arithmetic,
    choices,
    conv,
    dense,
    functions,
    lookups,
    made,
    matmul,
    moves,
    norms,
    pictures,
    pooling,
    reductions,
    resize,
    slices,
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
    conv.ConvTranspose1d,
    conv.ConvTranspose2d,
    conv.ConvTranspose3d,
    pooling.MaxPool1d,
    pooling.MaxPool2d,
    pooling.MaxPool3d,
    pooling.AvgPool1d,
    pooling.AvgPool2d,
    pooling.AvgPool3d,
    pooling.AdaptiveAvgPool1d,
    pooling.AdaptiveAvgPool2d,
    pooling.AdaptiveAvgPool3d,
    pooling.AdaptiveMaxPool1d,
    pooling.AdaptiveMaxPool2d,
    pooling.AdaptiveMaxPool3d,
    norms.BatchNorm,
    norms.LayerNorm,
    norms.RmsNorm,
    norms.GroupNorm,
    norms.InstanceNorm,
    softmax.Softmax,
    softmax.SafeSoftmax,
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
    reductions.Prod,
    reductions.Cumsum,
    reductions.Cumprod,
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
    slices.Slice,
    slices.Select,
    slices.Cat,
    slices.Stack,
    slices.Pad,
    slices.Triangle,
    slices.UpperTriangle,
    slices.Roll,
    slices.Flip,
    pictures.Unfold,
    pictures.UpsampleNearest,
    pictures.PixelShuffle,
    moves.Diagonal,
    moves.Windows,
    moves.Copy,
    moves.Cast,
    lookups.Embedding,
    lookups.Gather,
    lookups.IndexSelect,
    lookups.IndexBy,
    slices.SliceScatter,
    slices.SelectScatter,
    made.Full,
    made.Arange,
    made.ScalarTensor,
)

OPERATIONS: dict[str, Callable[..., Operation]] = {
    **{each.KIND: each for each in _CLASSES},
    **{name: partial(functions.Function.named, name) for name in functions.FUNCTIONS},
    **{name: partial(arithmetic.Paired, name) for name in arithmetic.PAIRED},
}


def operation_named(kind: str, **options: object) -> Operation:
    """The operation of that kind. Raises KeyError for an unknown kind, TypeError for an unknown option."""
    if kind == "copy" and options.get("dtype") is not None:
        # Files of the first release have casts under this name.
        kind = "cast"
    return OPERATIONS[kind](**{name: value for name, value in options.items() if kind != "copy" or name != "dtype"})
