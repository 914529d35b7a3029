"""The embed view in other pages' frames, and what a page says that its server does not let speak."""

import json
import re
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import FrameLocator, Page, Route, WebSocketRoute, expect

from tests import notebook
from tests.browser.studio_page import address_once, live, shows_what_torch_gives
from tests.long import crossed, long


@pytest.fixture
def school(tmp_path: Path) -> Iterator[str]:
    """Another origin's page: its address, once its frame stands in `index.html`."""
    (tmp_path / "favicon.ico").touch()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(tmp_path)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def xor_link(page: Page, url: str) -> str:
    """A link to xor, a network that the embed page itself does not hand along."""
    live(page, f"{url}/en/?preset=xor")
    page.get_by_label("Value of x1", exact=True).fill("0.25")
    page.keyboard.press("Enter")
    return address_once(page, lambda scene: scene["i"][0] == 0.25).partition("#")[2]


def framed(page: Page, folder: Path, at: str, source: str, sandbox: str = "") -> FrameLocator:
    (folder / "index.html").write_text(f'<iframe {sandbox} src="{source}" width="800" height="680"></iframe>')
    page.goto(at)
    return page.frame_locator("iframe")


@pytest.mark.long
def test_slides_on_disk_show_the_embed_view(page: Page, server_url: str, tmp_path: Path) -> None:
    fragment = xor_link(page, server_url)
    # A page on disk is no page of this server's: the fixture counts requests to other hosts.
    slides = page.context.browser
    assert slides
    context = slides.new_context()
    frame = framed(context.new_page(), tmp_path, f"file://{tmp_path}/index.html", f"{server_url}/en/embed#{fragment}")
    expect(frame.locator("[data-neuron='2.0'][data-value]")).to_be_visible()
    expect(frame.locator("[data-neuron='0.0']")).to_have_attribute("data-value", "0.25")
    context.close()


@pytest.mark.refusals
def test_a_sandboxed_frame_shows_its_links_network_and_says_why_no_numbers_come(
    page: Page, server_url: str, tmp_path: Path, school: str
) -> None:
    fragment = xor_link(page, server_url)
    address = f"{server_url}/en/embed#{fragment}"
    frame = framed(page, tmp_path, school, address, 'sandbox="allow-scripts allow-popups"')
    expect(frame.locator("[data-neuron]")).to_have_count(5)
    expect(frame.locator("footer")).to_contain_text("sandbox without allow-same-origin")
    expect(frame.get_by_role("link", name="Open in Adelante")).to_have_attribute("href", f"/en/#{fragment}")
    expect(frame.locator("[data-neuron='2.0'][data-value]")).to_have_count(0)
    expect(frame.get_by_role("table")).to_have_count(0)


@pytest.mark.parametrize(
    "sandbox", [long('sandbox="allow-scripts"'), long("sandbox")], ids=["scripts that fail", "no scripts"]
)
def test_a_frame_whose_script_does_not_run_shows_no_other_networks_numbers(
    page: Page, server_url: str, tmp_path: Path, school: str, sandbox: str
) -> None:
    fragment = xor_link(page, server_url)
    browser = page.context.browser
    assert browser
    context = browser.new_context()
    other = context.new_page()
    other.route(re.compile(r"/static/build/assets/main-.*\.js"), lambda route: route.abort())
    frame = framed(other, tmp_path, school, f"{server_url}/en/embed#{fragment}", sandbox)
    link = frame.get_by_role("link", name="Open in a tab of its own")
    if "allow-scripts" in sandbox:
        expect(link).to_be_hidden()
        # What is said after some seconds, said now.
        other.frames[1].evaluate("() => { for (const each of document.getAnimations()) each.finish(); }")
    expect(link).to_be_visible()
    expect(frame.get_by_text(re.compile(r"\d\.\d{4}"))).to_have_count(0)
    if "allow-scripts" in sandbox:
        expect(link).to_have_attribute("href", f"{server_url}/en/#{fragment}")
    context.close()


@pytest.mark.parametrize("address", ["/en/embed#v1.AAAA", "/es/embed#v9.x"])
def test_a_frame_with_a_damaged_link_shows_no_other_network(page: Page, server_url: str, address: str) -> None:
    page.goto(server_url + address)
    words = "Ask for the link again" if "/en/" in address else "Pide de nuevo el enlace"
    expect(page.locator(".plain")).to_contain_text(words)
    expect(page.locator("[data-neuron]")).to_have_count(0)
    expect(page.get_by_text(re.compile(r"\d[.,]\d{4}"))).to_have_count(0)


@pytest.mark.long
def test_before_its_script_runs_the_page_lists_its_own_networks_numbers_alone(page: Page, server_url: str) -> None:
    fragment = xor_link(page, server_url)
    page.wait_for_function("() => localStorage.getItem('adelante.scene.v1') !== null")
    page.route(
        re.compile(r"/static/build/assets/main-.*\.js"),
        lambda route: route.fulfill(body="", content_type="text/javascript"),
    )
    for address in (f"/en/#{fragment}", "/en/"):
        page.goto("about:blank")
        page.goto(server_url + address)
        expect(page.locator(".plain")).to_contain_text("Drag an input")
        expect(page.get_by_role("table")).to_have_count(0)
    page.goto(f"{server_url}/en/?preset=xor")
    expect(page.get_by_role("table", name=re.compile("^Exclusive or"))).to_contain_text("0.9904")
    page.evaluate("() => localStorage.clear()")
    page.goto(f"{server_url}/en/")
    expect(page.get_by_role("table", name=re.compile("^Multilayer"))).to_contain_text("0.3171")


