"""From an input event to the painted frame with the server's answer to it, in headless Chromium.

Each move is a real key press, or a real pointer's move of a drag, sent through the browser's own input; `frames.js`
notes the rest. Beside it: the same on a page that only writes the slider's value down, which is the least that this
browser and machine can do. What the page's main thread works for a move is in CPU time, which other work on the machine
does not change.
"""

import base64
import json
import os
import random
import statistics
import time
import zlib
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Page, Playwright, sync_playwright

from tests.bench.gauge import Gauge, Reading
from tests.bench.servers import layers, ours

SIZES = {"3-2-1": (3, 2, 1), "8 × 6 layers": (2, *[8] * 6, 1), "32 × 6 layers": (2, *[32] * 6, 1)}
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
MOVES = int(os.environ.get("BENCH_MOVES", "40"))
# Browsers compile what is run often, some tens of moves after a page was opened: those are counted apart.
WARM_UP = 100
# Seconds that each series of moves waits, in all, for moments in which the machine is idle.
PATIENCE = float(os.environ.get("BENCH_PATIENCE", "20"))
GAUGE = Gauge()
# Seconds in which nearly every move is painted; what is asked of the page meanwhile it would answer before it paints.
UNASKED = 0.045
# key, drag: the first input's slider; weight: the first weight of the selected neuron, by key.
KINDS = os.environ.get("BENCH_KINDS", "key drag weight").split()
PLACES = {"key": "input[type=range]", "drag": "input[type=range]", "weight": ".inspector h3 + ul input, #answer input"}
PROBE = (Path(__file__).parent / "frames.js").read_text()
EMPTY = """<!doctype html>
<div id="answer"><input type="range" min="-3" max="3" step="0.01" value="0"><b data-value="0"></b></div>
<script>
  const [slider, text] = [document.querySelector("input"), document.querySelector("b")];
  const write = () => (text.dataset.value = text.textContent = slider.value);
  slider.addEventListener("keydown", (event) => {
    event.preventDefault();
    slider.value = +slider.value + 0.01;
    write();
  });
  slider.addEventListener("pointermove", (event) => ((slider.value = event.clientX / 100), write()));
</script>"""


@dataclass
class Figures:
    """Milliseconds of each move, and CPU milliseconds of the main thread, by part."""

    echoed: list[float] = field(default_factory=list)
    painted: list[float] = field(default_factory=list)
    # How quick the machine was before and after each of them.
    readings: list[tuple[Reading, Reading]] = field(default_factory=list)
    parts: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)

    def add(self, move: dict[str, float], before: Reading, after: Reading) -> None:
        self.echoed.append(move["echoed"] - move["event"])
        self.painted.append(move["painted"] - move["event"])
        self.readings.append((before, after))
        stages = [stage for stage in ("event", "sent", "received", "applied", "painted") if stage in move]
        for start, end in pairwise(stages):
            self.parts.setdefault(f"{start}→{end}", []).append(move[end] - move[start])

    def idle(self) -> list[float]:
        """The moves before and after which the machine was idle."""
        return [
            painted
            for painted, readings in zip(self.painted, self.readings, strict=True)
            if all(map(GAUGE.idle, readings))
        ]


def main() -> None:
    with ours() as port, sync_playwright() as playwright:
        browser = chromium(playwright)
        for kind in KINDS:
            measure(browser, port, kind)
        browser.close()


def chromium(playwright: Playwright) -> Browser:
    """The browser that is measured, which CHROMIUM names; whoever measures has the lowest priority from then on."""
    browser = playwright.chromium.launch(
        executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
        args=["--no-sandbox"] if os.geteuid() == 0 else [],
    )
    stand_back()
    return browser


def stand_back() -> None:
    """Whoever measures, this process and playwright's, gives way to the page and its server: they share few cores.

    Nobody may take that back, so that this process can measure nothing else after it. Without /proc, as on macOS,
    playwright's stays as it is.
    """
    mine = os.getpid()
    children = Path(f"/proc/{mine}/task/{mine}/children")
    for process in map(int, children.read_text().split() if children.exists() else ()):
        if Path(f"/proc/{process}/comm").read_text().startswith("node"):
            os.setpriority(os.PRIO_PROCESS, process, 19)
    os.nice(19)


def measure(browser: Browser, port: int, kind: str) -> None:
    """All pages with one kind of move, a round of each in turn, and never two open at once: as whoever reads has it."""
    links = {"empty page": (None, 0)} | {name: (address(port, sizes), sum(sizes)) for name, sizes in SIZES.items()}
    found, first = ({name: Figures() for name in links} for _ in range(2))
    for _ in range(ROUNDS):
        for name, (url, neurons) in links.items():
            page = opened(browser, url, neurons)
            moved(page, kind, WARM_UP, first[name])
            moved(page, kind, MOVES, found[name], PATIENCE)
            page.context.close()
    report(kind, found, first)


