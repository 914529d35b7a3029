"""What nobody would say, and was rewritten, does not come back; and a thing has one name throughout the course."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
# Correct, and never said so. In their place stands what a teacher says.
NEVER_SAID = {
    "es": [
        *("paso hacia adelante", "Cuenta la última semilla", "una al lado de otra son", "Un tensor son números"),
        *("números de direcciones", "z negativa y grande", "coincide en el 5", "tanto como columnas hay"),
        *("Por eso se dice dónde", "en un lugar conocido", "El error que encuentra", "Las formas hacen cadena"),
        *("sube o baja siempre igual", "Por cuatro, en los dos", "Dar un nombre a otra cosa", "hace una copia"),
        *("el o normal", "Una suma mental", "¿Qué es b.dtype", "mide lo que su tiempo", "El camino hasta allí"),
        *("Primero adivina", "Se da por buena", "Olvidarlo", "con su propio nombre o número", "que sube {setting}"),
    ],
    "en": [
        *(
            "four, twice over",
            "Random, but not by chance",
            "is how one looks",
            "one says",
            "One tries",
            "one step back, then",
        ),
        *(
            "in brackets stand",
            "The inner sizes meet",
            "How many columns has",
            "To which shape must",
            "all that is to be",
        ),
        *("A GPU pays where", "A sum in the head", "Which one to take", "was to give", "As at the start", "Forget it"),
    ],
}
# Sentences of the course that were not so: the bias is z and not the output where all inputs are 0, `a[0] = 1` and
# `a += 1` have no underscore, neurons that rise and fall do tell "exclusive or", and a program names its device.
NOT_SO = {
    "es": [
        *("lo que la neurona dice cuando", "como todas las operaciones de torch que cambian"),
        *("en los demás casos. Una neurona no puede", "El código no tiene que cambiar", "de una lista fija"),
    ],
    "en": [
        *("what the neuron says when", "as all of torch's operations do that change"),
        *("near 0 otherwise. One neuron can't do it", "The code need not change", "numbers of a fixed list"),
    ],
}
# In the Spanish lessons a tensor has dimensions and sizes, and torch's numbers are drawn by "sortear".
ANOTHER_WORD = re.compile(r"\b(medidas?|direcci[oó]n(es)?|extra(er|e|ídos?|ídas?)|generad[oa]s?)\b")


def texts(language: str) -> Iterator[tuple[Path, str]]:
    """All that is read in a language: catalogs, lessons, the README and the documentation."""
    readme = {"en": "README.md", "es": "README.es.md"}[language]
    pages = [ROOT / readme, *(ROOT / "adelante/locale" / language / "LC_MESSAGES").glob("*.po"), *lessons(language)]
    for path in pages:
        yield path, re.sub(r'"\n"|\s+', " ", path.read_text())


def lessons(language: str) -> list[Path]:
    return sorted((ROOT / "app/pages/lessons" / language).glob("*.html"))


@pytest.mark.parametrize("language", NEVER_SAID)
def test_what_nobody_says_is_not_said(language: str) -> None:
    said = [
        (path.name, words)
        for path, text in texts(language)
        for words in NEVER_SAID[language]
        if re.search(rf"\b{re.escape(words)}", text)
    ]
    assert said == []


@pytest.mark.parametrize("language", NOT_SO)
def test_what_the_course_once_said_and_is_not_so(language: str) -> None:
    said = [(path.name, words) for path, text in texts(language) for words in NOT_SO[language] if words in _plain(text)]
    assert said == []


def _plain(text: str) -> str:
    return re.sub(r"<[^>]+>", "", text)


def test_a_thing_has_one_name_in_the_lessons() -> None:
    found = [(path.name, ANOTHER_WORD.search(path.read_text())) for path in lessons("es")]
    assert len(found) == 10
    assert [(name, word[0]) for name, word in found if word] == []
