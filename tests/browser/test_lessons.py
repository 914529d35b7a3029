"""The lessons in real Chromium: guesses right and wrong, pictures that answer phrases, numbers that are torch's."""

import json
import re

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from app.locale import LANGUAGES, translate
from app.pages.lessons.course import LESSONS, Lesson, index_address
from app.pages.lessons.exercise import Choice, Exercise, Shape
from app.pages.lessons.exercises import EXERCISES
from tests import notebook

# Every piece that the page hands data for has come alive.
ALL_AWAKE = """() => {
  const pieces = JSON.parse(document.getElementById("lesson-data").textContent).pieces ?? {};
  return [...document.querySelectorAll("[data-piece]")].every((f) => f.dataset.live || !(f.dataset.piece in pieces));
}"""
# axe does not read MathML, so a header such as x₁ · w₁₁ seems empty to it; screen readers do.
AXE = {"rules": {"empty-table-header": {"enabled": False}}}
BY_KEY = {lesson.key: lesson for lesson in LESSONS}


def open_lesson(page: Page, url: str, language: str, key: str) -> None:
    page.goto(url + BY_KEY[key].address(language))


def awake(page: Page, piece: str) -> Locator:
    """A live piece, once it lives."""
    figure = page.locator(f"figure[data-piece='{piece}']")
    figure.scroll_into_view_if_needed()
    expect(figure).to_have_attribute("data-live", "true")
    return figure


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


def wrong(exercise: Exercise) -> tuple[float, ...]:
    if isinstance(exercise.kind, Choice):
        return ((exercise.answer[0] + 1) % len(exercise.kind.options),)
    return tuple(value + 2 for value in exercise.answer)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.key)
def test_each_exercise_wrong_then_right(page: Page, server_url: str, lesson: Lesson, language: str) -> None:
    open_lesson(page, server_url, language, lesson.key)
    for exercise in lesson.exercises:
        section = page.locator(f"#{exercise.name}")
        verdict = section.locator(".verdict")
        expect(section.locator(".solution")).to_be_hidden()
        type_guess(section, exercise, wrong(exercise), ",")
        expect(section).to_have_attribute("data-verdict", "wrong")
        expect(verdict).not_to_have_text("")
        expect(section.locator(".solution")).to_be_visible()
        type_guess(section, exercise, exercise.answer, "," if language == "es" else ".")
        expect(verdict).to_have_text(translate(language, "lessons.right"))
        expect(section.locator(".solution .printed")).to_be_visible()
        expect(section.locator(".mark")).to_have_text(translate(language, "lessons.script-solved"))
    page.goto(server_url + index_address(language))
    count = len(lesson.exercises)
    words = translate(language, "lessons.script-progress", done=count, count=count)
    expect(page.locator(f"[data-lesson='{lesson.key}'] .progress")).to_have_text(words)


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


def test_progress_stays_in_this_browser_and_can_be_forgotten(page: Page, server_url: str) -> None:
    open_lesson(page, server_url, "en", "neuron")
    type_guess(page.locator("#neuron-z"), EXERCISES["neuron-z"], EXERCISES["neuron-z"].answer, ".")
    expect(page.locator("#neuron-z .mark")).to_have_text("solved")
    page.reload()
    expect(page.locator("#neuron-z .mark")).to_have_text("solved")
    assert page.context.cookies() == []
    page.goto(f"{server_url}/en/lessons")
    page.get_by_role("button", name="Forget it").click()
    expect(page.locator("[data-lesson='neuron'] .progress")).to_have_text("")
    open_lesson(page, server_url, "en", "neuron")
    expect(page.locator("#neuron-z .mark")).to_have_text("")


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


def numbers(figure: Locator, tensor: str) -> list[float]:
    """The known numbers of a drawn tensor, in the order of its elements."""
    cells: list[float] = figure.locator(f"[data-tensor='{tensor}'] .cell[data-value]").evaluate_all(
        "cells => cells.map(cell => Number(cell.dataset.value))"
    )
    return cells


def value(locator: Locator) -> float:
    return float(locator.get_attribute("data-value") or "nan")


def test_a_phrase_lights_its_part_and_the_part_its_phrase(page: Page, server_url: str) -> None:
    open_lesson(page, server_url, "en", "layers")
    figure = awake(page, "layers")
    phrase = page.locator("[data-part='neuron 1 1']").first
    phrase.hover()
    neuron = figure.locator("[data-neuron='1.1']")
    expect(neuron).to_have_class(re.compile(r"\bpointed\b"))
    page.mouse.move(5, 5)
    expect(neuron).not_to_have_class(re.compile(r"\bpointed\b"))
    neuron.hover()
    expect(phrase).to_have_class(re.compile(r"\blit\b"))
    layer = page.locator("[data-part='layer 1']").first
    layer.focus()
    expect(figure.locator("[data-lit-layer='1']")).to_have_count(1)


