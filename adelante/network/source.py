"""The line of their author's code that a stack trace leads to."""

import re

_FRAME = re.compile(r'File "([^"]+)", line (\d+), in [^\n]*\n\s*([^\n]*)')
_LIBRARIES = ("torch/", "torch\\")
_LONGEST = 200


def author_line(stack: str) -> str | None:
    """The innermost line that is not torch's: "model.py:12: x = F.relu(self.conv1(x))". A file has no folders here."""
    own = [frame for frame in _FRAME.findall(stack) if not any(each in frame[0] for each in _LIBRARIES)]
    if not own:
        return None
    path, line, text = own[-1]
    return f"{re.split(r'[/\\]', path)[-1]}:{line}: {text.strip()}"[:_LONGEST]
