"""The focus is never lost: where what had it goes, what stands there then has it. What was done is said."""

import re

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from tests.browser.studio_page import control, has_sizes, live
from tests.browser.world_page import world
from tests.long import long


def press(locator: Locator, key: str = "Enter") -> None:
    locator.focus()
    locator.page.keyboard.press(key)


def test_pinning_and_unpinning(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    press(page.get_by_role("button", name="Pin to compare"))
    expect(page.get_by_role("button", name="Flip")).to_be_focused()
    press(page.get_by_role("button", name="Unpin"))
    expect(page.get_by_role("button", name="Pin to compare")).to_be_focused()


@pytest.mark.long
def test_the_last_neuron_that_can_go(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    press(page.get_by_role("button", name="Remove h2"))
    has_sizes(page, [3, 1, 1])
    last = page.get_by_role("button", name="Remove h1")
    expect(last).to_be_focused()
    expect(last).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Enter")
    press(page.locator("[data-neuron='0.2']"), "Delete")
    has_sizes(page, [2, 1, 1])
    expect(page.locator("[data-neuron='0.1']")).to_be_focused()


def test_from_the_sum_to_a_weight_and_out_again(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    heading = page.locator(".inspector h2")
    press(page.get_by_role("button", name="Show weight w21 of layer 1"))
    expect(heading).to_be_focused()
    expect(heading).to_contain_text("from x₂ to h₁")
    press(page.get_by_role("button", name="Show h₁'s sum"))
    expect(heading).to_be_focused()
    expect(heading).to_contain_text("and its sum")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Choose a neuron or a weight to see its arithmetic.").last).to_be_visible()
    expect(page.locator("[data-neuron='1.0']")).to_be_focused()


def test_escape_out_of_a_number(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    press(page.get_by_label("Value of weight w21 of layer 1", exact=True), "Escape")
    # Nothing was being typed: one is out of the field, and the sum stays.
    expect(control(page, "weight w21")).to_be_focused()
    expect(page.locator(".inspector h2")).to_contain_text("and its sum")
    page.keyboard.press("Escape")
    expect(page.locator("[data-neuron='1.0']")).to_be_focused()


@pytest.mark.long
def test_a_batch_that_comes_and_goes(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    page.get_by_role("tab", name="Matrices").click()
    page.locator("textarea").fill("1,2,3\n4,5,6")
    press(page.get_by_role("button", name="Use these rows"))
    expect(page.get_by_role("region", name="The 2 rows of the batch")).to_be_focused()
    press(page.get_by_role("button", name="Next row"))
    expect(page.get_by_role("button", name="Next row")).to_be_focused()
    press(page.get_by_role("button", name="Remove the batch"))
    expect(page.locator("textarea")).to_be_focused()


def test_the_tours_link_is_gone_when_it_ends(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    press(page.get_by_role("button", name="Take the tour"))
    # The tour is loaded when it is asked for, and takes the focus then.
    expect(page.get_by_role("button", name="Next", exact=True)).to_be_focused()
    press(page.get_by_role("slider", name="x2"), "ArrowRight")
    expect(page.get_by_role("button", name="Take the tour")).to_have_count(0)
    press(page.get_by_role("button", name="Next", exact=True))
    press(page.get_by_role("button", name="Back", exact=True))
    expect(page.get_by_role("button", name="Back", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("slider", name="x1")).to_be_focused()


@pytest.mark.parametrize("place", [long("[data-neuron='1.1']"), "[data-edge='1.0.0']"])
def test_what_has_the_focus_is_lit_everywhere(page: Page, server_url: str, place: str) -> None:
    live(page, f"{server_url}/en/")
    press(page.get_by_role("tab", name="Table"))
    cell = {"[data-neuron='1.1']": "[data-z='1.1']", "[data-edge='1.0.0']": "[data-weight='1.0.0']"}[place]
    page.mouse.move(0, 0)
    page.locator(place).focus()
    expect(page.locator(cell)).to_have_class(re.compile(r"\blit\b"))
    page.get_by_role("tab", name="Table").focus()
    expect(page.locator(cell)).not_to_have_class(re.compile(r"\blit\b"))


@pytest.mark.long
def test_what_was_done_and_its_outcome_are_said_once_the_hand_rests(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    said = page.locator("footer [role=status]")
    press(page.get_by_role("slider", name="x1"), "ArrowRight")
    expect(said).to_have_text(re.compile(r"^y is now 0\.\d{4}$"))
    press(page.get_by_role("button", name="Add a neuron: Hidden layer"))
    expect(said).to_have_text(re.compile(r"^Neuron added: Hidden layer\. y is now 0\.\d{4}$"))
    page.keyboard.press("Control+z")
    expect(said).to_have_text(re.compile(r"^Undone: Neuron added: Hidden layer\. y is now 0\.\d{4}$"))


@pytest.mark.long
def test_no_outcome_is_said_before_it_is_known(page: Page, server_url: str) -> None:
    """Of a server that is silent, as behind a line that went dead without a word."""
    silent: list[bool] = []
    held: list[str | bytes] = []
    sockets: list[WebSocketRoute] = []

    def connect(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda message: held.append(message) if silent else socket.send(message))
        sockets.append(socket)

    page.route_web_socket(re.compile("/api/v1/live"), connect)
    live(page, f"{server_url}/en/?preset=multilayer")
    said = page.locator("footer [role=status]")
    silent.append(True)
    # Nor is it written that nothing becomes of it.
    written = page.locator("footer .change")
    press(page.get_by_role("slider", name="x1"), "End")
    assert "0.3171 →" not in written.inner_text()
    expect(written).to_contain_text("Computing")
    page.wait_for_timeout(1000)
    assert "0.3171" not in said.inner_text()
    silent.clear()
    for message in held:
        sockets[-1].send(message)
    expect(said).to_have_text(re.compile(r"^y is now 0\.\d{4}$"))
    # Nor is what it was told once more, as if it were new, when the server is back.
    silent.append(True)
    press(page.get_by_role("slider", name="x1"), "Home")
    expect(page.locator("footer .change")).to_contain_text("Computing")
    expect(said).to_have_text("")


def named(page: Page, rows: Locator) -> list[str]:
    page.wait_for_timeout(300)
    found: list[str] = rows.evaluate_all("all => all.map(row => row.getAttribute('aria-label'))")
    return found


def test_sliders_that_are_sorted_anew_leave_the_focus_where_it_is(page: Page, server_url: str) -> None:
    world(page, f"{server_url}/en/?network=digits-conv")
    rows = page.locator(".inspector ul [role=group]")
    expect(rows.nth(4)).to_be_visible()
    # They are sorted once more when all of the first pass is there.
    seen = [named(page, rows)]
    while seen[-4:].count(seen[-1]) < 4:
        seen.append(named(page, rows))
    names = seen[-1]
    field = page.get_by_role("group", name=names[4], exact=True).get_by_role("textbox")
    # What would come of other values is asked for once it has the focus: a hand types after that is answered.
    field.focus()
    page.wait_for_timeout(400)
    field.fill("40")
    field.press("Enter")
    expect(rows.nth(4).get_by_role("slider")).to_have_attribute("data-value", "40")
    # As long as it is being typed into, its row stays under the hand.
    page.wait_for_timeout(600)
    expect(rows.nth(4)).to_have_attribute("aria-label", names[4])
    expect(field).to_be_focused()
    page.keyboard.press("Tab")
    expect(rows.first).to_have_attribute("aria-label", names[4])
    within = "() => document.activeElement?.closest('.inspector [role=group]')?.getAttribute('aria-label')"
    assert page.evaluate(within) == names[5]


@pytest.mark.long
def test_more_terms_and_fewer(page: Page, server_url: str) -> None:
    world(page, f"{server_url}/en/?network=digits-conv")
    page.locator("[data-body='2']").focus()
    # Away from the border, where a kernel sees less.
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    more = page.locator(".inspector [data-more]")
    press(more)
    # Nine terms: all are there, and the button for more is not.
    expect(more).to_have_count(0)
    expect(page.locator(".inspector :focus")).to_have_count(1)
    press(page.get_by_role("button", name="fewer terms"))
    expect(page.get_by_role("button", name="fewer terms")).to_have_count(0)
    expect(page.locator(".inspector :focus")).to_have_count(1)


def test_a_form_that_comes_late_leaves_the_focus_in_its_place(page: Page, server_url: str) -> None:
    held: list[str | bytes] = []
    late: list[bool] = []
    sockets: list[WebSocketRoute] = []

    def connect(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        server = socket.connect_to_server()
        server.on_message(lambda message: held.append(message) if late else socket.send(message))

    page.route_web_socket(re.compile("/api/v1/live"), connect)
    world(page, f"{server_url}/en/?network=digits-conv")
    heading = page.locator(".inspector h2")
    expect(heading).to_contain_text("class 0")
    late.append(True)
    press(page.get_by_role("button", name=re.compile("^0: score")))
    # Until the server has told of it, one goes on in what is there.
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    late.clear()
    for message in held:
        sockets[-1].send(message)
    expect(heading).to_contain_text("and its sum")
    expect(page.locator(".inspector :focus")).to_have_count(1)
