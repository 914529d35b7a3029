"""What a first visit costs on the wire, and what the page's policy lets run."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.studio_page import live

MOST_BYTES = 100_000


@pytest.mark.parametrize("path", ["/", "/es/", "/embed"])
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
    live(page, f"{server_url}{path}")
    page.wait_for_function("() => document.querySelector('[data-track]:not([hidden])')")
    counted = [request for request, kind in kinds.items() if kind in ("Script", "Stylesheet")]
    assert len(counted) >= 3
    assert all(compressed[request] for request in counted)
    assert sum(lengths[request] for request in counted) <= MOST_BYTES


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