def address(port: int, sizes: tuple[int, ...]) -> str:
    """A link to a drawn network: tanh, so that every move changes every number."""
    drawn = [
        {"n": "", "a": "tanh", "w": layer["weights"].ravel().tolist(), "b": layer["biases"].tolist()}
        for layer in layers(sizes)
    ]
    text = json.dumps({"i": [0.1] * sizes[0], "l": drawn})
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = deflate.compress(text.encode()) + deflate.flush()
    return f"http://127.0.0.1:{port}/en/#v1.{base64.urlsafe_b64encode(packed).decode().rstrip('=')}"


def opened(browser: Browser, url: str | None, neurons: int) -> Page:
    """A page at rest, its first slider focused."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script(PROBE)
    if url is None:
        page.goto("about:blank")
        page.set_content(EMPTY)
        page.evaluate(PROBE)
    else:
        page.goto(url)
        page.wait_for_function(
            "count => document.querySelectorAll('[data-neuron][data-value]').length === count", arg=neurons
        )
    page.evaluate("served => frames_watch(served ? '.neurons' : '#answer', served)", url is not None)
    page.wait_for_timeout(1500)
    return page


def moved(page: Page, kind: str, count: int, figures: Figures, patience: float = 0, place: str | None = None) -> None:
    """`count` moves of the page's first slider, each after the one before was painted, at no fixed pace.

    They wait for an idle machine for `patience` seconds, all together. `place` selects another slider.
    """
    slider = page.locator(place or PLACES[kind]).first
    slider.focus()
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    # There and back again, towards the middle first: at its end a slider does not move.
    there, back = ("ArrowRight", "ArrowLeft")
    if kind != "drag" and slider.evaluate("each => each.valueAsNumber > (Number(each.min) + Number(each.max)) / 2"):
        there, back = back, there
    box = slider.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    x = box["x"] + box["width"] * 0.3
    if kind == "drag":
        page.mouse.move(x, y)
        page.mouse.down()
    pause()
    for number in range(count):
        began = time.monotonic()
        quick = GAUGE.wait(began + patience)
        patience -= time.monotonic() - began
        page.evaluate("() => { window.frames_done = null; window.frames_armed = true; }")
        before = cpu(session)
        if kind != "drag":
            page.keyboard.down(there if number % 10 < 5 else back)
        else:
            page.mouse.move(x + 3 + number % 40, y)
        time.sleep(UNASKED)
        page.wait_for_function("() => window.frames_done", polling=100)
        for name, spent in cpu(session).items():
            figures.cpu.setdefault(name, []).append(spent - before[name])
        move = page.evaluate("() => window.frames_done")
        if kind != "drag":
            page.keyboard.up(there if number % 10 < 5 else back)
        # By then the page rests: what it does after a move is its own and nobody else's.
        pause()
        figures.add(move, quick, GAUGE.read())
    if kind == "drag":
        page.mouse.up()
    session.detach()


def pause() -> None:
    time.sleep(random.uniform(0.03, 0.06))


def cpu(session: CDPSession) -> dict[str, float]:
    """The main thread's CPU time since the page began, in milliseconds, and how often it styled and laid out."""
    names = {
        "ScriptDuration": "script",
        "RecalcStyleDuration": "style",
        "LayoutDuration": "layout",
        "TaskDuration": "all",
    }
    counts = {"RecalcStyleCount": "styles", "LayoutCount": "layouts"}
    found = {}
    for metric in session.send("Performance.getMetrics")["metrics"]:
        if metric["name"] in names:
            found[names[metric["name"]]] = metric["value"] * 1000
        elif metric["name"] in counts:
            found[counts[metric["name"]]] = metric["value"]
    return found


def report(kind: str, found: dict[str, Figures], first: dict[str, Figures]) -> None:
    least = found["empty page"]
    print(f"\n{kind}: {len(least.painted)} moves of each; ms from the event, p50 / p95, × the empty page's")
    print("CPU: ms of the main thread for a move, p50, its probing included\n")
    for name, figures in found.items():
        p50, p95 = (at(figures.painted, q) / at(least.painted, q) for q in (50, 95))
        print(f"{name:14}  painted {both(figures.painted)}  × {p50:.2f} / {p95:.2f}   own echo {both(figures.echoed)}")
        idle = figures.idle()
        print(f"                on an idle machine, {len(idle)} of them: {both(idle) if len(idle) > 1 else '-'}")
        print("                " + "  ".join(f"{part} {both(spent)}" for part, spent in figures.parts.items()))
        print(f"                a page's first {WARM_UP} moves: {both(first[name].painted)}")
        print("                CPU: " + "  ".join(f"{part} {at(spent, 50):.1f}" for part, spent in figures.cpu.items()))


def both(values: list[float]) -> str:
    return f"{at(values, 50):.1f} / {at(values, 95):.1f}"


def at(values: list[float], percent: int) -> float:
    """A percentile."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
