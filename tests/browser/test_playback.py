"""Playback: what is computed now is lit, what is not known yet is nowhere on the page, and every number is torch's."""

import re

import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from tests import notebook
from tests.browser.accessibility import finds_nothing
from tests.browser.studio_page import has_sizes, live
from tests.long import long

HIDDEN = torch.tensor(notebook.FEATURES) @ torch.tensor(notebook.HIDDEN_WEIGHTS) + torch.tensor(notebook.HIDDEN_BIASES)
A1 = torch.sigmoid(HIDDEN)
TERMS = torch.tensor(notebook.FEATURES).unsqueeze(1) * torch.tensor(notebook.HIDDEN_WEIGHTS)

KNOWN = "els => els.filter(e => e.dataset.value !== undefined).map(e => e.dataset.neuron)"
TEXTS = "els => els.filter(e => getComputedStyle(e).visibility !== 'hidden').map(e => e.textContent.trim())"


def bar(page: Page) -> Locator:
    return page.locator("[data-playback]")


def scrubber(page: Page) -> Locator:
    return bar(page).locator("input[type=range]")


def by(page: Page, grain: str) -> None:
    bar(page).locator("select").first.select_option(grain)


def known(page: Page) -> list[str]:
    found: list[str] = page.locator("[data-neuron]").evaluate_all(KNOWN)
    return found


def lit(page: Page) -> list[str]:
    found: list[str] = page.locator("[data-neuron].now").evaluate_all("els => els.map(e => e.dataset.neuron)")
    return found


def shown(page: Page, quantity: str) -> list[float | None]:
    """The inspector's values of one quantity, in order; None where none is shown."""
    values: list[float | None] = page.locator(f".inspector ol [data-quantity='{quantity}']").evaluate_all(
        "els => els.map(e => e.dataset.value === undefined ? null : Number(e.dataset.value))"
    )
    return values


