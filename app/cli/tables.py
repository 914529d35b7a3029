"""Tables of numbers: one below the other, right-aligned, shortened only where they say so."""

from collections.abc import Sequence
from typing import NamedTuple

from rich import box
from rich.cells import cell_len
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from app.cli.words import Words

_INDENT = (0, 0, 0, 2)


def heading(text: str, note: str = "") -> Text:
    """A title in bold and what there is to say of it."""
    return Text.assemble((text, "bold"), f"  {note}" if note else "")


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, words: int = 1) -> RenderableType:
    """Rows under headings; the first `words` columns are left-aligned names, the others right-aligned numbers."""
    grid = Table(box=box.SIMPLE_HEAD, show_header=any(headings), show_edge=False, pad_edge=False, padding=(0, 1))
    for i, each in enumerate(headings):
        name = i < words
        grid.add_column(
            each, justify="left" if name else "right", no_wrap=True, overflow="ellipsis", style="cyan" if name else None
        )
    for row in rows:
        grid.add_row(*row)
    return Padding(grid, _INDENT)


class Column(NamedTuple):
    """A column's heading, and how it is set: numbers `right`, and what `shrinks` where the terminal is narrow."""

    heading: str
    style: str | None = None
    right: bool = False
    shrinks: bool = False


def columns(listed: Sequence[Column], rows: Sequence[Sequence[str]]) -> RenderableType:
    """Rows under headings, without lines, so that they are as plain in a file as in a terminal."""
    grid = Table(box=None, show_header=any(each.heading for each in listed), pad_edge=False, padding=(0, 1))
    for each in listed:
        grid.add_column(
            each.heading,
            justify="right" if each.right else "left",
            style=each.style,
            no_wrap=True,
            overflow="ellipsis",
            # What does not shrink is as wide as its longest text.
            min_width=None if each.shrinks else _widest(listed, rows, each),
        )
    for row in rows:
        grid.add_row(*map(Text, row))
    return Padding(grid, _INDENT)


def _widest(listed: Sequence[Column], rows: Sequence[Sequence[str]], column: Column) -> int:
    place = listed.index(column)
    return max(map(cell_len, (column.heading, *(row[place] for row in rows))))


def left_out(words: Words, count: int) -> list[RenderableType]:
    """A line that says how many rows a table leaves out; nothing where it leaves out none."""
    return [Padding(Text(words("cli.more-rows", count=count), "dim italic"), _INDENT)] if count else []
