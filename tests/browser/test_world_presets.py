"""Presets of other kinds than dense chains: chosen from the menu, with rows they did not learn from; all torch's."""

import pytest
import torch
from playwright.sync_api import Page, expect

import adelante
from adelante.network.presets import preset_named
from tests.browser.world_page import outputs, painted, world


def classes(name: str, inputs: torch.Tensor) -> list[float]:
    network = preset_named(name).network
    found: list[float] = adelante.forward(network, inputs)[network.outputs[0]].flatten().tolist()
    return found


def test_digits_are_chosen_from_the_menu_and_read(page: Page, server_url: str) -> None:
    preset = preset_named("digits-conv")
    page.goto(f"{server_url}/en/")
    page.get_by_label("Network", exact=True).select_option("digits-conv")
    page.wait_for_url("**/en/?network=digits-conv")
    painted(page, 0)
    assert outputs(page) == pytest.approx(classes("digits-conv", preset.inputs), abs=1e-6)
    first = page.locator(".inputs li").first
    expect(first).to_contain_text("0")
    # The strongest class is selected, so that its origin is on screen from the start.
    expect(page.locator(".inspector h2")).to_contain_text("0")
    seven = next(sample.inputs for sample in preset.samples if sample.name == "7")
    page.get_by_label("Inputs that it did not learn from").select_option("7")
    wanted = classes("digits-conv", seven)
    page.wait_for_function(
        "y => Math.abs(Number(document.querySelector('[data-diagram]').dataset.outputs.split(' ')[7]) - y) < 1e-6",
        arg=wanted[7],
    )
    assert outputs(page) == pytest.approx(wanted, abs=1e-6)
    expect(first).to_contain_text("7")
    page.keyboard.press("Control+z")
    expect(first).to_contain_text("0")


def test_tokens_have_their_names(page: Page, server_url: str) -> None:
    world(page, f"{server_url}/es/?network=sorting")
    expect(page.get_by_text("|", exact=True).first).to_be_visible()
    assert outputs(page) == pytest.approx(classes("sorting", preset_named("sorting").inputs), abs=1e-6)
