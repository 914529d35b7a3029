"""A pinned state: every neuron shows its change against it, as torch subtracts; flip looks, swap works on the other."""

from typing import Any

import pytest
import torch
from playwright.sync_api import Page, expect

from tests import notebook
from tests.browser.studio_page import (
    address_once,
    has_sizes,
    live,
    neurons,
    outputs_of,
    shows_what_torch_gives,
    with_full_layer,
)
from tests.long import long

CHANGES = """els => Object.fromEntries(els.filter(e => e.dataset.change !== undefined)
  .map(e => [e.dataset.neuron, Number(e.dataset.change)]))"""


def changes(page: Page) -> dict[str, float]:
    found: dict[str, float] = page.locator("[data-neuron]").evaluate_all(CHANGES)
    return found


def with_x2(value: float) -> dict[str, Any]:
    x1, _, x3 = notebook.FEATURES
    return {**notebook.MULTILAYER, "inputs": [x1, value, x3]}


def type_x2(page: Page, text: str) -> None:
    field = page.get_by_label("Value of x2", exact=True)
    field.fill(text)
    field.press("Enter")


def pin(page: Page) -> None:
    page.get_by_role("button", name="Pin to compare").click()
    expect(page.get_by_role("button", name="Flip")).to_be_visible()
    # The server tells the differences with its next pass.
    page.wait_for_function("() => document.querySelector('[data-neuron][data-change]')")


def test_each_neuron_shows_torchs_difference(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    assert changes(page) == {}
    pin(page)
    assert set(changes(page).values()) == {0.0}
    type_x2(page, "-1.5")
    shows_what_torch_gives(page, with_x2(-1.5))
    now, then = outputs_of(with_x2(-1.5)), outputs_of(notebook.MULTILAYER)
    expected = {
        f"{k}.{j}": d
        for k, (a, b) in enumerate(zip(now, then, strict=True))
        for j, d in enumerate((torch.tensor(a) - torch.tensor(b)).tolist())
    }
    assert changes(page) == pytest.approx(expected, abs=2e-7)
    text = page.locator("[data-neuron='1.0'] .change").text_content()
    assert text == f"{expected['1.0']:+.4f}".replace("-", "−")
    # What was pinned stands hollow on the slider that was moved, beside its term, in the sum's bar and on the curve.
    first = notebook.MULTILAYER["layers"][0]
    z = sum(x * w[0] for x, w in zip(notebook.FEATURES, first["weights"], strict=True)) + first["biases"][0]
    term = (torch.tensor(notebook.FEATURES[1]) * torch.tensor(first["weights"][1][0])).item()
    ghosts = page.locator("[data-quantity=pinned]")
    expect(ghosts).to_have_count(4)
    found = ghosts.evaluate_all("els => els.map(e => Number(e.dataset.value))")
    assert found == pytest.approx([notebook.FEATURES[1], term, z, z], abs=1e-6)
    page.get_by_role("button", name="Flip").click()
    expect(ghosts).to_have_count(0)
    page.get_by_role("button", name="Flip").click()
    expect(ghosts).to_have_count(4)
    page.get_by_role("tab", name="Table").click()
    expect(page.locator("td[data-change]")).to_have_count(3)
    shown = page.locator("td[data-change]").evaluate_all("els => els.map(e => Number(e.dataset.change))")
    assert shown == [changes(page)[name] for name in ("1.0", "1.1", "2.0")]


def pin_anew(page: Page) -> None:
    """Pins what is on screen, and then changes x2."""
    unpin = page.get_by_role("button", name="Unpin")
    if unpin.count():
        unpin.click()
    pin(page)
    type_x2(page, "-1.25")
    page.wait_for_function("() => Number(document.querySelector(`[data-neuron='0.1']`).dataset.change)")
    page.wait_for_timeout(300)


HIDDEN_CHANGES = """() => {
  const box = (element) => element.getBoundingClientRect();
  const stage = box(document.querySelector("[data-stage]"));
  const marks = document.querySelectorAll("[data-neuron] .body, [data-neuron] text:not(.change), .labels text");
  const others = [...marks].map(e => [e, box(e)]);
  return [...document.querySelectorAll("[data-neuron] .change")].flatMap(change => {
    const own = box(change);
    const over = others.filter(([e, b]) => !change.parentElement.contains(e)
      && Math.min(own.right, b.right) - Math.max(own.left, b.left) > 2
      && Math.min(own.bottom, b.bottom) - Math.max(own.top, b.top) > 4);
    const cut = own.left < stage.left - 1 || own.right > stage.right + 1 || own.width === 0;
    return over.length || cut ? [`${change.textContent} ${cut} ${over.map(([e]) => e.textContent)}`] : [];
  });
}"""


@pytest.mark.long
@pytest.mark.parametrize("width", [long(1400), 1024])
def test_no_change_stands_behind_another_neuron(page: Page, server_url: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 768})
    live(page, f"{server_url}/en/?preset=xor")
    page.get_by_role("button", name="Add a neuron: Hidden layer").click()
    has_sizes(page, [2, 3, 1])
    page.locator("[data-neuron='1.1']").click()
    pin(page)
    type_x2(page, "-1.5")
    page.wait_for_function("() => document.querySelector(`[data-neuron='0.1'] .change`)")
    expect(page.locator("[data-neuron] .change")).to_have_count(6)
    assert page.evaluate(HIDDEN_CHANGES) == []
    # Four columns, and the bias tabs of the next one.
    page.get_by_role("button", name="Add a layer here").last.click()
    has_sizes(page, [2, 3, 3, 1])
    pin_anew(page)
    assert page.evaluate(HIDDEN_CHANGES) == []
    # A column of six, whose weights into the output are told.
    live(page, f"{server_url}/en/?preset=moons")
    page.locator("[data-neuron='2.0'] .body").click()
    pin_anew(page)
    assert page.evaluate(HIDDEN_CHANGES) == []


