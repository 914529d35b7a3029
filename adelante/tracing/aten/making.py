"""ATen's operations that make tensors."""

from collections.abc import Sequence
from typing import Any

import torch

from adelante.network.operations import (
    PerBatch,
    made,
)
from adelante.network.operations.operation import Size
from adelante.tracing.aten.registry import (
    Builder,
    cast,
    dtype_name,
    stands_for,
)
from adelante.tracing.aten.shapes import expand_to


@stands_for("fill", "fill_")
def _fill(b: Builder, x: str, value: Any) -> str:
    if isinstance(value, str):
        return _copy(b, x, value)
    return _full_like(b, x, value)


@stands_for("copy", "copy_")
def _copy(b: Builder, x: str, src: str, non_blocking: bool = False) -> str:
    return expand_to(b, cast(b, src, b.dtype(x)), b.shape(x))


@stands_for("full")
def _full(b: Builder, size: Sequence[Size], value: float, *, dtype: Any = None, **_: Any) -> str:
    if dtype is None and isinstance(value, bool | int):
        dtype = torch.bool if isinstance(value, bool) else torch.int64
    return b.emit(made.Full(tuple(size), value, dtype_name(dtype)))


@stands_for("zeros", "empty")
def _zeros(b: Builder, size: Sequence[Size], *, dtype: Any = None, **_: Any) -> str:
    return b.emit(made.Full(tuple(size), 0.0, dtype_name(dtype)))


@stands_for("ones")
def _ones(b: Builder, size: Sequence[Size], *, dtype: Any = None, **_: Any) -> str:
    return b.emit(made.Full(tuple(size), 1.0, dtype_name(dtype)))


@stands_for("full_like")
def _full_like(b: Builder, x: str, value: float, *, dtype: Any = None, **_: Any) -> str:
    return b.emit(made.Full(b.shape(x), value, dtype_name(dtype or b.dtype(x))))


@stands_for("zeros_like", "empty_like")
def _zeros_like(b: Builder, x: str, *, dtype: Any = None, **_: Any) -> str:
    return _full_like(b, x, 0.0, dtype=dtype)


@stands_for("ones_like")
def _ones_like(b: Builder, x: str, *, dtype: Any = None, **_: Any) -> str:
    return _full_like(b, x, 1.0, dtype=dtype)


@stands_for("new_zeros", "new_empty")
def _new_zeros(b: Builder, x: str, size: Sequence[Size], *, dtype: Any = None, **_: Any) -> str:
    return _zeros(b, size, dtype=dtype or b.dtype(x))


@stands_for("new_ones")
def _new_ones(b: Builder, x: str, size: Sequence[Size], *, dtype: Any = None, **_: Any) -> str:
    return _ones(b, size, dtype=dtype or b.dtype(x))


@stands_for("new_full")
def _new_full(b: Builder, x: str, size: Sequence[Size], value: float, *, dtype: Any = None, **_: Any) -> str:
    return _full(b, size, value, dtype=dtype or b.dtype(x))


@stands_for("arange")
def _arange(b: Builder, *given: Any, dtype: Any = None, **_: Any) -> str:
    start, end, step = (0, given[0], 1) if len(given) == 1 else (*given, 1)[:3]
    if dtype is None:
        dtype = torch.float32 if any(isinstance(each, float) for each in (start, end, step)) else torch.int64
    return b.emit(made.Arange(start, (end,) if isinstance(end, PerBatch) else end, step, dtype_name(dtype)))


@stands_for("scalar_tensor")
def _scalar_tensor(b: Builder, value: float, *, dtype: Any = None, **_: Any) -> str:
    return b.emit(made.ScalarTensor(value, dtype_name(dtype)))
