"""What was left out or decided while a file or inputs were read, told on standard error; the command goes on."""

import sys

from rich.text import Text

from adelante.locale import catalog
from app.cli.output import rendered, visible, write_error
from app.cli.source import Source
from app.cli.words import Words


def tell_notes(words: Words, source: Source) -> None:
    """A line for each note; what was decided where a file is silent is told with the option that decides otherwise."""
    sentences = [words(f"reading.{note.code}", **note.values) for note in source.notes]
    for decision in source.decisions:
        what = words(f"note.{decision.key}", **decision.values)
        own = f"cli.{decision.key}"
        way = own if own in catalog(words.language) else f"hint.{decision.key}"
        sentences.append(f"{what} {words(way, **decision.values)}")
    for sentence in (*sentences, *source.sentences):
        tell(words, sentence)


def tell(words: Words, sentence: str) -> None:
    """A line on standard error that says what was done."""
    write_error(rendered(Text.assemble((f"{words('cli.note')}: ", "bold"), visible(sentence)), stream=sys.stderr))
