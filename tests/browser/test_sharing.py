"""Nothing is lost: the address, the browser's storage and files bring back the same network, digit for digit."""

import json
import re
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import onnxruntime
import pytest
import safetensors.torch
import torch
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests import notebook, warm
from tests.browser.studio_page import (
    address_once,
    control,
    edges,
    exported,
    has_sizes,
    live,
    neurons,
    outputs_of,
    shows_what_torch_gives,
)
from tests.long import crossed, long


def type_into(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Enter")


def change_something(page: Page) -> None:
    """A network of its own: a third of a weight, a neuron more, a name."""
    type_into(page, "Value of weight w21 of layer 1", "1/3")
    page.get_by_role("button", name="Add a neuron: Hidden layer").click()
    has_sizes(page, [3, 3, 1])
    page.get_by_title("Rename x1").first.click()
    page.keyboard.type("age")
    page.keyboard.press("Enter")


def has_age(scene: dict[str, Any]) -> bool:
    """Whether it is the scene after all that `change_something` does."""
    return "age" in scene.get("n", [])


def state(page: Page) -> tuple[Any, ...]:
    names = page.locator("[data-neuron]").evaluate_all("els => els.map(e => e.ariaLabel)")
    return neurons(page), edges(page), names


@pytest.mark.long
def test_the_address_follows_without_filling_the_history(page: Page, server_url: str, browser: Browser) -> None:
    live(page, f"{server_url}/en/")
    entries = page.evaluate("history.length")
    change_something(page)
    before = address_once(page, has_age)
    slider = control(page, "x2")
    slider.focus()
    for _ in range(60):
        # A hand that never rests is followed all the same.
        slider.press("ArrowRight")
        page.wait_for_timeout(50)
        if page.evaluate("location.href") != before:
            break
    assert page.evaluate("location.href") != before
    type_into(page, "Value of x2", "-2e-3")
    address_once(page, lambda scene: scene["i"][1] == -2e-3)
    assert page.evaluate("history.length") == entries
    context = browser.new_context()
    other = context.new_page()
    live(other, page.url)
    has_sizes(other, [3, 3, 1])
    assert state(other) == state(page)
    context.close()


def test_the_browser_keeps_the_network_and_an_address_wins_over_it(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    link = f"{server_url}/en/"
    change_something(page)
    shared = address_once(page, has_age)
    type_into(page, "Value of x2", "2.5")
    address_once(page, lambda scene: scene["i"][1] == 2.5)
    kept = state(page)
    page.goto("about:blank")
    live(page, link)
    has_sizes(page, [3, 3, 1])
    assert state(page) == kept
    page.keyboard.press("Control+z")
    has_sizes(page, [3, 2, 1])
    page.goto("about:blank")
    live(page, shared)
    has_sizes(page, [3, 3, 1])
    assert neurons(page)["0.1"] == pytest.approx(notebook.FEATURES[1], abs=1e-7)
    page.goto("about:blank")
    live(page, f"{server_url}/en/?preset=xor")
    has_sizes(page, [2, 2, 1])


@pytest.mark.long
def test_another_link_in_the_address_is_opened_and_can_be_undone(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    change_something(page)
    shared = address_once(page, has_age)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    has_sizes(page, [3, 2, 1])
    address_once(page, lambda scene: not has_age(scene))
    page.evaluate("address => { location.href = address; }", shared)
    has_sizes(page, [3, 3, 1])
    page.keyboard.press("Control+z")
    has_sizes(page, [3, 2, 1])


def test_a_link_opens_to_what_is_selected_and_pinned(page: Page, server_url: str, browser: Browser) -> None:
    live(page, f"{server_url}/en/")
    page.get_by_role("button", name="Pin to compare").click()
    type_into(page, "Value of x2", "-1.5")
    page.locator("[data-neuron='2.0']").click()
    page.wait_for_function(
        """() => document.querySelector("[data-neuron='2.0'][data-change]:not([data-change='0'])")"""
    )
    page.get_by_role("button", name="Share").click()
    link = page.get_by_label("Link", exact=True).input_value()
    context = browser.new_context()
    other = context.new_page()
    live(other, link)
    other.wait_for_function("() => document.querySelectorAll('[data-neuron][data-change]').length === 6")
    of = "els => els.map(e => [e.dataset.neuron, e.dataset.value, e.dataset.change])"
    assert other.locator("[data-neuron]").evaluate_all(of) == page.locator("[data-neuron]").evaluate_all(of)
    expect(other.get_by_role("heading", name=re.compile("^y"))).to_be_visible()
    other.get_by_role("button", name="Flip").click()
    shows_what_torch_gives(other, notebook.MULTILAYER)
    context.close()


@pytest.mark.long
def test_looking_around_alone_makes_no_address(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    page.locator("[data-neuron='2.0']").click()
    page.wait_for_timeout(1200)
    assert page.evaluate("location.hash + (localStorage.getItem('adelante.scene.v1') ?? '')") == ""


@pytest.mark.long
def test_all_that_was_done_goes_along_to_the_other_language(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    change_something(page)
    page.get_by_role("link", name="Español").click()
    page.wait_for_url("**/es/**")
    has_sizes(page, [3, 3, 1])
    page.get_by_role("tab", name="Historial").click()
    steps = page.locator("[role=tabpanel] li")
    expect(steps).to_have_count(4)
    expect(steps.last).to_contain_text("Abierta: Red multicapa")
    expect(steps.nth(1)).to_contain_text("Capa oculta")
    for _ in range(3):
        page.keyboard.press("Control+z")
    has_sizes(page, [3, 2, 1])
    shows_what_torch_gives(page, notebook.MULTILAYER)
    for _ in range(3):
        page.keyboard.press("Control+Shift+z")
    has_sizes(page, [3, 3, 1])


@pytest.mark.parametrize("fragment", ["v1.AAAA", long("v9.x"), long("%00"), long("v1." + "A" * 5000)])
def test_a_damaged_link_says_so(page: Page, server_url: str, fragment: str) -> None:
    live(page, f"{server_url}/es/#{fragment}")
    expect(page.locator("footer")).to_contain_text("ninguna red legible")
    shows_what_torch_gives(page, notebook.MULTILAYER)


@pytest.mark.long
def test_a_large_network_is_shared_by_its_stored_id(page: Page, server_url: str, browser: Browser) -> None:
    live(page, f"{server_url}/en/")
    side = 80
    weights = torch.randn(side, side, generator=torch.Generator().manual_seed(1)).tolist()
    document = {"layers": [{"weights": weights, "activation": "tanh"}], "inputs": [0.125] * side}
    open_file(page, "large.json", json.dumps(document).encode())
    has_sizes(page, [side, side])
    page.wait_for_timeout(700)
    assert page.evaluate("location.hash") == ""
    page.get_by_role("button", name="Share").click()
    link = page.get_by_label("Link", exact=True).input_value()
    assert len(link) < 2000
    context = browser.new_context()
    other = context.new_page()
    live(other, link)
    has_sizes(other, [side, side])
    assert neurons(other) == neurons(page)
    context.close()


def open_file(page: Page, name: str, content: bytes) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Open a file…").click()
    chooser.value.set_files(FilePayload(name=name, mimeType="application/json", buffer=content))


@pytest.mark.parametrize(
    ("preset", "language", "word"),
    crossed(["xor", "digits-conv"], [("en", "Open a file…"), ("es", "Abrir archivo…")], few=["digits-conv"]),
)
def test_opening_a_file_is_a_button_of_the_page_at_every_width(
    page: Page, server_url: str, language: str, word: str, preset: str
) -> None:
    page.goto(f"{server_url}/{language}/?{'preset' if preset == 'xor' else 'network'}={preset}")
    for width, height in ((1400, 900), (1024, 768), (890, 700), (844, 390), (390, 844), (320, 640)):
        page.set_viewport_size({"width": width, "height": height})
        menu = page.locator("header").get_by_role("button", name=re.compile("^(More|Más)$"))
        if width < 881:
            menu.click()
        button = page.get_by_role("button", name=word)
        expect(button).to_be_in_viewport(ratio=1)
        with page.expect_file_chooser() as chooser:
            button.click()
        assert chooser.value.is_multiple()
        # Whole, beside all else of the header.
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.keyboard.press("Escape")


@pytest.mark.long
def test_what_was_opened_from_a_phones_menu_is_not_covered_by_it(page: Page, server_url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    live(page, f"{server_url}/en/")
    page.get_by_role("button", name="More", exact=True).click()
    document = {"layers": [{"weights": [[1.0], [2.0]], "biases": [0.5]}], "inputs": [1.0, 2.0]}
    payload = FilePayload(name="two.json", mimeType="application/json", buffer=json.dumps(document).encode())
    page.locator("header input[type=file]").set_input_files(payload)
    has_sizes(page, [2, 1])
    expect(page.locator("[data-panel]:visible")).to_have_count(0)
    expect(page.get_by_role("button", name="More", exact=True)).to_be_focused()


def test_a_json_file_comes_back_whole(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    change_something(page)
    before = state(page)
    content = exported(page, "json").read_bytes()
    page.locator("header select").select_option("xor")
    has_sizes(page, [2, 2, 1])
    open_file(page, "adelante.json", content)
    has_sizes(page, [3, 3, 1])
    assert state(page) == before


@pytest.mark.long
def test_a_dropped_body_of_the_api_is_opened(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    weights = [list(row) for row in zip(*notebook.HIDDEN_WEIGHTS, strict=True)]
    layers = [{"weights": weights, "layout": "out_in", "activation": "relu"}]
    page.evaluate(
        """text => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([text], "body.json"));
          const how = { bubbles: true, cancelable: true, dataTransfer: transfer };
          document.body.dispatchEvent(new DragEvent("drop", how));
        }""",
        json.dumps({"layers": layers, "inputs": notebook.FEATURES}),
    )
    has_sizes(page, [3, 2])
    plain = {"weights": notebook.HIDDEN_WEIGHTS, "biases": [0.0, 0.0], "activation": "relu"}
    shows_what_torch_gives(page, {"inputs": notebook.FEATURES, "layers": [plain]})


def test_what_cannot_be_opened_says_why_and_loses_nothing(page: Page, server_url: str) -> None:
    # A page of its own: the browser notes each refusal among its errors.
    other = page.context.new_page()
    live(other, f"{server_url}/en/")
    for name, content, words in (
        ("text.json", b"no json", "is not JSON"),
        (
            "ragged.json",
            b'{"layers": [{"weights": [[1, 2], [3]]}]}',
            "was not opened: layer 1, row 2 of its weights: This row has 1 number,",
        ),
        ("odd.json", b'{"layers": [{"weights": [[1], [2]]}], "inputs": [1, 2, 3]}', r"\(1×3\)|1x3"),
        ("list.json", b"[]", r"list\.json.* was not opened"),
        ("null.json", b"null", r"null\.json.* was not opened"),
    ):
        open_file(other, name, content)
        expect(other.locator("footer")).to_contain_text(re.compile(words))
        shows_what_torch_gives(other, notebook.MULTILAYER)


def test_safetensors_hold_what_torch_loads(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    tensors = safetensors.torch.load_file(exported(page, "safetensors"))
    torch.testing.assert_close(tensors["layers.0.weights"], torch.tensor(notebook.HIDDEN_WEIGHTS), atol=1e-7, rtol=0)
    assert tensors["layers.1.biases"].tolist() == pytest.approx(notebook.OUTPUT_BIASES, abs=1e-7)


@pytest.mark.long
def test_files_for_other_tools_are_called_as_the_network_is(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/?preset=xor")
    session = onnxruntime.InferenceSession(exported(page, "onnx", "xor.onnx"), providers=["CPUExecutionProvider"])
    document = json.loads(exported(page, "json", "xor.json").read_bytes())
    inputs = np.array([document["inputs"]], dtype=np.float32)
    (found,) = session.run(None, {"inputs": inputs})
    assert found[0].tolist() == pytest.approx(outputs_of(document)[-1], rel=1e-5)
    for kind, lines in (("PyTorch", "nn.Sequential("), ("NumPy", "import numpy as np")):
        with zipfile.ZipFile(exported(page, kind, f"xor-{kind.lower()}.zip")) as archive:
            assert archive.namelist() == ["xor.py", "xor.parameters.safetensors"]
            assert lines in archive.read("xor.py").decode()


def test_pictures_show_the_diagram(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    # What a layer is called is cut where the page cuts it, and not written over the next one's.
    page.locator(".head > .title").last.evaluate("(title) => (title.firstChild.data = 'long '.repeat(40))")
    svg = exported(page, "svg").read_text()
    assert svg.startswith("<svg ")
    assert re.search(r">(long ){2,7}l?o?n?g?… · 1<", svg)
    assert all(text in svg for text in ("0.3171", "0.6813", "−0.1468", "Hidden layer · 2", "sigmoid"))
    assert not re.search(r"oklch|oklab|var\(|class=|\sstyle=|<script", svg)
    assert "M0 0h1v1h-1z" not in svg, "what only holds a drawing's outline still is no part of the picture"
    assert exported(page, "png").read_bytes().startswith(b"\x89PNG")
    # How neurons answer to two inputs stands in them there too.
    live(page, f"{server_url}/en/?preset=xor")
    page.locator(".responses [data-response]:not([hidden])").nth(2).wait_for(state="attached")
    assert exported(page, "svg").read_text().count('href="data:image/png;base64,') == 1


@pytest.mark.parametrize("language", ["PyTorch", long("nn.Sequential"), long("NumPy")])
def test_the_code_tab_prints_the_same_output_live(page: Page, server_url: str, language: str, tmp_path: Path) -> None:
    live(page, f"{server_url}/en/")
    page.get_by_role("tab", name="Code").click()
    page.get_by_text(language, exact=True).click()
    code = page.locator("pre code")
    expect(code).to_contain_text("import")
    type_into(page, "Value of x2", "0.5")
    expect(code).to_contain_text("0.5,")
    program = tmp_path / "program.py"
    program.write_text(code.evaluate("e => e.textContent"))
    printed = float(re.findall(r"-?\d+\.\d+(?:e-?\d+)?", warm.printed(program))[-1])
    assert printed == pytest.approx(neurons(page)["2.0"], abs=1e-6)


def test_the_table_is_the_diagrams_twin(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    page.get_by_role("tab", name="Table").click()
    field = page.get_by_label("weight w11 of layer 2, from h1 to y", exact=True)
    field.fill("-0,25")
    field.press("Enter")
    layers = [notebook.MULTILAYER["layers"][0], {**notebook.MULTILAYER["layers"][1], "weights": [[-0.25], [0.3176783]]}]
    shows_what_torch_gives(page, {**notebook.MULTILAYER, "layers": layers})
    read = "(els, key) => Object.fromEntries(els.map(e => [e.dataset[key], Number(e.dataset.value)]))"
    assert page.locator("[data-weight]").evaluate_all(read, "weight") == edges(page)
    shown = page.locator("[data-a]").evaluate_all(read, "a")
    assert shown == {name: value for name, value in neurons(page).items() if not name.startswith("0.")}


@pytest.mark.long
def test_the_embed_view_stands_in_a_foreign_frame(page: Page, server_url: str, tmp_path: Path) -> None:
    live(page, f"{server_url}/en/")
    change_something(page)
    page.get_by_role("button", name="Share").click()
    frame_html = page.get_by_role("textbox", name="To embed it in a page").input_value()
    before = neurons(page)
    (tmp_path / "index.html").write_text(frame_html)
    (tmp_path / "favicon.ico").touch()
    school = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(tmp_path)))
    Thread(target=school.serve_forever, daemon=True).start()
    # Another port is another origin, which the studio's own page refuses to stand in.
    page.goto(f"http://127.0.0.1:{school.server_port}/")
    frame = page.frame_locator("iframe")
    expect(frame.locator("[data-neuron='2.0']")).to_be_visible()
    expect(frame.locator("[data-neuron='2.0'][data-value]")).to_be_attached()
    shown = frame.locator("[data-neuron]").evaluate_all(
        "els => Object.fromEntries(els.map(e => [e.dataset.neuron, Number(e.dataset.value)]))"
    )
    assert shown == pytest.approx(before, abs=1e-7)
    expect(frame.get_by_role("banner")).to_have_count(0)
    expect(frame.get_by_role("link", name="Open in Adelante")).to_have_attribute("href", re.compile(r"^/en/#v1\."))
    frame.get_by_role("slider", name="Position in the forward pass").press("Home")
    expect(frame.locator("[data-neuron='2.0'][data-value]")).to_have_count(0)
    frame.get_by_role("button", name="Play").click()
    expect(frame.locator("[data-neuron='2.0'][data-value]")).to_be_attached(timeout=20_000)
    school.shutdown()
