"""The languages are equals: the same keys, the same places, every key used and every used key there."""

import re
from pathlib import Path

import pytest
from babel.numbers import get_decimal_symbol

from app.api.problems import STATUS
from app.locale import LANGUAGES, catalog, negotiate, translate
from app.network.presets import PRESET_NAMES

APP = Path(__file__).parents[2] / "app"
PLACES = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")
# Texts that show what is to be typed: JSON and the command line have a point, lists have commas, and both marks count.
TYPED = {
    "cli.forward.help",
    "cli.help",
    "cli.inputs.help",
    "fault.matrix-expected",
    "fault.vector-expected",
    "hint.inputs-not-a-number",
    "lessons.unreadable-numbers",
    "problem.not-a-number.remedy",
}
# Looked up by a name that stands in the code without its family.
FAMILIES = ("problem", "preset", "activation", "exercise", "lesson", "piece")


def sources() -> str:
    kinds = ("*.py", "*.html", "*.svelte", "*.ts")
    files = [file for kind in kinds for file in APP.rglob(kind) if "node_modules" not in file.parts]
    return "\n".join(file.read_text() for file in files)


def test_all_languages_have_the_same_keys_and_places() -> None:
    english = catalog("en")
    for language in LANGUAGES:
        texts = catalog(language)
        assert set(texts) == set(english), language
        for key, text in texts.items():
            assert text.strip(), (language, key)
            assert set(PLACES.findall(text)) == set(PLACES.findall(english[key])), (language, key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_have_the_languages_own_decimal_mark(language: str) -> None:
    other = {",": ".", ".": ","}[get_decimal_symbol(language)]
    wrong = {key for key, text in catalog(language).items() if re.search(rf"\d[{other}]\d", text)}
    assert wrong <= TYPED


def test_every_key_is_used() -> None:
    text = sources()

    def is_used(key: str) -> bool:
        family, _, rest = key.partition(".")
        # Problems, presets and faults are looked up by a name that stands in the code without its family.
        name = rest.split(".")[0] if family in FAMILIES else rest
        return f'"{key}"' in text or re.search(rf"[\"'`.]{re.escape(name)}[\"'`.]", text) is not None

    assert [key for key in catalog("en") if not is_used(key)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_used_key_is_there(language: str) -> None:
    text = sources()
    known = catalog(language)
    used = set(re.findall(r"[\"']((?:studio|pages|lessons|lab)\.[a-z0-9.-]+)[\"']", text))
    used -= {"studio.html", "pages.html"} | {key for key in used if key.endswith(("-", ".css"))}
    assert used
    assert used - set(known) == set()
    for key in re.findall(r"(?:Fault|refuse)\(\s*\"[a-z-]*\",\s*\"([a-z0-9-]+)\"", text):
        assert f"fault.{key}" in known, key
    for type_ in STATUS:
        assert {f"problem.{type_}.{part}" for part in ("title", "detail", "remedy")} <= set(known)
    for name in PRESET_NAMES:
        assert {f"preset.{name}.title", f"preset.{name}.description"} <= set(known)


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_no_text_is_left_in_english(language: str) -> None:
    english, texts = catalog("en"), catalog(language)
    same = {key for key, text in english.items() if text == texts[key] and re.search(r"[a-z]{4}", PLACES.sub("", text))}
    assert same == set()


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("en-US,en;q=0.5", "en"),
        ("fr", "en"),
        ("fr,es;q=0.3", "es"),
        (None, "en"),
        ("", "en"),
        ("es;q=x", "en"),
        ("en;q=0.2,es;q=0.9", "es"),
    ],
)
def test_negotiation(header: str | None, language: str) -> None:
    assert negotiate(header) == language


def test_a_missing_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        translate("en", "no.such.key")
