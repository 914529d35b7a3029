"""Pictures made larger or smaller."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, prod

import torch
from torch import Tensor
from torch.nn import functional as F

from adelante.network.explanation import Explanation, Part
from adelante.network.operations.operation import Index, Operand, Operation, Shape, number, take


@dataclass(frozen=True)
class UpsampleBilinear2d(Operation):
    """Each cell a weighted mean of four, as torch.nn.functional.interpolate(mode="bilinear") has it."""

    KIND = "upsample_bilinear2d"
    FORM = "sum-of-products"

    size: tuple[int, int] | None = None
    scale_factor: tuple[float, float] | None = None
    align_corners: bool = False

    def run(self, *operands: Tensor) -> Tensor:
        return F.interpolate(
            operands[0],
            None if self.size is None else list(self.size),
            None if self.scale_factor is None else list(self.scale_factor),
            "bilinear",
            self.align_corners,
        )

    def cost(self, shapes: Sequence[Shape], result: Shape) -> int:
        return 4 * prod(result)

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        """The four cells and their weights: how near each is."""
        x = operands[0]
        (rows, row_weights), (columns, column_weights) = (
            self._near(at[d], x.value.shape[d], result.value.shape[d], 2 + d) for d in (-2, -1)
        )
        cells, weights = [], []
        for row, near in zip(rows, row_weights, strict=True):
            for column, beside in zip(columns, column_weights, strict=True):
                if near * beside:
                    cells.append((*at[:-2], row, column))
                    weights.append(near * beside)
        places = torch.tensor(cells)
        factors = torch.tensor(weights, dtype=x.value.dtype)
        part = Part(x.name, places, take(x.value, places), factors=factors)
        return Explanation(result.name, at, number(result.value, at), "sum-of-products", (part,))

    def _near(self, out: int, size: int, wanted: int, d: int) -> tuple[tuple[int, int], tuple[float, float]]:
        if self.align_corners:
            there = out * (size - 1) / (wanted - 1) if wanted > 1 else 0.0
        elif size == wanted:
            there = float(out)  # torch leaves such a side as it is, whatever the factor says
        else:
            scale = size / wanted if self.size is not None or self.scale_factor is None else 1 / self.scale_factor[d]
            there = max((out + 0.5) * scale - 0.5, 0.0)
        low = min(floor(there), size - 1)
        return (low, min(low + 1, size - 1)), (1 - (there - low), there - low)
