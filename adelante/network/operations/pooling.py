"""Pooling: a choice (max) or a mean (average) of a window's cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from adelante.network.explanation import Explanation
from adelante.network.operations.operation import (
    Index,
    Operand,
    Operation,
    Shape,
    cells_part,
    number,
)
from adelante.network.operations.windows import Ints, covered, each, positions


def _in_channel(at: Index, dims: int, places: Tensor) -> Tensor:
    """(n, rank): a window's places, in the batch element and channel of `at`."""
    fixed = torch.tensor([at[: len(at) - dims]], dtype=torch.long).expand(len(places), -1)
    return torch.cat((fixed, places), 1)


@dataclass(frozen=True)
class _MaxPool(Operation):
    FORM = "choice"
    DIMS: ClassVar[int]

    kernel_size: Ints
    stride: Ints | None = None
    padding: Ints = 0
    dilation: Ints = 1
    ceil_mode: bool = False

    def run(self, *operands: Tensor) -> Tensor:
        function: Any = F.max_pool1d if self.DIMS == 1 else F.max_pool2d
        result: Tensor = function(
            operands[0], self.kernel_size, self.stride, self.padding, self.dilation, ceil_mode=self.ceil_mode
        )
        return result

    def cost(self, shapes: Sequence[Shape], result: Shape) -> int:
        return prod(result) * prod(each(self.kernel_size, self.DIMS))

    def stand_in(self, *operands: Tensor) -> Tensor:
        """The sum of each window: a convolution of ones, since average pooling has no dilation."""
        x = operands[0].flatten(0, -self.DIMS - 1).unsqueeze(1)
        kernel = each(self.kernel_size, self.DIMS)
        stride = self.stride if self.stride is not None else self.kernel_size
        missing = self._missing(operands[0].shape[-self.DIMS :])
        padded = F.pad(x, [side for more in reversed(missing) for side in (0, more)])
        function: Any = F.conv1d if self.DIMS == 1 else F.conv2d
        ones = torch.ones((1, 1, *kernel), dtype=x.dtype)
        summed: Tensor = function(padded, ones, None, stride, self.padding, self.dilation)
        result = self.run(operands[0])
        sizes = result.shape[-self.DIMS :]
        within: tuple[slice, ...] = tuple(slice(0, size) for size in sizes)
        return summed[(slice(None), slice(0, 1), *within)].reshape(result.shape)

    def _missing(self, shape: Sequence[int]) -> list[int]:
        """How far the last window of ceil_mode may reach past the end."""
        kernel, dilation = each(self.kernel_size, self.DIMS), each(self.dilation, self.DIMS)
        return [d * (k - 1) + 1 if self.ceil_mode else 0 for k, d in zip(kernel, dilation, strict=True)]

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        stride = self.stride if self.stride is not None else self.kernel_size
        shape = operands[0].value.shape[-self.DIMS :]
        options = (self.kernel_size, stride, self.padding, self.dilation)
        sides = [
            positions(out, size, *given)
            for out, size, *given in zip(
                at[-self.DIMS :], shape, *(each(option, self.DIMS) for option in options), strict=True
            )
        ]
        part = cells_part(operands[0], _in_channel(at, self.DIMS, covered(sides)[0]))
        chosen = int(part.values.argmax())
        return Explanation(result.name, at, number(result.value, at), "choice", (part,), chosen=chosen)


@dataclass(frozen=True)
class MaxPool1d(_MaxPool):
    """The largest cell of a window along one dimension."""

    KIND = "max_pool1d"
    DIMS = 1


@dataclass(frozen=True)
class MaxPool2d(_MaxPool):
    """The largest cell of a window of a picture."""

    KIND = "max_pool2d"
    DIMS = 2


