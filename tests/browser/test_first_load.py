"""What a first visit costs on the wire, what comes after it, and what the page's policy lets run."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.pages.assets import ENTRY, needed
from tests.browser.studio_page import live
from tests.browser.world_page import world
from tests.long import long

# Some hundred of them are for standing under a path: each part that comes later is found from where its caller lies.
MOST_BYTES = 100_000
# What comes when nothing else is to be done waits for the test.
NEVER_IDLE = "window.requestIdleCallback = then => { (window.whenIdle ??= []).push(then); return 0; }"
TOOLS = ("Matrices", "Table", "Code", "History")


@pytest.mark.parametrize("path", ["/", long("/es/"), "/embed"])
def test_script_and_style_of_a_first_load(page: Page, server_url: str, path: str) -> None:
    """Heads included, as the browser counts them; the page fixture sees to it that no other host is asked."""
    kinds: dict[str, str] = {}
    compressed: dict[str, bool] = {}
    lengths: dict[str, float] = {}
    session = page.context.new_cdp_session(page)
    session.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    session.on(
        "Network.responseReceived",
        lambda event: compressed.update(
            {event["requestId"]: "br" in event["response"]["headers"].get("content-encoding", "")}
        ),
    )
    session.on(
        "Network.loadingFinished", lambda event: lengths.update({event["requestId"]: event["encodedDataLength"]})
    )
    session.send("Network.enable")
    # What an earlier page left in the browser counts too.
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.add_init_script(NEVER_IDLE)
    live(page, f"{server_url}{path}")
    page.wait_for_function("() => document.querySelector('[data-track]:not([hidden])')")
    counted = [request for request, kind in kinds.items() if kind in ("Script", "Stylesheet")]
    assert len(counted) >= 3
    assert all(compressed[request] for request in counted)
    assert sum(lengths[request] for request in counted) <= MOST_BYTES


def test_a_network_of_any_kind_waits_for_one_thing_at_a_time(page: Page, server_url: str) -> None:
    """All that its first picture needs is asked for by the page's head, and its one socket opens meanwhile."""
    asked: list[tuple[str, str]] = []
    sockets: list[str] = []
    session = page.context.new_cdp_session(page)
    session.on(
        "Network.requestWillBeSent",
        lambda event: asked.append((event["request"]["url"].rpartition("/")[2], event["initiator"]["type"])),
    )
    session.send("Network.enable")
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.add_init_script(NEVER_IDLE)
    world(page, f"{server_url}/en/?network=sorting")
    expect(page.locator("h2[data-cell]")).to_be_visible()
    scripts = {name: initiator for name, initiator in asked if name.endswith((".js", ".css"))}
    assert len(scripts) > 10
    assert {name for name, initiator in scripts.items() if initiator != "parser"} == set()
    assert len(sockets) == 1


def parts() -> set[str]:
    """The files of all that the studio does not need at once, but may at any time."""
    scripts, styles = needed(ENTRY, *(f"src/later/{name}.ts" for name in ("network", "page", "sharing")))
    first = [each for files in needed(ENTRY) for each in files]
    return {Path(each).name for each in scripts + styles} - {Path(each).name for each in first}


def test_the_rest_comes_when_nothing_else_is_to_be_done(page: Page, server_url: str, tmp_path: Path) -> None:
    """And all of it works then, also where the server gives no more scripts."""
    live(page, f"{server_url}/en/")
    assert len(parts()) >= 4
    page.wait_for_function(
        """parts => {
          const there = performance.getEntriesByType("resource").map(each => each.responseEnd > 0 ? each.name : "");
          return parts.every(part => there.some(name => name.endsWith(`/${part}`)));
        }""",
        arg=sorted(parts()),
        polling=200,
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/static/" in request.url else None)
    page.route("**/static/**", lambda route: route.abort("connectionrefused"))
    for tool in TOOLS:
        page.get_by_role("tab", name=tool).click()
        expect(page.get_by_role("tabpanel")).not_to_be_empty()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("?")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON the network").click()
    saved = tmp_path / "saved.json"
    download.value.save_as(saved)
    page.locator("header input[type=file]").set_input_files(saved)
    expect(page.locator("footer .change")).to_contain_text("saved.json")
    assert asked == []


def test_a_part_that_is_asked_for_before_it_came(page: Page, server_url: str) -> None:
    page.add_init_script(NEVER_IDLE)
    live(page, f"{server_url}/en/")
    for tool in TOOLS:
        page.get_by_role("tab", name=tool).click()
        expect(page.get_by_role("tabpanel")).not_to_be_empty()


@pytest.mark.refusals
def test_a_part_that_does_not_come_is_said_and_asked_for_again(page: Page, server_url: str) -> None:
    page.add_init_script(NEVER_IDLE)
    live(page, f"{server_url}/en/")
    page.route("**/static/**", lambda route: route.abort("connectionrefused"))
    page.get_by_role("tab", name="Table").click()
    expect(page.get_by_role("tabpanel").get_by_role("alert")).to_contain_text("did not arrive")
    share = page.get_by_role("button", name="Share", exact=True)
    share.hover()
    share.blur()
    page.unroute("**/static/**")
    page.mouse.move(0, 400)
    # What a panel shows is asked for again before its button is pressed.
    with page.expect_response(re.compile(r"/sharing-[^/]*\.js$")):
        share.hover()
    page.get_by_role("tab", name="Table").click()
    page.get_by_role("tab", name="Table").click()
    expect(page.get_by_role("tabpanel").get_by_role("table").first).to_be_visible()


def test_the_policy_stops_inline_script_and_eval(browser: Browser, server_url: str) -> None:
    """Not only written in a header. On a page of its own: what is refused counts as an error on the usual one."""
    page = browser.new_page()
    live(page, f"{server_url}/en/")
    refused: list[str] = page.evaluate(
        """async () => {
          const refused = [];
          document.addEventListener("securitypolicyviolation", event => refused.push(event.effectiveDirective));
          const script = document.createElement("script");
          script.textContent = "window.ran = 'inline'";
          document.head.append(script);
          const button = document.createElement("button");
          button.setAttribute("onclick", "window.ran = 'attribute'");
          button.click();
          setTimeout("window.ran = 'timer'", 0);
          await new Promise(resolve => setTimeout(resolve, 100));
          return [...refused, String(window.ran)];
        }"""
    )
    page.close()
    assert refused[-1] == "undefined"
    assert {"script-src-elem", "script-src-attr", "script-src"} <= set(refused)
