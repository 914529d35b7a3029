"""What the page begins with: a stored network, or anew; and what was there before is offered, not overwritten."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests
import torch
from playwright.sync_api import Page, expect

from adelante.network.presets import chain_named
from tests.browser.studio_page import address_once, control, exported, has_sizes, live, neurons, shows_what_torch_gives
from tests.browser.test_slow_line import Sent
from tests.long import long

LAYERS: list[dict[str, Any]] = [
    {"weights": [[0.5, -1.5], [2.0, 0.25]], "biases": [0.125, -0.5], "activation": "tanh"},
    {"weights": [[1.0], [-3.0]], "biases": [0.75], "activation": "identity"},
]


def kept(server_url: str, layers: list[dict[str, Any]] = LAYERS) -> str:
    answer = requests.post(f"{server_url}/api/v1/networks", json={"layers": layers}, timeout=30)
    return str(answer.json()["id"])


def set_input(page: Page, name: str, text: str) -> None:
    field = page.get_by_label(f"Value of {name}", exact=True)
    field.fill(text)
    field.press("Enter")


def offer(page: Page) -> Any:
    return page.get_by_role("status").filter(has_text="Your earlier network")


@pytest.mark.parametrize("language", [long("en"), "es"])
def test_a_stored_network_is_opened_by_its_id_and_never_sent(page: Page, server_url: str, language: str) -> None:
    id, sent = kept(server_url), Sent(page)
    live(page, f"{server_url}/{language}/?network={id}")
    has_sizes(page, [2, 2, 1])
    document = {"layers": LAYERS, "inputs": [0.0, 0.0]}
    shows_what_torch_gives(page, document)
    page.reload()
    has_sizes(page, [2, 2, 1])
    shows_what_torch_gives(page, document)
    openings = [command for command in sent.commands if command["op"] == "open"]
    assert len(openings) >= 2
    assert all(command.get("network") == id and "layers" not in command for command in openings)


@pytest.mark.long
def test_an_edited_stored_network_is_there_after_a_reload_and_opened_by_what_it_was_made_from(
    page: Page, server_url: str
) -> None:
    id, sent = kept(server_url), Sent(page)
    live(page, f"{server_url}/en/?network={id}")
    has_sizes(page, [2, 2, 1])
    set_input(page, "x1", "0.75")
    slider = control(page, "w11")
    before = slider.get_attribute("data-value") or ""
    slider.press("ArrowRight")
    expect(slider).not_to_have_attribute("data-value", before)
    weight = float(slider.get_attribute("data-value") or "nan")
    address_once(page, lambda scene: scene["i"][0] == 0.75 and scene["l"][0]["w"][0] == weight)
    sent.clear()
    page.reload()
    has_sizes(page, [2, 2, 1])
    first = {**LAYERS[0], "weights": [[weight, -1.5], [2.0, 0.25]]}
    shows_what_torch_gives(page, {"layers": [first, LAYERS[1]], "inputs": [0.75, 0.0]})
    opening, change = [command for command in sent.commands if command["op"] in ("open", "set")]
    assert (opening["network"], "layers" in opening) == (id, False)
    assert change["changes"] == [{"layer": 0, "weight": [0, 0], "value": weight}]


def test_who_has_no_script_reads_the_stored_networks_own_values(server_url: str) -> None:
    text = requests.get(f"{server_url}/en/?network={kept(server_url)}", timeout=30).text
    table = text[text.index("<table") : text.index("</table>")]
    a = torch.tanh(torch.tensor([0.125, -0.5]))
    y = (a @ torch.tensor([1.0, -3.0]) + 0.75).item()
    assert f"<td>{y:.4f}</td>" in table
    assert "h2" in table


def test_an_id_that_is_not_there_is_said(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/?network={'0' * 64}")
    expect(page.get_by_text("There is no network 000000000000 here").first).to_be_visible()
    assert "<table" not in requests.get(f"{server_url}/en/?network={'0' * 64}", timeout=30).text


@pytest.mark.long
def test_starting_fresh_keeps_the_earlier_network_and_offers_it(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    set_input(page, "x1", "0.625")
    page.get_by_role("button", name="Add a neuron: Hidden layer").click()
    has_sizes(page, [3, 3, 1])
    address_once(page, lambda scene: scene["i"][0] == 0.625 and len(scene["l"][0]["b"]) == 3)
    mine = json.loads(exported(page, "json").read_text())
    live(page, f"{server_url}/en/?fresh")
    has_sizes(page, [3, 2, 1])
    assert "fresh" not in page.url
    expect(offer(page)).to_contain_text("3-3-1")
    # What is done now overwrites nothing, however often the page is loaded.
    set_input(page, "x2", "1.5")
    address_once(page, lambda scene: scene["i"][1] == 1.5)
    page.reload()
    has_sizes(page, [3, 2, 1])
    expect(offer(page)).to_contain_text("3-3-1")
    page.get_by_role("button", name="Open it").click()
    has_sizes(page, [3, 3, 1])
    shows_what_torch_gives(page, mine)
    # The one that was worked on meanwhile is offered in its place; and undo goes back to it too.
    expect(offer(page)).to_contain_text("3-2-1")
    page.keyboard.press("Control+z")
    has_sizes(page, [3, 2, 1])
    assert neurons(page)["0.1"] == pytest.approx(1.5)
    page.get_by_role("button", name="Discard it").click()
    expect(offer(page)).to_have_count(0)


@pytest.mark.long
def test_a_link_does_not_overwrite_what_this_browser_kept(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    set_input(page, "x1", "0.625")
    address_once(page, lambda scene: scene["i"][0] == 0.625)
    page.goto("about:blank")
    live(page, f"{server_url}/en/?preset=xor")
    set_input(page, "x1", "0.5")
    address_once(page, lambda scene: scene["i"] == [0.5, chain_named("xor").inputs[1].item()])
    page.reload()
    has_sizes(page, [2, 2, 1])
    expect(offer(page)).to_contain_text("3-2-1")


def test_a_reload_right_after_a_change_loses_nothing_and_offers_nothing(page: Page, server_url: str) -> None:
    """The address follows within a second; what the page had when it was left is newer."""
    live(page, f"{server_url}/en/")
    set_input(page, "x1", "0.625")
    address_once(page, lambda scene: scene["i"][0] == 0.625)
    set_input(page, "x1", "0.875")
    page.reload()
    has_sizes(page, [3, 2, 1])
    assert neurons(page)["0.0"] == pytest.approx(0.875)
    expect(offer(page)).to_have_count(0)
    address_once(page, lambda scene: scene["i"][0] == 0.875)


@pytest.mark.long
def test_the_offer_is_in_spanish_too(page: Page, server_url: str, tmp_path: Path) -> None:
    live(page, f"{server_url}/es/")
    field = page.get_by_label("Valor de x1", exact=True)
    field.fill("0,625")
    field.press("Enter")
    address_once(page, lambda scene: scene["i"][0] == 0.625)
    live(page, f"{server_url}/es/?fresh")
    expect(page.get_by_text("Tu red anterior (3-2-1) sigue aquí.")).to_be_visible()
