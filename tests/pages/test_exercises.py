"""Each exercise judged as torch would, and told so in the learner's language."""

import re

import pytest
from starlette.testclient import TestClient

from adelante.locale import LANGUAGES, catalog, translate
from app.pages.lessons.course import LESSONS
from app.pages.lessons.exercise import Choice, Exercise, Numbers, Shape, Unreadable, judge, read_number, read_shape
from app.pages.lessons.exercises import EXERCISES

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


@EACH
def test_every_wrong_option_says_why_it_is_wrong(exercise: Exercise) -> None:
    if isinstance(exercise.kind, Choice):
        wrong = set(range(len(exercise.kind.options))) - {int(exercise.answer[0])}
        assert set(exercise.slips.values()) == wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_exercises_texts_carry_known_marks_only_and_titles_none(language: str) -> None:
    for key, text in catalog(language).items():
        if not key.startswith(("exercise.", "lessons.right", "lessons.wrong", "lessons.unreadable")):
            continue
        plain = re.sub(r"<(code|i|sub|sup)>((?:(?!<\1>).)*?)</\1>", r"\2", text)
        plain = re.sub(r"<(code|i|sub|sup)>(.*?)</\1>", r"\2", plain)
        assert "<" not in plain, key
        assert "<" not in text or not key.endswith(".title"), key


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
    "text",
    [
        "tensor(0.5)", "tensor([[0.5000]])", "tensor([0.5], dtype=torch.float64)", "np.float64(0.5)", "array([0.5])",
        "[0.5]", "(0,5)", "y = 0.5", "z: 0,5", "= 0.5", "≈ 0,5", "~0.5", "0.5.", "½", "1⁄2", "0'5", "0’5", "0´5",
    ],
)  # fmt: skip
def test_a_copied_answer_is_the_number_in_it(text: str) -> None:
    assert read_number(text) == (0.5,)


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.5", 0.5), ("0,5", 0.5), (" .5 ", 0.5), ("1/4", 0.25), ("−2e-3", -0.002), ("-1,5/3", -0.5), ("+7", 7.0)],
)
def test_numbers_as_people_type_them(text: str, value: float) -> None:
    assert read_number(text) == pytest.approx((value,))


@pytest.mark.parametrize(
    "text",
    ["6000", "6.000", "6,000", "6 000", "6\u00a0000", "6\u202f000", "6\u2009000", "６０００", "6'000", "12000/2"],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_thousands_may_be_grouped(client: TestClient, language: str, text: str) -> None:
    exercise = next(each for each in EXERCISES.values() if each.answer == (6000,))
    answer = asked(client, language, exercise, [text])
    assert (answer["all_right"], answer["readable"]) == (True, True)


@pytest.mark.parametrize(
    "text", ["4000000", "4.000.000", "4,000,000", "4 000 000", "4\u00a0000\u00a0000", "4\u202f000\u202f000"]
)
def test_millions_may_be_grouped(text: str) -> None:
    assert read_number(text) == (4_000_000,)


@pytest.mark.parametrize("text", ["", "a", "1,000.5.5", "1/0", "1e999", "nan", "inf", "1/2/3", "1 2", "٣"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(Unreadable):
        read_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "(5, 1)", "5x1", "5 × 1", "[5, 1]", "5 1", "torch.Size([5, 1])", "(5; 1)", " 5,1 ", "5 X 1", "5*1", "5 · 1",
        "5 por 1", "5 by 1", "5\u00a0x\u00a01", "(5，1)", "{5, 1}", "size = (5, 1)", "Size([5, 1])", "5, 1.",
        "forma: 5 x 1",
    ],
)  # fmt: skip
def test_shapes_as_people_type_them(text: str) -> None:
    assert read_shape(text) == (5, 1)


def test_a_shape_of_one_dimension() -> None:
    assert read_shape("(5,)") == (5,)
    for text in ("", "()", "-5, 1", "5.1", "five"):
        with pytest.raises(Unreadable):
            read_shape(text)
