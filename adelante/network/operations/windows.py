"""Which cells a window covers: what convolutions and poolings have in common, one dimension at a time."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

Ints = int | tuple[int, ...]


def each(value: Ints, dims: int) -> tuple[int, ...]:
    """One number for each dimension."""
    if isinstance(value, int):
        return (value,) * dims
    return tuple(value) * dims if len(value) == 1 else tuple(value)


def positions(
    out: int, size: int, kernel: int, stride: int, padding: int, dilation: int, mode: str = "zeros"
) -> Tensor:
    """(kernel,): the indices along one dimension under the window that gives element `out`; −1 where it is padding."""
    there = out * stride - padding + torch.arange(kernel) * dilation
    if mode == "zeros":
        return torch.where((there >= 0) & (there < size), there, -1)
    padded = F.pad(
        torch.arange(float(size)).reshape(1, 1, -1), (padding, padding), mode="constant" if mode == "zeros" else mode
    )
    return padded.reshape(-1).long()[there + padding]


def covered(sides: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Where each element of a window lies, and its place in the window.

    `sides` are the positions along each dimension. Gives (n, dims) indices into the tensor and (n, dims) indices into
    the window, without the elements that are padding.
    """
    places = torch.stack([axis.reshape(-1) for axis in torch.meshgrid(*sides, indexing="ij")], 1)
    kernel = [torch.arange(len(side)) for side in sides]
    within = torch.stack([axis.reshape(-1) for axis in torch.meshgrid(*kernel, indexing="ij")], 1)
    inside = (places >= 0).all(1)
    return places[inside], within[inside]
