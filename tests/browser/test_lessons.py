"""The lessons in real Chromium: guesses right and wrong, and pages that everyone can read."""

import re
from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from adelante.locale import LANGUAGES, translate
from app.pages.lessons.course import LESSONS, Lesson, index_address
from app.pages.lessons.exercise import Choice, Exercise
from app.pages.lessons.exercises import EXERCISES
from tests.browser.accessibility import finds_nothing
from tests.browser.lesson_page import ALL_AWAKE, BY_KEY, FEW, made_link, open_lesson, type_guess
from tests.long import crossed, some

# axe does not read MathML, so a header such as x₁ · w₁₁ seems empty to it; screen readers do.
RULES = {"empty-table-header": {"enabled": False}}


def wrong(exercise: Exercise) -> tuple[float, ...]:
    if isinstance(exercise.kind, Choice):
        return ((exercise.answer[0] + 1) % len(exercise.kind.options),)
    return tuple(value + 2 for value in exercise.answer)


@pytest.mark.parametrize(("lesson", "language"), crossed(LESSONS, LANGUAGES, few=[BY_KEY[key] for key in FEW]))
def test_each_exercise_wrong_and_slipped_and_then_right(
    page: Page, server_url: str, lesson: Lesson, language: str
) -> None:
    open_lesson(page, server_url, language, lesson.key)
    for exercise in lesson.exercises:
        section = page.locator(f"#{exercise.name}")
        verdict = section.locator(".verdict")
        expect(section.locator(".solution")).to_be_hidden()
        type_guess(section, exercise, wrong(exercise), ",")
        expect(section).to_have_attribute("data-verdict", "wrong")
        expect(verdict).not_to_have_text("")
        expect(section.locator(".solution")).to_be_visible()
        feedback_is_formatted(page, section, exercise, language)
        type_guess(section, exercise, exercise.answer, "," if language == "es" else ".")
        expect(verdict).to_have_text(translate(language, "lessons.right"))
        expect(section.locator(".solution .printed")).to_be_visible()
        expect(section.locator(".mark")).to_have_text(translate(language, "lessons.script-solved"))
    page.goto(server_url + index_address(language))
    count = len(lesson.exercises)
    words = translate(language, "lessons.script-progress", done=count, count=count)
    expect(page.locator(f"[data-lesson='{lesson.key}'] .progress")).to_have_text(words)


def feedback_is_formatted(page: Page, section: Locator, exercise: Exercise, language: str) -> None:
    """Each slip's words have their marks as elements, and are never shown as markup."""
    for name, slip in exercise.slips.items():
        with page.expect_response("**/exercises/*"):
            type_guess(section, exercise, slip if isinstance(slip, tuple) else (slip,), ".")
        marked = translate(language, f"exercise.{exercise.name}.slip-{name}")
        expect(section.locator(".verdict")).to_have_text(re.sub("<[^>]+>", "", marked))
        count = len(re.findall(r"<\w", marked))
        expect(section.locator(".verdict :is(code, i, sub, sup)")).to_have_count(count)
    assert "&lt;" not in section.inner_html()


def test_hints_come_in_steps_and_a_guess_comes_before_the_solution(page: Page, server_url: str) -> None:
    open_lesson(page, server_url, "en", "neuron")
    section = page.locator("#neuron-z")
    first, second = section.locator(".hint").all()
    expect(second).to_be_hidden()
    first.locator("summary").click()
    expect(second).to_be_visible()
    expect(section.locator(".first")).to_be_visible()
    section.locator("input").fill("what?")
    section.locator("input").press("Enter")
    expect(section).to_have_attribute("data-verdict", "unreadable")
    expect(section.locator(".solution")).to_be_hidden()
    section.locator("input").fill("−1/2")
    section.locator("input").press("Enter")
    expect(section.locator(".verdict")).to_have_text(translate("en", "exercise.neuron-z.slip-no-bias"))
    section.locator(".solution summary").click()
    expect(section.locator(".mark")).to_have_text("seen")


def test_a_guess_that_finds_no_server_is_kept_and_not_called_wrong(page: Page, server_url: str) -> None:
    open_lesson(page, server_url, "es", "neuron")
    section = page.locator("#neuron-z")
    page.route("**/exercises/**", lambda route: route.abort("connectionrefused"))
    type_guess(section, EXERCISES["neuron-z"], EXERCISES["neuron-z"].answer, ",")
    expect(section.locator(".verdict")).to_have_text(translate("es", "lessons.script-offline"))
    assert section.locator("input").get_attribute("aria-invalid") is None
    page.unroute("**/exercises/**")
    section.locator("button[type=submit]").click()
    expect(section.locator(".verdict")).to_have_text(translate("es", "lessons.right"))


