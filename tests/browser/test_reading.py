"""What is pasted, dropped and typed: read by the shared rules, told where something was decided, refused in words."""

import base64
import itertools
import json
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from playwright.sync_api import Page, expect

from adelante.network.forward import forward
from adelante.network.presets import chain_named
from tests.browser.test_matrices import open_matrices
from tests.browser.test_studio import live
from tests.long import LONG, long

DROP = """([name, content]) => {
  const bytes = Uint8Array.from(atob(content), (mark) => mark.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name));
  window.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


def drop(page: Page, name: str, content: bytes) -> None:
    page.evaluate(DROP, [name, base64.b64encode(content).decode()])


def paste(page: Page, text: str) -> None:
    page.locator("textarea").fill(text)
    page.locator("form button[type=submit]").click()


def outputs(page: Page, rows: list[list[float]]) -> None:
    """Waits until the batch's outputs are torch's for these rows of the multilayer preset."""
    wanted = forward(chain_named("multilayer").network, torch.tensor(rows).float()).outputs[:, 0].tolist()
    cells = page.locator("td.output[data-value]")
    expect(cells).to_have_count(len(rows))
    expect(cells.last).not_to_have_attribute("data-value", "")
    found = [float(each.get_attribute("data-value") or "nan") for each in cells.all()]
    assert found == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "rows", "notes"),
    [
        (
            "\tx1\tx2\tx3\n0\t0.5\t-1\t2\n1\t1.25\t0\t-3\n",
            [[0.5, -1, 2], [1.25, 0, -3]],
            [
                "Row 1 was read as headings: x1, x2, x3.",
                "The first column has no heading and was left out, as an index.",
            ],
        ),
        ("1,234\t0.5\t3.2", [[1234, 0.5, 3.2]], ["“1,234” was read as 1234, as the other numbers are written."]),
        long("tensor([[-0.1468,  0.7861,  0.9468]])", [[-0.1468, 0.7861, 0.9468]], []),
        long("sep=;\n1;2;3", [[1, 2, 3]], []),
    ],
)
def test_a_pasted_batch_says_how_it_was_read(
    page: Page, server_url: str, text: str, rows: list[list[float]], notes: list[str]
) -> None:
    open_matrices(page, f"{server_url}/en/")
    paste(page, text)
    outputs(page, rows)
    assert page.locator("p.told, li.told").all_text_contents() == notes


def test_what_would_be_read_is_shown_before_it_is_taken(page: Page, server_url: str) -> None:
    open_matrices(page, f"{server_url}/es/")
    page.locator("textarea").fill("a;b;c;ciudad\n0,5;1;2;Lima\n")
    preview = page.locator(".preview")
    expect(preview).to_contain_text("Filas que se usarán: 1.")
    expect(preview).to_contain_text("La fila 1 se ha leído como encabezado: a, b, c, ciudad.")
    expect(preview).to_contain_text("No son entradas de la red y no entran en ella: ciudad.")
    expect(preview).to_contain_text("«ciudad» queda al final de cada fila.")
    expect(page.locator(".rows")).to_have_count(0)
    # What is right for each row may be called as what the network says is.
    page.locator("textarea").fill("x1;x2;x3;y\n0,5;1;2;1\n")
    page.locator("form button").click()
    expect(page.locator(".rows th.output")).to_have_text(["y", "y (dato)", "pérdida"])


@pytest.mark.parametrize(("button", "value"), [("1.234", 1.234), long("1234", 1234.0)])
def test_a_number_with_two_readings_is_asked_about(page: Page, server_url: str, button: str, value: float) -> None:
    open_matrices(page, f"{server_url}/en/")
    paste(page, "1,234\t2\t3")
    expect(page.locator("form [role=alert]")).to_contain_text("“1,234” can be read in two ways: write 1.2340 or 1234.")
    page.get_by_role("button", name=f"Meant as {button}", exact=True).click()
    outputs(page, [[value, 2, 3]])


@pytest.mark.parametrize(
    ("language", "hints"),
    [
        (
            "en",
            {
                "1,000": "1.0000 or 1000?",
                "1e400": "Too large",
                "50%": "write 0.5 or 50",
                "abc": "A number, like 0.5 or 1/3",
            },
        ),
        long("es", {"1.000": "¿1,0000 o 1000?"}),
    ],
)
def test_a_field_says_what_is_wrong_with_a_number_and_waits_for_the_rest(
    page: Page, server_url: str, language: str, hints: dict[str, str]
) -> None:
    live(page, f"{server_url}/{language}/")
    field = page.locator(".inputs input[type=text]").first
    before = field.input_value()
    for typed, hint in hints.items():
        field.fill(typed)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(page.locator(".inputs [role=alert]")).to_contain_text(hint)
    for typed in ("", " ", "-", "1e", "1/", "1e-"):
        field.fill("abc")
        expect(field).to_have_attribute("aria-invalid", "true")
        field.fill(typed)
        expect(field).to_have_attribute("aria-invalid", "false")
        field.press("Escape")
        expect(field).to_have_value(before)


def test_a_number_that_is_not_taken_is_said(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    field = page.locator(".inputs input[type=text]").first
    field.fill("abc")
    field.blur()
    expect(page.locator("footer")).to_contain_text("“abc” is not a number that can be used; it stays −0.1468.")


def saved(module: torch.nn.Module) -> bytes:
    file = BytesIO()
    # The module itself: of its state_dict alone the network opens.
    torch.save(module, file)
    return file.getvalue()


def archive() -> bytes:
    file = BytesIO()
    np.savez(file, w=np.ones((3, 1)))
    return file.getvalue()


@pytest.mark.refusals
def test_a_dropped_file_that_is_no_network_is_told_as_the_server_tells_it(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    for name, content in (
        *([("model.pth", saved(torch.nn.Linear(3, 1)))] if LONG else []),
        ("weights.npz", archive()),
        ("model.h5", b"\x89HDF\r\n\x1a\n" + b"\0" * 100),
        ("model.onnx", b"\x08\x08\x12\x07pytorch\x1a\x052.1.0:\x00" + b"\0" * 40),
        ("net.json", b'{"layers": ['),
    ):
        kind = "application/json" if name.endswith(".json") else "application/octet-stream"
        answer = page.request.post(f"{server_url}/api/v1/networks", data=content, headers={"Content-Type": kind})
        assert not answer.ok
        drop(page, name, content)
        # What torch.save wrote is read by a process of its own, which takes a while to start.
        expect(page.locator("footer .change")).to_have_text(
            f"{name} was not opened: {answer.json()['errors'][0]['detail']}", timeout=30_000
        )


@pytest.mark.parametrize("name", [long("model.safetensors"), "model", long("model.safetensors.bin")])
def test_a_safetensors_file_opens_under_any_name_and_offers_activations(page: Page, server_url: str, name: str) -> None:
    tensors = {
        "0.weight": torch.tensor([[1.0], [-1.0]]),
        "0.bias": torch.zeros(2),
        "2.weight": torch.ones(1, 2),
        "2.bias": torch.zeros(1),
    }
    live(page, f"{server_url}/en/")
    drop(page, name, safetensors.torch.save(tensors))
    expect(page.locator("[data-neuron]")).to_have_count(4)


def test_a_dropped_table_is_offered_as_a_batch(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    drop(page, "data.csv", b"\xef\xbb\xbfx1,x2,x3\r\n0.5,-1,2\r\n1.25,0,-3\r\n")
    expect(page.locator("textarea")).to_have_value("x1,x2,x3\n0.5,-1,2\n1.25,0,-3\n")
    expect(page.locator("form .from")).to_have_text("From data.csv.")
    expect(page.locator(".preview")).to_contain_text("Rows that will be used: 2.")
    page.get_by_role("button", name="Use these rows").click()
    outputs(page, [[0.5, -1, 2], [1.25, 0, -3]])


def test_a_long_table_holds_nothing_up_and_its_first_rows_may_be_taken(page: Page, server_url: str) -> None:
    """It is read beside the page, and its beginning alone stands in the field: all of its lines took ten seconds."""
    live(page, f"{server_url}/en/?preset=multilayer")
    drop(page, "long.csv", b"".join(b"%d,0.25,0.5\n" % k for k in range(100_000)))
    expect(page.locator("form .problem")).to_have_text("There are 100000 rows; at most 1000 can be used at once.")
    assert len(page.locator("textarea").input_value()) < 500
    page.get_by_role("button", name="Use the first 1000 rows").click()
    expect(page.get_by_text("Of 100000 rows the first 1000 are here")).to_be_visible()
    expect(page.get_by_role("region", name="The 1000 rows of the batch")).to_be_visible()


@pytest.mark.refusals
def test_a_proxys_refusal_is_told_in_a_sentence(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    status = 0
    page.route(
        "**/api/v1/networks",
        lambda route: route.fulfill(status=status, content_type="text/html", body="<html>nginx</html>"),
    )
    for status, words in ((413, "too large for the server"), (502, "proxy"), (504, "longer")):
        drop(page, "model.safetensors", safetensors.torch.save({"0.weight": torch.ones(1, 3)}))
        line = page.locator("footer .change")
        expect(line).to_contain_text(f"({status})")
        expect(line).to_contain_text(words)


def state(sizes: list[int]) -> dict[str, Any]:
    pairs = itertools.pairwise(sizes)
    layer = {"name": "l", "activation": "tanh"}
    return {
        "preset": None,
        "inputs": [0.5] * sizes[0],
        "inputNames": [f"x{i + 1}" for i in range(sizes[0])],
        "inputRanges": [[-3, 3]] * sizes[0],
        "outputNames": [],
        "seed": 0,
        "layers": [{**layer, "weights": [[0.01] * m] * n, "biases": [0.0] * m} for n, m in pairs],
    }


@pytest.mark.long
def test_a_network_too_large_for_the_studio_opens_on_its_own_page(page: Page, server_url: str) -> None:
    sizes = [784, 128, 64, 10]
    tensors: dict[str, torch.Tensor] = {}
    for k, (n, m) in enumerate(itertools.pairwise(sizes)):
        tensors |= {f"{2 * k}.weight": torch.zeros(m, n), f"{2 * k}.bias": torch.zeros(m)}
    live(page, f"{server_url}/en/")
    drop(page, "digits.safetensors", safetensors.torch.save(tensors))
    page.wait_for_url("**/?network=*")
    expect(page.locator("[data-body]")).to_have_count(4)
    expect(page.locator("footer .change")).to_contain_text("digits.safetensors")
    page.goto(f"{server_url}/en/")
    expect(page.locator("[data-neuron]")).to_have_count(6)


def test_what_is_kept_and_too_large_does_not_hang_the_page(page: Page, server_url: str) -> None:
    kept = json.dumps({"state": state([784, 128, 10])})
    page.add_init_script(f"localStorage.setItem('adelante.scene.v1', {json.dumps(kept)})")
    live(page, f"{server_url}/en/")
    expect(page.locator("[data-neuron]")).to_have_count(6)
    expect(page.locator("footer .change")).to_contain_text("too large to draw")


def test_a_page_can_be_begun_afresh(page: Page, server_url: str) -> None:
    kept = json.dumps({"state": state([2, 5, 1])})
    page.add_init_script(f"localStorage.setItem('adelante.scene.v1', {json.dumps(kept)})")
    live(page, f"{server_url}/en/")
    expect(page.locator("[data-neuron]")).to_have_count(8)
    live(page, f"{server_url}/en/?fresh")
    expect(page.locator("[data-neuron]")).to_have_count(6)
    assert page.url == f"{server_url}/en/"


def test_a_page_that_hung_is_not_opened_the_same_way_again(page: Page, server_url: str) -> None:
    kept = json.dumps({"state": state([2, 5, 1])})
    page.add_init_script(
        f"localStorage.setItem('adelante.scene.v1', {json.dumps(kept)}); localStorage.setItem('adelante.opening', '1')"
    )
    live(page, f"{server_url}/en/")
    expect(page.locator("[data-neuron]")).to_have_count(6)
    expect(page.locator("footer .change")).to_contain_text("did not finish opening")
