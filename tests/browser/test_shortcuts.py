"""For everyone: arrow keys walk the network, a sheet tells the keys, a tour shows the way, paper holds the page."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import finds_nothing
from tests.browser.studio_page import has_sizes, live
from tests.browser.world_page import world
from tests.long import long

SHEET = re.compile("^(Keyboard shortcuts|Atajos de teclado)$")
TOUR = re.compile("^(Take the tour|Haz la visita guiada)$")


def focused(page: Page) -> str | None:
    found: str | None = page.evaluate("document.activeElement?.dataset?.neuron ?? null")
    return found


def walk(page: Page, *keys: str) -> str | None:
    for key in keys:
        page.keyboard.press(key)
    return focused(page)


def test_arrow_keys_walk_and_enter_selects(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    page.locator("[data-neuron='0.0']").focus()
    assert walk(page, "ArrowDown") == "0.1"
    assert walk(page, "End") == "0.2"
    assert walk(page, "ArrowRight") == "1.1"
    assert walk(page, "ArrowRight") == "2.0"
    assert walk(page, "ArrowRight", "ArrowDown") == "2.0"
    page.keyboard.press("Enter")
    expect(page.locator("[data-neuron='2.0']")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("group", name="Formula of the neuron")).to_contain_text("σ")
    assert walk(page, "ArrowLeft", "Home") == "1.0"


def test_on_the_phone_the_arrows_turn_with_the_flow(page: Page, server_url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    live(page, f"{server_url}/en/")
    page.locator("[data-neuron='0.0']").focus()
    assert walk(page, "ArrowRight") == "0.1"
    assert walk(page, "ArrowDown", "ArrowDown") == "2.0"


def test_the_sheet_opens_with_a_question_mark_and_gives_the_focus_back(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    page.locator("[data-neuron='1.1']").focus()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name=SHEET)
    expect(sheet).to_be_visible()
    expect(sheet).to_contain_text("go from neuron to neuron")
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    assert focused(page) == "1.1"
    expect(page.locator("[data-neuron='1.0']")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name=SHEET).click()
    expect(sheet).to_be_visible()
    page.get_by_role("button", name=SHEET).click()
    expect(sheet).to_have_count(0)


def test_a_question_mark_that_is_typed_opens_nothing(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    page.get_by_role("textbox", name="Value of x1").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name=SHEET)).to_have_count(0)
    page.keyboard.press("Escape")


@pytest.mark.long
def test_the_tour_tells_of_everything_covers_nothing_and_returns(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    page.get_by_role("button", name=TOUR).click()
    strip = page.get_by_role("region", name="Tour")
    for stop in ("inputs", "neuron", "sum", "step", "matrices", "course"):
        expect(strip).to_contain_text(re.compile(stop if stop != "inputs" else "Drag x₁"))
        expect(page.locator(".tour-place")).to_have_count(1)
        # Its line frames the part with its margin, and so cuts no text.
        assert page.locator(".tour-place").evaluate("e => !e.matches('.inspector *')")
        tour, stage = strip.bounding_box(), page.locator("[data-stage]").bounding_box()
        assert tour is not None
        assert stage is not None
        assert tour["y"] + tour["height"] <= stage["y"]
        # What it speaks of can be used meanwhile.
        page.locator("[data-neuron='2.0']").click()
        expect(page.locator("[data-neuron='2.0']")).to_have_attribute("aria-pressed", "true")
        strip.get_by_role("button", name=re.compile("Next|Done")).click()
    expect(strip).to_have_count(0)
    expect(page.locator(".tour-place")).to_have_count(0)
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_role("button", name=TOUR).click()
    expect(strip).to_be_visible()
    page.keyboard.press("Escape")
    expect(strip).to_have_count(0)


@pytest.mark.long
@pytest.mark.parametrize("language", [long("es"), "en"])
def test_axe_finds_nothing_with_sheet_and_tour(page: Page, server_url: str, language: str) -> None:
    live(page, f"{server_url}/{language}/")
    page.get_by_role("button", name=TOUR).click()
    expect(page.locator(".tour-place")).to_have_count(1)
    finds_nothing(page, dark=language == "en")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name=SHEET)).to_be_visible()
    finds_nothing(page, dark=language == "en")


@pytest.mark.parametrize("width", [390, long(1400)])
def test_it_prints_on_one_page(page: Page, server_url: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    live(page, f"{server_url}/en/?preset=multilayer")
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    assert b"/MediaBox [0 0 841" in pdf
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-neuron]')].every(e => e.getBoundingClientRect().right <= 680)"
    )
    expect(page.locator("header").get_by_role("button").locator("visible=true")).to_have_count(0)
    expect(page.locator("section.inputs")).to_be_hidden()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator("section.inputs")).to_be_visible()


@pytest.mark.parametrize("language", [long("es"), "en"])
def test_200_percent_zoom_scrolls_nothing_sideways(page: Page, server_url: str, language: str) -> None:
    page.set_viewport_size({"width": 640, "height": 450})
    live(page, f"{server_url}/{language}/")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_forced_colours_keep_sign_and_selection(page: Page, server_url: str) -> None:
    page.emulate_media(forced_colors="active")
    live(page, f"{server_url}/en/")
    dashes = "e => getComputedStyle(e).strokeDasharray"
    assert page.locator("[data-edge].negative").first.evaluate(dashes) != "none"
    assert page.locator("[data-edge].positive").first.evaluate(dashes) == "none"
    ring = page.locator("[data-neuron='1.0'] .ring")
    assert ring.evaluate("e => getComputedStyle(e).stroke") != "none"


MOVING = "() => document.getAnimations().filter(a => a.effect?.target?.closest?.('[data-stage]')).length"


@pytest.mark.parametrize("motion", ["no-preference", long("reduce")])
def test_a_new_layer_moves_the_others_unless_motion_is_reduced(page: Page, server_url: str, motion: str) -> None:
    page.emulate_media(reduced_motion="reduce" if motion == "reduce" else "no-preference")
    live(page, f"{server_url}/en/")
    page.evaluate(
        """() => {
          window.durations = [];
          const animate = Element.prototype.animate;
          Element.prototype.animate = function (frames, options) {
            window.durations.push([this.dataset.neuron ?? this.className, options.duration, Object.keys(frames)[0]]);
            return animate.call(this, frames, options);
          };
        }"""
    )
    page.get_by_role("button", name="Add a neuron: Hidden layer").click()
    has_sizes(page, [3, 3, 1])
    moved = page.evaluate("window.durations")
    if motion == "reduce":
        assert moved == []
        return
    assert ["1.0", 160, "transform"] in moved
    assert ["1.2", 160, "opacity"] in moved
    page.wait_for_timeout(300)
    assert page.evaluate(MOVING) == 0


# The layers of which the sheet of paper has a part.
CUT = """() => {
  const content = document.querySelector("[data-stage] .content");
  const scale = content.getBoundingClientRect().width / content.offsetWidth;
  const [top, right = top, , left = right] = content.style.clipPath.match(/[\\d.]+/g).map(Number);
  const box = content.getBoundingClientRect();
  const [from, to] = [box.left + left * scale, box.right - right * scale];
  return [...content.querySelectorAll("[data-body]")].filter(each => {
    const { left, right } = each.getBoundingClientRect();
    return left < to && right > from && (left < from || right > to);
  }).map(each => each.dataset.body);
}"""


@pytest.mark.long
@pytest.mark.parametrize("width", [390, long(1400)])
def test_a_network_of_any_kind_prints_on_one_page(page: Page, server_url: str, width: int) -> None:
    """What was in sight, as large as the sheet allows, beside the whole story of the selected number."""
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme="dark")
    world(page, f"{server_url}/en/?network=digits-conv")
    expect(page.locator(".story [data-form=softmax]")).to_have_count(1)
    picture, pixels = page.locator(".story canvas").first, "e => e.toDataURL()"
    dark = picture.evaluate(pixels)
    head = page.locator("[data-head]").first
    before = head.bounding_box()
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("header").get_by_role("button").locator("visible=true").count() == 0
    assert page.locator("[data-head]").first.bounding_box() != before
    assert page.evaluate(CUT) == []
    # Firefox cuts it at the bottom otherwise.
    expect(page.locator("[data-stage] > .content")).to_have_css("overflow", "visible")
    expect(page.locator("[data-kernel]").first).to_be_visible()
    assert picture.evaluate(pixels) != dark, "in the inks of paper"
    ends = "e => { const { right, bottom } = e.getBoundingClientRect(); return [right, bottom] }"
    right, bottom = page.locator("[data-stage]").evaluate(ends)
    assert right <= 670
    assert 600 <= bottom <= 680
    assert page.locator(".story").evaluate(ends)[1] <= 680
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert head.bounding_box() == before
    assert picture.evaluate(pixels) == dark


@pytest.mark.long
def test_the_page_of_any_network_tells_its_keys(page: Page, server_url: str) -> None:
    world(page, f"{server_url}/es/?network=digits-conv")
    body = page.locator("[data-body='0']")
    body.focus()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name=SHEET)
    expect(sheet).to_contain_text("mostrar de dónde sale un número")
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    expect(body).to_be_focused()
    page.get_by_role("button", name=SHEET).click()
    expect(sheet).to_be_visible()