@dataclass(frozen=True)
class _AvgPool(Operation):
    FORM = "sum"
    DIMS: ClassVar[int]

    kernel_size: Ints
    stride: Ints | None = None
    padding: Ints = 0
    ceil_mode: bool = False
    count_include_pad: bool = True

    def run(self, *operands: Tensor) -> Tensor:
        function: Any = F.avg_pool1d if self.DIMS == 1 else F.avg_pool2d
        result: Tensor = function(
            operands[0], self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad
        )
        return result

    def cost(self, shapes: Sequence[Shape], result: Shape) -> int:
        return prod(result) * prod(each(self.kernel_size, self.DIMS))

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        kernel = each(self.kernel_size, self.DIMS)
        stride = each(self.stride if self.stride is not None else self.kernel_size, self.DIMS)
        padding = each(self.padding, self.DIMS)
        shape = operands[0].value.shape[-self.DIMS :]
        sides, counted = [], 1
        for d, out in enumerate(at[-self.DIMS :]):
            sides.append(positions(out, shape[d], kernel[d], stride[d], padding[d], 1))
            # With ceil_mode a window may begin inside the padding and end past it: that far it counts.
            begin = out * stride[d] - padding[d]
            counted *= min(begin + kernel[d], shape[d] + padding[d]) - begin
        places = covered(sides)[0]
        part = cells_part(operands[0], _in_channel(at, self.DIMS, places))
        scale = 1.0 / (counted if self.count_include_pad else max(len(places), 1))
        return Explanation(result.name, at, number(result.value, at), "sum", (part,), {"scale": scale})


@dataclass(frozen=True)
class AvgPool1d(_AvgPool):
    """The mean of a window along one dimension."""

    KIND = "avg_pool1d"
    DIMS = 1


@dataclass(frozen=True)
class AvgPool2d(_AvgPool):
    """The mean of a window of a picture."""

    KIND = "avg_pool2d"
    DIMS = 2


@dataclass(frozen=True)
class _AdaptivePool(Operation):
    DIMS: ClassVar[int]
    FUNCTION: ClassVar[Any]
    STAND_IN: ClassVar[Any] = None

    output_size: tuple[int | None, ...]

    def run(self, *operands: Tensor) -> Tensor:
        result: Tensor = self.FUNCTION(operands[0], self.output_size if self.DIMS > 1 else self.output_size[0])
        return result

    def cost(self, shapes: Sequence[Shape], result: Shape) -> int:
        return max(prod(shapes[0]), prod(result))

    def parts(self, shapes: Sequence[Shape], result: Shape) -> int:
        sides = zip(shapes[0][-self.DIMS :], result[-self.DIMS :], strict=True)
        return prod(size // max(1, wanted) + 2 for size, wanted in sides)

    def stand_in(self, *operands: Tensor) -> Tensor:
        function = self.STAND_IN or self.FUNCTION
        result: Tensor = function(operands[0], self.output_size if self.DIMS > 1 else self.output_size[0])
        return result

    def _places(self, at: Index, inputs: Operand, result: Operand) -> Tensor:
        sides = []
        for d in range(-self.DIMS, 0):
            size, wanted, out = inputs.value.shape[d], result.value.shape[d], at[len(at) + d]
            sides.append(torch.arange(out * size // wanted, -(-(out + 1) * size // wanted)))
        return _in_channel(at, self.DIMS, covered(sides)[0])

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        part = cells_part(operands[0], self._places(at, operands[0], result))
        value = number(result.value, at)
        if self.FORM == "choice":
            return Explanation(result.name, at, value, "choice", (part,), chosen=int(part.values.argmax()))
        return Explanation(result.name, at, value, "sum", (part,), {"scale": 1.0 / len(part)})


@dataclass(frozen=True)
class AdaptiveAvgPool1d(_AdaptivePool):
    """The mean of one of `output_size` stretches."""

    KIND, FORM, DIMS, FUNCTION = "adaptive_avg_pool1d", "sum", 1, staticmethod(F.adaptive_avg_pool1d)


@dataclass(frozen=True)
class AdaptiveAvgPool2d(_AdaptivePool):
    """The mean of one of `output_size` rectangles."""

    KIND, FORM, DIMS, FUNCTION = "adaptive_avg_pool2d", "sum", 2, staticmethod(F.adaptive_avg_pool2d)


@dataclass(frozen=True)
class AdaptiveMaxPool1d(_AdaptivePool):
    """The largest of one of `output_size` stretches."""

    STAND_IN = staticmethod(F.adaptive_avg_pool1d)
    KIND, FORM, DIMS, FUNCTION = "adaptive_max_pool1d", "choice", 1, staticmethod(F.adaptive_max_pool1d)


@dataclass(frozen=True)
class AdaptiveMaxPool2d(_AdaptivePool):
    """The largest of one of `output_size` rectangles."""

    STAND_IN = staticmethod(F.adaptive_avg_pool2d)
    KIND, FORM, DIMS, FUNCTION = "adaptive_max_pool2d", "choice", 2, staticmethod(F.adaptive_max_pool2d)
