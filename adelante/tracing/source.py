"""Where in its author's code a call stands: the module's path, and the line."""

import re
from pathlib import PurePath, PureWindowsPath
from typing import NamedTuple

import torch
from torch import fx

_TORCH = PurePath(torch.__file__).parent.as_posix()
_FRAME = re.compile(r'File "([^"\n]+)", line (\d{1,9}), in [^\n]*\n[ \t]*([^\n]*)')
_LONGEST = 200


class Source(NamedTuple):
    """A line of its author's code, and the file's name without folders."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"[:_LONGEST]


def module_of(node: fx.Node) -> str | None:
    """The path of the innermost module, "encoder.layers.0.linear1"; None for the outermost one."""
    stack = node.meta.get("nn_module_stack") or {}
    return _innermost([path for path, _ in stack.values()])


def module_in(stack: str) -> str | None:
    """The same of a stack as an exported program's file has it: "key,path,type;key,path,type"."""
    parts = [each.split(",") for each in stack.split(";")]
    return _innermost([each[1] for each in parts if len(each) > 1])


def _innermost(paths: list[str]) -> str | None:
    found = [path for path in paths if not path.startswith("_empty_nn_module_stack")]
    return _plain(found[-1]) or None if found else None


def source_of(node: fx.Node) -> str | None:
    """The author's own line, not torch's: "model.py:12: x = F.relu(self.conv1(x))"."""
    found = source_in(node.meta.get("stack_trace") or "")
    return None if found is None else str(found)


def source_in(stack_trace: str) -> Source | None:
    """The innermost frame of a stack trace, as Python writes it, that is not in torch."""
    for path, line, text in reversed(_FRAME.findall(stack_trace)):
        place = path.replace("\\", "/")
        if not place.startswith(_TORCH) and "torch/" not in place:
            return Source(_plain(PureWindowsPath(path).name), int(line), _plain(text.strip()))
    return None


def _plain(text: str) -> str:
    """One line of it, of letters that can be seen, and not too long."""
    return "".join(each if each.isprintable() else " " for each in text[:_LONGEST])
