"""Browsers that refuse something, or that change the page: the numbers go on being right."""

import re

import pytest
from playwright.sync_api import Page, expect

from app.pages.lessons.exercises import EXERCISES
from tests import notebook
from tests.browser.lesson_page import awake, open_lesson, type_guess
from tests.browser.studio_page import control, exported, has_sizes, live, neurons, shows_what_torch_gives
from tests.long import crossed, long

# Storage as pages find it where all site data is blocked.
THROWS = """const refuse = () => { throw new DOMException("Access is denied for this document.", "SecurityError"); };
for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, { get: refuse });
Object.defineProperty(Document.prototype, "cookie", { get: () => "", set: refuse });"""
IS_NULL = """for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { get: () => null });
}"""

# What translators do to each text: new words in elements of theirs, with the text thrown away or moved into them.
TRANSLATE = """([moved, zones]) => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts) {
    const parent = text.parentElement;
    if (!text.data.trim() || parent.closest("script, style, font, textarea")) continue;
    if (!zones && (parent.closest("[translate=no]") || parent.closest("svg"))) continue;
    const [outer, inner] = [document.createElement("font"), document.createElement("font")];
    outer.append(inner);
    text.replaceWith(outer);
    inner.append(moved ? text : text.data);
  }
}"""
# Every number that stands beside the value it prints, where the two differ.
ASTRAY = """() => [...document.querySelectorAll("[data-value]")].flatMap(e => {
  const own = [...e.querySelectorAll(".value, .number")].concat(e.matches("mn, td, span, text, mrow") ? [e] : []);
  const mean = Number(e.dataset.value);
  return own.filter(o => o.closest("[data-value]") === e && Number.isFinite(mean)).map(o => [o.textContent, mean]);
}).filter(([text, mean]) => {
  const read = text.replaceAll("−", "-").replace(/[()\\s\\u2007\\u00a0+]/g, "");
  return /^-?[\\d.]+$/.test(read) && Math.abs(Number(read) - mean) > 0.006 * Math.max(1, Math.abs(mean));
})"""


BLOCKED = pytest.mark.parametrize("blocked", [THROWS, long(IS_NULL)], ids=["throws", "null"])


@BLOCKED
def test_the_studio_lives_without_site_data(page: Page, server_url: str, blocked: str) -> None:
    page.add_init_script(blocked)
    live(page, f"{server_url}/en/")
    shows_what_torch_gives(page, notebook.MULTILAYER)
    page.get_by_label("Value of x1", exact=True).first.fill("1")
    page.keyboard.press("Enter")
    shows_what_torch_gives(page, {**notebook.MULTILAYER, "inputs": [1.0, *notebook.FEATURES[1:]]})
    page.get_by_role("button", name="Theme").click()
    page.wait_for_function("() => location.hash !== ''")
    page.get_by_role("link", name="Español").click()
    page.wait_for_url("**/es/**")
    has_sizes(page, [3, 2, 1])
    assert neurons(page)["0.0"] == 1
    live(page, f"{server_url}/en/?preset=xor")
    has_sizes(page, [2, 2, 1])


@BLOCKED
def test_lessons_are_judged_and_the_lab_runs_without_site_data(page: Page, server_url: str, blocked: str) -> None:
    page.add_init_script(blocked)
    open_lesson(page, server_url, "en", "neuron")
    awake(page, "two-inputs")
    section, exercise = page.locator("#neuron-z"), EXERCISES["neuron-z"]
    type_guess(section, exercise, exercise.answer, ".")
    expect(section).to_have_attribute("data-mark", "solved")
    page.goto(f"{server_url}/en/lessons/")
    page.goto(f"{server_url}/en/tensor-lab")
    awake(page, "lab")
    page.goto(f"{server_url}/en/teachers")
    expect(page.locator("[data-builder] form")).to_be_visible()


