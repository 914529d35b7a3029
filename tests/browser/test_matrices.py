"""The pass as matrix products: every cell is torch's, cells and diagram are linked, a batch is stepped through."""

import json
import re
from itertools import pairwise
from typing import Any

import pytest
import torch
from playwright.sync_api import Page, expect

from tests.browser.test_studio import Expected, drag, live, shows, slider, value_of
from tests.browser.test_why import printed
from tests.long import long

CELLS = "els => els.map(e => [e.dataset.cell, Number(e.dataset.value), e.textContent.trim()])"
OUTPUTS = "els => els.map(e => [Number(e.dataset.row), Number(e.dataset.value), e.textContent.trim()])"


def open_matrices(page: Page, url: str) -> None:
    live(page, url)
    page.get_by_role("tab").first.click()


def cells_of(expected: Expected) -> dict[str, float]:
    """What every cell should hold, by its address."""
    a = expected.x
    cells = {f"a.0.{i}": value for i, value in enumerate(a.tolist())}
    for k, (w, b) in enumerate(zip(expected.weights, expected.biases, strict=True), 1):
        z = a @ w + b
        a = torch.sigmoid(z)
        cells |= {f"w.{k}.{i}.{j}": w[i, j].item() for i in range(w.shape[0]) for j in range(w.shape[1])}
        for name, vector in (("b", b), ("z", z), ("a", a)):
            cells |= {f"{name}.{k}.{j}": value for j, value in enumerate(vector.tolist())}
    return cells


def matrices_show(page: Page, expected: Expected) -> None:
    shows(page, expected)
    cells = cells_of(expected)
    expect(page.locator("[data-cell]")).to_have_count(len(cells))
    found = page.locator("[data-cell]").evaluate_all(CELLS)
    assert {cell: value for cell, value, _ in found} == pytest.approx(cells, abs=1e-6)
    for _, value, text in found:
        assert text.strip("\u2007 ") == printed(value)


def test_every_cell_is_torchs_and_follows(page: Page, server_url: str) -> None:
    open_matrices(page, f"{server_url}/en/")
    expected = Expected()
    matrices_show(page, expected)
    for shape in ("(1×3)", "(3×2)", "(2×1)"):
        expect(page.locator(".chain")).to_contain_text(shape)
    drag(page, slider(page, "x2"), 0.1)
    expected.x[1] = value_of(slider(page, "x2"))
    matrices_show(page, expected)
    slider(page, "x1").evaluate(
        """async element => {
          for (let k = 0; k < 100; k++) {
            element.value = String(Math.sin(k) * 3);
            element.dispatchEvent(new Event("input", { bubbles: true }));
            if (k % 10 === 0) await new Promise(requestAnimationFrame);
          }
        }"""
    )
    expected.x[0] = value_of(slider(page, "x1"))
    matrices_show(page, expected)


def test_cells_and_diagram_light_each_other(page: Page, server_url: str) -> None:
    open_matrices(page, f"{server_url}/en/")
    pointed, lit = re.compile(r"\bpointed\b"), re.compile(r"\blit\b")
    for cell, place in {
        "w.1.2.0": "[data-edge='1.2.0']",
        "a.0.1": "[data-neuron='0.1']",
        "z.1.1": "[data-neuron='1.1']",
        "a.2.0": "[data-neuron='2.0']",
    }.items():
        page.locator(f"[data-cell='{cell}']").hover()
        expect(page.locator(place)).to_have_class(pointed)
    page.locator("[data-cell='b.1.0']").hover()
    expect(page.locator("[data-bias='1.0']")).to_have_class(lit)
    expect(page.locator(".inspector li.row").nth(3)).to_have_class(lit)
    page.locator(".inspector li.row").first.hover()
    expect(page.locator("[data-cell='w.1.0.0']")).to_have_class(pointed)
    page.locator("[data-neuron='1.1']").hover()
    expect(page.locator("[data-cell='z.1.1']")).to_have_class(pointed)
    expect(page.locator("[data-cell='w.1.2.1']")).to_have_class(re.compile(r"\bkin\b"))


def batch_shows(page: Page, expected: Expected, rows: list[list[float]]) -> None:
    """Waits until the batch's outputs are torch's, then compares digits too."""
    a = torch.tensor(rows)
    for w, b in zip(expected.weights, expected.biases, strict=True):
        a = torch.sigmoid(a @ w + b)
    page.wait_for_function(
        "([at, y]) => Math.abs(Number(document.querySelector(`[data-row='${at}']`)?.dataset.value) - y) < 1e-6",
        arg=[0, a[0, 0].item()],
    )
    found: list[Any] = page.locator("[data-row]").evaluate_all(OUTPUTS)
    assert found
    for row, value, text in found:
        assert value == pytest.approx(a[row, 0].item(), abs=1e-6)
        assert text.strip("\u2007 ") == printed(value)


def whole_batch_shows(page: Page, expected: Expected, rows: list[list[float]], at: int) -> None:
    """The matrices hold every row: X · W + b = Z, f(Z) = A. Cells of row `at`, which the network has, don't name it."""
    cells: dict[str, float] = {}
    for row, inputs in enumerate(rows):
        end = "" if row == at else f".{row}"
        of_row = Expected()
        of_row.x, of_row.weights = torch.tensor(inputs), expected.weights
        cells |= {name if name[0] in "wb" else name + end: value for name, value in cells_of(of_row).items()}
    # What the server tells of the other rows comes a moment later.
    other = next(name for name in cells if name.startswith("z.1.0."))
    page.wait_for_function(
        "([cell, z]) => Math.abs(Number(document.querySelector(`[data-cell='${cell}']`)?.dataset.value) - z) < 1e-6",
        arg=[other, cells[other]],
    )
    found = page.locator("[data-cell]").evaluate_all(CELLS)
    assert {cell: value for cell, value, _ in found} == pytest.approx(cells, abs=1e-6)
    for _, value, text in found:
        assert text.strip("\u2007 ") == printed(value)


