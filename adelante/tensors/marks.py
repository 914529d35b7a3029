"""One rule for uninitialised cells: what is computed from one is uninitialised too, whatever its number may be.

Each function does to marks (bool tensors of the arguments' shapes) what its operation does to numbers: a cell of the
result is marked where any cell that it is computed from is. Multiplying by zero does not clear a mark: 0 · NaN is NaN.
"""

from typing import Any

import torch
from torch import Tensor


def none(*arguments: Any, **keywords: Any) -> Tensor:
    """Everything is written anew."""
    return torch.tensor(False)


def same(unknown: Tensor) -> Tensor:
    """Cell by cell: clone, exp, sigmoid."""
    return unknown


def either(left: Tensor | float, right: Tensor | float) -> Tensor:
    """Cell by cell, broadcast: add, mul. A plain number counts as known."""
    known = torch.tensor(False)
    return (left if isinstance(left, Tensor) else known) | (right if isinstance(right, Tensor) else known)


def reshaped(unknown: Tensor, shape: tuple[int, ...]) -> Tensor:
    """The same cells, in order, in another shape."""
    return unknown.reshape(shape)


def summed(unknown: Tensor, *dimensions: Any, **keywords: Any) -> Tensor:
    """A sum over any marked cell is marked."""
    return unknown.sum(*dimensions, **keywords) > 0


def product(left: Tensor, right: Tensor) -> Tensor:
    """A marked cell of the first marks its row of the product, one of the second its column."""
    # Counted in float64: matrix products of integers are slow, and of bool not there at all.
    left, right = left.double(), right.double()
    return (torch.matmul(left, torch.ones_like(right)) + torch.matmul(torch.ones_like(left), right)) > 0
