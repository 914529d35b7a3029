"""The tour: what a stop tells of is in sight while it tells of it, on every screen."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.sight import seen
from tests.browser.studio_page import live, rested
from tests.long import long

SCREENS = [long((1400, 900)), long((1366, 768)), (390, 844), long((844, 390))]
STRIP = "section.strip"
COVERS = f"{STRIP}, .panel, [data-playback]"


@pytest.mark.parametrize("screen", SCREENS)
def test_what_a_stop_tells_of_is_in_sight(touched: Page, server_url: str, screen: tuple[int, int]) -> None:
    page = touched
    page.set_viewport_size({"width": screen[0], "height": screen[1]})
    live(page, f"{server_url}/es/")
    page.emulate_media(reduced_motion="reduce")
    # A selected input has no sum: the stop that tells of one selects a neuron.
    page.locator("[data-neuron='0.0']").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Haz la visita guiada").click()
    told = [
        ["section.inputs input[type=range] >> nth=0"],
        ["[data-neuron='0.0'] .body", "[data-neuron='1.0'] .body", "[data-neuron='2.0'] .body"],
        [".panel ol li >> nth=0", ".panel ol li >> nth=2", ".panel ol + * >> nth=0"],
        ["[data-playback] button >> nth=0"],
        ["section.tools [role=tab] >> nth=0", "section.tools [role=tab] >> nth=2"],
        ["a.course"],
    ]
    strip = page.locator(STRIP)
    expect(strip.get_by_role("button", name="Siguiente")).to_have_accessible_description(re.compile("^1 de 6 Arrastra"))
    for number, parts in enumerate(told, start=1):
        expect(strip).to_contain_text(f"{number} de {len(told)}")
        rested(page)
        for part in parts:
            assert seen(page.locator(part), COVERS) > 0.9, (number, part)
        strip.get_by_role("button", name=re.compile("Siguiente|Listo")).click()


@pytest.mark.long
def test_the_sheet_that_the_tour_raised_is_lowered_again(touched: Page, server_url: str) -> None:
    page = touched
    page.set_viewport_size({"width": 390, "height": 844})
    live(page, f"{server_url}/es/")
    # A page that glides to the next stop takes the buttons along, away from under a finger.
    page.emulate_media(reduced_motion="reduce")
    page.get_by_role("button", name="Haz la visita guiada").click()
    strip, handle = page.locator(STRIP), page.locator(".inspector .handle")
    steps = [(1, "false"), (2, "false"), (3, "true"), (4, "false"), (5, "false"), (4, "false"), (3, "true")]
    for (stop, expanded), button in zip(steps, ["Siguiente"] * 4 + ["Atrás"] * 2 + [None], strict=True):
        expect(strip).to_contain_text(f"{stop} de 6")
        expect(handle).to_have_attribute("aria-expanded", expanded)
        if button:
            strip.get_by_role("button", name=button).click()
    page.keyboard.press("Escape")
    expect(strip).to_have_count(0)
    expect(handle).to_have_attribute("aria-expanded", "false")
