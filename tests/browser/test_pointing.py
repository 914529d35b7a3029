"""What is pointed at is lit wherever the same quantity stands: in the diagram, the table and the code."""

import re

from playwright.sync_api import Page, expect

from tests.browser.studio_page import live

LIT = re.compile(r"\blit\b")
POINTED = re.compile(r"\bpointed\b")


def open_tool(page: Page, address: str, name: str) -> None:
    live(page, address)
    page.get_by_role("tab", name=name).click()


def test_table_and_diagram_light_each_other(page: Page, server_url: str) -> None:
    open_tool(page, f"{server_url}/en/", "Table")
    for cell, place in {
        "[data-weight='1.2.0']": "[data-edge='1.2.0']",
        "[data-input='1']": "[data-neuron='0.1']",
        "[data-z='1.1']": "[data-neuron='1.1']",
        "[data-a='2.0']": "[data-neuron='2.0']",
    }.items():
        page.locator(cell).hover()
        expect(page.locator(place)).to_have_class(POINTED)
        expect(page.locator(cell)).to_have_class(LIT)
    page.locator("[data-bias-of='1.0']").hover()
    expect(page.locator("[data-bias='1.0']")).to_have_class(LIT)
    expect(page.locator(".inspector li.row").nth(3)).to_have_class(LIT)

    page.locator(".inspector li.row").first.hover()
    expect(page.locator("[data-weight='1.0.0']")).to_have_class(LIT)
    page.locator("[data-neuron='0.2']").hover()
    expect(page.locator("[data-input='2']")).to_have_class(LIT)
    expect(page.locator("[data-weight='1.0.0']")).not_to_have_class(LIT)
    # A name at the head of a column is the neuron before.
    expect(page.locator("thead th.lit")).to_have_count(1)
    page.locator("[data-neuron='1.1']").hover()
    for cell in ("[data-z='1.1']", "[data-a='1.1']"):
        expect(page.locator(cell)).to_have_class(LIT)


def test_a_field_of_the_table_lights_its_edge_by_keyboard(page: Page, server_url: str) -> None:
    open_tool(page, f"{server_url}/en/", "Table")
    page.mouse.move(0, 0)
    page.locator("[data-weight='2.1.0'] input").focus()
    expect(page.locator("[data-edge='2.1.0']")).to_have_class(POINTED)
    page.keyboard.press("Tab")
    expect(page.locator("[data-bias='2.0']")).to_have_class(LIT)


def test_what_the_program_draws_is_lit_by_its_name(page: Page, server_url: str) -> None:
    """The notebook's own numbers come from its seed: none of them stands in the program."""
    open_tool(page, f"{server_url}/en/", "Code")
    expect(page.locator("pre")).to_contain_text("torch.manual_seed(7)")
    page.locator(".inspector li.row").first.hover()
    expect(page.locator("pre .lit")).to_have_text("W1")
    page.locator("[data-neuron='0.2']").hover()
    expect(page.locator("pre .lit")).to_have_text("features")
