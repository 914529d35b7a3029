"""The strip of other networks: what it opens, how one comes to it, and where it is not."""

import pytest
from playwright.sync_api import Locator, Page, expect

from adelante.network.presets import preset_named
from tests.browser.accessibility import finds_nothing
from tests.browser.studio_page import has_sizes, live, rested
from tests.browser.world_page import painted
from tests.long import long

NAMES = {"en": "Other networks, and what they know", "es": "Otras redes y lo que saben"}
PICTURES = 6
MOST_OF_A_PICTURE = 1024


@pytest.fixture(autouse=True)
def high(page: Page) -> None:
    """In a lower window it stands elsewhere."""
    page.set_viewport_size({"width": 1400, "height": 900})


def strip(page: Page, language: str = "en") -> Locator:
    """The strip, which comes a moment after the diagram."""
    found = page.get_by_role("navigation", name=NAMES[language])
    expect(found.get_by_role("link")).to_have_count(PICTURES, timeout=20_000)
    return found


def test_a_dense_preset_opens_in_place_by_keyboard_and_is_undone(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    iris = strip(page).get_by_role("link", name="Three kinds of iris")
    iris.focus()
    page.keyboard.press("Enter")
    has_sizes(page, list(preset_named("iris").network.sizes))  # type: ignore[attr-defined]
    expect(iris).to_have_attribute("aria-current", "true")
    expect(iris).to_be_focused()
    page.keyboard.press("Control+z")
    has_sizes(page, [3, 2, 1])
    expect(strip(page).locator("[aria-current]")).to_contain_text("Multilayer network")


def test_one_of_another_kind_opens_on_its_own_page(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/es/")
    strip(page, "es").get_by_role("link", name="Ordenar, por atención").click()
    page.wait_for_url("**/es/?network=sorting")
    painted(page, 0)


@pytest.mark.long
@pytest.mark.parametrize(("width", "height"), [long(1400, 900), long(1024, 900), (390, 844), long(844, 390)])
def test_every_picture_is_reached_and_axe_finds_nothing(page: Page, server_url: str, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    live(page, f"{server_url}/es/")
    links = strip(page, "es").get_by_role("link")
    for link in links.all():
        link.focus()
        expect(link).to_be_in_viewport(ratio=0.9)
        assert 0 < len(link.locator("svg").inner_html()) <= MOST_OF_A_PICTURE
        assert link.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    finds_nothing(page, f"{width} px", dark=width in (1400, 390))


@pytest.mark.long
@pytest.mark.parametrize(("width", "height"), [long(1366, 650), (1024, 768)])
def test_in_a_low_window_it_stands_in_the_row_of_the_tools(
    page: Page, server_url: str, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    live(page, f"{server_url}/es/")
    tabs = page.get_by_role("tablist").bounding_box()
    links = strip(page, "es").get_by_role("link")
    assert page.get_by_role("tablist").bounding_box() == tabs
    for link in links.all():
        expect(link).to_be_in_viewport(ratio=1)
        box = link.bounding_box()
        assert box is not None
        assert tabs is not None
        assert tabs["y"] <= box["y"]
        assert box["y"] + box["height"] <= tabs["y"] + tabs["height"] + 1
    expect(links.nth(4)).to_have_attribute("title", "Cifras, capas densas: la cifra de una imagen")
    finds_nothing(page, f"{width} px")


# At each frame, where the output and a tab below it stand.
FOLLOWED = """(function follow() {
  for (const name of ["[data-neuron='2.0']", "[role=tab]"]) {
    const box = document.querySelector(name)?.getBoundingClientRect();
    if (box) (window.stood ??= new Set()).add(`${name} ${box.x} ${box.y}`);
  }
  requestAnimationFrame(follow);
})();"""


@pytest.mark.parametrize("height", [720, long(900)])
def test_its_coming_moves_nothing(page: Page, server_url: str, height: int) -> None:
    """Nor does that of anything else: what stands once stays where it is."""
    page.add_init_script(FOLLOWED)
    page.set_viewport_size({"width": 1280, "height": height})
    live(page, f"{server_url}/en/")
    strip(page)
    page.wait_for_function("() => document.querySelector('[data-track]:not([hidden])')")
    rested(page)
    assert len(page.evaluate("[...window.stood]")) == 2


@pytest.mark.long
def test_it_gives_way_to_an_open_tool_to_paper_and_to_a_frame(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    shown = strip(page)
    page.get_by_role("tab", name="Table").click()
    expect(shown).to_have_count(0)
    page.get_by_role("tab", name="Table").click()
    expect(shown).to_be_visible()
    page.emulate_media(media="print")
    expect(shown).to_be_hidden()
    page.emulate_media(media="screen")
    live(page, f"{server_url}/en/embed")
    page.evaluate("new Promise(done => requestIdleCallback(() => setTimeout(done, 200)))")
    expect(shown).to_have_count(0)
