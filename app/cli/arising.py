"""Where a number that is NaN or infinite arose, in a reader's words."""

import math

from rich.console import RenderableType
from rich.text import Text

from adelante.network.arising import Arising
from adelante.network.cells import Cell
from app.cli.numerals import Numerals
from app.cli.parts import Named
from app.cli.words import Words


def arising_told(
    words: Words, found: Arising, of: Cell, dtype: str, numerals: Numerals, place: Named
) -> list[RenderableType]:
    """Where a number that is not finite arose, and where what it is made of did."""
    told: list[RenderableType] = []
    each: Arising | None = found
    while each is not None:
        here = not told and (each.tensor, each.at) == of
        key = "arises-before" if told else "arises-here" if here else "arises-first"
        cell, how = place(each.tensor, list(each.at)), _how(words, each, dtype, numerals)
        told.append(Text(words(f"forms.{key}", value=numerals(each.value), cell=cell, how=how)))
        each = each.before
    return told


_LARGEST_WHOLE = 1e7
_SIGNS = {"product": "·", "quotient": "/", "sum": "+"}


def _how(words: Words, found: Arising, dtype: str, numerals: Numerals) -> str:
    """0 · ∞ = NaN"""
    if found.cause == "function":
        numbers = ", ".join(f"{x} = {_short(each, numerals)}" for x, each in zip("xyzw", found.numbers, strict=False))
        return words("forms.arises-function", formula=found.formula, numbers=numbers)
    if found.cause not in _SIGNS:
        return words(f"forms.arises-{found.cause}")
    one, other = (_short(each, numerals) for each in found.numbers)
    other = f"({other})" if other.startswith("−") else other
    arithmetic = f"{one} {_SIGNS[found.cause]} {other} = {numerals(found.value)}"
    overflows = all(map(math.isfinite, found.numbers)) and found.cause != "quotient"
    return words("forms.arises-overflow", arithmetic=arithmetic, dtype=dtype) if overflows else arithmetic


def _short(number: float, numerals: Numerals) -> str:
    """A whole number without decimals: it is 0 that matters, or 1000."""
    whole = number.is_integer() and abs(number) < _LARGEST_WHOLE
    return Numerals(numerals.language, 0)(number) if whole else numerals(number)