def test_progress_stays_in_this_browser_and_can_be_forgotten(page: Page, server_url: str) -> None:
    open_lesson(page, server_url, "en", "neuron")
    type_guess(page.locator("#neuron-z"), EXERCISES["neuron-z"], EXERCISES["neuron-z"].answer, ".")
    expect(page.locator("#neuron-z .mark")).to_have_text("solved")
    page.reload()
    expect(page.locator("#neuron-z .mark")).to_have_text("solved")
    assert page.context.cookies() == []
    page.goto(f"{server_url}/en/lessons")
    page.get_by_role("button", name="Clear my progress").click()
    expect(page.locator("[data-lesson='neuron'] .progress")).to_have_text("")
    open_lesson(page, server_url, "en", "neuron")
    expect(page.locator("#neuron-z .mark")).to_have_text("")


def test_clearing_the_progress_can_be_undone(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/es/lecciones")
    page.evaluate("""localStorage.setItem("adelante.course", '{"neuron-z": "solved"}')""")
    page.reload()
    progress = page.locator("[data-lesson='neuron'] .progress")
    expect(progress).to_contain_text("1 de")
    page.get_by_role("button", name="Borrar mi progreso").press("Enter")
    expect(progress).to_have_text("")
    expect(page.get_by_text("Se ha borrado tu progreso.")).to_be_visible()
    undo = page.get_by_role("button", name="Deshacer")
    expect(undo).to_be_focused()
    undo.press("Enter")
    expect(progress).to_contain_text("1 de")
    expect(page.get_by_role("button", name="Borrar mi progreso")).to_be_visible()


def test_lessons_read_without_a_script(browser: Browser, server_url: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    open_lesson(page, server_url, "es", "layers")
    expect(page.locator("figure td").last).to_have_text("0,3171")
    section = page.locator("#notebook-network")
    expect(section.locator("form")).to_be_hidden()
    section.locator(".solution summary").click()
    expect(section.locator(".solution .printed")).to_have_text("tensor([[0.3171]])")
    context.close()


def address_of(page: str, language: str) -> str:
    return f"/{language}/{translate(language, f'lessons.{page}-path')}"


PAGES: dict[str, Callable[[str], str]] = {
    "index": index_address,
    **{lesson.key: lesson.address for lesson in LESSONS},
    **{page: partial(address_of, page) for page in ("teachers", "lab", "class")},
}


@pytest.mark.parametrize(("name", "language"), crossed(PAGES, LANGUAGES, few=("index", FEW[0], "lab")))
def test_no_page_scrolls_sideways_on_a_phone_and_axe_finds_nothing(
    page: Page, server_url: str, name: str, language: str
) -> None:
    wide = page.viewport_size
    assert wide is not None
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(server_url + PAGES[name](language))
    stays_in_its_width(page)
    for figure in page.locator("[data-piece]").all():
        figure.scroll_into_view_if_needed()
    page.wait_for_function(ALL_AWAKE)
    stays_in_its_width(page)
    page.set_viewport_size(wide)
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    finds_nothing(page, name, RULES, dark=language == "en")
    page.set_viewport_size({"width": 390, "height": 844})
    for scene in page.locator(".scenes input").all()[1:]:
        with page.expect_response("**/api/v1/tensors"):
            scene.click()
        # It is chosen once its answer is drawn.
        expect(scene).to_be_checked()
        page.wait_for_function("() => new Promise((done) => requestAnimationFrame(() => done(true)))")
        stays_in_its_width(page)


@pytest.mark.long
@pytest.mark.parametrize("language", some(LANGUAGES, "en"))
def test_axe_finds_nothing_in_what_stands_there_once_something_was_done(
    page: Page, server_url: str, language: str
) -> None:
    dark = language == "en"
    page.goto(server_url + address_of("lab", language))
    page.locator("textarea").fill("a = torch.ones(2, 3)\na.mm(a)\na.resize_(2, 4)")
    expect(page.locator(".failure")).to_be_visible()
    expect(page.locator(".empty")).to_have_count(4)
    finds_nothing(page, "the lab, a line refused", RULES, dark=dark)
    open_lesson(page, server_url, language, "neuron")
    type_guess(page.locator("#neuron-z"), EXERCISES["neuron-z"], (99.0,), ".")
    expect(page.locator("#neuron-z")).to_have_attribute("data-verdict", "wrong")
    page.locator("#neuron-z .solution summary").click()
    finds_nothing(page, "a wrong guess and its solution", RULES, dark=dark)
    page.goto(server_url + address_of("teachers", language))
    page.locator("[data-builder] textarea").last.fill("¿Por qué?")
    page.locator("[data-builder] input[type=checkbox]").first.check()
    link = made_link(page)
    finds_nothing(page, "a link that was made", RULES, dark=dark)
    page.goto(link)
    expect(page.locator("[data-class] [data-neuron='2.0']")).to_be_visible()
    finds_nothing(page, "a class's network", RULES, dark=dark)


def stays_in_its_width(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