def test_inputs_weights_and_biases_are_typed_in_their_cells(page: Page, server_url: str) -> None:
    open_matrices(page, f"{server_url}/en/")
    expected = Expected()
    field = page.locator(".cell input")
    for cell, text, value in (("w.1.1.0", "1/3", 1 / 3), ("b.1.1", "0,5", 0.5), ("a.0.2", "-2e-3", -0.002)):
        page.locator(f"[data-cell='{cell}']").dblclick()
        field.fill(text)
        field.press("Enter")
        expect(field).to_have_count(0)
        expect(page.locator(f"[data-cell='{cell}']")).to_have_attribute("data-value", str(value))
    expected.weights[0][1, 0] = 1 / 3
    expected.biases[0][1] = 0.5
    expected.x[2] = -0.002
    shows(page, expected)
    for computed in ("z.1.0", "a.1.0"):
        page.locator(f"[data-cell='{computed}']").dblclick()
        expect(field).to_have_count(0)


@pytest.mark.parametrize("language", [long("en"), "es"])
def test_a_pasted_batch_is_stepped_through(page: Page, server_url: str, language: str) -> None:
    open_matrices(page, f"{server_url}/{language}/")
    expected = Expected()
    rows = [[0.5, -1.25, 2.0], [0.0, 0.0, 0.0], [1.0, 1.5, -2.5]]
    text = "\n".join("\t".join(str(value) for value in row) for row in rows)
    page.locator("textarea").evaluate(
        """(area, text) => {
          area.focus();
          document.execCommand("insertText", false, text);
        }""",
        text.replace(".", "," if language == "es" else "."),
    )
    page.locator("form button").click()
    for index, row in enumerate(rows):
        if index > 0:
            page.get_by_role("button", name={"en": "Next row", "es": "Fila siguiente"}[language]).click()
        expected.x = torch.tensor(row)
        shows(page, expected)
        expect(page.locator("tr[aria-current=true]")).to_have_count(1)
        expect(page.locator("tr[aria-current=true] [data-row]")).to_have_attribute("data-row", str(index))
    if language == "en":
        batch_shows(page, expected, rows)
        drag(page, slider(page, "weight w21"), 0.8)
        expected.weights[0][1, 0] = value_of(slider(page, "weight w21"))
        shows(page, expected)
        batch_shows(page, expected, rows)
        whole_batch_shows(page, expected, rows, 2)
        for shape in ("X (3×3)", "(3×2)", "Z(1) (3×2)", "A(2) (3×1)"):
            expect(page.locator(".chain")).to_contain_text(shape)
        # A cell of another row goes there. With an input moved the network has none of the rows: its own stands alone.
        page.locator("[data-cell='z.1.1.0']").click()
        expect(page.locator("tr[aria-current=true] [data-row]")).to_have_attribute("data-row", "0")
        whole_batch_shows(page, expected, rows, 0)
        drag(page, slider(page, "x1"), 0.2)
        expect(page.locator(".chain")).to_contain_text("x (1×3)")
        expect(page.locator("tr[aria-current=true]")).to_have_count(0)
        page.locator(".rows").press("ArrowDown")
        expected.x = torch.tensor(rows[1])
        shows(page, expected)


@pytest.mark.long
def test_what_cannot_be_read_is_said_and_kept(page: Page, server_url: str) -> None:
    open_matrices(page, f"{server_url}/en/")
    area = page.locator("textarea")
    for text, answer in {
        "1,2\n3,4": "Row 1 has 2 numbers; the network takes 3.",
        "1,2,3\n4,5,six": "In row 2, “six” is not a number that can be used.",
        "[[1, 2": "It starts like JSON but is neither JSON nor an array",
    }.items():
        area.fill(text)
        page.locator("form button").click()
        expect(page.locator("form [role=alert]")).to_contain_text(answer)
        expect(area).to_have_value(text)
    shows(page, Expected())


@pytest.mark.long
def test_a_large_matrix_says_what_it_leaves_out(page: Page, server_url: str) -> None:
    torch.manual_seed(3)
    sizes = [30, 20, 2]
    state: dict[str, Any] = {
        "preset": None,
        "inputs": torch.randn(30).tolist(),
        "inputNames": [f"x{i + 1}" for i in range(30)],
        "inputRanges": [[-3, 3]] * 30,
        "outputNames": ["y1", "y2"],
        "seed": 3,
        "layers": [
            {
                "name": "l",
                "activation": "tanh",
                "weights": torch.randn(n, m).tolist(),
                "biases": torch.randn(m).tolist(),
            }
            for n, m in pairwise(sizes)
        ],
    }
    page.add_init_script(
        f"sessionStorage.setItem('adelante.handover', {json.dumps(json.dumps({'scene': {'state': state}}))})"
    )
    open_matrices(page, f"{server_url}/en/")
    expect(page.locator(".chain")).to_contain_text("(30×20)")
    expect(page.locator(".chain")).to_contain_text("23 more rows")
    expect(page.locator(".chain")).to_contain_text("7 × 7 of them are shown")
    weights = torch.tensor(state["layers"][0]["weights"])
    found = page.locator("[data-cell^='w.1.']").evaluate_all(CELLS)
    for cell, value, _ in found:
        i, j = (int(part) for part in cell.split(".")[2:])
        assert value == pytest.approx(weights[i, j].item(), abs=1e-6)
    page.locator("[data-neuron='1.12']").click()
    expect(page.locator("[data-cell='w.1.0.12']")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
