"""What is painted ahead of a move is what torch gives there: slider tracks, response maps, curves and boundaries."""

import json
import re
from itertools import pairwise
from typing import Any

import pytest
import torch
from playwright.sync_api import Page, expect

from tests.browser.test_studio import Expected, drag, live, shows, slider, value_of
from tests.browser.test_why import printed
from tests.long import long

# The colour of a canvas where a fraction of its width and height lies, its outermost samples on its edges.
PIXEL = """([selector, x, y]) => {
  const canvas = document.querySelector(selector);
  const at = (place, size) => Math.round(Math.min(1, Math.max(0, place)) * (size - 1));
  return [...canvas.getContext('2d').getImageData(at(x, canvas.width), at(y, canvas.height), 1, 1).data].slice(0, 3);
}"""
# The colour that a track has at a fraction of its width: between two stops, a mixture of theirs.
TRACK = """([track, x]) => {
  const background = getComputedStyle(document.querySelector(`[data-track='${track}']`)).backgroundImage;
  const stop = /rgb\\((\\d+), (\\d+), (\\d+)\\) ([\\d.]+)%/g;
  const stops = [...background.matchAll(stop)].map(found => found.slice(1).map(Number));
  const after = stops.find(stop => stop[3] >= 100 * x) ?? stops.at(-1);
  const before = stops.findLast(stop => stop[3] <= 100 * x) ?? stops[0];
  const part = after[3] > before[3] ? (100 * x - before[3]) / (after[3] - before[3]) : 0;
  return [0, 1, 2].map(k => Math.round(before[k] + part * (after[k] - before[k])));
}"""
# The colour at a place of the page's scale, from -1 to 1.
SCALE = """place => {
  const probe = document.createElement('span');
  const end = `var(--fill-${place < 0 ? 'negative' : 'positive'})`;
  probe.style.color = `color-mix(in oklab, ${end} ${100 * Math.abs(place)}%, var(--fill-zero))`;
  document.body.append(probe);
  const context = document.createElement('canvas').getContext('2d');
  context.fillStyle = getComputedStyle(probe).color;
  probe.remove();
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
}"""

# The colours of a place of a neuron's map, away from its point and lines: on the sheet that is seen, and in the map.
SHEET = """neuron => {
  const place = [0.9, 0.9];
  const map = document.querySelector(`.responses [data-response='${neuron}']`);
  const sheet = document.querySelector('.responses .sheet');
  const circle = document.querySelector(`[data-neuron='${neuron}'] .body`).getBoundingClientRect();
  const box = sheet.getBoundingClientRect();
  const density = sheet.width / box.width;
  const side = (circle.width / 2) * 1.32;
  const [x, y] = place.map((p, k) => (k ? circle.y + circle.height / 2 - box.y : circle.x + circle.width / 2 - box.x)
    + (p - 0.5) * side);
  const read = (canvas, x, y) => [...canvas.getContext('2d').getImageData(Math.round(x), Math.round(y), 1, 1).data];
  const at = p => p * (map.width - 1);
  return [read(sheet, x * density, y * density).slice(0, 3), read(map, at(place[0]), at(place[1])).slice(0, 3)];
}"""


def pixel(page: Page, selector: str, x: float, y: float = 0.5) -> list[int]:
    found: list[int] = page.evaluate(PIXEL, [selector, x, y])
    return found


def track_colour(page: Page, track: str, x: float) -> list[int]:
    found: list[int] = page.evaluate(TRACK, [track, x])
    return found


def scale_colour(page: Page, value: float, low: float, high: float) -> list[int]:
    """The colour of a value in a range that is painted on a scale of its own, whose colours keep their sign."""
    if low < 0 < high:
        place = value / max(-low, high)
    else:
        place = (value - low) / (high - low) if low >= 0 else (value - high) / (high - low)
    found: list[int] = page.evaluate(SCALE, min(1, max(-1, place)))
    return found


