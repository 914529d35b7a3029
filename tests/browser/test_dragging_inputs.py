"""An input's square in the diagram is a handle for its value."""

from playwright.sync_api import Page, expect

from tests.browser.studio_page import control, live, rested


def drag(page: Page, selector: str, across: int) -> None:
    box = page.locator(selector).bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + across, y + 3, steps=6)
    page.mouse.up()


def test_a_drag_changes_the_input_and_selects_nothing(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    square, slider = page.locator("[data-neuron='0.0']"), control(page, "x1")
    before = float(slider.input_value())
    y = page.locator("[data-neuron='2.0']").get_attribute("data-value")
    # x1 goes from -3 to 3 along 240 px.
    drag(page, "[data-neuron='0.0']", 40)
    rested(page)
    assert abs(float(slider.input_value()) - (before + 1)) < 0.01
    expect(page.locator("[data-neuron='2.0']")).not_to_have_attribute("data-value", y or "")
    expect(square).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Control+z")
    expect(slider).to_have_value(str(before))


def test_a_drag_stays_in_the_inputs_range(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    drag(page, "[data-neuron='0.1']", -600)
    expect(control(page, "x2")).to_have_value("-3")


def test_a_click_still_selects(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    drag(page, "[data-neuron='0.2']", 50)
    page.locator("[data-neuron='0.2']").click()
    expect(page.locator("[data-neuron='0.2']")).to_have_attribute("aria-pressed", "true")


def test_arrows_offer_the_first_input_until_something_changed(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    expect(page.locator("[data-neuron] .arrows")).to_have_count(1)
    expect(page.locator("[data-neuron='0.0'] .arrows")).to_be_visible()
    drag(page, "[data-neuron='0.0']", 20)
    page.mouse.move(2, 2)
    expect(page.locator("[data-neuron] .arrows")).to_have_count(0)


def test_on_a_phone_the_whole_title_and_the_first_slider_are_in_the_first_screen(page: Page, server_url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    live(page, f"{server_url}/en/")
    cut = page.get_by_label("Network", exact=True).evaluate("""select => {
      const paper = document.createElement("canvas").getContext("2d");
      paper.font = getComputedStyle(select).font;
      return paper.measureText(select.selectedOptions[0].text).width - (select.clientWidth - 28);
    }""")
    assert cut <= 0
    slider = control(page, "x1").bounding_box()
    sheet = page.locator(".inspector .panel").bounding_box()
    assert slider
    assert sheet
    assert slider["y"] + slider["height"] < sheet["y"]
