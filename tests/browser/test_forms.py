"""Where a number comes from, on the page for any network: what is printed is torch's; a way leads to the pixels."""

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from playwright.sync_api import Locator, Page, expect
from torch import Tensor, nn
from torch.nn import functional as F

import adelante
from adelante.network.explain import explain
from adelante.network.network import Network
from tests.browser.test_world import starting
from tests.browser.world_page import MAKERS, kept, made, world
from tests.long import long

NUMBERS = "els => els.map(e => [Number(e.dataset.value), e.textContent.trim()])"


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(11, 16)
        self.query, self.key, self.value = nn.Linear(16, 8), nn.Linear(16, 8), nn.Linear(16, 16)
        self.norm, self.out = nn.LayerNorm(16), nn.Linear(16, 10)

    def forward(self, x: Tensor) -> Tensor:
        e = self.embed(x)
        scores = self.query(e) @ self.key(e).transpose(-1, -2) / 8**0.5
        scores = scores.masked_fill(torch.ones(6, 6, dtype=torch.bool).triu(1), float("-inf"))
        found: Tensor = self.out(self.norm(scores.softmax(-1) @ self.value(e) + e))
        return found


class Norms(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.normalisation_of_all_measurements_of_a_step = nn.LayerNorm(6)
        self.root_mean_square_of_the_same_measurements = nn.RMSNorm(6)

    def forward(self, x: Tensor) -> Tensor:
        x = self.root_mean_square_of_the_same_measurements(self.normalisation_of_all_measurements_of_a_step(x))
        return torch.sqrt(x)


def opened(page: Page, server_url: str, folder: Path, kind: str, language: str = "en") -> Any:
    """The network as the library reads it, and its pass over what the page began with."""
    sent: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(str(frame))))
    file, network = made(kind, folder)
    world(page, f"{server_url}/{language}/?network={kept(server_url, file)}")
    return network, adelante.forward(network, starting(page, sent).to(network.inputs[0].dtype))


def select(page: Page, body: int, *keys: str) -> None:
    page.locator(f"[data-body='{body}']").focus()
    for key in (*keys, "Enter"):
        page.keyboard.press(key)


def shown(page: Page, cell: str) -> None:
    """Waits until the inspector tells of a cell, with its numbers."""
    expect(page.locator(".inspector h2")).to_have_attribute("data-cell", cell)
    expect(page.locator(".inspector [data-quantity]").first).to_have_attribute("data-value", re.compile(r"\d|Inf"))


def numbers(page: Page, quantity: str, form: str = "") -> list[tuple[float, str]]:
    within = f"[data-form='{form}'] " if form else ""
    found = page.locator(f".inspector {within}[data-quantity='{quantity}']").evaluate_all(NUMBERS)
    return [(value, text) for value, text in found]


def printed(value: float, language: str = "en") -> str:
    """A number as the page prints it in four digits, where that shows any of them."""
    text = f"{value:.4f}".replace("-", "−") if value else "0.0000"
    return text.replace(".", ",") if language == "es" else text


def says(page: Page, quantity: str, expected: list[float], form: str = "", language: str = "en") -> None:
    """Whether the inspector has just these numbers of a quantity, and prints their digits."""
    found = numbers(page, quantity, form)
    assert [value for value, _ in found] == pytest.approx(expected, abs=1e-6), quantity
    for value, text in found:
        # A number whose four digits are all zeros is printed as a power of ten.
        if value == 0 or abs(value) >= 5e-5:
            assert text.strip("\u2007 ") == printed(value, language), quantity


def contributions(network: Network, trace: Any, tensor: str, at: tuple[int, ...]) -> Tensor:
    """What each term of a sum adds, the largest first."""
    found = explain(network, trace, tensor, at).parts[0].contributions
    return found[found.abs().argsort(descending=True, stable=True)]


