"""Pooling: a choice (max) or a mean (average) of a window's cells."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from adelante.network.explanation import Explanation
from adelante.network.operations.operation import Index, Operand, Operation, Shape, cells_part, number
from adelante.network.operations.windows import Ints, covered, each, in_channel, positions


@dataclass(frozen=True)
class _Pool(Operation):
    """What all poolings share: `DIMS` dimensions at the end, `FUNCTIONS` torch's for one, two and three of them."""

    DIMS: ClassVar[int]
    FUNCTIONS: ClassVar[tuple[Any, ...]]

    def _sides(self, at: Index, shape: Sequence[int], result: Sequence[int]) -> list[Tensor]:
        """The indices under the window of `at`, along each dimension; −1 where it is padding."""
        raise NotImplementedError

    def _scale(self, at: Index, shape: Sequence[int], places: int) -> float:
        """What the window's sum is multiplied by to be its mean."""
        return 1.0 / max(places, 1)

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        shape = operands[0].value.shape[-self.DIMS :]
        places = covered(self._sides(at[-self.DIMS :], shape, result.value.shape[-self.DIMS :]))[0]
        part = cells_part(operands[0], in_channel(at, self.DIMS, places))
        value = number(result.value, at)
        if self.FORM == "choice":
            return Explanation(result.name, at, value, "choice", (part,), chosen=int(part.values.argmax()))
        scale = self._scale(at[-self.DIMS :], shape, len(part))
        return Explanation(result.name, at, value, "sum", (part,), {"scale": scale})


@dataclass(frozen=True)
class _Windowed(_Pool):
    """A window of `kernel_size` that moves by `stride`, its own size if that is left out."""

    kernel_size: Ints
    stride: Ints | None = None
    padding: Ints = 0

    def cost(self, shapes: Sequence[Shape], result: Shape) -> int:
        return prod(result) * prod(each(self.kernel_size, self.DIMS))

    def _window(self) -> list[tuple[int, int, int]]:
        """Kernel, stride and padding along each dimension."""
        stride = self.kernel_size if self.stride is None else self.stride
        return list(zip(*(each(option, self.DIMS) for option in (self.kernel_size, stride, self.padding)), strict=True))

    def _dilation(self) -> tuple[int, ...]:
        return (1,) * self.DIMS

    def _sides(self, at: Index, shape: Sequence[int], result: Sequence[int]) -> list[Tensor]:
        return [
            positions(out, size, kernel, stride, (padding, padding), dilation)
            for out, size, (kernel, stride, padding), dilation in zip(
                at, shape, self._window(), self._dilation(), strict=True
            )
        ]


@dataclass(frozen=True)
class _MaxPool(_Windowed):
    FORM = "choice"
    FUNCTIONS: ClassVar[tuple[Any, ...]] = (F.max_pool1d, F.max_pool2d, F.max_pool3d)

    dilation: Ints = 1
    ceil_mode: bool = False

    def run(self, *operands: Tensor) -> Tensor:
        window = (self.kernel_size, self.stride, self.padding, self.dilation)
        result: Tensor = self.FUNCTIONS[self.DIMS - 1](operands[0], *window, ceil_mode=self.ceil_mode)
        return result

    def _dilation(self) -> tuple[int, ...]:
        return each(self.dilation, self.DIMS)

    def stand_in(self, *operands: Tensor) -> Tensor:
        """The sum of each window: a convolution of ones, since average pooling has no dilation."""
        inputs = operands[0]
        x = inputs.flatten(0, -self.DIMS - 1).unsqueeze(1)
        kernel, stride, padding = (list(side) for side in zip(*self._window(), strict=True))
        # The last window of ceil_mode may reach past the end.
        more = [d * (k - 1) + 1 if self.ceil_mode else 0 for k, d in zip(kernel, self._dilation(), strict=True)]
        padded = F.pad(x, [side for after in reversed(more) for side in (0, after)])
        function: Any = (F.conv1d, F.conv2d, F.conv3d)[self.DIMS - 1]
        ones = torch.ones((1, 1, *kernel), dtype=x.dtype, device=x.device)
        summed: Tensor = function(padded, ones, None, stride, padding, self.dilation)
        result = self.run(inputs)
        within = tuple(slice(0, size) for size in result.shape[-self.DIMS :])
        return summed[(slice(None), slice(0, 1), *within)].reshape(result.shape)


@dataclass(frozen=True)
class MaxPool1d(_MaxPool):
    """The largest cell of a window along one dimension."""

    KIND, DIMS = "max_pool1d", 1


@dataclass(frozen=True)
class MaxPool2d(_MaxPool):
    """The largest cell of a window of a picture."""

    KIND, DIMS = "max_pool2d", 2


@dataclass(frozen=True)
class MaxPool3d(_MaxPool):
    """The largest cell of a window of a volume."""

    KIND, DIMS = "max_pool3d", 3


@dataclass(frozen=True)
class _MaxPoolIndices(_MaxPool):
    """Where the largest is, counted within its channel: the second result of torch's return_indices=True."""

    def run(self, *operands: Tensor) -> Tensor:
        window = (self.kernel_size, self.stride, self.padding, self.dilation)
        found = self.FUNCTIONS[self.DIMS - 1](operands[0], *window, ceil_mode=self.ceil_mode, return_indices=True)
        result: Tensor = found[1]
        return result

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        found = super().explain(at, operands, result)
        return replace(found, constants={"index": found.value})