def refused(page: Page, status: int, problem: str) -> None:
    """A server or proxy that lets no socket through, and what the server answers to the question why."""
    page.route_web_socket(re.compile("/api/v1/live"), lambda socket: socket.close())

    def answer(route: Route) -> None:
        language = route.request.headers["accept-language"]
        body = {"type": f"/problems/{problem}", "title": problem, "detail": f"{problem} {language} ADELANTE_SETTING"}
        route.fulfill(status=status, content_type="application/problem+json", body=json.dumps(body))

    page.route(re.compile(r"/api/v1/live\?origin=http%3A%2F%2F127\.0\.0\.1%3A\d+$"), answer)


@pytest.mark.refusals
@pytest.mark.parametrize(
    ("status", "problem", "address"),
    crossed(
        [(403, "origin-not-allowed"), (426, "upgrade-required"), (503, "busy")],
        ["/es/", "/es/embed"],
        few=[(426, "upgrade-required")],
    ),
)
def test_a_refused_socket_is_told_in_the_servers_words(
    page: Page, server_url: str, status: int, problem: str, address: str
) -> None:
    refused(page, status, problem)
    live(page, server_url + address)
    expect(page.locator("footer").last).to_contain_text(f"{problem} es ADELANTE_SETTING")
    expect(page.get_by_text("no responde")).to_have_count(0)


@pytest.mark.long
@pytest.mark.refusals
def test_once_the_deployer_has_mended_it_the_page_goes_live(page: Page, server_url: str) -> None:
    tries: list[int] = []

    def connect(socket: WebSocketRoute) -> None:
        tries.append(1)
        if len(tries) < 3:
            socket.close()
        else:
            socket.connect_to_server()

    refused(page, 403, "origin-not-allowed")
    page.route_web_socket(re.compile("/api/v1/live"), connect)
    live(page, f"{server_url}/en/")
    expect(page.locator("footer")).to_contain_text("ADELANTE_SETTING")
    expect(page.locator("footer")).not_to_contain_text("ADELANTE_SETTING")
    shows_what_torch_gives(page, notebook.MULTILAYER)


@pytest.mark.parametrize("scheme", ["light", long("dark")])
def test_a_browser_without_new_colours_and_panels_is_served_and_told(page: Page, server_url: str, scheme: str) -> None:
    """What Safari 16.4 and Chrome 111 do not know; the styles themselves ask for none of light-dark()."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.add_init_script("""delete HTMLElement.prototype.popover; delete HTMLElement.prototype.showPopover;""")

    def old(route: Route) -> None:
        style = route.fetch()
        assert "light-dark(" not in style.text()
        route.fulfill(response=style, body=re.sub(r"field-sizing|subgrid", "unknown", style.text()))

    page.route(re.compile(r"\.css$"), old)
    live(page, f"{server_url}/en/")
    shows_what_torch_gives(page, notebook.MULTILAYER)
    ink, paper = page.evaluate(
        """() => { const s = getComputedStyle(document.documentElement); return [s.color, s.backgroundColor]; }"""
    )
    assert (ink, paper) == (
        ("rgb(28, 30, 33)", "rgb(251, 250, 247)") if scheme == "light" else ("rgb(232, 230, 225)", "rgb(20, 22, 26)")
    )
    share = page.get_by_role("button", name="Share")
    share.click()
    expect(page.get_by_label("Link", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Link", exact=True)).to_have_count(0)
    expect(share).to_be_focused()
    share.click()
    page.locator("[data-neuron='2.0']").click()
    expect(page.get_by_label("Link", exact=True)).to_have_count(0)
    expect(page.get_by_text("older than Adelante")).to_be_hidden()


def test_a_browser_that_is_too_old_is_told_so(page: Page, server_url: str) -> None:
    def older(route: Route) -> None:
        style = route.fetch()
        route.fulfill(response=style, body=style.text().replace("color-mix(", "unknown("))

    page.route(re.compile(r"\.css$"), older)
    for address, words in (("/en/", "older than Adelante"), ("/es/lecciones/que-hace-una-neurona", "más antiguo")):
        page.goto(server_url + address)
        expect(page.get_by_text(words)).to_be_visible()
    page.goto(f"{server_url}/en/")
    # Plain colours: what cannot be mixed would be black, and the numbers on it unreadable.
    fill = "getComputedStyle(document.querySelector(`[data-neuron='2.0'] .body`)).fill"
    page.wait_for_function(f"() => document.querySelector(`[data-neuron='2.0']`) && {fill} === 'rgb(185, 212, 243)'")
    page.unroute_all(behavior="wait")
