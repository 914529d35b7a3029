"""The language: --lang first, then the locale's variables in POSIX's order."""

import re
from pathlib import Path

import pytest

from adelante.locale import LANGUAGES, catalog
from app.cli import numerals
from app.cli.numerals import Numerals
from app.cli.words import language_of


@pytest.mark.parametrize(
    ("arguments", "environment", "language"),
    [
        ([], {}, "en"),
        ([], {"LANG": "es_MX.UTF-8"}, "es"),
        ([], {"LANG": "es"}, "es"),
        ([], {"LANG": "es.UTF-8"}, "es"),
        ([], {"LANG": "es_ES.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ([], {"LANG": "en_US.UTF-8", "LC_MESSAGES": "es_ES.UTF-8"}, "es"),
        ([], {"LANG": "es_ES.UTF-8", "LC_ALL": ""}, "es"),
        ([], {"LANG": "C"}, "en"),
        ([], {"LANG": "eso_XX"}, "en"),
        ([], {"LANG": "zxx.UTF-8"}, "en"),
        (["forward", "--lang", "es"], {"LANG": "en_US"}, "es"),
        (["--lang=en", "presets"], {"LANG": "es_ES"}, "en"),
        (["--lang", "zxx"], {"LANG": "es_ES"}, "es"),
        (["--lang"], {}, "en"),
    ],
)
def test_the_language(arguments: list[str], environment: dict[str, str], language: str) -> None:
    assert language_of(arguments, environment) == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_that_is_asked_for_is_there(language: str) -> None:
    sources = "\n".join(path.read_text() for path in Path(numerals.__file__).parent.glob("*.py"))
    asked = set(re.findall(r"\"(cli\.[a-z.-]+)\"", sources))
    assert len(asked) > 40
    assert asked - set(catalog(language)) == set()


@pytest.mark.parametrize(
    ("number", "english", "spanish"),
    [
        (0.0, "0.0000", "0,0000"),
        (-0.0, "−0.0000", "−0,0000"),
        (-0.75977546, "−0.7598", "−0,7598"),
        (1234567.0, "1234567.0000", "1234567,0000"),
        (1e7, "1.0000e+07", "1,0000e+07"),
        (-1.25e-5, "−1.2500e−05", "−1,2500e−05"),
        (0.0001, "0.0001", "0,0001"),
        (float("inf"), "∞", "∞"),
        (float("-inf"), "−∞", "−∞"),
        (float("nan"), "NaN", "NaN"),
    ],
)
def test_numbers_as_each_language_writes_them(number: float, english: str, spanish: str) -> None:
    assert Numerals("en")(number) == english
    assert Numerals("es")(number) == spanish
