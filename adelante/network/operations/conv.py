"""Convolutions of one, two and three dimensions, and the transposed ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from adelante.network.explanation import Explanation, Part
from adelante.network.operations.operation import Index, Operand, Operation, Shape, cell_part, number, take
from adelante.network.operations.windows import Ints, covered, each, positions, reached


@dataclass(frozen=True)
class _Weighted(Operation):
    """A sum over channels and a window of weights; what the two kinds of convolution share."""

    FORM = "sum-of-products"
    OPERANDS = ("inputs", "weights", "biases")
    OPTIONAL = 1
    DIMS: ClassVar[int]

    def _explained(
        self,
        at: Index,
        operands: Sequence[Operand],
        result: Operand,
        sides: Sequence[Tensor],
        channels: range,
    ) -> Explanation:
        """`sides` are the inputs' indices along each dimension, `channels` those of the inputs."""
        inputs, weights = operands[:2]
        *batch, channel = at[: -self.DIMS]
        places, within = covered(sides)
        every = torch.arange(channels.start, channels.stop).repeat_interleave(len(places))
        places, within = (each.repeat(len(channels), 1) for each in (places, within))
        fixed = [torch.full_like(every, index) for index in batch]
        inputs_at = torch.cat((torch.stack([*fixed, every], 1), places), 1)
        weights_at = torch.cat((self._weights_at(channel, every, weights.value.shape), within), 1)
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

    def _weights_at(self, channel: int, channels: Tensor, weights: Sequence[int]) -> Tensor:
        """(n, 2): the first two indices of the weights between these channels of the inputs and one of the result."""
        raise NotImplementedError


@dataclass(frozen=True)
class _Convolution(_Weighted):
    """Weights (out channels, in channels / groups, *kernel), as torch keeps them; biases (out channels,)."""

    stride: Ints = 1
    padding: Ints | str = 0
    dilation: Ints = 1
    groups: int = 1
    padding_mode: str = "zeros"

    def run(self, *operands: Tensor) -> Tensor:
        inputs, weights, *biases = operands
        padding = self.padding
        if self.padding_mode != "zeros":
            sides = [side for both in reversed(self._padding(weights.shape)) for side in both]
            inputs, padding = F.pad(inputs, sides, mode=self.padding_mode), 0
        function: Any = (F.conv1d, F.conv2d, F.conv3d)[self.DIMS - 1]
        bias = biases[0] if biases else None
        result: Tensor = function(inputs, weights, bias, self.stride, padding, self.dilation, self.groups)
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
        shape, weights = operands[0].value.shape, operands[1].value.shape
        sides = [
            positions(out, size, kernel, stride, padding, dilation, self.padding_mode)
            for out, size, kernel, stride, padding, dilation in zip(
                at[-self.DIMS :],
                shape[-self.DIMS :],
                weights[2:],
                each(self.stride, self.DIMS),
                self._padding(weights),
                each(self.dilation, self.DIMS),
                strict=True,
            )
        ]
        first = at[-self.DIMS - 1] // (weights[0] // self.groups) * weights[1]
        return self._explained(at, operands, result, sides, range(first, first + weights[1]))

    def _weights_at(self, channel: int, channels: Tensor, weights: Sequence[int]) -> Tensor:
        return torch.stack((torch.full_like(channels, channel), channels % weights[1]), 1)


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
class _Transposed(_Weighted):
    """Each input cell adds its kernel to the result. Weights (in channels, out channels / groups, *kernel)."""

    stride: Ints = 1
    padding: Ints = 0
    output_padding: Ints = 0
    groups: int = 1
    dilation: Ints = 1

    def run(self, *operands: Tensor) -> Tensor:
        inputs, weights, *biases = operands
        function: Any = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[self.DIMS - 1]
        bias = biases[0] if biases else None
        options = (self.stride, self.padding, self.output_padding, self.groups, self.dilation)
        result: Tensor = function(inputs, weights, bias, *options)
        return result

    def cost(self, shapes: Sequence[Shape], result: Shape) -> int:
        return prod(shapes[0]) * prod(shapes[1][1:])

    def parts(self, shapes: Sequence[Shape], result: Shape) -> int:
        return shapes[1][0] // self.groups * prod(shapes[1][2:]) + 1

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        shape, weights = operands[0].value.shape, operands[1].value.shape
        sides = [
            reached(*given)
            for given in zip(
                at[-self.DIMS :],
                shape[-self.DIMS :],
                weights[2:],
                *(each(option, self.DIMS) for option in (self.stride, self.padding, self.dilation)),
                strict=True,
            )
        ]
        count = weights[0] // self.groups
        first = at[-self.DIMS - 1] // weights[1] * count
        return self._explained(at, operands, result, sides, range(first, first + count))

    def _weights_at(self, channel: int, channels: Tensor, weights: Sequence[int]) -> Tensor:
        return torch.stack((channels, torch.full_like(channels, channel % weights[1])), 1)


@dataclass(frozen=True)
class ConvTranspose1d(_Transposed):
    """Transposed convolution along one dimension."""

    KIND = "conv_transpose1d"
    DIMS = 1


@dataclass(frozen=True)
class ConvTranspose2d(_Transposed):
    """Transposed convolution of a picture."""

    KIND = "conv_transpose2d"
    DIMS = 2


@dataclass(frozen=True)
class ConvTranspose3d(_Transposed):
    """Transposed convolution of a volume."""

    KIND = "conv_transpose3d"
    DIMS = 3
