"""A contribution wears its own sign, NaN has its name and its reason, and softmax is told whole, as torch has it."""

import json
import math
import re
from typing import Any

import pytest
import torch
from playwright.sync_api import Page, expect

from tests.browser.studio_page import live
from tests.long import crossed, long

SIGNS = "els => els.map(e => ['negative', 'positive', 'zero'].find(sign => e.classList.contains(sign)))"


def opened(page: Page, url: str, inputs: list[float], layers: list[dict[str, Any]], neuron: tuple[int, int]) -> None:
    outputs = len(layers[-1]["biases"])
    state = {
        "preset": None,
        "inputs": inputs,
        "inputNames": [f"x{i + 1}" for i in range(len(inputs))],
        "inputRanges": [[-3, 3]] * len(inputs),
        "outputNames": [f"y{j + 1}" for j in range(outputs)],
        "seed": 0,
        "layers": [{"name": "", **layer} for layer in layers],
    }
    selection = {"kind": "neuron", "layer": neuron[0], "neuron": neuron[1]}
    scene = json.dumps({"scene": {"state": state, "selection": selection}})
    page.add_init_script(f"sessionStorage.setItem('adelante.handover', {json.dumps(scene)})")
    live(page, url)
    page.wait_for_function("() => document.querySelector('.inspector [data-quantity=contribution][data-value]')")


def values(page: Page, quantity: str) -> list[float]:
    found: list[float] = page.locator(f".inspector [data-quantity='{quantity}']").evaluate_all(
        "els => els.map(e => Number(e.dataset.value))"
    )
    return found


def test_a_term_wears_its_own_sign_and_not_its_weights(page: Page, server_url: str) -> None:
    layer = {"activation": "identity", "weights": [[-1.1143], [2.0], [1e38], [0.5]], "biases": [-0.5]}
    opened(page, f"{server_url}/en/", [-0.1468, -3.0, -1.5, 0.0], [layer], (1, 0))
    terms = torch.tensor([-0.1468, -3.0, -1.5, 0.0]) * torch.tensor([-1.1143, 2.0, 1e38, 0.5])
    expected = ["positive", "negative", "negative", "zero", "negative"]
    assert [{-1: "negative", 0: "zero", 1: "positive"}[int(term.sign())] for term in terms] == expected[:4]
    for place in (".symbols .term", ".products .term", "li.row:not(.total)"):
        assert page.locator(f".inspector {place}").evaluate_all(SIGNS) == expected
    # The edges keep their weights' signs.
    assert page.locator("[data-edge]").evaluate_all(SIGNS) == ["negative", "positive", "positive", "positive"]
    page.locator(".inspector li.row").first.click()
    expect(page.locator(".inspector .product")).to_have_class(re.compile(r"\bpositive\b"))


def test_infinite_terms_wear_their_sign_and_finite_ones_have_no_length_beside_them(page: Page, server_url: str) -> None:
    layer = {"activation": "identity", "weights": [[-3e38], [0.5]], "biases": [0.24]}
    opened(page, f"{server_url}/en/", [3.0, 2.0], [layer], (1, 0))
    assert page.locator(".inspector li.row:not(.total)").evaluate_all(SIGNS) == ["negative", "positive", "positive"]
    widths = page.locator(".inspector .bar").evaluate_all("els => els.map(e => e.getBoundingClientRect().width)")
    assert widths[0] > 20
    assert all(width <= 4 for width in widths[1:3])
    expect(page.locator("[data-neuron='1.0'] .number, [data-neuron='1.0'] .value").first).to_contain_text("−∞")


