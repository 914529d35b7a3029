"""Tables of numbers: one below the other, right-aligned, shortened only where they say so."""

from collections.abc import Sequence

from rich import box
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


def left_out(words: Words, count: int) -> list[RenderableType]:
    """A line that says how many rows a table leaves out; nothing where it leaves out none."""
    return [Padding(Text(words("cli.more-rows", count=count), "dim italic"), _INDENT)] if count else []
