"""What a function is said to compute is what torch computes: each formula is worked out by itself."""

import math
import re
from typing import Any

import pytest
import torch
from torch import Tensor

from adelante.network.operations.arithmetic import PAIRED
from adelante.network.operations.functions import FUNCTIONS, Function
from tests.cases import each

GRID = torch.linspace(-3, 3, 25, dtype=torch.float64)
WORDS = (
    (r"^(.+) if (.+), (.+) if (.+), else (.+)$", r"where(\2, \1, where(\4, \3, \5))"),
    (r"^x, no less than (.+) and no more than (.+)$", r"minimum(maximum(x, \1), \2)"),
    (r"^x, no less than (.+)$", r"maximum(x, \1)"),
    (r"^x, no more than (.+)$", r"minimum(x, \1)"),
    (r"^the larger of x and y$", "maximum(x, y)"),
    (r"^the smaller of x and y$", "minimum(x, y)"),
    (r"^what x / (.+) leaves, with the sign of x$", r"x - trunc(x / \1) * \1"),
    (r"^x mod (.+)$", r"x - floor(x / \1) * \1"),
    (r"^x, without what follows the point$", "trunc(x)"),
    (r"^x, rounded .*$", "round(x)"),
    (r"^the angle of \(y, x\)$", "angle(y + 1j * x)"),
    (r", Φ the .*$", ""),
    (r"^(.+?) if one of x and y, but not both, else (.+)$", r"where((x != 0) != (y != 0), \1, \2)"),
    (r"if x and y else", "if (x != 0) * (y != 0) else"),
    (r"if x or y else", "if (x != 0) + (y != 0) else"),
    (r"x is no number", "x != x"),
    (r"x is infinite", "|x| = ∞"),
    (r"x is a finite number", "|x| < ∞"),
    (r"^(.+) if (.+) else (.+)$", r"where(\2, \1, \3)"),
    (r"([^<>!])=(?!=)", r"\1=="),
    ("≠", "!="),
    ("≥", ">="),
    ("≤", "<="),
    ("·", "*"),
    (r"\^", "**"),
    ("²", "**2"),
    ("³", "**3"),
    (r"√(\w)", r"sqrt(\1)"),
    ("√", "sqrt"),
    (r"\|x\|", "abs(x)"),
    (r"⌊(.+)⌋", r"floor(\1)"),
    (r"⌈(.+)⌉", r"ceil(\1)"),
    ("∞", "inf"),
    (r"\bln\b", "log"),
)
OPTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    *((name, {}) for name in FUNCTIONS if name not in ("clamp", "bitwise_not")),
    ("leaky_relu", {"negative_slope": 0.3}),
    ("elu", {"alpha": 0.5}),
    ("celu", {"alpha": 0.5}),
    ("gelu", {"approximate": "tanh"}),
    ("softplus", {"beta": 2.0, "threshold": 1.0}),
    ("hardtanh", {"min_val": -0.5, "max_val": 0.25}),
    ("hardshrink", {"lambd": 0.1}),
    ("softshrink", {"lambd": 0.1}),
    ("threshold", {"threshold": 0.5, "value": -3.0}),
    ("pow", {"exponent": -1.0}),
    ("pow_of", {"base": 0.5}),
    ("clamp", {"min": -1}),
    ("clamp", {"max": 0.5}),
    ("clamp", {"min": -1, "max": 0.5}),
    ("fmod", {"other": 0.7}),
    ("remainder", {"other": -0.7}),
    ("floor_divide", {"other": -0.7}),
    *((name, {"other": 0.5}) for name in ("eq", "ne", "lt", "le", "gt", "ge")),
)


def worked_out(formula: str, **given: Tensor) -> Tensor:
    for pattern, code in WORDS:
        formula = re.sub(pattern, code, formula)
    functions = {name: _of(name) for name in re.findall(r"[a-z]\w*(?=\()", formula)}
    known = {"inf": math.inf, "π": math.pi, "Φ": lambda x: (1 + torch.erf(x / 2**0.5)) / 2, **functions, **given}
    found = eval(formula, {"__builtins__": {}}, known)
    return torch.as_tensor(found, dtype=torch.float64)


def _of(name: str) -> Any:
    """Torch's function of that name, also of plain numbers."""
    function = getattr(torch, {"max": "maximum", "min": "minimum"}.get(name, name))

    def call(*given: Any) -> Any:
        return function(
            *(
                torch.as_tensor(each, dtype=None if name == "where" else getattr(each, "dtype", torch.float64))
                for each in given
            )
        )

    return call


@each(("function", "options"), OPTIONS)
def test_of_one_number(function: str, options: dict[str, Any]) -> None:
    operation = Function.named(function, **options)
    wanted = operation.run(GRID).double()
    assert worked_out(operation.formula, x=GRID).tolist() == pytest.approx(wanted.tolist(), abs=2e-4, nan_ok=True)


@each("function", [name for name in PAIRED if not name.startswith("bitwise")])
def test_of_two_numbers(function: str) -> None:
    run, formula = PAIRED[function]
    x, y = (each.flatten() for each in torch.meshgrid(GRID, GRID + 0.125, indexing="ij"))
    assert worked_out(formula, x=x, y=y).tolist() == pytest.approx(run(x, y).double().tolist(), abs=1e-9, nan_ok=True)
