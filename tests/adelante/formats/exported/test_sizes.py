"""Sizes as sympy prints them: read word by word, and never run."""

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from adelante.formats.exported.sizes import BadSize, Symbol, parsed, value
from tests.long import examples

S, T = (sympy.Symbol(name, positive=True, integer=True) for name in ("s77", "s0"))


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> sympy.Expr:
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from([S, T, sympy.Integer(draw(st.integers(0, 9)))]))
    parts = [draw(expressions(depth - 1)) for _ in range(draw(st.integers(2, 3)))]
    return draw(st.sampled_from([sympy.Add, sympy.Mul, sympy.Max]))(*parts)


@settings(max_examples=examples(25, 60), deadline=None)
@given(expressions(), st.integers(1, 50), st.integers(1, 50))
def test_what_sympy_prints_has_sympys_value(expression: sympy.Expr, s: int, t: int) -> None:
    wanted = int(expression.subs({S: s, T: t}))
    assert value(parsed(sympy.srepr(expression)), {"s77": s, "s0": t}) == wanted


def test_a_symbol_by_itself_is_known_as_one() -> None:
    assert parsed("Symbol('s77', positive=True, integer=True)") == Symbol("s77")
    assert parsed("Symbol('s0')") == Symbol("s0")


def test_torchs_own_functions_of_sizes() -> None:
    known = {"s0": 7}
    assert value(parsed("FloorDiv(Symbol('s0', integer=True), Integer(2))"), known) == 3
    assert value(parsed("Mod(Symbol('s0'), Integer(4))"), known) == 3
    assert value(parsed("Pow(Symbol('s0'), Integer(2))"), known) == 49


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s0",
        "__import__('os').system('touch canary')",
        "Symbol(__import__('os'))",
        "Integer(10)**Integer(10)",
        "Integer(1) Integer(2)",
        "Integer(1",
        "Integer('1')",
        "Add()",
        "Pow(Integer(9), Integer(999999999))",
        "Mod(Integer(9), Integer(0))",
        "FloorDiv(Integer(9), Integer(0))",
        "Mul(Integer(-1), Integer(5))",
        "exit()",
        "Add(" * 5000,
        "Add(" * 40 + "Integer(1)" + ")" * 40,
        "Mul(" + ", ".join(["Integer(999999999999999999)"] * 30) + ")",
        "Symbol('s1')",
        "lambda: 0",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(BadSize):
        value(parsed(text), {"s0": 3})
