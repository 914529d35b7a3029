"""The studio, a lesson and the lab in Firefox and in WebKit: what people do first, with torch's numbers."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import torch
from selenium.webdriver.common.keys import Keys

from tests import notebook
from tests.browser.other_browsers import BROWSERS, Hand, Missing
from tests.browser.studio_page import outputs_of
from tests.long import some

VALUES = """return Object.fromEntries(
    [...document.querySelectorAll("[data-neuron]")].map(e => [e.dataset.neuron, +e.dataset.value]))"""
FIELD = "input[type=text][aria-label]"


@pytest.fixture(scope="module", params=BROWSERS)
def hand(request: pytest.FixtureRequest) -> Iterator[Hand]:
    with ExitStack() as stack:
        try:
            driver = stack.enter_context(BROWSERS[request.param]())
        except Missing as missing:
            pytest.skip(str(missing))
        yield Hand(driver)


def in_short(browser: str) -> pytest.MarkDecorator:
    """In the short form one of the browsers will do."""
    return pytest.mark.parametrize("hand", some(BROWSERS, browser), indirect=True)


@pytest.fixture
def studio(hand: Hand, server_url: str) -> Iterator[Hand]:
    hand.open(f"{server_url}/en/?preset=multilayer", "[data-neuron]")
    yield hand
    hand.close()


def shows(hand: Hand, document: dict[str, Any]) -> None:
    """Waits for torch's last output, then compares every neuron."""
    expected = {f"{k}.{j}": v for k, layer in enumerate(outputs_of(document)) for j, v in enumerate(layer)}
    last = f"{len(document['layers'])}.0"
    hand.until(
        """const neuron = document.querySelector(`[data-neuron="${arguments[0]}"]`);
        return Math.abs(neuron?.dataset.value - arguments[1]) < 1e-6""",
        last,
        expected[last],
    )
    assert hand.script(VALUES) == pytest.approx(expected, abs=1e-6)


def with_inputs(*inputs: float) -> dict[str, Any]:
    return {**notebook.MULTILAYER, "inputs": [*inputs, *notebook.FEATURES[len(inputs) :]]}


def test_a_typed_number_takes_the_old_ones_place(studio: Hand) -> None:
    shows(studio, notebook.MULTILAYER)
    studio.type_into(studio.named(FIELD, "Value of x1"), "0,5", Keys.ENTER)
    shows(studio, with_inputs(0.5))


def test_dragging_selecting_and_undoing(studio: Hand) -> None:
    before = studio.script(VALUES)
    studio.drag(studio.named("input[type=range]", "x2"), 40)
    moved = """const v = +document.querySelector("[data-neuron='0.1']").dataset.value; return v !== arguments[0] && v"""
    shows(studio, with_inputs(notebook.FEATURES[0], studio.until(moved, before["0.1"])))
    studio.click(studio.find("[data-neuron='2.0'] .body"))
    result = (
        """const a = document.querySelector(".formula [data-quantity=a]"); return a?.textContent === arguments[0]"""
    )
    studio.until(result, f"{studio.script(VALUES)['2.0']:.4f}")
    assert studio.find("[data-neuron='2.0']").get_attribute("aria-pressed") == "true"
    studio.chord(Keys.CONTROL, "z")
    shows(studio, notebook.MULTILAYER)


@in_short("firefox")
def test_a_shared_link_opens_to_the_same_digits(studio: Hand, server_url: str) -> None:
    studio.type_into(studio.named(FIELD, "Value of x1"), "-1.25", Keys.ENTER)
    shows(studio, with_inputs(-1.25))
    values = studio.script(VALUES)
    studio.click(studio.named("button", "Share"))
    links = """return [...document.querySelectorAll("input[readonly]")].map(e => e.value)
        .find(value => value.includes("#v1."))"""
    link = studio.until(links)
    studio.keys(Keys.ESCAPE)
    studio.until("return document.querySelector('input[readonly]') === null")
    studio.close()
    studio.open(link, "[data-neuron='2.0'][data-value]")
    assert studio.script(VALUES) == values


