"""What a new layer may be where a tensor of some shape is: kinds with the options and sizes that fit it."""

from collections.abc import Callable, Mapping
from typing import Any

import torch

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


def _pool(dims: int) -> Callable[[Shape], Fields | None]:
    return lambda shape: {"kernel_size": 2} if len(shape) == dims + 1 and min(shape[1:]) > 1 else None


def _adaptive(dims: int) -> Callable[[Shape], Fields | None]:
    return lambda shape: {"output_size": 1 if dims == 1 else [1] * dims} if len(shape) == dims + 1 else None


def _least_rank(rank: int, **fields: Any) -> Callable[[Shape], Fields | None]:
    return lambda shape: dict(fields) if len(shape) >= rank else None


def _over_last(shape: Shape) -> Fields | None:
    return {"normalized_shape": [shape[-1]]} if shape else None


def _transpose(shape: Shape) -> Fields | None:
    # Counted from the end, so that the batch need not be thought of.
    return {"dim0": -2, "dim1": -1} if len(shape) >= 2 else None


def _shuffle(shape: Shape) -> Fields | None:
    return {"upscale_factor": 2} if len(shape) == 3 and shape[0] % 4 == 0 else None


_OF_FRACTIONS: Mapping[str, Callable[[Shape], Fields | None]] = {
    "dense": _dense,
    **{f"conv{dims}d": _convolution(dims) for dims in (1, 2, 3)},
    **{f"max_pool{dims}d": _pool(dims) for dims in (1, 2, 3)},
    **{f"avg_pool{dims}d": _pool(dims) for dims in (1, 2, 3)},
    **{f"adaptive_avg_pool{dims}d": _adaptive(dims) for dims in (1, 2, 3)},
    "batch_norm": _least_rank(1),
    "layer_norm": _over_last,
    "rms_norm": _over_last,
    "group_norm": _least_rank(1, num_groups=1),
    "instance_norm": _least_rank(2),
    "relu": _least_rank(0),
    "tanh": _least_rank(0),
    "sigmoid": _least_rank(0),
    "gelu": _least_rank(0),
    "silu": _least_rank(0),
    "softmax": _least_rank(1, dim=-1),
    "log_softmax": _least_rank(1, dim=-1),
    "mean": _least_rank(2, dim=[-1]),
    "amax": _least_rank(2, dim=[-1]),
    "flatten": _least_rank(2),
    "transpose": _transpose,
    "pixel_shuffle": _shuffle,
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