@dataclass(frozen=True)
class MaxPoolIndices1d(_MaxPoolIndices):
    """Where the largest cell of a window along one dimension is."""

    KIND, DIMS = "max_pool1d_indices", 1


@dataclass(frozen=True)
class MaxPoolIndices2d(_MaxPoolIndices):
    """Where the largest cell of a window of a picture is: row · width + column."""

    KIND, DIMS = "max_pool2d_indices", 2


@dataclass(frozen=True)
class MaxPoolIndices3d(_MaxPoolIndices):
    """Where the largest cell of a window of a volume is, its cells counted row by row."""

    KIND, DIMS = "max_pool3d_indices", 3


@dataclass(frozen=True)
class _AvgPool(_Windowed):
    FORM = "sum"
    FUNCTIONS: ClassVar[tuple[Any, ...]] = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)

    ceil_mode: bool = False
    count_include_pad: bool = True

    def run(self, *operands: Tensor) -> Tensor:
        window = (self.kernel_size, self.stride, self.padding)
        result: Tensor = self.FUNCTIONS[self.DIMS - 1](operands[0], *window, self.ceil_mode, self.count_include_pad)
        return result

    def _scale(self, at: Index, shape: Sequence[int], places: int) -> float:
        if not self.count_include_pad:
            return super()._scale(at, shape, places)
        counted = 1
        for out, size, (kernel, stride, padding) in zip(at, shape, self._window(), strict=True):
            # With ceil_mode a window may begin inside the padding and end past it: that far it counts.
            begin = out * stride - padding
            counted *= min(begin + kernel, size + padding) - begin
        return 1.0 / counted


@dataclass(frozen=True)
class AvgPool1d(_AvgPool):
    """The mean of a window along one dimension."""

    KIND, DIMS = "avg_pool1d", 1


@dataclass(frozen=True)
class AvgPool2d(_AvgPool):
    """The mean of a window of a picture."""

    KIND, DIMS = "avg_pool2d", 2


@dataclass(frozen=True)
class AvgPool3d(_AvgPool):
    """The mean of a window of a volume."""

    KIND, DIMS = "avg_pool3d", 3


@dataclass(frozen=True)
class _AdaptivePool(_Pool):
    """As many stretches as `output_size` says along each dimension, whose sizes differ by one at most."""

    output_size: tuple[int | None, ...]

    def run(self, *operands: Tensor) -> Tensor:
        return self._by(self.FUNCTIONS, operands[0])

    def cost(self, shapes: Sequence[Shape], result: Shape) -> int:
        return max(prod(shapes[0]), prod(result))

    def parts(self, shapes: Sequence[Shape], result: Shape) -> int:
        sides = zip(shapes[0][-self.DIMS :], result[-self.DIMS :], strict=True)
        return prod(size // max(1, wanted) + 2 for size, wanted in sides)

    def stand_in(self, *operands: Tensor) -> Tensor:
        return self._by(_AdaptiveAvgPool.FUNCTIONS, operands[0])

    def _by(self, functions: tuple[Any, ...], inputs: Tensor) -> Tensor:
        size = self.output_size if self.DIMS > 1 else self.output_size[0]
        result: Tensor = functions[self.DIMS - 1](inputs, size)
        return result

    def _sides(self, at: Index, shape: Sequence[int], result: Sequence[int]) -> list[Tensor]:
        return [
            torch.arange(out * size // wanted, -(-(out + 1) * size // wanted))
            for out, size, wanted in zip(at, shape, result, strict=True)
        ]


@dataclass(frozen=True)
class _AdaptiveAvgPool(_AdaptivePool):
    FORM = "sum"
    FUNCTIONS: ClassVar[tuple[Any, ...]] = (F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d)


@dataclass(frozen=True)
class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """The mean of one of `output_size` stretches."""

    KIND, DIMS = "adaptive_avg_pool1d", 1


@dataclass(frozen=True)
class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """The mean of one of `output_size` rectangles."""

    KIND, DIMS = "adaptive_avg_pool2d", 2


@dataclass(frozen=True)
class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """The mean of one of `output_size` boxes."""

    KIND, DIMS = "adaptive_avg_pool3d", 3


@dataclass(frozen=True)
class _AdaptiveMaxPool(_AdaptivePool):
    FORM = "choice"
    FUNCTIONS: ClassVar[tuple[Any, ...]] = (F.adaptive_max_pool1d, F.adaptive_max_pool2d, F.adaptive_max_pool3d)


@dataclass(frozen=True)
class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """The largest of one of `output_size` stretches."""

    KIND, DIMS = "adaptive_max_pool1d", 1


@dataclass(frozen=True)
class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """The largest of one of `output_size` rectangles."""

    KIND, DIMS = "adaptive_max_pool2d", 2


@dataclass(frozen=True)
class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """The largest of one of `output_size` boxes."""

    KIND, DIMS = "adaptive_max_pool3d", 3