def test_the_networks_picture_is_torchs_and_follows(page: Page, server_url: str) -> None:
    open_lesson(page, server_url, "es", "layers")
    figure = awake(page, "layers")
    assert value(figure.locator("[data-neuron='2.0']")) == pytest.approx(notebook.OUTPUT, abs=1e-6)
    field = figure.locator("input[type=text]").first
    field.fill("1,5")
    field.press("Enter")
    x = torch.tensor([1.5, *notebook.FEATURES[1:]])
    h = torch.sigmoid(x @ torch.tensor(notebook.HIDDEN_WEIGHTS) + torch.tensor(notebook.HIDDEN_BIASES))
    y = torch.sigmoid(h @ torch.tensor(notebook.OUTPUT_WEIGHTS) + torch.tensor(notebook.OUTPUT_BIASES)).item()
    page.wait_for_function(
        "y => Math.abs(Number(document.querySelector('[data-neuron=\"2.0\"]').dataset.value) - y) < 1e-6", arg=y
    )


def test_the_same_sum_two_ways(page: Page, server_url: str) -> None:
    open_lesson(page, server_url, "en", "two-ways")
    figure = awake(page, "two-ways")
    z = figure.locator(".product [data-quantity='z'] [data-value]")
    assert value(z) == pytest.approx(-1.6619, abs=5e-5)
    expect(figure.locator(".sum [data-quantity='a']").first).to_have_text("0.1595")
    products = figure.locator("[data-quantity='contribution']")
    page.wait_for_function("() => document.querySelector('[data-quantity=contribution]')?.dataset.value")
    total = sum(value(products.nth(i)) for i in range(5)) + notebook.ONE_NEURON_BIAS
    assert total == pytest.approx(value(z), abs=1e-4)


def test_a_seed_draws_torchs_numbers(page: Page, server_url: str) -> None:
    open_lesson(page, server_url, "en", "seeds")
    figure = awake(page, "seeds")
    for seed in (11, 7):
        figure.get_by_label("Seed").fill(str(seed))
        figure.get_by_role("button", name="Draw").click()
        generator = torch.Generator().manual_seed(seed)
        x, w, b = (torch.randn(shape, generator=generator) for shape in ((1, 5), (1, 5), (1, 1)))
        y = torch.sigmoid(torch.sum(x * w) + b).item()
        page.wait_for_function(
            "y => Math.abs(Number(document.querySelector('[data-neuron=\"1.0\"]').dataset.value) - y) < 1e-6", arg=y
        )
        assert value(figure.locator("[data-neuron='0.0']")) == pytest.approx(x[0, 0].item(), abs=1e-6)
    assert y == pytest.approx(0.1595, abs=5e-5)


def test_hidden_units_are_added_and_counted(page: Page, server_url: str) -> None:
    open_lesson(page, server_url, "en", "hidden-units")
    figure = awake(page, "units")
    slider = figure.locator("input[type=range]").first
    for units in (3, 4):
        slider.press("ArrowRight")
        expect(figure.locator("[data-neuron^='1.']")).to_have_count(units)
        network = torch.nn.Sequential(torch.nn.Linear(3, units), torch.nn.Linear(units, 1))
        count = sum(parameters.numel() for parameters in network.parameters())
        expect(figure.locator("[data-parameters]")).to_have_attribute("data-parameters", str(count))


def test_view_shows_one_memory_under_two_shapes(page: Page, server_url: str) -> None:
    open_lesson(page, server_url, "es", "reshape")
    figure = awake(page, "memory")
    row = torch.arange(6)
    table = row.view(2, 3)
    for step in (1, 2):
        figure.locator(".lines button").nth(step - 1).click()
        expect(figure.locator("[data-tensor]")).to_have_count(step)
    assert numbers(figure, "row") == row.tolist()
    assert numbers(figure, "table") == table.flatten().tolist()
    figure.locator(".lines button").nth(2).click()
    table.mul_(10)
    expect(figure.locator("[data-tensor='row'] [data-at='1']")).to_have_attribute("data-value", "10")
    assert numbers(figure, "row") == row.tolist()
    assert numbers(figure, "table") == table.flatten().tolist()
    assert figure.locator("[data-memory]").count() == 1
    cell = figure.locator("[data-tensor='table'] [data-at='3']")
    cell.hover()
    expect(figure.locator("[data-at='3'].lit")).to_have_count(3)
    page.locator("[data-part='tensor row']").first.hover()
    expect(figure.locator("[data-tensor='row'].lit")).to_have_count(1)


