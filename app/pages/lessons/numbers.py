"""Numbers in a lesson's sentences: fixed digits, a true minus, the language's own decimal mark."""

from babel.numbers import format_percent
from markupsafe import Markup

from adelante.locale.numbers import grouped, with_mark


def fixed(language: str, value: float, digits: int = 4) -> str:
    """−0,1468: so many digits after the decimal mark; never a minus zero."""
    text = with_mark(language, f"{abs(value):.{digits}f}")
    return f"−{text}" if value < 0 and any(figure in "123456789" for figure in text) else text


def data(language: str, value: float, digits: int = 4) -> Markup:
    """The number as an element whose value attribute holds all its digits."""
    return Markup('<data value="{}">{}</data>').format(repr(float(value)), fixed(language, value, digits))


def counted(value: int) -> Markup:
    """A count as such an element."""
    return Markup('<data value="{}">{}</data>').format(value, grouped(value))


def percent(language: str, value: int) -> str:
    """95% in English, 95 % in Spanish."""
    return format_percent(value / 100, locale=language)