@pytest.mark.long
def test_by_neuron_what_is_not_known_is_not_shown(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    step = page.get_by_role("button", name="One step forward")
    inputs = ["0.0", "0.1", "0.2"]
    for neurons, now in [([], inputs), (["1.0"], ["1.0"]), (["1.0", "1.1"], ["1.1"]), (["1.0", "1.1", "2.0"], ["2.0"])]:
        step.click()
        assert known(page) == inputs + neurons
        assert lit(page) == now
        texts = page.locator("[data-neuron] .value").evaluate_all(TEXTS)
        assert len(texts) == 3 + len(neurons)
    step.click()
    assert lit(page) == []
    expect(bar(page)).to_contain_text("whole pass")
    has_sizes(page, [3, 2, 1])


def test_by_term_the_sum_grows_with_torchs_terms(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    by(page, "term")
    step = page.get_by_role("button", name="One step forward")
    step.click()
    terms = TERMS[:, 0].tolist()
    neuron = page.locator("[data-neuron='1.0']")
    for count in range(1, 4):
        step.click()
        assert float(neuron.get_attribute("data-sum") or "nan") == pytest.approx(sum(terms[:count]), abs=1e-6)
        expect(neuron.locator(".value")).to_have_text(re.compile(f"{sum(terms[:count]):.4f}".replace("-", "−")))
        got = shown(page, "contribution")
        assert got[:count] == pytest.approx(terms[:count], abs=1e-6)
        assert got[count:] == [None] * (3 - count)
        assert shown(page, "z") == [None]
        assert known(page) == ["0.0", "0.1", "0.2"]
        assert page.locator(".lit-edges .line").count() == count
        assert page.locator(".lit-edges .line.now").count() == 1
        # The line has its weight's sign, what runs along it the product's own.
        sign = "positive" if terms[count - 1] > 0 else "negative"
        expect(page.locator(".lit-edges .pulse")).to_have_class(re.compile(rf"\b{sign}\b"))
    step.click()
    expect(page.get_by_role("group", name="The forward pass")).to_contain_text("add b₁⁽¹⁾")
    assert shown(page, "z") == [pytest.approx(HIDDEN[0].item(), abs=1e-6)]
    step.click()
    assert float(neuron.get_attribute("data-value") or "nan") == pytest.approx(A1[0].item(), abs=1e-6)
    expect(neuron).not_to_have_attribute("data-sum", re.compile("."))
    expect(bar(page)).to_contain_text("sigmoid(z) = 0.6813")


@pytest.mark.long
def test_nothing_of_a_later_layer_stands_in_table_or_matrices(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    by(page, "layer")
    page.get_by_role("button", name="One step forward").click()
    page.get_by_role("button", name="One step forward").click()
    page.get_by_role("tab", name="Table").click()
    # The table is a part of the page that may come a moment after its tab.
    expect(page.locator("td[data-a]")).to_have_count(3)
    values = page.locator("td[data-a]").evaluate_all(
        "els => els.map(e => [e.dataset.a, e.dataset.value !== undefined])"
    )
    assert values == [["1.0", True], ["1.1", True], ["2.0", False]]
    page.get_by_role("tab", name="Matrices").click()
    output = page.locator("[data-cell='a.2.0']")
    expect(output).to_be_visible()
    assert output.get_attribute("data-value") is None
    assert "0.3" not in (output.text_content() or "")
    expect(page.locator("footer")).not_to_contain_text("0.3171")


def test_it_plays_to_the_end_and_pauses(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    by(page, "layer")
    speed = bar(page).locator("select").nth(1)
    # Slow enough that a busy machine sees the first layer lit, however late it looks.
    speed.select_option("0.5")
    page.get_by_role("button", name="Play the forward pass").click()
    pause = page.get_by_role("button", name="Pause")
    expect(pause).to_be_visible()
    expect(page.locator("[data-neuron='1.0'].now")).to_have_count(1)
    pause.click()
    place = scrubber(page).input_value()
    page.wait_for_timeout(700)
    assert scrubber(page).input_value() == place
    speed.select_option("4")
    page.get_by_role("button", name="Play the forward pass").click()
    expect(page.get_by_role("button", name="Play the forward pass")).to_be_visible(timeout=5000)
    expect(scrubber(page)).to_have_value("3")
    assert lit(page) == []


def test_by_keyboard(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("Space")
    scrubber(page).focus()
    page.keyboard.press("Home")
    assert lit(page) == ["0.0", "0.1", "0.2"]
    page.keyboard.press("ArrowRight")
    assert lit(page) == ["1.0"]
    expect(scrubber(page)).to_have_attribute("aria-valuetext", "h₁ = 0.6813")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert lit(page) == ["1.0"]
    expect(bar(page).get_by_role("status")).to_have_text("h₁ = 0.6813")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Play the forward pass")).to_be_visible()
    expect(bar(page)).to_contain_text("whole pass")


@pytest.mark.long
def test_another_grain_goes_on_from_the_same_moment(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    scrubber(page).focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    by(page, "term")
    assert known(page) == ["0.0", "0.1", "0.2", "1.0"]
    expect(bar(page)).to_contain_text("sigmoid(z)")


def test_a_slider_moves_what_is_known_and_another_shape_ends_playback(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    scrubber(page).focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    before = page.locator("[data-neuron='1.0']").get_attribute("data-value")
    page.get_by_role("slider", name="x1").focus()
    page.keyboard.press("PageUp")
    page.wait_for_function("b => document.querySelector(\"[data-neuron='1.0']\").dataset.value !== b", arg=before)
    assert known(page) == ["0.0", "0.1", "0.2", "1.0"]
    page.get_by_role("button", name="Add a neuron: Hidden layer").click()
    has_sizes(page, [3, 3, 1])
    expect(bar(page)).to_contain_text("whole pass")


def test_reduced_motion_has_no_pulse(page: Page, server_url: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    live(page, f"{server_url}/en/")
    by(page, "layer")
    page.get_by_role("button", name="One step forward").click()
    page.get_by_role("button", name="One step forward").click()
    assert page.locator(".lit-edges .line.now").count() == 6
    assert page.locator(".lit-edges .pulse:visible").count() == 0


@pytest.mark.long
@pytest.mark.parametrize("language", [long("es"), "en"])
def test_axe_finds_nothing_in_playback(page: Page, server_url: str, language: str) -> None:
    live(page, f"{server_url}/{language}/")
    by(page, "term")
    step = page.get_by_role("button", name=re.compile("One step forward|Un paso adelante"))
    for _ in range(4):
        step.click()
    finds_nothing(page, dark=language == "en")
