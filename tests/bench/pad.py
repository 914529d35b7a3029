"""A pen's stroke on the pad, beside a move of the 3-2-1 network: over the live socket, and to the painted frame.

    CHROMIUM=… python -m tests.bench pad

Moves and strokes take turns, so that what else the machine does meets both. A stroke grows point by point, as a hand
draws it, and begins anew after sixty.
"""

import asyncio
import json
import math
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import websockets
from playwright.sync_api import Browser, FloatRect, Page, TimeoutError, sync_playwright
from websockets.asyncio.client import ClientConnection

from adelante.network.presets import preset_named
from tests.bench.frames import PROBE, both, chromium, pause
from tests.bench.servers import ours

NAMES = ("digits", "digits-conv", "digits-large")
WANTED = 2.5
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
MOVES = int(os.environ.get("BENCH_MOVES", "40"))
WARM_UP = 20
POINTS = 60
_PATIENCE_MS = 1_500


def main() -> None:
    """A row for each network: p50 / p95 in ms of both, and the ratio of the medians."""
    with ours() as port:
        print(f"ms, p50 / p95: a move of 3-2-1, a stroke, the ratio of the medians (wanted: at most {WANTED})")
        for name in NAMES:
            report(f"{name}, socket", *asyncio.run(over_socket(port, name)))
        # Playwright has an event loop of its own.
        with sync_playwright() as playwright:
            browser = chromium(playwright)
            for name in NAMES:
                report(f"{name}, painted", *on_page(browser, port, name))
            browser.close()


def report(what: str, moves: list[float], strokes: list[float]) -> None:
    ratio = statistics.median(strokes) / statistics.median(moves)
    print(
        f"{what:24s} {both(moves):>14s} {both(strokes):>14s}  × {ratio:.2f}  load {os.getloadavg()[0]:.1f}", flush=True
    )


def point(number: int) -> tuple[float, float]:
    """Along a circle in the middle of the pad."""
    return round(0.5 + 0.3 * math.cos(number / 10), 3), round(0.5 + 0.3 * math.sin(number / 10), 3)


async def over_socket(port: int, name: str) -> tuple[list[float], list[float]]:
    """From a command to the frame that answers it."""
    address = f"ws://127.0.0.1:{port}/api/v1/live"
    async with websockets.connect(address) as chain, websockets.connect(address) as pictures:
        await answered(chain, 1, {"op": "open", "network": "multilayer", "inputs": [0.5, -0.5, 1.0]})
        start = preset_named(name).inputs.tolist()
        await answered(pictures, 1, {"op": "open", "network": name, "inputs": start})
        moves, strokes = [], []
        for k in range(WARM_UP + ROUNDS * MOVES):
            change = {"input": 0, "value": k % 7 / 10}
            moves.append(await answered(chain, k + 2, {"op": "set", "changes": [change]}))
            drawn = [point(each) for each in range(k % POINTS + 1)]
            stroke = {"tensor": "inputs", "strokes": [drawn]}
            strokes.append(await answered(pictures, k + 2, {"op": "set", "changes": [stroke]}))
            await asyncio.sleep(0.02)
    return moves[WARM_UP:], strokes[WARM_UP:]


async def answered(socket: ClientConnection, seq: int, command: dict[str, Any]) -> float:
    """Milliseconds until the command's frame is there."""
    began = time.perf_counter()
    await socket.send(json.dumps({"seq": seq} | command))
    while True:
        message = await socket.recv()
        if isinstance(message, str):
            assert "problem" not in message, message
        elif int.from_bytes(message[:4], "little") == seq:
            return 1e3 * (time.perf_counter() - began)


def on_page(browser: Browser, port: int, name: str) -> tuple[list[float], list[float]]:
    """From the event to the painted frame with the answer; both pages are open, and one is worked on at a time."""
    root = f"http://127.0.0.1:{port}/en/"
    chain = opened(browser, root, "[data-neuron][data-value]", "() => frames_watch('.neurons', true)")
    watch = "() => frames_watch('[data-diagram]', true, 'data-outputs')"
    pictures = opened(browser, f"{root}?network={name}", "[data-diagram][data-outputs]", watch)
    chain.locator("input[type=range]").first.focus()
    box = pictures.locator(".pad").bounding_box()
    assert box is not None
    moves, strokes = [], []
    for k in range(WARM_UP + ROUNDS * MOVES):
        chain.bring_to_front()
        pause()
        move = painted(chain, lambda k=k: chain.keyboard.press("ArrowRight" if k % 40 < 20 else "ArrowLeft"))  # type: ignore[misc]
        moves += [] if move is None else [move]
        pictures.bring_to_front()
        x, y = point(k % POINTS)
        place = box["x"] + x * box["width"], box["y"] + y * box["height"]
        if k % POINTS == 0:
            pictures.mouse.up()
            begin_stroke(pictures, box)
            continue
        pause()
        stroke = painted(pictures, lambda place=place: pictures.mouse.move(*place))  # type: ignore[misc]
        strokes += [] if stroke is None else [stroke]
    for page in (chain, pictures):
        page.context.close()
    return moves[WARM_UP:], strokes[WARM_UP:]


def begin_stroke(page: Page, box: FloatRect) -> None:
    """Puts the pen down and draws so much that every further point makes another picture."""
    for k in range(-POINTS // 4, 1):
        x, y = point(k)
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        page.mouse.down()
    page.wait_for_timeout(300)


def opened(browser: Browser, address: str, ready: str, watch: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script(PROBE)
    page.goto(address)
    page.wait_for_selector(ready)
    page.evaluate(watch)
    page.wait_for_timeout(1500)
    return page


def painted(page: Page, act: Callable[[], object]) -> float | None:
    """Milliseconds from the event that `act` makes to the frame that shows the answer to it.

    None where no number became another: two points may make one picture of 8x8.
    """
    page.evaluate("() => { window.frames_done = null; window.frames_armed = true; }")
    act()
    try:
        page.wait_for_function("() => window.frames_done", polling=50, timeout=_PATIENCE_MS)
    except TimeoutError:
        return None
    move = page.evaluate("() => window.frames_done")
    return float(move["painted"] - move["event"])
