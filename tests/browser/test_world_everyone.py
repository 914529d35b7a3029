"""The page for any network, for everyone: what axe finds, keys alone, large letters, forced colours, a phone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import finds_nothing
from tests.browser.world_page import kept, made, world


def unfolded(page: Page) -> None:
    page.locator("[data-card^='blocks@']").first.click()
    expect(page.locator("[data-card='blocks.0@2'], [data-card^='blocks.0']").first).to_be_visible()
    page.locator("[data-card^='blocks.0']").first.click()


def as_matrix(page: Page) -> None:
    page.get_by_role("button", name="as a matrix", exact=False).first.click()


def one_weight(page: Page) -> None:
    page.locator("[data-kernel]").first.click()


def nothing(page: Page) -> None:
    pass


VIEWS: dict[str, tuple[str, Callable[[Page], None]]] = {
    "convolution": ("digits-conv", nothing),
    "a kernel's weight": ("digits-conv", one_weight),
    "attention, folded": ("sorting", nothing),
    "attention": ("sorting", unfolded),
    "large": ("dense", nothing),
    "large, as a matrix": ("dense", as_matrix),
    "recurrence": ("recurrent", nothing),
    "a summary": ("blocks", nothing),
}


def address(server_url: str, name: str, folder: Path, language: str = "en") -> str:
    network = name if name in ("digits-conv", "sorting") else kept(server_url, made(name, folder)[0])
    return f"{server_url}/{language}/?network={network}"


@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing(page: Page, server_url: str, tmp_path: Path, view: str) -> None:
    name, then = VIEWS[view]
    world(page, address(server_url, name, tmp_path))
    expect(page.locator(".inspector h2")).to_be_visible()
    then(page)
    finds_nothing(page, view)
