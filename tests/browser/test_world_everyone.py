"""The page for any network, for everyone: what axe finds, keys alone, large letters, forced colours, a phone."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import finds_nothing
from tests.browser.world_page import kept, made, outputs, painted, world
from tests.long import long, some


def unfolded(page: Page) -> None:
    page.locator("[data-card^='blocks@']").first.click()
    expect(page.locator("[data-card='blocks.0@2'], [data-card^='blocks.0']").first).to_be_visible()
    page.locator("[data-card^='blocks.0']").first.click()


def as_matrix(page: Page) -> None:
    page.get_by_role("button", name="as a matrix", exact=False).first.click()


def one_weight(page: Page) -> None:
    page.locator("[data-kernel]").first.click()


def nothing(page: Page) -> None:
    pass


# Of each network what is seen of it, one view after the other.
VIEWS: dict[str, dict[str, Callable[[Page], None]]] = {
    "digits-conv": {"convolution": nothing, "a kernel's weight": one_weight},
    "sorting": {"attention, folded": nothing, "attention": unfolded},
    "dense": {"large": nothing, "large, as a matrix": as_matrix},
    "recurrent": {"recurrence": nothing},
    "blocks": {"a summary": nothing},
}


def address(server_url: str, name: str, folder: Path, language: str = "en") -> str:
    network = name if name in ("digits-conv", "sorting") else kept(server_url, made(name, folder)[0])
    return f"{server_url}/{language}/?network={network}"


@pytest.mark.parametrize("network", some(VIEWS, "digits-conv"))
def test_axe_finds_nothing(page: Page, server_url: str, tmp_path: Path, network: str) -> None:
    world(page, address(server_url, network, tmp_path))
    expect(page.locator(".inspector h2")).to_be_visible()
    for view, then in VIEWS[network].items():
        then(page)
        finds_nothing(page, view)


def test_from_a_class_to_a_pixel_with_keys_alone(page: Page, server_url: str) -> None:
    world(page, f"{server_url}/en/?network=digits-conv")
    heading = page.locator(".inspector h2")
    expect(heading).to_have_attribute("data-cell", "layers.5.activations[0]")
    # What a body is, is a noun; what its keys do is told at the first one alone.
    expect(page.locator("[aria-roledescription='layer values']")).to_have_count(7)
    expect(page.locator("[data-body][aria-describedby]")).to_have_accessible_description(re.compile("arrow keys"))
    # Tab comes to every body in the order of the pass, and in the last one the arrows walk from class to class.
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement?.dataset?.body") == "6":
            break
    assert page.evaluate("() => document.activeElement?.dataset?.body") == "6"
    for key in ("Home", "ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(heading).to_have_attribute("data-cell", "layers.5.activations[2]")
    names: list[str] = []
    for _ in range(12):
        name = heading.get_attribute("data-cell") or ""
        names.append(name.partition("[")[0])
        if name.startswith("inputs"):
            break
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate(PART):
                break
        page.keyboard.press("Enter")
        expect(heading).not_to_have_attribute("data-cell", name)
    assert names[0] == "layers.5.activations"
    assert names[-1] == "inputs"
    # The pixel has a slider, and it is the page's first.
    name = page.locator("input[type=range]:visible").first.get_attribute("aria-label") or ""
    assert name.startswith("inputs[")
    # Backspace goes back all the way, and what has the focus is seen.
    for _ in names[1:]:
        page.keyboard.press("Backspace")
        assert page.evaluate(FOCUSED)["seen"]
    expect(heading).to_have_attribute("data-cell", "layers.5.activations[2]")


def test_few_tabs_lead_to_a_class(page: Page, server_url: str) -> None:
    """Past all before the diagram at once, and in it from body to body: all menus are one stop, all kernels another."""
    world(page, f"{server_url}/en/?network=digits-conv")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)["name"] == "Skip to the diagram"
    assert page.evaluate(FOCUSED)["seen"]
    page.keyboard.press("Enter")
    body = "() => document.activeElement?.dataset?.body"
    for k in range(7):
        assert page.evaluate(body) == str(k)
        page.keyboard.press("Tab")
    assert page.url.endswith("?network=digits-conv")


def test_kernels_and_menus_are_walked_with_the_arrow_keys(page: Page, server_url: str) -> None:
    world(page, f"{server_url}/en/?network=digits-conv")
    stops = "selector => [...document.querySelectorAll(selector)].filter(({ tabIndex }) => tabIndex === 0).length"
    kernels, menus = page.locator("[data-kernel]"), page.locator("[data-head] > .opener, [data-add] > .opener")
    expect(kernels).to_have_count(4)
    assert page.evaluate(stops, "[data-kernel]") == 1
    assert page.evaluate(stops, "[data-head] > .opener, [data-add] > .opener") == 1
    kernels.first.focus()
    for key, place in (("ArrowDown", 1), ("ArrowRight", 2), ("End", 3), ("ArrowDown", 3), ("Home", 0), ("ArrowUp", 0)):
        page.keyboard.press(key)
        expect(kernels.nth(place)).to_be_focused()
    # A kernel that was chosen is walked number by number, and over its edge into the next one.
    page.keyboard.press("Enter")
    heading = page.locator(".inspector h2")
    expect(heading).to_have_attribute("data-cell", "layers.1.weights[0,0,1,1]")
    page.keyboard.press("ArrowDown")
    expect(heading).to_have_attribute("data-cell", "layers.1.weights[0,0,2,1]")
    expect(kernels.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(kernels.nth(1)).to_be_focused()
    assert page.evaluate(stops, "[data-kernel]") == 1
    # Tab comes back to the one that one was at.
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    expect(kernels.nth(1)).to_be_focused()
    menus.first.focus()
    page.keyboard.press("ArrowRight")
    expect(menus.nth(1)).to_be_focused()
    assert page.evaluate(FOCUSED)["name"] == "Add a layer after input"
    assert page.evaluate(stops, "[data-head] > .opener, [data-add] > .opener") == 1


# What has the focus: what it is called, whether it is on screen, and whether a line around it says so.
FOCUSED = """() => {
  const element = document.activeElement;
  const marked = [element, element.nextElementSibling, element.closest("label, .slider, .field")].filter(Boolean);
  const line = (each) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(each);
    return outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
  };
  const { left, top, right, bottom } = element.getBoundingClientRect();
  const texts = (element.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id));
  const labels = [element.ariaLabel, ...[...texts, ...(element.labels ?? [])].map((each) => each?.textContent)];
  return {
    name: [...labels, element.textContent, element.title].find((text) => text?.trim()) ?? "",
    html: element.outerHTML.slice(0, 120),
    page: element === document.body,
    seen: marked.some(line) && right > 0 && bottom > 0 && left < innerWidth && top < innerHeight,
  };
}"""


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", long("es")])
def test_tab_goes_through_the_whole_page_and_out_of_it(page: Page, server_url: str, language: str) -> None:
    """Each stop has a name and a line around it, none is a trap, and the way back is the same."""
    world(page, f"{server_url}/{language}/?network=digits-conv")
    expect(page.locator(".inspector h2")).to_be_visible()
    way: list[str] = []
    for _ in range(200):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop["page"]:
            break
        assert stop["name"].strip(), stop
        assert stop["seen"], stop
        way.append(stop["html"])
    assert stop["page"], "no end"
    assert len(way) > 40
    for before in way[:-6:-1]:
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(FOCUSED)["html"] == before


def tabbed(page: Page, name: str) -> None:
    """Tab alone comes to what is called so."""
    for _ in range(200):
        page.keyboard.press("Tab")
        if (page.evaluate(FOCUSED)["name"]).strip().startswith(name):
            return
    raise AssertionError(name)


@pytest.mark.long
def test_a_layer_is_changed_and_a_network_shared_and_exported_with_keys_alone(page: Page, server_url: str) -> None:
    world(page, f"{server_url}/en/?network=digits-conv")
    expect(page.locator(".inspector h2")).to_be_visible()
    for name in ("Share", "Export"):
        tabbed(page, name)
        page.keyboard.press("Enter")
        opened = page.locator("[data-panel]:visible")
        expect(opened.locator("button").first).to_be_visible()
        # Into what was opened, and out of it to where one was.
        page.keyboard.press("Tab")
        assert page.evaluate("() => document.activeElement.closest('[data-panel]') !== null")
        assert page.evaluate(FOCUSED)["seen"]
        page.keyboard.press("Escape")
        expect(opened).to_have_count(0)
        assert page.evaluate(FOCUSED)["name"].strip().startswith(name)
    # The layers' menus and the places for new ones are one stop, which the arrow keys walk.
    tabbed(page, "Change inputs")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    assert page.evaluate(FOCUSED)["name"] == "Change edges"
    page.keyboard.press("Enter")
    tabbed(page, "kernel_size")
    page.keyboard.press("Control+a")
    page.keyboard.type("5")
    tabbed(page, "padding")
    page.keyboard.press("Control+a")
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    expect(page.locator("footer .change")).to_contain_text("edges changed")
    expect(page.get_by_role("button", name="Change edges")).to_be_focused()
    assert page.evaluate(FOCUSED)["seen"]


def test_forced_colours_keep_what_pictures_mean(page: Page, server_url: str) -> None:
    page.emulate_media(forced_colors="active")
    world(page, f"{server_url}/en/?network=digits-conv")
    expect(page.get_by_role("img", name="Colours")).to_be_visible()
    stops = page.locator(".beneath stop").evaluate_all("all => all.map((each) => getComputedStyle(each).stopColor)")
    assert len(set(stops)) == 3
    bar = page.locator(".inputs .bar").first
    painted_in = bar.evaluate("each => getComputedStyle(each).backgroundColor")
    assert painted_in == page.evaluate("() => getComputedStyle(document.querySelector('.inputs .value')).color")


# A part of the number that is told: of a softmax its own score.
PART = """() => document.activeElement?.matches(
  ".inspector tr.own button, .inspector [data-form]:not([data-form=softmax]) button:not(.more)") ?? false"""
SIZES = {"200 %": (700, 450), "400 %": (350, 225), "2560 px": (2560, 1400), "a phone that lies": (844, 390)}
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.mark.parametrize("network", [long("digits-conv"), "sorting", long("dense"), long("residual")])
def test_nothing_scrolls_sideways(page: Page, server_url: str, tmp_path: Path, network: str) -> None:
    world(page, address(server_url, network, tmp_path, "es"))
    page.wait_for_selector(".inspector h2", state="attached")
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate(SETTLED)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width, size
        # No part of the diagram lies on another's cells.
        assert page.evaluate(OVERLAPS) == [], size
        if network == "digits-conv":
            # The colours are those of the test above.
            finds_nothing(page, size, dark=False)


OVERLAPS = """() => {
  const boxes = [...document.querySelectorAll("[data-body], [data-card]:not([aria-expanded=true])")];
  const places = boxes.map((each) => [each.dataset.body ?? each.dataset.card, each.getBoundingClientRect()]);
  const found = [];
  for (const [a, p] of places) for (const [b, q] of places) {
    const across = Math.min(p.right, q.right) - Math.max(p.left, q.left);
    const down = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
    if (a < b && across > 1 && down > 1) found.push(`${a} on ${b}`);
  }
  return found;
}"""


@pytest.mark.long
def test_at_1024_px_a_small_network_fits(page: Page, server_url: str) -> None:
    page.set_viewport_size({"width": 1024, "height": 768})
    world(page, f"{server_url}/en/?network=digits-conv")
    page.wait_for_selector(".inspector h2")
    scroller = page.locator("[data-stage]")
    assert scroller.evaluate("e => e.scrollWidth - e.clientWidth") <= 1


@pytest.mark.long
def test_forced_colours_tell_the_selected_cell(page: Page, server_url: str) -> None:
    page.emulate_media(forced_colors="active")
    world(page, f"{server_url}/en/?network=digits-conv")
    selected = page.locator("rect.selected")
    expect(selected).to_have_count(1)
    inks = [
        each.evaluate("e => getComputedStyle(e).stroke")
        for each in (selected, page.locator("[data-between] path").first)
    ]
    # The system's own colours, one for what is selected and another for all lines.
    assert inks[1] == "rgb(0, 0, 0)"
    assert inks[0] != inks[1]


@pytest.mark.long
def test_on_a_phone_what_the_keyboard_goes_to_is_in_sight(touched: Page, server_url: str) -> None:
    """From body to body, and into the sheet, which opens for it."""
    page = touched
    page.set_viewport_size({"width": 390, "height": 844})
    world(page, f"{server_url}/en/?network=digits-conv")
    page.locator("[data-body='0']").focus()
    last = page.evaluate("() => [...document.querySelectorAll('[data-body]')].at(-1).dataset.body")
    focused = page.locator(":focus")
    bodies = []
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate(PART):
            break
        if body := focused.get_attribute("data-body"):
            expect(focused).to_be_in_viewport(ratio=0.95)
            bodies.append(body)
    assert last in bodies
    expect(focused).to_be_in_viewport(ratio=0.95)


def test_a_phone_has_one_body_a_screen_and_its_neighbours_peek_in(touched: Page, server_url: str) -> None:
    page = touched
    page.set_viewport_size({"width": 390, "height": 844})
    world(page, f"{server_url}/en/?network=digits-conv")
    scroller = page.locator("[data-diagram]")
    for body, left in (("0", 0), ("1", 300), ("3", 900)):
        scroller.evaluate("(e, left) => e.scrollTo({ left, behavior: 'instant' })", left)
        page.wait_for_timeout(400)
        seen = page.locator("[data-body]").evaluate_all(
            """els => Object.fromEntries(els.map((e) => {
              const { left, right, width } = e.getBoundingClientRect();
              return [e.dataset.body, Math.max(0, Math.min(390, right) - Math.max(0, left)) / width];
            }))"""
        )
        whole = [each for each, share in seen.items() if share > 0.99]
        assert len(whole) <= 2
        assert any(0 < share < 0.99 for share in seen.values()) or len(whole) == 2, (body, seen)
    first = page.locator("[data-body='0']")
    scroller.evaluate("e => e.scrollTo({ left: 0, behavior: 'instant' })")
    first.focus()
    before = int(scroller.get_attribute("data-painted") or 0)
    for key in ("Home", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    slider = page.locator("input[type=range]:visible").first
    expect(slider).to_have_attribute("aria-label", "inputs[1, 1, 2]")
    slider.focus()
    page.keyboard.press("ArrowRight")
    painted(page, before)
    # What it comes to is in sight beside that, with the sheet down and up, and above a phone's keyboard.
    for size in ((390, 844), (844, 390), (390, 350)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for _ in range(2):
            now = outputs(page)
            largest = max(range(10), key=now.__getitem__)
            expect(page.locator(".handle .output")).to_have_text(re.compile(rf"^\s*{largest}:\s+{max(now):.4f}$"))
            expect(page.locator(".handle .output [data-value]")).to_be_in_viewport(ratio=1)
            expect(page.locator(".handle .own")).to_have_text(re.compile(r"^inputs\[1, 1, 2\] = 0\.0\d+$"))
            page.locator(".inspector .handle").click()
    # On a tablet too, however far the page is scrolled past the diagram.
    page.set_viewport_size({"width": 768, "height": 700})
    for share in (0, 0.4, 0.7):
        page.evaluate("share => scrollTo(0, share * document.documentElement.scrollHeight)", share)
        expect(page.locator(".inspector .foot [data-value]")).to_be_in_viewport(ratio=1)
    expect(page.locator(".inspector .foot .output")).to_have_text(re.compile(rf"^\s*{largest}:\s+{max(now):.4f}$"))


PANELS: dict[str, Callable[[Page], None]] = {
    "table": lambda page: page.get_by_role("tab", name="Tabla").click(),
    "history": lambda page: page.get_by_role("tab", name="Historial").click(),
    "a new layer": lambda page: page.locator("[data-add] button").first.click(),
    "a layer": lambda page: page.locator("[data-head] button").nth(1).click(),
    "keys": lambda page: page.keyboard.press("?"),
}
STANDS = {
    "table": "[role=tabpanel] td[data-value]",
    "history": "[role=tabpanel] [data-step]",
    "a new layer": "[data-add] form",
    "a layer": "[data-panel] form",
    "keys": "[role=dialog] kbd",
}


@pytest.mark.long
def test_axe_finds_nothing_in_what_opens(page: Page, server_url: str) -> None:
    world(page, f"{server_url}/es/?network=digits-conv")
    expect(page.locator(".inspector h2")).to_be_visible()
    for panel, opened in PANELS.items():
        opened(page)
        # What fits there is asked for first, of a server that has not been asked yet.
        expect(page.locator(STANDS[panel]).first).to_be_visible(timeout=20_000)
        finds_nothing(page, panel, within=STANDS[panel].partition(" ")[0])
        page.keyboard.press("Escape")
