"""Any network's responses, slopes and painted tracks, its batches, its page in another one's frame: all by torch."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
import torch
import torch.nn.functional as F
from playwright.sync_api import Page, expect

import adelante
from adelante.datasets import data_set_named
from adelante.network.network import Network
from adelante.network.presets import preset_named
from tests.browser.accessibility import finds_nothing
from tests.browser.world_page import outputs, painted, paintings, world

NETWORK = "digits-conv"


@pytest.fixture(scope="module")
def digits() -> Network:
    return preset_named(NETWORK).network


def outcomes(network: Network, x: torch.Tensor) -> torch.Tensor:
    """What the network's one output comes to."""
    found = adelante.forward(network, x).outputs
    assert isinstance(found, torch.Tensor)
    return found


def inputs_now(page: Page, url: str) -> torch.Tensor:
    """Those that the page begins with."""
    preset = requests.get(f"{url}/api/v1/presets/{NETWORK}", timeout=30).json()
    return torch.tensor(preset["inputs"], dtype=torch.float32)


@pytest.mark.long
def test_an_output_along_one_number_and_over_two(page: Page, server_url: str, digits: Network) -> None:
    world(page, f"{server_url}/en/?network={NETWORK}")
    page.get_by_role("tab", name="Responses").click()
    slopes = page.locator("[data-quantity=slope]")
    expect(slopes).to_have_count(8)

    # The slopes are torch's, the strongest of the inputs first.
    x = inputs_now(page, server_url).requires_grad_()
    (grad,) = torch.autograd.grad(outcomes(digits, x).reshape(-1)[0], x)
    told = float(slopes.first.get_attribute("data-value") or "nan")
    assert abs(told) == pytest.approx(float(grad.abs().max()), rel=1e-3)
    cell = page.locator(".slopes button.name").first.inner_text()
    at = [int(k) - 1 for k in re.findall(r"\d+", cell)]
    assert told == pytest.approx(float(grad[tuple(at)]), rel=1e-3)

    # The curve is drawn along it; drawn along the curve, the number follows, and the output with it.
    plot = page.locator("svg[data-response]")
    expect(plot).to_be_visible()
    box = plot.bounding_box()
    assert box
    before = paintings(page)
    page.mouse.click(box["x"] + box["width"] - 13, box["y"] + 60)
    painted(page, before)
    field = page.get_by_role("group", name="along").get_by_role("textbox")
    moved = x.detach().clone()
    moved[tuple(at)] = float(field.input_value())
    assert float(field.input_value()) > 14
    expected = outcomes(digits, moved).reshape(-1).tolist()
    assert outputs(page) == pytest.approx(expected, abs=1e-5)

    # Over two: its least and greatest number are those of torch's plane, as the samples have it.
    page.get_by_role("button", name=re.compile("as second axis$")).nth(1).click()
    expect(page.locator("canvas:not([hidden])").last).to_be_visible()
    low, high = (page.locator(f"[data-quantity={end}]").last for end in ("least", "greatest"))
    expect(low).to_be_visible()
    # The list may be in another order by now: the slopes are those of the number that was moved.
    over = page.get_by_role("group", name=re.compile("^and over")).get_attribute("aria-label") or ""
    other = [int(k) - 1 for k in re.findall(r"\d+", over)]
    steps = page.locator("canvas:not([hidden])").last.evaluate("canvas => canvas.width")
    along = torch.linspace(0, 16, steps)
    plane = moved.repeat(steps * steps, *([1] * moved.dim()))
    plane[:, at[0], at[1], at[2]] = along.repeat(steps)
    plane[:, other[0], other[1], other[2]] = along.repeat_interleave(steps)
    responses = outcomes(digits, plane)[:, 0]
    assert float(low.get_attribute("data-value") or "nan") == pytest.approx(float(responses.min()), abs=1e-4)
    assert float(high.get_attribute("data-value") or "nan") == pytest.approx(float(responses.max()), abs=1e-4)
    finds_nothing(page, "responses", within=".inspector")


