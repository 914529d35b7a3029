"""The pad: a digit drawn by hand, keys or a file is read, by the recipe's own numbers; steps, undo, Spanish."""

import io
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Page, Request, expect
from torch import nn

import adelante
from adelante.datasets.handwriting import inked, picture_of, written
from adelante.network.network import Network
from adelante.network.presets import preset_named
from tests.browser.accessibility import finds_nothing
from tests.browser.world_page import MAKERS, kept, made, outputs, world
from tests.long import long
from tests.slow_line import SlowLine

SEVEN = [[(0.25, 0.2), (0.75, 0.2), (0.45, 0.85)], [(0.35, 0.5), (0.65, 0.5)]]

DROP = """bytes => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([Uint8Array.from(bytes)], "dropped.png", { type: "image/png" }));
  const how = { dataTransfer: transfer, bubbles: true, cancelable: true };
  for (const kind of ["dragover", "drop"]) window.dispatchEvent(new DragEvent(kind, how));
}"""


def draw(page: Page, strokes: list[list[tuple[float, float]]]) -> None:
    """With the mouse, in a few moves from point to point; the page may be long."""
    pad = page.locator(".pad")
    pad.evaluate("each => each.scrollIntoView({block: 'start'})")
    box = pad.bounding_box()
    assert box is not None
    for stroke in strokes:
        for k, (x, y) in enumerate(stroke):
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=6)
            if k == 0:
                page.mouse.down()
        page.mouse.up()


def shows(page: Page, outputs_of: torch.Tensor) -> None:
    """The page comes to show these outputs."""
    wanted = outputs_of.flatten().tolist()
    page.wait_for_function(
        """wanted => {
          const found = document.querySelector('[data-diagram]').dataset.outputs.split(' ').map(Number);
          return wanted.every((value, k) => Math.abs(value - found[k]) < 1e-5);
        }""",
        arg=wanted,
    )
    assert outputs(page) == pytest.approx(wanted, abs=1e-5)


def says(page: Page, name: str, picture: torch.Tensor) -> None:
    """The page comes to say what torch does of this picture."""
    network = preset_named(name).network
    shows(page, adelante.forward(network, picture)[network.outputs[0]])


@pytest.mark.parametrize(
    ("name", "language"), [long("digits", "en"), ("digits-conv", "es"), long("digits-large", "en")]
)
def test_a_drawn_digit_is_read_and_each_step_is_shown(page: Page, server_url: str, name: str, language: str) -> None:
    asked: list[Any] = []

    def listen(request: Request) -> None:
        if request.url.endswith("/digits/pictures"):
            asked.append(request.post_data_json)

    page.on("request", listen)
    world(page, f"{server_url}/{language}/?network={name}")
    draw(page, SEVEN)
    expect(page.locator(".sure")).to_have_text({"en": "Clearly 7.", "es": "Seguro: 7."}[language])
    expect(page.locator(".inspector h2")).to_contain_text("7")
    page.wait_for_timeout(100)
    strokes = asked[-1]["strokes"]
    shape = preset_named(name).inputs.shape
    picture = picture_of(inked(strokes), shape)
    assert picture is not None
    says(page, name, picture)
    page.locator(".inputs summary").click()
    steps = page.locator(".inputs details li")
    expect(steps).to_have_count(6 if name == "digits-large" else 5)
    counted = written(inked(strokes)).picture
    expect(steps.nth(4).locator("rect")).to_have_count(int((counted > 0).sum()))
    page.keyboard.press("Escape")
    finds_nothing(page, name, within=".inputs")


@pytest.mark.long
def test_strokes_come_and_go(page: Page, server_url: str) -> None:
    world(page, f"{server_url}/en/?network=digits")
    before = outputs(page)
    draw(page, SEVEN)
    strokes = page.locator(".pad path")
    expect(strokes).to_have_count(2)
    expect(page.locator(".sure")).to_have_text("Clearly 7.")
    two = page.locator("[data-diagram]").get_attribute("data-outputs")
    page.locator(".inputs").get_by_role("button", name="Undo").click()
    expect(strokes).to_have_count(1)
    page.wait_for_function("two => document.querySelector('[data-diagram]').dataset.outputs !== two", arg=two)
    page.keyboard.press("Control+z")
    expect(strokes).to_have_count(2)
    for _ in range(2):
        page.keyboard.press("Control+z")
    expect(strokes).to_have_count(0)
    page.wait_for_function(
        "y => Math.abs(Number(document.querySelector('[data-diagram]').dataset.outputs.split(' ')[0]) - y) < 1e-6",
        arg=before[0],
    )
    # A stroke that was not meant.
    box = page.locator(".pad").bounding_box()
    assert box is not None
    page.locator(".pad").focus()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 90, steps=3)
    expect(strokes).to_have_count(1)
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(strokes).to_have_count(0)
    page.wait_for_function(
        "y => Math.abs(Number(document.querySelector('[data-diagram]').dataset.outputs.split(' ')[0]) - y) < 1e-6",
        arg=before[0],
    )


