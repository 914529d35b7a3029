"""Files as people have them, dropped and picked: what is open is asked, numbers become a batch, a slow line is told."""

import io
import itertools
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from adelante.formats.dense_safetensors import network_to_safetensors
from adelante.network.dense.network import DenseLayer, DenseNetwork
from app.cli.pictures_in import picture_in
from tests.adelante.formats.onnx.models import with_open_steps
from tests.adelante.formats.onnx.test_hostile import DATA, external
from tests.browser.studio_page import has_sizes, live
from tests.browser.world_page import kept, made, world
from tests.long import long
from tests.slow_line import SlowLine

OPEN = safetensors.torch.save(
    {
        "alpha.weight": torch.tensor([[2.0, 0.0], [0.0, 1.0]]),
        "beta.weight": torch.tensor([[0.0, 1.0], [1.0, 0.0]]),
        "gamma.weight": torch.tensor([[1.0, 3.0]]),
    }
)
HEADS = {
    "actor.0.weight": torch.ones(4, 3),
    "actor.2.weight": torch.ones(2, 4),
    "critic.0.weight": torch.ones(4, 3),
    "critic.2.weight": torch.ones(1, 4),
}


def torch_saved(value: Any) -> bytes:
    file = io.BytesIO()
    torch.save(value, file)
    return file.getvalue()


WHITE = """
  const own = CanvasRenderingContext2D.prototype.getImageData;
  CanvasRenderingContext2D.prototype.getImageData = function (...given) {
    const found = own.apply(this, given);
    found.data.fill(255);
    return found;
  };
"""
PATIENCE = 20_000
SENDING = ("POST", "PATCH")
DROP = """(files) => {
  const transfer = new DataTransfer();
  for (const [name, bytes] of files) transfer.items.add(new File([Uint8Array.from(bytes)], name));
  const how = { dataTransfer: transfer, bubbles: true, cancelable: true };
  for (const kind of ["dragover", "drop"]) window.dispatchEvent(new DragEvent(kind, how));
}"""


def drop(page: Page, *files: tuple[str, bytes]) -> None:
    page.evaluate(DROP, [[name, list(content)] for name, content in files])


def pick(page: Page, name: str, content: bytes) -> None:
    payload: FilePayload = {"name": name, "mimeType": "", "buffer": content}
    page.locator("header input[type=file]").set_input_files(payload)


