"""Spanish and English are equals: the same keys, the same places, every key used and every used key there."""

import re
from pathlib import Path

import pytest
from babel.numbers import get_decimal_symbol

from adelante.datasets import DATA_SET_NAMES, data_set_named
from adelante.locale import DEFAULT_LANGUAGE, LANGUAGES, catalog, filled, translate
from adelante.network.edits.proposals import PROPOSED
from adelante.network.operations import OPERATIONS
from adelante.network.presets import PRESET_NAMES
from app.api.http.problems import STATUS
from app.negotiation import negotiate
from app.pages.lessons.exercises import EXERCISES
from app.settings import Settings

ROOT = Path(__file__).parents[3]
SOURCES = (ROOT / "app", ROOT / "adelante")
PLACES = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")
# JSON, code and versions, in which a number always has a point.
AS_TYPED = re.compile(r"<code>.*?</code>|\[[^\]]*\]|(?:Safari|torch) \d+\.\d+")
# They say how a number may be typed, or has to be in JSON.
BOTH_MARKS = ("lessons.unreadable-numbers", "problem.not-a-number.remedy")
# Looked up by a name that stands in the code without its family.
FAMILIES = ("problem", "preset", "activation", "lesson", "piece")


def sources() -> str:
    kinds = ("*.py", "*.html", "*.svelte", "*.ts")
    files = [
        file for kind in kinds for part in SOURCES for file in part.rglob(kind) if "node_modules" not in file.parts
    ]
    return "\n".join(file.read_text() for file in files)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_keys_and_places(language: str) -> None:
    first, texts = catalog(DEFAULT_LANGUAGE), catalog(language)
    assert set(texts) == set(first)
    for key, text in texts.items():
        assert text.strip(), key
        assert set(PLACES.findall(text)) == set(PLACES.findall(first[key])), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_fault_says_a_layers_number_alone(language: str) -> None:
    """The page counts layers from 1 and the API from 0: beside the last one's number it is clear which is meant."""
    numbered = re.compile(r"\b(?:layer|capa) \{(?:layer|before|index)\}")
    faults = {key: text for key, text in catalog(language).items() if key.startswith(("fault.", "hint."))}
    found = {key for key, text in faults.items() if numbered.search(text)}
    assert "fault.no-such-layer" in found
    # Beside its kind stands a layer's name.
    assert [key for key in found if not {"last", "kind"} & {*PLACES.findall(faults[key])}] == []


KIND_NAMES = {f"kind-{re.sub('[123]d(?=$|_)', '', kind)}" for kind in OPERATIONS}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_a_word(language: str) -> None:
    """It stands over its layers that have no name of their own."""
    assert {f"world.{name}" for name in KIND_NAMES} <= catalog(language).keys()


