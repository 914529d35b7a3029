"""Where in its author's code a call stands: the module's path, and the line."""

import re
from pathlib import PurePath

import torch
from torch import fx

_TORCH = str(PurePath(torch.__file__).parent)
_FRAME = re.compile(r'File "([^"]+)", line (\d+), in [^\n]*\n\s*([^\n]*)')
_LONGEST = 200


def module_of(node: fx.Node) -> str | None:
    """The path of the innermost module, "encoder.layers.0.linear1"; None for the outermost one."""
    stack = node.meta.get("nn_module_stack") or {}
    paths = [path for path, _ in stack.values() if not path.startswith("_empty_nn_module_stack")]
    return paths[-1] or None if paths else None


def source_of(node: fx.Node) -> str | None:
    """The author's own line, not torch's: "model.py:12: x = F.relu(self.conv1(x))". The file's name has no folders."""
    frames = _FRAME.findall(node.meta.get("stack_trace") or "")
    own = [frame for frame in frames if not frame[0].startswith(_TORCH) and "torch/" not in frame[0]]
    if not own:
        return None
    path, line, text = own[-1]
    return f"{PurePath(path).name}:{line}: {text.strip()}"[:_LONGEST]
