"""What an input is measured in stands beside its name."""

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.studio_page import live

DATA = re.compile(r'(<script[^>]*id="studio-data"[^>]*>)(.*?)(</script>)', re.DOTALL)


def with_units(route: Route, units: list[str | None]) -> None:
    """The page as it would be if its preset's inputs were measured in these."""
    answer = route.fetch()

    def replaced(found: re.Match[str]) -> str:
        data = json.loads(found[2])
        data["presets"][0]["input_units"] = units
        return found[1] + json.dumps(data).replace("<", "\\u003c") + found[3]

    route.fulfill(response=answer, body=DATA.sub(replaced, answer.text()))


@pytest.mark.long
def test_units_are_shown_as_long_as_the_inputs_are_the_presets(page: Page, server_url: str) -> None:
    page.route(f"{server_url}/en/", lambda route: with_units(route, ["°C", None, "m/s"]))
    live(page, f"{server_url}/en/")
    units = page.locator(".inputs .unit")
    expect(units).to_have_text(["°C", "", "m/s"])
    expect(page.locator("input[type=range][aria-label=x1]")).to_have_attribute("aria-valuetext", "-0.1468 °C")
    expect(page.locator("[data-neuron='0.2']")).to_have_attribute("aria-label", re.compile(r"0\.9468 m/s$"))
    page.locator("[data-neuron='0.0']").click()
    expect(page.locator(".inspector .value").first).to_have_text("−0.1468 °C")
    # In the diagram, and in the sum.
    expect(page.locator("[data-neuron='0.2'] text.name")).to_have_text("x3 (m/s)")
    page.locator("[data-neuron='1.0']").click()
    expect(page.locator(".inspector .detail").first).to_have_text(re.compile(r"^−0\.1468\s°C⋅"))
    expect(page.locator(".inspector .detail").nth(1)).not_to_contain_text("m/s")
    page.locator("[data-edge='1.2.0']").dispatch_event("click")
    expect(page.locator(".inspector .product .numbers")).to_have_text(re.compile(r"^0\.9468\sm/s⋅"))
    page.get_by_role("tab", name="Code").click()
    expect(page.locator("pre")).to_contain_text("# Inputs: x1 (°C), x2, x3 (m/s)")
    page.get_by_role("tab", name="Table").click()
    expect(page.locator("tbody th").nth(2)).to_have_text(re.compile(r"^x3\s+m/s$"))
    # With another input the network is the learner's own.
    page.get_by_role("button", name="Add an input").first.click()
    expect(units).to_have_text(["", "", "", ""])


@pytest.mark.long
def test_a_preset_of_bare_numbers_shows_none(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    expect(page.locator(".inputs .unit")).to_have_text(["", "", ""])
