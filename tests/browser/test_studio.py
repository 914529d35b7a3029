"""The page in real Chromium: every number on it is torch's, whatever is moved, and nothing is lost."""

import re
from typing import Any

import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from tests import notebook
from tests.browser.accessibility import finds_nothing
from tests.browser.studio_page import control, rested
from tests.long import crossed
from tests.server import Server

Values = dict[str, float]

NEURONS = "els => Object.fromEntries(els.map(e => [e.dataset.neuron, Number(e.dataset.value)]))"
EDGES = "els => Object.fromEntries(els.map(e => [e.dataset.edge, Number(e.dataset.value)]))"


def neurons(page: Page) -> Values:
    values: Values = page.locator("[data-neuron]").evaluate_all(NEURONS)
    return values


def edges(page: Page) -> Values:
    values: Values = page.locator("[data-edge]").evaluate_all(EDGES)
    return values


class Expected:
    """The 3-2-1 network as this test changes it, and torch's forward pass of it."""

    def __init__(self) -> None:
        self.x = torch.tensor(notebook.FEATURES)
        self.weights = [torch.tensor(notebook.HIDDEN_WEIGHTS), torch.tensor(notebook.OUTPUT_WEIGHTS)]
        self.biases = [torch.tensor(notebook.HIDDEN_BIASES), torch.tensor(notebook.OUTPUT_BIASES)]

    def neurons(self) -> Values:
        a = self.x
        values = {f"0.{j}": v for j, v in enumerate(a.tolist())}
        for k, (w, b) in enumerate(zip(self.weights, self.biases, strict=True), 1):
            a = torch.sigmoid(a @ w + b)
            values |= {f"{k}.{j}": v for j, v in enumerate(a.tolist())}
        return values

    def edges(self) -> Values:
        return {
            f"{k}.{i}.{j}": w[i, j].item()
            for k, w in enumerate(self.weights, 1)
            for i in range(w.shape[0])
            for j in range(w.shape[1])
        }


def shows(page: Page, expected: Expected) -> None:
    """Waits until the diagram shows what torch computes, then compares every value."""
    y = expected.neurons()["2.0"]
    page.wait_for_function(
        "y => Math.abs(Number(document.querySelector('[data-neuron=\"2.0\"]')?.dataset.value) - y) < 1e-6", arg=y
    )
    assert neurons(page) == pytest.approx(expected.neurons(), abs=1e-6)
    assert edges(page) == pytest.approx(expected.edges(), abs=1e-6)


def slider(page: Page, name: str) -> Locator:
    return control(page, name)


def value_of(slider: Locator) -> float:
    """The whole number; the slider's own value is the one that is printed."""
    rested(slider.page)
    return float(slider.get_attribute("data-value") or "nan")


def drag(page: Page, control: Locator, fraction: float) -> None:
    """Takes the thumb and moves it to this fraction of the track, in steps as a hand would."""
    box = control.bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    low, high = (float(control.get_attribute(name) or 0) for name in ("min", "max"))
    start = 9 + (value_of(control) - low) / (high - low) * (box["width"] - 18)
    page.mouse.move(box["x"] + start, y)
    page.mouse.down()
    page.mouse.move(box["x"] + 9 + fraction * (box["width"] - 18), y, steps=20)
    page.mouse.up()


