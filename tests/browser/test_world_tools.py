"""Below any network's diagram: its numbers as tables, its program, and the files that it is saved as."""

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import requests
import torch
from PIL import Image
from playwright.sync_api import Page, expect

import adelante
from adelante.network.presets import preset_named
from tests import warm
from tests.browser.test_world import starting
from tests.browser.world_page import kept, made, outputs, world
from tests.long import long

SVG = "{http://www.w3.org/2000/svg}"
SMALL: Any = {
    "input": {"shape": [1, 4, 4]},
    "layers": [
        {"kind": "conv2d", "weights": [[[[0.5, -0.25, 0.125]] * 3]], "padding": 1, "activation": "relu"},
        {"kind": "flatten"},
        {"weights": [[0.5, -0.25]] * 16, "biases": [0.5, 0.25]},
    ],
}


@pytest.fixture
def sent(page: Page) -> list[str]:
    """The texts that the page sends over its live socket."""
    texts: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: texts.append(str(frame))))
    return texts


def test_every_number_of_a_tensor_stands_in_its_table(
    page: Page, server_url: str, tmp_path: Path, sent: list[str]
) -> None:
    file, network = made("blocks", tmp_path)
    world(page, f"{server_url}/en/?network={kept(server_url, file)}")
    trace = adelante.forward(network, starting(page, sent))
    page.get_by_role("tab", name="Table").click()
    page.get_by_label("Numbers of").select_option("layers.0.activations")
    page.get_by_role("button", name="table: the ones after").click()
    page.get_by_role("button", name="columns: the ones after").click()
    expect(page.get_by_role("table").locator("caption")).to_contain_text("[2]")
    expect(page.get_by_role("columnheader").first).to_have_text("17")
    shown = [float(each.get_attribute("data-value") or "nan") for each in page.locator("td[data-value]").all()[:16]]
    assert shown == pytest.approx(trace["layers.0.activations"][1, 0, 16:32].tolist(), abs=1e-6)
    # What playback has not come to has no number here either.
    told = page.get_by_role("tabpanel").locator("td[data-value]")
    page.get_by_role("button", name="One step forward").click()
    expect(told).to_have_count(0)
    page.keyboard.press("Escape")
    expect(told.first).to_be_visible()
    # What is drawn in blocks says so, and shows of each its mean or its largest.
    summary = page.locator("[data-summary]").first
    expect(summary).to_have_text(re.compile("^means of 2"))
    summary.click()
    expect(summary).to_have_text(re.compile("^largest of 2"))
    assert any('"with":"largest"' in text for text in sent)
    # It is asked for a number: the picture with it opens, where each number has a place of its own.
    body = page.locator("[data-body='1']")
    body.focus()
    for key in ("Home", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    chosen = page.locator(".inspector h2[data-cell^='layers.0.activations[']")
    expect(chosen).to_have_attribute("data-cell", re.compile(r"\[0,"))
    expect(page.locator("[data-picture='all']")).to_be_visible()
    for key in ("Home", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(chosen).to_have_attribute("data-cell", "layers.0.activations[0,0,1]")
    body.focus()
    page.keyboard.press("Escape")
    expect(page.locator("[data-picture='all']")).to_have_count(0)


def test_a_program_is_asked_for_once(page: Page, server_url: str) -> None:
    id = requests.post(f"{server_url}/api/v1/networks", json=SMALL, timeout=30).json()["id"]
    world(page, f"{server_url}/en/?network={id}")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/api/v1/code") else None)
    page.get_by_role("tab", name="Code").click()
    expect(page.locator("pre")).to_contain_text("import torch")
    # Four times as long as the page waits before it asks again.
    page.wait_for_timeout(1600)
    assert len(asked) == 1


def test_the_program_prints_the_outputs_of_the_page(page: Page, server_url: str, tmp_path: Path) -> None:
    id = requests.post(f"{server_url}/api/v1/networks", json=SMALL, timeout=30).json()["id"]
    world(page, f"{server_url}/en/?network={id}")
    told = outputs(page)
    page.get_by_role("tab", name="Code").click()
    expect(page.locator("pre")).to_contain_text("import torch")
    page.get_by_text("NumPy", exact=True).click()
    expect(page.locator("pre")).to_contain_text("import numpy")
    program = tmp_path / "program.py"
    program.write_text(page.locator("pre").inner_text())
    found = [
        float(each) for each in warm.printed(program).replace("[", " ").replace("]", " ").replace(",", " ").split()
    ]
    assert found == pytest.approx(told, abs=1e-5)


def test_in_a_list_of_classes_each_row_is_called_by_its_class(page: Page, server_url: str) -> None:
    world(page, f"{server_url}/es/?network=digits-conv")
    page.get_by_role("tab", name="Tabla").click()
    panel = page.get_by_role("tabpanel")
    expect(panel.get_by_role("rowheader")).to_have_text([str(k) for k in range(10)])
    # A lone column has nothing to be called.
    expect(panel.get_by_role("columnheader")).to_have_count(0)
    told = [float(each.get_attribute("data-value") or "nan") for each in panel.locator("td[data-value]").all()]
    assert told == pytest.approx(outputs(page), abs=1e-9)
    # What is a class and no number says so.
    expect(page.locator(".inspector h2")).to_have_text(re.compile("^clase 0 "))
    page.get_by_role("tab", name="Respuestas").click()
    expect(page.get_by_role("heading", name="Qué movería más clase 0")).to_be_visible()


@pytest.mark.parametrize(("title", "name"), [long("ONNX", "digits-conv.onnx"), ("PyTorch", "digits-conv-pytorch.zip")])
def test_it_is_saved_as(page: Page, server_url: str, title: str, name: str, tmp_path: Path) -> None:
    world(page, f"{server_url}/en/?network=digits-conv")
    page.get_by_role("button", name="Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile(rf"^{title} ")).click()
    assert download.value.suggested_filename == name
    if name.endswith(".onnx"):
        download.value.save_as(tmp_path / name)
        again = adelante.load(tmp_path / name)
        inputs = torch.rand(1, 1, 8, 8)
        expected = adelante.forward(preset_named("digits-conv").network, inputs).outputs
        found = adelante.forward(again, inputs).outputs
        assert isinstance(found, torch.Tensor)
        assert isinstance(expected, torch.Tensor)
        assert torch.allclose(found, expected, atol=1e-6)


def through(x: torch.Tensor, activation: Any) -> torch.Tensor:
    """SMALL, its first layer with this activation."""
    layers = SMALL["layers"]
    z = torch.nn.functional.conv2d(x, torch.tensor(layers[0]["weights"]), padding=1)
    found: torch.Tensor = activation(z).flatten(1) @ torch.tensor(layers[2]["weights"]) + torch.tensor(
        layers[2]["biases"]
    )
    return found


@pytest.mark.long
def test_all_of_the_diagram_is_saved_as_a_picture(page: Page, server_url: str, tmp_path: Path) -> None:
    file, _ = made("convolutions", tmp_path)
    # A control character in a name is no part of any XML.
    named: Any = {"change": 1, "to": {"name": "\a again"}}
    # The hidden layer of a network that tells one digit from another; it is read from the right and has no room.
    arabic: Any = {"change": 2, "to": {"name": "الطبقة المخفية للشبكة التي تميز بين رقم وآخر في الصورة"}}
    changes = f"{server_url}/api/v1/networks/{kept(server_url, file)}/changes"
    id = requests.post(changes, json={"changes": [named, arabic]}, timeout=30).json()["id"]
    world(page, f"{server_url}/en/?network={id}")
    # So large that its last layers are out of sight, where nothing of them is drawn.
    for _ in range(4):
        page.keyboard.press("+")
    wide = page.locator("[data-stage]").evaluate("(stage) => stage.clientWidth")
    # What a pointer that rests on a heading changes there is no part of it.
    page.locator("[data-head] > .opener").first.hover()
    saved = {}
    for title in ("SVG", "PNG"):
        page.get_by_role("button", name="Export", exact=True).press("Enter")
        with page.expect_download() as download:
            page.get_by_role("button", name=f"{title} the whole diagram").press("Enter")
        saved[title] = tmp_path / f"saved.{title}"
        download.value.save_as(saved[title])
    picture = ElementTree.parse(saved["SVG"]).getroot()
    written = " ".join("".join(text.itertext()) for text in picture.iter(f"{SVG}text"))
    for word in ("inputs", "edges", "again", "out", "dense", "(8, 7, 7)"):
        assert word in written
    assert re.search("الطبقة المخفية[^…]*…", written)
    assert "الصورة" not in written
    # Lines run behind the heads, which come after all of them.
    order = list(picture.iter())
    heads = [
        k for k, each in enumerate(order) if each.tag == f"{SVG}text" and "(4, 28, 28)" in "".join(each.itertext())
    ]
    assert heads[0] > max(k for k, each in enumerate(order) if each.tag == f"{SVG}path")
    width, height = (float(picture.attrib[name]) for name in ("width", "height"))
    assert width > 1.5 * wide
    # Four bodies and four kernels are painted in pixels.
    places = [each.attrib for each in picture.iter(f"{SVG}image")]
    assert len(places) >= 8
    assert all(float(each["x"]) < width and each["href"].startswith("data:image/png;base64,") for each in places)
    with Image.open(saved["PNG"]) as pixels:
        assert pixels.size == (2 * int(width), 2 * int(height))
        # Ink on paper.
        assert len(pixels.convert("RGB").resize((64, 64)).getcolors(4096) or []) > 20
    grounds = [
        each.attrib["fill"] for each in picture.iter(f"{SVG}rect") if each.attrib.get("stroke", "none") == "none"
    ]
    assert len(set(grounds)) == 1
    # Nothing in it needs what the policy of a page forbids.
    assert not re.search(r"oklch|var\(|class=|\sstyle=|<script", saved["SVG"].read_text())
    expect(page.locator(".trouble")).to_have_count(0)


@pytest.mark.long
def test_rows_and_history_stay_where_a_layer_becomes_another(page: Page, server_url: str) -> None:
    id = requests.post(f"{server_url}/api/v1/networks", json=SMALL, timeout=30).json()["id"]
    world(page, f"{server_url}/en/?network={id}")
    before = outputs(page)
    rows = torch.linspace(-1, 1, 32).view(2, 1, 4, 4)
    page.get_by_role("tab", name="Batch").click()
    page.locator("textarea").fill("\n".join(",".join(map(str, row.flatten().tolist())) for row in rows))
    page.get_by_role("button", name="Use these rows").click()
    cells = page.locator("td.output[data-value]")
    for activation in (torch.relu, torch.tanh):
        if activation is torch.tanh:
            page.get_by_role("button", name="Change convolution").click()
            page.get_by_label("activation", exact=True).select_option("tanh")
            page.get_by_role("button", name="Apply").click()
            expect(page.locator("footer .change")).to_contain_text("convolution changed")
        wanted = through(rows, activation).flatten().tolist()
        page.wait_for_function(
            """wanted => {
              const cells = [...document.querySelectorAll('td.output[data-value]')];
              const found = cells.map((cell) => Number(cell.dataset.value));
              return found.length === wanted.length && wanted.every((value, k) => Math.abs(value - found[k]) < 1e-5);
            }""",
            arg=wanted,
        )
    expect(cells).to_have_count(4)
    # Every step, also over the change of the layer, is gone to; the list stays, and its button has the focus.
    page.get_by_role("tab", name="History").click()
    steps = page.locator("[data-step]")
    expect(steps).to_have_count(3)
    page.locator("[data-step='0']").click()
    expect(page.locator("[data-step='0']")).to_have_attribute("aria-current", "step")
    expect(page.locator("[data-step='0']")).to_be_focused()
    page.wait_for_function(
        """y => {
          const [first] = (document.querySelector('[data-diagram]').dataset.outputs ?? '').split(' ');
          return Math.abs(Number(first) - y) < 1e-6;
        }""",
        arg=before[0],
    )
    assert outputs(page) == pytest.approx(before, abs=1e-6)
