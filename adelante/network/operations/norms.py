"""Normalisation, as in inference: (x − mean) / √(variance + eps) · scale + shift."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor
from torch.nn import functional as F

from adelante.network.explanation import Explanation, Part
from adelante.network.operations.operation import (
    Index,
    Operand,
    Operation,
    Shape,
    along,
    broadcast_sum,
    cell_part,
    cells_part,
    number,
)


def _normalised(
    at: Index, result: Operand, x: Operand, constants: dict[str, float], parts: Sequence[Part | None]
) -> Explanation:
    given = tuple(part for part in parts if part is not None)
    return Explanation(
        result.name, at, number(result.value, at), "normalisation", (cell_part(x, at, "x"), *given), constants
    )


def _spread(part: Part) -> dict[str, float]:
    """The mean and the (biased) variance of the part's cells."""
    values = part.values.double()
    return {"mean": float(values.mean()), "variance": float(values.var(correction=0))}


@dataclass(frozen=True)
class BatchNorm(Operation):
    """By the mean and variance that training kept for each channel; any number of dimensions after it."""

    KIND = "batch_norm"
    FORM = "normalisation"
    OPERANDS = ("inputs", "mean", "variance", "scale", "shift")
    OPTIONAL = 2
    KEPT = frozenset(("mean", "variance"))

    eps: float = 1e-5

    def run(self, *operands: Tensor) -> Tensor:
        inputs, mean, variance, scale, shift = (*operands, None, None)[:5]
        assert inputs is not None
        assert mean is not None
        assert variance is not None
        if mean.requires_grad or variance.requires_grad:
            return self._differentiable(inputs, mean, variance, scale, shift)
        return F.batch_norm(inputs, mean, variance, scale, shift, False, 0.0, self.eps)

    def _differentiable(
        self, inputs: Tensor, mean: Tensor, variance: Tensor, scale: Tensor | None, shift: Tensor | None
    ) -> Tensor:
        """The same by its formula: torch's own has no slope by what training kept."""
        after = (1,) * (inputs.dim() - 2)
        mean, variance = mean.reshape(-1, *after), variance.reshape(-1, *after)
        found = (inputs - mean) / torch.sqrt(variance + self.eps)
        found = found if scale is None else found * scale.reshape(-1, *after)
        return found if shift is None else found + shift.reshape(-1, *after)

    def cost(self, shapes: Sequence[Shape], result: Shape) -> int:
        return 2 * prod(result)

    def stand_in(self, *operands: Tensor) -> Tensor:
        inputs, *rest = operands
        after = (1,) * (inputs.dim() - 2)
        return broadcast_sum(inputs, *(each.reshape(-1, *after) for each in rest))

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        channel = (at[1],)
        mean, variance = operands[1:3]
        constants = {
            "mean": number(mean.value, channel),
            "variance": number(variance.value, channel),
            "eps": self.eps,
        }
        roles = ("mean", "variance", "scale", "shift")
        parts = [cell_part(operand, channel, role) for operand, role in zip(operands[1:], roles, strict=False)]
        return _normalised(at, result, operands[0], constants, parts)


@dataclass(frozen=True)
class LayerNorm(Operation):
    """Over the last dimensions of each input, those of `normalized_shape`; scale and shift have that shape."""

    KIND = "layer_norm"
    FORM = "normalisation"
    OPERANDS = ("inputs", "scale", "shift")
    OPTIONAL = 2

    normalized_shape: tuple[int, ...]
    eps: float = 1e-5

    def run(self, *operands: Tensor) -> Tensor:
        inputs, scale, shift = (*operands, None, None)[:3]
        assert inputs is not None
        return F.layer_norm(inputs, list(self.normalized_shape), scale, shift, self.eps)

    def cost(self, shapes: Sequence[Shape], result: Shape) -> int:
        return 5 * prod(result)

    def parts(self, shapes: Sequence[Shape], result: Shape) -> int:
        return prod(self.normalized_shape) + len(shapes)

    def stand_in(self, *operands: Tensor) -> Tensor:
        inputs, *rest = operands
        dims = tuple(range(-len(self.normalized_shape), 0))
        return broadcast_sum(inputs, inputs.sum(dims, keepdim=True), *rest)

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        x = operands[0]
        dims = range(-len(self.normalized_shape), 0)
        over = cells_part(x, along(at, dims, x.value.shape), "over")
        last = at[-len(self.normalized_shape) :]
        parts = [cell_part(each, last, role) for each, role in zip(operands[1:], ("scale", "shift"), strict=False)]
        return _normalised(at, result, x, {**_spread(over), "eps": self.eps}, [over, *parts])


