"""In a lesson's picture, what is dragged and what follows it are in sight together, in windows of every size."""

import pytest
from playwright.sync_api import Page, expect

from app.pages.lessons.course import LESSONS, Lesson
from app.pages.lessons.figures import pass_of
from app.pages.lessons.pieces import PIECES, StudioPiece
from tests.browser.lesson_page import awake, open_lesson
from tests.browser.sight import seen
from tests.long import crossed

WINDOWS = [(1366, 768), (1440, 900), (1024, 768), (844, 390), (390, 844)]
SUMMED = [
    (lesson, name, piece)
    for lesson in LESSONS
    for name in lesson.pieces
    if isinstance(piece := PIECES[name], StudioPiece) and "sum" in piece.show
]
COVERS = "fieldset.inputs, header.course"
ENOUGH = 0.9
# How tall each picture is when it has come alive.
ALIVE = """window.alive = {};
  new MutationObserver(all => {
    for (const { target } of all) alive[target.dataset.piece] = target.offsetHeight;
  }).observe(document, { subtree: true, attributeFilter: ["data-live"] });"""


def unseen(page: Page, figure: str, parts: list[str]) -> list[str]:
    """Those of the parts of a picture that cannot be seen."""
    return [part for part in parts if seen(page.locator(f"{figure} {part}").first, COVERS) < ENOUGH]


def ends(piece: StudioPiece) -> list[str]:
    """The first input and the last output of a picture's network."""
    network = pass_of(piece.network).preset.network
    return ["0.0", f"{len(network.layers)}.{len(network.layers[-1].biases) - 1}"]


@pytest.mark.long
@pytest.mark.parametrize(("lesson", "name", "piece", "width", "height"), crossed(SUMMED, WINDOWS, few=SUMMED[:2]))
def test_what_is_dragged_and_what_follows_are_in_sight_together(
    request: pytest.FixtureRequest,
    server_url: str,
    lesson: Lesson,
    name: str,
    piece: StudioPiece,
    width: int,
    height: int,
) -> None:
    page: Page = request.getfixturevalue("touched" if width < 1000 else "page")
    page.set_viewport_size({"width": width, "height": height})
    page.add_init_script(ALIVE)
    open_lesson(page, server_url, "es", lesson.key)
    awake(page, name)
    figure = f"figure[data-piece='{name}']"
    # Nothing below is pushed down by what the picture finds out once it lives.
    known = page.locator(f"{figure} .onwards a[href*='#v1'], {figure} .cover")
    expect(known).to_have_count(1)
    assert page.locator(figure).evaluate("e => e.offsetHeight") == page.evaluate(f"alive['{name}']")
    # An input is dragged: the diagram or the product follows.
    page.locator(figure).evaluate("e => e.scrollIntoView({block: 'start'})")
    follows = [".product"] if "product" in piece.show else [f"[data-neuron='{place}'] .body" for place in ends(piece)]
    assert unseen(page, figure, [".inputs .row", *follows]) == []
    # A weight is dragged: its term and the sum follow, and the inputs stay where there is room.
    # Twice: what comes into sight only now may push the rest down once more.
    for _ in range(2):
        page.locator(f"{figure} .sum").evaluate(
            """sum => {
              const ends = ["ol", "ul"].map(list => sum.querySelector(list).getBoundingClientRect().bottom);
              scrollBy(0, Math.max(...ends) - innerHeight + 4);
            }"""
        )
        page.wait_for_timeout(200)
    rows = page.locator(f"{figure} .sum ol li").count()
    shown = [f".sum ol li >> nth={row}" for row in range(rows)]
    with_inputs = [".inputs .row"] if height > 480 else []
    assert unseen(page, figure, [*with_inputs, ".sum ul .row", *shown]) == []
