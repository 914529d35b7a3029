"""Standard output and standard error: text, bytes and tables, wherever they go."""

import io
import os
import sys
from contextlib import suppress
from typing import TextIO

import typer
from rich.console import Console, RenderableType
from rich.text import Text

# The same word in both languages.
ERROR = "Error"
# A process that SIGPIPE ends has this status, and shells know it.
_BROKEN_PIPE_STATUS = 141
_WIDTH_OF_A_FILE = 120
_PLAIN = str.maketrans(
    {"−": "-", "→": "->", "·": "-", "…": "...", "∞": "inf", "“": '"', "”": '"', "«": '"', "»": '"', "─": "-", "×": "x"}
)


def rendered(*parts: RenderableType, stream: TextIO | None = None) -> str:
    """The parts as text for this stream (standard output): with colours where it is a terminal that wants them.

    NO_COLOR, FORCE_COLOR, TERM and COLUMNS are respected.
    """
    sheet = _Sheet(stream or sys.stdout)
    console = Console(file=sheet, highlight=False, emoji=False, markup=False)
    if console.width < 1 or (not console.is_terminal and "COLUMNS" not in os.environ):
        console.width = _WIDTH_OF_A_FILE
    for part in parts:
        console.print(part, soft_wrap=isinstance(part, Unbroken))
    return "\n".join(line.rstrip() for line in sheet.getvalue().split("\n"))


class Unbroken(Text):
    """A line that stays one however narrow the terminal is, so that it can be copied."""


class _Sheet(io.StringIO):
    """Text in memory that passes for the stream it is meant for."""

    def __init__(self, stream: TextIO | None) -> None:
        super().__init__()
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return getattr(self._stream, "encoding", None) or "utf-8"

    def isatty(self) -> bool:
        return self._stream is not None and self._stream.isatty()


def visible(text: str) -> str:
    """The text with what can't be seen, a terminal's commands among it, written as escapes."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def write(content: str | bytes) -> None:
    """To standard output, if it is open. Where nobody reads on, the program ends without a word, as others do."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
        # Unbuffered (PYTHONUNBUFFERED), a write may take only a part and say so.
        left = memoryview(content if isinstance(content, bytes) else _encoded(content, sys.stdout))
        while left:
            left = left[sys.stdout.buffer.write(left) :]
        sys.stdout.buffer.flush()
    except OSError as error:
        # Python flushes standard output once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise typer.Exit(_BROKEN_PIPE_STATUS) from None
        write_error(f"{ERROR}: {error.strerror}\n")
        raise typer.Exit(1) from None


def write_error(content: str) -> None:
    """To standard error."""
    # Whoever closed it, or no longer reads it, does not want to know.
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.flush()
            sys.stderr.buffer.write(_encoded(content, sys.stderr))
            sys.stderr.buffer.flush()


def _encoded(text: str, stream: TextIO) -> bytes:
    """The text in the stream's encoding: where that lacks −, as -, which is better than an error or a "?"."""
    encoding = stream.encoding or "utf-8"
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_PLAIN).encode(encoding, "replace")
