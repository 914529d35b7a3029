"""The course: equal in every language, and its pages."""

import json
import re
from pathlib import Path

import pytest
from markupsafe import escape
from starlette.testclient import TestClient

from adelante.locale import LANGUAGES, catalog, translate
from adelante.network.presets import PRESET_NAMES
from adelante.tensors.operations import OPERATIONS
from app.pages.lessons import figures
from app.pages.lessons.course import LESSONS, Lesson, index_address
from app.pages.lessons.exercises import EXERCISES
from app.pages.lessons.lab import OPERATION_GROUPS
from app.pages.lessons.pieces import PIECES
from app.pages.lessons.program import run
from tests.pages.course import lesson_pages

TEXTS = Path(figures.__file__).parent
CALL = re.compile(r"parts\.(piece|code|ref|studio)\(\"([^\"]+)\"")


def text_of(language: str, lesson: Lesson) -> str:
    return (TEXTS / language / lesson.file).read_text(encoding="utf-8")


# ---- both languages ----


def test_every_language_has_every_lesson_and_no_other() -> None:
    for language in LANGUAGES:
        assert sorted(file.name for file in (TEXTS / language).iterdir()) == [lesson.file for lesson in LESSONS]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.key)
def test_a_lesson_has_the_same_pieces_programs_phrases_and_figures_in_every_language(lesson: Lesson) -> None:
    def parts(text: str) -> list[tuple[str, str]]:
        return sorted(CALL.findall(text))

    def quoted(text: str) -> list[str]:
        return sorted(re.findall(r"\{\{ (?:n|count)\([^}]*\) \}\}", text))

    def headings(text: str) -> int:
        return text.count("<h2>")

    first, *others = (text_of(language, lesson) for language in LANGUAGES)
    for other in others:
        assert parts(other) == parts(first)
        assert quoted(other) == quoted(first)
        assert headings(other) == headings(first)
        assert [name for kind, name in CALL.findall(other) if kind != "ref"] == [
            name for kind, name in CALL.findall(first) if kind != "ref"
        ]


def test_every_exercise_has_its_words() -> None:
    parts = ("title", "question", "hint-1", "hint-2", "why")
    wanted = {
        f"exercise.{name}.{part}"
        for name, exercise in EXERCISES.items()
        for part in (*parts, *(f"slip-{slip}" for slip in exercise.slips))
    }
    wanted |= {f"lesson.{lesson.key}.{part}" for lesson in LESSONS for part in ("slug", "title", "summary")}
    wanted |= {f"piece.{name}.caption" for name in PIECES}
    for language in LANGUAGES:
        known = {key for key in catalog(language) if key.partition(".")[0] in ("exercise", "lesson", "piece")}
        assert known == wanted


def test_addresses_are_plain_and_differ() -> None:
    for language in LANGUAGES:
        slugs = [lesson.slug(language) for lesson in LESSONS]
        assert len(set(slugs)) == len(LESSONS)
        assert all(re.fullmatch(r"[a-z0-9-]+", slug) for slug in slugs)


# ---- the pages ----


def test_the_contents_name_every_lesson(client: TestClient) -> None:
    for language, address in (("en", "/en/lessons"), ("es", "/es/lecciones")):
        page = client.get(address)
        assert page.headers["content-language"] == language
        for lesson in LESSONS:
            assert f'href="{lesson.address(language)}"' in page.text
            assert lesson.title(language) in page.text.replace("&#39;", "'")


def test_the_studio_leads_to_the_course(client: TestClient) -> None:
    for language in LANGUAGES:
        page = client.get(f"/{language}/").text
        assert f'<a href="{index_address(language)}">' in page
        assert json.loads(re.findall(r'id="studio-data">(.*?)</script>', page)[0])["course_address"] == index_address(
            language
        )