def ends(page: Page, track: str) -> list[tuple[float, str]]:
    """What is told below a track: the least and the greatest output, and the texts."""
    told: list[tuple[float, str]] = page.locator(f"[data-track='{track}'] + .ends .end").evaluate_all(
        "els => els.map(e => [Number(e.querySelector('[data-value]').dataset.value), e.textContent])"
    )
    return sorted(told)


def close(one: list[int], other: list[int], tolerance: int = 7) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= tolerance


def painted(page: Page, track: str) -> None:
    """Has a track in sight, and waits until it is painted."""
    page.locator(f"[data-track='{track}']").evaluate("track => track.parentElement.scrollIntoView({block: 'nearest'})")
    page.wait_for_function(
        """track => document.querySelector(`[data-track='${track}']`)?.hidden === false
          && document.querySelector(`[data-track='${track}'] + .ends`).textContent !== ''""",
        arg=track,
    )


def place_of(page: Page, name: str) -> float:
    control = slider(page, name)
    low, high = (float(control.get_attribute(end) or 0) for end in ("min", "max"))
    return (value_of(control) - low) / (high - low)


def opened_with(
    page: Page, sizes: list[int], activations: list[str], outputs: list[str] | None = None
) -> dict[str, Any]:
    """A drawn network for the page to open with."""
    torch.manual_seed(11)
    state: dict[str, Any] = {
        "preset": None,
        "inputs": torch.rand(sizes[0]).tolist(),
        "inputNames": [f"x{i + 1}" for i in range(sizes[0])],
        "inputRanges": [[-3, 3]] * sizes[0],
        "outputNames": outputs or [f"y{j + 1}" for j in range(sizes[-1])],
        "seed": 11,
        "layers": [
            {"name": f"l{k}", "activation": f, "weights": torch.randn(n, m).tolist(), "biases": torch.randn(m).tolist()}
            for k, ((n, m), f) in enumerate(zip(pairwise(sizes), activations, strict=True))
        ],
    }
    page.add_init_script(
        f"sessionStorage.setItem('adelante.handover', {json.dumps(json.dumps({'scene': {'state': state}}))})"
    )
    return state


def outputs_of(state: dict[str, Any], x: torch.Tensor) -> torch.Tensor:
    for layer in state["layers"]:
        z = x @ torch.tensor(layer["weights"]) + torch.tensor(layer["biases"])
        x = getattr(torch, layer["activation"])(z)
    return x


def agrees(page: Page, name: str, track: str) -> None:
    """Waits until a track has the output's colour where its slider's thumb is: tracks follow the pass by a frame."""
    painted(page, track)
    for _ in range(50):
        y = float(page.locator("[data-neuron='2.0']").get_attribute("data-value") or "nan")
        (low, _), (high, _) = ends(page, track)
        if close(track_colour(page, track, place_of(page, name)), scale_colour(page, y, low, high), 12):
            return
        page.wait_for_timeout(40)
    raise AssertionError(f"{name}'s track is not painted with the output")