def test_reshape_shows_its_copy_and_resize_what_is_not_known(page: Page, server_url: str) -> None:
    open_lesson(page, server_url, "en", "reshape")
    figure = awake(page, "memory")
    figure.locator(".scenes input").nth(1).check()
    expect(figure.locator("[data-memory]")).to_have_count(2)
    turned = torch.arange(6).view(2, 3).T
    assert numbers(figure, "flat") == (turned.reshape(6) * 10).tolist()
    assert numbers(figure, "turned") == turned.flatten().tolist()
    figure.locator(".scenes input").nth(3).check()
    expect(figure.locator("[data-tensor='row'] .empty")).to_have_count(2)
    expect(figure.locator("[data-tensor='row'] .empty").first).to_have_text("")
    assert numbers(figure, "row") == [0, 1, 2, 3, 4, 5]
    figure.locator(".scenes input").nth(2).check()
    expect(figure.locator("[data-memory] .unread")).to_have_count(2)
    assert numbers(figure, "row") == [0, 1, 2, 3]


def test_the_shape_error_is_torchs_and_the_way_out_works(page: Page, server_url: str) -> None:
    open_lesson(page, server_url, "es", "shapes")
    figure = awake(page, "fit")
    words = "mat1 and mat2 shapes cannot be multiplied (1x5 and 1x5)"
    expect(figure.locator(".failure")).to_contain_text(words)
    figure.locator(".scenes input").nth(1).check()
    expect(figure.locator(".failure")).to_have_count(0)
    torch.manual_seed(7)
    features = torch.randn((1, 5))
    weights = torch.randn_like(features)
    assert numbers(figure, "z") == pytest.approx(torch.mm(features, weights.view(5, 1)).flatten().tolist(), abs=1e-6)
    expect(figure.locator("[data-tensor='column']")).to_have_attribute("data-shape", "(5, 1)")


def test_an_array_and_a_tensor_share_their_memory(page: Page, server_url: str) -> None:
    open_lesson(page, server_url, "en", "numpy")
    figure = awake(page, "shared")
    assert numbers(figure, "a") == numbers(figure, "b") == [2.0, 6.0, 10.0, 14.0]
    expect(figure.locator("[data-memory]")).to_have_count(1)
    figure.locator(".scenes input").nth(1).check()
    expect(figure.locator("[data-memory]")).to_have_count(2)
    assert numbers(figure, "a") == [0.5, 1.5, 2.5, 3.5]
    assert numbers(figure, "c") == [2.0, 6.0, 10.0, 14.0]


def test_tensors_of_one_two_and_three_dimensions_are_drawn(page: Page, server_url: str) -> None:
    open_lesson(page, server_url, "en", "tensors")
    figure = awake(page, "ranks")
    for scene, shape in enumerate(("(3,)", "(2, 3)", "(2, 3, 3)")):
        figure.locator(".scenes input").nth(scene).check()
        expect(figure.locator("[data-tensor]")).to_have_attribute("data-shape", shape)
    expect(figure.locator(".pixel")).to_have_count(6)
    # The first pixel is 0.9, 0.2, 0.2: red. In float32 0.9 is a little less, and 255 times it falls on either side.
    colour = figure.locator(".pixel").first.evaluate("e => getComputedStyle(e).backgroundColor")
    assert colour in ("rgb(229, 51, 51)", "rgb(230, 51, 51)")


def test_a_product_is_timed_when_asked(page: Page, server_url: str) -> None:
    open_lesson(page, server_url, "es", "gpu")
    figure = awake(page, "race")
    figure.get_by_role("button", name="Multiplicar").click()
    line = figure.locator("[data-size='128']")
    expect(line).to_contain_text("2\u202f097\u202f152 multiplicaciones")
    assert value(line) > 0


def made_link(page: Page) -> str:
    page.locator("[data-builder] button[type=submit]").click()
    return page.locator("[data-builder] input[readonly]").input_value()


