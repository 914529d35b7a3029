"""Tells the user where a project's own `app` comes before Adelante's."""

import os
import sys
from pathlib import Path

from app.cli.output import write_error
from app.cli.words import Words, language_of


def tell(found: str | None, ours: Path) -> None:
    """One line on standard error where the import would have found another `app` than `ours`."""
    if found is None or Path(found).resolve().parent == ours:
        return
    words = Words(language_of(sys.argv[1:], os.environ))
    write_error(words("cli.shadowed", found=found, ours=ours) + "\n")