@pytest.mark.parametrize("language", [long("en"), "es"])
def test_a_convolution_with_its_activation(page: Page, server_url: str, tmp_path: Path, language: str) -> None:
    network, trace = opened(page, server_url, tmp_path, "convolutions", language)
    select(page, 1, "Home", "ArrowDown", "ArrowDown", "ArrowRight")
    shown(page, "layers.0.activations[0,2,1]")
    terms = contributions(network, trace, "layers.0.pre_activations", (0, 2, 1))
    says(page, "contribution", terms[:6].tolist(), language=language)
    says(page, "rest", [terms[6:].double().sum().item()], language=language)
    says(page, "bias", [network.parameters["layers.0.biases"][0].item()], language=language)
    says(page, "sum", [trace["layers.0.pre_activations"][0, 2, 1].item()], language=language)
    says(page, "value", [trace["layers.0.activations"][0, 2, 1].item()], "function", language)
    expect(page.locator(".inspector canvas")).to_have_count(3)
    expect(page.locator(".inspector circle.point")).to_have_count(1)
    expect(page.locator(".inspector pre")).to_contain_text("F.relu(self.edges(x))")
    # The rest opens, and all nine terms are there.
    page.locator("[data-more]").click()
    expect(page.locator(".inspector [data-quantity=contribution]")).to_have_count(9)
    says(page, "contribution", terms.tolist(), language=language)


def test_a_hidden_neuron_of_a_picture_shows_it(page: Page, server_url: str, tmp_path: Path) -> None:
    network, trace = opened(page, server_url, tmp_path, "dense")
    select(page, 1, "Home", "ArrowDown")
    shown(page, "layers.0.activations[1]")
    terms = contributions(network, trace, "layers.0.pre_activations", (1,))
    says(page, "contribution", terms[:6].tolist())
    sizes = page.locator(".inspector canvas").evaluate_all("els => els.map(e => [e.clientWidth, e.clientHeight])")
    assert len(sizes) == 3
    assert all(width == height for width, height in sizes)
    # Thousands of terms open in steps, and no more of them are elements than are seen.
    more = page.locator("[data-more]")
    for _ in range(10):
        page.wait_for_timeout(200)
        if more.count() == 0:
            break
        # The last step takes the button away, maybe while it is being looked for.
        more.evaluate_all("buttons => buttons.forEach(button => button.click())")
    expect(more).to_have_count(0)
    assert page.locator(".inspector li").count() < 80

    # A weight is picked where its edge is drawn, also where a press may draw the ground along.
    link = page.locator("[data-link='layers.1.weights'][data-drawn='1']")
    box = link.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".inspector h2")).to_have_attribute("data-cell", re.compile("weights"))
    row, column = map(int, re.findall(r"\d+", page.locator(".inspector h2").get_attribute("data-cell") or "")[1:])
    weight = float(network.parameters["layers.1.weights"][row, column])
    given = page.locator(".inspector .given")
    expect(given).to_have_attribute("data-value", re.compile(r"\d"))
    assert float(given.get_attribute("data-value") or "nan") == pytest.approx(weight, abs=1e-6)

    reads_the_picture_of_weights(page, network)


def reads_the_picture_of_weights(page: Page, network: Network) -> None:
    """A weight under a hand or the keys is told and selected; a block of them tells mean and largest, and opens."""

    def reads(link: Locator, *wanted: Tensor) -> None:
        values = link.locator("[data-read]")
        expect(values).to_have_count(len(wanted))
        for value, number in zip(values.all(), wanted, strict=True):
            expect(value).to_have_attribute("data-read", re.compile(r"\d"))
            assert float(value.get_attribute("data-read") or "nan") == pytest.approx(float(number), abs=1e-6)

    for _ in range(2):
        page.get_by_role("button", name="as a matrix").first.click()
    weights = network.parameters["layers.1.weights"]
    link = page.locator("[data-link='layers.1.weights'][data-drawn='1']")
    link.hover(position={"x": 0.5, "y": 0.5})
    reads(link, weights[0, 0])
    expect(link).to_contain_text("[1] → ")
    link.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowUp")
    reads(link, weights[126, 63])
    page.keyboard.press("Enter")
    expect(page.locator(".inspector h2")).to_have_attribute("data-cell", "layers.1.weights[126,63]")
    expect(page.locator(".inspector input[type=range]")).to_be_visible()

    weights = network.parameters["layers.0.weights"]
    link = page.locator("[data-link='layers.0.weights'][data-drawn='1']")
    link.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    [rows, columns] = map(int, re.findall(r"(\d+) × (\d+)", link.locator(".line").first.text_content() or "")[0])
    block = weights[rows : 2 * rows, :columns]
    assert block.numel() > 1
    reads(link, block.mean(), block.max())
    page.keyboard.press("Enter")
    expect(link.locator("[data-read]")).to_have_count(1)
    reads(link, weights[rows, 0])
    # Where the picture ends the keys lead on.
    for _ in range(40):
        page.keyboard.press("ArrowDown")
    reads(link, weights[rows + 40, 0])
    page.keyboard.press("Enter")
    expect(page.locator(".inspector h2")).to_have_attribute("data-cell", f"layers.0.weights[{rows + 40},0]")
    page.keyboard.press("Escape")
    expect(link).to_be_focused()
    page.keyboard.press("Home")
    reads(link, weights[:rows, :columns].mean(), weights[:rows, :columns].max())