def test_a_teachers_link_opens_a_locked_network_with_a_question(
    page: Page, server_url: str, context: BrowserContext
) -> None:
    page.goto(f"{server_url}/es/docentes")
    page.get_by_label("Qué abre el enlace").select_option("own")
    layers = [{"weights": [[1.5], [-2]], "biases": [0.25], "activation": "tanh"}]
    page.get_by_label("La red:").fill(json.dumps({"layers": layers, "inputs": [0.5, 1]}))
    page.get_by_label("La pregunta").fill("¿Qué pasa con <y> si x₁ crece?")
    page.get_by_role("group", name="Bloqueado").get_by_label("pesos y sesgos").check()
    page.get_by_role("group", name="Oculto").get_by_label("el diagrama").check()
    link = made_link(page)
    assert link.startswith(f"{server_url}/es/clase#class=")
    learner = context.new_page()
    learner.goto(link)
    expect(learner.locator(".question")).to_have_text("¿Qué pasa con <y> si x₁ crece?")
    a = torch.tanh(torch.tensor([0.5, 1.0]) @ torch.tensor([[1.5], [-2.0]]) + 0.25).item()
    output = learner.locator("[data-quantity='a']").first
    assert value(output) == pytest.approx(a, abs=1e-6)
    expect(learner.locator("[data-neuron]")).to_have_count(0)
    sliders = learner.locator(".sum input[type=range]")
    expect(sliders.first).to_be_disabled()
    field = learner.locator(".live > fieldset").first.locator("input[type=text]").first
    field.fill("2")
    field.press("Enter")
    moved = torch.tanh(torch.tensor([2.0, 1.0]) @ torch.tensor([[1.5], [-2.0]]) + 0.25).item()
    learner.wait_for_function(
        "a => Math.abs(Number(document.querySelector('[data-quantity=a]').dataset.value) - a) < 1e-6", arg=moved
    )


def test_a_locked_bias_does_not_move(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/en/teachers")
    page.get_by_label("What the link opens").select_option("preset multilayer")
    for part in ("inputs", "weights and biases", "layers and activation functions"):
        page.get_by_role("group", name="Locked").get_by_label(part).check()
    page.goto(made_link(page))
    output = page.locator("[data-neuron='2.0']")
    assert value(output) == pytest.approx(notebook.OUTPUT, abs=1e-6)
    box = page.locator(".bias").first.bounding_box()
    assert box
    page.mouse.move(box["x"] + 10, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 10, box["y"] - 60, steps=5)
    page.mouse.up()
    page.wait_for_timeout(300)
    assert value(output) == pytest.approx(notebook.OUTPUT, abs=1e-6)
    expect(page.locator(".diagram select").first).to_be_disabled()


def test_a_teachers_link_to_a_lesson_hides_hints_and_solutions(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/en/teachers")
    page.get_by_label("What the link opens").select_option("lesson 0")
    page.get_by_label("The question").fill("Do exercise 1.")
    for part in ("the hints", "the solutions"):
        page.get_by_role("group", name="Hidden").get_by_label(part).check()
    page.goto(made_link(page))
    expect(page.locator(".question")).to_have_text("Do exercise 1.")
    section = page.locator("#neuron-z")
    expect(section.locator(".hint").first).to_be_hidden()
    type_guess(section, EXERCISES["neuron-z"], EXERCISES["neuron-z"].answer, ".")
    expect(section.locator(".verdict")).to_have_text("Right.")
    expect(section.locator(".solution")).to_be_hidden()


def test_a_link_that_cannot_be_read_says_so(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/en/class#class=AAAA")
    expect(page.locator("[data-class] .words")).to_have_text(translate("en", "lessons.script-no-link"))


def test_a_network_that_is_none_is_refused_before_a_link_is_made(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/en/teachers")
    page.get_by_label("What the link opens").select_option("own")
    page.get_by_label("The network:").fill("no json")
    page.locator("[data-builder] button[type=submit]").click()
    expect(page.locator("[data-builder] .problem, .problem")).to_have_text(translate("en", "lessons.script-not-json"))
    expect(page.locator("input[readonly]")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_accessibility_violations(page: Page, server_url: str, language: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    addresses = [index_address(language), *(lesson.address(language) for lesson in LESSONS)]
    addresses.append(f"/{language}/{translate(language, 'lessons.teachers-path')}")
    for address in addresses:
        page.goto(server_url + address)
        for figure in page.locator("[data-piece]").all():
            figure.scroll_into_view_if_needed()
        page.wait_for_function(ALL_AWAKE)
        results = Axe().run(page, options=AXE)
        assert results.violations_count == 0, f"{address}: {results.generate_report()}"


def test_nothing_scrolls_sideways_on_a_phone(page: Page, server_url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for language in LANGUAGES:
        for lesson in LESSONS:
            page.goto(server_url + lesson.address(language))
            page.wait_for_timeout(200)
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, lesson.key
