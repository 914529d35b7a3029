"""The command line's language: --lang, or else what LC_ALL, LC_MESSAGES and LANG say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adelante.locale import LANGUAGES, translate
from app.negotiation import language_of_locale

OPTION = "--lang"


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one language."""

    language: str

    def __call__(self, key: str, /, **values: Any) -> str:
        return translate(self.language, key, **values)


def language_of(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """The language to speak, also about arguments that are wrong: so it is found before they are read."""
    for i, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name == OPTION:
            wanted = value if equals else "".join(arguments[i + 1 : i + 2])
            if wanted in LANGUAGES:
                return wanted
    return language_of_locale(environment)
