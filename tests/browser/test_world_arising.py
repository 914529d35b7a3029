"""A number that is none says where that began, with its arithmetic and a way there."""

from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.world_page import painted, paintings, world
from tests.long import long

# The second input's exp overflows; from there on every number is none.
LAYERS: list[Any] = [
    {"kind": "exp"},
    {"weights": [[1.0, 2.0], [0.0, 0.5]], "biases": [0.0, 0.0]},
    {"weights": [[2.0], [3.0]], "biases": [0.0], "activation": "tanh"},
]
WORDS = {
    "en": [
        "The first NaN on its way arises in dense 2[1]: ∞ · 0 = NaN.",
        "The ∞ in it arises in exponential[2]: exp(x) where x = 1000.",
    ],
    "es": [
        "El primer NaN de su camino surge en densa 2[1]: ∞ · 0 = NaN.",
        "Su ∞ surge en exponencial[2]: exp(x) con x = 1000.",
    ],
}

COMPUTES = {
    "en": "The network's numbers are float64; this page computes in float32.",
    "es": "Los números de la red son float64; esta página calcula en float32.",
}


@pytest.mark.parametrize("language", ["en", long("es")])
def test_a_nan_says_where_it_arose_and_one_goes_there(page: Page, server_url: str, language: str) -> None:
    document: dict[str, Any] = {"input": {"shape": [2]}, "layers": LAYERS, "dtype": "float64"}
    kept = requests.post(f"{server_url}/api/v1/networks", json=document, timeout=60).json()["id"]
    world(page, f"{server_url}/{language}/?network={kept}")
    told = page.locator("[data-arises]")
    expect(page.locator(".inspector h2")).to_be_visible()
    expect(told).to_have_count(0)
    # The page computes in float32, and says so where the network was kept in another precision.
    expect(page.locator("footer .machine")).to_contain_text(COMPUTES[language])
    before = paintings(page)
    page.locator(".inputs input:not([type=range])").nth(1).fill("1000")
    page.keyboard.press("Enter")
    painted(page, before)
    expect(told).to_have_text(WORDS[language])
    told.nth(0).get_by_role("button").click()
    expect(page.locator(".inspector h2")).to_have_attribute("data-cell", "layers.1.activations[0]")
    expect(told.nth(0)).to_contain_text("∞ · 0 = NaN.")
    told.nth(1).get_by_role("button").click()
    expect(page.locator(".inspector h2")).to_have_attribute("data-cell", "layers.0.activations[1]")
    expect(told).to_have_count(1)
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    expect(page.locator(".inspector h2")).to_have_attribute("data-cell", "layers.2.activations[0]")
