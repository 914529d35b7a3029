"""The line of their author's code that a stack trace leads to, and the module that a call stands in."""

import re
from pathlib import PureWindowsPath
from typing import NamedTuple

_FRAME = re.compile(r'File "([^"\n]+)", line (\d{1,9}), in [^\n]*\n[ \t]*([^\n]*)')
# What torch has: its own files, and what it writes and compiles itself.
_TORCH = re.compile(r"(?:^|[/\\])torch[/\\]|^<eval_with_key>")
_LONGEST = 200


class Source(NamedTuple):
    """A line of its author's code; the file's name has no folders here."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"[:_LONGEST]


def source_in(stack: str) -> Source | None:
    """The innermost frame of a stack trace that is not torch's."""
    for path, line, text in reversed(_FRAME.findall(stack)):
        if not _TORCH.search(path):
            return Source(plain(PureWindowsPath(path).name), int(line), plain(text.strip()))
    return None


def author_line(stack: str) -> str | None:
    """That line as people read it: "model.py:12: x = F.relu(self.conv1(x))"."""
    found = source_in(stack)
    return None if found is None else str(found)


def innermost(paths: list[str]) -> str | None:
    """The last of the modules' paths that torch kept for a call, "encoder.layers.0"; None for the outermost module."""
    found = [path for path in paths if not path.startswith("_empty_nn_module_stack")]
    return plain(found[-1]) or None if found else None


def plain(text: str) -> str:
    """One line of it, of letters that can be seen, and not too long."""
    return "".join(each if each.isprintable() else " " for each in text[:_LONGEST])
