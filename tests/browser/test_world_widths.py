"""On every screen inputs and outputs can be read, of many the largest, and nothing lies over the diagram."""

from pathlib import Path
from typing import Any

import pytest
import torch
from playwright.sync_api import BrowserType, Page, expect
from torch import nn

from tests.browser.accessibility import finds_nothing
from tests.browser.world_page import MAKERS, gives, kept, made, outputs, painted, paintings, world
from tests.long import LONG, long

SCREENS = [long(1400, 900), long(1024, 768), (844, 390), long(390, 844)]

# What of a body's neurons says no number, or says it where nobody reads it: too small, out of its neuron, out of the
# diagram. Of names only that they stay within the diagram.
UNREAD = """index => {
  const diagram = document.querySelector("[data-diagram]");
  const body = diagram.querySelector(`[data-body="${index}"]`);
  body.scrollIntoView({ block: "nearest", inline: "center" });
  const faults = [];
  const box = (element) => element.getBoundingClientRect();
  const around = box(diagram);
  for (const neuron of body.querySelectorAll("[data-neuron]")) {
    const [text, ...names] = neuron.querySelectorAll("text");
    const [inner, outer] = [text && box(text), box(neuron.querySelector("rect"))];
    if (!text || !/[0-9|]/.test(text.textContent)) faults.push(`no number: ${neuron.dataset.value}`);
    else if (parseFloat(getComputedStyle(text).fontSize) < 9) faults.push(`small: ${text.textContent}`);
    else if (inner.left < outer.left || inner.right > outer.right) faults.push(`too wide: ${text.textContent}`);
    for (const each of [neuron.querySelector("rect"), ...names]) {
      const { left, right } = box(each);
      if (left < around.left - 1 || right > around.right + 1) faults.push(`cut: ${each.textContent}`);
    }
  }
  return body.querySelector("[data-neuron]") ? faults : ["no neurons"];
}"""

# What is drawn over the diagram without being a part of it.
OVER = """() => {
  const diagram = document.querySelector("[data-diagram]");
  const { left, top, width, height } = diagram.getBoundingClientRect();
  const found = new Set();
  for (let x = 4; x < width - 16; x += 8) for (let y = 4; y < height - 16; y += 8) {
    const [px, py] = [left + x, top + y];
    if (px >= innerWidth || py >= innerHeight) continue;
    const element = document.elementFromPoint(px, py);
    const sheet = element.closest(".inspector, .playback");
    if (!diagram.contains(element) && !sheet) found.add(element.outerHTML.slice(0, 80));
  }
  return [...found];
}"""


# Of each head in sight, how high the part of its middle is that opens its menu.
TOUCHED = """() => [...document.querySelectorAll("[data-head] > .opener")].flatMap((opener) => {
  const { x, y, width, height } = opener.getBoundingClientRect();
  const isHit = (up) => opener.contains(document.elementFromPoint(x + width / 2, y + height / 2 - up));
  const reach = (sign) => Array.from({ length: 60 }, (_, k) => sign * k).findIndex((up) => !isHit(up));
  return isHit(0) ? [reach(1) + reach(-1) - 1] : [];
})"""


