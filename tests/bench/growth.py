"""How opening and moving grow with the network: dense layers from a hundred edges to a million, in headless Chromium.

Prints a table, and writes it and its plot into docs/drawing and docs/dibujar, unless GROWTH_WRITE=no. Every move is
measured in turns with the 3-2-1 network's, so that a ratio says the same on a busy machine as on an idle one.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.bench.drawing import SLIDER, Drawn, Kind, chain, draw, select_input, select_output
from tests.bench.frames import PLACES, at, chromium
from tests.bench.growth_plot import Line, plot
from tests.server import Server

DOCS = Path(__file__).parents[2] / "docs"
# Rows of as many neurons on both sides: 10,000 edges are elements still, 10,201 are curves, a million are a matrix.
ROWS = (10, 32, 100, 101, 316, 547, 1000)
BEGINS, ENDS = "<!-- growth -->", "<!-- /growth -->"
HEADS = {
    "en": "| edges | file to first picture | a move of an input, × the 3-2-1's | of a weight |",
    "es": "| aristas | del archivo al primer dibujo | mover una entrada, × la de 3-2-1 | un peso |",
}
LOADS = {"en": "The machine's load was {load:.0f}.", "es": "La carga de la máquina era de {load:.0f}."}


@dataclass(frozen=True)
class Point:
    """What was seen of one network: milliseconds, and how many times the 3-2-1 network's own."""

    edges: int
    opening: float
    input: float
    weight: float
    input_ratio: float
    weight_ratio: float


def select_any_weight(page: Page) -> str | None:
    """A weight of a sum that is open. In the dense studio inputs begin at 0, where a weight moves nothing."""
    if place := select_output(page):
        return place
    page.locator(SLIDER).first.press("PageUp")
    return PLACES["weight"]


KINDS = {"input": Kind(select_input), "weight": Kind(select_any_weight, beside="weight")}


def main() -> None:
    server = Server()
    server.start()
    try:
        with sync_playwright() as playwright:
            browser = chromium(playwright)
            points = []
            for n in ROWS:
                drawn = Drawn()
                draw(browser, server.port, chain((n, n)), drawn, KINDS)
                points.append(_point(n * n, drawn))
                print(_row(points[-1]), flush=True)
            browser.close()
    finally:
        server.stop()
    if os.environ.get("GROWTH_WRITE") != "no":
        lines = [
            Line("opening", [(point.edges, point.opening) for point in points]),
            Line("input", [(point.edges, point.input) for point in points]),
            Line("weight", [(point.edges, point.weight) for point in points]),
        ]
        for language, name in (("en", "drawing"), ("es", "dibujar")):
            (DOCS / f"{name}.svg").write_text(plot(lines, language))
            path = DOCS / f"{name}.md"
            path.write_text(with_table(path.read_text(), table(points, language)))


def _point(edges: int, drawn: Drawn) -> Point:
    (moved, beside), (weighed, beside_weighed) = drawn.moves["input"], drawn.moves["weight"]
    by_input, by_weight = at(moved.painted, 50), at(weighed.painted, 50)
    ratios = by_input / at(beside.painted, 50), by_weight / at(beside_weighed.painted, 50)
    return Point(edges, drawn.opening[0], by_input, by_weight, *ratios)


def table(points: Sequence[Point], language: str) -> str:
    """What was measured, as a table of Markdown in "en" or "es"."""
    rows = [HEADS[language], "| --- | --- | --- | --- |"]
    for each in points:
        cells = (
            f"{each.edges:,}",
            f"{each.opening:,.0f} ms",
            f"{each.input:.1f} ms, {each.input_ratio:.2f} ×",
            f"{each.weight:.1f} ms, {each.weight_ratio:.2f} ×",
        )
        row = f"| {' | '.join(cells)} |"
        rows.append(row if language == "en" else row.translate(str.maketrans(",.", ".,")).replace("ms.", "ms,"))
    return "\n".join([*rows, "", LOADS[language].format(load=os.getloadavg()[0])])


def with_table(text: str, rows: str) -> str:
    """A page with these rows where its table stands."""
    before, _, rest = text.partition(BEGINS)
    _, _, after = rest.partition(ENDS)
    return f"{before}{BEGINS}\n\n{rows}\n\n{ENDS}{after}"


def _row(point: Point) -> str:
    return (
        f"{point.edges:9,} edges: file to first picture {point.opening:6.0f} ms; "
        f"a move of an input {point.input:6.1f} ms, "
        f"× {point.input_ratio:.2f}; of a weight {point.weight:6.1f} ms, × {point.weight_ratio:.2f}"
    )
