"""Standard output and standard error: text, bytes and tables, wherever they go."""

import os
import sys
from typing import TextIO

import typer
from rich.console import Console, RenderableType

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
    console = Console(file=stream or sys.stdout, highlight=False, emoji=False, markup=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _WIDTH_OF_A_FILE
    with console.capture() as capture:
        for part in parts:
            console.print(part)
    return "\n".join(line.rstrip() for line in capture.get().split("\n"))


def write(content: str | bytes) -> None:
    """To standard output. Where nobody reads on, the program ends without a word, as others do."""
    try:
        if isinstance(content, bytes):
            sys.stdout.flush()
            sys.stdout.buffer.write(content)
        else:
            sys.stdout.write(_writable(content, sys.stdout))
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes standard output once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(_BROKEN_PIPE_STATUS) from None


def write_error(content: str) -> None:
    """To standard error."""
    sys.stderr.write(_writable(content, sys.stderr))
    sys.stderr.flush()


def _writable(text: str, stream: TextIO) -> str:
    """The text in signs that the stream's encoding has: − may have to be -, which is better than an error or a "?"."""
    encoding = stream.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_PLAIN).encode(encoding, "replace").decode(encoding)
    return text