def test_a_digit_is_drawn_with_keys_alone(page: Page, server_url: str) -> None:
    world(page, f"{server_url}/en/?network=digits")
    page.locator(".pad").focus()
    page.keyboard.press("ArrowUp")
    for _ in range(4):
        page.keyboard.press("ArrowUp")
    for _ in range(8):
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
    expect(page.locator(".pad path")).to_have_count(8)
    expect(page.locator(".pad [aria-live]")).to_have_text("row 13, column 9: empty")
    expect(page.locator(".sure")).to_contain_text("1")
    page.keyboard.press("Backspace")
    expect(page.locator(".pad path")).to_have_count(7)
    page.keyboard.press("Delete")
    expect(page.locator(".pad path")).to_have_count(0)


def test_a_picture_file_goes_the_same_way(page: Page, server_url: str) -> None:
    ink = inked(SEVEN)
    grey = Image.fromarray((230 - 200 * ink).to(torch.uint8).numpy()).resize((160, 160), Image.Resampling.NEAREST)
    file = io.BytesIO()
    grey.save(file, "PNG")
    world(page, f"{server_url}/en/?network=digits-conv")
    chosen = {"name": "seven.png", "mimeType": "image/png", "buffer": file.getvalue()}
    page.locator(".inputs input[type=file]").set_input_files(chosen)  # type: ignore[arg-type]
    expect(page.locator(".sure")).to_have_text("Clearly 7.")
    expect(page.locator("footer")).to_contain_text("seven.png")
    picture = picture_of((torch.from_numpy(np.array(grey)) < 130), (1, 8, 8))
    assert picture is not None
    says(page, "digits-conv", picture)
    # And one that is dropped.
    mirrored = grey.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    dropped = io.BytesIO()
    mirrored.save(dropped, "PNG")
    page.evaluate(DROP, list(dropped.getvalue()))
    expect(page.locator("footer")).to_contain_text("dropped.png")
    picture = picture_of((torch.from_numpy(np.array(mirrored)) < 130), (1, 8, 8))
    assert picture is not None
    says(page, "digits-conv", picture)


@pytest.mark.long
def test_a_server_that_is_away_loses_no_stroke(page: Page, server_url: str) -> None:
    world(page, f"{server_url}/en/?network=digits")
    page.route("**/digits/pictures", lambda route: route.abort("connectionrefused"))
    draw(page, SEVEN[:1])
    expect(page.locator("footer")).to_contain_text("did not become a picture")
    expect(page.locator(".pad path")).to_have_count(1)
    page.unroute("**/digits/pictures")
    draw(page, SEVEN[1:])
    expect(page.locator(".pad path")).to_have_count(2)
    expect(page.locator(".sure")).to_have_text("Clearly 7.")


@pytest.mark.long
@pytest.mark.refusals
def test_what_was_drawn_without_a_server_becomes_the_input_once_it_is_back(page: Page, server_url: str) -> None:
    with SlowLine(int(server_url.rpartition(":")[2]), 1e9).open() as line:
        world(page, f"http://127.0.0.1:{line.port}/en/?network=digits")
        line.dead = True
        line.cut()
        draw(page, SEVEN)
        expect(page.locator("footer")).to_contain_text("did not become a picture")
        line.dead = False
        expect(page.locator(".sure")).to_have_text("Clearly 7.", timeout=20_000)
        expect(page.locator(".pad path")).to_have_count(2)
        expect(page.locator("footer")).to_contain_text("Drawn on the pad")


def colour() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 4, 5), nn.ReLU(), nn.MaxPool2d(4), nn.Flatten(), nn.Linear(4 * 7 * 7, 5))


COLOUR = (colour, lambda: torch.rand(2, 3, 32, 32))


