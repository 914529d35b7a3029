"""How a picture is written: elements of SVG as text, everything that is not ours escaped, numbers with few digits."""

import re
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

# What XML 1.0 has no way to write.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def number(value: float) -> str:
    """A coordinate with two decimals at most: the same bytes for the same picture."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def text_of(text: str) -> str:
    """Any text as the content of an element."""
    return escape(_UNWRITABLE.sub("\ufffd", text))


def opening(name: str, **attributes: float | str | None) -> str:
    """An element's beginning. stroke_width is stroke-width; None leaves an attribute out."""
    given = {key.replace("_", "-"): _value(value) for key, value in attributes.items() if value is not None}
    return f"<{name}{''.join(f' {key}={value}' for key, value in given.items())}>"


def element(name: str, *children: str, **attributes: float | str | None) -> str:
    """An element around children that are written already."""
    start, inner = opening(name, **attributes), "".join(children)
    return f"{start}{inner}</{name}>" if inner else f"{start[:-1]}/>"


def _value(value: float | str) -> str:
    return quoteattr(_UNWRITABLE.sub("\ufffd", value)) if isinstance(value, str) else f'"{number(value)}"'


def text(
    x: float, y: float, content: str | Iterable[str], size: float, fill: str, **attributes: float | str | None
) -> str:
    """A line of text; `content` is the text itself, or pieces that are written already."""
    inner = text_of(content) if isinstance(content, str) else "".join(content)
    return element("text", inner, x=x, y=y, font_size=size, fill=fill, **attributes)


def span(content: str, **attributes: float | str | None) -> str:
    """A piece of a line."""
    return element("tspan", text_of(content), **attributes)
