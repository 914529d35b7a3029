"""Which cells a window covers: what convolutions and poolings have in common, one dimension at a time."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from adelante.network.operations.operation import Index, grid

Ints = int | tuple[int, ...]


def each(value: Ints, dims: int) -> tuple[int, ...]:
    """One number for each dimension."""
    if isinstance(value, int):
        return (value,) * dims
    return tuple(value) * dims if len(value) == 1 else tuple(value)


def positions(
    out: int, size: int, kernel: int, stride: int, padding: tuple[int, int], dilation: int, mode: str = "zeros"
) -> Tensor:
    """(kernel,): the indices along one dimension under the window that gives element `out`; −1 where it is padding.

    `padding` is how much stands before and after; `mode` is what stands there, by the names of torch.nn's padding_mode.
    """
    before, _ = padding
    there = out * stride + torch.arange(kernel) * dilation
    if mode == "zeros":
        return torch.where((there >= before) & (there < size + before), there - before, -1)
    padded = F.pad(torch.arange(float(size)).reshape(1, 1, -1), padding, mode=mode)
    return padded.reshape(-1).long()[there]


def reached(out: int, size: int, kernel: int, stride: int, padding: int, dilation: int) -> Tensor:
    """(kernel,): of a transposed convolution, the input whose kernel element lands on `out`; −1 where none does."""
    from_here = out + padding - torch.arange(kernel) * dilation
    there = torch.div(from_here, stride, rounding_mode="floor")
    return torch.where((from_here % stride == 0) & (there >= 0) & (there < size), there, -1)


def covered(sides: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Where each element of a window lies, and its place in the window.

    `sides` are the positions along each dimension. Gives (n, dims) indices into the tensor and (n, dims) indices into
    the window, without the elements that are padding.
    """
    places = grid(*sides)
    within = grid(*(torch.arange(len(side)) for side in sides))
    inside = (places >= 0).all(1)
    return places[inside], within[inside]


def in_channel(at: Index, dims: int, places: Tensor) -> Tensor:
    """(n, rank): a window's places, in the batch element and channel of `at`."""
    fixed = torch.tensor([at[: len(at) - dims]], dtype=torch.long).expand(len(places), -1)
    return torch.cat((fixed, places), 1)
