"""What stands over bodies and in cards is said whole: with little room less is said, and the rest on hover."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.world_page import kept, made, world
from tests.long import long

# Texts that are drawn with less than they need, and all that are there.
CUT = """() => {
  const all = [...document.querySelectorAll("[data-stage] :is(.kind, .kinds)")].filter((each) => each.offsetParent);
  const isCut = (each) => each.scrollHeight > each.clientHeight + 3 || each.scrollWidth > each.clientWidth + 1;
  const texts = (some) => some.map((each) => each.textContent);
  return [texts(all.filter(isCut)), texts(all), all.map((each) => each.title)];
}"""
# Words of a layer's name that go on in another line.
PARTED = """() => [...document.querySelectorAll("[data-head] .sign > .unnamed")].flatMap((name) => {
  const text = name.firstChild;
  return [...text.data.matchAll(/\\p{L}+/gu)].flatMap(({ 0: word, index }) => {
    const range = document.createRange();
    range.setStart(text, index);
    range.setEnd(text, index + word.length);
    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1 ? [word] : [];
  });
})"""
SIZES = ((1400, 900), (1024, 768), (844, 390), (390, 844))


@pytest.mark.parametrize("language", ["en", long("es")])
@pytest.mark.parametrize("kind", ["recurrent", long("residual"), long("encoder"), long("convolutions")])
def test_no_kind_is_cut(page: Page, server_url: str, tmp_path: Path, kind: str, language: str) -> None:
    world(page, f"{server_url}/{language}/?network={kept(server_url, made(kind, tmp_path)[0])}")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(300)
        cut, texts, titles = page.evaluate(CUT)
        assert texts
        assert cut == [], (width, height)
        assert page.evaluate(PARTED) == [], (width, height)
        # What is left out is said on hover: all kinds of a card.
        for text, title in zip(texts, titles, strict=True):
            assert ("+" in text) <= (len(title) > len(text)), (text, title)
