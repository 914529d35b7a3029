"""Functions of one number: the activations, and what else takes each number by itself.

One table: a name, torch's function with its options and their defaults, and the formula in x.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from adelante.network.explanation import Explanation
from adelante.network.operations.operation import Index, Operand, Operation, broadcast_sum, cell_part, number


class Known(NamedTuple):
    """A function of one number. `defaults` are its options; a formula may name them in braces."""

    run: Callable[..., Tensor]
    formula: str
    defaults: Mapping[str, Any] = {}


def _floor_divide(x: Tensor, other: Any) -> Tensor:
    # torch.floor_divide has no derivative; this has, and gives the same.
    return torch.div(x, other, rounding_mode="floor")


FUNCTIONS: dict[str, Known] = {
    "identity": Known(lambda x: x, "x"),
    "sigmoid": Known(torch.sigmoid, "1 / (1 + exp(-x))"),
    "tanh": Known(torch.tanh, "tanh(x)"),
    "relu": Known(torch.relu, "max(0, x)"),
    "leaky_relu": Known(F.leaky_relu, "x if x > 0 else {negative_slope} · x", {"negative_slope": 0.01}),
    "elu": Known(F.elu, "x if x > 0 else {alpha} · (exp(x) - 1)", {"alpha": 1.0}),
    "celu": Known(F.celu, "max(0, x) + min(0, {alpha} · (exp(x / {alpha}) - 1))", {"alpha": 1.0}),
    "selu": Known(F.selu, "1.0507 · x if x > 0 else 1.7581 · (exp(x) - 1)"),
    "gelu": Known(F.gelu, "x · Φ(x), Φ the standard normal distribution function", {"approximate": "none"}),
    "silu": Known(F.silu, "x · sigmoid(x)"),
    "mish": Known(F.mish, "x · tanh(ln(1 + exp(x)))"),
    "softplus": Known(
        F.softplus,
        "x if {beta} · x > {threshold} else ln(1 + exp({beta} · x)) / {beta}",
        {"beta": 1.0, "threshold": 20.0},
    ),
    "softsign": Known(F.softsign, "x / (1 + |x|)"),
    "log_sigmoid": Known(F.logsigmoid, "ln(1 / (1 + exp(-x)))"),
    "relu6": Known(F.relu6, "min(max(0, x), 6)"),
    "hardtanh": Known(F.hardtanh, "min(max({min_val}, x), {max_val})", {"min_val": -1.0, "max_val": 1.0}),
    "hardsigmoid": Known(F.hardsigmoid, "min(max(0, x / 6 + 1/2), 1)"),
    "hardswish": Known(F.hardswish, "x · min(max(0, x + 3), 6) / 6"),
    "hardshrink": Known(F.hardshrink, "x if |x| > {lambd} else 0", {"lambd": 0.5}),
    "softshrink": Known(
        F.softshrink, "x - {lambd} if x > {lambd}, x + {lambd} if x < -{lambd}, else 0", {"lambd": 0.5}
    ),
    "tanhshrink": Known(F.tanhshrink, "x - tanh(x)"),
    "threshold": Known(F.threshold, "x if x > {threshold} else {value}", {"threshold": 0.0, "value": 0.0}),
    "abs": Known(torch.abs, "|x|"),
    "neg": Known(torch.neg, "-x"),
    "exp": Known(torch.exp, "exp(x)"),
    "exp2": Known(torch.exp2, "2^x"),
    "expm1": Known(torch.expm1, "exp(x) - 1"),
    "log": Known(torch.log, "ln(x)"),
    "log2": Known(torch.log2, "log2(x)"),
    "log10": Known(torch.log10, "log10(x)"),
    "log1p": Known(torch.log1p, "ln(1 + x)"),
    "sqrt": Known(torch.sqrt, "√x"),
    "rsqrt": Known(torch.rsqrt, "1 / √x"),
    "square": Known(torch.square, "x²"),
    "reciprocal": Known(torch.reciprocal, "1 / x"),
    "sin": Known(torch.sin, "sin(x)"),
    "cos": Known(torch.cos, "cos(x)"),
    "tan": Known(torch.tan, "tan(x)"),
    "asin": Known(torch.asin, "asin(x)"),
    "acos": Known(torch.acos, "acos(x)"),
    "atan": Known(torch.atan, "atan(x)"),
    "sinh": Known(torch.sinh, "sinh(x)"),
    "cosh": Known(torch.cosh, "cosh(x)"),
    "asinh": Known(torch.asinh, "asinh(x)"),
    "acosh": Known(torch.acosh, "acosh(x)"),
    "atanh": Known(torch.atanh, "atanh(x)"),
    "erfc": Known(torch.erfc, "1 - erf(x)"),
    "erf": Known(torch.erf, "erf(x)"),
    "sign": Known(torch.sign, "sign(x)"),
    "floor": Known(torch.floor, "⌊x⌋"),
    "ceil": Known(torch.ceil, "⌈x⌉"),
    "round": Known(torch.round, "x, rounded to the nearest whole number, halves to the even one"),
    "trunc": Known(torch.trunc, "x, without what follows the point"),
    "pow": Known(torch.pow, "x^{exponent}", {"exponent": 2.0}),
    "pow_of": Known(lambda x, base: torch.pow(base, x), "{base}^x", {"base": 2.0}),
    "clamp": Known(torch.clamp, "x, no less than {min} and no more than {max}", {"min": None, "max": None}),
    "logical_not": Known(torch.logical_not, "1 if x = 0 else 0"),
    "bitwise_not": Known(torch.bitwise_not, "not x"),
    "isnan": Known(torch.isnan, "1 if x is no number else 0"),
    "isinf": Known(torch.isinf, "1 if x is infinite else 0"),
    "isfinite": Known(torch.isfinite, "1 if x is a finite number else 0"),
    "fmod": Known(torch.fmod, "what x / {other} leaves, with the sign of x", {"other": 1.0}),
    "remainder": Known(torch.remainder, "x mod {other}", {"other": 1.0}),
    "floor_divide": Known(_floor_divide, "⌊x / {other}⌋", {"other": 1.0}),
    "eq": Known(torch.eq, "1 if x = {other} else 0", {"other": 0.0}),
    "ne": Known(torch.ne, "1 if x ≠ {other} else 0", {"other": 0.0}),
    "lt": Known(torch.lt, "1 if x < {other} else 0", {"other": 0.0}),
    "le": Known(torch.le, "1 if x ≤ {other} else 0", {"other": 0.0}),
    "gt": Known(torch.gt, "1 if x > {other} else 0", {"other": 0.0}),
    "ge": Known(torch.ge, "1 if x ≥ {other} else 0", {"other": 0.0}),
}

ACTIVATIONS = frozenset(
    (
        *("sigmoid", "tanh", "relu", "leaky_relu", "elu", "celu", "selu", "gelu", "silu", "mish", "softplus"),
        *("softsign", "log_sigmoid", "relu6", "hardtanh", "hardsigmoid", "hardswish", "hardshrink", "softshrink"),
        *("tanhshrink", "threshold"),
    )
)
"""The functions that are a layer's activation where they follow it."""


