"""The table of ATen's operations that are known, and what every translation needs."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import torch

from adelante.network.network import Batch
from adelante.network.operations import (
    Operation,
    moves,
)
from adelante.network.operations.operation import Size

DTYPE_NAMES = {dtype: name for name, dtype in moves.DTYPES.items()}


class Builder(Protocol):
    """What a translation may ask of the graph that it adds to. A tensor is its name; the rest are plain values."""

    @property
    def batch(self) -> Batch:
        """What the network is to take."""

    def emit(self, operation: Operation, *operands: str) -> str:
        """A node of this operation; its result's name."""

    def shape(self, tensor: str) -> tuple[Size, ...]:
        """A tensor's shape, as the export knows it."""

    def dtype(self, tensor: str) -> torch.dtype:
        """A tensor's dtype."""

    def operation(self, tensor: str) -> Operation | None:
        """The operation that gives a tensor; None of an input or a parameter."""

    def has_gradient(self, tensor: str) -> bool:
        """Whether a gradient can get through a tensor to an input or a parameter."""

    def own_weights(self, tensor: str) -> str | None:
        """The transposed parameter, where the tensor is a parameter that only linear layers use; else None."""

    def own_slopes(self, tensor: str, rank: int) -> str | None:
        """The parameter of one slope a channel, shaped for maps of this rank, where only PReLU uses it; else None."""


class Refused(Exception):
    """Says why what a call asks for is not in the closed list."""


Translation = Callable[..., Any]
T = TypeVar("T", bound=Translation)
ATEN: dict[str, Translation] = {}


def stands_for(*names: str) -> Callable[[T], T]:
    """Registers a translation under these names of ATen's, without namespace and overload."""

    def register(translation: T) -> T:
        for name in names:
            ATEN[name] = translation
        return translation

    return register


def given(*operands: str | None) -> tuple[str, ...]:
    return tuple(each for each in operands if each is not None)


def ints(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | tuple) else value


def dims_of(dim: Any) -> tuple[int, ...] | None:
    if dim is None or dim == []:
        return None
    return tuple(dim) if isinstance(dim, list | tuple) else (dim,)


def cast(b: Builder, x: str, dtype: Any) -> str:
    if not isinstance(dtype, torch.dtype) or dtype == b.dtype(x):
        return x
    return b.emit(moves.Cast(dtype_name(dtype)), x)


def dtype_name(dtype: torch.dtype | None) -> str:
    if dtype is None:
        return "float32"
    if dtype not in DTYPE_NAMES:
        raise Refused(f"numbers of type {dtype}")
    return DTYPE_NAMES[dtype]
