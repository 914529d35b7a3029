"""Networks of every size and kind on the page, beside the 3-2-1 network in the same run, in headless Chromium.

How long from the file to the first picture, how long a move takes, what the page's process keeps, and the longest that
its main thread was held. `DRAWING=words` chooses among the networks, `BENCH_ROUNDS` and `BENCH_MOVES` how much is
measured; `BESIDE=folder` names another checkout whose studio draws 3-2-1, 8 × 6 and 32 × 6 in turns with this one's.
"""

import json
import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright

from adelante.formats.tensors import tensors_to_safetensors
from tests.bench.drawn_modules import ResNet18, Transformer, file_of
from tests.bench.frames import PROBE, SIZES, Figures, address, at, both, chromium, moved, opened
from tests.bench.servers import JSON, dump, inputs, layers, post
from tests.server import Server

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
MOVES = int(os.environ.get("BENCH_MOVES", "30"))
WARM_UP = int(os.environ.get("BENCH_WARM_UP", "20"))
# So many moves of one page, then as many of the other.
IN_TURN = 10
CHOSEN = os.environ.get("DRAWING", "").split()
SAFETENSORS = "application/vnd.safetensors"
# Milliseconds in which a page comes to rest.
REST_MS = 500
# So often each way.
UNFOLDED = 3
# What is folded, and more than numbers that are only put elsewhere.
CARD = "[data-card].card:not(.moves)"
# A hand that points at something presses it no sooner than this.
POINTED_MS = 200
# Milliseconds; a frame is not waited for beyond it.
PATIENCE = 120_000
TASKS = """
window.longest = 0;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
}).observe({ type: "longtask", buffered: true });
"""
# Milliseconds from the page's start until its layers and cards stand there, before any number does.
LAID = """
window.laid = null;
const watched = new MutationObserver(() => {
  if (!document.querySelector("[data-body], [data-card], [data-neuron]")) return;
  watched.disconnect();
  requestAnimationFrame(() => (window.laid = performance.now()));
});
watched.observe(document, { childList: true, subtree: true });
"""
SHOWN = """() => Number(document.querySelector("[data-diagram]")?.dataset.painted) > 0
  || document.querySelector("[data-neuron][data-value]:not([data-value=''])") !== null"""
SLIDER = "input[type=range]:visible"


@dataclass
class Drawn:
    """What was seen of one network, a value a round: milliseconds, but for memory, which is in MB."""

    opening: list[float] = field(default_factory=list)
    taking: list[float] = field(default_factory=list)
    laid: list[float] = field(default_factory=list)
    links: list[float] = field(default_factory=list)
    tasks: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    # By what is said of them: the first, those after it, and those of a card that was not pointed at.
    unfolding: dict[str, list[float]] = field(default_factory=dict)
    # By kind, this network's moves and the 3-2-1 network's in turns with them.
    moves: dict[str, tuple[Figures, Figures]] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """A kind of move: what gets its slider, and which of the 3-2-1 network's moves is beside it."""

    select: Callable[[Page], str | None]
    by: str = "key"
    beside: str = "key"


def main() -> None:
    server = Server()
    server.start()
    try:
        with sync_playwright() as playwright:
            browser = chromium(playwright)
            compare(browser, server.port)
            if os.environ.get("BESIDE"):
                beside(browser, server.port, os.environ["BESIDE"])
            browser.close()
    finally:
        server.stop()


def compare(browser: Browser, port: int) -> None:
    """Every network in turn, a round of all, and the 3-2-1 network first in each."""
    files: dict[str, Callable[[], Any]] = {"3-2-1": lambda: chain((3, 2, 1))} | {
        name: file for name, file in FILES.items() if not CHOSEN or any(word in name for word in CHOSEN)
    }
    found = {name: Drawn() for name in files}
    for round_ in range(1, ROUNDS + 1):
        for name, file in files.items():
            draw(browser, port, file(), found[name])
            print(f"{name}: {found[name].opening[-1]:.0f} ms to the first picture", flush=True)
        # After each round, since all of them take long: who stops it then has what was seen.
        report(found, round_)


