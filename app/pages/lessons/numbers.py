"""Numbers in a lesson's sentences: fixed digits, a true minus, the language's own decimal mark."""

from babel.numbers import format_percent, get_decimal_symbol
from markupsafe import Markup

_THIN = "\u202f"


def fixed(language: str, value: float, digits: int = 4) -> str:
    """−0,1468: so many digits after the decimal mark; never a minus zero."""
    text = f"{abs(value):.{digits}f}".replace(".", get_decimal_symbol(language))
    return f"−{text}" if value < 0 and any(figure in "123456789" for figure in text) else text


def data(language: str, value: float, digits: int = 4) -> Markup:
    """The number as an element whose value attribute holds all its digits."""
    return Markup('<data value="{}">{}</data>').format(repr(float(value)), fixed(language, value, digits))


def counted(language: str, value: int) -> Markup:
    """A count: its digits in threes from 10 000 up, without a mark that one language reads as a decimal one."""
    text = f"{value:,}".replace(",", _THIN) if abs(value) >= 10_000 else str(value)
    return Markup('<data value="{}">{}</data>').format(value, text)


def plain(language: str, value: float) -> str:
    """The shortest digits: 0,0005."""
    return f"{value:f}".rstrip("0").rstrip(".").replace(".", get_decimal_symbol(language))


def percent(language: str, value: int) -> str:
    """95% in English, 95 % in Spanish."""
    return format_percent(value / 100, locale=language)