@pytest.mark.long
@pytest.mark.refusals
def test_the_order_is_asked_and_changed_with_the_keyboard(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    drop(page, ("open.safetensors", OPEN))
    form = page.get_by_role("form", name="In which order do the layers of open.safetensors come?")
    expect(form.get_by_role("heading")).to_be_focused()
    expect(form.get_by_role("listitem")).to_contain_text(["alpha 2 → 2", "beta 2 → 2", "gamma 2 → 1"])
    expect(form.get_by_text("They fit: 2 → 2 → 2 → 1.")).to_be_visible()
    down = form.get_by_role("button", name="Move alpha down")
    down.focus()
    page.keyboard.press("Enter")
    expect(form.get_by_role("listitem").first).to_contain_text("beta")
    expect(down).to_be_focused()
    expect(form.get_by_text("alpha is number 2 of 3 now.")).to_be_attached()
    # Last, it gives what nothing takes; its button is at its end, and the focus stays with it.
    page.keyboard.press("Enter")
    expect(form.get_by_text("They don't fit: gamma gives 1 and alpha takes 2.")).to_be_visible()
    expect(form.get_by_role("button", name="Open it like this")).to_be_disabled()
    expect(form.get_by_role("button", name="Move alpha up")).to_be_focused()
    page.keyboard.press("Enter")
    form.get_by_role("button", name="Open it like this").press("Enter")
    has_sizes(page, [2, 2, 2, 1])
    expect(page.get_by_text("The file names no activation for 3 of its 3 layers.")).to_be_visible()
    assert page.locator("[data-edge]").count() == 10


@pytest.mark.long
@pytest.mark.refusals
def test_a_layer_can_be_left_out(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    drop(page, ("open.safetensors", OPEN))
    form = page.get_by_role("form")
    form.get_by_role("checkbox", name=re.compile("beta")).uncheck()
    expect(form.get_by_text("They fit: 2 → 2 → 1.")).to_be_visible()
    form.get_by_role("button", name="Open it like this").click()
    has_sizes(page, [2, 2, 1])
    expect(page.get_by_text("These layers were left out, as you chose: beta.")).to_be_visible()


@pytest.mark.parametrize(
    ("name", "content"),
    [("redes.safetensors", safetensors.torch.save(HEADS)), long("redes.pth", torch_saved(HEADS))],
    ids=["safetensors", "pth"],
)
@pytest.mark.refusals
def test_the_head_is_asked(page: Page, server_url: str, name: str, content: bytes) -> None:
    live(page, f"{server_url}/es/")
    page.get_by_role("button", name="Exportar", exact=True).click()
    pick(page, name, content)
    form = page.get_by_role("form", name=f"{name} contiene varias redes: ¿cuál?")
    # What torch.save wrote is read in a process of its own.
    expect(form.get_by_role("radio", name=re.compile("actor"))).to_be_checked(timeout=PATIENCE)
    form.get_by_role("radio", name=re.compile("critic.0 3 → 4 · critic.2 4 → 1")).check()
    form.get_by_role("button", name="Abrirlo así").click()
    expect(form).not_to_be_visible(timeout=PATIENCE)
    has_sizes(page, [3, 4, 1])
    expect(page.get_by_text("actor.0, actor.2")).to_be_visible()


@pytest.mark.refusals
def test_sizes_are_asked(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    drop(page, ("steps.onnx", with_open_steps()))
    form = page.get_by_role("form", name="steps.onnx leaves sizes of its inputs open. Which ones?")
    size = form.get_by_role("spinbutton", name="steps")
    expect(size).to_have_value("16")
    size.fill("5")
    size.press("Enter")
    expect(page).to_have_url(re.compile(r"\?network="), timeout=PATIENCE)
    id = page.url.partition("network=")[2].partition("&")[0].partition("#")[0]
    assert page.request.get(f"{server_url}/api/v1/networks/{id}").json()["input"]["shape"] == [5, 3]


@pytest.mark.long
@pytest.mark.refusals
def test_numbered_networks_may_be_one_after_all(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    names = [f"net{n}.{k}" for n in (1, 2) for k in (0, 2)]
    pick(page, "nets.safetensors", safetensors.torch.save({f"{name}.weight": torch.eye(3) for name in names}))
    form = page.get_by_role("form", name="nets.safetensors holds several networks: which one?")
    form.get_by_role("radio", name=re.compile("One network after all.*net1.0 → net1.2 → net2.0 → net2.2")).check()
    form.get_by_role("button", name="Open it like this").click()
    has_sizes(page, [3, 3, 3, 3, 3])


@pytest.mark.long
@pytest.mark.refusals
def test_a_file_that_is_asked_about_can_be_let_go(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    drop(page, ("open.safetensors", OPEN))
    page.get_by_role("button", name="Don't open it").click()
    expect(page.get_by_role("form", name=re.compile("In which order"))).to_have_count(0)
    has_sizes(page, [3, 2, 1])


@pytest.mark.long
@pytest.mark.refusals
def test_the_page_of_any_network_asks_and_sends_as_the_studio_does(page: Page, line: SlowLine, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{line.port}"
    world(page, f"{url}/en/?network={kept(url, made('residual', tmp_path)[0])}")
    line.rate = 64 * 1024
    pick(page, "large.safetensors", LARGE)
    expect(page.get_by_text(re.compile(r"^[1-9]\d? % sent$"))).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    line.rate = 1e9
    drop(page, ("open.safetensors", OPEN))
    form = page.get_by_role("form", name="In which order do the layers of open.safetensors come?")
    expect(form.get_by_role("heading")).to_be_focused()
    form.get_by_role("checkbox", name=re.compile("beta")).uncheck()
    form.get_by_role("button", name="Open it like this").click()
    # The studio draws this one, and tells what was decided for the file.
    has_sizes(page, [2, 2, 1])
    expect(page.get_by_text("These layers were left out, as you chose: beta.")).to_be_visible()
    expect(page.get_by_title("Undo: Opened: open.safetensors")).to_be_attached()


@pytest.mark.refusals
def test_a_model_opens_with_the_file_of_its_numbers(page: Page, server_url: str) -> None:
    """As torch writes them, net.onnx and net.onnx.data: dropped or chosen together, on the page of any network too."""
    model = ("net.onnx", external("net.onnx.data"))
    numbers = ("net.onnx.data", DATA["net.onnx.data"])
    live(page, f"{server_url}/en/")
    line = page.locator("footer .change")
    drop(page, model)
    expect(line).to_contain_text("Choose or drop both files at once", timeout=PATIENCE)
    drop(page, model, ("rows.csv", b"1,2,3"), numbers)
    expect(line).to_contain_text("Several files came at once: net.onnx, rows.csv, net.onnx.data.")
    drop(page, numbers, model)
    has_sizes(page, [3, 4])
    page.goto(f"{server_url}/en/?preset=digits-conv")
    payloads: list[FilePayload] = [{"name": name, "mimeType": "", "buffer": data} for name, data in (model, numbers)]
    page.locator("header input[type=file]").set_input_files(payloads)
    page.wait_for_url("**/?network=*", timeout=PATIENCE)
    has_sizes(page, [3, 4])


def saved(**arrays: Any) -> bytes:
    file = io.BytesIO()
    if list(arrays) == ["array"]:
        np.save(file, arrays["array"])
    else:
        np.savez_compressed(file, **arrays)
    return file.getvalue()


ROWS = np.array([[0.5, 1.2, 3.4], [1.0, 2.0, 3.0]])


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("rows.npy", saved(array=ROWS), ""),
        long("rows32.npy", saved(array=ROWS.astype(np.float32)), ""),
        long("fortran.npy", saved(array=np.asfortranarray(ROWS)), ""),
        (
            "rows.npz",
            saved(inputs=ROWS, labels=np.array([0, 1])),
            "The array inputs holds the inputs, labels what is right",
        ),
        long("rows.csv", b"0.5,1.2,3.4\n1,2,3\n", ""),
        ("rows.tsv", b"x1\tx2\tx3\n0.5\t1.2\t3.4\n1\t2\t3\n", "Row 1 was read as headings"),
        long("rows.json", b"[[0.5, 1.2, 3.4], [1, 2, 3]]", ""),
        long("records.json", b'[{"a": 0.5, "b": 1.2, "c": 3.4}]', "The columns were taken in their order: a, b, c."),
        long("split.json", b'{"columns": ["x3", "x1", "x2"], "data": [[3.4, 0.5, 1.2]]}', ""),
    ],
)
def test_numbers_of_any_file_become_a_batch(page: Page, server_url: str, name: str, content: bytes, said: str) -> None:
    live(page, f"{server_url}/en/?preset=multilayer")
    drop(page, (name, content))
    expect(page.locator("form .from")).to_have_text(f"From {name}.", timeout=PATIENCE)
    if said:
        expect(page.get_by_text(said, exact=False).first).to_be_visible()
    page.get_by_role("button", name="Use these rows").click()
    values = page.locator("[data-neuron^='0.']").evaluate_all("els => els.map(e => Number(e.dataset.value))")
    assert values == pytest.approx([0.5, 1.2, 3.4])


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("wide.npy", saved(array=np.ones((2, 4))), "The array's shape is (2, 4); the network takes 3 numbers"),
        long("words.npy", saved(array=np.array(["a", "b"])), "can't be inputs"),
        ("odd.npy", saved(array=np.array([[1.0, np.nan, 2.0]])), "NaN"),
        long("cut.npy", saved(array=ROWS)[:-8], "damaged or incomplete"),
        long("two.npz", saved(a=ROWS, b=ROWS), "several arrays, a, b"),
        ("broken.png", b"\x89PNG\r\n\x1a\n no picture", "can't be a picture"),
    ],
)
def test_what_cannot_be_a_batch_is_said(page: Page, server_url: str, name: str, content: bytes, said: str) -> None:
    live(page, f"{server_url}/en/?preset=multilayer")
    drop(page, (name, content))
    line = page.locator("footer .change")
    expect(line).to_contain_text(f"{name} was not opened", timeout=PATIENCE)
    expect(line).to_contain_text(said)


@pytest.mark.refusals
@pytest.mark.parametrize("address", [long("?preset=multilayer"), "?network=digits-conv"])
def test_text_that_stands_in_place_of_a_network_is_no_table(page: Page, server_url: str, address: str) -> None:
    page.goto(f"{server_url}/en/{address}")
    page.locator("[data-neuron]").first.wait_for()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n"
    drop(page, ("net.onnx", pointer.encode()))
    said = page.locator("footer")
    expect(said).to_contain_text("net.onnx was not opened", timeout=PATIENCE)
    expect(said).to_contain_text("Git LFS")


def picture(width: int, height: int, mode: str = "L") -> bytes:
    channels = len(mode)
    values = np.random.default_rng(7).integers(0, 256, (height, width, channels), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(values.squeeze(), mode).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("width", "height", "mode"), [long(8, 8, "L"), (8, 8, "RGB"), long(40, 30, "L"), long(5, 3, "RGB")]
)
def test_a_picture_is_what_the_command_line_makes_of_it(
    page: Page, server_url: str, width: int, height: int, mode: str
) -> None:
    live(page, f"{server_url}/en/?preset=multilayer")
    torch.manual_seed(1)
    network = DenseNetwork([DenseLayer(torch.randn(64, 2), torch.zeros(2))])
    drop(page, ("network.safetensors", network_to_safetensors(network)))
    has_sizes(page, [64, 2])
    content = picture(width, height, mode)
    drop(page, ("picture.png", content))
    notes = page.locator("form .words")
    said = f"A picture of {width} × {height} pixels, as grey from 0 (black) to 1 (white)."
    expect(notes).to_contain_text(said, timeout=PATIENCE)
    scaled = notes.get_by_text("It was scaled to 8 × 8 pixels, whole and not cropped.")
    expect(scaled).to_have_count(0 if (width, height) == (8, 8) else 1)
    text = page.locator("textarea").input_value()
    found = torch.tensor(json.loads(text))[0]
    wanted = torch.from_numpy(picture_in("p", content, (64,), 1 << 20, resize=True).values.copy())
    # A rounding apart, where it was scaled.
    assert (found - wanted).abs().max() <= (1.01 / 255 if scaled.count() else 1e-7)


@pytest.mark.long
def test_a_browser_that_changes_pixels_makes_no_numbers_of_them(page: Page, server_url: str) -> None:
    page.add_init_script(WHITE)
    live(page, f"{server_url}/en/?preset=multilayer")
    network = DenseNetwork([DenseLayer(torch.ones(64, 1), torch.zeros(1))])
    drop(page, ("network.safetensors", network_to_safetensors(network)))
    has_sizes(page, [64, 1])
    drop(page, ("picture.png", picture(8, 8)))
    expect(page.locator("footer .change")).to_contain_text("This browser changes the pixels", timeout=PATIENCE)


@pytest.fixture
def line(server_url: str) -> Iterator[SlowLine]:
    with SlowLine(int(server_url.rpartition(":")[2]), 1e9).open() as line:
        yield line


def saved_model(*sizes: int) -> bytes:
    torch.manual_seed(3)
    return safetensors.torch.save(
        torch.nn.Sequential(*itertools.starmap(torch.nn.Linear, pairwise(sizes))).state_dict()
    )


# More than what the machine's own buffers take at once.
LARGE = saved_model(784, 1500, 10)


@pytest.mark.long
def test_how_far_a_file_is_is_told_and_it_may_be_stopped(page: Page, line: SlowLine) -> None:
    live(page, f"http://127.0.0.1:{line.port}/en/")
    line.rate = 64 * 1024
    pick(page, "large.safetensors", LARGE)
    expect(page.get_by_text("Sending large.safetensors to the server…")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^[1-9]\d? % sent$"))).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    has_sizes(page, [3, 2, 1])
    line.rate = 1e9
    page.wait_for_timeout(500)
    assert line.up < len(LARGE)


@pytest.mark.long
@pytest.mark.refusals
def test_a_file_goes_on_where_the_line_broke(page: Page, line: SlowLine) -> None:
    live(page, f"http://127.0.0.1:{line.port}/en/")
    # What comes when nothing else is to be done has come: nothing else breaks.
    page.wait_for_load_state("networkidle")
    line.rate = 2e6
    before = line.up
    pick(page, "large.safetensors", LARGE)
    for share in (10, 30):
        page.wait_for_function(f"() => parseInt(document.querySelector('progress + span')?.textContent) > {share}")
        # It goes on by itself; Chromium may send the request once more before the page hears of it.
        line.cut()
    # At last there is no line, for longer than the page tries by itself.
    line.dead = True
    line.cut()
    expect(page.get_by_role("complementary").get_by_role("status")).to_contain_text("The connection broke")
    again = page.get_by_role("button", name="Send it again")
    expect(again).to_be_visible(timeout=60_000)
    line.dead, line.rate = False, 1e9
    again.click()
    page.wait_for_url("**/?network=*", timeout=60_000)
    # Nothing was sent twice but what was on its way.
    assert line.up - before < 1.3 * len(LARGE)


@pytest.mark.long
def test_a_large_network_opens_once_over_a_slow_line(page: Page, line: SlowLine) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method in SENDING else None)
    live(page, f"http://127.0.0.1:{line.port}/en/")
    content = saved_model(784, 384, 64, 10)
    assert len(content) > 1.3e6
    before = line.up
    line.rate = 160 * 1024
    pick(page, "digits.safetensors", content)
    expect(page.get_by_role("complementary").get_by_role("status")).to_contain_text(
        "digits.safetensors", timeout=PATIENCE
    )
    page.wait_for_url("**/?network=*", timeout=90_000)
    # Its place is asked for, then it comes.
    assert [url.split("/")[5] for url in sent] == ["networks", "uploads"]
    assert line.up - before < 1.3 * len(content)