def draw(
    browser: Browser,
    port: int,
    file: tuple[bytes, str, list[float]] | str,
    drawn: Drawn,
    kinds: Mapping[str, Kind] | None = None,
) -> None:
    """One network: sent, opened, looked at, moved in these ways (left out: in all)."""
    began = time.monotonic()
    if isinstance(file, str):
        ident = file
    else:
        body, kind, first = file
        ident = json.loads(post(port, "/api/v1/networks", body, kind)[0])["id"]
    sent = time.monotonic()
    if not isinstance(file, str):
        post(port, "/api/v1/forward", dump({"network": ident, "inputs": first, "return": "outputs"}))
        drawn.taking.append(1000 * (time.monotonic() - began))
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script(PROBE + TASKS + LAID)
    opening = time.monotonic()
    page.goto(f"http://127.0.0.1:{port}/en/?network={ident}", wait_until="commit")
    page.wait_for_function(SHOWN, timeout=PATIENCE)
    drawn.opening.append(1000 * (sent - began + time.monotonic() - opening))
    drawn.laid.append(1000 * (sent - began) + page.evaluate("() => window.laid"))
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-drawn]')].every(({ dataset }) => dataset.drawn === '1')",
        timeout=PATIENCE,
    )
    drawn.links.append(1000 * (time.monotonic() - opening))
    page.wait_for_timeout(1500)
    move_all(browser, port, page, drawn, kinds or KINDS)
    if cards_in_sight(page):
        for name, spent in unfold(page).items():
            drawn.unfolding.setdefault(name, []).append(spent)
    drawn.tasks.append(page.evaluate("() => window.longest"))
    drawn.memory.append(memory(browser, page))
    page.context.close()


def move_all(browser: Browser, port: int, page: Page, drawn: Drawn, kinds: Mapping[str, Kind]) -> None:
    """Moves of every kind that the page has, a few at a time in turns with the 3-2-1 network's: in the same load."""
    watch(page)
    least = opened(browser, address(port, SIZES["3-2-1"]), sum(SIZES["3-2-1"]))
    for name, kind in kinds.items():
        place = kind.select(page)
        if place is None:
            continue
        page.wait_for_timeout(300)
        figures, beside = drawn.moves.setdefault(name, (Figures(), Figures()))
        moved(page, kind.by, WARM_UP, Figures(), place=place)
        moved(least, kind.beside, WARM_UP, Figures())
        for _ in range(-(-MOVES // IN_TURN)):
            moved(page, kind.by, IN_TURN, figures, place=place)
            moved(least, kind.beside, IN_TURN, beside)
    least.context.close()


def watch(page: Page) -> None:
    """Has the page's probe see what is painted: by the diagram's own count, or in the dense studio by its neurons."""
    page.evaluate(
        """() => document.querySelector("[data-diagram][data-painted]")
          ? frames_watch("[data-diagram]", true, "data-painted") : frames_watch(".neurons", true)"""
    )


def cards_in_sight(page: Page) -> bool:
    """Goes along the network until a module's card is drawn, or folds a module; whether there is one."""
    cards = page.locator(CARD)
    for _ in range(30):
        if cards.count() > 0 or page.locator("[data-body]").count() == 0:
            break
        page.locator("[data-body]").last.evaluate("(body) => body.scrollIntoView({ inline: 'start' })")
        page.wait_for_timeout(300)
    unfolded = page.locator("[data-card][aria-expanded=true]")
    if cards.count() == 0 and unfolded.count() > 0:
        unfolded.last.click()
        page.wait_for_timeout(REST_MS)
    return cards.count() > 0


def unfold(page: Page) -> dict[str, float]:
    """From the press of a module's card to the picture of what is in it, in ms; where that is cards, of one of them.

    Pressed as it is by hand, once it is pointed at, and by a click that comes out of nowhere. Each comes once the page
    is at rest, as a move's key does: what is left to do of the moves, or of the card before, is not counted. Moves are
    measured after the first of their kind, and so are these; the first is told by itself.
    """
    page.wait_for_timeout(REST_MS)
    id = page.locator(CARD).first.get_attribute("data-card")
    first = _unfold(page, CARD, pointed=True)
    inner = page.locator(f"{CARD}[data-card*='.']")
    if "." not in (id or "") and inner.count() > 0:
        page.wait_for_timeout(REST_MS)
        id = inner.first.get_attribute("data-card")
        first = _unfold(page, f'[data-card="{id}"]', pointed=True)
    times: dict[bool, list[float]] = {True: [], False: []}
    for pointed in (True, False) * UNFOLDED:
        page.wait_for_timeout(REST_MS)
        page.locator(f'[data-card="{id}"][aria-expanded=true]').click()
        page.mouse.move(1, 1)
        page.wait_for_timeout(REST_MS)
        times[pointed].append(_unfold(page, f'[data-card="{id}"]', pointed=pointed))
    return {
        "the first unfolding": first,
        "unfolding": statistics.median(times[True]),
        "unfolding, not pointed at": statistics.median(times[False]),
    }


def _unfold(page: Page, card: str, *, pointed: bool) -> float:
    if pointed:
        page.locator(card).first.hover()
        page.wait_for_timeout(POINTED_MS)
    return float(
        page.evaluate(
            """(card) => new Promise((done) => {
              const began = performance.now();
              // After the painting of the frame that counts the picture, as a move is measured.
              const { port1, port2 } = new MessageChannel();
              port1.onmessage = () => done(performance.now() - began);
              const counted = new MutationObserver(() => (counted.disconnect(), port2.postMessage(null)));
              counted.observe(document.querySelector("[data-diagram]"), { attributeFilter: ["data-painted"] });
              document.querySelector(card).click();
            })""",
            card,
        )
    )


def select_input(page: Page) -> str | None:
    """The first input's cell."""
    body = page.locator('[data-body="0"]')
    if body.count() == 0:
        return SLIDER
    body.first.focus()
    for key in ("Home", "Enter"):
        page.keyboard.press(key)
    return waited(page, ".inputs input[type=range]:visible")


def select_weight(page: Page) -> str | None:
    """A weight, picked where edges or a kernel are drawn."""
    kernel, link = page.locator("[data-kernel]"), page.locator("[data-link]")
    if kernel.count() == 0 and link.count() == 0:
        return None
    box = (kernel if kernel.count() > 0 else link).first.bounding_box()
    assert box is not None
    for part in (0.5, 0.4, 0.6, 0.3, 0.7):
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] * part)
        # What was selected before stays on screen until the server has told of this one.
        if found := waited(page, "h2[data-cell*='weights'] ~ .story .given ~ .row input[type=range]"):
            page.mouse.move(0, 0)
            return found
    return None