@pytest.mark.long
def test_a_track_has_the_outputs_colour_where_the_thumb_stands(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    expected = Expected()
    shows(page, expected)
    tracks = {"x1": "i0", "x2": "i1", "x3": "i2", "weight w11": "w0.0.0", "weight w31": "w0.2.0", "bias b1": "b0.0"}
    for name, track in tracks.items():
        agrees(page, name, track)
    drag(page, slider(page, "x3"), 0.05)
    expected.x[2] = value_of(slider(page, "x3"))
    shows(page, expected)
    for name, track in tracks.items():
        agrees(page, name, track)


def along_the_last_input(expected: Expected) -> torch.Tensor:
    """The outputs that the last input's slider would give."""
    x = expected.x.repeat(49, 1)
    x[:, 2] = torch.linspace(-3, 3, 49)
    hidden = torch.sigmoid(x @ expected.weights[0] + expected.biases[0])
    return torch.sigmoid(hidden @ expected.weights[1] + expected.biases[1])


def test_a_track_tells_its_least_and_greatest_output_and_whose_they_are(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    expected = Expected()
    shows(page, expected)
    painted(page, "i2")
    y = along_the_last_input(expected)
    told = ends(page, "i2")
    assert [value for value, _ in told] == pytest.approx([y.min().item(), y.max().item()], abs=1e-6)
    # Its name stands once, at the left: on this track the greatest is there.
    assert [text for _, text in told] == [printed(told[0][0], 3), f"y {printed(told[1][0], 3)}"]


# Twenty steps of a slider, each once the one before is answered: the milliseconds between two times that the ends below
# another track are others.
ENDS_IN_MOVES = """async ([slider, track]) => {
  const told = [];
  const ends = document.querySelector(`[data-track='${track}'] + .ends`);
  new MutationObserver(() => told.push(performance.now())).observe(ends, { subtree: true, characterData: true });
  const output = document.querySelector('.neurons');
  for (let step = 0; step < 20; step++) {
    await new Promise(answered => {
      const seen = new MutationObserver(() => (seen.disconnect(), setTimeout(answered, 80)));
      seen.observe(output, { subtree: true, attributes: true, attributeFilter: ['data-value'] });
      slider.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
    });
  }
  return told.slice(1).map((at, k) => at - told[k]);
}"""


def test_the_ends_of_tracks_are_others_twice_a_second_while_a_slider_moves(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    expected = Expected()
    shows(page, expected)
    painted(page, "i2")
    between: list[float] = page.evaluate(ENDS_IN_MOVES, [slider(page, "x1").element_handle(), "i2"])
    assert between
    assert min(between) > 450
    expected.x[0] = value_of(slider(page, "x1"))
    shows(page, expected)
    y = along_the_last_input(expected)
    page.wait_for_function(
        """least => [...document.querySelectorAll("[data-track='i2'] + .ends [data-value]")]
          .some(end => Math.abs(Number(end.dataset.value) - least) < 1e-6)""",
        arg=y.min().item(),
    )
    assert [value for value, _ in ends(page, "i2")] == pytest.approx([y.min().item(), y.max().item()], abs=1e-6)


def test_of_many_outputs_the_selected_one_is_painted_and_named(page: Page, server_url: str) -> None:
    opened_with(page, [2, 3, 10], ["tanh", "sigmoid"])
    live(page, f"{server_url}/en/")
    painted(page, "i0")
    assert sum(text.startswith("y₁ ") for _, text in ends(page, "i0")) == 1
    page.locator("[data-neuron='2.6']").click()
    expect(page.locator("[data-track='i0'] + .ends")).to_contain_text("y₇")
    assert sum(text.startswith("y₇ ") for _, text in ends(page, "i0")) == 1


@pytest.mark.long
def test_a_class_that_is_a_number_is_parted_from_its_value(page: Page, server_url: str) -> None:
    opened_with(page, [2, 3, 10], ["tanh", "softmax"], [str(k) for k in range(10)])
    page.set_viewport_size({"width": 1400, "height": 700})
    live(page, f"{server_url}/en/")
    painted(page, "i0")
    page.locator("[data-neuron='2.6']").click()
    expect(page.locator("[data-track='i0'] + .ends .of")).to_have_text("6: ")
    # Beside the outputs, which show their responses.
    assert re.fullmatch(
        r"6:\s?0[.]\d+", (page.locator("[data-neuron='2.6']").text_content() or "").replace("\u2007", "")
    )
    box = slider(page, "x1").bounding_box()
    assert box
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + box["height"] / 2)
    expect(page.locator(".told .output").first).to_have_text(re.compile(r"^0: \S+$"))
    page.mouse.move(0, 0)
    slider(page, "x1").press("ArrowRight")
    expect(page.locator("footer .change")).to_contain_text(re.compile(r"strongest: \d \(0[.]\d+\)"))
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator(".peek .output").first).to_have_text(re.compile(r"^0: \S+$"))
    expect(page.locator(".peek .own")).to_have_text(re.compile(r"^6: \S+$"))


# Of each neuron's own texts and of the edges' numbers, which ones lie over each other.
# The spaces around a number may.
OVERLAPPING = """() => {
  const SPACE = 6;
  const seen = each => {
    const {left, right, top, bottom} = each.getBoundingClientRect();
    const [, before, after] = /^\\s*?(\u2007*)[^\u2007]*(\u2007*)\\s*?$/.exec(each.textContent);
    const text = each.textContent.trim();
    return {text, left: left + SPACE * before.length, right: right - SPACE * after.length, top, bottom};
  };
  const texts = [...document.querySelectorAll("[data-neuron] > text, .labels text")].map(seen);
  const meet = (a, b, from, to) => Math.min(a[to], b[to]) - Math.max(a[from], b[from]) > 1;
  return texts.flatMap((a, k) => texts.slice(k + 1)
    .filter(b => meet(a, b, "left", "right") && meet(a, b, "top", "bottom")).map(b => [a.text, b.text]));
}"""


@pytest.mark.long
@pytest.mark.parametrize("hidden", [long(3), 4])
def test_under_a_phones_neurons_no_number_lies_over_another(page: Page, server_url: str, hidden: int) -> None:
    opened_with(page, [2, hidden, 1], ["tanh", "sigmoid"])
    page.set_viewport_size({"width": 390, "height": 844})
    live(page, f"{server_url}/en/")
    expect(page.locator(".responses .sheet")).to_be_visible()
    page.locator("[data-neuron='2.0']").click()
    labels = page.locator(".labels text")
    expect(labels).to_have_count(hidden)
    assert page.evaluate(OVERLAPPING) == []
    # With each number's change too: beside it, or on a line of its own, which leaves none for the weights.
    page.get_by_role("button", name="Pin to compare").click()
    slider(page, "x1").press("PageUp")
    expect(page.locator("[data-neuron='1.0'] .change")).to_be_visible()
    page.locator("[data-neuron='2.0']").click()
    expect(labels).to_have_count(hidden if hidden == 3 else 0)
    assert page.evaluate(OVERLAPPING) == []


@pytest.mark.long
def test_what_the_pointer_is_told_is_not_cut(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    inside = """([selector, place]) => {
      const told = document.querySelector('.told')?.getBoundingClientRect();
      const around = document.querySelector(selector).getBoundingClientRect();
      return told !== undefined && told.left >= around.left && told.right <= around.right;
    }"""
    for name, track, around in (("x1", "i0", "section.inputs"), ("weight w11", "w0.0.0", "section.inspector")):
        painted(page, track)
        box = slider(page, name).bounding_box()
        assert box is not None
        for place in (0.06, 0.94):
            page.mouse.move(box["x"] + place * box["width"], box["y"] + box["height"] / 2)
            page.wait_for_function(inside, arg=[around, place])


def test_what_the_pointer_is_told_is_torchs(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    expected = Expected()
    shows(page, expected)
    slider(page, "weight w21").evaluate(
        """async element => {
          for (let k = 0; k < 300; k++) {
            element.value = String(Math.sin(k * 1.3) * 4);
            element.dispatchEvent(new Event("input", { bubbles: true }));
            if (k % 10 === 0) await new Promise(requestAnimationFrame);
          }
        }"""
    )
    expected.weights[0][1, 0] = value_of(slider(page, "weight w21"))
    shows(page, expected)
    painted(page, "i1")
    for fraction in (0.1, 0.5, 0.8):
        box = slider(page, "x2").bounding_box()
        assert box
        page.mouse.move(box["x"] + fraction * box["width"], box["y"] + box["height"] / 2)
        told = page.locator(".told [data-value]")
        expect(told).to_have_count(2)
        values = told.evaluate_all("els => els.map(e => [Number(e.dataset.value), e.textContent])")
        x = expected.x.clone()
        x[1] = values[0][0]
        assert abs(values[0][0] - (fraction * 6 - 3)) < 0.3
        hidden = torch.sigmoid(x @ expected.weights[0] + expected.biases[0])
        y = torch.sigmoid(hidden @ expected.weights[1] + expected.biases[1]).item()
        assert values[1][0] == pytest.approx(y, abs=1e-6)
        assert values[1][1].strip("\u2007 ") == printed(values[1][0])


@pytest.mark.long
def test_a_map_has_the_neurons_colour_at_the_point(page: Page, server_url: str) -> None:
    state = opened_with(page, [2, 3, 2], ["tanh", "sigmoid"])
    live(page, f"{server_url}/en/")
    neurons = ["1.0", "1.1", "1.2", "2.0", "2.1"]

    def agrees() -> None:
        page.wait_for_function("() => document.querySelectorAll('.responses .map:not([hidden])').length === 5")
        x, y = place_of(page, "x1"), place_of(page, "x2")
        side = torch.linspace(-3, 3, 48)
        a = torch.cartesian_prod(side, side)
        over: dict[str, torch.Tensor] = {}
        for k, layer in enumerate(state["layers"], 1):
            a = getattr(torch, layer["activation"])(a @ torch.tensor(layer["weights"]) + torch.tensor(layer["biases"]))
            over |= {f"{k}.{j}": column for j, column in enumerate(a.T)}
        for neuron in neurons:
            low, high = over[neuron].min().item(), over[neuron].max().item()
            value = float(page.locator(f"[data-neuron='{neuron}']").get_attribute("data-value") or "nan")
            expected = scale_colour(page, value, low, high)
            assert close(pixel(page, f".responses [data-response='{neuron}']", x, 1 - y), expected, 24), neuron
            shown, drawn = page.evaluate(SHEET, neuron)
            assert close(shown, drawn, 24), neuron

    page.wait_for_function("() => !document.querySelector('.stage.stale')")
    agrees()
    drag(page, slider(page, "x1"), 0.15)
    drag(page, slider(page, "weight w21"), 0.8)
    state["inputs"] = [value_of(slider(page, name)) for name in ("x1", "x2")]
    state["layers"][0]["weights"][1][0] = value_of(slider(page, "weight w21"))
    y1 = outputs_of(state, torch.tensor(state["inputs"]))[0].item()
    page.wait_for_function(
        "y => Math.abs(Number(document.querySelector('[data-neuron=\"2.0\"]')?.dataset.value) - y) < 1e-6", arg=y1
    )
    agrees()


@pytest.mark.parametrize("outputs", [long(1), 3])
def test_the_decision_changes_on_the_line(page: Page, server_url: str, outputs: int) -> None:
    state = opened_with(page, [2, 4, outputs], ["tanh", "sigmoid"])
    live(page, f"{server_url}/en/")
    page.locator("[data-neuron='2.0']").click()
    path = page.locator(".response .boundary")
    expect(path).to_be_attached()
    cuts = re.findall(r"[ML]([\d.]+) ([\d.]+)", path.get_attribute("d") or "")
    assert len(cuts) > 20
    points = torch.tensor([[6 * float(x) - 3, 3 - 6 * float(y)] for x, y in cuts])
    y = outputs_of(state, points)
    lead = y[:, 0] - 0.5 if outputs == 1 else y[:, 0] - y[:, 1:].max(dim=1).values
    assert lead.abs().max() < 0.02


@pytest.mark.long
def test_at_rest_a_steep_boundary_is_a_line_and_no_staircase(page: Page, server_url: str) -> None:
    state = opened_with(page, [2, 1], ["sigmoid"])
    state["layers"][0] |= {"weights": [[400.0], [170.0]], "biases": [100.0]}
    page.add_init_script(
        f"sessionStorage.setItem('adelante.handover', {json.dumps(json.dumps({'scene': {'state': state}}))})"
    )
    live(page, f"{server_url}/en/")
    large = ".response [data-response='1.0']"
    # Between the coarse map's 48 samples a side and the 300 of a canvas that nothing was painted on.
    fine = "selector => document.querySelector(selector)?.width === 160"
    page.wait_for_function(fine, arg=large)
    path = page.locator(".response .boundary").get_attribute("d") or ""
    points = torch.tensor([[float(x), float(y)] for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", path)])
    x1, x2 = 6 * points[:, 0] - 3, 3 - 6 * points[:, 1]
    off = (400 * x1 + 170 * x2 + 100).abs() / (400**2 + 170**2) ** 0.5
    # In parts of the map's side, which has 260 pixels: nowhere a pixel away from where torch's decision changes.
    assert (off.max() / 6).item() < 1 / 260
    # The point moves over the map that is there.
    page.get_by_label("Value of x1").press("ArrowUp")
    page.wait_for_timeout(150)
    assert page.locator(large).evaluate("map => map.width") == 160
    # A weight's move makes it another one: less is asked for then, so that it is answered at once.
    page.get_by_label(re.compile("Value of weight")).first.press("ArrowUp")
    page.wait_for_function("selector => document.querySelector(selector)?.width < 50", arg=large)
    page.wait_for_function(fine, arg=large)


def test_one_input_has_a_curve_with_its_point(page: Page, server_url: str) -> None:
    state = opened_with(page, [1, 4, 1], ["tanh", "sigmoid"])
    live(page, f"{server_url}/en/")
    page.locator("[data-neuron='2.0']").click()
    drag(page, slider(page, "x1"), 0.3)
    y = outputs_of(state, torch.tensor([value_of(slider(page, "x1"))])).item()
    page.wait_for_function(
        "y => Math.abs(Number(document.querySelector('.response [data-quantity=a]')?.dataset.value) - y) < 1e-6", arg=y
    )
    assert (page.locator(".response [data-quantity=a]").text_content() or "").strip() == printed(y)
    distance = page.evaluate(
        """() => {
          const point = document.querySelector('.response circle');
          const curve = document.querySelector('.response .curve');
          let least = Infinity;
          for (let s = 0; s <= curve.getTotalLength(); s += 0.25) {
            const at = curve.getPointAtLength(s);
            least = Math.min(least, Math.hypot(at.x - point.cx.baseVal.value, at.y - point.cy.baseVal.value));
          }
          return least;
        }"""
    )
    assert distance < 1
    expect(page.locator(".responses svg")).to_have_count(5)


@pytest.mark.long
def test_the_theme_repaints(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/?preset=xor")
    painted(page, "i0")
    light = track_colour(page, "i0", 0.0)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function(f"before => String(({TRACK})(['i0', 0])) !== String(before)", arg=light)
    (low, _), (high, _) = ends(page, "i0")
    y = float(page.locator("[data-neuron='2.0']").get_attribute("data-value") or "nan")
    assert close(track_colour(page, "i0", place_of(page, "x1")), scale_colour(page, y, low, high), 24)


@pytest.mark.long
def test_the_large_map_keeps_its_colours_where_others_are_forced(page: Page, server_url: str) -> None:
    page.emulate_media(forced_colors="active")
    live(page, f"{server_url}/en/?preset=xor")
    page.locator("[data-neuron='2.0']").click()
    expect(page.locator(".responses .sheet")).to_be_visible()
    page.wait_for_function(
        """() => {
          const canvas = document.querySelector(".inspector canvas[data-response='2.0']");
          if (!canvas?.width) return false;
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          const colours = new Set();
          for (let k = 0; k < data.length; k += 4) if (data[k + 3]) colours.add(data.slice(k, k + 3).join());
          return colours.size > 5;
        }"""
    )
