"""The profile of a browser in which one test's page is opened after the other's."""

from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page


class Profile:
    """What one page left behind, the next one does not find; but its process and its scripts are there already.

    That saves a page a quarter of its computing.
    """

    def __init__(self, browser: Browser, settings: dict[str, Any], url: str) -> None:
        self._browser = browser
        self._settings = settings
        self._url = url
        self._context: BrowserContext | None = None
        self._keeper: Page

    def open(self) -> Page:
        if self._context is None:
            self._context = self._browser.new_context(**self._settings)
            # A page that never closes: the process of all ends with the last.
            self._keeper = self._context.new_page()
            self._keeper.goto(f"{self._url}/v2/health/live")
        # A page that nobody opened would begin in a process of its own.
        with self._keeper.expect_popup() as opened:
            # Again: on a busy machine a closed page may have saved what it showed after that was cleared.
            self._keeper.evaluate("() => { localStorage.clear(); window.open('about:blank').opener = null; }")
        return opened.value

    def clear(self) -> None:
        """Closes what was opened, and forgets what pages of the server kept."""
        assert self._context is not None
        for page in self._context.pages:
            if page is not self._keeper:
                page.close()
        self._keeper.evaluate("() => localStorage.clear()")
        self._context.clear_cookies()

    def renew(self) -> None:
        """After a failure, which a page that hangs may be too."""
        self.close()
        self._context = None

    def close(self) -> None:
        if self._context is not None:
            self._context.close()