def select_output(page: Page) -> str | None:
    """A weight of the sum that is open in the inspector: the last body's first cell is looked at."""
    body = page.locator("[data-body]").last
    if body.count() == 0:
        return None
    body.focus()
    for key in ("Home", "Enter"):
        page.keyboard.press(key)
    if not waited(page, f".inspector h2[data-cell^='{body.get_attribute('data-tensor')}[']"):
        return None
    return waited(page, ".inspector ul input[type=range]")


def waited(page: Page, selector: str) -> str | None:
    try:
        page.wait_for_selector(selector, timeout=3000)
    except TimeoutError:
        return None
    return selector


def memory(browser: Browser, page: Page) -> float:
    """What the page's process has for itself, in MB, after its garbage was collected."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.detach()
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    return sum(private(each["id"]) for each in processes if each["type"] == "renderer") / 1024


def private(process: int) -> float:
    """Kilobytes that no other process shares."""
    with open(f"/proc/{process}/smaps_rollup") as file:
        return sum(float(line.split()[1]) for line in file if line.startswith(("Private_Clean", "Private_Dirty")))


def report(found: dict[str, Drawn], rounds: int) -> None:
    least = found["3-2-1"]
    print(f"\n{rounds} of {ROUNDS} rounds; medians, and × the 3-2-1 network's of the same round\n", flush=True)
    for name, drawn in found.items():
        print(name)
        tell("file to first picture, ms", drawn.opening, least.opening)
        tell("page to all links, ms", drawn.links, least.links)
        tell("memory, MB", drawn.memory, least.memory)
        if drawn.taking:
            tell("until its layers stand / server, ms", drawn.laid, drawn.taking)
            tell("until the picture / server, ms", drawn.opening, drawn.taking)
        print(f"  {'longest task, ms':36}{max(drawn.tasks):9.0f}")
        if drawn.unfolding:
            move = at(least.moves["input"][0].painted, 50)
            for what, times in drawn.unfolding.items():
                tell(f"{what} / a move", times, [move] * len(times))
        for kind, (figures, own) in drawn.moves.items():
            p50, p95 = (at(figures.painted, q) / at(own.painted, q) for q in (50, 95))
            print(f"  {f'a move of {kind}, p50 / p95, ms':36}  {both(figures.painted)}   × {p50:.2f} / {p95:.2f}")
            print("      " + "  ".join(f"{part} {both(spent)}" for part, spent in figures.parts.items()))
            print("      CPU: " + "  ".join(f"{part} {at(spent, 50):.1f}" for part, spent in figures.cpu.items()))


def tell(what: str, values: list[float], others: list[float]) -> None:
    """The middle of some values, and each as so many times another."""
    ratios = [own / other for own, other in zip(values, others, strict=True)]
    all_of_them = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    print(f"  {what:36}{statistics.median(values):9.0f}   × {statistics.median(ratios):.2f} ({all_of_them})")


def beside(browser: Browser, port: int, folder: str) -> None:
    """The dense studio of today and that of another checkout, in turns."""
    other = Server(folder=folder)
    other.start()
    try:
        for name, sizes in SIZES.items():
            found = {"here": Figures(), "there": Figures()}
            for _ in range(ROUNDS):
                for where, figures in found.items():
                    page = opened(browser, address(port if where == "here" else other.port, sizes), sum(sizes))
                    moved(page, "key", WARM_UP, Figures())
                    moved(page, "key", MOVES, figures)
                    page.context.close()
            here, there = found["here"].painted, found["there"].painted
            ratios = " / ".join(f"{at(here, q) / at(there, q):.2f}" for q in (50, 95))
            print(f"{name}: here {both(here)}, there {both(there)}, × {ratios}")
    finally:
        other.stop()


# ---- the networks: a file, its type, and one input ----


def chain(sizes: tuple[int, ...]) -> tuple[bytes, str, list[float]]:
    """A dense chain, as text up to 200,000 weights."""
    first = inputs(1, sizes[0])[0].tolist()
    found = layers(sizes)
    if sum(a * b for a, b in pairwise(sizes)) < 200_000:
        return dump({"layers": found}), JSON, first
    named = {
        f"layers.{k}.{name}": torch.from_numpy(layer[name])
        for k, layer in enumerate(found)
        for name in ("weights", "biases")
    }
    return tensors_to_safetensors(named), SAFETENSORS, first


def convolution() -> tuple[bytes, str, list[Any]]:
    """Two convolutions over a picture of 28 × 28."""
    drawn = weights(11)
    network = {
        "input": {"shape": [1, 28, 28]},
        "layers": [
            {"name": "edges", "kind": "conv2d", "weights": drawn(8, 1, 3, 3), "padding": 1, "activation": "relu"},
            {"kind": "max_pool2d", "kernel_size": 2},
            {"name": "again", "kind": "conv2d", "weights": drawn(16, 8, 3, 3), "padding": 1, "activation": "relu"},
            {"kind": "max_pool2d", "kernel_size": 2},
            {"kind": "flatten"},
            {"name": "class", "weights": drawn(784, 10), "activation": "softmax"},
        ],
    }
    return dump(network), JSON, np.random.default_rng(1).random((1, 28, 28)).round(3).tolist()


def weights(seed: int) -> Callable[..., np.ndarray[Any, Any]]:
    generator = np.random.default_rng(seed)

    def drawn(*shape: int) -> np.ndarray[Any, Any]:
        fan = shape[0] if len(shape) == 2 else np.prod(shape[1:])
        found: np.ndarray[Any, Any] = (generator.standard_normal(shape) / np.sqrt(fan)).astype("f4")
        return found

    return drawn


# A pen's strokes are what `pad` measures.
KINDS = {
    "input": Kind(select_input),
    "weight": Kind(select_weight, beside="weight"),
    "inspected": Kind(select_output, beside="weight"),
}

# A preset by its name.
FILES: dict[str, Callable[[], tuple[bytes, str, list[Any]] | str]] = {
    "784-128-64-10": lambda: chain((784, 128, 64, 10)),
    "digits drawn by hand": lambda: "digits-large",
    "convolution 28×28": convolution,
    "transformer of 16 steps": lambda: file_of(Transformer, 16, 16),
    "resnet18": lambda: file_of(ResNet18, 3, 224, 224),
    "784-2000-10": lambda: chain((784, 2000, 10)),
    "2800-2800-2800": lambda: chain((2800, 2800, 2800)),
    **{f"edges {n * n:,}": partial(chain, (n, n)) for n in (10, 32, 100, 316, 1000)},
}
