"""Names that have little room: cut, or on two lines. How wide a text is drawn is guessed, as the studio does."""

import re

_INDEXED = re.compile(r"([^\W\d_])(\d+(?:[.,]\d+)?)")
_NARROW = frozenset("fijlrtI.,:;'|!()[] ")
_WIDE = frozenset("mwMW@%…—")


def symbol(name: str) -> tuple[str, str]:
    """A name like x1 or h2.3 as its letter and its index; any other name has no index."""
    found = _INDEXED.fullmatch(name)
    return (found[1], found[2].replace(".", ",")) if found else (name, "")


def text_width(size: float, text: str) -> float:
    """About how wide a text is at a type size, in pixels, in the widest of the fonts that it may be set in."""
    return size * sum(map(_width_of, text))


def _width_of(character: str) -> float:
    if character in _NARROW:
        return 0.42
    if character in _WIDE or ord(character) > 0x2E7F:
        return 0.95
    return 0.78 if character.isupper() else 0.63


def cut(text: str, size: float, room: float) -> str:
    """The text in so many pixels, with … where it has to be; of any length only the beginning is looked at."""
    most = int(room / (0.42 * size)) + 1
    begun = text[: most + 1]
    if text_width(size, begun) <= room and len(begun) == len(text):
        return text
    width, kept = text_width(size, "…"), 0
    for character in begun:
        width += _width_of(character) * size
        if width > room:
            break
        kept += 1
    return begun[: max(1, kept)].rstrip() + "…"


def two_lines(text: str, size: float, room: float) -> list[str]:
    """The text on one line, or on two of which the second may be cut; broken where its words are joined."""
    if text_width(size, text[:400]) <= room and len(text) <= 400:
        return [text]
    fitting, width = 0, 0.0
    for character in text:
        width += _width_of(character) * size
        if width > room:
            break
        fitting += 1
    fitting = max(2, fitting)
    space = text[: fitting + 1].rfind(" ")
    joint = max(text[:fitting].rfind(mark) for mark in "_-/.") + 1
    place = max(space, joint)
    place = place if place >= fitting / 3 else fitting
    return [text[:place], cut(text[place:].lstrip(), size, room)]
