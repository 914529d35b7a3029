"""Numbers within a sentence, as a language writes them."""

from functools import cache

_THIN = "\u202f"
_GROUPED_FROM = 10_000
_LEAST_PLAIN, _LARGEST_PLAIN = 1e-6, 1e15


def with_mark(language: str, text: str) -> str:
    """Python's text of a number, with the language's decimal mark."""
    return text.replace(".", decimal_mark(language))


@cache
def decimal_mark(language: str) -> str:
    """What a language writes between the whole and the rest of a number, as CLDR has it."""
    from babel.numbers import get_decimal_symbol

    return get_decimal_symbol(language)


def grouped(count: int) -> str:
    """A count: its digits in threes from 10 000 up, without a mark that one language reads as a decimal one."""
    return f"{count:,}".replace(",", _THIN) if abs(count) >= _GROUPED_FROM else str(count)


def shortest(language: str, value: float) -> str:
    """As few digits as it needs: 0,0005, 20; powers of ten where zeros would hide a number: 3,402823e+38."""
    is_plain = value == 0 or _LEAST_PLAIN <= abs(value) < _LARGEST_PLAIN
    text = f"{value:f}".rstrip("0").rstrip(".") if is_plain else f"{value:.7g}"
    return with_mark(language, text.replace("-", "−"))


def in_words(language: str, value: object) -> object:
    """A number as the language writes it; anything else, text among it, as it is."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return grouped(value)
    return shortest(language, value) if isinstance(value, float) else value
