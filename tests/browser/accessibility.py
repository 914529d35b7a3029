"""What axe finds on a page, in the light and in the dark."""

from typing import Any

from axe_playwright_python.base import AxeResults  # type: ignore[import-untyped]
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

from tests.long import LONG

# The document's own styles are there by then, and no frame is in it: neither is waited for.
_OPTIONS: dict[str, Any] = {"resultTypes": ["violations"], "preload": False, "iframes": False}
_OF_COLOURS = ["color-contrast", "link-in-text-block"]
_SCRIPT = Axe().axe_script

# Until what was begun is drawn: moves that end, and the frame after them.
_SETTLED = """async () => {
  const endless = animation => animation.effect?.getComputedTiming().endTime === Infinity;
  const moves = document.getAnimations().filter(animation => !endless(animation) && animation.playState === "running");
  await Promise.allSettled(moves.map(animation => animation.finished));
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


def finds_nothing(
    page: Page, what: str = "", rules: dict[str, Any] | None = None, *, dark: bool = True, within: str | None = None
) -> None:
    """Asks all rules in the light, and in the dark those that colours decide: nothing else is another there.

    The dark's colours are the same in each language and at each width: they need not be asked about in all. Where the
    rest of the page was asked about before, the short form asks only within what has come to stand there.
    """
    context = None if LONG or within is None else {"include": [[within]]}
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_SCRIPT)
    page.emulate_media(color_scheme="light")
    _ask(page, f"{what}, light", context, {**_OPTIONS, **({"rules": rules} if rules else {})})
    if dark:
        page.emulate_media(color_scheme="dark")
        _ask(page, f"{what}, dark", context, {**_OPTIONS, "runOnly": _OF_COLOURS})
        page.emulate_media(color_scheme="light")


def _ask(page: Page, what: str, context: dict[str, Any] | None, options: dict[str, Any]) -> None:
    page.evaluate(_SETTLED)
    asked = page.evaluate("([context, options]) => axe.run(context ?? document, options)", [context, options])
    results = AxeResults(asked)
    assert results.violations_count == 0, f"{what}: {results.generate_report()}"