def test_sliders_say_what_they_would_give(page: Page, server_url: str, digits: Network) -> None:
    world(page, f"{server_url}/en/?network={NETWORK}")
    page.locator("[data-body='0']").click(position={"x": 52, "y": 52})
    track = page.locator(".inputs [data-track]")
    expect(track).to_be_visible()
    at = [int(k) for k in re.findall(r"\d+", (page.locator(".inspector h2").get_attribute("data-cell") or "")[6:])]
    x = inputs_now(page, server_url)
    batch = x.repeat(49, *([1] * x.dim()))
    batch[:, at[0], at[1], at[2]] = torch.linspace(0, 16, 49)
    # Of ten outputs the strongest is painted, on a scale of its own whose ends are told with its name.
    responses = outcomes(digits, batch)[:, 0]
    ends = page.locator(".inputs .end [data-value]")
    expect(ends.first).to_be_visible()
    found = sorted(float(each.get_attribute("data-value") or "nan") for each in ends.all())
    assert found[0] == pytest.approx(float(responses.min()), abs=1e-5)
    assert found[-1] == pytest.approx(float(responses.max()), abs=1e-5)
    expect(page.locator(".inputs .end .of").first).to_have_text("0: ")


@pytest.mark.long
def test_a_batch_from_a_file_and_its_outputs(page: Page, server_url: str, digits: Network, tmp_path: Path) -> None:
    world(page, f"{server_url}/en/?network={NETWORK}")
    rows = np.random.default_rng(3).integers(0, 17, (5, 1, 8, 8)).astype(np.float32)
    file = tmp_path / "five.npy"
    np.save(file, rows)
    page.locator("header input[type=file]").set_input_files(file)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Use these rows").click()
    expected = outcomes(digits, torch.from_numpy(rows))
    cells = page.locator("td.output[data-value]")
    expect(cells).to_have_count(50)
    found = [float(each.get_attribute("data-value") or "nan") for each in cells.all()]
    assert found == pytest.approx(expected.reshape(-1).tolist(), abs=1e-6)
    assert page.locator("tbody td.output:not([data-value])").all_inner_texts() == [
        str(k) for k in expected.argmax(1).tolist()
    ]

    # The row that one goes to is drawn; a moved parameter moves all rows.
    diagram = page.locator("[data-diagram]")
    before = diagram.get_attribute("data-outputs") or ""
    page.get_by_role("button", name="Next row").click()
    expect(diagram).not_to_have_attribute("data-outputs", before)
    assert outputs(page) == pytest.approx(expected[1].tolist(), abs=1e-6)
    finds_nothing(page, "batch", within="[role=tabpanel]")
    page.get_by_role("button", name="Remove the batch").click()
    expect(page.get_by_role("tabpanel").get_by_role("textbox")).to_be_focused()


