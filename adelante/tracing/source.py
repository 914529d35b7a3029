"""Where in its author's code a call stands: the module's path, and the line."""

import sysconfig
import traceback
from pathlib import Path

from torch import fx

from adelante.network.source import author_line, innermost

_OURS = str(Path(__file__).parent.parent)
_PYTHONS = sysconfig.get_path("stdlib")


def module_of(node: fx.Node) -> str | None:
    """The path of the innermost module, "encoder.layers.0.linear1"; None for the outermost one."""
    stack = node.meta.get("nn_module_stack") or {}
    return innermost([path for path, _ in stack.values()])


def source_of(node: fx.Node) -> str | None:
    """The author's own line, not torch's."""
    return author_line(node.meta.get("stack_trace") or "")


def line_of(error: BaseException) -> str | None:
    """The author's line at which an error came up, or the one that it was raised for; None where it was none of his."""
    seen: BaseException | None = error
    while seen is not None:
        frames = [each for each in traceback.extract_tb(seen.__traceback__) if not _is_pythons(each.filename)]
        ours = max((k for k, each in enumerate(frames) if each.filename.startswith(_OURS)), default=-1)
        found = author_line("".join(traceback.format_list(frames[ours + 1 :])))
        if found is not None:
            return found
        seen = seen.__cause__ or seen.__context__
    return None


def _is_pythons(path: str) -> bool:
    return path.startswith(("<", _PYTHONS)) and "site-packages" not in path
