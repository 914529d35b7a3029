"""Presets of other kinds than dense chains: chosen from the menu, with rows they did not learn from; all torch's."""

import re

import pytest
import torch
from playwright.sync_api import Page, expect

import adelante
from adelante.datasets import data_set_named
from adelante.datasets.sequences import DIGITS
from adelante.network.presets import preset_named
from tests.browser.world_page import outputs, painted, world


def classes(name: str, inputs: torch.Tensor) -> list[float]:
    network = preset_named(name).network
    found: list[float] = adelante.forward(network, inputs)[network.outputs[0]].flatten().tolist()
    return found


def test_digits_are_chosen_from_the_menu_and_read(page: Page, server_url: str) -> None:
    preset = preset_named("digits-conv")
    page.goto(f"{server_url}/en/")
    page.get_by_label("Network", exact=True).select_option("digits-conv")
    page.wait_for_url("**/en/?network=digits-conv")
    painted(page, 0)
    assert outputs(page) == pytest.approx(classes("digits-conv", preset.inputs), abs=1e-6)
    first = page.locator(".inputs li").first
    expect(first).to_contain_text("0")
    # The strongest class is selected, so that its origin is on screen from the start.
    expect(page.locator(".inspector h2")).to_contain_text("0")
    seven = next(sample.inputs for sample in preset.samples if sample.name == "7")
    held_out = page.get_by_role("region", name="Inputs that it did not learn from")
    held_out.get_by_role("button", name="Picture of 7").click()
    wanted = classes("digits-conv", seven)
    page.wait_for_function(
        "y => Math.abs(Number(document.querySelector('[data-diagram]').dataset.outputs.split(' ')[7]) - y) < 1e-6",
        arg=wanted[7],
    )
    assert outputs(page) == pytest.approx(wanted, abs=1e-6)
    expect(first).to_contain_text("7")
    page.keyboard.press("Control+z")
    expect(first).to_contain_text("0")
    # What it does with a letter is said.
    expect(page.locator(".inputs .about").last).to_contain_text("shown a letter, it names the digit")
    # Further ones are rows of the data set that are held out, and say what they are.
    pictures = held_out.get_by_role("listitem").get_by_role("button")
    expect(pictures).to_have_count(10)
    held_out.get_by_role("button", name="Others").click()
    rows, digits = data_set_named("digits").held_out_rows
    expect(pictures.nth(1)).to_have_accessible_name(f"Picture of {int(digits[1])}")
    pictures.nth(1).click()
    wanted = classes("digits-conv", rows[1])
    page.wait_for_function(
        """wanted => {
          const found = document.querySelector('[data-diagram]').dataset.outputs.split(' ').map(Number);
          return wanted.every((value, k) => Math.abs(value - found[k]) < 1e-5);
        }""",
        arg=wanted,
    )


def test_tokens_have_their_names(page: Page, server_url: str) -> None:
    world(page, f"{server_url}/es/?network=sorting")
    expect(page.get_by_text("|", exact=True).locator("visible=true").first).to_be_visible()
    preset = preset_named("sorting")
    assert outputs(page) == pytest.approx(classes("sorting", preset.inputs), abs=1e-6)
    # What it writes after the bar are its inputs' digits in order.
    digits = " ".join(map(str, sorted(preset.inputs[:DIGITS].tolist())))
    expect(page.locator(".sure")).to_have_text(f"Tras «|» escribe {digits}.")
    # Each of its words is to be chosen; what it writes follows.
    page.locator(".inputs ol select").first.select_option("9")
    inputs = preset.inputs.clone()
    inputs[0] = 9
    wanted = classes("sorting", inputs)
    page.wait_for_function(
        """wanted => {
          const outputs = document.querySelector("[data-diagram]").dataset.outputs.split(" ").map(Number);
          return outputs.length === wanted.length && outputs.every((y, k) => Math.abs(y - wanted[k]) < 1e-5);
        }""",
        arg=wanted,
    )
    expect(page.locator("footer .change")).to_have_text(re.compile(rf" {int(preset.inputs[0])} → 9\s*$"))
    # A cell of a word's row is spoken with the word that stands before it.
    page.locator("[data-body='1']").focus()
    page.keyboard.press("Home")
    expect(page.locator("[data-body='1'] [aria-live]")).to_contain_text("token[1, 1], palabra «9»: ")
    # A card that is opened with keys, and folded again, keeps the focus where it stands.
    page.locator("[data-card^='blocks@']").focus()
    for opened in ("true", "false"):
        page.keyboard.press("Enter")
        expect(page.locator(f"[data-card^='blocks@'][aria-expanded={opened}]")).to_be_focused()
    page.locator("[data-card^='blocks@']").dblclick()
    # In the table a column is called by its class.
    page.get_by_role("tab", name="Tabla").click()
    expect(page.get_by_role("tabpanel").locator("thead th").last).to_have_text("|")
    # A double click has opened the card, and not also the one that then lay under the pointer.
    expect(page.locator("[data-card^='blocks.'][aria-expanded=false]")).to_have_count(2)


def test_a_lone_output_says_which_of_its_two_classes(page: Page, server_url: str) -> None:
    world(page, f"{server_url}/en/?network=parity")
    (odd,) = classes("parity", preset_named("parity").inputs)
    expect(page.locator(".sure")).to_have_text("Clearly odd." if odd > 0.5 else "Clearly even.")
    expect(page.locator(".inputs .about").last).to_contain_text("100% with 64 bits")
    page.get_by_role("tab", name="Code").click()
    expect(page.get_by_role("tabpanel").locator("pre")).to_contain_text("# The output goes from 0, even, to 1, odd.")
    # Its bar begins beside its name, however long that is.
    world(page, f"{server_url}/es/?network=parity")
    name, bar = page.locator("li.first span:text-is('impar'), li.first .bar").evaluate_all(
        "both => both.map((each) => { const words = document.createRange(); words.selectNodeContents(each);"
        " return each.matches('.bar') ? each.getBoundingClientRect().left : words.getBoundingClientRect().right; })"
    )
    assert name < bar


def test_the_shares_of_a_row_stay_within_a_narrow_inspector(page: Page, server_url: str) -> None:
    page.set_viewport_size({"width": 1024, "height": 768})
    page.goto(f"{server_url}/es/?preset=sorting")
    table = page.locator(".inspector table").last
    expect(table).to_contain_text("suman")
    ends = "table => [table, table.closest('.inspector')].map((each) => each.getBoundingClientRect().right)"
    own, panel = table.evaluate(ends)
    assert own < panel
