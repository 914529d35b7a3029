"""Layers of any kind are added, changed and removed on the page, with torch's own numbers and words."""

from pathlib import Path
from typing import Any

import pytest
import requests
import torch
from playwright.sync_api import Page, expect
from torch import Tensor, nn

import adelante
from adelante.network.edits import Add, edited
from adelante.network.operations import operation_named
from tests.browser.test_world import starting
from tests.browser.world_page import kept, made, outputs, painted, world

__all__ = ["sent"]


@pytest.fixture
def sent(page: Page) -> list[str]:
    """The texts that the page sends over its live socket."""
    texts: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: texts.append(str(frame))))
    return texts


def test_a_layer_is_added_where_it_fits(page: Page, server_url: str, tmp_path: Path, sent: list[str]) -> None:
    file, network = made("convolutions", tmp_path)
    world(page, f"{server_url}/en/?network={kept(server_url, file)}")
    inputs, before = starting(page, sent), outputs(page)
    page.get_by_role("button", name="Add a layer after edges").click()
    page.get_by_label("New layer").select_option("conv2d")
    page.get_by_label("out_channels").fill("3")
    page.get_by_label("seed of new numbers").fill("7")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("footer .change")).to_contain_text("convolution added")
    expect(page.locator("[data-body='2']")).to_have_attribute("aria-label", "convolution, conv2d, shape 3 × 28 × 28")
    add = Add(0, operation_named("conv2d", padding=1), {"out_channels": 3, "kernel_size": 3})
    after = edited(network, [add], seed=7)
    torch.manual_seed(7)
    assert torch.equal(after.parameters["layers.1.weights"], nn.Conv2d(4, 3, 3).weight)
    expected = adelante.forward(after, inputs)[after.outputs[0]].flatten().tolist()
    page.wait_for_function("() => document.querySelector('[data-diagram]')?.dataset.outputs")
    assert outputs(page) == pytest.approx(expected, abs=1e-6)
    # It is undone, as any other step, and a reload opens the network that was made.
    page.get_by_role("banner").get_by_role("button", name="Undo").click()
    page.wait_for_function("() => document.querySelector('[data-diagram]')?.dataset.outputs")
    assert outputs(page) == pytest.approx(before, abs=1e-6)
    page.get_by_role("button", name="Redo").click()
    page.wait_for_function("() => document.querySelector('[data-diagram]')?.dataset.outputs")
    page.reload()
    painted(page, 0)
    assert outputs(page) == pytest.approx(expected, abs=1e-6)


@pytest.mark.long
def test_a_layer_is_changed_with_the_keyboard_and_keeps_the_focus(page: Page, server_url: str, tmp_path: Path) -> None:
    file, _ = made("convolutions", tmp_path)
    world(page, f"{server_url}/en/?network={kept(server_url, file)}")
    page.get_by_role("button", name="Change edges").focus()
    page.keyboard.press("Enter")
    page.get_by_label("kernel_size").fill("5")
    page.get_by_label("padding", exact=True).fill("2")
    page.get_by_label("activation", exact=True).select_option("tanh")
    page.keyboard.press("Tab")
    page.get_by_label("padding", exact=True).press("Enter")
    expect(page.locator("footer .change")).to_contain_text("edges changed")
    expect(page.get_by_role("button", name="Change edges")).to_contain_text("conv2d 5×5 · tanh")
    expect(page.get_by_role("button", name="Change edges")).to_be_focused()


@pytest.mark.refusals
def test_what_does_not_fit_is_said_and_nothing_is_lost(page: Page, server_url: str, tmp_path: Path) -> None:
    file, _ = made("convolutions", tmp_path)
    world(page, f"{server_url}/en/?network={kept(server_url, file)}")
    before = outputs(page)
    page.get_by_role("button", name="Change max pooling").first.click()
    page.get_by_label("kernel_size").fill("40")
    page.get_by_role("button", name="Apply").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Output size is too small")
    expect(alert).to_contain_text("Nothing was changed")
    expect(page.get_by_label("kernel_size")).to_have_value("40")
    assert outputs(page) == before
    # On a low screen it is said where one looks, though all fields of the layer stand above it.
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 700, "height": 450})
    page.get_by_role("button", name="Change edges").click()
    page.get_by_role("button", name="Move earlier").click()
    expect(alert).to_be_in_viewport(ratio=1)


def test_a_layer_is_removed(page: Page, server_url: str, tmp_path: Path) -> None:
    file, _ = made("convolutions", tmp_path)
    world(page, f"{server_url}/en/?network={kept(server_url, file)}")
    page.get_by_role("button", name="Change again").click()
    page.get_by_role("button", name="Remove this layer").click()
    expect(page.locator("footer .change")).to_contain_text("again removed")
    expect(page.get_by_role("button", name="Change again")).to_have_count(0)


