"""Names of any length: cut or on two lines, whole on hover and to a screen reader; no number leaves its panel."""

import itertools
import json
import re
from typing import Any

import pytest
import requests
import torch
from playwright.sync_api import Page, expect

from tests.browser.studio_page import live
from tests.long import crossed, long

INPUTS = ["sepal length (cm)", "ingresos anuales del hogar (€)", "ingresosanualesdelhogarconvivientes" * 3, "x4"]
OUTPUTS = ["probabilidad de aprobar el examen", "y2"]

# What holds a number and stands, as far as it is seen, outside of the section that it belongs to or of the window.
OUTSIDE = """section => {
  const around = document.querySelector(section).getBoundingClientRect();
  const right = Math.min(around.right, innerWidth) + 0.5;
  return [...document.querySelectorAll(`${section} :is([data-value], input[type=text], input[type=range])`)]
    .map(e => [e.textContent || e.getAttribute("aria-label"), e.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && (box.left < around.left - 0.5 || box.right > right))
    .map(([text]) => text);
}"""


def opened(
    page: Page,
    url: str,
    selection: dict[str, Any],
    activations: tuple[str, str] = ("tanh", "sigmoid"),
    inputs: list[str] = INPUTS,
    bias: float | None = None,
    layer: str = "",
) -> None:
    torch.manual_seed(3)
    sizes = [len(INPUTS), 3, len(OUTPUTS)]
    state = {
        "preset": None,
        "inputs": torch.randn(4).tolist(),
        "inputNames": inputs,
        "inputRanges": [[-3, 3]] * 4,
        "outputNames": OUTPUTS,
        "seed": 3,
        "layers": [
            {
                "name": layer,
                "activation": f,
                "weights": torch.randn(n, m).tolist(),
                "biases": torch.randn(m).tolist() if bias is None else [bias] * m,
            }
            for n, m, f in zip(sizes, sizes[1:], activations, strict=False)
        ],
    }
    scene = json.dumps({"scene": {"state": state, "selection": selection}})
    page.add_init_script(f"sessionStorage.setItem('adelante.handover', {json.dumps(scene)})")
    live(page, url)
    page.wait_for_function("() => document.querySelector('.inspector [data-quantity=contribution][data-value]')")