@pytest.mark.long
@pytest.mark.parametrize("size", [(1400, 900), (390, 844)])
def test_a_batch_with_what_is_right_tells_its_loss(
    page: Page, server_url: str, digits: Network, size: tuple[int, int]
) -> None:
    """Of each row and of all, as torch has it, the wrong ones first; and what is right stands on the curve."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    world(page, f"{server_url}/es/?network={NETWORK}")
    x, classes = (each[:12] for each in data_set_named("digits").held_out_rows)
    lines = [
        " ".join(f"{value:g}" for value in [*row.flatten().tolist(), k]) for row, k in zip(x, classes, strict=True)
    ]
    page.get_by_role("tab", name="Lote").click()
    page.locator("textarea").fill("\n".join(lines))
    page.get_by_role("button", name="Usar estas filas").click()
    shares = outcomes(digits, x)
    rows = F.nll_loss(shares.double().log(), classes, reduction="none")
    wrong = shares.argmax(1) != classes
    assert 0 < wrong.sum() < len(x)

    told = page.locator("td[data-loss]")
    expect(told).not_to_have_count(0)
    page.wait_for_function("() => document.querySelector('td[data-loss]')?.dataset.value")
    order = [int(each.get_attribute("data-loss") or -1) for each in told.all()]
    assert order == list(range(len(order)))
    found = [float(each.get_attribute("data-value") or "nan") for each in told.all()]
    assert found == pytest.approx(rows[: len(order)].tolist(), rel=1e-4, abs=1e-6)
    assert [each.get_by_role("img", name="fallo").count() for each in told.all()] == wrong.long()[: len(order)].tolist()
    mean = page.locator("[data-loss=mean]")
    assert float(mean.get_attribute("data-value") or "nan") == pytest.approx(float(rows.mean()), rel=1e-5)
    expect(mean).to_have_text(f"\u2007{float(rows.mean()):.4f}".replace(".", ","))
    expect(page.locator("[data-loss=accuracy]")).to_have_text(f"{len(x) - int(wrong.sum())} de {len(x)} aciertos")

    # What is taken for what, walked with the keys.
    page.get_by_text("Qué se toma por qué").click()
    counts = torch.zeros(10, 10, dtype=torch.long)
    counts.index_put_((classes, shares.argmax(1)), torch.ones(len(x), dtype=torch.long), accumulate=True)
    cells = page.locator("[data-confusion]")
    assert [int(each.get_attribute("data-value") or -1) for each in cells.all()] == counts.flatten().tolist()
    own, taken = (int(each[wrong][0]) for each in (classes, shares.argmax(1)))
    page.locator(f"[data-confusion='{own} {taken}'] button").press("Enter")
    expect(told).to_have_count(int(counts[own, taken]))
    page.get_by_role("button", name="Mostrar todas las filas").click()

    # The keys go through the rows as they stand: the worst one comes first.
    page.get_by_role("checkbox", name="primero los fallos").check()
    worst = int(torch.where(wrong, rows, -1.0).argmax())
    expect(told.first).to_have_attribute("data-loss", str(worst))
    page.get_by_role("region", name="Las 12 filas del lote").press("Home")
    page.wait_for_function(
        "y => Math.abs(document.querySelector('[data-diagram]').dataset.outputs.split(' ')[0] - y) < 1e-6",
        arg=float(shares[worst, 0]),
    )
    expect(page.locator("tr[aria-current]")).to_have_attribute("aria-rowindex", "2")
    finds_nothing(page, "loss", within="[role=tabpanel]")

    # On the curve of a class it is one or nothing for each row.
    page.get_by_role("tab", name="Respuestas").click()
    right = page.locator("path.right")
    expect(right).to_have_attribute("d", re.compile("^M"))
    assert (right.get_attribute("d") or "").count("M") == len(x)


FRAMED: Any = {
    "input": {"shape": [2, 3]},
    "layers": [
        {"kind": "flatten"},
        {"weights": [[0.5], [-0.25], [0.125], [1.0], [-1.0], [0.75]], "activation": "tanh"},
    ],
}


@pytest.mark.long
def test_any_network_stands_in_a_frame(page: Page, server_url: str) -> None:
    id = requests.post(f"{server_url}/api/v1/networks", json=FRAMED, timeout=30).json()["id"]
    world(page, f"{server_url}/en/?network={id}")
    page.locator("[data-neuron='0.1'], [data-body='0']").first.click(force=True)
    told = outputs(page)
    page.get_by_role("button", name="Share").click()
    snippet = page.get_by_role("textbox", name="To embed it in a page").input_value()
    address = re.search(r'src="([^"]+)"', snippet)
    assert address
    assert f"/en/embed?network={id}#" in address[1]
    world(page, address[1])
    assert outputs(page) == pytest.approx(told, abs=1e-6)
    finds_nothing(page, "framed")
    # Moved there, it is as it was made on the page of its own; nothing was kept.
    diagram = page.locator("[data-diagram]")
    before = diagram.get_attribute("data-outputs") or ""
    field = page.locator(".inputs").get_by_role("textbox").first
    field.fill("2")
    field.press("Enter")
    expect(diagram).not_to_have_attribute("data-outputs", before)
    moved = outputs(page)
    link = page.get_by_role("link", name="Open in Adelante")
    expect(link).to_have_attribute("href", re.compile(rf"/en/\?network={id}#."))
    page.wait_for_timeout(600)
    href = link.get_attribute("href") or ""
    assert page.evaluate("() => localStorage.length") <= 1
    world(page, f"{server_url}{href}")
    assert outputs(page) == pytest.approx(moved, abs=1e-6)
