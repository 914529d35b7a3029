"""The line of their author's code that a stack trace leads to."""

import re
from pathlib import PureWindowsPath

_FRAME = re.compile(r'File "([^"]+)", line (\d+), in [^\n]*\n\s*([^\n]*)')
_TORCH = re.compile(r"[/\\]torch[/\\]")
_LONGEST = 200


def author_line(stack: str) -> str | None:
    """The innermost line that is not torch's: "model.py:12: x = F.relu(self.conv1(x))". A file has no folders here."""
    own = [frame for frame in _FRAME.findall(stack) if not _TORCH.search(frame[0])]
    if not own:
        return None
    path, line, text = own[-1]
    return f"{PureWindowsPath(path).name}:{line}: {text.strip()}"[:_LONGEST]
