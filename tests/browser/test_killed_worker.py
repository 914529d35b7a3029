"""Of several processes the one that a page talks to is killed: the page goes on at another, and nothing is lost."""

import os
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.studio_page import control, live, neurons, rested
from tests.together import serving_together


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc to find the workers")
def test_a_page_goes_on_at_another_process(page: Page, tmp_path: Path) -> None:
    with serving_together(tmp_path) as together:
        first, second = together.workers()
        with together.only(first):
            live(page, f"{together.url}/en/")
            field = page.get_by_label("Value of x1", exact=True)
            field.fill("0.625")
            field.press("Enter")
            rested(page)
            before = neurons(page)
            assert before["0.0"] == 0.625
        with page.expect_websocket() as again:
            os.kill(first, signal.SIGKILL)
        again.value.wait_for_event("framereceived", predicate=lambda frame: isinstance(frame, bytes))
        expect(page.locator("footer")).not_to_contain_text("your values are safe")
        rested(page)
        assert neurons(page) == before
        assert control(page, "x1").get_attribute("data-value") == "0.625"
        # And it is alive: the next change is answered.
        field.fill("0.5")
        field.press("Enter")
        page.wait_for_function(
            "before => document.querySelector('[data-neuron=\"1.0\"]').dataset.value !== before", arg=str(before["1.0"])
        )
        assert second in together.workers()
