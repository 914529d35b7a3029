"""The page for networks of any kind keeps what was made of its network: over a reload, at a later visit, in a link."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.world_page import gives, kept, made, outputs, painted, world


def changed(page: Page, url: str) -> list[float]:
    """Opens a network, moves one pixel of it, and gives the outputs that this has."""
    world(page, url)
    page.locator("[data-body='0']").focus()
    for key in ("Home", "ArrowDown", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    before = outputs(page)
    page.get_by_label("Value of", exact=False).first.fill("0.75")
    page.keyboard.press("Enter")
    gives(page, before, other=True)
    # The address follows once the hand rests.
    page.wait_for_url("**#w1.*")
    return outputs(page)


def test_a_reload_brings_back_what_was_changed_and_looked_at(page: Page, server_url: str, tmp_path: Path) -> None:
    file, _ = made("convolutions", tmp_path)
    told = changed(page, f"{server_url}/en/?network={kept(server_url, file)}")
    page.reload()
    painted(page, 0)
    assert outputs(page) == pytest.approx(told, abs=1e-6)
    expect(page.locator("footer .change")).to_contain_text("Continued where you left off")
    expect(page.locator("h2[data-cell]")).to_have_attribute("data-cell", "inputs[0,1,1]")
    page.get_by_role("button", name="Undo", exact=False).first.click()
    gives(page, told, other=True)


def test_the_address_opens_the_same_elsewhere(page: Page, browser: Browser, server_url: str, tmp_path: Path) -> None:
    file, _ = made("convolutions", tmp_path)
    told = changed(page, f"{server_url}/en/?network={kept(server_url, file)}")
    elsewhere = browser.new_page()
    world(elsewhere, page.url)
    assert outputs(elsewhere) == pytest.approx(told, abs=1e-6)
    expect(elsewhere.locator("h2[data-cell]")).to_have_attribute("data-cell", "inputs[0,1,1]")
    elsewhere.close()


@pytest.mark.long
def test_a_later_visit_is_offered_what_was_changed(page: Page, server_url: str, tmp_path: Path) -> None:
    file, _ = made("convolutions", tmp_path)
    url = f"{server_url}/en/?network={kept(server_url, file)}"
    told = changed(page, url)
    page.goto("about:blank")
    world(page, url)
    assert outputs(page) != pytest.approx(told, abs=1e-6)
    page.get_by_role("button", name="Open it").click()
    gives(page, told)


@pytest.mark.long
def test_a_network_that_is_too_large_for_an_address_is_kept_here(
    page: Page, browser: Browser, server_url: str, tmp_path: Path
) -> None:
    file, _ = made("convolutions", tmp_path)
    url = f"{server_url}/en/?network={kept(server_url, file)}"
    changed(page, url)
    elsewhere = browser.new_page()
    world(elsewhere, f"{url}#here")
    expect(elsewhere.locator(".trouble")).to_contain_text("only in the browser that made this address")
    elsewhere.close()