class Heads(nn.Module):
    def __init__(self, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (
            each(x).view(*x.shape[:2], self.heads, 8 // self.heads).transpose(1, 2)
            for each in (self.query, self.key, self.value)
        )
        scores = q @ k.transpose(-2, -1) / (8 / self.heads) ** 0.5
        found: Tensor = (scores.softmax(-1) @ v).transpose(1, 2).flatten(2)
        return found


@pytest.mark.long
def test_heads_are_one_edit(page: Page, server_url: str, tmp_path: Path, sent: list[str]) -> None:
    torch.manual_seed(0)
    module, file = Heads(2), tmp_path / "heads.safetensors"
    adelante.save(module.eval(), torch.rand(2, 5, 8), file)
    world(page, f"{server_url}/en/?network={kept(server_url, file)}")
    inputs = starting(page, sent)
    page.get_by_role("button", name="Change softmax").click()
    heads = page.get_by_label("heads")
    expect(heads).to_have_value("2")
    heads.fill("4")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("[data-body][aria-label='softmax, softmax, shape 4 × 5 × 5']")).to_be_visible()
    page.wait_for_function("() => document.querySelector('[data-diagram]')?.dataset.outputs")
    other = Heads(4)
    other.load_state_dict(module.state_dict())
    assert outputs(page) == pytest.approx(other(inputs.view(1, 5, 8)).flatten().tolist(), abs=1e-5)


def test_a_residual_connection_takes_any_tensor_before_that_has_the_shape(
    page: Page, server_url: str, sent: list[str]
) -> None:
    bare: Any = {"input": {"shape": [3]}, "layers": [{"kind": "tanh"}, {"kind": "exp"}, {"kind": "relu"}]}
    id = requests.post(f"{server_url}/api/v1/networks", json=bare, timeout=30).json()["id"]
    world(page, f"{server_url}/en/?network={id}")
    x = starting(page, sent)
    page.get_by_role("button", name="Add a layer after ReLU").click()
    page.get_by_label("New layer").select_option("add")
    taken = page.get_by_label("inputs", exact=True)
    assert taken.locator("option").all_inner_texts() == ["exponential", "tanh", "inputs"]
    taken.select_option(label="inputs")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("footer .change")).to_contain_text("addition added")
    page.wait_for_function("() => document.querySelector('[data-diagram]')?.dataset.outputs")
    assert outputs(page) == pytest.approx((x.tanh().exp().relu() + x).tolist(), abs=1e-6)
    # Its shortcut gets a layer of its own, on its line.
    page.get_by_role("button", name="Add a layer between input and addition").click()
    expect(page.get_by_label("before", exact=True).locator("option:checked")).to_have_text("addition")
    page.get_by_label("New layer").select_option("sigmoid")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("footer .change")).to_contain_text("sigmoid added")
    page.wait_for_function("() => document.querySelector('[data-diagram]')?.dataset.outputs")
    assert outputs(page) == pytest.approx((x.tanh().exp().relu() + x.sigmoid()).tolist(), abs=1e-6)
    # By the keyboard a layer changes places with the one after it, and with none where there is none.
    page.get_by_role("button", name="Change exponential").press("Shift+ArrowRight")
    expect(page.locator("footer .change")).to_contain_text("exponential moved")
    expect(page.get_by_role("button", name="Change exponential")).to_be_focused()
    page.wait_for_function("() => document.querySelector('[data-diagram]')?.dataset.outputs")
    assert outputs(page) == pytest.approx((x.tanh().relu().exp() + x.sigmoid()).tolist(), abs=1e-6)
    page.get_by_role("button", name="Change tanh").press("Shift+ArrowLeft")
    expect(page.locator("footer")).to_contain_text("There is no layer before it")
    page.get_by_role("button", name="Change ReLU").click()
    page.get_by_role("button", name="Move later").click()
    expect(page.locator("footer .change")).to_contain_text("ReLU moved")
    page.get_by_role("banner").get_by_role("button", name="Undo").click()
    page.wait_for_function("() => document.querySelector('[data-diagram]')?.dataset.outputs")
    assert outputs(page) == pytest.approx((x.tanh().relu().exp() + x.sigmoid()).tolist(), abs=1e-6)


@pytest.mark.refusals
def test_what_was_made_here_is_made_again_where_the_server_lost_it(page: Page, server_url: str) -> None:
    """And what the socket says is in the page's language, which is not the browser's."""
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))

    def deleted() -> str:
        id = page.url.partition("network=")[2].partition("#")[0]
        assert requests.delete(f"{server_url}/api/v1/networks/{id}", timeout=30).status_code == 204
        return id

    world(page, f"{server_url}/es/?network=digits-conv")
    page.get_by_role("button", name="Añadir una capa después de pooled").click()
    page.get_by_label("Capa nueva").select_option("batch_norm")
    page.get_by_role("button", name="Añadir", exact=True).click()
    expect(page.locator("footer .change")).to_contain_text("normalización por lotes añadida")
    first = deleted()
    page.get_by_role("button", name="Cambiar again").click()
    page.get_by_label("out_channels").fill("6")
    page.get_by_role("button", name="Aplicar").click()
    expect(page.locator("footer .change")).to_contain_text("again cambiada")
    page.wait_for_url(lambda url: first not in url)
    page.wait_for_function("() => document.querySelector('[data-diagram]')?.dataset.outputs")
    shown = outputs(page)
    second = deleted()
    page.reload()
    painted(page, 0)
    assert second in page.url
    assert outputs(page) == shown
    expect(page.locator(".trouble")).to_have_count(0)
    assert {socket.partition("?")[2] for socket in sockets} == {"language=es"}