def live(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_function("() => document.querySelectorAll('[data-neuron]').length > 0")


# Whether nothing lies over the middle of an element.
ON_TOP = """e => {
  const box = e.getBoundingClientRect();
  return e.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
}"""


def test_the_first_view_is_the_notebooks_network(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    shows(page, Expected())
    expect(page.locator("[data-neuron='1.0']")).to_have_attribute("aria-pressed", "true")


def test_an_input_slider_and_a_weight_slider_move_everything(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    expected = Expected()
    x1 = slider(page, "x1")
    drag(page, x1, 0.9)
    expected.x[0] = value_of(x1)
    assert value_of(x1) > 1
    shows(page, expected)
    weight = slider(page, "weight w21")
    drag(page, weight, 0.2)
    expected.weights[0][1, 0] = value_of(weight)
    shows(page, expected)
    bias = slider(page, "bias b1")
    bias.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expected.biases[0][0] = value_of(bias)
    shows(page, expected)


def test_the_formula_follows_with_torchs_numbers(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    expected = Expected()
    x3 = slider(page, "x3")
    drag(page, x3, 0.1)
    expected.x[2] = value_of(x3)
    shows(page, expected)
    z = expected.x @ expected.weights[0][:, 0] + expected.biases[0][0]
    contributions = (expected.x * expected.weights[0][:, 0]).tolist()
    page.wait_for_function(
        "z => Math.abs(Number(document.querySelector('[data-quantity=z]')?.dataset.value) - z) < 1e-5", arg=z.item()
    )

    def shown(quantity: str) -> list[tuple[float, str]]:
        found: list[list[Any]] = page.locator(f"[data-quantity={quantity}]").evaluate_all(
            "els => els.map(e => [Number(e.dataset.value), e.textContent.trim()])"
        )
        return [(value, text) for value, text in found]

    values = [value for value, _ in shown("contribution")]
    assert values == pytest.approx(contributions, abs=1e-6)
    for value, text in [*shown("contribution"), *shown("z"), *shown("a")]:
        assert text.strip("\u2007 ") == f"{value:.4f}".replace("-", "−")


def test_spoken_numbers_have_no_room_for_a_sign(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    spoken = page.locator("[aria-label], [aria-valuetext]").evaluate_all(
        "els => els.flatMap(e => [e.ariaLabel, e.ariaValueText]).filter(text => /\\d/.test(text ?? ''))"
    )
    assert any(re.search(r"\d\.\d{4}", text) for text in spoken)
    assert [text for text in spoken if "\u2007" in text] == []


def test_an_edge_shows_its_product(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    page.get_by_role("button", name=re.compile("Show weight w31")).click()
    product = page.locator("[data-quantity=contribution]").first
    expect(product).to_have_text(re.compile(r"1\.1668"))


def test_typed_values_and_what_is_not_a_number(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/es/")
    expected = Expected()
    field = page.get_by_label("Valor de x2")
    for text, value in (("0,5", 0.5), ("1/3", 1 / 3), ("-2e-3", -0.002)):
        field.fill(text)
        field.press("Enter")
        expected.x[1] = value
        shows(page, expected)
    field.fill("1.5,5.5")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.press("Escape")
    shows(page, expected)


def test_presets_and_languages(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/es/")
    expect(page.get_by_role("heading", name="Entradas")).to_be_visible()
    page.locator("header select").select_option("one-neuron")
    page.wait_for_function("() => document.querySelectorAll('[data-neuron]').length === 6")
    page.wait_for_function(
        "() => Math.abs(Number(document.querySelector('[data-neuron=\"1.0\"]').dataset.value) - 0.1595) < 5e-5"
    )
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Inputs")).to_be_visible()
    page.wait_for_function("() => document.querySelectorAll('[data-neuron]').length === 6")


def test_nothing_is_stale_after_300_rapid_moves(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    expected = Expected()
    shows(page, expected)
    slider(page, "x1").evaluate(
        """async element => {
          for (let k = 0; k < 300; k++) {
            element.value = String(Math.sin(k) * 3);
            element.dispatchEvent(new Event("input", { bubbles: true }));
            if (k % 10 === 0) await new Promise(requestAnimationFrame);
          }
        }"""
    )
    rested(page)
    expected.x[0] = neurons(page)["0.0"]
    assert expected.x[0].item() != pytest.approx(notebook.FEATURES[0])
    shows(page, expected)


def test_the_server_goes_away_and_comes_back(page: Page) -> None:
    server = Server.warm()
    server.start()
    try:
        live(page, f"{server.url}/en/")
        expected = Expected()
        drag(page, slider(page, "x2"), 0.7)
        expected.x[1] = value_of(slider(page, "x2"))
        shows(page, expected)
        # The tab's part of the page is there before the server goes.
        page.get_by_role("tab", name="Code").click()
        expect(page.locator("pre code")).to_contain_text("import torch")
        page.get_by_role("tab", name="Code").click()
        server.stop()
        expect(page.locator("footer")).to_contain_text("your values are safe")
        # What is of an earlier state stands back, and what cannot be had says so in the page's words.
        assert page.locator(".inspector .stale").first.evaluate("e => getComputedStyle(e).opacity") == "0.55"
        assert page.locator("[data-track='i1']").evaluate("e => getComputedStyle(e).opacity") == "0.55"
        page.get_by_role("tab", name="Code").click()
        expect(page.get_by_role("alert")).to_have_text("The program could not be written: the server is not answering")
        drag(page, slider(page, "x2"), 0.3)
        expected.x[1] = value_of(slider(page, "x2"))
        server.start()
        expect(page.locator("footer")).not_to_contain_text("your values are safe", timeout=20_000)
        shows(page, expected)
        expect(page.locator(".inspector .stale")).to_have_count(0)
        expect(page.locator("pre code")).to_contain_text("import torch")
    finally:
        server.stop()


@pytest.mark.long
def test_a_phone_says_in_its_first_screen_that_the_server_is_away(page: Page) -> None:
    server = Server.warm()
    server.start()
    try:
        page.set_viewport_size({"width": 390, "height": 844})
        live(page, f"{server.url}/es/")
        server.stop()
        words = page.get_by_text("tus valores están a salvo").first
        expect(words).to_be_in_viewport()
        assert words.evaluate(ON_TOP)
    finally:
        server.stop()


def test_by_keyboard_alone(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    expected = Expected()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the diagram")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport(ratio=1)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement?.getAttribute('type') === 'range'"):
            break
    page.keyboard.press("ArrowRight")
    expected.x[0] = value_of(page.locator("input[type=range]:focus"))
    assert expected.x[0].item() > notebook.FEATURES[0]
    shows(page, expected)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement?.dataset?.neuron") == "2.0":
            break
    page.keyboard.press("Enter")
    expect(page.locator("[data-neuron='2.0']")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(page.locator("[data-neuron='2.0']")).to_have_attribute("aria-pressed", "false")
    # Past all before the diagram at once.
    skip.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#diagram [data-neuron]:focus")).to_have_count(1)
    assert "#diagram" not in page.url


@pytest.mark.parametrize(("width", "language"), crossed([390, 768, 1400], ["es", "en"]))
def test_nothing_scrolls_sideways(page: Page, server_url: str, language: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    live(page, f"{server_url}/{language}/")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    for box in page.locator("[data-neuron]").evaluate_all(
        "els => els.map(e => { const r = e.getBoundingClientRect(); return [r.left, r.right]; })"
    ):
        assert box[0] >= 0
        assert box[1] <= width


def test_the_page_without_script_shows_the_numbers(page: Page, server_url: str) -> None:
    context = page.context.browser
    assert context
    plain = context.new_context(java_script_enabled=False)
    other = plain.new_page()
    other.goto(f"{server_url}/en/")
    expect(other.get_by_role("table")).to_contain_text("0.3171")
    plain.close()


@pytest.mark.long
def test_the_operations_are_documented_without_another_host(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/api/docs")
    expect(page.get_by_text("/api/v1/forward", exact=True)).to_be_visible()
    expect(page.get_by_text("/api/v1/sweep", exact=True)).to_be_visible()
    # How they are built is Swagger UI's own.
    built = ("heading-order", "region", "nested-interactive")
    finds_nothing(page, "operations", {rule: {"enabled": False} for rule in built})
    page.get_by_role("link", name="Adelante", exact=True).click()
    expect(page.get_by_role("heading", name="Adelante")).to_be_visible()