def test_every_key_is_used() -> None:
    text = sources()
    # All that stands between two of these marks: looked for key by key, the sources would be read a thousand times.
    marked = set(re.split(r"[\"'`.]", text))
    data_sets = {"title", "origin"}
    for each in map(data_set_named, DATA_SET_NAMES):
        words = (*(column.name for column in each.columns), each.target, *each.class_names)
        data_sets |= {word.replace(" ", "-") for word in words}

    def is_used(key: str) -> bool:
        family, _, rest = key.partition(".")
        # Problems, presets and faults are looked up by a name that stands in the code without its family.
        if family == "preset":
            return rest.split(".")[0] in PRESET_NAMES
        if family == "data-set":
            return rest.split(".")[-1] in data_sets
        if family == "kind":
            return any(re.sub("[123]d$", "", kind) == rest for kind in PROPOSED)
        if rest in KIND_NAMES:
            return True
        if family == "exercise":
            return rest.split(".")[0] in EXERCISES
        if family == "settings":
            # Looked up by a setting's name, or by a part of theirs: "from-to", 'table.title', "variable".
            parts = "|".join(map(re.escape, filter(None, (key, rest, rest.partition(".")[2]))))
            return rest in Settings.model_fields or re.search(rf"[\"'](?:{parts})[\"']", text) is not None
        name = rest.split(".")[0] if family in FAMILIES else rest
        if name in marked or f'"{key}"' in text:
            return True
        return "." in name and re.search(rf"[\"'`.]{re.escape(name)}[\"'`.]", text) is not None

    assert [key for key in catalog("en") if not is_used(key)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_used_key_is_there(language: str) -> None:
    text = sources()
    known = catalog(language)
    used = set(re.findall(r"[\"']((?:studio|world|forms|pages|lessons|lab)\.[a-z0-9.-]+)[\"']", text))
    used -= {"studio.html", "pages.html"} | {key for key in used if key.endswith(("-", ".css"))}
    assert used
    assert used - set(known) == set()
    for key in re.findall(r"(?:Fault|refuse)\(\s*\"[a-z-]*\",\s*\"([a-z0-9-]+)\"", text):
        assert f"fault.{key}" in known, key
    for type_ in STATUS:
        assert {f"problem.{type_}.{part}" for part in ("title", "detail", "remedy")} <= set(known)
    for name in PRESET_NAMES:
        assert {f"preset.{name}.title", f"preset.{name}.description"} <= set(known)


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != DEFAULT_LANGUAGE])
def test_no_text_is_left_in_english(language: str) -> None:
    texts = catalog(language)
    # One word may be the same in two languages ("solution").
    # Spanish and English share no other text but functions' names.
    words = r"[a-z]{4}" if language == "es" else r"[a-z]{4}.*\W.*[a-z]{4}"
    same = {
        key
        for key, text in catalog(DEFAULT_LANGUAGE).items()
        if text == texts[key]
        and re.search(words, PLACES.sub("", text))
        and key.removeprefix("world.") not in KIND_NAMES
    }
    assert same == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_in_texts_are_written_as_the_language_writes_them(language: str) -> None:
    mark = get_decimal_symbol(language)
    other = r"\d,\d" if mark == "." else r"\d\.\d"
    for key, text in catalog(language).items():
        if key.startswith(("cli.", "settings.")) or key in BOTH_MARKS:
            continue
        prose = AS_TYPED.sub(" ", text)
        assert not re.search(other, prose), (key, text)
        assert not re.search(r"\d{5}", prose), (key, "digits in threes, with a thin space")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("en-US,en;q=0.5", "en"),
        ("zxx", "en"),
        ("zxx,es;q=0.3", "es"),
        (None, "en"),
        ("", "en"),
        ("es;q=x", "en"),
        ("en;q=0.2,es;q=0.9", "es"),
        # Tags ignore case.
        ("ES", "es"),
        ("EN", "en"),
        ("En-us", "en"),
        ("ES-MX", "es"),
        ("es_MX", "es"),
        ("es-419,en;q=0.9", "es"),
        # Spaces may stand around each part.
        ("en;q=0.1, es; q=0.9", "es"),
        ("en ; q=0.1 , es ; q = 0.9", "es"),
        ("es;Q=0.9,en;q=0.1", "es"),
        # 0 is "not this one".
        ("es;q=0", "en"),
        ("en;q=0,*", "es"),
        ("*", "en"),
        ("zxx,*;q=0.5", "en"),
        ("es,en", "es"),
        ("en,es", "en"),
        # What nobody means.
        (",,;;q=,=;q", "en"),
        ("es;q=nan", "en"),
        ("es;q=1e999", "en"),
        ("es;q=-1", "en"),
        ("\x00\xff-\xff;q=\xb9", "en"),
        ("-", "en"),
        ("e" * 100_000, "en"),
        ("es," * 100_000, "es"),
    ],
)
def test_negotiation(header: str | None, language: str) -> None:
    assert negotiate(header) == language


def test_a_missing_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        translate("en", "no.such.key")


@pytest.mark.parametrize(("count", "words"), [(1, "1 row"), ("1", "1 row"), (2, "2 rows"), (0, "0 rows")])
def test_a_count_of_one_has_its_own_word(count: int | str, words: str) -> None:
    assert filled("{count} {count:row|rows}", {"count": count}) == words


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_word_for_a_count_is_of_a_place_of_its_text(language: str) -> None:
    for key, text in catalog(language).items():
        for name in re.findall(r"\{(\w+):[^|{}]*\|[^|{}]*\}", text):
            assert f"{{{name}}}" in text, key


@pytest.mark.parametrize(
    ("language", "key", "words"),
    [
        ("en", "fault.ragged", "This row has 1 number, the first has 2."),
        ("es", "fault.ragged", "Esta fila tiene 1 número; la primera, 2."),
    ],
)
def test_a_row_with_one_number_is_said_right(language: str, key: str, words: str) -> None:
    assert translate(language, key, got=1, expected=2) == words


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_counts_the_first_layer_as_the_0th(language: str) -> None:
    """The page counts layers from 1, the API's pointers from 0: a sentence that both show names the first one so."""
    assert [key for key, text in catalog(language).items() if re.search(r"\b([Ll]ayer|[Cc]apa) 0\b", text)] == []