def test_each_lesson_leads_to_the_next_and_to_its_other_language(client: TestClient) -> None:
    for language, lesson, page in lesson_pages(client):
        after = LESSONS[lesson.number] if lesson.number < len(LESSONS) else None
        onward = after.address(language) if after else f"/{language}/"
        assert f'rel="next" href="{onward}"' in page
        for other in LANGUAGES:
            assert f'<link rel="alternate" hreflang="{other}" href="{lesson.address(other)}">' in page


def test_lessons_read_without_a_script(client: TestClient) -> None:
    for language, lesson, page in lesson_pages(client):
        assert "unsafe" not in client.get(lesson.address(language)).headers["content-security-policy"]
        assert not re.search(r"<style|\sstyle=|\son\w+=", page)
        for attributes in re.findall(r"<script([^>]*)>", page):
            assert "src=" in attributes or 'type="application/json"' in attributes
        for exercise in lesson.exercises:
            assert translate(language, f"exercise.{exercise.name}.why") in page
            assert run(exercise.program).text.splitlines()[-1] in page
        assert page.count("<details") == 3 * len(lesson.exercises)


def test_lessons_lead_to_networks_that_show_what_they_teach(client: TestClient) -> None:
    """In the reader's language, each to a preset by its name; what the address gives is tested for every preset."""
    shown: dict[str, list[str]] = {}
    for language, _, page in lesson_pages(client):
        names = re.findall(rf'href="/{language}/\?preset=([a-z0-9-]+)"', page)
        assert set(names) <= set(PRESET_NAMES)
        shown[language] = shown.get(language, []) + names
    assert all(names == shown["en"] for names in shown.values())
    assert {"gate-and", "line", "circle", "spiral", "rain", "iris", "digits", "digits-large"} <= set(shown["en"])


def test_words_in_the_other_language_lead_nowhere(client: TestClient) -> None:
    for path in ("/en/lecciones", "/es/lessons", "/en/lessons/que-hace-una-neurona", "/en/lessons/nope"):
        assert client.get(path).status_code == 404


# ---- for teachers ----


@pytest.mark.parametrize(("language", "path"), [("en", "/en/teachers"), ("es", "/es/docentes")])
def test_the_teachers_page_says_how_to_run_a_class(client: TestClient, language: str, path: str) -> None:
    page = client.get(path)
    assert page.headers["content-language"] == language
    assert "docker run --rm -p 8000:8000 adelante" in page.text
    assert translate(language, "lessons.teachers-limit", sessions=1000) in page.text
    handed = json.loads(re.findall(r'id="lesson-data">(.*?)</script>', page.text)[0])
    assert [each["address"] for each in handed["lessons"]] == [lesson.address(language) for lesson in LESSONS]
    assert [each["name"] for each in handed["presets"]] == list(PRESET_NAMES)
    assert handed["class_address"] == {"en": "/en/class", "es": "/es/clase"}[language]
    assert client.get(handed["class_address"]).status_code == 200


def test_the_labs_page_lists_every_operation(client: TestClient) -> None:
    calls = [call for _, group in OPERATION_GROUPS for call in group]
    signs = {"+": "add", "*": "mul", "@": "matmul"}
    listed = {name for call in calls for name in re.findall(r"\w+", call)}
    listed |= {operation for sign, operation in signs.items() if any(f" {sign} " in call for call in calls)}
    assert set(OPERATIONS) <= listed
    for language in LANGUAGES:
        page = client.get(f"/{language}/{translate(language, 'lessons.lab-path')}")
        assert page.status_code == 200
        assert all(str(escape(call)) in page.text for call in calls)
        assert (
            f'href="/{language}/{translate(language, "lessons.lab-path")}"' in client.get(index_address(language)).text
        )


@pytest.mark.parametrize("there", [True, False])
def test_the_lesson_about_gpus_says_whether_there_is_one_here(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    monkeypatch.setattr("torch.accelerator.is_available", lambda: there)
    lesson = next(each for each in LESSONS if each.key == "gpu")
    for language, words in (("en", "This server has no GPU"), ("es", "Este servidor no tiene")):
        assert (words in client.get(lesson.address(language)).text) is not there
