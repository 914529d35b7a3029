"""Numbers as a reader's language writes them, so that they stand below one another."""

from dataclasses import dataclass
from math import isinf, isnan

from babel.numbers import get_decimal_symbol

_LARGEST_PLAIN = 1e7


@dataclass(frozen=True, slots=True)
class Numerals:
    """`digits` decimals, the language's decimal mark, a true minus; powers of ten where zeros would hide a number."""

    language: str
    digits: int = 4

    def __call__(self, number: float) -> str:
        if isnan(number):
            return "NaN"
        if isinf(number):
            return "∞" if number > 0 else "−∞"
        size = abs(number)
        plain = size == 0 or 10.0**-self.digits <= size < _LARGEST_PLAIN
        text = f"{number:.{self.digits}{'f' if plain else 'e'}}".replace("-", "−")
        return text.replace(".", get_decimal_symbol(self.language))
