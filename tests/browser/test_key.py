"""Where the server asks for an API key: the page says so, has a place for it, and works with it alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, Route, expect

from adelante.formats.safetensors import network_to_safetensors
from adelante.network.presets import chain_named
from app.keys import key_line, new_key
from tests import notebook
from tests.browser.studio_page import live, shows_what_torch_gives
from tests.server import Server

KEY = new_key()
BEARER = {"Authorization": f"Bearer {KEY}"}
pytestmark = pytest.mark.refusals


@pytest.fixture(scope="module")
def closed() -> Iterator[str]:
    """A server that asks for a key for everything."""
    server = Server.warm(ADELANTE_API_KEYS=key_line("carol", KEY), ADELANTE_KEYS_FOR="everything")
    server.start()
    yield server.url
    server.stop()


@pytest.fixture(scope="module")
def careful() -> Iterator[str]:
    """A server that asks for a key where something is kept."""
    server = Server.warm(ADELANTE_API_KEYS=key_line("carol", KEY))
    server.start()
    yield server.url
    server.stop()


def kept_network(closed: str) -> str:
    """The id of a network of one input, two hidden neurons and one output, kept with the key."""
    layers: list[Any] = [{"weights": [[1.0, 2.0]]}, {"weights": [[3.0], [4.0]], "activation": "tanh"}]
    return str(requests.post(f"{closed}/api/v1/networks", json={"layers": layers}, headers=BEARER).json()["id"])


@pytest.mark.long
def test_nothing_is_computed_before_the_key_is_entered(page: Page, closed: str) -> None:
    protocols: list[str] = []
    page.on("websocket", lambda socket: protocols.append(socket.url))
    page.goto(f"{closed}/es/")
    dialog = page.get_by_role("dialog", name="Este servidor pide una clave")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_label("Clave de la API")).to_be_focused()
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_have_text("El servidor no conoce esa clave.")
    page.keyboard.type(KEY)
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    page.wait_for_function("() => document.querySelectorAll('[data-neuron]').length > 0")
    page.get_by_label("Valor de x1", exact=True).first.fill("1")
    page.keyboard.press("Enter")
    shows_what_torch_gives(page, {**notebook.MULTILAYER, "inputs": [1.0, *notebook.FEATURES[1:]]})
    # The key is in no address, and this tab alone keeps it.
    assert KEY not in page.url
    assert all(KEY not in each for each in protocols)
    assert (
        page.evaluate(
            "() => [sessionStorage.getItem('adelante.key'), JSON.stringify({...localStorage}), document.cookie]"
        )[0]
        == KEY
    )
    assert KEY not in page.evaluate("() => JSON.stringify({...localStorage}) + document.cookie")


def test_a_page_says_nothing_of_a_network_that_takes_a_key(page: Page, closed: str) -> None:
    id = kept_network(closed)
    told, missing = (requests.get(f"{closed}/en/?network={each}").text.replace(each, "") for each in (id, "0" * 64))
    assert told == missing
    page.goto(f"{closed}/en/?network={id}")
    page.get_by_label("API key").fill(KEY)
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('[data-neuron]').length === 4")


@pytest.mark.long
def test_a_key_entered_while_a_request_without_one_is_on_its_way_stays(page: Page, closed: str) -> None:
    address = f"{closed}/en/?network={kept_network(closed)}"
    asked: list[Route] = []
    page.route("**/api/v1/live?*", lambda route: asked.append(route))
    with page.expect_request("**/api/v1/live?*"):
        page.goto(address)
    reloads: list[Route] = []
    page.route(address, lambda route: reloads.append(route))
    page.get_by_label("API key").fill(KEY)
    with page.expect_request(address):
        page.keyboard.press("Enter")
    with page.expect_response("**/api/v1/live?*") as refused:
        asked[0].continue_()
    assert refused.value.status == 401
    # For what the page does with it: it can't be asked before the reload has its answer.
    page.wait_for_timeout(100)
    reloads[0].continue_()
    page.wait_for_function("() => document.querySelectorAll('[data-neuron]').length === 4")


@pytest.mark.long
def test_only_what_is_kept_takes_a_key(page: Page, careful: str, tmp_path: Path) -> None:
    live(page, f"{careful}/en/")
    dialog = page.get_by_role("dialog", name="This server asks for a key")
    expect(dialog).to_be_hidden()
    file = tmp_path / "net.safetensors"
    file.write_bytes(network_to_safetensors(chain_named("xor").network))
    send_file(page, file)
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Not now").click()
    expect(dialog).to_be_hidden()
    page.keyboard.press("Escape")
    send_file(page, file)
    dialog.get_by_label("API key").fill(KEY)
    page.keyboard.press("Enter")
    with page.expect_response(lambda each: each.url.endswith("/api/v1/networks")) as kept:
        page.keyboard.press("Escape")
        send_file(page, file)
    assert kept.value.status in (200, 201)


def send_file(page: Page, file: Path) -> None:
    page.locator("header input[type=file]").set_input_files(file)


def test_where_no_key_is_asked_for_there_is_no_dialog(page: Page, server_url: str) -> None:
    assert "<dialog" not in requests.get(f"{server_url}/en/").text
