"""Show modes: what stands out, whether numbers are written, and with how many digits; kept by the browser."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.accessibility import finds_nothing
from tests.browser.studio_page import has_sizes, live, neurons, with_full_layer
from tests.long import long

BACK = "els => els.filter(e => e.classList.contains('back')).map(e => e.dataset.neuron)"
FAINT = "els => els.filter(e => Number(getComputedStyle(e).opacity) < 0.1)"
NUMBERS = """els => els.filter(e => getComputedStyle(e).visibility !== 'hidden').map(e => e.textContent.trim())"""


def menu(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^(What is shown|Qué se muestra)$")).click()


def numbers(page: Page) -> list[str]:
    found: list[str] = page.locator("[data-neuron] .value").evaluate_all(NUMBERS)
    return found


def test_ancestry_shows_what_feeds_the_selected_neuron(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    menu(page)
    page.get_by_role("radio", name="only what feeds the selected neuron").check()
    assert page.locator("[data-neuron]").evaluate_all(BACK) == ["1.1", "2.0"]
    faint = page.locator("[data-edge]").evaluate_all(f"els => ({FAINT})(els).map(e => e.dataset.edge)")
    assert faint == ["1.0.1", "1.1.1", "1.2.1", "2.0.0", "2.1.0"]
    assert len(numbers(page)) == 4
    page.keyboard.press("Escape")
    page.locator("[data-neuron='2.0']").click()
    assert page.locator("[data-neuron]").evaluate_all(BACK) == []
    menu(page)
    page.get_by_role("radio", name="everything").check()
    assert page.locator("[data-neuron]").evaluate_all(BACK) == []


def test_the_threshold_counts_sizes_without_sign(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    values = neurons(page)
    weights = page.locator("[data-edge]").evaluate_all("els => els.map(e => [e.dataset.edge, Number(e.dataset.value)])")
    menu(page)
    field = page.get_by_label("Threshold, without sign")
    field.fill("0,4")
    field.press("Enter")
    page.locator("[data-stage]").hover(position={"x": 2, "y": 200})
    assert page.locator("[data-neuron]").evaluate_all(BACK) == [n for n, v in values.items() if abs(v) < 0.4]
    faint = page.locator("[data-edge]").evaluate_all(f"els => ({FAINT})(els).map(e => e.dataset.edge)")
    assert faint == [edge for edge, w in weights if abs(w) < 0.4]
    assert faint


def test_numbers_on_hover_and_off(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    assert len(numbers(page)) == 6
    menu(page)
    page.get_by_role("radio", name="on hover").check()
    page.keyboard.press("Escape")
    page.locator("[data-stage]").hover(position={"x": 2, "y": 200})
    assert numbers(page) == []
    page.locator("[data-neuron='2.0']").hover()
    assert numbers(page) == ["0.3171"]
    page.keyboard.press("Tab")
    page.locator("[data-neuron='1.0']").focus()
    assert numbers(page) == ["0.6813"]
    menu(page)
    page.get_by_role("radio", name="hidden").check()
    page.keyboard.press("Escape")
    page.locator("[data-neuron='2.0']").hover()
    assert numbers(page) == []
    # A bias's tab keeps its letter and can still be found.
    expect(page.locator("[data-bias='1.0'] .figure")).to_be_hidden()
    expect(page.locator("[data-bias='1.0'] .letter")).to_be_visible()


@pytest.mark.long
def test_a_neuron_too_small_for_a_number_tells_it_to_who_points_at_it(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    for size in range(3, 11):
        page.get_by_role("button", name="Add a neuron: Hidden layer").click()
        has_sizes(page, [3, size, 1])
    told = page.locator(".labels .told")
    for neuron in ("1.4", "1.8"):
        page.locator(f"[data-neuron='{neuron}']").hover()
        expect(told).to_contain_text(f"{neurons(page)[neuron]:.4f}")
    page.mouse.move(0, 0)
    expect(told).to_have_count(0)
    page.locator("[data-neuron='1.5']").focus()
    page.keyboard.press("ArrowDown")
    expect(told).to_contain_text(f"h₇ = {neurons(page)['1.6']:.4f}")


def test_digits_from_2_to_8_everywhere_and_kept(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    value = neurons(page)["2.0"]
    output = page.locator("[data-neuron='2.0'] .value")
    for digits in (2, 8):
        menu(page)
        page.locator(".digits label", has_text=str(digits)).click()
        page.keyboard.press("Escape")
        expect(output).to_have_text(re.compile(rf"\s*{value:.{digits}f}\s*"))
        box, circle = output.bounding_box(), page.locator("[data-neuron='2.0'] .body").bounding_box()
        assert box is not None
        assert circle is not None
        assert box["width"] <= circle["width"]
    result = page.locator(".result [data-quantity='a']")
    assert re.fullmatch(r"0\.\d{8}", result.text_content() or "")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    inspector = page.locator("section.inspector .panel")
    assert inspector.evaluate("e => e.scrollWidth - e.clientWidth") <= 0
    page.reload()
    page.wait_for_selector("[data-neuron]")
    assert re.fullmatch(r"0\.\d{8}", result.text_content() or "")


@pytest.mark.long
@pytest.mark.parametrize("language", [long("es"), "en"])
def test_axe_finds_nothing_with_the_menu_open(page: Page, server_url: str, language: str) -> None:
    live(page, f"{server_url}/{language}/")
    menu(page)
    page.get_by_role("radio").nth(1).check()
    finds_nothing(page, dark=language == "en")


@pytest.mark.long
def test_a_full_layer_has_short_numbers_inside_its_neurons(page: Page, server_url: str) -> None:
    with_full_layer(page, server_url)
    for count in range(2, 11):
        page.get_by_role("button", name="Add a neuron: Output layer").click()
        has_sizes(page, [3, 10, count])
    # The inputs, which are few, keep their size and their digits.
    texts = {name: f"{value:.{4 if name[0] == '0' else 2}f}" for name, value in neurons(page).items()}
    values = [text.replace("-", "−") for text in texts.values()]
    assert len(values) == 23
    assert [text.strip("\u2007 ") for text in numbers(page)] == values
    widest = page.locator("[data-neuron]").evaluate_all(
        """els => Math.max(...els.map(e => {
          const [text, body] = [".value", ".body"].map(each => e.querySelector(each).getBBox());
          return text.width - body.width;
        }))"""
    )
    assert widest < -2, "no number stands over its neuron's rim"
    # Where a number would be too small to read within, an output has it beside its neuron.
    for count in range(11, 17):
        page.get_by_role("button", name="Add a neuron: Output layer").click()
        has_sizes(page, [3, 10, count])
    assert len(numbers(page)) == 13
    for name, value in neurons(page).items():
        if name[0] == "2":
            expect(page.locator(f"[data-neuron='{name}'] .number")).to_contain_text(f"{value:.4f}".replace("-", "−"))


OVER_ONE_ANOTHER = """() => {
  const parts = [...document.querySelectorAll("header *")]
    .filter(e => e.children.length === 0 && e.textContent.trim() && e.checkVisibility() && e.localName !== "option");
  const words = parts.map(e => {
    const range = document.createRange();
    range.selectNodeContents(e);
    return [e.textContent, range.getBoundingClientRect()];
  });
  const both = (a, b, low, high) => Math.min(a[high], b[high]) > Math.max(a[low], b[low]);
  return words.flatMap(([name, one], k) => words.slice(k + 1)
    .filter(([, two]) => both(one, two, "left", "right") && both(one, two, "top", "bottom"))
    .map(([other]) => `${name}|${other}`));
}"""


def test_all_text_grows_for_a_projector_and_stays_so(page: Page, server_url: str, context: BrowserContext) -> None:
    page.set_viewport_size({"width": 1400, "height": 900})
    live(page, f"{server_url}/es/")
    size = "() => getComputedStyle(document.documentElement).fontSize"
    button = page.get_by_role("button", name="Texto grande")
    button.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(size) == "20px"
    page.reload()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(size) == "20px"
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    # A projector's window has less room: it grows less, and nothing of the header lies over another part of it.
    page.set_viewport_size({"width": 1024, "height": 768})
    assert page.evaluate(size) == "18px"
    assert page.evaluate(OVER_ONE_ANOTHER) == []
    assert page.locator("[data-neuron='0.0'] .value").evaluate("e => parseFloat(getComputedStyle(e).fontSize)") > 14
    # At 1280 what the step computes can be read.
    page.set_viewport_size({"width": 1280, "height": 720})
    assert page.locator("[data-playback] .caption").evaluate("e => e.clientWidth >= e.scrollWidth")
    # A window without the room shows the usual size, and has no button that would do nothing.
    page.set_viewport_size({"width": 900, "height": 768})
    assert page.evaluate(size) == "16px"
    expect(button).to_have_count(0)
