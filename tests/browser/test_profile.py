"""The tests' own browser: what one page left behind, the next one does not find."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.profile import Profile
from tests.long import long

LEFT = "() => [{...localStorage}, {...sessionStorage}, document.cookie]"


@pytest.mark.parametrize("ended", [Profile.clear, long(Profile.renew)])
def test_a_page_finds_nothing_of_the_one_before(
    browser: Browser, browser_context_args: dict[str, Any], server_url: str, ended: Any
) -> None:
    profile = Profile(browser, browser_context_args, server_url)
    page = profile.open()
    page.goto(f"{server_url}/en/lessons")
    page.evaluate("() => { localStorage.a = sessionStorage.b = '1'; document.cookie = 'c=1'; }")
    with page.expect_popup():
        page.evaluate("() => { window.open('/en/'); }")
    assert page.evaluate(LEFT)[1:] == [{"b": "1"}, "c=1"]
    ended(profile)
    assert page.is_closed()
    other = profile.open()
    other.goto(f"{server_url}/en/lessons")
    assert other.evaluate(LEFT) == [{}, {}, ""]
    # It, and the page that keeps the process.
    assert len(other.context.pages) == 2
    profile.close()