@in_short("webkit")
def test_exported_files_hold_the_network_and_the_pages_colours(studio: Hand) -> None:
    # Taken where the page hands it to the browser, which would put it into a folder.
    studio.script(
        """window.saved = []; const own = URL.createObjectURL;
        URL.createObjectURL = file => { saved.push(file); return own.call(URL, file); };
        HTMLAnchorElement.prototype.click = () => {};"""
    )
    read = "const done = arguments[arguments.length - 1]; saved.at(-1).text().then(done);"
    for kind in ("SVG", "JSON", "PNG"):
        count = studio.script("return saved.length")
        studio.click(studio.named("button", "Export"))
        studio.click(studio.named(".ways button", kind))
        # A PNG is made of an SVG, whose address is asked for too.
        studio.until(
            "return saved.length > arguments[0] && saved.at(-1).type.includes(arguments[1])", count, kind.lower()
        )
        text = studio.driver.execute_async_script(read)
        if kind == "SVG":
            assert all(each in text for each in ("0.3171", "0.6813", "−0.1468", "sigmoid"))
            assert not re.search(r"oklch|oklab|color\(|var\(", text)
            assert len(set(re.findall("#[0-9a-f]{6}", text))) > 8
        elif kind == "JSON":
            weights = json.loads(text)["layers"][0]["weights"]
            torch.testing.assert_close(torch.tensor(weights), torch.tensor(notebook.HIDDEN_WEIGHTS))
        else:
            assert "PNG" in text[:8]


@in_short("webkit")
def test_a_lesson_is_judged_and_its_picture_lives(hand: Hand, server_url: str) -> None:
    hand.open(f"{server_url}/en/lessons/what-a-neuron-does", "[data-exercise]")
    hand.script("document.querySelector('[data-piece=two-inputs]').scrollIntoView()")
    hand.until("return document.querySelector('[data-piece=two-inputs]').dataset.live === 'true'")
    field = hand.find("#neuron-z input")
    hand.click(field)
    hand.keys("99", Keys.ENTER)
    hand.until("return document.querySelector('#neuron-z').dataset.verdict === 'wrong'")
    lines = """const style = getComputedStyle(document.querySelector(".ref"));
        return [style.textDecorationLine, style.textDecorationStyle]"""
    assert hand.script(lines) == ["underline", "dotted"]
    hand.close()


@in_short("firefox")
def test_the_lab_draws_what_is_written(hand: Hand, server_url: str) -> None:
    hand.open(f"{server_url}/en/tensor-lab", "textarea")
    hand.click(hand.find("textarea"))
    hand.chord(Keys.CONTROL, "a")
    hand.keys("import torch", Keys.ENTER, "a = torch.arange(4)", Keys.ENTER, "b = a.view(2, 2)")
    cells = "return [...document.querySelectorAll(\"[data-tensor='b'] .cell\")].map(e => e.textContent.trim()).join()"
    hand.until(f"return (() => {{ {cells} }})() === '0,1,2,3'")
    hand.close()


@in_short("firefox")
def test_formulas_have_small_scripts_and_the_bias_stands_in_its_tab(studio: Hand) -> None:
    # Computed sizes tell nothing where a browser drops a script's scaling; the boxes do.
    high, low = studio.until("""const sub = document.querySelector(".formula msub");
        return [...sub.children].map(e => e.getBoundingClientRect().height)""")
    assert low < 0.85 * high
    mark, base, index = studio.script("""const layer = document.querySelector(".formula .layer"),
        parts = [layer, ...layer.previousElementSibling.children];
        return parts.map(e => { const { y, height } = e.getBoundingClientRect(); return [y + height / 2, height]; })""")
    assert mark[0] < base[0] < index[0], "the layer's number stands over the index"
    # WebKit's box of a letter is its ink, and a w is lower than brackets: the mark is measured against itself, written
    # at the formula's size.
    whole = studio.script("""const layer = document.querySelector(".formula .layer"), same = layer.cloneNode(true);
        same.className = "";
        layer.after(same);
        const { height } = same.getBoundingClientRect();
        same.remove();
        return height""")
    assert mark[1] < 0.85 * whole
    off = studio.script("""const tab = document.querySelector("[data-bias]");
        const middle = e => { const box = e.getBoundingClientRect(); return box.y + box.height / 2; };
        return middle(tab.querySelector("tspan.figure")) - middle(tab.querySelector("rect"))""")
    assert abs(off) < 2.5


@in_short("firefox")
def test_a_choice_of_activation_is_as_wide_as_its_word(studio: Hand) -> None:
    width = "return document.querySelector('[data-head] select').getBoundingClientRect().width"
    assert studio.until(width) < 90