@pytest.mark.parametrize(("moved", "zones"), crossed([False, True], [False, True], few=[True]))
def test_every_number_of_a_translated_studio_follows(page: Page, server_url: str, moved: bool, zones: bool) -> None:
    live(page, f"{server_url}/en/")
    page.locator("[data-neuron='2.0']").click()
    page.get_by_role("tab", name="Table").click()
    expect(page.locator("[data-z='2.0']")).to_be_visible()
    page.evaluate(TRANSLATE, [moved, zones])
    page.get_by_label("Value of x1", exact=True).first.fill("0.25")
    page.keyboard.press("Enter")
    document = {**notebook.MULTILAYER, "inputs": [0.25, *notebook.FEATURES[1:]]}
    shows_what_torch_gives(page, document)
    page.wait_for_function(f"() => ({ASTRAY})().length === 0")
    assert page.evaluate("document.querySelectorAll('.formula, svg text').length") > 5
    expect(page.locator(".formula .result")).to_contain_text(f"{neurons(page)['2.0']:.4f}")
    page.locator("[data-neuron='1.0']").click()
    expect(page.locator(".formula .result")).to_contain_text(f"{neurons(page)['1.0']:.4f}")
    page.get_by_role("button", name=re.compile("^Add a neuron: Hidden")).click()
    has_sizes(page, [3, 3, 1])
    page.evaluate(TRANSLATE, [moved, zones])
    page.keyboard.press("Control+z")
    has_sizes(page, [3, 2, 1])
    page.wait_for_function(f"() => ({ASTRAY})().length === 0")


@pytest.mark.parametrize(("moved", "zones"), crossed([False, True], [False, True], few=[True]))
def test_a_translated_lesson_and_lab_follow(page: Page, server_url: str, moved: bool, zones: bool) -> None:
    open_lesson(page, server_url, "en", "neuron")
    figure = awake(page, "two-inputs")
    page.evaluate(TRANSLATE, [moved, zones])
    control(page, "x1").first.focus()
    page.keyboard.press("PageUp")
    page.wait_for_function(f"() => ({ASTRAY})().length === 0")
    figure.locator(".again button").click()
    page.goto(f"{server_url}/en/tensor-lab")
    lab = awake(page, "lab")
    page.evaluate(TRANSLATE, [moved, zones])
    lab.get_by_role("textbox").fill("import torch\na = torch.arange(4)\nb = a.view(2, 2)")
    expect(lab.locator("[data-tensor=b] .cell")).to_have_text(["0", "1", "2", "3"])


@pytest.mark.parametrize("read", [long("255"), "Math.random() * 256"], ids=["white", "noise"])
def test_pictures_have_the_pages_colours_where_canvases_are_guarded(page: Page, server_url: str, read: str) -> None:
    live(page, f"{server_url}/en/")
    honest = exported(page, "svg").read_text()
    page.add_init_script(
        f"""const own = CanvasRenderingContext2D.prototype.getImageData;
        CanvasRenderingContext2D.prototype.getImageData = function (...where) {{
          const image = own.apply(this, where);
          for (let i = 0; i < image.data.length; i++) image.data[i] = {read};
          return image;
        }};"""
    )
    live(page, f"{server_url}/en/")
    assert exported(page, "svg").read_text() == honest
    assert len(set(re.findall("#[0-9a-f]{6}", honest))) > 8


@pytest.mark.long
def test_a_png_that_the_browser_would_make_other_pixels_of_is_said_to_be_one(page: Page, server_url: str) -> None:
    page.add_init_script(
        """const own = HTMLCanvasElement.prototype.toBlob;
        HTMLCanvasElement.prototype.toBlob = function (...given) {
          const context = this.getContext("2d");
          context.fillStyle = "rgb(200 180 220)";
          context.fillRect(0, 0, this.width, this.height);
          return own.apply(this, given);
        };"""
    )
    live(page, f"{server_url}/es/")
    page.get_by_role("button", name="Exportar", exact=True).click()
    page.get_by_role("button", name=re.compile("^PNG")).click()
    expect(page.locator("footer")).to_contain_text("Usa el SVG")
