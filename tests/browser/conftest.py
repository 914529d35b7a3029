"""Real Chromium, through pytest-playwright; a failing test leaves a screenshot.

Pages are opened one after the other in one profile (profile.py): a test that needs a browser which was nowhere before
asks for `context` too, or uses it as a fixture.
"""

import os
from collections import Counter
from collections.abc import Iterator
from math import inf
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.profile import Profile

SCREENSHOTS = Path(__file__).parent / "screenshots"
FLAGS = [
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    # A page's process serves the next page of the same profile too.
    "--process-per-site",
    # The processor draws, and many small tiles, which are for graphics cards, take it longer than a few large ones.
    "--default-tile-width=1408",
    "--default-tile-height=512",
    # The page must not ask for another host; where it does, the name is not even looked up.
    "--host-resolver-rules=MAP * ^NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]

# Files of a test or two that take as long as so many times their number elsewhere.
_TESTS_WORTH = {"test_everyone.py": 5, "test_world_live.py": 4, "test_world_operations.py": 8}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    of_file = Counter(item.path for item in items)
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
    # Playwright keeps an event loop running in its thread until the session ends: no later test there could run one.
    # Long files begin first, so that at the end no process waits long for another.
    items.sort(key=lambda item: _weight(item, of_file) if item.get_closest_marker("browser") else inf, reverse=True)


def _weight(item: pytest.Item, of_file: Counter[Path]) -> int:
    return _TESTS_WORTH.get(item.path.name, 1) * of_file[item.path]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    found = os.environ.get("CHROMIUM")
    # Chromium's sandbox refuses to start for root, as in a container.
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    return {**browser_type_launch_args, "args": flags, **({"executable_path": found} if found else {})}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if report.when == "call" and report.failed:
        page = getattr(item, "funcargs", {}).get("page")
        if page is not None:
            SCREENSHOTS.mkdir(exist_ok=True)
            page.screenshot(path=SCREENSHOTS / f"{item.name}.png".replace("/", "-"))
    return report


@pytest.fixture(scope="session")
def profile(browser: Browser, browser_context_args: dict[str, Any], server_url: str) -> Iterator[Profile]:
    profile = Profile(browser, browser_context_args, server_url)
    yield profile
    profile.close()


@pytest.fixture(scope="session")
def phones(browser: Browser, browser_context_args: dict[str, Any], server_url: str) -> Iterator[Profile]:
    settings = {**browser_context_args, "has_touch": True, "is_mobile": True}
    profile = Profile(browser, settings, server_url)
    yield profile
    profile.close()


@pytest.fixture
def unwatched(request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of the shared profile, or of one of its own where the test asks for that or its context is recorded."""
    recorded = any(request.config.getoption(name) != "off" for name in ("tracing", "video", "screenshot"))
    if recorded or "context" in request.fixturenames:
        context: BrowserContext = request.getfixturevalue("context")
        yield context.new_page()
        return
    yield from _page_of(request, "profile")


@pytest.fixture
def touched(request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page under fingers, as phones show it."""
    yield from _page_of(request, "phones")


def _page_of(request: pytest.FixtureRequest, profile: str) -> Iterator[Page]:
    of: Profile = request.getfixturevalue(profile)
    yield of.open()
    reports = (getattr(request.node, f"rep_{when}", None) for when in ("setup", "call"))
    if any(report is not None and report.failed for report in reports):
        of.renew()
    else:
        of.clear()


@pytest.fixture
def page(unwatched: Page, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page on which no script error, refused resource or request to another host goes unnoticed."""
    page = unwatched
    errors: list[str] = []
    foreign: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: foreign.append(request.url) if "//127.0.0.1:" not in request.url else None)
    yield page
    # 426 is what a healthy server answers a page that asks why its socket failed, as it may where the machine is busy.
    expected = ["ERR_CONNECTION_REFUSED", "WebSocket connection", "status of 426"]
    if request.node.get_closest_marker("refusals"):
        expected += [f"status of {status}" for status in (400, 401, 403, 404, 409, 413, 415, 422, 429, 502, 503, 504)]
        # What a line that is cut leaves of what was on its way.
        expected += [
            "ERR_CONNECTION_RESET",
            "ERR_CONTENT_LENGTH_MISMATCH",
            "ERR_EMPTY_RESPONSE",
            "ERR_SOCKET_NOT_CONNECTED",
        ]
    assert [error for error in errors if not any(each in error for each in expected)] == []
    assert [url for url in foreign if not url.startswith(("data:", "blob:"))] == []
