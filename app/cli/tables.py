"""Tables of numbers: one below the other, right-aligned, shortened only where they say so."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from app.cli.words import Words

_INDENT = (0, 0, 0, 2)
_GAP = 2
_NARROWEST = 8


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


@dataclass(frozen=True)
class columns:  # noqa: N801 (it is called as `table` is)
    """Rows under headings, without lines, so that they are as plain in a file as in a terminal.

    Where they do not fit, the columns that shrink are shortened; numbers never are.
    """

    listed: Sequence[Column]
    rows: Sequence[Sequence[str]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widths = self._widths(options.max_width)
        if any(column.heading for column in self.listed):
            yield self._line([column.heading for column in self.listed], widths, "bold")
        for row in self.rows:
            yield self._line(row, widths)

    def _widths(self, whole: int) -> list[int]:
        texts = ([column.heading, *(row[k] for row in self.rows)] for k, column in enumerate(self.listed))
        widths = [max(map(cell_len, each)) for each in texts]
        shrinking = [k for k, column in enumerate(self.listed) if column.shrinks]
        over = sum(widths) + _GAP * len(widths) - whole
        while over > 0 and (wide := max((k for k in shrinking), key=lambda k: widths[k], default=None)) is not None:
            if widths[wide] <= _NARROWEST:
                break
            widths[wide] -= 1
            over -= 1
        return widths

    def _line(self, cells: Sequence[str], widths: Sequence[int], style: str = "") -> Text:
        line = Text(no_wrap=True, overflow="ignore")
        for cell, width, column in zip(cells, widths, self.listed, strict=True):
            text = Text(cell, style or column.style or "")
            text.truncate(width, overflow="ellipsis")
            space = " " * (width - text.cell_len)
            line.append(" " * _GAP)
            line.append_text(Text(space) + text if column.right else text + Text(space))
        line.rstrip()
        return line


def left_out(words: Words, count: int) -> list[RenderableType]:
    """A line that says how many rows a table leaves out; nothing where it leaves out none."""
    return [Padding(Text(words("cli.more-rows", count=count), "dim italic"), _INDENT)] if count else []
