"""The lessons in their order. Title, summary and address are in the catalogs, the text in <language>/<file>."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from adelante.locale import DEFAULT_LANGUAGE, LANGUAGES, translate
from app.pages.lessons.exercise import Exercise
from app.pages.lessons.exercises import EXERCISES

_FOLDER = Path(__file__).parent
_ORDER = (
    "neuron",
    "tensors",
    "seeds",
    "two-ways",
    "shapes",
    "reshape",
    "layers",
    "hidden-units",
    "numpy",
    "gpu",
)


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson; `number` counts from 1."""

    key: str
    number: int

    @property
    def file(self) -> str:
        """The name of its text, the same in every language's folder."""
        return f"{self.number:02d}-{self.key}.html"

    @property
    def exercises(self) -> list[Exercise]:
        """Its exercises, in the order in which they stand in the text."""
        return [exercise for exercise in EXERCISES.values() if exercise.lesson == self.key]

    @property
    def pieces(self) -> list[str]:
        """The names of its live pieces, in the order of its text."""
        return _pieces_in(self.file)

    def slug(self, language: str) -> str:
        """The last part of its address."""
        return translate(language, f"lesson.{self.key}.slug")

    def title(self, language: str) -> str:
        return translate(language, f"lesson.{self.key}.title")

    def address(self, language: str) -> str:
        """/en/lessons/what-a-neuron-does, /es/lecciones/que-hace-una-neurona."""
        return f"{index_address(language)}/{self.slug(language)}"


@cache
def _pieces_in(file: str) -> list[str]:
    text = (_FOLDER / DEFAULT_LANGUAGE / file).read_text(encoding="utf-8")
    return re.findall(r'parts\.piece\("([a-z0-9-]+)"\)', text)


LESSONS: tuple[Lesson, ...] = tuple(Lesson(key, number) for number, key in enumerate(_ORDER, 1))


def index_address(language: str) -> str:
    """/en/lessons, /es/lecciones."""
    return f"/{language}/{translate(language, 'lessons.path')}"


def lesson_at(language: str, path: str, slug: str) -> Lesson | None:
    """The lesson at an address; None where there is none in this language."""
    if language not in LANGUAGES or path != translate(language, "lessons.path"):
        return None
    return next((lesson for lesson in LESSONS if lesson.slug(language) == slug), None)
