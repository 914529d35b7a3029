"""What a new layer may be where a tensor of some shape is: kinds with the options and sizes that fit it."""

from collections.abc import Callable, Mapping
from math import isqrt
from operator import eq
from typing import Any

from adelante.network.edits import Ground
from adelante.network.edits.fitting import Metas
from adelante.network.operations.functions import FUNCTIONS
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


def _rank(rank: int, **fields: Any) -> Callable[[Shape], Fields | None]:
    return lambda shape: dict(fields) if len(shape) == rank else None


def _reduced(**fields: Any) -> Callable[[Shape], Fields | None]:
    # What would leave one number without a dimension keeps it: the next layer takes a row.
    return lambda shape: {**fields, "keepdim": len(shape) == 1} if shape else None


def _each_twice(shape: Shape) -> Fields | None:
    return {"scale_factor": [2.0] * (len(shape) - 1)} if 2 <= len(shape) <= 4 else None


def _over_last(shape: Shape) -> Fields | None:
    return {"normalized_shape": [shape[-1]]} if shape else None


def _in_two(shape: Shape) -> Fields | None:
    """As near to a square as the last dimension can be written."""
    if not shape or shape[-1] < 2:
        return None
    rows = next(rows for rows in range(isqrt(shape[-1]), 0, -1) if shape[-1] % rows == 0)
    return {"dim": -1, "sizes": [rows, shape[-1] // rows]}


def _first_half(shape: Shape) -> Fields | None:
    return {"dim": -1, "end": shape[-1] // 2} if shape and shape[-1] > 1 else None


def _single(shape: Shape) -> Fields | None:
    """The last dimension of one."""
    return next(({"dim": [at - len(shape)]} for at in reversed(range(len(shape))) if shape[at] == 1), None)


def _windows(shape: Shape) -> Fields | None:
    return {"dim": -1, "size": 2, "step": 1} if shape and shape[-1] > 1 else None


def _unfold(shape: Shape) -> Fields | None:
    return {"kernel_size": [2, 2]} if len(shape) == 3 and min(shape[1:]) > 1 else None


def _transpose(shape: Shape) -> Fields | None:
    # Counted from the end, so that the batch need not be thought of.
    return {"dim0": -2, "dim1": -1} if len(shape) >= 2 else None


def _along_channels(shape: Shape) -> Fields | None:
    # Of maps one after the other; of all else along the numbers of each row.
    return {"dim": -len(shape) if len(shape) > 2 else -1} if shape else None


def _shuffle(shape: Shape) -> Fields | None:
    return {"upscale_factor": 2} if len(shape) == 3 and shape[0] % 4 == 0 else None


# Of fractions they give truth values, or are for whole numbers alone: what follows takes fractions.
_OF_TRUTHS = frozenset(
    ("logical_not", "bitwise_not", "isnan", "isinf", "isfinite", "eq", "ne", "lt", "le", "gt", "ge", "identity")
)
ELEMENTWISE: Mapping[str, Fields] = {
    kind: {"min": 0.0, "max": 1.0} if kind == "clamp" else {} for kind in FUNCTIONS if kind not in _OF_TRUTHS
}
"""Functions of one number: they fit wherever fractions are, and leave the shape as it is."""
JOINING: Mapping[str, Callable[[Shape], Fields | None]] = {
    **{kind: _least_rank(0) for kind in ("add", "sub", "mul", "div", "maximum", "minimum")},
    "cat": _along_channels,
    "matmul": _least_rank(2),
}
"""What takes a second tensor from further back: a residual connection, a gate, a skip, a product of both."""
_OF_FRACTIONS: Mapping[str, Callable[[Shape], Fields | None]] = {
    "dense": _dense,
    **{f"conv{dims}d": _convolution(dims) for dims in (1, 2, 3)},
    **{f"conv_transpose{dims}d": _twice_as_large(dims) for dims in (1, 2, 3)},
    **JOINING,
    **{f"{sort}_pool{dims}d": _pool(dims) for sort in ("max", "avg") for dims in (1, 2, 3)},
    **{f"adaptive_{sort}_pool{dims}d": _adaptive(dims) for sort in ("avg", "max") for dims in (1, 2, 3)},
    "upsample_nearest": _each_twice,
    "upsample_bilinear2d": _rank(3, scale_factor=[2.0, 2.0]),
    "batch_norm": _least_rank(1),
    "layer_norm": _over_last,
    "rms_norm": _over_last,
    "group_norm": _least_rank(1, num_groups=1),
    "instance_norm": _least_rank(2),
    "softmax": _least_rank(1, dim=-1),
    "log_softmax": _least_rank(1, dim=-1),
    "prelu": _least_rank(0, num_parameters=1),
    **{kind: _reduced(dim=[-1]) for kind in ("mean", "sum", "amax", "amin")},
    "prod": _reduced(dim=-1),
    **{kind: _least_rank(1, dim=-1) for kind in ("cumsum", "cumprod", "cummax", "cummin")},
    "flatten": _least_rank(2),
    "unflatten": _in_two,
    "squeeze": _single,
    "unsqueeze": _least_rank(1, dim=-1),
    "transpose": _transpose,
    "select": _least_rank(2, dim=-2, index=0),
    "slice": _first_half,
    "flip": _least_rank(1, dims=[-1]),
    "roll": _least_rank(1, shifts=[1], dims=[-1]),
    "repeat_interleave": _least_rank(1, repeats=2, dim=-1),
    "pad": _least_rank(1, pad=[1, 1]),
    "tril": _least_rank(2),
    "triu": _least_rank(2),
    "diagonal": _least_rank(2, dim1=-2, dim2=-1),
    "windows": _windows,
    "unfold": _unfold,
    "pixel_shuffle": _shuffle,
    **{kind: _least_rank(0, **options) for kind, options in ELEMENTWISE.items()},
}
_OF_WHOLE_NUMBERS: Mapping[str, Callable[[Shape], Fields | None]] = {
    "embedding": _least_rank(0, num_embeddings=16, embedding_dim=8),
    "cast": _least_rank(0, dtype="float32"),
}
PROPOSED = (*_OF_FRACTIONS, *_OF_WHOLE_NUMBERS)
"""The kinds of which there are proposals. Any other may be added too, by whoever says all of its options."""


def proposed(kind: str, ground: Ground, after: int, taken: str) -> Fields | None:
    """Options and sizes for a layer of this kind after this one, −1: the input; and the second tensor that it takes.

    `taken` is the tensor that it takes first. None where there is nothing to propose; whether the layers after it go on
    to fit is not asked.
    """
    own = ground.metas[taken]
    known = _OF_FRACTIONS if own[0].dtype.is_floating_point else _OF_WHOLE_NUMBERS
    found = known[kind](ground.one_input(own)) if kind in known else None
    if found is None or kind not in JOINING:
        return found
    others = partners(kind, ground, after, taken)
    return {**found, "inputs": others[:1]} if others else None


def partners(kind: str, ground: Ground, after: int, taken: str) -> list[str]:
    """The tensors that a layer after this one may take beside the one it takes, the nearest first; none where it takes
    one alone."""
    if kind not in JOINING:
        return []
    network, own = ground.network, ground.metas[taken]
    before = [*(each.name for each in network.inputs), *(layer.nodes[-1] for layer in network.layers[: after + 1])]
    fits = _multiplied if kind == "matmul" else eq
    return [name for name in reversed(before) if name != taken and fits(ground.metas[name], own)]


def _multiplied(other: Metas, own: Metas) -> bool:
    """Whether the rows of one and the columns of the other are as long."""
    pairs = [(a.shape, b.shape) for a, b in zip(own, other, strict=True)]
    fits = all(len(a) == len(b) and a[:-2] == b[:-2] and a[-1] == b[-2] for a, b in pairs)
    return fits and own[0].dtype == other[0].dtype
