"""What a test of the studio reads from the page, and what torch makes of the same network."""

import base64
import json
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from playwright.sync_api import Locator, Page, WebSocket

Values = dict[str, float]

NEURONS = "els => Object.fromEntries(els.map(e => [e.dataset.neuron, Number(e.dataset.value)]))"
EDGES = "els => Object.fromEntries(els.map(e => [e.dataset.edge, Number(e.dataset.value)]))"
FUNCTIONS = {"identity": lambda z: z, "sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}


def live(page: Page, url: str) -> None:
    """Opens the page and waits until the studio stands."""
    page.goto(url)
    page.wait_for_function("() => document.querySelectorAll('[data-neuron]').length > 0")


class Wire:
    """What was last sent over the live socket and what was last answered. To be made before the page is opened."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._sent = self._answered = -1
        page.on("websocket", self._listen)

    def settle(self) -> None:
        """Waits until the newest change is answered and painted."""
        for _ in range(500):
            if self._answered >= self._sent:
                break
            self._page.wait_for_timeout(20)
        self._page.wait_for_timeout(60)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", self._was_sent)
        socket.on("framereceived", self._was_answered)

    def _was_sent(self, frame: str | bytes) -> None:
        self._sent = json.loads(frame)["seq"]

    def _was_answered(self, frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            self._answered = max(self._answered, int.from_bytes(frame[:4], "little"))


def rested(page: Page) -> None:
    """Waits until the page shows the newest move, which may be held for 12 ms, or for a frame before it is made."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 40)))")


def neurons(page: Page) -> Values:
    values: Values = page.locator("[data-neuron]").evaluate_all(NEURONS)
    return values


def edges(page: Page) -> Values:
    values: Values = page.locator("[data-edge]").evaluate_all(EDGES)
    return values


def sizes(page: Page) -> list[int]:
    layers = [int(name.split(".")[0]) for name in neurons(page)]
    return [layers.count(k) for k in range(max(layers) + 1)]


def has_sizes(page: Page, expected: list[int]) -> None:
    """Waits until the diagram has layers of these sizes and every neuron a value."""
    page.wait_for_function(
        """sizes => {
          const all = [...document.querySelectorAll("[data-neuron]")];
          const count = k => all.filter(e => e.dataset.neuron.startsWith(`${k}.`)).length;
          return all.length === sizes.reduce((a, b) => a + b) && sizes.every((n, k) => count(k) === n)
            && all.every(e => e.dataset.value !== undefined);
        }""",
        arg=expected,
    )


def with_full_layer(page: Page, url: str) -> None:
    """Opens the page in English and makes its 3-2-1 network a 3-10-1, whose neurons are too small for names."""
    page.set_viewport_size({"width": 1400, "height": 900})
    live(page, f"{url}/en/")
    for count in range(3, 11):
        page.get_by_role("button", name="Add a neuron: Hidden layer").click()
        has_sizes(page, [3, count, 1])


def address_once(page: Page, says: Callable[[dict[str, Any]], bool]) -> str:
    """The address, once the scene that it packs is the awaited one: while it follows, it has older ones."""
    for _ in range(200):
        packed = page.evaluate("location.hash").partition("#v1.")[2]
        deflated = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        if packed and says(json.loads(zlib.decompress(deflated, wbits=-zlib.MAX_WBITS))):
            return str(page.evaluate("location.href"))
        page.wait_for_timeout(50)
    raise AssertionError(f"the address never said it: {page.evaluate('location.href')}")


def control(page: Page, name: str) -> Locator:
    """The slider of this name; a weight's or bias's layer may be left out."""
    layer = r"(?: (?:of layer|de la capa) \d+)?"
    return page.locator("input[type=range]").and_(page.get_by_label(re.compile(rf"\b{re.escape(name)}{layer}$")))


def exported(page: Page, kind: str, called: str | None = None) -> Path:
    """The download of this kind, `called` in full or as the network that is open and its kind."""
    page.get_by_role("button", name="Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile(rf"^{kind}", re.IGNORECASE)).click()
    name = download.value.suggested_filename
    assert name == called if called is not None else name.endswith(f".{kind}")
    return Path(download.value.path())


def outputs_of(document: dict[str, Any]) -> list[list[float]]:
    """Torch's activations of a network {"layers", "inputs"}: the inputs, then every layer."""
    a = torch.tensor(document["inputs"], dtype=torch.float32)
    found = [a.tolist()]
    for layer in document["layers"]:
        weights, biases = (torch.tensor(layer[name], dtype=torch.float32) for name in ("weights", "biases"))
        z = a @ weights + biases
        a = FUNCTIONS[layer["activation"]](z)
        found.append(a.tolist())
    return found


def shows_what_torch_gives(page: Page, document: dict[str, Any]) -> None:
    """Waits for the last output, then compares every neuron of the diagram with torch's pass over the document."""
    expected = {f"{k}.{j}": v for k, layer in enumerate(outputs_of(document)) for j, v in enumerate(layer)}
    last = f"{len(document['layers'])}.0"
    page.wait_for_function(
        """([neuron, y]) => Math.abs(Number(document.querySelector(neuron)?.dataset.value) - y) < 1e-6""",
        arg=[f"[data-neuron='{last}']", expected[last]],
    )
    assert neurons(page) == pytest.approx(expected, abs=1e-6)
