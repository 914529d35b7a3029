"""What a new layer may be where a tensor of some shape is: kinds with the options and sizes that fit it."""

from collections.abc import Callable, Mapping
from typing import Any

import torch

from adelante.network.activations import ACTIVATIONS
from adelante.network.operations.operation import Shape

Fields = dict[str, Any]
_KERNEL = 3


def _dense(shape: Shape) -> Fields | None:
    return {"out_features": shape[-1]} if shape else None


def _convolution(dims: int) -> Callable[[Shape], Fields | None]:
    def fields(shape: Shape) -> Fields | None:
        if len(shape) != dims + 1:
            return None
        kernel = _KERNEL if min(shape[1:]) >= _KERNEL else 1
        return {"out_channels": shape[0], "kernel_size": kernel, "padding": kernel // 2}

    return fields


def _twice_as_large(dims: int) -> Callable[[Shape], Fields | None]:
    def fields(shape: Shape) -> Fields | None:
        return {"out_channels": shape[0], "kernel_size": 2, "stride": 2} if len(shape) == dims + 1 else None

    return fields


def _pool(dims: int) -> Callable[[Shape], Fields | None]:
    return lambda shape: {"kernel_size": 2} if len(shape) == dims + 1 and min(shape[1:]) > 1 else None


def _adaptive(dims: int) -> Callable[[Shape], Fields | None]:
    return lambda shape: {"output_size": 1 if dims == 1 else [1] * dims} if len(shape) == dims + 1 else None


def _least_rank(rank: int, **fields: Any) -> Callable[[Shape], Fields | None]:
    return lambda shape: dict(fields) if len(shape) >= rank else None


def _each_twice(shape: Shape) -> Fields | None:
    return {"scale_factor": [2.0] * (len(shape) - 1)} if 2 <= len(shape) <= 4 else None


def _over_last(shape: Shape) -> Fields | None:
    return {"normalized_shape": [shape[-1]]} if shape else None


def _transpose(shape: Shape) -> Fields | None:
    # Counted from the end, so that the batch need not be thought of.
    return {"dim0": -2, "dim1": -1} if len(shape) >= 2 else None


def _along_channels(shape: Shape) -> Fields | None:
    # Of maps one after the other; of all else along the numbers of each row.
    return {"dim": -len(shape) if len(shape) > 2 else -1} if shape else None


def _shuffle(shape: Shape) -> Fields | None:
    return {"upscale_factor": 2} if len(shape) == 3 and shape[0] % 4 == 0 else None


ELEMENTWISE: Mapping[str, Fields] = {
    each.name: dict(each.options)
    for each in ACTIVATIONS.values()
    if each.elementwise and not each.kind and each.name != "identity"
}
"""Functions of one number: they fit wherever fractions are, and leave the shape as it is."""
JOINING: Mapping[str, Callable[[Shape], Fields | None]] = {
    "add": _least_rank(0),
    "mul": _least_rank(0),
    "cat": _along_channels,
}
"""What takes a second tensor, of the same shape, from further back: a residual connection, a gate, a skip."""
_OF_FRACTIONS: Mapping[str, Callable[[Shape], Fields | None]] = {
    "dense": _dense,
    **{f"conv{dims}d": _convolution(dims) for dims in (1, 2, 3)},
    **{f"conv_transpose{dims}d": _twice_as_large(dims) for dims in (1, 2, 3)},
    **JOINING,
    **{f"{sort}_pool{dims}d": _pool(dims) for sort in ("max", "avg") for dims in (1, 2, 3)},
    **{f"adaptive_{sort}_pool{dims}d": _adaptive(dims) for sort in ("avg", "max") for dims in (1, 2, 3)},
    "upsample_nearest": _each_twice,
    "batch_norm": _least_rank(1),
    "layer_norm": _over_last,
    "rms_norm": _over_last,
    "group_norm": _least_rank(1, num_groups=1),
    "instance_norm": _least_rank(2),
    "softmax": _least_rank(1, dim=-1),
    "log_softmax": _least_rank(1, dim=-1),
    **{kind: _least_rank(2, dim=[-1]) for kind in ("mean", "sum", "amax", "amin")},
    "flatten": _least_rank(2),
    "transpose": _transpose,
    "pixel_shuffle": _shuffle,
    **{kind: _least_rank(0, **options) for kind, options in ELEMENTWISE.items()},
}
_OF_WHOLE_NUMBERS: Mapping[str, Callable[[Shape], Fields | None]] = {
    "embedding": lambda shape: {"num_embeddings": 16, "embedding_dim": 8},
}
PROPOSED = (*_OF_FRACTIONS, *_OF_WHOLE_NUMBERS)
"""The kinds of which there are proposals. Any other may be added too, by whoever says all of its options."""


def proposed(kind: str, shape: Shape, dtype: torch.dtype) -> Fields | None:
    """Options and sizes for a layer of this kind that takes a tensor of this shape, without the batch.

    None where there is nothing to propose; whether the layers after it go on to fit is not asked.
    """
    known = _OF_FRACTIONS if dtype.is_floating_point else _OF_WHOLE_NUMBERS
    return known[kind](shape) if kind in known else None
