"""On every screen each of a few inputs and outputs can be read, and nothing lies over the diagram."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.world_page import kept, made, world

SCREENS = [(1400, 900), (1024, 768), (844, 390), (390, 844)]

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


@pytest.mark.parametrize(("width", "height"), SCREENS)
def test_every_number_that_is_taken_or_given_is_read(
    request: pytest.FixtureRequest, server_url: str, tmp_path: Path, width: int, height: int
) -> None:
    page: Page = request.getfixturevalue("touched" if min(width, height) < 500 else "page")
    page.set_viewport_size({"width": width, "height": height})
    networks = {"digits-conv": ["last"], "sorting": ["first"]}
    for kind, ends in {"convolutions": ["last"], "encoder": ["first"], "residual": ["first", "last"]}.items():
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
