"""A small plot of milliseconds over edges, both logarithmic, as SVG that reads in a light page and in a dark one."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 76, 150, 16, 44
EDGES, MILLISECONDS = (1e2, 1e6), (1e0, 1e4)
# Where the page draws otherwise: from so many edges on, in the order of the picture.
CROSSINGS = {10_000: "curves", 300_000: "matrix"}
# TensorFlow Playground's step, measured where it runs, on this kind of machine.
PLAYGROUND = ((344, 45.0), (5_216, 330.0), (82_304, 4_700.0))
DASHES = {"opening": "", "input": "", "weight": "5 3", "playground": "1 4"}
WORDS = {
    "en": {
        "title": "Milliseconds over edges",
        "edges": "edges",
        "opening": "file to picture",
        "input": "move of an input",
        "weight": "move of a weight",
        "playground": "Playground’s step",
        "curves": "curves",
        "matrix": "matrix",
    },
    "es": {
        "title": "Milisegundos según las aristas",
        "edges": "aristas",
        "opening": "del archivo al dibujo",
        "input": "mover una entrada",
        "weight": "mover un peso",
        "playground": "un paso de Playground",
        "curves": "curvas",
        "matrix": "matriz",
    },
}
STYLE = """
  svg { color: #1c1e21; font: 12px system-ui, sans-serif; }
  path { fill: none; stroke: currentColor; stroke-width: 1.5; }
  .hair { opacity: 0.18; stroke-width: 1; }
  .cross { opacity: 0.5; stroke-width: 1; }
  text { fill: currentColor; }
  .muted { opacity: 0.7; }
  @media (prefers-color-scheme: dark) { svg { color: #e8e6e1; } }
"""


@dataclass(frozen=True)
class Line:
    """Milliseconds at so many edges."""

    name: str
    points: Sequence[tuple[float, float]]


def plot(lines: Sequence[Line], language: str) -> str:
    """The picture, in "en" or "es"."""
    words = WORDS[language]
    drawn = [*_axes(words), *_crossings(words)]
    labels: list[tuple[float, str]] = []
    for line in (*lines, Line("playground", PLAYGROUND)):
        way = "L".join(f"{x(edges):.1f} {y(milliseconds):.1f}" for edges, milliseconds in line.points)
        drawn.append(f'<path d="M{way}" stroke-dasharray="{DASHES[line.name]}"/>')
        drawn += [f'<circle cx="{x(e):.1f}" cy="{y(m):.1f}" r="2.5" fill="currentColor"/>' for e, m in line.points]
        labels.append((y(line.points[-1][1]), words[line.name]))
    drawn += _labels(labels)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" lang="{language}">'
        f"<title>{words['title']}</title><style>{STYLE}</style>\n" + "\n".join(drawn) + "\n</svg>\n"
    )


def x(edges: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * log10(edges / EDGES[0]) / log10(EDGES[1] / EDGES[0])


def y(milliseconds: float) -> float:
    share = log10(milliseconds / MILLISECONDS[0]) / log10(MILLISECONDS[1] / MILLISECONDS[0])
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share


def _axes(words: dict[str, str]) -> list[str]:
    found = []
    for power in range(2, 7):
        found.append(f'<path class="hair" d="M{x(10**power):.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
        found.append(
            f'<text class="muted" x="{x(10**power):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">'
            f'10<tspan dy="-5" font-size="9">{power}</tspan></text>'
        )
    for power in range(5):
        found.append(f'<path class="hair" d="M{LEFT} {y(10**power):.1f}H{WIDTH - RIGHT}"/>')
        found.append(
            f'<text class="muted" x="{LEFT - 8}" y="{y(10**power) + 4:.1f}" text-anchor="end">{10**power} ms</text>'
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    found.append(f'<text class="muted" x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">{words["edges"]}</text>')
    return found


def _crossings(words: dict[str, str]) -> list[str]:
    return [
        f'<path class="cross" stroke-dasharray="2 3" d="M{x(edges):.1f} {TOP}V{HEIGHT - BOTTOM}"/>'
        f'<text class="muted" x="{x(edges) + 4:.1f}" y="{TOP + 10}">{words[name]} →</text>'
        for edges, name in CROSSINGS.items()
    ]


def _labels(labels: list[tuple[float, str]]) -> list[str]:
    """The lines' names at their right ends, a line of text apart."""
    found, last = [], -1e9
    for place, words in sorted(labels):
        last = max(place + 4, last + 15)
        found.append(f'<text x="{WIDTH - RIGHT + 10}" y="{last:.1f}">{words}</text>')
    return found
