"""Where a number comes from, in eight forms. Every part carries its cell, so that a reader can walk on from there.

sum-of-products   value = bias + Σ values · factors                dense, convolution, matrix product
sum               value = scale · Σ values                         add, mean, average pooling
choice            value = the one part that is `chosen`            max pooling, max, where
function          value = f(the parts)                             activations, exp, powers, comparisons
product           value = Π values, or the first over the second   gates, scaling, division
normalisation     value = (x − mean) / √(variance + eps) · scale + shift
softmax           value = e^x / Σ e^x, or its logarithm
move              value = the part                                 reshape, permute, slice, embedding, …
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

Form = Literal["sum-of-products", "sum", "choice", "function", "product", "normalisation", "softmax", "move"]


@dataclass(frozen=True)
class Part:
    """Cells of one tensor that a number is made of.

    `at` is (n, rank) and `values` (n,). Of a sum of products each cell has its factor: `factor`, `factor_at` (n, rank
    of that tensor) and `factors` (n,). `role` says which part it is where a form has several ("mean", "scale", "bias").
    """

    tensor: str
    at: Tensor
    values: Tensor
    factor: str | None = None
    factor_at: Tensor | None = None
    factors: Tensor | None = None
    role: str = ""

    @property
    def contributions(self) -> Tensor:
        """(n,): what each cell adds to a sum, value · factor or the value itself."""
        return self.values if self.factors is None else self.values * self.factors

    def __len__(self) -> int:
        return self.at.shape[0]


@dataclass(frozen=True)
class Explanation:
    """The number at `at` of `tensor`: its value, its form, and the parts that it is made of.

    `constants` are numbers that the form needs and no tensor holds (scale, eps, mean, the sum of e^x); `chosen` is
    which cell of the first part a choice took; `formula` is what a function computes, in terms of x (and y).
    """

    tensor: str
    at: tuple[int, ...]
    value: float
    form: Form
    parts: tuple[Part, ...]
    constants: Mapping[str, float] = field(default_factory=dict)
    chosen: int | None = None
    formula: str = ""

    def part(self, role: str) -> Part | None:
        """The part of that role, where there is one."""
        return next((part for part in self.parts if part.role == role), None)

    def added(self, part: Part) -> Tensor | None:
        """(n,): what each cell of a part adds to the value of a sum, its signs and scale included; None in other forms.

        In torch's own dtype where nothing but its factor is multiplied with a cell, else in float64.
        """
        if self.form not in ("sum", "sum-of-products"):
            return None
        scale = self.constants.get(f"factor of {part.role}", 1.0)
        scale *= -1.0 if part.role == "subtracted" else 1.0
        if part.role != "bias" or self.form == "sum":
            scale *= self.constants.get("scale", 1.0)
        plain = part.contributions
        return plain if scale == 1.0 else plain.double() * scale

    def total(self) -> float:
        """The value once more, put together from the parts in float64; `value` itself is what torch computed.

        Of a function it is the value: what its formula means is torch's to compute.
        """
        match self.form:
            case "sum-of-products":
                bias = self.part("bias")
                terms = sum(_sum(part.contributions) for part in self.parts if part.role != "bias")
                beside = 0.0 if bias is None else _sum(bias.values) * self.constants.get("factor of bias", 1.0)
                return terms * self.constants.get("scale", 1.0) + beside
            case "sum":
                signs = {"subtracted": -1.0}
                terms = sum(
                    signs.get(part.role, 1.0) * self.constants.get(f"factor of {part.role}", 1.0) * _sum(part.values)
                    for part in self.parts
                )
                return self.constants.get("scale", 1.0) * terms + self.constants.get("offset", 0.0)
            case "choice":
                given = self.constants.get("index", self.constants.get("taken"))
                return float(self.parts[0].values[self.chosen or 0]) if given is None else given
            case "product":
                return self._product()
            case "normalisation":
                return self._normalised()
            case "softmax":
                share = (_only(self.part("logit")) - self.constants["largest"]) - torch.tensor(
                    self.constants["sum"], dtype=torch.float64
                ).log().item()
                return share if "logarithm" in self.constants else float(torch.tensor(share, dtype=torch.float64).exp())
            case "move":
                return float(self.parts[0].values[0]) if self.parts else self.constants["fill"]
            case "function":
                return self.value

    def _product(self) -> float:
        # torch divides by 0, Python doesn't.
        found = torch.tensor(self.constants.get("factor", 1.0), dtype=torch.float64) / self.constants.get(
            "divisor", 1.0
        )
        for part in self.parts:
            value = part.values.double().prod().cpu()
            found = found / value if part.role == "divisor" else found * value
        return float(found)

    def _normalised(self) -> float:
        x, constants = _only(self.part("x")), self.constants
        found = (x - constants["mean"]) / math.sqrt(constants["variance"] + constants["eps"])
        scale, shift = self.part("scale"), self.part("shift")
        return found * (1.0 if scale is None else _only(scale)) + (0.0 if shift is None else _only(shift))


def _sum(values: Tensor) -> float:
    return float(values.double().sum())


def _only(part: Part | None) -> float:
    assert part is not None
    return float(part.values[0])
