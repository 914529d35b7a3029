"""What a test of the course does on its pages, and reads from them."""

from playwright.sync_api import Locator, Page, expect

from app.pages.lessons.course import LESSONS
from app.pages.lessons.exercise import Choice, Exercise, Shape
from app.pages.lessons.exercises import EXERCISES

# Every piece that the page hands data for has come alive.
ALL_AWAKE = """() => {
  const pieces = JSON.parse(document.getElementById("lesson-data").textContent).pieces ?? {};
  return [...document.querySelectorAll("[data-piece]")].every((f) => f.dataset.live || !(f.dataset.piece in pieces));
}"""
BY_KEY = {lesson.key: lesson for lesson in LESSONS}
# Between them they have a picture and an exercise of each kind.
FEW = ("neuron", "shapes", "layers", "seeds")


def open_lesson(page: Page, url: str, language: str, key: str) -> None:
    page.goto(url + BY_KEY[key].address(language))


def awake(page: Page, piece: str) -> Locator:
    """A live piece, once it lives."""
    figure = page.locator(f"figure[data-piece='{piece}']")
    figure.scroll_into_view_if_needed()
    expect(figure).to_have_attribute("data-live", "true")
    return figure


def answer(page: Page, name: str) -> None:
    """Answers an exercise, so that the page shows what it held back until then."""
    type_guess(page.locator(f"#{name}"), EXERCISES[name], EXERCISES[name].answer, ".")
    expect(page.locator(f"#{name}")).to_have_attribute("data-verdict", "right")


def made_link(page: Page) -> str:
    """The link that the teachers' page makes of what it is set to."""
    page.locator("[data-builder] button[type=submit]").click()
    return page.locator("[data-builder] input[readonly]").input_value()


def type_guess(section: Locator, exercise: Exercise, values: tuple[float, ...], mark: str) -> None:
    if isinstance(exercise.kind, Choice):
        section.locator("input[type=radio]").nth(int(values[0])).check()
    elif isinstance(exercise.kind, Shape):
        section.locator("input").fill(f"({', '.join(str(int(value)) for value in values)})")
    else:
        digits = 4 if exercise.kind.tolerance else 0
        for field, value in zip(section.locator("input").all(), values, strict=True):
            field.fill(f"{value:.{digits}f}".replace(".", mark))
    section.locator("button[type=submit]").click()


def numbers(figure: Locator, tensor: str) -> list[float]:
    """The known numbers of a drawn tensor, in the order of its elements."""
    cells: list[float] = figure.locator(f"[data-tensor='{tensor}'] .cell[data-value]").evaluate_all(
        "cells => cells.map(cell => Number(cell.dataset.value))"
    )
    return cells


def pixels(drawn: Locator) -> list[int]:
    """Red, green, blue and opacity of a drawn picture's pixels, row after row, 0 to 255."""
    expect(drawn.locator("canvas")).to_be_visible()
    found: list[int] = drawn.locator("canvas").evaluate(
        "canvas => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data]"
    )
    return found


def value(locator: Locator) -> float:
    return float(locator.get_attribute("data-value") or "nan")
