"""On a phone, standing and lying: what is dragged and what follows are in sight together. Refusals say why."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.studio_page import control, has_sizes, live, neurons, sizes
from tests.long import long


@pytest.fixture
def phone(touched: Page, server_url: str) -> Page:
    touched.set_viewport_size({"width": 390, "height": 844})
    live(touched, f"{server_url}/en/")
    return touched


@pytest.mark.parametrize("size", [long((844, 390)), (667, 375)])
def test_lying_the_first_slider_stands_beside_the_whole_diagram(
    touched: Page, server_url: str, size: tuple[int, int]
) -> None:
    page = touched
    page.set_viewport_size({"width": size[0], "height": size[1]})
    live(page, f"{server_url}/es/")
    foot = page.locator(".inspector .handle").bounding_box()
    slider = control(page, "x1").bounding_box()
    assert foot
    assert slider
    assert slider["y"] + slider["height"] <= foot["y"]
    for neuron in page.locator("[data-neuron] .body").all():
        box = neuron.bounding_box()
        assert box
        assert box["x"] >= slider["x"] + slider["width"]
        assert box["x"] + box["width"] <= size[0]
        assert box["y"] + box["height"] <= foot["y"]
    before = neurons(page)["2.0"]
    page.touchscreen.tap(slider["x"] + 0.9 * slider["width"], slider["y"] + slider["height"] / 2)
    page.wait_for_function(
        "y => Number(document.querySelector('[data-neuron=\"2.0\"]').dataset.value) !== y", arg=before
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_output_stays_in_sight_over_a_raised_sheet(phone: Page) -> None:
    chip = phone.locator("[data-output='0'] [data-value]")
    for _ in range(2):
        expect(chip).to_be_in_viewport(ratio=1)
        assert float(chip.get_attribute("data-value") or "nan") == neurons(phone)["2.0"]
        phone.locator(".inspector .handle").click()
    # The selected neuron's result too, however many lines its formula takes.
    expect(phone.locator(".handle .own")).to_have_text(re.compile(r"h1 = σ\(0\.7598\) = 0\.6813"))


def test_the_line_of_the_sheet_is_kept_only_where_there_is_a_sheet(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    line = page.locator(".peek")
    expect(page.locator(".formula .result")).to_be_visible()
    expect(line).to_have_count(0)
    page.set_viewport_size({"width": 390, "height": 844})
    expect(line.locator("[data-output='0'] [data-value]")).to_be_in_viewport(ratio=1)
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(line).to_have_count(0)


def test_what_a_step_computes_is_chosen_lying_too(touched: Page, server_url: str) -> None:
    phone = touched
    phone.set_viewport_size({"width": 844, "height": 390})
    live(phone, f"{server_url}/en/")
    step = phone.get_by_role("button", name="One step forward")
    # It stands still: only then is its place worth knowing.
    step.tap(trial=True)
    expect(step).to_be_in_viewport(ratio=1)
    place = step.bounding_box()
    step.tap()
    grain = phone.get_by_label("What each step computes")
    expect(grain).to_be_in_viewport(ratio=1)
    grain.select_option("term")
    for _ in range(3):
        step.tap()
    # The number, which stands at its end, is in sight, and the button still under the finger.
    caption = phone.locator("[data-playback] .caption")
    assert caption.evaluate("e => e.scrollHeight <= e.clientHeight && e.scrollWidth <= e.clientWidth")
    assert step.bounding_box() == place


def test_a_step_of_playback_is_seen(phone: Page) -> None:
    step = phone.get_by_role("button", name="One step forward")
    expect(step).to_be_in_viewport(ratio=1)
    place = step.bounding_box()
    for _ in range(4):
        step.tap()
        # Under the finger it stays, whatever the step brings.
        assert step.bounding_box() == place
    expect(phone.locator("[data-neuron='2.0'].now")).to_be_in_viewport(ratio=1)


def test_the_first_screen_of_a_phone_says_what_this_is_and_where_the_course_is(phone: Page) -> None:
    for part in (
        phone.get_by_role("heading", name="Adelante"),
        phone.get_by_text("See what happens inside a neural network"),
    ):
        expect(part).to_be_in_viewport(ratio=1)
    expect(phone.get_by_role("link", name="Course")).to_be_in_viewport(ratio=1)


@pytest.mark.long
@pytest.mark.parametrize("width", [long(1400), 1024])
def test_a_layer_can_be_added_between_any_two_of_six(page: Page, server_url: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    live(page, f"{server_url}/en/")
    add = page.get_by_role("button", name="Add a layer here")
    for count in (2, 3, 4):
        expect(add).to_have_count(count)
        # It is still there, under the pointer, once it was pressed.
        add.first.click()
    expect(add).to_have_count(5)
    stage = page.locator("[data-stage]").bounding_box()
    assert stage
    assert stage["width"] >= width / 2


def test_what_cannot_be_done_says_why(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    footer = page.locator("footer")
    page.keyboard.press("Control+z")
    expect(footer).to_contain_text("There is nothing to undo.")
    page.locator("[data-neuron='2.0']").focus()
    page.keyboard.press("Delete")
    expect(footer).to_contain_text("y stays: a layer keeps at least one neuron.")
    page.get_by_role("button", name="Pin to compare").click()
    page.get_by_role("button", name="Swap").click()
    expect(footer).to_contain_text("Both states are the same")
    assert sizes(page) == [3, 2, 1]


@pytest.mark.refusals
def test_without_a_server_a_new_neuron_says_why_it_does_not_come(page: Page, server_url: str) -> None:
    page.route_web_socket("**/*", lambda socket: socket.close())
    live(page, f"{server_url}/en/")
    page.route("**/api/**", lambda route: route.abort("connectionrefused"))
    expect(page.locator("footer")).to_contain_text("The server is not answering")
    page.get_by_role("button", name="Add a neuron: Hidden layer").click()
    expect(page.locator("footer")).to_contain_text("The network was not changed")


@pytest.mark.long
def test_pinning_is_a_step_and_a_jump_says_where_one_is(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    page.get_by_role("button", name="Pin to compare").click()
    expect(page.get_by_role("button", name="Unpin")).to_be_visible()
    page.get_by_role("button", name="Add a neuron: Hidden layer").click()
    has_sizes(page, [3, 3, 1])
    page.get_by_role("button", name="History", exact=True).click()
    entries = page.locator("[role=tabpanel] ol button")
    expect(entries).to_have_count(3)
    entries.last.click()
    expect(page.get_by_role("button", name="Pin to compare")).to_be_visible()
    expect(page.locator("footer")).to_contain_text("Now at step 0: Opened")
    entries.first.click()
    expect(page.get_by_role("button", name="Unpin")).to_be_visible()
    has_sizes(page, [3, 3, 1])


def test_on_paper_the_whole_diagram_has_room(page: Page, server_url: str) -> None:
    page.set_viewport_size({"width": 1400, "height": 900})
    live(page, f"{server_url}/en/")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    width, right = page.evaluate(
        """() => [document.querySelector("[data-stage]").getBoundingClientRect().right,
          Math.max(...[...document.querySelectorAll("[data-neuron]")].map(e => e.getBoundingClientRect().right))]"""
    )
    assert right <= width
    assert page.locator("[data-stage] button:visible, [role=tab]:visible").count() == 0