@pytest.mark.parametrize(
    ("weights", "language", "reason"),
    [
        long([1.0, -1.0], "en", "∞ − ∞ has no value"),
        long([0.0, 1.0], "en", "0 · ∞ has no value"),
        ([1.0, -1.0], "es", "∞ − ∞ no tiene valor"),
    ],
)
def test_what_has_no_value_is_nan_everywhere_and_says_why(
    page: Page, server_url: str, weights: list[float], language: str, reason: str
) -> None:
    hidden = {"activation": "relu", "weights": [[3e38, 3e38], [1.0, 1.0], [0.0, 0.0]], "biases": [0.0, 0.0]}
    output = {"activation": "identity", "weights": [[weights[0]], [weights[1]]], "biases": [0.24]}
    opened(page, f"{server_url}/{language}/", [3.0, 2.0, 0.0], [hidden, output], (2, 0))
    neuron = page.locator("[data-neuron='2.0']")
    expect(neuron).to_have_attribute("data-value", "NaN")
    expect(neuron.locator(".value")).to_have_text("NaN\u2007", use_inner_text=False)
    assert f"NaN, {reason}" in (neuron.get_attribute("aria-label") or "")
    expect(page.locator(".inspector .formula .reason")).to_have_text(f"NaN: {reason}")
    expect(page.locator(".inspector .result")).to_contain_text("NaN")
    page.get_by_role("tab").nth(1).click()
    expect(page.locator("[data-a='2.0']")).to_contain_text("NaN")
    expect(page.locator("[data-a='2.0']")).to_have_attribute("title", reason)
    page.get_by_role("tab").nth(0).click()
    expect(page.locator("[data-cell='a.2.0']")).to_contain_text("NaN")
    expect(page.locator("[data-cell='z.2.0']")).to_have_attribute("title", reason)
    page.locator("section.inputs input[type=text]").last.press("ArrowUp")
    expect(page.locator("footer .change")).to_contain_text(f"NaN → NaN ({reason})")
    expect(page.locator("footer [role=status]")).to_contain_text(f"NaN, {reason}")
    assert "·\u2007" not in page.locator("main").inner_text()


@pytest.mark.parametrize(
    ("x", "weights", "activation"),
    crossed([(2.0, [[0.8, -0.4, 1.1]]), (1.0, [[1000.0, 1001.0, 1002.0]])], ["softmax", "log_softmax"]),
)
def test_softmax_shows_every_logit_its_power_their_sum_and_the_shares(
    page: Page, server_url: str, activation: str, x: float, weights: list[list[float]]
) -> None:
    biases = [0.1, 0.2, -0.3] if x == 2 else [0.0, 0.0, 0.0]
    opened(page, f"{server_url}/es/", [x], [{"activation": activation, "weights": weights, "biases": biases}], (1, 1))
    page.wait_for_function("() => document.querySelector('.inspector [data-quantity=share][data-value]')")
    z = x * torch.tensor(weights[0]) + torch.tensor(biases)
    subtracted = 0 if x == 2 else 1002
    powers = torch.exp(z - subtracted)
    assert values(page, "logit") == pytest.approx(z.tolist(), rel=1e-6)
    assert values(page, "exponential") == pytest.approx(powers.tolist(), rel=1e-5)
    assert values(page, "total") == pytest.approx([powers.sum().item()], rel=1e-5)
    assert values(page, "share") == pytest.approx(torch.softmax(z, 0).tolist(), abs=1e-6)
    a = getattr(torch, activation)(z, 0)[1].item()
    assert all(value == pytest.approx(a, rel=1e-4) for value in values(page, "a"))
    if activation == "log_softmax":
        assert values(page, "log-total") == pytest.approx([torch.logsumexp(z, 0).item()], rel=1e-6)
    # No equation says that the function of one number is the result.
    assert f"{activation}(" not in page.locator(".inspector .formula").inner_text()
    bars = page.locator(".inspector .bars .bar").evaluate_all("els => els.map(e => e.getBoundingClientRect().width)")
    assert sum(bars) == pytest.approx(page.locator(".inspector .bars td").first.bounding_box()["width"], abs=8)  # type: ignore[index]
    shown = page.locator(".inspector .one").inner_text()
    assert f"{a:.4f}".replace(".", ",").replace("-", "−") in shown
    assert not any(math.isnan(value) for value in values(page, "a"))
