"""Over 16 KB/s each way nothing that a person did is lost, and what is sent is what is different."""

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from playwright.sync_api import Page, Route, WebSocket, expect

from adelante.network.forward import forward
from adelante.network.presets import chain_named
from tests.browser.studio_page import Wire, control, has_sizes, live, shows_what_torch_gives
from tests.slow_line import SlowLine

SLOW = 16 * 1024
FAST = 1e9
SIZES = [25, 50, 20, 1]


@pytest.fixture
def line(server_url: str) -> Iterator[SlowLine]:
    """To be made slow by the test: how long the page itself loads is another question."""
    with SlowLine(int(server_url.rpartition(":")[2]), FAST).open() as line:
        yield line


class Sent:
    """The commands that the page sent over its live socket. To be made before the page is opened."""

    def __init__(self, page: Page) -> None:
        self.commands: list[dict[str, Any]] = []
        self.sizes: list[int] = []
        page.on("websocket", self._listen)

    def clear(self) -> None:
        self.commands.clear()
        self.sizes.clear()

    @property
    def ops(self) -> list[str]:
        """What was said of the network: what is watched is another thing."""
        return [command["op"] for command in self.commands if command["op"] != "watch"]

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", self._keep)

    def _keep(self, frame: str | bytes) -> None:
        self.commands.append(json.loads(frame))
        self.sizes.append(len(frame))


def large(path: Path) -> dict[str, Any]:
    """A file of 2,270 weights."""
    generator = torch.Generator().manual_seed(5)
    layers = [
        {
            "weights": (torch.randn(n_in, n_out, generator=generator) / n_in**0.5).tolist(),
            "biases": torch.randn(n_out, generator=generator).tolist(),
            "activation": "tanh",
        }
        for n_in, n_out in pairwise(SIZES)
    ]
    document = {"layers": layers, "inputs": torch.randn(SIZES[0], generator=generator).tolist()}
    path.write_text(json.dumps(document))
    return document


def open_file(page: Page, path: Path) -> None:
    page.locator("header input[type=file]").set_input_files(path)
    has_sizes(page, SIZES)


@pytest.mark.long
def test_steps_in_a_large_network_send_what_is_different(page: Page, line: SlowLine, tmp_path: Path) -> None:
    sent, wire = Sent(page), Wire(page)
    page.set_viewport_size({"width": 1400, "height": 900})
    document = large(tmp_path / "large.json")
    live(page, f"http://127.0.0.1:{line.port}/en/")
    open_file(page, tmp_path / "large.json")
    wire.settle()
    whole = len(json.dumps(document))
    line.rate = SLOW

    def step(does: str, sizes: list[int], op: str) -> None:
        sent.clear()
        up = line.up
        if "+" in does:
            page.keyboard.press(does)
        else:
            page.get_by_role("button", name=does).first.click()
        has_sizes(page, sizes)
        wire.settle()
        assert sent.ops == [op], does
        assert line.up - up < whole / 5, does

    wider = [SIZES[0], SIZES[1], SIZES[2] + 1, 1]
    step("Add a neuron: Hidden layer 2", wider, "reshape")
    step("Control+z", SIZES, "reshape")
    step("Control+Shift+z", wider, "reshape")
    step("Control+z", SIZES, "reshape")
    shows_what_torch_gives(page, document)


@pytest.mark.long
def test_flipping_to_what_is_pinned_sends_what_is_different(page: Page, line: SlowLine, tmp_path: Path) -> None:
    sent, wire = Sent(page), Wire(page)
    page.set_viewport_size({"width": 1400, "height": 900})
    document = large(tmp_path / "large.json")
    live(page, f"http://127.0.0.1:{line.port}/en/")
    open_file(page, tmp_path / "large.json")
    page.get_by_role("button", name="Pin to compare").click()
    expect(page.get_by_role("button", name=re.compile("^Flip"))).to_be_visible()
    page.get_by_role("button", name="Add a neuron: Hidden layer 2").first.click()
    has_sizes(page, [SIZES[0], SIZES[1], SIZES[2] + 1, 1])
    wire.settle()
    line.rate = SLOW
    sent.clear()
    page.get_by_role("button", name=re.compile("^Flip")).click()
    has_sizes(page, SIZES)
    wire.settle()
    assert sent.ops == ["reshape"]
    assert sum(sent.sizes) < len(json.dumps(document)) / 5
    shows_what_torch_gives(page, document)


