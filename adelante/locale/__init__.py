"""The product's words, in Spanish and English.

Catalogs are gettext .po files with identifier keys ("problem.busy.title"), so that no language is the original and
the others its translations. They are read once, when first needed; there is no compiled copy to fall out of step.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

DEFAULT_LANGUAGE = "en"
# A word for one, and one for any other count.
_COUNTED = re.compile(r"\{(\w+):([^|{}]*)\|([^|{}]*)\}")
_FOLDER = Path(__file__).parent
# The families of texts that the studio says.
STUDIO_TEXTS = ("studio.", "unread.", "reading.")
# Those of the page for networks of any kind, beside these.
WORLD_TEXTS = ("world.", "forms.", "pad.")
LANGUAGES: tuple[str, ...] = tuple(sorted(folder.parent.name for folder in _FOLDER.glob("*/LC_MESSAGES")))


@cache
def catalog(language: str) -> Mapping[str, str]:
    """Every key of one language with its text. Raises KeyError where two files define one key."""
    # Where it is first needed: who imports the library may never read a word.
    from babel.messages.pofile import read_po

    texts: dict[str, str] = {}
    for path in sorted((_FOLDER / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, abort_invalid=True):
                if not message.id or not isinstance(message.id, str):
                    continue
                if message.id in texts:
                    raise KeyError(f"{path.name} defines {message.id} a second time ({language})")
                texts[message.id] = str(message.string)
    return texts


def translate(language: str, key: str, /, **values: Any) -> str:
    """The text of a key, its {places} filled with values. Raises KeyError for a key that the catalogs lack."""
    text = catalog(language)[key]
    return filled(text, values) if values else text


def filled(text: str, values: Mapping[str, Any]) -> str:
    """A text with its {places} filled: {count} {count:row|rows} is 1 row, 2 rows. The page does the same."""
    counted = _COUNTED.sub(lambda found: found[2] if str(values[found[1]]) == "1" else found[3], text)
    return counted.format(**values)


def own_name(language: str) -> str:
    """What a language calls itself: Español."""
    from babel import Locale

    return (Locale(language).display_name or language).capitalize()


def messages(language: str, *prefixes: str) -> dict[str, str]:
    """The part of a catalog whose keys start with one of the prefixes: what a page hands to its script."""
    return {key: text for key, text in catalog(language).items() if key.startswith(prefixes)}
