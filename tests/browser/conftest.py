"""Real Chromium, through pytest-playwright; a failing test leaves a screenshot."""

import os
from collections import Counter
from collections.abc import Iterator
from math import inf
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

SCREENSHOTS = Path(__file__).parent / "screenshots"
FLAGS = [
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    # The page must not ask for another host; where it does, the name is not even looked up.
    "--host-resolver-rules=MAP * ^NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    of_file = Counter(item.path for item in items)
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
    # Playwright keeps an event loop running in its thread until the session ends: no later test there could run one.
    # Long files begin first, so that at the end no process waits long for another.
    items.sort(key=lambda item: of_file[item.path] if item.get_closest_marker("browser") else inf, reverse=True)


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


@pytest.fixture
def page(page: Page, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page on which no script error, refused resource or request to another host goes unnoticed."""
    errors: list[str] = []
    foreign: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: foreign.append(request.url) if "//127.0.0.1:" not in request.url else None)
    yield page
    # 426 is what a healthy server answers a page that asks why its socket failed, as it may where the machine is busy.
    expected = ["ERR_CONNECTION_REFUSED", "WebSocket connection", "status of 426"]
    if request.node.get_closest_marker("refusals"):
        expected += [f"status of {status}" for status in (400, 401, 403, 409, 413, 415, 422, 429, 502, 503, 504)]
        # What a line that is cut leaves of what was on its way.
        expected += [
            "ERR_CONNECTION_RESET",
            "ERR_CONTENT_LENGTH_MISMATCH",
            "ERR_EMPTY_RESPONSE",
            "ERR_SOCKET_NOT_CONNECTED",
        ]
    assert [error for error in errors if not any(each in error for each in expected)] == []
    assert [url for url in foreign if not url.startswith(("data:", "blob:"))] == []
