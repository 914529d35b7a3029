"""A pinned state of any network beside the present one: marks, old and new numbers, flip, swap, undo."""

from pathlib import Path
from typing import Any

import pytest
import requests
import torch
from playwright.sync_api import Page, expect
from torch import Tensor

import adelante
from adelante.network.network import Network
from tests.browser.accessibility import finds_nothing
from tests.browser.world_page import painted, world

FEW: Any = {
    "input": {"shape": [3]},
    "layers": [
        {"name": "first", "weights": [[0.5, -0.25], [0.125, 1.0], [-1.0, 0.75]], "biases": [0.1, -0.1]},
        {"kind": "add", "inputs": ["first", "first"], "name": "twice"},
        {"name": "share", "weights": [[1.0, -1.0], [0.5, 0.25]], "biases": [0.0, 0.5], "activation": "softmax"},
    ],
}


@pytest.fixture
def opened(page: Page, server_url: str, tmp_path: Path) -> Network:
    """A small network that is no chain of dense layers, on the page and read from the file that the server keeps."""
    id = requests.post(f"{server_url}/api/v1/networks", json=FEW, timeout=30).json()["id"]
    world(page, f"{server_url}/en/?network={id}")
    expect(page.locator(".inspector h2")).to_be_visible()
    file = tmp_path / "few.safetensors"
    headers = {"Accept": "application/vnd.safetensors"}
    file.write_bytes(requests.get(f"{server_url}/api/v1/networks/{id}", headers=headers, timeout=30).content)
    return adelante.load(file)


def neurons(page: Page, key: str) -> list[float]:
    """Of every body's neurons a number that is told of them: `value` or `then`."""
    found: list[float] = page.locator(f"[data-neuron][data-{key}]").evaluate_all(
        "(els, key) => els.map(el => Number(el.dataset[key]))", key
    )
    return found


def all_numbers(network: Network, inputs: list[float]) -> list[float]:
    trace = adelante.forward(network, torch.tensor(inputs))
    names = ["inputs", *(f"layers.{k}.activations" for k in range(3))]
    tensors: list[Tensor] = [trace[name] for name in names]
    return [value for tensor in tensors for value in tensor.reshape(-1).tolist()]


def set_input(page: Page, value: float) -> None:
    page.locator("[data-neuron='0.1']").click(force=True)
    field = page.locator(".inputs").get_by_role("textbox").first
    field.fill(str(value))
    field.press("Enter")
    # What a click selects is painted too; a move's numbers are shown together with its answer.
    page.wait_for_function(
        """value => Math.abs(Number(document.querySelector("[data-neuron='0.1']").dataset.value) - value) < 1e-6""",
        arg=value,
    )


def test_pinned_numbers_stand_beside_the_present_ones(page: Page, opened: Network) -> None:
    first = neurons(page, "value")
    x = first[:3]
    assert first == pytest.approx(all_numbers(opened, x), abs=1e-6)
    page.get_by_role("button", name="Pin to compare").click()
    expect(page.locator("[data-neuron][data-then]")).to_have_count(9)
    expect(page.locator("path.then")).to_have_count(0)
    set_input(page, 2.5)
    assert neurons(page, "then") == pytest.approx(all_numbers(opened, x), abs=1e-6)
    changed = all_numbers(opened, [x[0], 2.5, x[2]])
    assert neurons(page, "value") == pytest.approx(changed, abs=1e-6)
    # One mark for each number that moved: the others say nothing.
    moved = sum(a != b for a, b in zip(first, neurons(page, "value"), strict=True))
    expect(page.locator("path.then")).to_have_count(moved)

    # Of a sum each term, in the order in which it is told, and what it comes to.
    page.locator("[data-neuron='1.0']").click(force=True)
    expect(page.locator(".inspector h2")).to_have_attribute("data-cell", "layers.0.activations[0]")
    before = page.locator("ol .row .was").evaluate_all("els => els.map(el => Number(el.dataset.value))")
    after = page.locator("ol .row .value").evaluate_all("els => els.map(el => Number(el.dataset.value))")
    weights = opened.parameters["layers.0.weights"][:, 0]
    terms = sorted((weights * torch.tensor(x)).tolist())
    assert sorted(before[1:4]) == pytest.approx(terms, abs=1e-6)
    assert before[-1] == pytest.approx(all_numbers(opened, x)[3], abs=1e-6)
    assert after[-1] == pytest.approx(changed[3], abs=1e-6)

    # Of a softmax each share.
    page.locator("[data-neuron='3.1']").click(force=True)
    expect(page.locator("td.was")).to_have_count(2)
    shares = page.locator("td.was").evaluate_all("els => els.map(el => Number(el.dataset.value))")
    assert shares == pytest.approx(all_numbers(opened, x)[-2:], abs=1e-6)
    finds_nothing(page, "compared", within=".inspector")


def shows(page: Page, told: str) -> None:
    page.wait_for_function("told => document.querySelector('[data-diagram]').dataset.outputs === told", arg=told)