class Heads(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(16, 4, batch_first=True)
        self.head = nn.Linear(16, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.head(self.attention(x, x, x)[0])
        return found


@pytest.mark.long
@pytest.mark.parametrize(("width", "height"), SCREENS)
def test_every_number_that_is_taken_or_given_is_read(
    request: pytest.FixtureRequest, server_url: str, tmp_path: Path, width: int, height: int
) -> None:
    page: Page = request.getfixturevalue("touched" if min(width, height) < 500 else "page")
    page.set_viewport_size({"width": width, "height": height})
    networks = {"digits-conv": ["last"], "sorting": ["first"]}
    made_anew = {"residual": ["first", "last"]} | ({"convolutions": ["last"], "encoder": ["first"]} if LONG else {})
    for kind, ends in made_anew.items():
        networks[kept(server_url, made(kind, tmp_path)[0])] = ends
    for network, ends in networks.items():
        world(page, f"{server_url}/en/?network={network}")
        assert page.evaluate(OVER) == [], network
        for end in ends:
            # Bodies out of sight are not drawn.
            page.locator("[data-diagram]").evaluate("(each, x) => each.scrollTo(x, 0)", 0 if end == "first" else 10**6)
            page.wait_for_timeout(200)
            bodies = page.locator("[data-body]")
            place = (bodies.first if end == "first" else bodies.last).get_attribute("data-body")
            assert page.evaluate(UNREAD, place) == [], (network, end)


@pytest.mark.long
def test_on_a_low_screen_a_network_in_modules_keeps_to_the_height(
    touched: Page, server_url: str, tmp_path: Path
) -> None:
    touched.set_viewport_size({"width": 844, "height": 390})
    world(touched, f"{server_url}/es/?network={kept(server_url, made('encoder', tmp_path)[0])}")
    titles = touched.locator(".frame button")
    expect(titles).to_have_text(["− encoder", "− layers.0", "− layers.1"])
    high, seen = touched.locator("[data-diagram]").evaluate("each => [each.scrollHeight, each.clientHeight]")
    assert high == seen
    # In one line, and each can be folded.
    [first, second] = [each.bounding_box() for each in titles.all()[:2]]
    assert first is not None
    assert second is not None
    assert first["y"] == second["y"]
    assert first["x"] + first["width"] <= second["x"]
    titles.nth(1).tap()
    expect(titles).to_have_text(["− encoder", "− layers.1"])


@pytest.mark.long
def test_what_a_module_opens_into_is_in_sight_on_a_low_screen(
    touched: Page, server_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its three ways one above the other have room with their names alone."""
    monkeypatch.setitem(MAKERS, "heads", (Heads, lambda: torch.randn(1, 10, 16)))
    touched.set_viewport_size({"width": 844, "height": 390})
    world(touched, f"{server_url}/es/?network={kept(server_url, made('heads', tmp_path)[0])}")
    cards = touched.locator("[data-card][aria-expanded=false]")
    cards.first.tap()
    expect(touched.locator(".frame button")).to_have_count(1)
    high, seen = touched.locator("[data-diagram]").evaluate("each => [each.scrollHeight, each.clientHeight]")
    assert high == seen
    expect(touched.locator("[data-body='0']")).to_be_in_viewport(ratio=0.9)
    # A finger opens a head's menu from over it too, as far as nothing else stands there.
    heights = touched.evaluate(TOUCHED)
    assert max(heights) >= 44
    assert min(heights) > 15
    # What is written in a card stays in it.
    taller = "all => all.filter(each => each.scrollHeight > each.clientHeight + 1).map(each => each.textContent)"
    assert cards.count() > 0
    assert cards.evaluate_all(taller) == []


@pytest.mark.long
def test_where_scroll_bars_take_room_the_diagram_stands_still(
    browser_type: BrowserType, browser_type_launch_args: dict[str, Any], server_url: str
) -> None:
    """As on most desktops. In the room that a bar leaves nothing needs it; it must not go and come for ever."""
    browser = browser_type.launch(**browser_type_launch_args, ignore_default_args=["--hide-scrollbars"])
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    world(page, f"{server_url}/en/?network=digits-conv")
    page.wait_for_selector(".inspector h2")
    stage = page.locator("[data-diagram]")
    # All of it fits.
    bars = "each => [each.offsetWidth - each.clientWidth, each.offsetHeight - each.clientHeight]"
    assert stage.evaluate(bars) == [0, 0]
    page.get_by_role("button", name="as a matrix").evaluate("each => { each.style.height = '24px'; }")
    page.wait_for_timeout(500)
    shown = paintings(page)
    page.wait_for_timeout(700)
    assert paintings(page) <= shown + 1
    browser.close()


def test_an_underscore_at_the_end_of_a_line_touches_nothing_in_the_next(page: Page, server_url: str) -> None:
    page.set_viewport_size({"width": 1024, "height": 768})
    world(page, f"{server_url}/en/?network=digits-conv")
    kind = page.locator("[data-head='3'] .kind")
    expect(kind).to_have_text("max_\u200bpool2d 2×2")
    height, size = kind.evaluate(
        """each => {
          const { lineHeight, fontSize } = getComputedStyle(each);
          return [parseFloat(lineHeight), parseFloat(fontSize)];
        }"""
    )
    assert kind.bounding_box()["height"] > 1.5 * height, "it is one line"  # type: ignore[index]
    # An underscore may lie 0.3 letters beneath its line, and the next one's letters reach 0.8 up.
    assert height > 1.3 * size
    # On a tablet held upright the network comes first, and on the same screen where one draws and what is chosen.
    page.set_viewport_size({"width": 820, "height": 1000})
    diagram, pad, title = (
        page.locator(part).bounding_box() or pytest.fail(part)
        for part in ("[data-stage]", "#pad-heading", ".inspector h2")
    )
    assert diagram["y"] + diagram["height"] < min(pad["y"], title["y"])
    assert max(pad["y"], title["y"]) < 700
    line = page.locator(".inspector").evaluate("each => each.getBoundingClientRect().x")
    assert title["x"] - line >= 12
    # On a phone what has the focus is clear of the player and the sheet.
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator(".inputs button:visible").first.focus()
    page.evaluate("scrollTo(0, 0)")
    for _ in range(8):
        page.keyboard.press("Tab")
        page.wait_for_timeout(50)
        beneath = page.evaluate(
            """() => {
              const [each, player] = [document.activeElement, document.querySelector("[data-playback]")];
              return each.getBoundingClientRect().bottom - player.getBoundingClientRect().top;
            }"""
        )
        if page.evaluate("document.activeElement.closest('.inputs') !== null"):
            assert beneath <= 0


@pytest.mark.long
@pytest.mark.parametrize(
    ("language", "matrix", "curves", "said"),
    [
        long("en", "as a matrix", "as curves", "64 × 10 weights: show them as a picture of the matrix"),
        ("es", "como matriz", "como curvas", "64 × 10 pesos: mostrarlos como imagen de la matriz"),
    ],
)
def test_the_other_view_of_weights_is_named_by_words_where_they_have_room(
    page: Page, server_url: str, language: str, matrix: str, curves: str, said: str
) -> None:
    """In less room all are signs, and words to whoever hears them; either leads to the one view and back."""
    page.set_viewport_size({"width": 1500, "height": 900})
    world(page, f"{server_url}/{language}/?network=digits-large")
    choices = page.locator("button", has_text=matrix)
    expect(page.get_by_role("button", name=matrix).locator("svg")).to_have_count(3)
    page.set_viewport_size({"width": 2560, "height": 1200})
    expect(choices).to_have_count(3)
    last = page.get_by_role("button", name=matrix).last
    expect(last).to_have_attribute("title", said)
    assert last.evaluate("each => [each.scrollWidth - each.clientWidth, each.querySelectorAll('svg').length]") == [0, 0]
    last.click()
    expect(page.get_by_role("button", name=curves)).to_have_text(curves)
    page.set_viewport_size({"width": 1280, "height": 800})
    back = page.get_by_role("button", name=curves)
    expect(back.locator("svg")).to_be_visible()
    expect(back).to_have_text("")
    back.click()
    expect(page.get_by_role("button", name=matrix)).to_have_count(3)
    expect(choices).to_have_count(0)


@pytest.mark.long
def test_of_more_outputs_than_can_be_read_the_largest_are_told(
    page: Page, server_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MAKERS, "many", (lambda: nn.Sequential(nn.Linear(6, 300)), lambda: torch.randn(2, 6)))
    world(page, f"{server_url}/es/?network={kept(server_url, made('many', tmp_path)[0])}")
    given = outputs(page)
    largest = sorted(range(300), key=lambda k: -given[k])[:5]
    lines = page.get_by_role("group", name="los 5 mayores de 300").get_by_role("button")
    expect(lines).to_have_count(5)
    assert [each.get_attribute("data-largest") for each in lines.all()] == [str(k) for k in largest]
    for line, k in zip(lines.all(), largest, strict=True):
        said = f"{given[k]:.4f}".replace(".", ",")
        assert (line.text_content() or "").split() == [f"[{k + 1}]", said]
    expect(lines.first).to_have_attribute("aria-pressed", "true")
    lines.nth(3).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".inspector h2")).to_contain_text(f"[{largest[3] + 1}]")
    expect(lines.nth(3)).to_be_focused()
    # They are those of the newest numbers.
    shown = paintings(page)
    page.locator("input[type=range]").first.focus()
    for _ in range(9):
        page.keyboard.press("PageUp")
    painted(page, shown)
    gives(page, given, other=True)
    page.wait_for_timeout(300)
    now = outputs(page)
    assert lines.first.get_attribute("data-largest") == str(max(range(300), key=lambda k: now[k]))
    finds_nothing(page, "many", within=".inspector")


def test_on_a_small_screen_terms_and_names_are_whole(page: Page, server_url: str, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 1024, "height": 768})
    for kind in ("encoder", "residual") if LONG else ("residual",):
        world(page, f"{server_url}/es/?network={kept(server_url, made(kind, tmp_path)[0])}")
        expect(page.locator(".inspector [data-term]").first).to_be_visible()
        cut = page.locator(".inspector [data-term]").evaluate_all(
            """terms => terms.filter((term) => {
              const range = document.createRange();
              range.selectNodeContents(term);
              return range.getBoundingClientRect().width > term.getBoundingClientRect().width + 0.5;
            }).map((term) => term.textContent)"""
        )
        assert cut == [], kind
    # A name is in one line, its place beneath it or beside it.
    names = page.locator(".inputs .heading button").evaluate_all(
        """names => names.map((name) => {
          const range = document.createRange();
          range.selectNode([...name.childNodes].find(each => each.nodeType === Node.TEXT_NODE && each.data.trim()));
          return range.getClientRects().length;
        })"""
    )
    assert names == [1] * 6
