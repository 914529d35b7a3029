"""The course: equal in both languages, true to the notebook, and each exercise judged as torch would."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from babel.numbers import get_decimal_symbol
from starlette.testclient import TestClient

from app.locale import LANGUAGES, catalog, translate
from app.network.presets import PRESET_NAMES
from app.pages.lessons import figures
from app.pages.lessons.course import LESSONS, Lesson, index_address
from app.pages.lessons.exercise import Choice, Exercise, Numbers, Shape, Unreadable, judge, read_number, read_shape
from app.pages.lessons.exercises import EXERCISES
from app.pages.lessons.pieces import PIECES, StudioPiece
from app.pages.lessons.program import run, source
from app.pages.lessons.programs import PROGRAMS
from tests import notebook

TEXTS = Path(figures.__file__).parent
CALL = re.compile(r"parts\.(piece|code|ref)\(\"([^\"]+)\"")
VALUE = re.compile(r'<data value="([^"]+)">([^<]+)</data>')


def text_of(language: str, lesson: Lesson) -> str:
    return (TEXTS / language / lesson.file).read_text(encoding="utf-8")


def pages(client: TestClient) -> Iterator[tuple[str, Lesson, str]]:
    for language in LANGUAGES:
        for lesson in LESSONS:
            page = client.get(lesson.address(language))
            assert page.status_code == 200, lesson.address(language)
            yield language, lesson, page.text


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


def test_numbers_are_written_in_the_pages_language(client: TestClient) -> None:
    for language, lesson, page in pages(client):
        values = VALUE.findall(page)
        mark = get_decimal_symbol(language)
        other = {",": ".", ".": ","}[mark]
        for exact, printed in values:
            assert mark in printed or re.fullmatch(r"−?\d[\d\u202f]*", printed), printed
            as_number = float(printed.replace("−", "-").replace(",", ".").replace("\u202f", ""))
            digits = len(printed.replace(",", ".").partition(".")[2])
            assert as_number == pytest.approx(float(exact), abs=0.51 * 10**-digits), (lesson.key, printed)
        # Beside the figures no sentence holds a number with the other language's mark.
        prose = re.sub(r"(?s)<(pre|code|script|style|data|table|math)\b.*?</\1>|<[^>]+>", " ", page)
        # Where an exercise says that both marks count, it shows both.
        assert set(re.findall(rf"\d\{other}\d", prose)) <= {f"0{other}5"}, lesson.key


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
        assert f'"courseAddress":"{index_address(language)}"' in client.get(f"/{language}/").text
        assert f'<a href="{index_address(language)}">' in client.get(f"/{language}/").text


def test_each_lesson_leads_to_the_next_and_to_its_other_language(client: TestClient) -> None:
    for language, lesson, page in pages(client):
        after = LESSONS[lesson.number] if lesson.number < len(LESSONS) else None
        onward = after.address(language) if after else f"/{language}/"
        assert f'rel="next" href="{onward}"' in page
        for other in LANGUAGES:
            assert f'<link rel="alternate" hreflang="{other}" href="{lesson.address(other)}">' in page


def test_lessons_read_without_a_script(client: TestClient) -> None:
    for language, lesson, page in pages(client):
        assert "unsafe" not in client.get(lesson.address(language)).headers["content-security-policy"]
        assert not re.search(r"<style|\sstyle=|\son\w+=", page)
        for attributes in re.findall(r"<script([^>]*)>", page):
            assert "src=" in attributes or 'type="application/json"' in attributes
        for exercise in lesson.exercises:
            assert translate(language, f"exercise.{exercise.name}.why") in page
            assert run(exercise.program).text.splitlines()[-1] in page
        assert page.count("<details") == 3 * len(lesson.exercises)


def test_words_in_the_other_language_lead_nowhere(client: TestClient) -> None:
    for path in ("/en/lecciones", "/es/lessons", "/en/lessons/que-hace-una-neurona", "/en/lessons/nope"):
        assert client.get(path).status_code == 404


def test_the_first_values_of_a_piece_are_in_the_page(client: TestClient) -> None:
    for language, lesson, page in pages(client):
        for name in lesson.pieces:
            piece = PIECES[name]
            if not isinstance(piece, StudioPiece):
                continue
            preset = figures.pass_of(piece.network).preset
            a = preset.inputs
            for layer in preset.network.layers:
                a = layer.activation.function(a @ layer.weights + layer.biases)
                shown = [float(exact) for exact, _ in VALUE.findall(page)]
                for value in a.tolist():
                    assert min(abs(value - each) for each in shown) < 1e-6, (language, name)


# ---- the notebook's figures, through the lessons' own pieces ----


def printed(name: str) -> str:
    return run(PROGRAMS[name]).text


def test_one_neuron(client: TestClient) -> None:
    p = figures.pass_of("one-neuron")
    assert p.x == pytest.approx(notebook.ONE_NEURON_FEATURES, abs=5e-5)
    assert [row[0] for row in p.w(1)] == pytest.approx(notebook.ONE_NEURON_WEIGHTS, abs=5e-5)
    assert p.a(1)[0] == pytest.approx(0.1595, abs=5e-5)
    assert EXERCISES["notebook-sum"].answer == pytest.approx((0.1595,), abs=5e-5)
    assert EXERCISES["notebook-view"].answer[1] == pytest.approx(0.1595, abs=5e-5)
    assert "0.1595" in client.get(LESSONS[3].address("en")).text
    assert "0,1595" in client.get(LESSONS[3].address("es")).text


def test_the_sums_and_their_sigmoids(client: TestClient) -> None:
    wanted = {"features": (2.1626, 0.8968), "weights": (-1.5621, 0.1733), "bias": (0.3177, 0.5788)}
    for name, values in wanted.items():
        assert figures.sums()[name] == pytest.approx(values, abs=5e-5)
    assert printed("neuron-sums") == (
        "tensor(2.1626) tensor(-1.5621) tensor(0.3177)\ntensor(0.8968)\ntensor(0.1733)\ntensor(0.5788)"
    )
    english, spanish = (client.get(LESSONS[3].address(language)).text for language in ("en", "es"))
    for figure in ("2.1626", "−1.5621", "0.3177", "0.8968", "0.1733", "0.5788"):
        assert f">{figure}</data>" in english
        assert f">{figure.replace('.', ',')}</data>" in spanish


def test_the_network(client: TestClient) -> None:
    assert EXERCISES["notebook-network"].answer == pytest.approx((notebook.OUTPUT,), abs=5e-7)
    assert figures.pass_of("multilayer").a(1) == pytest.approx(notebook.HIDDEN_ACTIVATIONS, abs=5e-7)
    assert printed("hidden-product").startswith("tensor([[0.6813, 0.4355]])")
    assert "tensor([[0.3171]])" in client.get(LESSONS[6].address("es")).text


def test_the_shape_error_in_torchs_own_words(client: TestClient) -> None:
    with pytest.raises(RuntimeError) as error:
        torch.mm(torch.randn(1, 5), torch.randn(1, 5))
    assert str(error.value) == "mat1 and mat2 shapes cannot be multiplied (1x5 and 1x5)"
    assert printed("does-not-fit").endswith(f"RuntimeError: {error.value}")
    for language in LANGUAGES:
        page = client.get(LESSONS[4].address(language)).text
        assert str(error.value) in page
        assert "size mismatch, m1: [1 x 5], m2: [1 x 5]" in page


def test_the_shared_memory() -> None:
    wanted = np.array(
        [
            [2.6829993, 3.61865328, 1.84514124],
            [2.04923646, 0.75342916, 1.73886697],
            [0.89355934, 3.05528112, 2.69623291],
            [3.31728218, 2.62490371, 0.1486072],
        ]
    )
    ((array,),) = run(PROGRAMS["numpy-shared"]).printed
    assert array == pytest.approx(wanted, abs=5e-8)


# ---- programs ----


@pytest.mark.parametrize("name", [*PROGRAMS, *EXERCISES])
def test_what_is_shown_is_what_runs(name: str) -> None:
    """The text on the page, copied into a file and run, prints what the page says it prints."""
    body = PROGRAMS[name] if name in PROGRAMS else EXERCISES[name].program
    lines: list[str] = []

    def show(*items: object) -> None:
        lines.append(" ".join(map(str, items)))

    state = torch.random.get_rng_state()
    try:
        exec(source(body), {"print": show})  # the product's own text
    except RuntimeError as error:
        lines.append(f"RuntimeError: {error}")
    finally:
        torch.random.set_rng_state(state)
    assert "\n".join(lines) == run(body).text


def test_running_a_program_leaves_the_generator_alone() -> None:
    before = torch.random.get_rng_state()
    run.__wrapped__(PROGRAMS["drawn"])
    assert torch.equal(before, torch.random.get_rng_state())


# ---- exercises ----

EACH = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda exercise: exercise.name)


def written(exercise: Exercise, values: tuple[float, ...], mark: str) -> list[str]:
    """Values as a learner would type them."""
    if isinstance(exercise.kind, Choice):
        return [str(int(values[0]))]
    if isinstance(exercise.kind, Shape):
        return [f"({', '.join(str(int(size)) for size in values)})"]
    digits = 4 if exercise.kind.tolerance else 0
    return [f"{value:.{digits}f}".replace(".", mark) for value in values]


def asked(client: TestClient, language: str, exercise: Exercise, guess: list[str]) -> dict[str, object]:
    answer = client.post(f"/{language}/exercises/{exercise.name}", json={"guess": guess})
    assert answer.status_code == 200
    document: dict[str, object] = answer.json()
    return document


def test_each_lesson_has_two_exercises_besides_the_notebooks() -> None:
    for lesson in LESSONS:
        assert len([each for each in lesson.exercises if not each.name.startswith("notebook-")]) >= 2
    assert {name for name in EXERCISES if name.startswith("notebook-")} == {
        "notebook-sum",
        "notebook-view",
        "notebook-network",
    }


@EACH
@pytest.mark.parametrize(("language", "mark"), [("en", "."), ("es", ","), ("en", ","), ("es", ".")])
def test_the_right_answer_is_right(client: TestClient, exercise: Exercise, language: str, mark: str) -> None:
    answer = asked(client, language, exercise, written(exercise, exercise.answer, mark))
    assert answer["all_right"] is True
    assert answer["text"] == translate(language, "lessons.right")


@EACH
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_answer_is_wrong_and_told_so(client: TestClient, exercise: Exercise, language: str) -> None:
    if isinstance(exercise.kind, Choice):
        guesses = [[str(i)] for i in range(len(exercise.kind.options)) if i != exercise.answer[0]]
        assert len(guesses) == len(exercise.kind.options) - 1
    else:
        guesses = [written(exercise, tuple(value + 2 for value in exercise.answer), ".")]
    for guess in guesses:
        answer = asked(client, language, exercise, guess)
        assert answer["all_right"] is False
        assert answer["readable"] is True
        assert answer["text"]
        assert answer["text"] != translate(language, "lessons.right")


@EACH
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_usual_slips_are_named(client: TestClient, exercise: Exercise, language: str) -> None:
    for name, value in exercise.slips.items():
        guess = written(exercise, value if isinstance(value, tuple) else (value,), ",")
        answer = asked(client, language, exercise, guess)
        assert answer["all_right"] is False
        assert answer["text"] == translate(language, f"exercise.{exercise.name}.slip-{name}")


@pytest.mark.parametrize(
    "exercise",
    [each for each in EXERCISES.values() if isinstance(each.kind, Numbers) and each.kind.tolerance],
    ids=lambda exercise: exercise.name,
)
def test_the_tolerance_is_what_is_stated(exercise: Exercise) -> None:
    assert isinstance(exercise.kind, Numbers)
    for share, right in ((0.9, True), (-0.9, True), (1.1, False), (-1.1, False)):
        guess = [repr(value + share * exercise.kind.tolerance) for value in exercise.answer]
        assert judge(exercise, guess).all_right is right


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_guess_that_cannot_be_read(client: TestClient, language: str) -> None:
    for name, guess, kind in (
        ("neuron-z", ["about half"], "numbers"),
        ("neuron-z", [""], "numbers"),
        ("notebook-view", ["1"], "numbers"),
        ("matrix-shape", ["two by three"], "shape"),
        ("neuron-bias", ["9"], "choice"),
        ("neuron-bias", [], "choice"),
    ):
        answer = asked(client, language, EXERCISES[name], guess)
        assert (answer["readable"], answer["all_right"]) == (False, False)
        assert answer["text"] == translate(language, f"lessons.unreadable-{kind}")


def test_what_is_no_guess_is_refused(client: TestClient) -> None:
    address = "/en/exercises/neuron-z"
    assert client.post("/en/exercises/nope", json={"guess": ["1"]}).status_code == 404
    bodies: list[object] = [{}, {"guess": "1"}, {"guess": [1]}, [], {"guess": None}]
    for body in bodies:
        assert client.post(address, json=body).status_code == 400
    assert client.post(address, json={"guess": ["1" * 5000]}).status_code == 413
    assert client.post(address, json={"guess": ["1" * 500]}).json()["readable"] is False
    assert client.post(address, json={"guess": ["1"] * 50}).json()["readable"] is False


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.5", 0.5), ("0,5", 0.5), (" .5 ", 0.5), ("1/4", 0.25), ("−2e-3", -0.002), ("-1,5/3", -0.5), ("+7", 7.0)],
)
def test_numbers_as_people_type_them(text: str, value: float) -> None:
    assert read_number(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "a", "1,000.5", "1/0", "1e999", "nan", "inf", "1/2/3", "1 2", "٣"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(Unreadable):
        read_number(text)


@pytest.mark.parametrize("text", ["(5, 1)", "5x1", "5 × 1", "[5, 1]", "5 1", "torch.Size([5, 1])", "(5; 1)", " 5,1 "])
def test_shapes_as_people_type_them(text: str) -> None:
    assert read_shape(text) == (5, 1)


def test_a_shape_of_one_dimension() -> None:
    assert read_shape("(5,)") == (5,)
    for text in ("", "()", "-5, 1", "5.1", "five"):
        with pytest.raises(Unreadable):
            read_shape(text)


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


# ---- the product that is timed ----


def test_a_product_is_measured(client: TestClient) -> None:
    answer = client.get("/lessons/product/64").json()
    assert answer["products"] == 64**3
    assert 0 < answer["milliseconds"] < 1000
    assert client.get("/lessons/product/65").status_code == 404
    assert client.get("/lessons/product/x").status_code == 404


def test_the_race_of_the_last_lesson() -> None:
    race = figures.race()
    assert race.products == race.size**3
    assert race.loop > race.torch > 0
