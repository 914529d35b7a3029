"""Playback on the page for any network: what later steps compute is nowhere, what earlier ones did is torch's."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

import adelante
from tests.browser.accessibility import finds_nothing
from tests.browser.test_forms import contributions, numbers, opened, select, shown
from tests.browser.world_page import outputs


def bar(page: Page) -> Locator:
    return page.locator("[data-playback]")


def by(page: Page, grain: str) -> None:
    bar(page).locator("select").first.select_option(grain)


def step(page: Page, name: str = "One step forward") -> None:
    bar(page).get_by_role("button", name=name).click()


INKED = """e => {
  const canvas = e.querySelector("canvas");
  const { data } = canvas.getContext("2d").getImageData(2, 2, canvas.width - 4, canvas.height - 4);
  let found = 0;
  for (let k = 3; k < data.length; k += 4) if (data[k] > 250) found++;
  return found / (data.length / 4);
}"""


def pictures(page: Page) -> list[str]:
    """All that is drawn of the bodies."""
    found: list[str] = page.locator("[data-body] canvas").evaluate_all("all => all.map(each => each.toDataURL())")
    return found


def inked(page: Page, body: int) -> float:
    """Which share of a body of one picture is drawn."""
    share: float = page.locator(f"[data-body='{body}']").evaluate(INKED)
    return share


@pytest.mark.long
def test_by_layer(page: Page, server_url: str, tmp_path: Path) -> None:
    opened(page, server_url, tmp_path, "convolutions")
    whole = outputs(page)
    assert len(whole) == 10
    step(page)
    expect(bar(page)).to_contain_text("the inputs are given")
    assert inked(page, 0) == pytest.approx(1)
    assert inked(page, 1) == 0
    assert outputs(page) == []
    expect(page.locator(".inspector")).to_contain_text("Not computed yet")
    step(page)
    expect(bar(page)).to_contain_text("conv2d")
    assert inked(page, 1) > 0.5
    assert inked(page, 2) == 0
    expect(page.locator("[data-now]")).to_have_attribute("data-now", "layer0")
    page.keyboard.press("Escape")
    expect(bar(page)).to_contain_text("whole pass")
    assert outputs(page) == whole


def test_by_cell_a_kernel_slides(page: Page, server_url: str, tmp_path: Path) -> None:
    _, trace = opened(page, server_url, tmp_path, "convolutions")
    whole = pictures(page)
    by(page, "cell")
    scrubber = bar(page).locator("input[type=range]")
    scrubber.focus()
    for key in ("Home", "ArrowRight", "ArrowRight", "PageUp"):
        page.keyboard.press(key)
    # The inputs are one step; the twelfth number of the first map is computed now.
    shown(page, "layers.0.activations[0,0,11]")
    value = trace["layers.0.activations"][0, 0, 11].item()
    expect(bar(page)).to_contain_text(f"[1, 1, 12] = {value:.4f}")
    expect(page.locator("path.beam")).to_have_count(1)
    before = inked(page, 1)
    assert 0 < before < 0.02
    # What is not computed yet has no number, also for the keys.
    select(page, 1, "Home", "ArrowDown", "ArrowDown")
    expect(page.locator(".inspector")).to_contain_text("Not computed yet")
    # Drawn anew they are what they were, to the last pixel of their frames.
    scrubber.press("End")
    expect(bar(page)).to_contain_text("whole pass")
    assert pictures(page) == whole


def test_by_term_the_sum_grows(page: Page, server_url: str, tmp_path: Path) -> None:
    network, trace = opened(page, server_url, tmp_path, "convolutions")
    select(page, 1, "Home", "ArrowDown", "ArrowRight")
    shown(page, "layers.0.activations[0,1,1]")
    by(page, "term")
    step(page)
    terms = contributions(network, trace, "layers.0.pre_activations", (0, 1, 1)).tolist()
    bias = network.parameters["layers.0.biases"][0].item()
    running = page.locator("[data-stage] [data-sum]")
    for count in range(9):
        # Beside the cell, what that has come to.
        expect(running).to_have_count(min(1, count))
        if count > 0:
            sums = bias + sum(terms[: count - 1 if count < 8 else None])
            assert float(running.get_attribute("data-sum") or "nan") == pytest.approx(sums, abs=1e-6)
            expect(running).to_have_text(re.compile(rf"^\s*z = {sums:.4f}$".replace("-", "−")))
        # First the bias, then the largest terms, then the rest together.
        known = page.locator(".inspector [data-quantity=contribution][data-value]")
        expect(known).to_have_count(max(0, min(6, count - 1)))
        expect(page.locator(".inspector [data-quantity=bias][data-value]")).to_have_count(min(1, count))
        assert [value for value, _ in numbers(page, "contribution")][: max(0, count - 1)] == pytest.approx(
            terms[: max(0, min(6, count - 1))], abs=1e-6
        )
        step(page)
    expect(running).to_have_count(0)
    z = trace["layers.0.pre_activations"][0, 1, 1].item()
    assert [value for value, _ in numbers(page, "sum")] == pytest.approx([z], abs=1e-6)
    assert adelante.forward(network, trace["inputs"])["layers.0.pre_activations"][0, 1, 1].item() == z

    # A window is gone through, the largest so far told; after its last number that is the pooled one.
    page.keyboard.press("Escape")
    select(page, 2, "Home")
    shown(page, "layers.1.activations[0,0,0]")
    step(page)
    expect(bar(page)).to_contain_text("[1, 1, 1] = …")
    window = trace["layers.0.activations"][0, :2, :2].flatten()
    for count in range(1, 5):
        step(page)
        expect(bar(page)).to_contain_text(f"= {window[count - 1].item():.4f}")
        assert [value for value, _ in numbers(page, "value")] == pytest.approx([window[:count].max().item()], abs=1e-6)
    step(page)
    assert [value for value, _ in numbers(page, "value")] == [trace["layers.1.activations"][0, 0, 0].item()]


def test_what_is_written_is_told_once_all_of_it_is_computed(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/en/?preset=sorting")
    said = page.get_by_text("After “|” it writes")
    expect(said).to_be_visible()
    whole = said.inner_text()
    step(page)
    expect(said).to_have_count(0)
    # Of the last body half is computed.
    bar(page).locator("input[type=range]").focus()
    by(page, "cell")
    page.keyboard.press("End")
    for key in ("ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
    expect(bar(page)).to_contain_text("softmax[")
    expect(said).to_have_count(0)
    page.keyboard.press("Escape")
    expect(said).to_have_text(whole)


@pytest.mark.long
def test_play_goes_to_the_end_and_no_motion_is_drawn_where_none_is_wanted(page: Page, server_url: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{server_url}/es/?network=sorting")
    page.wait_for_selector("[data-outputs]")
    bar(page).locator("select").nth(1).select_option("4")
    step(page, "Reproducir la propagación hacia adelante")
    expect(page.locator("[data-now]")).to_have_count(1)
    assert page.locator("path.pulse:visible").count() == 0
    finds_nothing(page, "playing", within=".playback")
    expect(page.locator("[data-now]")).to_have_count(0, timeout=15_000)
    assert len(outputs(page)) == 132
