"""Any network's page with a quick hand, on a slow line, with a server that is killed: what it comes to is torch's."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

import adelante
from adelante.network.presets import preset_named
from tests.browser.world_page import outputs, world
from tests.server import Server
from tests.slow_line import SlowLine

NAME = "digits-conv"
SLOW = 8 * 1024
FAST = 1e9


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server.warm()
    server.start()
    yield server
    server.stop()


def says_what_torch_gives(page: Page, value: float) -> None:
    """With this number as the first of the inputs; and the slider stands at it."""
    preset = preset_named(NAME)
    inputs = preset.inputs.clone()
    inputs.view(-1)[0] = value
    wanted = adelante.forward(preset.network, inputs)[preset.network.outputs[0]].flatten().tolist()
    page.wait_for_function(
        """wanted => {
          const found = document.querySelector('[data-diagram]').dataset.outputs.split(' ').map(Number);
          return wanted.every((value, k) => Math.abs(value - found[k]) < 1e-6);
        }""",
        arg=wanted,
        timeout=20_000,
    )
    assert outputs(page) == pytest.approx(wanted, abs=1e-6)
    expect(page.locator(".stale")).to_have_count(0)
    slider = page.locator(".inputs input[type=range]:visible")
    assert float(slider.get_attribute("data-value") or "nan") == pytest.approx(value)


@pytest.mark.refusals
def test_nothing_is_stale_and_nothing_is_lost(page: Page, server: Server) -> None:
    with SlowLine(server.port, FAST).open() as line:
        world(page, f"http://127.0.0.1:{line.port}/en/?network={NAME}")
        page.locator("[data-body='0']").focus()
        for key in ("Home", "Enter"):
            page.keyboard.press(key)
        slider = page.locator(".inputs input[type=range]:visible")
        value = slider.evaluate(
            """async element => {
              const [low, high] = [Number(element.min), Number(element.max)];
              for (let k = 0; k < 300; k++) {
                element.value = String(low + (high - low) * Math.sin(k) ** 2);
                element.dispatchEvent(new Event("input", { bubbles: true }));
                if (k % 10 === 0) await new Promise(requestAnimationFrame);
              }
              await new Promise((done) => setTimeout(done));
              return Number(element.dataset.value);
            }"""
        )
        says_what_torch_gives(page, value)

        # Every key of a hand that does not wait for a slow line counts.
        line.rate = SLOW
        slider.focus()
        page.keyboard.press("ArrowLeft")
        page.wait_for_function(
            "value => Number(document.querySelector('.inputs input[type=range]').dataset.value) !== value", arg=value
        )
        step = value - float(slider.get_attribute("data-value") or "nan")
        for _ in range(20):
            page.keyboard.press("ArrowLeft")
        says_what_torch_gives(page, value - 21 * step)
        line.rate = FAST

        server.kill()
        expect(page.get_by_text("your values are safe").first).to_be_visible()
        # What an earlier input came to stands back, in the diagram too and in words.
        for part in ("[data-body='1']", ".inputs .sure"):
            assert page.locator(part).evaluate("each => getComputedStyle(each).opacity") == "0.55", part
        page.keyboard.press("ArrowRight")
        server.start()
        expect(page.get_by_text("your values are safe")).to_have_count(0, timeout=20_000)
        says_what_torch_gives(page, value - 20 * step)
