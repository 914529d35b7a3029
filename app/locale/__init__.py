"""The product's words, in Spanish and English.

Catalogs are gettext .po files with identifier keys ("problem.busy.title"), so that no language is the original and
the others its translations. They are read once, when first needed; there is no compiled copy to fall out of step.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.pofile import read_po

from app.preferences import qualities

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
    return (Locale(language).display_name or language).capitalize()


def messages(language: str, *prefixes: str) -> dict[str, str]:
    """The part of a catalog whose keys start with one of the prefixes: what a page hands to its script."""
    return {key: text for key, text in catalog(language).items() if key.startswith(prefixes)}


def language_of_locale(environment: Mapping[str, str]) -> str:
    """The language of a terminal: POSIX has the first of these that is set and not empty decide."""
    said = next(filter(None, map(environment.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    language = said.replace(".", "_").partition("_")[0].lower()
    return language if language in LANGUAGES else DEFAULT_LANGUAGE


def negotiate(accept_language: str | None) -> str:
    """The language that fits an Accept-Language header best; English where it names none that is here.

    es-MX is content with es (RFC 4647, lookup); of languages liked equally, the one that is named first wins.
    """
    wishes = qualities(accept_language)
    liked = {language: _liking(language, wishes) for language in LANGUAGES}
    best, quality = DEFAULT_LANGUAGE, 0.0
    for tag in wishes:
        for language in sorted(LANGUAGES, key=lambda each: each != DEFAULT_LANGUAGE):
            if liked[language] > quality and (tag == "*" or _fits(tag, language)):
                best, quality = language, liked[language]
    return best


def _liking(language: str, wishes: Mapping[str, float]) -> float:
    named = [quality for tag, quality in wishes.items() if _fits(tag, language)]
    return max(named) if named else wishes.get("*", 0.0)


def _fits(tag: str, language: str) -> bool:
    """Whether one of the two is the other, or a variety of it: es-MX and es, pt and pt-BR."""
    one, other = (each.lower().replace("_", "-") + "-" for each in (tag, language))
    return one.startswith(other) or other.startswith(one)
