"""The lessons' live pictures in real Chromium: they answer phrases and hands, and their numbers are torch's."""

import re

import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from adelante.locale import LANGUAGES, translate
from app.pages.lessons.course import LESSONS, Lesson
from app.pages.lessons.exercises import EXERCISES
from tests import notebook
from tests.browser.lesson_page import BY_KEY, FEW, answer, awake, numbers, open_lesson, pixels, value
from tests.browser.studio_page import rested
from tests.long import crossed, long, some


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


def thing_of(part: str) -> str | None:
    """The selector of what a phrase names, where a pointer rests on it easily."""
    kind, *places = part.split()
    if kind in ("neuron", "bias"):
        return f"[data-{kind}='{'.'.join(places)}']"
    if kind == "layer":
        return f"[data-neuron^='{places[0]}.']"
    return f"[data-tensor='{places[0]}'] .name" if kind == "tensor" else None


@pytest.mark.parametrize(("lesson", "language"), crossed(LESSONS, LANGUAGES, few=[BY_KEY[key] for key in FEW[:2]]))
def test_every_phrase_lights_something_and_is_lit_by_what_it_names(
    page: Page, server_url: str, lesson: Lesson, language: str
) -> None:
    open_lesson(page, server_url, language, lesson.key)
    for piece in lesson.pieces:
        awake(page, piece)
    assert page.locator(".ref").count() > 0
    for phrase in page.locator(".ref").all():
        figure = phrase.locator("xpath=ancestor::*[contains(concat(' ', @class, ' '), ' step ')]//figure")
        lit = figure.locator(".lit, .pointed, .named, [data-lit-layer]")
        page.mouse.move(2, 2)
        expect(lit).to_have_count(0)
        phrase.hover()
        expect(lit).not_to_have_count(0)
        thing = thing_of(phrase.get_attribute("data-part") or "")
        if thing and figure.locator(thing).count():
            page.mouse.move(2, 2)
            figure.locator(thing).first.hover()
            expect(phrase).to_have_class(re.compile(r"\blit\b"))


def test_a_pressed_phrase_selects_its_neuron(page: Page, server_url: str) -> None:
    open_lesson(page, server_url, "es", "layers")
    answer(page, "notebook-network")
    figure = awake(page, "layers")
    shown = figure.locator(".sum [data-quantity='a']").first
    phrase = page.locator("[data-part='neuron 1 1']").first
    phrase.click()
    expect(shown).to_have_text("0,4355")
    page.locator("[data-part='neuron 2 0']").press("Enter")
    expect(shown).to_have_text("0,3171")


@pytest.mark.long
def test_a_phrase_of_a_tensor_that_is_not_on_stage_says_where_it_is_and_brings_it(page: Page, server_url: str) -> None:
    open_lesson(page, server_url, "en", "tensors")
    figure = awake(page, "ranks")
    expect(figure.locator("[data-tensor='vector']")).to_be_visible()
    phrase = page.locator("[data-part='tensor image']")
    phrase.hover()
    expect(figure.locator(".scenes .named")).to_have_text("3-D")
    phrase.click()
    expect(figure.locator("[data-tensor='image'].lit")).to_be_visible()
    expect(figure.locator(".scenes input").nth(2)).to_be_checked()
    expect(figure.locator(".scenes .named")).to_have_count(0)


