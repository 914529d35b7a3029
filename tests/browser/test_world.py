"""The page for networks of any kind: opened by id, from a file, and every number torch's."""

import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
import torch
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

import adelante
from tests.browser.world_page import MAKERS, gives, kept, made, outputs, painted, paintings, world
from tests.long import some


def starting(page: Page, sent: list[str]) -> torch.Tensor:
    """The inputs with which the page opened its network."""
    opened = next(json.loads(text) for text in sent if '"op":"open"' in text)
    return torch.tensor(opened["inputs"])


@pytest.fixture
def sent(page: Page) -> list[str]:
    """The texts that the page sends over its live socket."""
    texts: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: texts.append(str(frame))))
    return texts


@pytest.mark.parametrize("kind", some(MAKERS, "convolutions", "blocks"))
def test_the_outputs_are_those_of_torch(
    page: Page, server_url: str, sent: list[str], tmp_path: Path, kind: str
) -> None:
    file, network = made(kind, tmp_path)
    world(page, f"{server_url}/en/?network={kept(server_url, file)}")
    trace = adelante.forward(network, starting(page, sent))
    expected = trace[network.outputs[0]].flatten().tolist()
    assert outputs(page) == pytest.approx(expected, abs=1e-6)
    expect(page.locator(".trouble")).to_have_count(0)
    if kind == "blocks":
        # A number that no pass brings is named, and what is shown of its block is heard.
        body = page.locator("[data-body='1']")
        block = trace["layers.0.activations"][0, :2, -2:]
        for what, value in (("mean", block.mean()), ("largest", block.max())):
            body.press("Home")
            body.press("ArrowUp")
            for _ in range(79):
                body.press("ArrowRight")
            said = f"convolution[1, 1, 159], {what} of 2 × 2: {value.item():.4f}"
            expect(body.locator("[aria-live]")).to_have_text(said)
            page.locator("[data-summary]").nth(1).click()


@pytest.mark.long
def test_a_network_is_painted_before_what_stands_beside_it(page: Page, server_url: str) -> None:
    """Which waits for the first frame, though its file is there."""
    page.add_init_script(
        """const frame = window.requestAnimationFrame.bind(window), held = [];
        window.requestAnimationFrame = then => held.push(then);
        window.paint = () => {
          window.requestAnimationFrame = frame;
          held.forEach(then => frame(then));
        };"""
    )
    page.goto(f"{server_url}/en/?network=digits-conv", wait_until="networkidle")
    expect(page.locator("[data-body]").first).to_be_attached()
    beside = page.locator("section.inputs > *")
    assert beside.count() == 0
    page.evaluate("window.paint()")
    expect(beside.first).to_be_visible()


def test_an_input_is_selected_with_keys_and_moved(page: Page, server_url: str, tmp_path: Path, sent: list[str]) -> None:
    file, network = made("convolutions", tmp_path)
    world(page, f"{server_url}/en/?network={kept(server_url, file)}")
    page.locator("[data-body='0']").focus()
    for key in ("Home", "ArrowDown", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    slider = page.locator("input[type=range]:visible").first
    expect(slider).to_have_attribute("aria-label", "inputs[1, 2, 2]")
    before = paintings(page)
    page.locator(".inputs").get_by_label("Value of inputs[1, 2, 2]", exact=True).fill("0.75")
    page.keyboard.press("Enter")
    painted(page, before)
    inputs = starting(page, sent)
    inputs[0, 1, 1] = 0.75
    expected = adelante.forward(network, inputs)[network.outputs[0]].flatten().tolist()
    page.wait_for_function(
        "y => Math.abs(Number(document.querySelector('[data-diagram]').dataset.outputs.split(' ')[0]) - y) < 1e-6",
        arg=expected[0],
    )
    assert outputs(page) == pytest.approx(expected, abs=1e-6)


def test_a_file_that_the_studio_does_not_draw_opens_on_its_own_page(
    page: Page, server_url: str, tmp_path: Path
) -> None:
    file, _ = made("residual", tmp_path)
    page.goto(f"{server_url}/en/")
    page.locator("header input[type=file]").set_input_files(file)
    page.wait_for_url("**/?network=*")
    painted(page, 0)
    expect(page.locator("footer .change")).to_contain_text("Opened: residual.safetensors")
    page.reload()
    painted(page, 0)


def test_a_dense_network_too_large_for_the_studio_is_drawn(page: Page, server_url: str) -> None:
    layers = [{"weights": [[0.5] * 200] * 200}]
    id = requests.post(f"{server_url}/api/v1/networks", json={"layers": layers}, timeout=30).json()["id"]
    world(page, f"{server_url}/en/?network={id}")
    expect(page.locator("[data-body='1']")).to_be_visible()


def test_few_inputs_all_have_a_slider_and_the_selected_one_comes_first(
    page: Page, server_url: str, tmp_path: Path, sent: list[str]
) -> None:
    file, network = made("residual", tmp_path)
    world(page, f"{server_url}/en/?network={kept(server_url, file)}")
    inputs = starting(page, sent)
    sliders = page.locator(".inputs input[type=range]")
    expect(sliders).to_have_count(6)
    tops = sliders.evaluate_all("all => all.map(slider => [slider.ariaLabel, slider.getBoundingClientRect().top])")
    # Its name in the list selects it: it keeps its place and the focus, and is the first that Tab comes to.
    page.locator(".inputs li button").nth(2).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".inspector h2")).to_have_attribute("data-cell", "inputs[2]")
    expect(sliders.first).to_have_attribute("aria-label", tops[2][0])
    moved = sliders.evaluate_all("all => all.map(slider => [slider.ariaLabel, slider.getBoundingClientRect().top])")
    in_sight = [[label for label, _ in sorted(each, key=lambda slider: slider[1])] for each in (moved, tops)]
    assert in_sight[0] == in_sight[1]
    assert (
        page.evaluate("() => document.activeElement.closest('li')?.querySelector('[type=range]').ariaLabel")
        == tops[2][0]
    )
    field = page.locator(".inputs").get_by_role("textbox").last
    field.fill("1.5")
    field.press("Enter")
    inputs[5] = 1.5
    expected = adelante.forward(network, inputs)[network.outputs[0]].flatten().tolist()
    page.wait_for_function(
        "y => Math.abs(Number(document.querySelector('[data-diagram]').dataset.outputs.split(' ')[0]) - y) < 1e-6",
        arg=expected[0],
    )
    assert outputs(page) == pytest.approx(expected, abs=1e-6)


