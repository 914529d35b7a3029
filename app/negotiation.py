"""Which of the languages that there are a reader is told in: of a browser's header, of a terminal's environment."""

from collections.abc import Mapping

from adelante.locale import DEFAULT_LANGUAGE, LANGUAGES
from app.preferences import qualities


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
