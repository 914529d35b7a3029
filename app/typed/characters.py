"""Characters that mean the same, made one: so that what follows knows only ASCII and the spaces inside numbers."""

import re

# They may stand between the thousands of a number: no-break space, figure space, thin space, narrow no-break space.
SPACES = "\u00a0\u2007\u2009\u202f"
_MINUSES = "\u2212\u2013\u2010\u2011\ufe63"
_BLANKS = "\v\f\x85\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u200a\u205f\u3000"
_LINES = "\u2028\u2029"
# A byte order mark, and marks of direction and of width nothing that come along when something is copied.
_UNSEEN = "\ufeff\u200b\u200e\u200f\u2060\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SAME: dict[int, int | str | None] = {
    **_FULL_WIDTH,
    **{ord(each): "-" for each in _MINUSES},
    **{ord(each): " " for each in _BLANKS},
    **{ord(each): "\n" for each in _LINES},
    **{ord(each): None for each in _UNSEEN},
}
_LINE_END = re.compile(r"\r\n?")
_BEFORE_NO_DIGIT = re.compile(f"[{SPACES}]+(?![0-9])")
_AFTER_NO_DIGIT = re.compile(f"(^|[^0-9])[{SPACES}]+", re.MULTILINE)


def normalised(text: str) -> str:
    """The text with one kind of minus, of line end and of blank; only between two digits a special space is kept."""
    text = _LINE_END.sub("\n", text.translate(_SAME))
    return _AFTER_NO_DIGIT.sub(r"\1 ", _BEFORE_NO_DIGIT.sub(" ", text))


def trimmed(text: str) -> str:
    """Without the blanks around it."""
    return text.strip(" \t")