def test_a_whole_input_is_a_picture_of_ones_own_or_drawn_by_a_seed(page: Page, server_url: str, tmp_path: Path) -> None:
    file, network = made("convolutions", tmp_path)
    world(page, f"{server_url}/en/?network={kept(server_url, file)}")
    first = outputs(page)
    panel = page.get_by_role("region", name="The whole input")
    expect(panel).to_contain_text("shape 1 × 28 × 28")
    pixels = np.arange(784, dtype=np.uint8).reshape(28, 28)
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    picture: FilePayload = {"name": "grey.png", "mimeType": "image/png", "buffer": content.getvalue()}
    page.locator(".inputs input[type=file]").set_input_files(picture)
    trace = adelante.forward(network, torch.from_numpy(pixels[None] / 255).float())
    gives(page, trace[network.outputs[0]].flatten().tolist())
    # Asked for once more, noise is drawn with the next seed.
    for seed in ("1", "2"):
        panel.get_by_role("button", name="Noise").click()
        expect(page.locator("footer .change")).to_contain_text(f"The input is now: Noise, seed {seed}")
    panel.get_by_role("button", name="Zeros").click()
    trace = adelante.forward(network, torch.zeros(1, 28, 28))
    gives(page, trace[network.outputs[0]].flatten().tolist())
    panel.get_by_label("Seed").fill("1")
    panel.get_by_role("button", name="Strokes").click()
    gives(page, first)


def test_of_several_inputs_each_has_what_it_is_put_in_with(page: Page, server_url: str) -> None:
    """A picture is drawn, a few numbers have sliders, and a pixel that is selected comes before them."""
    document: Any = {
        "input": [{"name": "picture", "shape": [1, 8, 8]}, {"name": "age", "shape": [2]}],
        "layers": [
            {"kind": "reshape", "shape": [-1, 64], "inputs": ["inputs.picture"]},
            {"kind": "cat", "dim": 1, "inputs": ["layers.0.activations", "inputs.age"]},
            {"kind": "dense", "weights": [[0.25]] * 64 + [[-2.0], [3.0]]},
        ],
    }
    id = requests.post(f"{server_url}/api/v1/networks", json=document, timeout=30).json()["id"]
    world(page, f"{server_url}/en/?network={id}")
    panel = page.locator(".inputs")
    panel.get_by_role("button", name="Zeros").click()
    gives(page, [0])
    sliders = panel.locator("input[type=range]")
    expect(sliders).to_have_count(2)
    ages = panel.locator("ul").get_by_role("textbox")
    for field, value in zip(ages.all(), ("0.5", "1.5"), strict=True):
        field.fill(value)
        field.press("Enter")
    gives(page, [3.5])
    # A dot of ink in the middle of the pad.
    pad = panel.locator(".pad")
    pad.click()
    gives(page, [3.5], other=True)
    page.keyboard.press("Control+z")
    gives(page, [3.5])
    picture = page.locator("[data-body='0']").first
    picture.focus()
    for key in ("Home", "Enter"):
        page.keyboard.press(key)
    expect(sliders).to_have_count(3)
    expect(sliders.first).to_have_attribute("aria-label", re.compile(r"picture\[1, 1, 1\]"))