@pytest.mark.long
def test_what_was_done_while_the_line_was_slow_is_there_in_the_end(page: Page, line: SlowLine) -> None:
    """Every key of a hand that does not wait counts, and no answer comes long after the hand rests."""
    wire = Wire(page)
    page.set_viewport_size({"width": 1400, "height": 900})
    live(page, f"http://127.0.0.1:{line.port}/en/?preset=xor")
    wire.settle()
    line.rate = SLOW / 8
    slider = control(page, "x1")
    slider.focus()
    for _ in range(120):
        slider.press("ArrowRight")
    expected = float(slider.get_attribute("data-value") or "nan")
    page.wait_for_function("() => document.querySelector('.stale') === null", timeout=30_000)
    wire.settle()
    preset = chain_named("xor")
    inputs = torch.tensor([expected, preset.inputs[1].item()])
    y = forward(preset.network, inputs).outputs.item()
    page.wait_for_function(
        "([x, y]) => [['0.0', x], ['2.0', y]].every(([neuron, value]) =>"
        " Math.abs(Number(document.querySelector(`[data-neuron='${neuron}']`).dataset.value) - value) < 1e-5)",
        arg=[expected, y],
        timeout=3000,
    )


@pytest.mark.long
def test_a_large_network_is_there_again_after_the_line_was_cut(page: Page, line: SlowLine, tmp_path: Path) -> None:
    """What was done meanwhile is in it, and the page says that it waits, not that all is well."""
    document = large(tmp_path / "large.json")
    wire = Wire(page)
    page.set_viewport_size({"width": 1400, "height": 900})
    live(page, f"http://127.0.0.1:{line.port}/en/")
    open_file(page, tmp_path / "large.json")
    wire.settle()
    line.rate = SLOW
    line.cut()
    expect(page.get_by_text("your values are safe").first).to_be_visible()
    document["inputs"][0] = 2.5
    field = page.get_by_label("Value of x1", exact=True)
    field.fill("2.5")
    field.press("Enter")
    shows_what_torch_gives(page, document)


@pytest.mark.long
@pytest.mark.usefixtures("context")
def test_what_takes_its_time_to_come_is_announced(page: Page, server_url: str) -> None:
    """A file's reader, another network's page, and that page's scripts."""
    held: list[Route] = []
    page.add_init_script("window.requestIdleCallback = () => 0;")
    live(page, f"{server_url}/es/")
    # What runs before the page is drawn is small.
    page.route(re.compile(r"/(?!early)[^/]*\.js$"), lambda route: held.append(route))
    said = page.locator("footer .change")
    page.locator("input[type=file]").first.set_input_files(
        {"name": "mi red.csv", "mimeType": "text/csv", "buffer": b"1,2,3\n"}
    )
    expect(said).to_have_text(re.compile(r"^\s*Abriendo mi red\.csv…\s*$"))
    for _ in range(5):
        while held:
            held.pop().continue_()
        page.wait_for_timeout(100)
    expect(page.locator("[role=tabpanel] textarea")).to_be_visible()
    expect(said).not_to_contain_text("Abriendo")

    text = page.get_by_label("Red", exact=True).evaluate(
        """async select => {
          select.value = "digits-conv";
          select.dispatchEvent(new Event("change", { bubbles: true }));
          await Promise.resolve();
          return document.querySelector("footer .change").textContent.trim();
        }"""
    )
    assert text == "Abriendo Cifras, por convolución…"
    words = page.get_by_text("El diagrama está en camino…")
    expect(words).to_be_visible()
    expect(page.get_by_text("El diagrama no ha arrancado")).to_be_hidden()
    expect(words).to_be_hidden(timeout=12_000)
    expect(page.get_by_text("El diagrama no ha arrancado")).to_be_visible()
