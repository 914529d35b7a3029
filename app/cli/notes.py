"""What was left out or decided while a file or inputs were read, told on standard error; the command goes on."""

import sys
from collections.abc import Iterable

from rich.text import Text

from app.cli.output import rendered, visible, write_error
from app.cli.words import Words
from app.typed.words import Note


def tell_notes(words: Words, notes: Iterable[Note]) -> None:
    """A line for each note."""
    for note in notes:
        sentence = words(f"reading.{note.code}", **note.values)
        write_error(rendered(Text.assemble((f"{words('cli.note')}: ", "bold"), visible(sentence)), stream=sys.stderr))
