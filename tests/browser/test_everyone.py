"""The studio by keyboard alone, and what axe finds in the states that building, sharing and comparing make."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import finds_nothing
from tests.browser.studio_page import edges, has_sizes, live
from tests.long import LONG, long

Prepare = Callable[[Page], object]


def named(pattern: str) -> Prepare:
    """Presses the button of this name."""
    return lambda page: page.get_by_role("button", name=re.compile(pattern)).click()


def tab_to(page: Page, name: str, limit: int = 120) -> None:
    """Presses Tab until the focus is on a control of this name."""
    pattern = re.compile(name)
    for _ in range(limit):
        page.keyboard.press("Tab")
        label = page.evaluate(
            "() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? ''"
        )
        if pattern.search(label):
            return
    raise AssertionError(f"Tab does not reach {name}")


def test_a_3_4_2_network_is_built_read_undone_and_shared_by_keyboard(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    tab_to(page, "^Add a neuron: Hidden layer$")
    page.keyboard.press("Enter")
    has_sizes(page, [3, 3, 1])
    page.keyboard.press("Enter")
    has_sizes(page, [3, 4, 1])
    tab_to(page, "^Add a neuron: Output layer$")
    page.keyboard.press("Space")
    has_sizes(page, [3, 4, 2])
    tab_to(page, "^Value of weight w32 of layer 2$")
    page.keyboard.type("1/3")
    page.keyboard.press("Enter")
    assert edges(page)["2.2.1"] == 1 / 3
    expect(page.get_by_role("group", name="Formula of the neuron")).to_contain_text("σ")
    page.keyboard.press("Control+z")
    assert edges(page)["2.2.1"] != 1 / 3
    page.keyboard.press("Control+y")
    assert edges(page)["2.2.1"] == 1 / 3
    tab_to(page, "^Share$")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Link")).to_be_visible()
    tab_to(page, "^Copy: Link$", limit=4)
    page.keyboard.press("Escape")
    expect(page.get_by_role("textbox", name="Link")).to_have_count(0)


# What is done, and what then stands on the page. One after the other on one page: each leaves the next one its place.
STATES: dict[str, tuple[Prepare, str]] = {
    "start": (lambda page: None, ".formula .result"),
    "weight": (lambda page: page.locator("[data-edge='1.1.0']").dispatch_event("click"), ".inspector .product"),
    "input": (lambda page: page.locator("[data-neuron='0.0']").click(), ".inspector .value"),
    "matrices": (lambda page: page.get_by_role("tab").first.click(), "[role=tabpanel] [data-cell]"),
    "history": (lambda page: page.get_by_role("tab").last.click(), "[role=tabpanel] li"),
    "code": (lambda page: page.get_by_role("tab").nth(-2).click(), "pre code"),
    "table": (lambda page: page.get_by_role("tab").nth(-3).click(), "[data-z]"),
    "share": (named("^(Share|Compartir)$"), ".share input"),
    "export": (named("^(Export|Exportar)$"), ".ways"),
    "draw": (named("^(Draw weights|Sortear los)"), "[data-panel=open]"),
    "layer menu": (lambda page: page.locator(".head .opener").nth(1).click(), ".menu"),
    "compare": (named("^(Pin to|Fijar y)"), "[data-neuron='2.0'][data-change]"),
}

# Where only this part has changed since the start.
WITHIN = {
    **dict.fromkeys(("weight", "input", "sheet"), ".inspector"),
    **dict.fromkeys(("matrices", "history", "code", "table"), "[role=tabpanel]"),
    "share": ".share",
    "export": ".ways",
    "draw": "[data-panel=open]",
    "layer menu": ".menu",
    "menu": ".more",
}


def each_of(states: dict[str, tuple[Prepare, str]], page: Page, url: str) -> Iterator[str]:
    """Opens the page and brings about one state after the other: the name of each that stands."""
    live(page, url)
    for name, (prepare, stands) in states.items():
        prepare(page)
        expect(page.locator(stands).first).to_be_visible()
        yield name
        page.keyboard.press("Escape")


@pytest.mark.parametrize("language", [long("es"), "en"])
def test_axe_finds_nothing(page: Page, server_url: str, language: str) -> None:
    for name in each_of(STATES, page, f"{server_url}/{language}/?preset=multilayer"):
        finds_nothing(page, name, dark=language == "en", within=WITHIN.get(name))


PHONE_STATES: dict[str, tuple[Prepare, str]] = {
    "start": (lambda page: None, "[data-neuron='2.0']"),
    "sheet": (lambda page: page.locator(".handle").click(), ".panel.open"),
    "menu": (named("^(More|Más)$"), ".more"),
    "matrices": STATES["matrices"],
    "compare": STATES["compare"],
    "playback": (named("^(One step forward|Un paso adelante)$"), "[data-neuron='2.0']:not([data-value])"),
}


@pytest.mark.parametrize("address", [long("/en/"), "/es/", long("/en/embed"), long("/es/embed")])
def test_axe_finds_nothing_on_the_phone(page: Page, server_url: str, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    states = PHONE_STATES if "embed" not in address else {"start": PHONE_STATES["start"]}
    for name in each_of(states, page, f"{server_url}{address}?preset=multilayer"):
        finds_nothing(page, name, dark="/en/" in address or not LONG, within=WITHIN.get(name))


# What has a wider target than its own box says so with a pseudo-element over it.
TOO_SMALL = """
  () => [...document.querySelectorAll("button, select, a[href], textarea, input[type=text], [data-neuron]")]
  .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest(".visually-hidden"))
  .filter(e => ["::before", "::after"].every(part => getComputedStyle(e, part).content === "none"))
  .map(e => [e.getAttribute("aria-label") ?? e.textContent, e.getBoundingClientRect()])
  .filter(([, box]) => box.width < 43.5 || box.height < 43.5)
  .map(([name, box]) => `${name}: ${Math.round(box.width)} x ${Math.round(box.height)}`)"""


def test_targets_are_44_px_on_touch(touched: Page, server_url: str) -> None:
    touched.set_viewport_size({"width": 390, "height": 844})
    others = {name: STATES[name] for name in ("weight", "table", "code", "history")}
    for name in each_of({**others, **PHONE_STATES}, touched, f"{server_url}/es/?preset=multilayer"):
        assert touched.evaluate(TOO_SMALL) == [], name


def test_on_the_phone_what_is_opened_comes_into_sight(page: Page, server_url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    live(page, f"{server_url}/es/")
    page.get_by_role("tab", name="Tabla").focus()
    page.keyboard.press("Enter")
    in_sight = """() => document.querySelector("[role=tabpanel]").getBoundingClientRect().top + 150
      < document.querySelector(".inspector .handle").getBoundingClientRect().top"""
    page.wait_for_function(in_sight)
    view = page.get_by_role("button", name="Qué se muestra")
    view.scroll_into_view_if_needed()
    view.click()
    page.wait_for_function(
        "() => { const e = document.querySelector(':popover-open'); return e && e.scrollHeight <= e.clientHeight; }"
    )