def told(page: Page) -> str:
    """The outputs, as the page writes them."""
    return page.locator("[data-diagram]").get_attribute("data-outputs") or ""


@pytest.mark.long
def test_flip_looks_and_swap_works_on_the_other(page: Page, opened: Network) -> None:
    first = told(page)
    page.get_by_role("button", name="Pin to compare").click()
    expect(page.locator("[data-neuron][data-then]")).to_have_count(9)
    set_input(page, 2.5)
    second = told(page)
    assert second != first
    page.get_by_role("button", name="Flip").click()
    expect(page.locator("path.then")).to_have_count(0)
    assert told(page) == first
    page.get_by_role("button", name="Flip").click()
    assert told(page) == second
    page.get_by_role("button", name="Swap").click()
    shows(page, first)
    expect(page.locator("path.then")).not_to_have_count(0)
    page.get_by_role("button", name="Undo", exact=False).first.click()
    shows(page, second)

    # Loaded anew, the page still has both.
    page.wait_for_function("() => location.hash.length > 1")
    page.wait_for_timeout(600)
    page.reload()
    painted(page, 0)
    expect(page.locator("path.then")).not_to_have_count(0)
    shows(page, second)
    page.get_by_role("button", name="Unpin").click()
    expect(page.locator("[data-neuron][data-then]")).to_have_count(0)
    expect(page.get_by_role("button", name="Pin to compare")).to_be_focused()


@pytest.mark.long
def test_who_changes_the_pinned_state_works_on_it(page: Page, opened: Network) -> None:
    x = neurons(page, "value")[:3]
    page.get_by_role("button", name="Pin to compare").click()
    expect(page.locator("[data-neuron][data-then]")).to_have_count(9)
    set_input(page, 2.5)
    page.get_by_role("button", name="Flip").click()
    expect(page.locator("path.then")).to_have_count(0)
    page.locator("[data-neuron='0.0']").click(force=True)
    field = page.locator(".inputs").get_by_role("textbox").first
    field.fill("-1.5")
    field.press("Enter")
    expected = all_numbers(opened, [-1.5, x[1], x[2]])
    page.wait_for_function(
        "y => Math.abs(Number(document.querySelector('[data-diagram]').dataset.outputs.split(' ')[0]) - y) < 1e-6",
        arg=expected[-2],
    )
    assert neurons(page, "value") == pytest.approx(expected, abs=1e-6)


FORMS: Any = {
    "input": {"shape": [4]},
    "layers": [
        {"name": "norm", "kind": "layer_norm", "normalized_shape": [4], "scale": [1, 2, 0.5, 1], "shift": [0, 1, 1, 0]},
        {"name": "curve", "kind": "tanh"},
        {"name": "gate", "kind": "mul", "inputs": ["curve", "norm"]},
        {"name": "turned", "kind": "flip", "dims": [1]},
        {"name": "most", "kind": "amax", "dim": [1], "keepdim": True},
    ],
}


@pytest.mark.long
def test_every_form_has_the_old_number_beside_the_new(page: Page, server_url: str) -> None:
    id = requests.post(f"{server_url}/api/v1/networks", json=FORMS, timeout=30).json()["id"]
    world(page, f"{server_url}/en/?network={id}")
    before = neurons(page, "value")
    page.get_by_role("button", name="Pin to compare").click()
    expect(page.locator("[data-neuron][data-then]")).to_have_count(21)
    set_input(page, 2.5)
    after = neurons(page, "value")
    for body, form in enumerate(("normalisation", "function", "product", "move", "choice"), start=1):
        page.locator(f"[data-neuron='{body}.0']").click(force=True)
        told = page.locator(f".inspector [data-form={form}]")
        expect(told).to_be_visible()
        old = told.locator("[data-quantity=pinned]").last
        expect(old).to_be_visible()
        assert float(old.get_attribute("data-value") or "nan") == pytest.approx(before[4 * body], abs=1e-6)
        # What the server says of the new number may come a moment after the form.
        page.wait_for_function(
            "([form, y]) => Math.abs(Number(document.querySelector("
            "`.inspector [data-form=${form}] [data-quantity=value]`).dataset.value) - y) < 1e-6",
            arg=[form, after[4 * body]],
        )
    finds_nothing(page, "old and new", within=".inspector")


@pytest.mark.long
def test_factors_are_whole_beside_pinned_numbers(page: Page, server_url: str) -> None:
    world(page, f"{server_url}/en/?network=digits-conv")
    page.get_by_role("button", name="Pin to compare").click()
    page.locator("[data-body='2']").focus()
    for key in ("Home", "ArrowDown", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("ol .row .was").first).to_be_visible()
    for width in (1400, 1024):
        page.set_viewport_size({"width": width, "height": 900})
        factors = page.locator("ol button.label[data-term]")
        assert any("(−" in text for text in factors.all_inner_texts())
        assert (
            factors.evaluate_all("all => all.filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.textContent)")
            == []
        )