_FORMULAS: dict[tuple[str, ...], str] = {
    ("clamp", "max"): "x, no less than {min}",
    ("clamp", "min"): "x, no more than {max}",
    ("gelu", "approximate"): "x / 2 · (1 + tanh(√(2 / π) · (x + 0.044715 · x³)))",
}
"""With these options left out, or by tanh, a function has another formula."""


def _short(option: Any) -> str:
    """2 and not 2.0."""
    if not isinstance(option, float):
        return str(option)
    return str(option).replace("inf", "∞").removesuffix(".0")


@dataclass(frozen=True)
class Function(Operation):
    """f of each number by itself. `function` is a name of FUNCTIONS, `arguments` its options in the table's order."""

    FORM = "function"

    function: str
    arguments: tuple[Any, ...] = ()

    @classmethod
    def named(cls, function: str, **options: Any) -> "Function":
        """The function of that name. Raises KeyError for a name or an option that the table does not have."""
        defaults = FUNCTIONS[function].defaults
        if unknown := set(options) - set(defaults):
            raise KeyError(f"{function} has no option {sorted(unknown)[0]}")
        return cls(function, tuple({**defaults, **options}.values()))

    @property
    def kind(self) -> str:
        return self.function

    @property
    def options(self) -> dict[str, Any]:
        return dict(zip(FUNCTIONS[self.function].defaults, self.arguments, strict=True))

    @property
    def formula(self) -> str:
        """What it computes, in x: with the numbers of its options, without a bound that it does not have."""
        options = self.options
        known = _FORMULAS.get((self.function, *(name for name, value in options.items() if value in (None, "tanh"))))
        return (known or FUNCTIONS[self.function].formula).format(**{k: _short(each) for k, each in options.items()})

    @property
    def call(self) -> Callable[..., Tensor]:
        run = FUNCTIONS[self.function].run
        return partial(run, **self.options) if self.arguments else run

    def run(self, *operands: Tensor) -> Tensor:
        if not self.arguments:
            return FUNCTIONS[self.function].run(operands[0])
        return FUNCTIONS[self.function].run(operands[0], **self.options)

    def stand_in(self, *operands: Tensor) -> Tensor:
        return broadcast_sum(*operands)

    def explain(self, at: Index, operands: Sequence[Operand], result: Operand) -> Explanation:
        options = self.options
        constants = {name: float(value) for name, value in options.items() if isinstance(value, int | float)}
        parts = (cell_part(operands[0], at, "x"),)
        return Explanation(
            result.name, at, number(result.value, at), "function", parts, constants, formula=self.formula
        )
