"""Why a neuron says what it says: formula, waterfall and curve carry torch's numbers, and pointing links them all."""

import re
from itertools import pairwise

import pytest
import torch
from playwright.sync_api import Page, expect

from tests.browser.test_studio import Expected, drag, live, shows, slider, value_of
from tests.long import long

NUMBERS = "els => els.map(e => [Number(e.dataset.value), e.textContent.trim()])"
BARS = "els => els.map(e => [Number(e.dataset.from), Number(e.dataset.to)])"


def numbers(page: Page, quantity: str) -> list[tuple[float, str]]:
    """The values of a quantity in the inspector, with what is printed for each."""
    found = page.locator(f".inspector [data-quantity={quantity}]").evaluate_all(NUMBERS)
    return [(value, text) for value, text in found]


def printed(value: float, digits: int = 4) -> str:
    return f"{value:.{digits}f}".replace("-", "−")


def explains(page: Page, expected: Expected, layer: int, neuron: int) -> None:
    """Compares every number that the inspector shows of a neuron with torch's."""
    shows(page, expected)
    x = expected.x
    for w, b in list(zip(expected.weights, expected.biases, strict=True))[: layer - 1]:
        x = torch.sigmoid(x @ w + b)
    terms = x * expected.weights[layer - 1][:, neuron]
    bias = expected.biases[layer - 1][neuron]
    z = terms.sum() + bias
    # The sum comes with the pass, its terms with what is watched beside it.
    page.wait_for_function(
        """expected => {
          const near = (quantity, value) => {
            const shown = document.querySelector(`.inspector [data-quantity=${quantity}]`)?.dataset.value;
            return Math.abs(Number(shown) - value) < 1e-6;
          };
          return Object.entries(expected).every(([quantity, value]) => near(quantity, value));
        }""",
        arg={"z": z.item(), "contribution": terms[0].item(), "term": terms[0].item()},
    )
    for quantity, values in {
        "contribution": terms.tolist(),
        "term": terms.tolist(),
        "bias": [bias.item()] * 2,
        "z": [z.item()] * 3,
        "a": [torch.sigmoid(z).item()] * 2,
    }.items():
        shown = numbers(page, quantity)
        assert [value for value, _ in shown] == pytest.approx(values, abs=1e-6), quantity
        for value, text in shown:
            assert text.strip("\u2007 ").removeprefix("+") == printed(value)
    sums = [0.0, *torch.cumsum(torch.cat((terms, bias.view(1))), 0).tolist()]
    bars = page.locator(".inspector [data-from]").evaluate_all(BARS)
    assert [end for bar in bars for end in bar] == pytest.approx(
        [end for bar in [*pairwise(sums), (0, z.item())] for end in bar], abs=1e-6
    )