@pytest.mark.long
def test_neurons_too_small_for_a_name_show_their_change_too(page: Page, server_url: str) -> None:
    with_full_layer(page, server_url)
    pin(page)
    before = neurons(page)["1.0"]
    type_x2(page, "-1.5")
    page.wait_for_function(
        "a => Number(document.querySelector('[data-neuron=\"1.0\"]').dataset.value) > a + 0.1", arg=before
    )
    change = changes(page)["1.0"]
    assert page.locator("[data-neuron='1.0'] .change").text_content() == f"{change:+.2f}".replace("-", "−")
    page.locator("[data-neuron='1.0']").hover()
    value = neurons(page)["1.0"]
    expect(page.locator(".told")).to_have_text(f"h₁ = {value:.4f} ({change:+.4f})".replace("-", "−"))


def test_flip_looks_and_leaves_no_trace(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    pin(page)
    type_x2(page, "-1.5")
    shows_what_torch_gives(page, with_x2(-1.5))
    flip = page.get_by_role("button", name="Flip")
    flip.click()
    shows_what_torch_gives(page, notebook.MULTILAYER)
    expect(flip).to_have_attribute("aria-pressed", "true")
    assert changes(page) == {}
    # The last change's outcome is not what is shown now.
    expect(page.locator("footer .change")).to_have_text("")
    address = address_once(page, lambda scene: scene["i"][1] == -1.5)
    flip.click()
    shows_what_torch_gives(page, with_x2(-1.5))
    page.wait_for_timeout(700)
    assert page.url == address
    page.keyboard.press("Control+z")
    shows_what_torch_gives(page, notebook.MULTILAYER)


@pytest.mark.long
def test_swap_is_a_step(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    pin(page)
    type_x2(page, "-1.5")
    shows_what_torch_gives(page, with_x2(-1.5))
    forth = changes(page)
    page.get_by_role("button", name="Swap").click()
    shows_what_torch_gives(page, notebook.MULTILAYER)
    assert changes(page) == pytest.approx({name: -value for name, value in forth.items()})
    page.keyboard.press("Control+z")
    shows_what_torch_gives(page, with_x2(-1.5))
    # Undone as a whole: the state that was pinned before is pinned again.
    assert changes(page) == pytest.approx(forth)
    page.get_by_role("button", name="Unpin").click()
    assert changes(page) == {}


def test_who_changes_the_pinned_state_works_on_it(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    pin(page)
    type_x2(page, "-1.5")
    page.get_by_role("button", name="Flip").click()
    shows_what_torch_gives(page, notebook.MULTILAYER)
    type_x2(page, "2")
    shows_what_torch_gives(page, with_x2(2.0))
    assert changes(page)["0.1"] == pytest.approx(2 - notebook.FEATURES[1])
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    shows_what_torch_gives(page, with_x2(-1.5))


def test_other_shapes_compare_where_neurons_correspond(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    pin(page)
    y = neurons(page)["2.0"]
    page.get_by_role("button", name="Add a layer here").last.click()
    has_sizes(page, [3, 2, 2, 1])
    found = changes(page)
    assert set(found) == {"0.0", "0.1", "0.2", "1.0", "1.1", "3.0"}
    assert found["3.0"] == pytest.approx(neurons(page)["3.0"] - y, abs=1e-7)
