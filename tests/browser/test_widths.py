"""Real names and extreme numbers stay within what holds them, and none lies over another, on every screen."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.studio_page import has_sizes, live
from tests.browser.world_page import world
from tests.long import crossed, long, some

EXTREME: dict[str, Any] = {
    "layers": [
        {
            "name": "hidden",
            "activation": "identity",
            "weights": [[123456.7, -0.00012], [-1.2e11, 8e-10], [1e30, 0.5]],
            "biases": [-123456.7, 8e-10],
            "neuron_names": ["log_price_per_square_metre", "h2"],
        },
        {"name": "output", "activation": "identity", "weights": [[0.5], [-1.2e11]], "biases": [1e38]},
    ],
    "inputs": [123456.7, -1.2e11, 8e-10],
    "input_names": ["median_house_value (USD)", "ingresos anuales (€)", "sepal length (cm)"],
    "input_ranges": [[0, 500000], [-2e11, 2e11], [-3, 3]],
    "output_names": ["predicted_median_house_value (USD)"],
    "seed": 1,
}
HOUSES: dict[str, Any] = {
    "layers": [
        {
            "name": "hidden",
            "activation": "tanh",
            "weights": [[0.00012, -0.5, 1.25], [1234.5, 8e-10, 0.3], [-0.4, 0.7, 99999.5], [0.1, 0.2, 0.3]],
            "biases": [0.5, -123456.7, 0.1],
        },
        {
            "name": "output",
            "activation": "identity",
            "weights": [[250000.0, -0.00012], [-1.2e5, 3.5], [999999.9, 1e-7]],
            "biases": [206855.8, -0.5],
        },
    ],
    "inputs": [8.3252, 41.0, 6.984127, 322.0],
    "input_names": ["median_income (10k USD)", "house_age (years)", "average_rooms_per_household", "population"],
    "input_ranges": [[0, 15], [1, 52], [1, 12], [3, 35682]],
    "output_names": ["median_house_value (USD)", "uncertainty (USD)"],
    "seed": 1,
}
NETWORKS = {"extreme": (EXTREME, [3, 2, 1]), "houses": (HOUSES, [4, 3, 2])}

DROP = """text => {
  const files = new DataTransfer();
  files.items.add(new File([text], "network.json", { type: "application/json" }));
  for (const type of ["dragenter", "dragover", "drop"]) {
    window.dispatchEvent(new DragEvent(type, { dataTransfer: files, bubbles: true, cancelable: true }));
  }
}"""

# What sticks out, or lies over another thing, by what it is and where.
FAULTS = """() => {
  const faults = [];
  const box = (element) => element.getBoundingClientRect();
  const within = (what, text, around, slack = 1) => {
    const [a, b] = [box(text), box(around)];
    if (a.width > 0 && (a.left < b.left - slack || a.right > b.right + slack)) {
      faults.push(`${what}: ${text.textContent.trim()} ${a.left | 0}-${a.right | 0} in ${b.left | 0}-${b.right | 0}`);
    }
  };
  const apart = (what, one, other) => {
    const [a, b] = [box(one), box(other)];
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    // A line of text is higher than its letters.
    if (across > 2 && down > 4) faults.push(`${what}: ${one.textContent.trim()} over ${other.textContent.trim()}`);
  };
  const stage = document.querySelector("[data-stage]");
  for (const neuron of document.querySelectorAll("[data-neuron]")) {
    const body = neuron.querySelector(".body");
    const value = neuron.querySelector("text.value:not(.outside)");
    if (value) {
      const letters = [...value.textContent];
      const [first, last] = [letters.findIndex((c) => c.trim()), letters.findLastIndex((c) => c.trim())];
      const half = (value.getEndPositionOfChar(last).x - value.getStartPositionOfChar(first).x) / 2;
      const room = box(body).width / 2 - 1;
      const middle = (value.getEndPositionOfChar(last).x + value.getStartPositionOfChar(first).x) / 2;
      if (Math.abs(middle) + half > room) faults.push(`number in its neuron: ${value.textContent} ${half} of ${room}`);
    }
    const changes = neuron.querySelectorAll("text.change:not(.outside)");
    for (const change of changes) within("change in its neuron", change, body, 0);
    const tab = neuron.querySelector("[data-bias]");
    if (tab) within("bias in its tab", tab.querySelector("text"), tab.querySelector("rect"), 0);
    if (tab && value) apart("tab and number", tab.querySelector("rect"), value);
    for (const name of neuron.querySelectorAll("text.name")) within("name in the diagram", name, stage, 8);
  }
  const names = [...document.querySelectorAll("[data-neuron] text.name")];
  const tabs = [...document.querySelectorAll("[data-bias] rect")];
  names.forEach((one, k) => names.slice(k + 1).forEach((other) => apart("names", one, other)));
  names.forEach((name) => tabs.forEach((tab) => apart("name and tab", name, tab)));
  for (const panel of document.querySelectorAll(".inspector .panel, .inspector .content, section.inputs")) {
    const { scrollWidth, clientWidth } = panel;
    if (scrollWidth > clientWidth + 1) faults.push(`${panel.className}: ${scrollWidth} in ${clientWidth}`);
  }
  for (const row of document.querySelectorAll(".inspector li.row")) {
    const value = row.querySelector(".value");
    if (value && row.querySelector(".detail")) apart("factors and value", row.querySelector(".detail"), value);
    within("row of the sum", value ?? row, row.closest("ol"));
  }
  for (const ends of document.querySelectorAll(".ends")) {
    const [one, other] = ends.querySelectorAll(".end");
    if (one && other) apart("ends of a track", one, other);
  }
  for (const field of document.querySelectorAll("input[type=text]")) {
    if (box(field).width > 0 && field.scrollWidth > field.clientWidth + 1) faults.push(`field: ${field.value}`);
  }
  for (const heading of document.querySelectorAll("section.inputs li .heading")) {
    const invitation = document.querySelector(".invitation");
    if (invitation) apart("invitation and name", invitation, heading);
  }
  for (const words of document.querySelectorAll("header .sign")) within("button's words", words, words.parentElement);
  if (document.documentElement.scrollWidth > innerWidth) faults.push("the page scrolls sideways");
  return faults;
}"""

# The numbers of a table that their cells cut off.
CUT = """panel => [...panel.querySelectorAll("[data-value]")].filter(cell => {
  const text = document.createRange();
  text.selectNodeContents(cell);
  const [inner, outer] = [text.getBoundingClientRect(), cell.getBoundingClientRect()];
  return inner.width > 0 && (inner.right > outer.right + 1 || inner.left < outer.left - 1);
}).map(cell => cell.textContent)"""


def open_network(page: Page, network: str) -> None:
    document, sizes = NETWORKS[network]
    told = page.evaluate(ENDS)
    page.evaluate(DROP, json.dumps(document))
    has_sizes(page, sizes)
    # What the tracks' ends and the response maps tell comes after the pass.
    page.wait_for_function(f"told => {{ const now = ({ENDS})(); return now !== '' && now !== told; }}", arg=told)
    page.evaluate(AT_REST)


ENDS = "() => [...document.querySelectorAll('.ends .end')].map(end => end.textContent).join()"

# Neurons move to their places within a fifth of a second.
AT_REST = """async () => {
  const places = () => [...document.querySelectorAll("[data-neuron]")].map((e) => e.getAttribute("transform")).join();
  for (let before = "", same = 0; same < 5; ) {
    await new Promise((done) => setTimeout(done, 60));
    same = places() === before ? same + 1 : 0;
    before = places();
  }
}"""


@pytest.mark.parametrize(
    ("width", "height", "language"),
    crossed(
        [(1400, 900), (1366, 768), (1024, 768), (390, 844), (844, 390)],
        ["es", "en"],
        few=[(1366, 768), (390, 844), (844, 390)],
    ),
)
def test_no_number_or_name_leaves_its_place(
    request: pytest.FixtureRequest, server_url: str, width: int, height: int, language: str
) -> None:
    page: Page = request.getfixturevalue("touched" if min(width, height) < 500 else "page")
    page.set_viewport_size({"width": width, "height": height})
    live(page, f"{server_url}/{language}/")
    for network in NETWORKS:
        open_network(page, network)
        assert page.evaluate(FAULTS) == [], network


@pytest.mark.parametrize(("width", "height"), [long(1400, 900), (1024, 768)])
def test_no_change_leaves_its_neuron(page: Page, server_url: str, width: int, height: int) -> None:
    """Against a pinned state: numbers of any size, in neurons of any."""
    page.set_viewport_size({"width": width, "height": height})
    live(page, f"{server_url}/es/?preset=iris")
    page.get_by_role("button", name="Fijar y comparar").click()
    slider = page.get_by_role("slider").first
    slider.focus()
    page.keyboard.press("End")
    expect(page.locator("[data-neuron='1.0'] .change")).not_to_have_text("=")
    page.evaluate(AT_REST)
    small = page.locator("[data-neuron] .change").filter(has_text="e−")
    assert small.count() > 1
    assert page.evaluate(FAULTS) == []


@pytest.mark.parametrize("network", some(NETWORKS, "extreme"))
def test_no_number_leaves_its_cell_in_the_tables(page: Page, server_url: str, network: str) -> None:
    page.set_viewport_size({"width": 1400, "height": 900})
    live(page, f"{server_url}/en/")
    open_network(page, network)
    for tool in ("Table", "Matrices and batches"):
        page.get_by_role("tab", name=tool).click()
        panel = page.get_by_role("tabpanel", name=tool)
        expect(panel).to_be_visible()
        assert page.evaluate(FAULTS) == []
        assert panel.evaluate(CUT) == []


@pytest.mark.parametrize(("width", "height"), [long(390, 844), (320, 640), long(844, 390)])
def test_the_numbers_in_a_phones_line_are_whole(touched: Page, server_url: str, width: int, height: int) -> None:
    """Of the outputs and of the selected neuron: long names make room, and are whole where they are pointed at."""
    page = touched
    page.set_viewport_size({"width": width, "height": height})
    live(page, f"{server_url}/en/")
    page.evaluate(DROP, json.dumps(HOUSES))
    has_sizes(page, [4, 3, 2])
    expect(page.locator(".peek .own .number")).to_have_text("= 1.0000")
    cut = page.locator(".peek").evaluate(
        """peek => [...peek.querySelectorAll(".number")].filter(each => each.checkVisibility()).map(each => {
          const text = document.createRange();
          text.selectNodeContents(each);
          const [inner, outer] = [text.getBoundingClientRect(), peek.getBoundingClientRect()];
          return [each.textContent, inner.right <= outer.right + 0.5, innerWidth >= outer.right];
        })"""
    )
    assert [each for each in cut if each[1:] != [True, True]] == []
    told = [each[0].strip() for each in cut]
    assert told == (["1.58e6", "= 1.0000"] if width <= 390 else ["1.58e6", "−4.0001", "= 1.0000"])
    expect(page.locator(".peek .fewer")).to_be_visible(visible=width <= 390)
    expect(page.locator("[data-output='0'] .symbol")).to_have_attribute("title", "median_house_value (USD)")


@pytest.mark.parametrize(
    ("width", "height", "language"), crossed([(1400, 700), (1024, 768)], ["en", "es"], few=[(1024, 768)])
)
def test_an_open_tool_lies_over_no_part_of_the_diagram(
    page: Page, server_url: str, width: int, height: int, language: str
) -> None:
    """In a low window the page scrolls sooner."""
    page.set_viewport_size({"width": width, "height": height})
    live(page, f"{server_url}/{language}/")
    page.get_by_role("tab").nth(1).click()
    expect(page.get_by_role("tabpanel")).to_be_visible()
    bottom, top = page.evaluate(
        """() => [
          Math.max(...[...document.querySelectorAll("main .diagram *")].map(e => e.getBoundingClientRect().bottom)),
          document.querySelector(".tools").getBoundingClientRect().top,
        ]"""
    )
    assert bottom <= top + 1


@pytest.mark.parametrize("network", [long(""), "?network=digits-conv"])
def test_at_four_times_the_size_the_window_is_the_diagrams(page: Page, server_url: str, network: str) -> None:
    """1280 × 1024 at 400 %: the first screen has numbers, and scrolled to, the diagram has almost all of it."""
    page.set_viewport_size({"width": 320, "height": 256})
    if network:
        world(page, f"{server_url}/en/{network}")
    else:
        live(page, f"{server_url}/en/")
        expect(page.locator("[data-neuron='0.0'] .body")).to_be_in_viewport(ratio=1)
    page.locator(".inspector .handle").wait_for()
    stage = page.locator("[data-stage]")
    stage.evaluate("stage => stage.scrollIntoView({ block: 'start' })")
    shown = stage.evaluate(
        """stage => Array.from({ length: innerHeight }, (_, y) => document.elementFromPoint(innerWidth / 2, y))
          .filter(each => stage.contains(each)).length"""
    )
    assert shown >= 0.8 * 256


@pytest.mark.parametrize("language", [long("en"), "es"])
def test_a_layers_function_can_be_chosen_at_320_pixels(touched: Page, server_url: str, language: str) -> None:
    """The longest name too: the select stays within the page, and nothing lies over it."""
    page = touched
    page.set_viewport_size({"width": 320, "height": 640})
    live(page, f"{server_url}/{language}/")
    choice = page.locator(".head select").first
    choice.select_option("log_softmax")
    page.wait_for_function("() => document.querySelector('.head select').value === 'log_softmax'")
    reached = choice.evaluate(
        """select => {
          const { left, right, top, height } = select.getBoundingClientRect();
          const found = document.elementFromPoint((left + right) / 2, top + height / 2);
          const whole = select.scrollWidth <= select.clientWidth;
          return [left >= 0, right <= innerWidth, height >= 44, found === select, whole];
        }"""
    )
    assert reached == [True] * 5


@pytest.mark.parametrize("preset", [long("multilayer"), "xor"])
def test_the_last_weights_slider_is_reached_by_wheel_and_by_tab(page: Page, server_url: str, preset: str) -> None:
    """On a laptop the sliders go on below the panel's edge; the wheel over them scrolls and changes nothing."""
    page.set_viewport_size({"width": 1366, "height": 768})
    live(page, f"{server_url}/en/?preset={preset}")
    sliders = page.locator(".inspector input[type=range]")
    values = "all => all.map(slider => slider.dataset.value)"
    before = sliders.evaluate_all(values)
    box = sliders.first.bounding_box()
    assert box
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.wheel(0, 800)
    expect(sliders.last).to_be_in_viewport(ratio=1)
    panel = page.locator(".inspector .panel").bounding_box()
    last = sliders.last.bounding_box()
    assert panel
    assert last
    assert last["y"] + last["height"] <= panel["y"] + panel["height"]
    assert sliders.evaluate_all(values) == before
    page.locator(".inspector .panel").evaluate("panel => panel.scrollTo(0, 0)")
    sliders.last.focus()
    expect(sliders.last).to_be_in_viewport(ratio=1)
