"""What a name of the model stands for: numbers of the pass, numbers that the file says, or sizes."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from adelante.formats.onnx.refusals import Refused
from adelante.network.operations import PerBatch
from adelante.network.operations.operation import Size
from adelante.network.shapes import Meta

Sizes = tuple[Size, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """A tensor: `constant` where the file says its numbers; `sizes` where they are sizes that grow with the batch.

    `metas` are its shape and dtype in a pass of each of the builder's batches; sizes have rank 0 or 1.
    """

    name: str
    metas: tuple[Meta, ...]
    constant: Tensor | None = None
    sizes: Sizes | None = None

    @property
    def dtype(self) -> torch.dtype:
        """Its dtype."""
        return self.metas[0].dtype

    @property
    def rank(self) -> int:
        """How many dimensions it has."""
        return len(self.metas[0].shape)

    @property
    def floating(self) -> bool:
        """Whether it holds fractions."""
        return self.dtype.is_floating_point


def dimension(axis: int, rank: int) -> int:
    """A dimension counted from the front. Raises Refused where there is none."""
    if not -rank <= axis < rank:
        raise Refused("onnx-attribute", attribute="axis", value=str(axis))
    return axis % rank


def places_in(indices: Tensor, size: int) -> Tensor:
    """Places along a dimension of this size, counted from its front. Raises Refused where one is not there."""
    if bool(((indices < -size) | (indices >= size)).any()):
        raise Refused("onnx-attribute", attribute="indices", value=str(indices.reshape(-1)[:10].tolist()))
    return indices % size


def between(batches: Sequence[int], sizes: Sequence[int]) -> Size:
    """The size that is these in passes of these batches."""
    if len(set(sizes)) == 1:
        return sizes[0]
    times, rest = divmod(sizes[1] - sizes[0], batches[1] - batches[0])
    if rest:
        raise Refused("onnx-of-batch")
    return PerBatch(times, sizes[0] - times * batches[0])


def times_and_plus(size: Size) -> tuple[int, int]:
    """How it grows with the batch, and what it is beside that."""
    return (size.times, size.plus) if isinstance(size, PerBatch) else (0, size)


def size_of(times: int, plus: int) -> Size:
    """The size that grows so."""
    return PerBatch(times, plus) if times else plus


def added(a: Size, b: Size, sign: int = 1) -> Size:
    """a + b, or a − b."""
    (x, m), (y, n) = times_and_plus(a), times_and_plus(b)
    return size_of(x + sign * y, m + sign * n)


def multiplied(a: Size, b: Size) -> Size:
    """a · b, of which one has to be fixed."""
    (x, m), (y, n) = times_and_plus(a), times_and_plus(b)
    if x and y:
        raise Refused("onnx-of-batch")
    return size_of(x * n + y * m, m * n)


def divided(a: Size, b: Size) -> Size:
    """a / b, where it leaves nothing over for any batch."""
    (x, m), (y, n) = times_and_plus(a), times_and_plus(b)
    if y:
        # The one grows as the other does: their ratio is fixed.
        ratio = x // y
        if ratio * y == x and ratio * n == m:
            return ratio
        raise Refused("onnx-of-batch")
    if n == 0 or x % n or m % n:
        if not x and n:
            return int(m / n)
        raise Refused("onnx-of-batch")
    return size_of(x // n, m // n)


def product(sizes: Sequence[Size]) -> Size:
    """All of them multiplied."""
    found: Size = 1
    for each in sizes:
        found = multiplied(found, each)
    return found
