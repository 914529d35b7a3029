"""Resets lead back to what was opened; each gesture is one step; what is spoken has its sign and the printed digits."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests import notebook
from tests.browser.studio_page import address_once, control, live, rested
from tests.long import long


def value(page: Page, name: str) -> float:
    rested(page)
    return float(control(page, name).get_attribute("data-value") or "nan")


def type_into(page: Page, name: str, text: str) -> None:
    field = page.get_by_label(name, exact=True)
    field.fill(text)
    field.press("Enter")


def double_click(page: Page, name: str, fraction: float) -> None:
    box = control(page, name).bounding_box()
    assert box
    page.mouse.dblclick(box["x"] + fraction * box["width"], box["y"] + box["height"] / 2)
    rested(page)


def steps(page: Page) -> int:
    page.get_by_role("tab", name=re.compile("History|Historial")).click()
    entries = page.locator("[role=tabpanel] ol button")
    # What was opened is the first of them, so the list is never empty; it may come a moment after its tab.
    expect(entries.first).to_be_visible()
    count = entries.count()
    page.get_by_role("tab", name=re.compile("History|Historial")).click()
    return count


def test_a_double_click_leads_back_to_the_link_that_was_opened(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    type_into(page, "Value of x1", "0.625")
    link = address_once(page, lambda scene: scene.get("inputs", [0])[0] == 0.625 or "0.625" in str(scene))
    page.goto("about:blank")
    live(page, link)
    type_into(page, "Value of x1", "2")
    double_click(page, "x1", 0.5 + (2 / 6) * 0.9)
    assert value(page, "x1") == 0.625


@pytest.mark.long
def test_a_double_click_leads_back_to_the_draw(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    page.get_by_role("button", name="Draw weights at random").click()
    seed = page.get_by_role("textbox", name="Seed")
    seed.fill("11")
    seed.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator("footer")).to_contain_text("11")
    drawn = value(page, "weight w11")
    assert drawn != pytest.approx(notebook.HIDDEN_WEIGHTS[0][0])
    type_into(page, "Value of weight w11 of layer 1", "3")
    double_click(page, "weight w11", 0.5)
    assert value(page, "weight w11") == drawn


@pytest.mark.parametrize("fraction", [long(0.1), 0.9])
def test_a_double_click_away_from_the_thumb_is_one_step(page: Page, server_url: str, fraction: float) -> None:
    live(page, f"{server_url}/en/")
    type_into(page, "Value of x1", "1")
    before = steps(page)
    double_click(page, "x1", fraction)
    assert value(page, "x1") == pytest.approx(notebook.FEATURES[0])
    assert steps(page) == before + 1
    # The keys that follow are a step of their own.
    control(page, "x1").press("ArrowRight")
    rested(page)
    assert steps(page) == before + 2
    for _ in range(2):
        page.keyboard.press("Control+z")
    assert value(page, "x1") == 1


@pytest.mark.long
def test_a_double_click_on_an_untouched_slider_is_no_step(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    before = steps(page)
    double_click(page, "x1", 0.9)
    assert value(page, "x1") == pytest.approx(notebook.FEATURES[0])
    assert steps(page) == before


def test_after_edits_the_menu_says_so_and_leads_back(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    menu = page.get_by_label("Network", exact=True)
    chosen = "select => select.selectedOptions[0].textContent"
    assert menu.evaluate(chosen) == "Multilayer network (3-2-1)"
    # It has its place from the start, so that no line of the list comes or goes.
    reset = menu.locator("option", has_text="↺ Reset (Opened: Multilayer network)")
    expect(reset).to_be_disabled()
    type_into(page, "Value of x1", "1")
    assert menu.evaluate(chosen) == "Multilayer network (3-2-1), edited"
    expect(reset).to_be_enabled()
    menu.select_option(label="↺ Reset (Opened: Multilayer network)")
    assert value(page, "x1") == pytest.approx(notebook.FEATURES[0])
    assert menu.evaluate(chosen) == "Multilayer network (3-2-1)"
    page.keyboard.press("Control+z")
    assert value(page, "x1") == 1
    # The preset itself can be chosen again, too.
    menu.select_option(label="Multilayer network (3-2-1)")
    page.wait_for_function("() => document.querySelector('[data-neuron=\"0.0\"]').dataset.value < 0")
    assert menu.evaluate(chosen) == "Multilayer network (3-2-1)"


@pytest.mark.parametrize(("language", "mark"), [long("en", "."), ("es", ",")])
def test_what_is_spoken_has_its_sign_and_the_printed_digits(
    page: Page, server_url: str, language: str, mark: str
) -> None:
    live(page, f"{server_url}/{language}/")
    field = page.locator("section.inputs input[type=text]").first
    for text, printed in (("1/3", "0.3333"), ("-0.5", "-0.5000"), ("-2e20", "-2.00e20")):
        field.fill(text)
        field.press("Enter")
        rested(page)
        slider = control(page, "x1")
        expect(slider).to_have_attribute("aria-valuetext", printed.replace(".", mark))
        assert float(slider.input_value()) == float(printed)
    spoken = page.locator("[aria-label], [aria-valuetext]").evaluate_all(
        "els => els.flatMap(e => [e.ariaLabel, e.ariaValueText]).filter(text => text?.includes('−'))"
    )
    assert spoken == []


def test_each_layers_numbers_have_a_mark_where_there_are_several_layers(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    page.locator("[data-neuron='2.0']").click()
    type_into(page, "Value of weight w11 of layer 2", "0.5")
    expect(page.locator("footer .change")).to_contain_text("w₁₁⁽²⁾")
    expect(page.locator(".inspector .symbols")).to_contain_text("(2)")
    page.get_by_role("tab", name="Matrices").click()
    expect(page.get_by_role("table", name="W of layer 2")).to_be_visible()
    page.get_by_role("tab", name="History").click()
    expect(page.locator("[role=tabpanel] ol button").first).to_contain_text("w₁₁⁽²⁾")
    page.goto(f"{server_url}/en/?preset=one-neuron")
    expect(page.get_by_label(re.compile("^Value of weight w11$"))).to_be_visible()