def test_formula_and_waterfall_are_torchs(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    expected = Expected()
    explains(page, expected, 1, 0)
    drag(page, slider(page, "x3"), 0.2)
    expected.x[2] = value_of(slider(page, "x3"))
    drag(page, slider(page, "weight w21"), 0.7)
    expected.weights[0][1, 0] = value_of(slider(page, "weight w21"))
    explains(page, expected, 1, 0)
    page.locator("[data-neuron='2.0']").click()
    explains(page, expected, 2, 0)


@pytest.mark.long
def test_the_point_stands_on_the_curve(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    shows(page, Expected())
    distance = """() => {
      const point = document.querySelector('.inspector circle.point');
      const curve = document.querySelector('.inspector path.curve');
      if (!point || !curve) return null;
      const [x, y] = ['cx', 'cy'].map(name => Number(point.getAttribute(name)));
      let least = Infinity;
      for (let s = 0; s <= curve.getTotalLength(); s += 0.25) {
        const at = curve.getPointAtLength(s);
        least = Math.min(least, Math.hypot(at.x - x, at.y - y));
      }
      return least;
    }"""
    page.wait_for_function("() => document.querySelector('.inspector circle.point')")
    assert page.evaluate(distance) < 1
    slider(page, "bias b1").scroll_into_view_if_needed()
    drag(page, slider(page, "bias b1"), 0.95)
    expect(page.locator(".inspector")).not_to_contain_text("0.6813")
    assert page.evaluate(distance) < 1


def test_pointing_at_a_term_lights_its_edge_and_the_reverse(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    shows(page, Expected())
    edge = page.locator("[data-edge='1.1.0']")
    row = page.locator(".inspector li.row").nth(1)
    products = page.locator(".inspector .products .term").nth(1)
    symbols = page.locator(".inspector .symbols .term").nth(1)
    everywhere = [row, products, symbols, page.locator(".inspector [role=group][aria-label='weight w21 of layer 1']")]

    def lit() -> None:
        expect(edge).to_have_class(re.compile(r"\bpointed\b"))
        for place in everywhere:
            expect(place).to_have_class(re.compile(r"\blit\b"))

    for place in (row.locator(".value"), products, symbols.locator("mo").last):
        place.hover()
        lit()
    page.mouse.move(0, 0)
    expect(edge).not_to_have_class(re.compile(r"\bpointed\b"))
    point = edge.evaluate(
        "e => { const p = e.getPointAtLength(e.getTotalLength() * 0.7).matrixTransform(e.getScreenCTM());"
        " return [p.x, p.y]; }"
    )
    page.mouse.move(*point)
    lit()


def test_pointing_at_a_factor_lights_its_neuron_and_at_the_bias_its_tab(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    shows(page, Expected())
    page.locator(".inspector li.row").nth(0).locator(".detail mn").first.hover()
    expect(page.locator("[data-neuron='0.0']")).to_have_class(re.compile(r"\bpointed\b"))
    page.locator("[data-neuron='0.2']").hover()
    expect(page.locator(".inspector li.row").nth(2).locator(".detail mn").first).to_have_class(re.compile(r"\blit\b"))
    page.locator("[data-bias='1.0']").hover()
    expect(page.locator(".inspector li.row").nth(3)).to_have_class(re.compile(r"\blit\b"))
    page.locator(".inspector li.row").nth(3).hover()
    expect(page.locator("[data-bias='1.0']")).to_have_class(re.compile(r"\blit\b"))


@pytest.mark.parametrize(
    ("kind", "mark"),
    [
        long("PyTorch", "import torch"),
        long("nn.Sequential", "nn.Sequential"),
        long("NumPy", "import numpy"),
        long("curl", "curl"),
        ("JSON", '"inputs"'),
    ],
)
def test_pointing_at_a_number_of_the_program_lights_it_everywhere(
    page: Page, server_url: str, kind: str, mark: str
) -> None:
    live(page, f"{server_url}/en/?preset=xor")
    field = page.get_by_label("Value of weight w21 of layer 1", exact=True)
    field.fill("-0.375")
    field.press("Enter")
    page.get_by_role("tab", name="Code").click()
    page.get_by_role("radio", name=kind, exact=True).press("Space")
    # The program before holds the same number, and would go from under the pointer.
    expect(page.locator("pre")).to_contain_text(mark)
    # A here-document is for a Unix shell; the page says so, and what does it elsewhere.
    expect(page.get_by_text("PowerShell")).to_have_count(1 if kind == "curl" else 0)
    number = page.locator("pre span").filter(has_text=re.compile(r"^-0\.375$"))
    edge = page.locator("[data-edge='1.1.0']")
    number.hover()
    expect(edge).to_have_class(re.compile(r"\bpointed\b"))
    expect(number).to_have_class(re.compile(r"\blit\b"))
    page.locator("[data-bias='2.0']").hover()
    expect(page.locator("pre .lit")).to_have_text("-5.0")
    page.locator("[data-neuron='0.1']").hover()
    expect(page.locator("pre .lit")).to_have_text("1.0")


def test_the_sum_is_not_stale_after_rapid_moves(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    expected = Expected()
    shows(page, expected)
    slider(page, "weight w11").evaluate(
        """async element => {
          for (let k = 0; k < 300; k++) {
            element.value = String(Math.cos(k * 1.7) * 4);
            element.dispatchEvent(new Event("input", { bubbles: true }));
            if (k % 10 === 0) await new Promise(requestAnimationFrame);
          }
        }"""
    )
    expected.weights[0][0, 0] = value_of(slider(page, "weight w11"))
    explains(page, expected, 1, 0)