def test_the_other_forms(page: Page, server_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MAKERS, "attention", (Attention, lambda: torch.randint(0, 11, (1, 6))))
    # All bodies are on screen, and so are there.
    page.set_viewport_size({"width": 4200, "height": 1200})
    network, trace = opened(page, server_url, tmp_path, "attention")
    kinds = {layer.kind: k for k, layer in enumerate(network.layers)}
    tensor = {kind: f"layers.{k}.activations" for kind, k in kinds.items()}

    # softmax: the score, then the row's shares; what is masked is said and not listed.
    select(page, kinds["softmax"] + 1, "Home", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight")
    shown(page, f"{tensor['softmax']}[3,1]")
    row = trace[tensor["softmax"]][3]
    says(page, "share", row[:4].tolist())
    says(page, "logit", trace[tensor["masked_fill"]][3, :4].tolist())
    says(page, "value", [trace[tensor["div"]][3, 1].item()], "product")
    says(page, "value", [row[1].item()], "softmax")
    expect(page.locator(".inspector .masked")).to_contain_text("2 masked")
    expect(page.locator(".inspector h3").first).to_have_text("1 The score")

    # choice: a number that a mask has taken the place of.
    select(page, kinds["masked_fill"] + 1, "Home", "ArrowRight")
    shown(page, f"{tensor['masked_fill']}[0,1]")
    expect(page.locator(".inspector [data-form=choice]")).to_contain_text("−∞")

    # normalisation: every step of it.
    select(page, kinds["layer_norm"] + 1, "Home", "ArrowDown")
    shown(page, f"{tensor['layer_norm']}[1,0]")
    values = trace[tensor["add"]][1].double()
    centred = (values[0] - values.mean()).item()
    deviation = (values.var(correction=0) + 1e-5).sqrt().item()
    says(page, "centred", [centred])
    says(page, "normalised", [centred / deviation])
    says(page, "value", [trace[tensor["layer_norm"]][1, 0].item()])

    # sum: a residual.
    select(page, kinds["add"] + 1, "Home", "ArrowDown")
    shown(page, f"{tensor['add']}[1,0]")
    parts = torch.stack([part.values[0] for part in explain(network, trace, tensor["add"], (1, 0)).parts])
    says(page, "contribution", parts[parts.abs().argsort(descending=True)].tolist())
    says(page, "sum", [trace[tensor["add"]][1, 0].item()])

    # move: an embedding, and the word that said which.
    select(page, 1, "Home", "ArrowDown")
    shown(page, "layers.0.activations[1,0]")
    says(page, "value", [trace["layers.0.activations"][1, 0].item()])
    token = int(trace["inputs"][1])
    assert numbers(page, "index")[0][1] == str(token)

    # The word itself: the arrow keys go from word to word, and the track has a step for each.
    select(page, 0, "Home", "ArrowDown")
    shown(page, "inputs[1]")
    slider = page.locator("input[type=range]:visible").first
    expect(slider).to_have_attribute("max", "10")
    slider.press("ArrowRight" if token < 10 else "ArrowLeft")
    expect(slider).to_have_value(str(token + 1 if token < 10 else token - 1))
    expect(page.locator("footer .trouble")).to_have_count(0)


# Numbers of the inspector that reach out of it.
OUT = """() => {
  const panel = document.querySelector(".inspector .content").getBoundingClientRect();
  const numbers = [...document.querySelectorAll(".inspector [data-quantity]")];
  return numbers.filter(each => each.getBoundingClientRect().right > panel.right + 1).map(each => each.textContent);
}"""


@pytest.mark.long
@pytest.mark.parametrize("width", [1024, 1400])
def test_normalisations_in_modules_of_long_names(
    page: Page, server_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    monkeypatch.setitem(MAKERS, "norms", (Norms, lambda: torch.randn(1, 6)))
    _, trace = opened(page, server_url, tmp_path, "norms")
    select(page, 1, "Home", "ArrowDown")
    shown(page, "layers.0.activations[1]")
    expect(page.locator("[data-quantity=centred]")).to_have_count(1)
    assert page.evaluate(OUT) == []

    # Nothing is subtracted before the division by the root mean square.
    select(page, 2, "Home", "ArrowDown")
    shown(page, "layers.1.activations[1]")
    values = trace["layers.0.activations"].double().flatten()
    eps = torch.finfo(torch.float32).eps
    says(page, "normalised", [(values[1] / (values.square().mean() + eps).sqrt()).item()])
    expect(page.locator("[data-quantity=centred]")).to_have_count(0)
    form = page.locator(".inspector [data-form=normalisation]")
    expect(form).to_contain_text("root mean square")
    expect(form).not_to_contain_text("less the mean")
    assert page.evaluate(OUT) == []

    # The roots of its negative numbers are none, and the scale says how that looks.
    roots = page.locator("[data-body='3'] [data-neuron]")
    wanted = [bool(each) for each in trace["layers.2.activations"].flatten().isnan()]
    assert set(wanted) == {True, False}
    assert roots.evaluate_all("all => all.map(each => each.classList.contains('nan'))") == wanted
    expect(page.locator(".odd")).to_have_text("NaN")


@pytest.mark.long
def test_from_a_class_to_a_pixel_and_back_by_keyboard(page: Page, server_url: str, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 2600, "height": 1200})
    _, trace = opened(page, server_url, tmp_path, "convolutions")
    select(page, 6, "Home", "ArrowDown")
    heading = page.locator(".inspector h2")
    way = page.locator(".inspector nav li button")
    expect(heading).to_have_attribute("data-cell", "layers.5.activations[1]")
    names = [heading.get_attribute("data-cell")]
    for _ in range(12):
        # Enter on the first part, whatever the form has it in.
        first = page.locator(".inspector [data-form] button:visible").first
        first.focus()
        page.keyboard.press("Enter")
        expect(heading).not_to_have_attribute("data-cell", names[-1] or "")
        names.append(heading.get_attribute("data-cell"))
        expect(heading).to_be_focused()
        if (names[-1] or "").startswith("inputs"):
            break
    assert [re.sub(r"\[.*", "", name or "") for name in names] == [
        *(f"layers.{k}.activations" for k in (5, 4, 3, 2, 1, 0)),
        "inputs",
    ]
    expect(way).to_have_count(len(names))
    at = tuple(map(int, re.findall(r"\d+", (names[-1] or "").partition("[")[2])))
    says(page, "value", [trace["inputs"][at].item()])
    for name in names[-2::-1]:
        page.keyboard.press("Backspace")
        expect(heading).to_have_attribute("data-cell", name or "")
    expect(way).to_have_count(1)


def test_pointing_at_a_term_lights_its_cells(page: Page, server_url: str, tmp_path: Path) -> None:
    opened(page, server_url, tmp_path, "convolutions")
    select(page, 1, "Home", "ArrowDown", "ArrowRight")
    shown(page, "layers.0.activations[0,1,1]")
    row = page.locator(".inspector li.row").nth(1)
    row.hover()
    expect(row).to_have_class(re.compile(r"\blit\b"))
    page.mouse.move(5, 5)
    expect(row).not_to_have_class(re.compile(r"\blit\b"))


def test_a_weight_is_moved_from_its_sum(page: Page, server_url: str, tmp_path: Path) -> None:
    network, trace = opened(page, server_url, tmp_path, "convolutions")
    select(page, 1, "Home", "ArrowDown", "ArrowRight")
    shown(page, "layers.0.activations[0,1,1]")
    field = page.locator(".inspector ul [role=group] input[type=text]").last
    field.fill("2.5")
    field.press("Enter")
    expect(page.locator(".inspector [data-quantity=bias]")).to_have_attribute("data-value", "2.5")
    z = trace["layers.0.pre_activations"][0, 1, 1] - network.parameters["layers.0.biases"][0] + 2.5
    page.wait_for_function(
        "z => Math.abs(Number(document.querySelector('.inspector [data-quantity=sum]').dataset.value) - z) < 1e-5",
        arg=z.item(),
    )
    says(page, "sum", [F.relu(z).item()])