def test_on_a_phone_a_pressed_phrase_brings_its_picture_into_view(page: Page, server_url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(reduced_motion="reduce")
    open_lesson(page, server_url, "es", "layers")
    figure = awake(page, "layers")
    page.evaluate("scrollTo(0, 0)")
    phrase = page.locator("[data-part='neuron 1 1']").first
    phrase.focus()
    expect(figure).not_to_be_in_viewport()
    phrase.press("Enter")
    expect(figure).to_be_in_viewport()
    expect(figure.locator(".sum [data-quantity='a']").first).to_have_text("0,4355")


@pytest.mark.parametrize("language", some(LANGUAGES, "es"))
def test_a_picture_goes_back_to_the_numbers_of_the_text(page: Page, server_url: str, language: str) -> None:
    open_lesson(page, server_url, language, "seeds")
    figure = awake(page, "seeds")
    back = figure.get_by_role("button", name=translate(language, "lessons.script-restart"))
    expect(back).to_be_hidden()
    seed = figure.locator("form input")
    seed.fill("11")
    seed.press("Enter")
    first = torch.randn((1, 5), generator=torch.Generator().manual_seed(11))[0, 0].item()
    page.wait_for_function(
        "x => Math.abs(Number(document.querySelector('[data-neuron=\"0.0\"]').dataset.value) - x) < 1e-6", arg=first
    )
    back.click()
    expect(seed).to_have_value("7")
    expect(figure.locator("[data-neuron='0.0']")).to_have_attribute("data-value", re.compile(r"^-0\.1467"))
    expect(back).to_be_hidden()
    # Pressed by mistake, it is undone where it was pressed.
    figure.get_by_role("button", name=translate(language, "lessons.script-undo")).click()
    expect(seed).to_have_value("11")
    expect(figure.locator("[data-neuron='0.0']")).to_have_attribute("data-value", re.compile(f"^{first:.4f}"))


def test_the_networks_picture_is_torchs_and_follows(page: Page, server_url: str) -> None:
    open_lesson(page, server_url, "es", "layers")
    answer(page, "notebook-network")
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
    answer(page, "notebook-sum")
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


HELD_BACK = (
    ("two-ways", "two-ways", "notebook-sum", "1.0"),
    ("layers", "layers", "notebook-network", "2.0"),
    ("hidden-units", "xor", "xor-one-one", "2.0"),
)


@pytest.mark.parametrize(("lesson", "piece", "exercise", "output"), HELD_BACK)
def test_an_answer_does_not_stand_beside_its_question_until_it_was_answered(
    page: Page, server_url: str, lesson: str, piece: str, exercise: str, output: str
) -> None:
    open_lesson(page, server_url, "en", lesson)
    figure = awake(page, piece)
    (y,) = EXERCISES[exercise].answer
    asked = f"{y:.4f}"
    result = figure.locator(f"[data-neuron='{output}'], .sum [data-quantity='a']").last
    expect(result).to_be_visible()
    assert asked not in page.locator("body").inner_text()
    expect(figure.locator(f".cover a[href='#{exercise}']")).to_be_visible()
    answer(page, exercise)
    expect(figure.locator(".cover")).to_have_count(0)
    assert asked in page.locator("body").inner_text()


def test_one_unit_more_leaves_the_others_as_they_are(page: Page, server_url: str) -> None:
    open_lesson(page, server_url, "es", "hidden-units")
    figure = awake(page, "units")
    weights = "es => es.map((e) => [e.dataset.neuron, e.dataset.value])"
    hidden = figure.locator("[data-neuron^='1.'][data-value]")
    first = hidden.evaluate_all(weights)
    assert len(first) == 2
    slider = figure.locator("input[type=range]").first
    for units in range(3, 9):
        slider.press("ArrowRight")
        expect(hidden).to_have_count(units)
    generator = torch.Generator().manual_seed(8)
    weight, bias = (torch.randn(shape, generator=generator) for shape in ((3, 1), (1, 1)))
    drawn = torch.sigmoid(torch.tensor(notebook.FEATURES) @ weight + bias).item()
    last = hidden.evaluate_all(weights)
    assert last[:2] == first
    assert float(last[7][1]) == pytest.approx(drawn, abs=1e-6)
    slider.press("Home")
    expect(hidden).to_have_count(1)
    assert hidden.evaluate_all(weights) == first[:1]


@pytest.mark.long
def test_a_seed_out_of_range_is_told_in_the_pages_words(page: Page, server_url: str) -> None:
    open_lesson(page, server_url, "es", "seeds")
    figure = awake(page, "seeds")
    for text in ("doce", "-1", "9" * 30):
        figure.locator("form input").fill(text)
        figure.locator("form button").click()
        expect(figure.locator(".words")).to_have_text(translate("es", "lessons.script-seed-range"))
        figure.locator("form input").fill("7")
        figure.locator("form button").click()
        expect(figure.locator(".words")).to_have_text("")


@pytest.mark.long
@pytest.mark.parametrize("lesson", [long("neuron"), long("two-ways"), long("layers"), "hidden-units"])
def test_no_figure_scrolls_inside_itself(page: Page, server_url: str, lesson: str) -> None:
    open_lesson(page, server_url, "es", lesson)
    for name in BY_KEY[lesson].pieces:
        figure = awake(page, name)
        # The last is a laptop's at 150 %.
        for width, height in ((1366, 768), (1400, 900), (911, 512)):
            page.set_viewport_size({"width": width, "height": height})
            rested(page)
            stands_whole_beside_its_text(page, figure, height)


def stands_whole_beside_its_text(page: Page, figure: Locator, height: int) -> None:
    assert figure.evaluate("e => getComputedStyle(e).overflowY") == "visible"
    step = page.locator(".step").filter(has=figure)
    text = step.locator(".prose").first.bounding_box()
    box = figure.bounding_box()
    assert text
    assert box
    assert box["x"] >= text["x"] + text["width"]
    # All of it comes into the window.
    step.evaluate("e => e.scrollIntoView({block: 'end', behavior: 'instant'})")
    box = figure.bounding_box()
    assert box
    assert box["y"] + box["height"] <= height + 1


@pytest.mark.long
def test_on_a_phone_a_jump_to_the_picture_has_a_way_back(page: Page, server_url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(reduced_motion="reduce")
    open_lesson(page, server_url, "es", "layers")
    awake(page, "layers")
    phrase = page.locator("[data-part='neuron 1 1']").first
    phrase.scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, 0)")
    phrase.click()
    back = page.get_by_role("button", name=translate("es", "lessons.script-back-to-text"))
    back.click()
    expect(phrase).to_be_in_viewport()
    expect(phrase).to_be_focused()
    expect(back).to_have_count(0)


def test_a_picture_leads_to_its_network_in_the_studio(page: Page, server_url: str) -> None:
    open_lesson(page, server_url, "es", "neuron")
    awake(page, "two-inputs").locator(".onwards a").click()
    expect(page.locator("[data-neuron='1.0']")).to_contain_text("0,6225")


def test_an_exercise_leads_to_the_lab_with_its_program(page: Page, server_url: str) -> None:
    open_lesson(page, server_url, "es", "reshape")
    page.locator("#view-writes .to-lab a").click()
    expect(page.locator("textarea")).to_have_value(re.compile(r"b\[1, 0\] = 9"))
    assert numbers(page.locator("figure"), "a") == [0, 0, 0, 9, 0, 0]


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
    expect(figure.locator(".lines li").nth(1)).to_have_text("table = row.reshape(2, 3)")
    figure.locator(".lines button").nth(1).click()
    expect(figure.locator("[data-tensor='table'] .sharing")).to_contain_text("shares its memory with row")
    figure.locator(".lines button").last.click()
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
    assert numbers(figure, "total") == pytest.approx(
        torch.mm(features, weights.view(5, 1)).flatten().tolist(), abs=1e-6
    )
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
    expect(figure.locator("[data-tensor='a']")).to_contain_text("NumPy, float64")
    figure.locator(".scenes input").nth(2).check()
    expect(figure.locator("[data-memory]")).to_have_count(1)
    assert numbers(figure, "a") == numbers(figure, "b") == [2.0, 2.0, 2.0, 2.0]
    expect(figure.locator(".lines li").last).to_have_text("a += 1")


def test_tensors_of_one_two_and_three_dimensions_are_drawn(page: Page, server_url: str) -> None:
    open_lesson(page, server_url, "en", "tensors")
    figure = awake(page, "ranks")
    for scene, shape in enumerate(("(3,)", "(2, 3)", "(2, 3, 3)")):
        figure.locator(".scenes input").nth(scene).check()
        expect(figure.locator("[data-tensor]")).to_have_attribute("data-shape", shape)
    # The first pixel is 0.9, 0.2, 0.2: red. In float32 0.9 is a little less, and 255 times it falls on either side.
    drawn = pixels(figure)
    assert len(drawn) == 6 * 4
    assert drawn[0] in (229, 230)
    assert drawn[1:4] == [51, 51, 255]


def test_cells_are_one_stop_of_the_keyboard_and_arrows_move_among_them(page: Page, server_url: str) -> None:
    open_lesson(page, server_url, "en", "reshape")
    figure = awake(page, "memory")
    table = figure.locator("[data-tensor='table'] .cell")
    figure.locator("[data-tensor='row'] .cell").first.focus()
    page.keyboard.press("Tab")
    expect(table.first).to_be_focused()
    for key in ("ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    expect(table.nth(4)).to_be_focused()
    expect(figure.locator("[data-at='4'].lit")).to_have_count(3)
    page.keyboard.press("Tab")
    expect(figure.locator("[data-memory] .cell").first).to_be_focused()


@pytest.mark.long
def test_a_product_is_timed_when_asked(page: Page, server_url: str) -> None:
    open_lesson(page, server_url, "es", "gpu")
    figure = awake(page, "race")
    figure.get_by_role("button", name="Multiplicar").click()
    line = figure.locator("[data-size='128']")
    expect(line).to_contain_text("2\u202f097\u202f152 multiplicaciones")
    assert value(line) > 0
    bar = figure.locator(".timed").first
    page.locator("[data-part='race loop']").hover()
    expect(bar).to_have_class(re.compile(r"\blit\b"))
    bar.hover()
    expect(page.locator("[data-part='race loop']")).to_have_class(re.compile(r"\blit\b"))
