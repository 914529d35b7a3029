"""A network of one's own from sizes typed: by keyboard, in both languages, from both pages, and what is refused."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import finds_nothing
from tests.browser.studio_page import has_sizes, live
from tests.browser.world_page import world


def test_sizes_typed_begin_a_network(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    choice = page.get_by_role("combobox", name="Network", exact=True)
    choice.select_option(label="New network…")
    form = page.get_by_role("form", name="New network")
    field = form.get_by_label("Sizes, inputs first")
    expect(field).to_be_focused()
    expect(field).to_have_value("3-2-1")
    page.keyboard.type("4-0-3")
    expect(form.get_by_role("status")).to_have_text("A layer has at least one neuron. Take the 0 out.")
    expect(form.get_by_role("button", name="Begin")).to_be_disabled()
    field.fill("4, 8, 8, 3")
    expect(form.get_by_role("status")).to_contain_text("4-8-8-3: 139 weights and biases")
    expect(form.get_by_label("Between")).to_have_value("tanh")
    expect(form.get_by_label("At the end")).to_have_value("softmax")
    finds_nothing(page, "the form", within="form")
    form.get_by_label("Between").select_option("relu")
    field.press("Enter")
    has_sizes(page, [4, 8, 8, 3])
    expect(form).to_have_count(0)
    expect(page.locator("footer")).to_contain_text("New network: 4-8-8-3")
    texts = page.locator(".heads select, [data-activation], .diagram select").evaluate_all(
        "all => all.map(e => e.value)"
    )
    assert [each for each in texts if each in ("relu", "softmax")] == ["relu", "relu", "softmax"]
    page.keyboard.press("Control+z")
    has_sizes(page, [3, 2, 1])


@pytest.mark.long
def test_it_begins_from_the_page_of_any_network_too(page: Page, server_url: str) -> None:
    world(page, f"{server_url}/es/?network=digits")
    page.locator("header select").first.select_option(label="Red nueva…")
    page.wait_for_url("**/es/?new")
    form = page.get_by_role("form", name="Red nueva")
    field = form.get_by_label("Tamaños, primero las entradas")
    field.fill("2-65-1")
    expect(form.get_by_role("status")).to_contain_text("64 neuronas como mucho")
    field.press("Escape")
    expect(form).to_have_count(0)
