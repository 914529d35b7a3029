"""The READMEs' pictures, taken anew in both languages: `python -m tests.pictures`. Look at each before it is kept.

CHROMIUM names the browser, as it does for the tests.
"""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from adelante.locale import translate
from tests.bench.drawing import SHOWN
from tests.bench.frames import chromium
from tests.bench.servers import ours
from tests.browser.test_pad import draw

DOCS = Path(__file__).parents[1] / "docs"
# A three, in parts of the pad's sides.
THREE = [
    *[(0.28, 0.24), (0.4, 0.14), (0.6, 0.14), (0.72, 0.26), (0.66, 0.4), (0.46, 0.48)],
    *[(0.66, 0.56), (0.74, 0.7), (0.64, 0.86), (0.42, 0.9), (0.28, 0.8)],
]


def main() -> None:
    with ours() as port, sync_playwright() as playwright:
        browser = chromium(playwright)
        for name, (height, take) in PICTURES.items():
            for language in ("en", "es"):
                page = browser.new_page(viewport={"width": 1400, "height": height}, reduced_motion="reduce")
                take(page, f"http://127.0.0.1:{port}", language)
                page.mouse.move(0, 0)
                page.wait_for_timeout(1500)
                page.screenshot(path=DOCS / f"{name}{'' if language == 'en' else '-es'}.png")
                page.close()
        browser.close()


def opened(page: Page, address: str) -> None:
    """A page with its numbers, and what comes once it is at rest."""
    page.goto(address)
    page.wait_for_function(SHOWN)
    page.wait_for_timeout(3500)


def studio(page: Page, server: str, language: str) -> None:
    opened(page, f"{server}/{language}/")


def responses(page: Page, server: str, language: str) -> None:
    opened(page, f"{server}/{language}/?preset=xor")
    page.locator("[data-neuron='2.0']").click()


def spiral(page: Page, server: str, language: str) -> None:
    opened(page, f"{server}/{language}/?preset=spiral")
    page.locator("[data-neuron='3.0']").click()
    page.wait_for_timeout(1000)
    page.locator(".inspector canvas").last.scroll_into_view_if_needed()


def digits(page: Page, server: str, language: str) -> None:
    opened(page, f"{server}/{language}/?network=digits-conv")
    draw(page, [THREE])
    page.wait_for_timeout(1000)
    page.evaluate(
        "() => { for (let at = document.querySelector('.pad'); at; at = at.parentElement) at.scrollTop = 0; }"
    )
    page.locator("[data-tensor='layers.1.activations']").focus()
    for key in ("Home", *["ArrowDown"] * 17, *["ArrowRight"] * 4, "Enter"):
        page.keyboard.press(key)


def sorting(page: Page, server: str, language: str) -> None:
    opened(page, f"{server}/{language}/?network=sorting")
    for _ in range(2):
        page.locator(".card:not(.moves)").first.click()
        page.wait_for_timeout(600)
    page.locator("[data-diagram]").evaluate("(diagram) => (diagram.scrollLeft = 640)")
    page.locator("[data-tensor='layers.18.activations']").focus()
    for key in ("Home", *["ArrowDown"] * 6, *["ArrowRight"] * 3, "Enter"):
        page.keyboard.press(key)


def lesson(page: Page, server: str, language: str) -> None:
    path, slug = (translate(language, key) for key in ("lessons.path", "lesson.reshape.slug"))
    page.goto(f"{server}/{language}/{path}/{slug}")
    page.wait_for_timeout(2500)


PICTURES: dict[str, tuple[int, Callable[[Page, str, str], None]]] = {
    "studio": (900, studio),
    "responses": (900, responses),
    "digits": (900, digits),
    "spiral": (900, spiral),
    "sorting": (900, sorting),
    "lesson": (760, lesson),
}


if __name__ == "__main__":
    main()