@pytest.mark.parametrize("width", [long(1400), long(1024), 960])
def test_long_names_push_no_number_out_of_a_side_panel(page: Page, server_url: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    opened(page, f"{server_url}/es/", {"kind": "neuron", "layer": 1, "neuron": 0}, ("softmax", "softmax"))
    for section in ("section.inputs", "section.inspector"):
        assert page.evaluate(OUTSIDE, section) == []
    # Names of several words that begin alike are told apart in a narrow panel, where they go on in a second line.
    if width <= 1024:
        cut = "els => els.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)"
        assert page.locator(".inspector ol .name").evaluate_all(cut) == [INPUTS[2]]
    page.locator("[data-neuron='2.0']").click()
    expect(page.locator(".inspector h2")).to_contain_text(OUTPUTS[0])
    assert page.evaluate(OUTSIDE, "section.inspector") == []


@pytest.mark.parametrize("width", [320, long(390)])
def test_long_names_make_no_page_wider_than_its_window(page: Page, server_url: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    opened(page, f"{server_url}/es/", {"kind": "neuron", "layer": 1, "neuron": 0}, layer=INPUTS[1])
    # A layer's name makes way for its function.
    for choice in page.locator("[data-diagram] select").all():
        expect(choice).to_be_in_viewport(ratio=1)
    page.locator(".handle").click()
    for tab in range(4):
        page.get_by_role("tab").nth(tab).click(force=True)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate(OUTSIDE, ".inspector .content") == []


# What has text that goes on beyond the box it is set in, and so over what stands beside it.
SPILT = """() => [...document.querySelectorAll("p, h2, label, li > button, legend")]
  .filter(e => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0)
  .filter(e => !e.closest("[aria-hidden], .visually-hidden") && getComputedStyle(e).overflowX === "visible")
  .map(e => e.textContent.trim())"""


@pytest.mark.long
@pytest.mark.parametrize(("width", "height"), [(390, 844), long(844, 390), long(1024, 768), long(1400, 900)])
def test_a_name_of_one_long_word_keeps_to_its_column(page: Page, server_url: str, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    word = "longitud_del_sépalo_medida_en_centímetros_por_el_botánico_mayor"
    opened(page, f"{server_url}/es/", {"kind": "neuron", "layer": 1, "neuron": 0}, inputs=[word, *INPUTS[1:]])
    # It is invited to be dragged, pasted as a column, and stands in the history.
    expect(page.locator("p.invitation")).to_contain_text(word)
    # Under a phone's sheet no pointer gets there without scrolling.
    page.get_by_role("tab").first.press("Enter")
    expect(page.locator("textarea").first).to_be_attached()
    assert page.evaluate(SPILT) == []
    page.locator("header").get_by_role("combobox").select_option("xor")
    page.get_by_role("button", name="Deshacer").click()
    page.locator("input[type=range]").first.press("ArrowRight")
    page.get_by_role("tab", name="Historial").press("Enter")
    expect(page.locator("[data-step]").first).to_contain_text(word)
    assert page.evaluate(SPILT) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("bias", "width"), crossed([-1e-12, -1e30, -12.345, 0.5], [390, 1400], few=[-1e-12, -1e30]))
def test_a_bias_keeps_to_its_tab(page: Page, server_url: str, width: int, bias: float) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    opened(page, f"{server_url}/es/", {"kind": "neuron", "layer": 2, "neuron": 0}, bias=bias)
    tabs = page.locator("[data-bias]").all()
    assert tabs
    for tab in tabs:
        text, around = tab.locator("text").bounding_box(), tab.locator("rect").bounding_box()
        assert text
        assert around
        assert text["x"] >= around["x"] + 2
        assert text["x"] + text["width"] <= around["x"] + around["width"] - 2


def test_what_is_cut_is_whole_on_hover_and_when_it_is_heard(page: Page, server_url: str) -> None:
    page.set_viewport_size({"width": 1400, "height": 900})
    opened(page, f"{server_url}/es/", {"kind": "neuron", "layer": 1, "neuron": 0})
    for i, name in enumerate(INPUTS[:3]):
        neuron = page.locator(f"[data-neuron='0.{i}']")
        assert name in (neuron.get_attribute("aria-label") or "")
        drawn = "".join(neuron.locator("text.name > tspan, text.name:not(:has(tspan))").all_text_contents())
        assert (
            drawn.replace(" ", "") == name.replace(" ", "") or neuron.locator("text.name title").text_content() == name
        )
        assert page.get_by_label(name, exact=True).count() > 0
        term = page.locator(".inspector .symbols .term").nth(i)
        expect(term.locator(".name")).to_have_attribute("title", name)
        expect(term).to_contain_text(name)
    page.get_by_label(f"Valor de {INPUTS[2]}", exact=True).press("ArrowUp")
    line = page.locator("footer .change .item").first
    expect(line).to_contain_text("→")
    assert INPUTS[2] in (line.get_attribute("title") or "")
    box = line.bounding_box()
    assert box
    assert box["x"] + box["width"] < 1400 / 2


@pytest.mark.parametrize("sizes", [[3, 40, 1], [3, 4, 4, 4, 4, 4, 2], long([1, 10, 1]), long([4, 8, 8, 3])])
def test_beside_a_crowded_layer_inputs_and_outputs_keep_their_names_and_numbers(
    page: Page, server_url: str, sizes: list[int]
) -> None:
    page.set_viewport_size({"width": 1400, "height": 900})
    torch.manual_seed(5)
    layers = [
        {"name": f"enc{k}", "activation": "tanh", "weights": torch.randn(n, m).tolist(), "biases": [0.1] * m}
        for k, (n, m) in enumerate(itertools.pairwise(sizes))
    ]
    outputs = [f"r{j + 1}" for j in range(sizes[-1])]
    state = {
        "preset": None,
        "inputs": [0.25] * sizes[0],
        "inputNames": [f"x{i + 1}" for i in range(sizes[0])],
        "inputRanges": [[-3, 3]] * sizes[0],
        "outputNames": outputs,
        "seed": 5,
        "layers": layers,
    }
    scene = json.dumps({"scene": {"state": state}})
    page.add_init_script(f"sessionStorage.setItem('adelante.handover', {json.dumps(scene)})")
    live(page, f"{server_url}/en/")
    page.wait_for_function(
        "last => document.querySelector(`[data-neuron='${last}']`)?.dataset.value", arg=f"{len(layers)}.0"
    )
    for layer, size in ((0, sizes[0]), (len(layers), sizes[-1])):
        for j in range(size):
            neuron = page.locator(f"[data-neuron='{layer}.{j}']")
            value = float(neuron.get_attribute("data-value") or "nan")
            text = (neuron.text_content() or "").replace("−", "-")
            assert f"{'x' if layer == 0 else 'r'}{j + 1}" in text.replace("\u2007", "")
            assert f"{value:.2f}" in text or f"{value:.4f}" in text
            body = neuron.locator(".body").bounding_box()
            assert body
            assert body["width"] >= 40
    # A layer's own short name has room over any of them.
    titles = page.locator("[data-head] > .title").all_inner_texts()
    assert titles[1:] == [each["name"] for each in layers]


@pytest.mark.long
def test_an_index_of_two_digits_leaves_what_follows_its_place(page: Page, server_url: str) -> None:
    opened_ten(page, server_url)
    page.locator("[data-neuron='2.9']").click()
    expect(page.locator(".inspector h2")).to_contain_text("y")
    # Right ends of indices, and where the sign after each begins.
    ends = """() => [...document.querySelectorAll(".inspector math mrow:has(> .layer)")].flatMap(name => {
      const index = name.querySelector("mn").getBoundingClientRect();
      const signs = [...document.querySelectorAll(".inspector mo")];
      const after = signs.find(sign => name.compareDocumentPosition(sign) & Node.DOCUMENT_POSITION_FOLLOWING);
      const sign = after?.getBoundingClientRect();
      return sign && sign.top < index.bottom && sign.bottom > index.top ? [[index.right, sign.left]] : [];
    })"""
    page.wait_for_function(f"() => ({ends})().length > 3")
    for index, sign in page.evaluate(ends):
        assert index <= sign + 0.5


def test_what_stands_beside_a_neuron_is_not_told_over_it_again(page: Page, server_url: str) -> None:
    opened_ten(page, server_url)
    page.locator("[data-neuron='2.9']").hover()
    expect(page.locator("[data-neuron='2.9']")).to_have_class(re.compile("pointed"))
    expect(page.locator(".labels .told")).to_have_count(0)


def opened_ten(page: Page, url: str) -> None:
    """2-6-10, whose outputs show how they answer to both inputs, with their names and numbers beside them."""
    torch.manual_seed(3)
    layers = [
        {"weights": torch.randn(n, m).tolist(), "biases": torch.randn(m).tolist(), "activation": f}
        for n, m, f in ((2, 6, "tanh"), (6, 10, "sigmoid"))
    ]
    page.set_viewport_size({"width": 1400, "height": 900})
    ident = requests.post(f"{url}/api/v1/networks", json={"layers": layers}, timeout=30).json()["id"]
    live(page, f"{url}/en/?network={ident}")
    expect(page.locator("[data-neuron='2.9']")).to_have_attribute("data-value", re.compile("0"))
