"""Behind a proxy that shows the product under a path: everything works, and nothing is asked beside that path."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from app.pages.lessons.exercises import EXERCISES
from tests import notebook
from tests.browser.lesson_page import awake, open_lesson, type_guess
from tests.browser.studio_page import live, shows_what_torch_gives
from tests.long import long
from tests.prefix_proxy import PrefixProxy
from tests.server import Server

PREFIX = "/school/adelante"


@pytest.fixture(scope="module", params=[long("setting"), "header"])
def proxy(request: pytest.FixtureRequest) -> Iterator[PrefixProxy]:
    named = request.param == "setting"
    server = Server.warm(**({"ADELANTE_ROOT_PATH": PREFIX} if named else {}))
    server.start()
    headers = {} if named else {"X_Forwarded_Prefix": PREFIX}
    try:
        with PrefixProxy(server.port, PREFIX, **headers).open() as proxy:
            yield proxy
    finally:
        server.stop()


@pytest.mark.long
def test_a_visit(page: Page, proxy: PrefixProxy) -> None:
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    live(page, f"{proxy.url}/en/")
    page.get_by_label("Value of x1", exact=True).first.fill("1")
    page.keyboard.press("Enter")
    shows_what_torch_gives(page, {**notebook.MULTILAYER, "inputs": [1.0, *notebook.FEATURES[1:]]})
    assert sockets
    assert {re.sub("^ws", "http", each) for each in sockets} == {f"{proxy.url}/api/v1/live?language=en"}

    page.get_by_role("button", name="Theme").click()
    cookie = next(each for each in page.context.cookies() if each["name"] == "adelante_theme")
    assert cookie["path"] == f"{PREFIX}/"
    page.get_by_role("button", name="Share").click()
    shared = page.get_by_label("Link", exact=True).input_value()
    assert shared.startswith(f"{proxy.url}/en/#")
    live(page, shared)
    shows_what_torch_gives(page, {**notebook.MULTILAYER, "inputs": [1.0, *notebook.FEATURES[1:]]})
    page.get_by_role("link", name="Español").click()
    page.wait_for_url(f"{proxy.url}/es/**")

    open_lesson(page, proxy.url, "en", "neuron")
    awake(page, "two-inputs")
    section, exercise = page.locator("#neuron-z"), EXERCISES["neuron-z"]
    type_guess(section, exercise, exercise.answer, ".")
    expect(section).to_have_attribute("data-mark", "solved")
    page.locator("nav.onward a[rel=next]").click()
    page.wait_for_url(f"{proxy.url}/en/lessons/**")

    page.goto(f"{proxy.url}/en/tensor-lab")
    awake(page, "lab")
    page.goto(f"{proxy.url}/en/?network=digits-conv")
    expect(page.locator("canvas").first).to_be_visible()
    page.wait_for_function("() => performance.getEntriesByType('resource').length > 3")

    page.goto(f"{proxy.url}/api/docs")
    expect(page.get_by_text("/api/v1/forward", exact=True).first).to_be_visible()
    expect(page.locator(".servers option").first).to_contain_text(PREFIX)
    assert proxy.beside == []
