"""One number: its digits, its decimal mark, its thousands, a fraction."""

import re
from dataclasses import dataclass
from math import isfinite, isnan

from app.typed.characters import SPACES, normalised, trimmed
from app.typed.words import Rule, Unread, shown

# What a number shows beyond doubt of how the text that it stands in writes numbers.
COMMA_DECIMAL, POINT_DECIMAL, COMMA_GROUPS, POINT_GROUPS = 1, 2, 4, 8
_DECIMAL = {",": COMMA_DECIMAL, ".": POINT_DECIMAL}
_GROUPS = {",": COMMA_GROUPS, ".": POINT_GROUPS}
# The longest way to write a float64 out in digits has some 1,080.
_MOST_CHARACTERS = 2000

_SIGNED = re.compile(rf"([+-]?)([0-9.,'’ {SPACES}]+)(?:[eE]([+-]?[0-9]+))?")
_WHOLE = re.compile(r"[0-9]+")
_ONE_MARK = re.compile(r"([0-9]*)([.,])([0-9]*)")
_GROUPED = re.compile(rf"([0-9]{{1,3}}(?:([.,'’ {SPACES}])[0-9]{{3}})(?:\2[0-9]{{3}})*)(?:([.,])([0-9]*))?")
_OF_A_DATE = re.compile(r"0[0-9]")
_DOTS = re.compile(r"\.{3,}|…")


@dataclass(frozen=True, slots=True)
class Number:
    """A number that was read; where `mark` is set, that mark may begin its decimals or group its thousands."""

    decimal: float
    grouped: float
    mark: str
    seen: int


def number_in(text: str) -> Number | None:
    """The number that a normalised, trimmed text is, also as a fraction (1/3); None for anything else."""
    if len(text) > _MOST_CHARACTERS:
        return None
    if "/" not in text:
        return _part(text)
    parts = [_part(trimmed(each)) for each in text.split("/", 2)]
    # 01/02 is a day.
    if _OF_A_DATE.match(text) or len(parts) != 2 or parts[0] is None or parts[1] is None:
        return None
    above, below = parts[0], parts[1]
    marks = {above.mark, below.mark} - {""}
    if len(marks) > 1 or below.decimal == 0 or below.grouped == 0:
        return None
    decimal, grouped = above.decimal / below.decimal, above.grouped / below.grouped
    if isnan(decimal) or isnan(grouped):
        return None
    return Number(decimal, grouped, marks.pop() if marks else "", above.seen | below.seen)


def _part(text: str) -> Number | None:
    found = _SIGNED.fullmatch(text)
    if found is None:
        return None
    sign, body, exponent = found.groups()
    if _WHOLE.fullmatch(body):
        return _certain(sign, body, "", exponent, 0)
    found = _ONE_MARK.fullmatch(body)
    if found is not None:
        whole, mark, rest = found.groups()
        if not whole and not rest:
            return None
        if exponent is None and len(rest) == 3 and 1 <= len(whole) <= 3 and whole[0] != "0":
            return Number(float(f"{sign}{whole}.{rest}"), float(f"{sign}{whole}{rest}"), mark, 0)
        return _certain(sign, whole, rest, exponent, _DECIMAL[mark])
    found = _GROUPED.fullmatch(body)
    if found is None or found[1][0] == "0" or found[2] == found[3]:
        return None
    seen = _GROUPS.get(found[2], 0) | _DECIMAL.get(found[3], 0)
    return _certain(sign, found[1].replace(found[2], ""), found[4] or "", exponent, seen)


def _certain(sign: str, whole: str, rest: str, exponent: str | None, seen: int) -> Number:
    value = float(f"{sign}{whole or 0}.{rest or 0}e{exponent or 0}")
    return Number(value, value, "", seen)


def value_of(number: Number, seen: int, rule: Rule) -> float | None:
    """The number's value beside others that have shown `seen`; None where it can be read in two ways."""
    mark = number.mark
    if not mark:
        return number.decimal
    decimal = seen & _DECIMAL[mark]
    groups = seen & (_GROUPS[mark] | _DECIMAL["." if mark == "," else ","])
    if decimal or groups:
        return None if decimal and groups else number.decimal if decimal else number.grouped
    if mark == rule.mark:
        return number.decimal
    return number.grouped if rule.groups else None


def two_ways(text: str, mark: str, rule: Rule) -> dict[str, str]:
    """How to write each of the two numbers that a text may mean, so that it means that one alone."""
    return {"text": shown(text), "decimal": text.replace(mark, rule.mark) + "0", "grouped": text.replace(mark, "")}


def not_a_number(text: str) -> str:
    """The code of what a text is that is no number."""
    if not text:
        return "missing"
    if _DOTS.fullmatch(text):
        return "left-out"
    if text[-1] == "%" and number_in(trimmed(text[:-1])) is not None:
        return "percent"
    return "not-a-number"


def read_number(text: str, rule: Rule) -> float:
    """The number of a field. Raises Unread: missing, not-a-number, percent, left-out, two-ways, too-large."""
    text = trimmed(normalised(text))
    number = number_in(text)
    if number is None:
        raise Unread(not_a_number(text), text=shown(text))
    value = value_of(number, number.seen, rule)
    if value is None:
        raise Unread("two-ways", **two_ways(text, number.mark, rule))
    if abs(value) > rule.largest:
        raise Unread("too-large", text=shown(text))
    return value


def readings_of(text: str) -> tuple[float, ...]:
    """Every number that a text can mean, most often one; none where it is no number or has no finite value."""
    number = number_in(trimmed(normalised(text)))
    if number is None:
        return ()
    return tuple(value for value in dict.fromkeys((number.decimal, number.grouped)) if isfinite(value))
