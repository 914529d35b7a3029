"""One module for each of the domain's modules of operations; importing them fills the tables of `rules`."""

from adelante.code.kinds import (
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

__all__ = [
    "arithmetic",
    "choices",
    "conv",
    "dense",
    "functions",
    "lookups",
    "made",
    "matmul",
    "moves",
    "norms",
    "pictures",
    "pooling",
    "reductions",
    "resize",
    "slices",
    "softmax",
]
