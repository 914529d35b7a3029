"""Sizes in an exported program's file: numbers, or expressions as sympy prints them.

    Mul(Integer(2), Symbol('s77', positive=True, integer=True))

They are read by the few words that sizes are made of, never evaluated as a program.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

_TOKEN = re.compile(r"\s*(?:([A-Za-z_]\w*)|(-?\d{1,18})|'([^'\\]{1,100})'|([(),=]))", re.ASCII)
_LONGEST = 2_000
_DEEPEST = 32
_LARGEST = 1 << 53
_HIGHEST_POWER = 16


class BadSize(Exception):
    """An expression that is none of a size."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A size that the program leaves open."""

    name: str


@dataclass(frozen=True, slots=True)
class Called:
    """One of the functions of sizes, of these arguments."""

    function: str
    arguments: "tuple[Expression, ...]"


Expression = int | Symbol | Called


def parsed(text: str) -> Expression:
    """The expression that the text is. Raises BadSize."""
    if len(text) > _LONGEST:
        raise BadSize("it is too long")
    reader = _Reader(_tokens(text))
    found = reader.expression(0)
    if reader.left:
        raise BadSize("it goes on")
    return found


def value(expression: Expression, known: Mapping[str, int]) -> int:
    """Its number where the symbols have these. Raises BadSize where one is not known, or the number is no size."""
    found = _value(expression, known)
    if not 0 <= found <= _LARGEST:
        raise BadSize(f"{found} is no size")
    return found


def _value(expression: Expression, known: Mapping[str, int]) -> int:
    if isinstance(expression, int):
        return expression
    if isinstance(expression, Symbol):
        if expression.name not in known:
            raise BadSize(f"nothing says how large {expression.name} is")
        return known[expression.name]
    numbers = [_value(each, known) for each in expression.arguments]
    match expression.function, numbers:
        case "Integer", [number]:
            found = number
        case "Add", [_, *_]:
            found = sum(numbers)
        case "Mul", [_, *_]:
            found = prod(numbers)
        case "FloorDiv" | "CleanDiv", [number, by] if by:
            found = number // by
        case "Mod" | "PythonMod", [number, by] if by > 0:
            found = number % by
        case "Max", [_, *_]:
            found = max(numbers)
        case "Min", [_, *_]:
            found = min(numbers)
        case "Pow", [number, power] if 0 <= power <= _HIGHEST_POWER:
            found = number**power
        case _:
            raise BadSize(f"{expression.function} is not known")
    if abs(found) > _LARGEST:
        raise BadSize("it is too large")
    return found


def _tokens(text: str) -> list[re.Match[str]]:
    found, place = [], 0
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None:
            raise BadSize("it holds what no size does")
        found.append(token)
        place = token.end()
    return found


class _Reader:
    """Reads names, numbers and calls, in the order in which they stand."""

    def __init__(self, tokens: list[re.Match[str]]) -> None:
        self.left = tokens[::-1]

    def expression(self, depth: int) -> Expression:
        if depth > _DEEPEST:
            raise BadSize("it is too deep")
        token = self._next()
        if token[2] is not None:
            return int(token[2])
        if token[1] is None:
            raise BadSize("it holds what no size does")
        self._expect("(")
        if token[1] == "Symbol":
            return self._symbol()
        arguments = []
        while not self._is(")"):
            arguments.append(self.expression(depth + 1))
            if not self._is(")"):
                self._expect(",")
        self._expect(")")
        return Called(token[1], tuple(arguments))

    def _symbol(self) -> Symbol:
        """'s77', positive=True, integer=True) — what is said of it after its name is no matter here."""
        name = self._next()[3]
        if name is None:
            raise BadSize("a symbol has no name")
        while self._is(","):
            self._expect(",")
            self._next()
            self._expect("=")
            self._next()
        self._expect(")")
        return Symbol(name)

    def _next(self) -> re.Match[str]:
        if not self.left:
            raise BadSize("it is cut off")
        return self.left.pop()

    def _is(self, sign: str) -> bool:
        return bool(self.left) and self.left[-1][4] == sign

    def _expect(self, sign: str) -> None:
        if self._next()[4] != sign:
            raise BadSize(f"{sign} is missing")
