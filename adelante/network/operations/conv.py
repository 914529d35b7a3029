"""Convolutions of one, two and three dimensions, and the transposed one."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from adelante.network.explanation import Explanation, Part
from adelante.network.operations.operation import Index, Operand, Operation, Shape, cell_part, number, take
from adelante.network.operations.windows import Ints, covered, each, positions


@dataclass(frozen=True)
class _Convolution(Operation):
    """Weights (out channels, in channels / groups, *kernel), as torch keeps them; biases (out channels,)."""

    FORM = "sum-of-products"
    OPERANDS = ("inputs", "weights", "biases")
    OPTIONAL = 1
    DIMS: ClassVar[int]

    stride: Ints = 1
    padding: Ints | str = 0
    dilation: Ints = 1
    groups: int = 1
    padding_mode: str = "zeros"

    def run(self, *operands: Tensor) -> Tensor:
        inputs, *rest = operands
        padding = self.padding
        if self.padding_mode != "zeros":
            sides = [side for before, after in reversed(self._padding(rest[0].shape)) for side in (before, after)]
            inputs, padding = F.pad(inputs, sides, mode=self.padding_mode), 0
        function: Any = (F.conv1d, F.conv2d, F.conv3d)[self.DIMS - 1]
        result: Tensor = function(
            inputs,
            *rest,
            **({} if len(rest) == 2 else {"bias": None}),
            stride=self.stride,
            padding=padding,
            dilation=self.dilation,
            groups=self.groups,
        )
        return result

    def cost(self, shapes: Sequence[Shape], result: Shape) -> int:
        return prod(result) * prod(shapes[1][1:])

    def _padding(self, weights: Sequence[int]) -> list[tuple[int, int]]:
        """How much is added before and after along each dimension."""
        if self.padding == "valid":
            return [(0, 0)] * self.DIMS
        if self.padding == "same":
            wanted = [d * (k - 1) for d, k in zip(each(self.dilation, self.DIMS), weights[2:], strict=True)]
            return [(total // 2, total - total // 2) for total in wanted]
        assert not isinstance(self.padding, str)
        return [(side, side) for side in each(self.padding, self.DIMS)]

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        inputs, weights = operands[:2]
        *batch, channel = at[: -self.DIMS]
        size, kernel = inputs.value.shape[-self.DIMS :], weights.value.shape[2:]
        sides = [
            _side(at[len(at) - self.DIMS + d], size[d], kernel[d], stride, padding, dilation, self.padding_mode)
            for d, (stride, padding, dilation) in enumerate(
                zip(
                    each(self.stride, self.DIMS),
                    self._padding(weights.value.shape),
                    each(self.dilation, self.DIMS),
                    strict=True,
                )
            )
        ]
        places, within = covered(sides)
        per_group = weights.value.shape[1]
        first = channel // (weights.value.shape[0] // self.groups) * per_group
        n = len(places)
        channels = torch.arange(per_group).repeat_interleave(n)
        places, within = places.repeat(per_group, 1), within.repeat(per_group, 1)
        fixed = [torch.full_like(channels, index) for index in batch]
        inputs_at = torch.cat((torch.stack([*fixed, channels + first], 1), places), 1)
        weights_at = torch.cat((torch.stack((torch.full_like(channels, channel), channels), 1), within), 1)
        return _explained(at, operands, result, channel, inputs_at, weights_at)


def _side(out: int, size: int, kernel: int, stride: int, padding: tuple[int, int], dilation: int, mode: str) -> Tensor:
    before, after = padding
    if mode != "zeros" and before != after:
        there = out * stride + torch.arange(kernel) * dilation
        padded = F.pad(torch.arange(float(size)).reshape(1, 1, -1), padding, mode=mode)
        return padded.reshape(-1).long()[there]
    return positions(out, size, kernel, stride, before, dilation, mode)


def _explained(
    at: Index, operands: Sequence[Operand], result: Operand, channel: int, inputs_at: Tensor, weights_at: Tensor
) -> Explanation:
    inputs, weights = operands[:2]
    terms = Part(
        inputs.name,
        inputs_at,
        take(inputs.value, inputs_at),
        weights.name,
        weights_at,
        take(weights.value, weights_at),
    )
    bias = (cell_part(operands[2], (channel,), "bias"),) if len(operands) == 3 else ()
    return Explanation(result.name, at, number(result.value, at), "sum-of-products", (terms, *bias))


@dataclass(frozen=True)
class Conv1d(_Convolution):
    """Cross-correlation along one dimension."""

    KIND = "conv1d"
    DIMS = 1


@dataclass(frozen=True)
class Conv2d(_Convolution):
    """Cross-correlation over a picture."""

    KIND = "conv2d"
    DIMS = 2


@dataclass(frozen=True)
class Conv3d(_Convolution):
    """Cross-correlation over a volume."""

    KIND = "conv3d"
    DIMS = 3


@dataclass(frozen=True)
class ConvTranspose2d(Operation):
    """Each input cell adds its kernel to the result. Weights (in channels, out channels / groups, *kernel)."""

    KIND = "conv_transpose2d"
    FORM = "sum-of-products"
    OPERANDS = ("inputs", "weights", "biases")
    OPTIONAL = 1

    stride: Ints = 1
    padding: Ints = 0
    output_padding: Ints = 0
    groups: int = 1
    dilation: Ints = 1

    def run(self, *operands: Tensor) -> Tensor:
        inputs, weights, biases = (*operands, None)[:3]
        assert inputs is not None
        assert weights is not None
        return F.conv_transpose2d(
            inputs, weights, biases, self.stride, self.padding, self.output_padding, self.groups, self.dilation
        )

    def cost(self, shapes: Sequence[Shape], result: Shape) -> int:
        return prod(shapes[0]) * prod(shapes[1][1:])

    def parts(self, shapes: Sequence[Shape], result: Shape) -> int:
        return shapes[1][0] // self.groups * prod(shapes[1][2:]) + 1

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        inputs, weights = operands[:2]
        *batch, channel = at[:-2]
        sides = [
            _reached(at[len(at) - 2 + d], inputs.value.shape[-2 + d], weights.value.shape[2 + d], *each_of)
            for d, each_of in enumerate(
                zip(each(self.stride, 2), each(self.padding, 2), each(self.dilation, 2), strict=True)
            )
        ]
        places, within = covered(sides)
        per_group = weights.value.shape[1]
        from_group = weights.value.shape[0] // self.groups
        group = channel // per_group
        channels = torch.arange(group * from_group, (group + 1) * from_group).repeat_interleave(len(places))
        places, within = places.repeat(from_group, 1), within.repeat(from_group, 1)
        fixed = [torch.full_like(channels, index) for index in batch]
        inputs_at = torch.cat((torch.stack([*fixed, channels], 1), places), 1)
        to = torch.full_like(channels, channel % per_group)
        weights_at = torch.cat((torch.stack((channels, to), 1), within), 1)
        return _explained(at, operands, result, channel, inputs_at, weights_at)


def _reached(out: int, size: int, kernel: int, stride: int, padding: int, dilation: int) -> Tensor:
    """(kernel,): the input index whose kernel element lands on `out`; −1 where none does."""
    from_here = out + padding - torch.arange(kernel) * dilation
    there = torch.div(from_here, stride, rounding_mode="floor")
    return torch.where((from_here % stride == 0) & (there >= 0) & (there < size), there, -1)
