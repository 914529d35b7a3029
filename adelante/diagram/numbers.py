"""Numbers in a picture, printed by the studio's own rule: fixed digits, and where they have no room fewer of them."""

from decimal import ROUND_HALF_UP, Decimal
from math import isfinite, isinf, isnan

from adelante.locale.numbers import with_mark

MINUS = "−"
_LARGEST_FIXED = 1e5


def printed(language: str, value: float, digits: int = 4, largest_fixed: float = _LARGEST_FIXED) -> str:
    """So many decimals, a true minus, the language's mark; NaN and ∞ by name.

    From `largest_fixed` up, and where the decimals would show nothing but zeros, a power of ten (1.23e6, 8.00e−10) with
    as many digits as the same width holds. Zero has no sign.
    """
    if isnan(value):
        return "NaN"
    front = MINUS if value < 0 else ""
    if isinf(value):
        return f"{front}∞"
    # JavaScript rounds the number itself, a tie upwards; Python's own formats round it to even.
    size = Decimal(abs(value))
    fixed = _rounded(size, digits)
    is_hidden = size != 0 and fixed == 0
    text = _scientific(size, digits) if is_hidden or fixed >= largest_fixed else f"{fixed:f}"
    return front + with_mark(language, text)


def within(language: str, value: float, most: int, digits: int = 4) -> str:
    """The number in at most so many characters beside its minus: with fewer digits, else as a power of ten."""
    usual = printed(language, value, digits)
    if not isfinite(value) or _fits(usual, most):
        return usual
    falling = range(digits, -1, -1)
    fixed = [text for count in falling if "e" not in (text := printed(language, value, count))]
    powers = [printed(language, value, count, largest_fixed=0) for count in falling]
    forms = [*fixed, *powers]
    return next((text for text in forms if _fits(text, most)), forms[-1])


def _fits(text: str, most: int) -> bool:
    return len(text.removeprefix(MINUS)) <= most


def _rounded(size: Decimal, digits: int) -> Decimal:
    return size.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP) if size < _LARGEST_FIXED * 10 else size


def _scientific(size: Decimal, digits: int) -> str:
    if size == 0:
        return f"{0:.{max(0, digits - 2)}f}e0"
    places = max(0, digits - 2)
    power = size.adjusted()
    figures = size.scaleb(-power).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    if figures >= 10:
        power, figures = power + 1, (figures / 10).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{figures:f}e{MINUS if power < 0 else ''}{abs(power)}"