@dataclass(frozen=True)
class RmsNorm(Operation):
    """Over the last dimensions, by the root of the mean square; nothing is subtracted."""

    KIND = "rms_norm"
    FORM = "normalisation"
    OPERANDS = ("inputs", "scale")
    OPTIONAL = 1

    normalized_shape: tuple[int, ...]
    eps: float = 1e-5

    def run(self, *operands: Tensor) -> Tensor:
        inputs, scale = (*operands, None)[:2]
        assert inputs is not None
        return F.rms_norm(inputs, list(self.normalized_shape), scale, self.eps)

    def stand_in(self, *operands: Tensor) -> Tensor:
        inputs, *rest = operands
        dims = tuple(range(-len(self.normalized_shape), 0))
        return broadcast_sum(inputs, inputs.sum(dims, keepdim=True), *rest)

    def cost(self, shapes: Sequence[Shape], result: Shape) -> int:
        return 4 * prod(result)

    def parts(self, shapes: Sequence[Shape], result: Shape) -> int:
        return prod(self.normalized_shape) + len(shapes)

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        x = operands[0]
        dims = range(-len(self.normalized_shape), 0)
        over = cells_part(x, along(at, dims, x.value.shape), "over")
        constants = {"mean": 0.0, "variance": float(over.values.double().square().mean()), "eps": self.eps}
        last = at[-len(self.normalized_shape) :]
        return _normalised(at, result, x, constants, [over, *(cell_part(each, last, "scale") for each in operands[1:])])


@dataclass(frozen=True)
class GroupNorm(Operation):
    """Over groups of channels and all that follows them; scale and shift have one number a channel."""

    KIND = "group_norm"
    FORM = "normalisation"
    OPERANDS = ("inputs", "scale", "shift")
    OPTIONAL = 2

    num_groups: int
    eps: float = 1e-5

    def run(self, *operands: Tensor) -> Tensor:
        inputs, scale, shift = (*operands, None, None)[:3]
        assert inputs is not None
        return F.group_norm(inputs, self.num_groups, scale, shift, self.eps)

    def cost(self, shapes: Sequence[Shape], result: Shape) -> int:
        return 5 * prod(result)

    def parts(self, shapes: Sequence[Shape], result: Shape) -> int:
        return prod(shapes[0][1:]) // self.num_groups + len(shapes)

    def stand_in(self, *operands: Tensor) -> Tensor:
        inputs, *rest = operands
        groups = inputs.reshape(inputs.shape[0], self.num_groups, -1)
        over = groups.sum(-1, keepdim=True).expand_as(groups).reshape(inputs.shape)
        after = (1,) * (inputs.dim() - 2)
        return broadcast_sum(inputs, over, *(each.reshape(-1, *after) for each in rest))

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        x = operands[0]
        size = x.value.shape[1] // self.num_groups
        first = at[1] // size * size
        cells = along(at, range(1, x.value.dim()), x.value.shape)
        cells = cells[(cells[:, 1] >= first) & (cells[:, 1] < first + size)]
        over = cells_part(x, cells, "over")
        parts = [cell_part(each, (at[1],), role) for each, role in zip(operands[1:], ("scale", "shift"), strict=False)]
        return _normalised(at, result, x, {**_spread(over), "eps": self.eps}, [over, *parts])


@dataclass(frozen=True)
class InstanceNorm(Operation):
    """Over each channel of each input by itself."""

    KIND = "instance_norm"
    FORM = "normalisation"
    OPERANDS = ("inputs", "scale", "shift")
    OPTIONAL = 2

    eps: float = 1e-5

    def run(self, *operands: Tensor) -> Tensor:
        inputs, scale, shift = (*operands, None, None)[:3]
        assert inputs is not None
        return F.instance_norm(inputs, None, None, scale, shift, True, 0.0, self.eps)

    def cost(self, shapes: Sequence[Shape], result: Shape) -> int:
        return 5 * prod(result)

    def parts(self, shapes: Sequence[Shape], result: Shape) -> int:
        return prod(shapes[0][2:]) + len(shapes)

    def stand_in(self, *operands: Tensor) -> Tensor:
        inputs, *rest = operands
        over = inputs.sum(tuple(range(2, inputs.dim())), keepdim=True)
        after = (1,) * (inputs.dim() - 2)
        return broadcast_sum(inputs, over, *(each.reshape(-1, *after) for each in rest))

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        x = operands[0]
        over = cells_part(x, along(at, range(2, x.value.dim()), x.value.shape), "over")
        parts = [cell_part(each, (at[1],), role) for each, role in zip(operands[1:], ("scale", "shift"), strict=False)]
        return _normalised(at, result, x, {**_spread(over), "eps": self.eps}, [over, *parts])
