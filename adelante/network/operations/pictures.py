"""Moves within pictures: windows as columns, larger pictures, finer pixels."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from adelante.network.explanation import Explanation
from adelante.network.operations.moves import NOWHERE, Move
from adelante.network.operations.operation import Index, Operand, cell_part, index_of, number
from adelante.network.operations.slices import Pad


@dataclass(frozen=True)
class Unfold(Move):
    """Windows of a picture as columns, torch.nn.functional.unfold."""

    KIND = "unfold"

    kernel_size: tuple[int, int]
    dilation: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    stride: tuple[int, int] = (1, 1)

    def run(self, *operands: Tensor) -> Tensor:
        return F.unfold(operands[0], self.kernel_size, self.dilation, self.padding, self.stride)

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        value = number(result.value, at)
        padding = (self.padding[1], self.padding[1], self.padding[0], self.padding[0])
        whole = Pad(padding, "constant", NOWHERE)
        count = operands[0].value.numel()
        numbered = torch.arange(count, dtype=torch.float64).reshape(operands[0].value.shape)
        columns = F.unfold(whole.run(numbered), self.kernel_size, self.dilation, 0, self.stride)
        where = int(columns[at].item())
        if where < 0:
            return Explanation(result.name, at, value, "move", (), {"fill": value})
        part = cell_part(operands[0], index_of(where, operands[0].value.shape))
        return Explanation(result.name, at, value, "move", (part,))


@dataclass(frozen=True)
class UpsampleNearest(Move):
    """Each cell repeated, torch.nn.functional.interpolate(mode="nearest")."""

    KIND = "upsample_nearest"

    size: tuple[int, ...] | None = None
    scale_factor: tuple[float, ...] | None = None

    def run(self, *operands: Tensor) -> Tensor:
        return F.interpolate(
            operands[0],
            None if self.size is None else list(self.size),
            None if self.scale_factor is None else list(self.scale_factor),
        )


@dataclass(frozen=True)
class PixelShuffle(Move):
    """Channels become finer pixels."""

    KIND = "pixel_shuffle"

    upscale_factor: int

    def run(self, *operands: Tensor) -> Tensor:
        return F.pixel_shuffle(operands[0], self.upscale_factor)