def frames_sent(page: Page) -> list[bytes]:
    """The binary frames that the page sends from now on."""
    sent: list[bytes] = []

    def listen(frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            sent.append(frame)

    page.on("websocket", lambda line: line.on("framesent", listen))
    return sent


def picture_shown(page: Page, network: Network, sent: list[bytes], shape: tuple[int, ...]) -> torch.Tensor:
    """The picture that was sent last; the page shows what the network makes of it."""
    page.wait_for_timeout(300)
    picture = torch.frombuffer(bytearray(sent[-1][-4 * prod(shape) :]), dtype=torch.float32).reshape(shape)
    shows(page, adelante.forward(network, picture)[network.outputs[0]])
    return picture


@pytest.mark.long
@pytest.mark.parametrize("kind", [long("convolutions"), "dense", long("colour")])
def test_any_network_that_takes_a_picture_is_drawn_for(
    page: Page, server_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Grey or coloured, or a row that was a picture: while the pen is down and after it."""
    monkeypatch.setitem(MAKERS, "colour", COLOUR)
    file, network = made(kind, tmp_path)
    shape = {"convolutions": (1, 28, 28), "dense": (784,), "colour": (3, 32, 32)}[kind]
    sent = frames_sent(page)
    world(page, f"{server_url}/en/?network={kept(server_url, file)}")

    def agrees() -> torch.Tensor:
        picture = picture_shown(page, network, sent, shape)
        return picture.reshape(-1, 28, 28) if kind == "dense" else picture

    box = page.locator(".pad").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.5 * box["height"], steps=8)
    line = agrees()
    page.mouse.up()
    assert torch.equal(agrees(), line)
    middle = line.shape[1] // 2
    assert bool((line[:, middle, middle - 4 : middle + 4] > 0.7).all())
    assert float(line[:, 0].abs().max()) == 0
    draw(page, [[(0.5, 0.1), (0.5, 0.9)]])
    assert float(agrees()[:, 4, middle].min()) > 0.7
    expect(page.locator(".pad path")).to_have_count(2)
    page.keyboard.press("Control+z")
    expect(page.locator(".pad path")).to_have_count(1)
    assert torch.equal(agrees(), line)
    finds_nothing(page, kind, within=".inputs")


@pytest.mark.long
def test_a_picture_of_three_channels_is_drawn_in_colours(
    page: Page, server_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MAKERS, "colour", COLOUR)
    file, network = made("colour", tmp_path)
    sent = frames_sent(page)
    world(page, f"{server_url}/es/?network={kept(server_url, file)}")

    def picture() -> torch.Tensor:
        return picture_shown(page, network, sent, (3, 32, 32))

    inks = page.get_by_role("group", name="Tinta").get_by_role("radio")
    names = ["blanco", "rojo", "amarillo", "verde", "azul", "negro"]
    assert [each.get_attribute("aria-label") for each in inks.all()] == names
    # One place on the keyboard's way, after the pad and before its verbs; what has the focus is seen.
    page.locator(".pad").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio", name="blanco")).to_be_focused()
    page.keyboard.press("ArrowRight")
    red = page.get_by_role("radio", name="rojo")
    expect(red).to_be_focused()
    expect(red).to_be_checked()
    assert red.evaluate("each => getComputedStyle(each.nextElementSibling).outlineStyle") == "solid"
    draw(page, [[(0.2, 0.5), (0.8, 0.5)]])
    drawn = picture()
    assert drawn[:, 15, 16].tolist() == pytest.approx([0.9, 0.15, 0.1], abs=0.02)
    paths = page.locator(".pad path")
    assert paths.first.evaluate("each => getComputedStyle(each).stroke") == "rgb(230, 38, 26)"
    # In another, across it; and what was drawn stays as it was.
    page.locator("[data-ink='blue']").click()
    draw(page, [[(0.5, 0.1), (0.5, 0.9)]])
    both = picture()
    assert both[:, 15, 16].tolist() == pytest.approx([0.15, 0.35, 0.9], abs=0.02)
    assert torch.equal(both[:, :, 4:10], drawn[:, :, 4:10])
    # Black takes away, by keys too, which say the colour.
    page.locator("[data-ink='black']").click()
    page.locator(".pad").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    expect(page.locator(".pad [aria-live]")).to_have_text("fila 9, columna 9: negro")
    assert float(picture()[:, 16:18, 16:18].max()) < 0.3
    finds_nothing(page, "colours", within=".inputs")
    # Each is undone, its colour with it.
    for left in (2, 1):
        page.keyboard.press("Control+z")
        expect(paths).to_have_count(left)
    assert torch.equal(picture(), drawn)
    page.locator(".inputs").get_by_role("button", name="Borrar").click()
    expect(paths).to_have_count(0)


@pytest.mark.long
@pytest.mark.parametrize(("width", "height"), [(844, 390), long(390, 844)])
def test_each_ink_is_44_px_under_a_finger(
    touched: Page, server_url: str, tmp_path: Path, width: int, height: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MAKERS, "colour", COLOUR)
    touched.set_viewport_size({"width": width, "height": height})
    world(touched, f"{server_url}/en/?network={kept(server_url, made('colour', tmp_path)[0])}")
    inks = touched.locator("[data-ink]")
    expect(inks).to_have_count(6)
    sizes = [each.bounding_box() for each in inks.all()]
    assert [size for size in sizes if not size or min(size["width"], size["height"]) < 44] == []


@pytest.mark.long
def test_a_grey_picture_has_one_ink(page: Page, server_url: str, tmp_path: Path) -> None:
    world(page, f"{server_url}/en/?network={kept(server_url, made('convolutions', tmp_path)[0])}")
    expect(page.locator(".pad")).to_be_visible()
    expect(page.locator(".inputs").get_by_role("radio")).to_have_count(0)
