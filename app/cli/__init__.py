"""`adelante`: the command line, a thin face over the same parts."""

from app.cli.program import main

__all__ = ["main"]
