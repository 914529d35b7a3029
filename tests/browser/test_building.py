"""The studio changes a network's shape and its numbers; nothing that was set is lost, and every step can be undone."""

import random
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import notebook
from tests.browser.studio_page import (
    Wire,
    control,
    edges,
    has_sizes,
    live,
    neurons,
    rested,
    shows_what_torch_gives,
    sizes,
)
from tests.long import examples


def head(page: Page, layer: int) -> Any:
    return page.get_by_role("group", name=re.compile("layer")).nth(layer)


def add_neuron(page: Page, layer: int) -> None:
    head(page, layer).get_by_role("button", name=re.compile("^Add a")).first.click()


def layer_menu(page: Page, layer: int, item: str) -> None:
    head(page, layer).get_by_role("button", name=re.compile("^Change layers")).click()
    page.get_by_role("button", name=item).click()


def undo(page: Page) -> None:
    page.keyboard.press("Control+z")


def test_what_was_set_stays_when_neurons_and_layers_come(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    field = page.get_by_label("Value of weight w21 of layer 1", exact=True)
    field.fill("1/3")
    field.press("Enter")
    before = edges(page)
    add_neuron(page, 1)
    has_sizes(page, [3, 3, 1])
    after = edges(page)
    assert {name: after[name] for name in before} == before
    assert len(set(after.values())) == len(after), "new weights are draws of their own"
    add_neuron(page, 0)
    has_sizes(page, [4, 3, 1])
    add_neuron(page, 2)
    has_sizes(page, [4, 3, 2])
    assert {name: edges(page)[name] for name in after} == after
    layer_menu(page, 1, "Add a layer after this one")
    has_sizes(page, [4, 3, 3, 2])
    kept = {name: value for name, value in edges(page).items() if name.startswith("1.")}
    assert {name: after[name] for name in after if name.startswith("1.")}.items() <= kept.items()


@pytest.mark.long
def test_an_identity_layer_and_a_zero_neuron_change_no_output(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    y = neurons(page)["2.0"]
    page.get_by_role("button", name="Draw weights at random").click()
    page.get_by_label("zeros; a new layer is the identity").check()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add a layer here").last.click()
    has_sizes(page, [3, 2, 2, 1])
    assert neurons(page)["3.0"] == y
    add_neuron(page, 1)
    has_sizes(page, [3, 3, 2, 1])
    assert neurons(page)["3.0"] == y


def test_layers_move_and_go(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    layer_menu(page, 1, "Move it later")
    has_sizes(page, [3, 1, 2])
    layer_menu(page, 1, "Remove this layer")
    has_sizes(page, [3, 2])
    for expected in ([3, 1, 2], [3, 2, 1]):
        undo(page)
        has_sizes(page, expected)
    assert neurons(page)["2.0"] == pytest.approx(0.31708315, abs=1e-7)


def test_seed_7_in_the_notebooks_order_gives_the_notebooks_figures(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    page.get_by_role("button", name="Draw weights at random").click()
    page.get_by_role("button", name="Next seed").click()
    page.wait_for_function(
        "() => Math.abs(Number(document.querySelector('[data-neuron=\"2.0\"]').dataset.value) - 0.3171) > 1e-3"
    )
    page.get_by_label("Draw the inputs too").check()
    page.get_by_label("Seed", exact=True).fill("7")
    page.get_by_role("button", name="Draw", exact=True).click()
    page.wait_for_function(
        "() => Math.abs(Number(document.querySelector('[data-neuron=\"2.0\"]').dataset.value) - 0.31708315) < 1e-6"
    )


def test_names_in_place(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/es/")
    page.get_by_title("Cambiar el nombre de x1").click()
    page.keyboard.type("edad")
    page.keyboard.press("Enter")
    expect(page.locator("[data-neuron='0.0']")).to_have_attribute("aria-label", re.compile("edad"))
    expect(page.get_by_role("heading", name="h1 y su suma", exact=True)).to_be_visible()
    page.get_by_title("Cambiar el nombre de h1").click()
    page.keyboard.type("joven")
    page.keyboard.press("Enter")
    expect(page.locator("[data-neuron='1.0']")).to_have_attribute("aria-label", re.compile("joven"))
    undo(page)
    undo(page)
    expect(page.locator("[data-neuron='0.0']")).to_have_attribute("aria-label", re.compile("x1"))


def test_numbers_are_typed_where_they_stand(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    page.locator("[data-edge='1.0.0']").focus()
    page.keyboard.type("-2e-3")
    page.keyboard.press("Enter")
    rested(page)
    assert edges(page)["1.0.0"] == -0.002
    expect(page.locator("[data-edge='1.0.0']")).to_be_focused()
    page.locator("[data-neuron='0.1']").dblclick()
    page.keyboard.type("1/3")
    page.keyboard.press("Enter")
    rested(page)
    assert neurons(page)["0.1"] == 1 / 3
    page.locator("[data-bias='2.0']").dblclick()
    page.keyboard.type("0,5")
    page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile("^Neuron y")).click()
    expect(page.get_by_label("Value of bias b1 of layer 2", exact=True)).to_have_value(re.compile(r"0\.5000"))


@pytest.mark.long
def test_keys_and_wheel_nudge(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    field = page.get_by_label("Value of x2", exact=True)
    field.fill("0.5")
    field.press("Enter")
    for keys, value in (("ArrowUp", 0.51), ("Shift+ArrowUp", 0.61), ("Alt+ArrowDown", 0.609)):
        field.press(keys)
        rested(page)
        assert neurons(page)["0.1"] == value
    field.hover()
    page.mouse.wheel(0, -100)
    page.wait_for_function("() => document.querySelector('[data-neuron=\"0.1\"]').dataset.value === '0.62'")


@pytest.mark.long
def test_a_hand_away_from_the_track_moves_finer(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    slider = control(page, "x1")
    box = slider.bounding_box()
    assert box
    x, y = box["x"] + 60, box["y"] + box["height"] / 2

    def value() -> float:
        rested(page)
        return float(slider.input_value())

    page.mouse.move(x, y)
    page.mouse.down()
    start = value()
    page.mouse.move(x + 20, y)
    coarse = value() - start
    page.mouse.move(x + 20, y + 200)
    still = value()
    page.mouse.move(x + 40, y + 200, steps=5)
    fine = value() - still
    page.mouse.up()
    assert still == pytest.approx(start + coarse, abs=0.01)
    assert 0 < fine < coarse / 8
    undo(page)
    page.wait_for_function(
        "() => Math.abs(Number(document.querySelector('[data-neuron=\"0.0\"]').dataset.value) + 0.1468) < 1e-3"
    )


def test_the_history_lists_each_step_and_goes_to_any(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    add_neuron(page, 1)
    has_sizes(page, [3, 3, 1])
    head(page, 2).get_by_role("combobox").select_option("tanh")
    page.get_by_role("tab", name="History").click()
    steps = page.get_by_role("list", name="History").get_by_role("button")
    expect(steps).to_have_text([re.compile("tanh"), re.compile("Neuron added"), re.compile("Opened")])
    steps.last.click()
    has_sizes(page, [3, 2, 1])
    steps.nth(1).click()
    has_sizes(page, [3, 3, 1])
    page.keyboard.press("Control+Shift+Z")
    expect(head(page, 2).get_by_role("combobox")).to_have_value("tanh")
    page.get_by_role("button", name="Undo").click()
    expect(head(page, 2).get_by_role("combobox")).to_have_value("sigmoid")


@pytest.mark.long
def test_many_random_edits_undo_and_redo_to_the_same_values(page: Page, server_url: str) -> None:
    wire = Wire(page)
    live(page, f"{server_url}/en/")
    chance = random.Random(7)
    seen = [(sizes(page), neurons(page), edges(page))]
    for _ in range(examples(5, 40)):
        count = len(sizes(page))
        kind = chance.choice(["neuron", "remove", "layer", "value", "activation"])
        if kind == "value":
            target = page.locator("[data-neuron^='0.']").first
            target.focus()
            page.keyboard.type(f"{chance.uniform(-3, 3):.3f}")
            page.keyboard.press("Enter")
            expected = sizes(page)
        elif kind == "activation":
            box = head(page, count - 1).get_by_role("combobox")
            others = {"tanh", "relu", "softplus"} - {box.input_value()}
            box.select_option(chance.choice(sorted(others)))
            expected = sizes(page)
        else:
            expected = sizes(page)
            layer = chance.randrange(count)
            if kind == "layer" and count < 5:
                layer_menu(page, layer, "Add a layer after this one")
                expected.insert(layer + 1, expected[layer])
            elif kind == "remove" and expected[layer] > 1:
                head(page, layer).get_by_role("button", name=re.compile("^Remove")).click()
                expected[layer] -= 1
            else:
                add_neuron(page, layer)
                expected[layer] += 1
        has_sizes(page, expected)
        wire.settle()
        seen.append((sizes(page), neurons(page), edges(page)))
    for state in reversed(seen[:-1]):
        undo(page)
        has_sizes(page, state[0])
        wire.settle()
        assert edges(page) == state[2]
        assert neurons(page) == pytest.approx(state[1], abs=1e-7)
    shows_what_torch_gives(page, notebook.MULTILAYER)
    for state in seen[1:]:
        page.keyboard.press("Control+y")
        has_sizes(page, state[0])
        assert edges(page) == state[2]


@pytest.mark.long
def test_heads_of_many_layers_lie_over_none(page: Page, server_url: str) -> None:
    """Between narrow columns a layer's buttons stand in its menu; each menu can be clicked."""
    live(page, f"{server_url}/en/")
    for layers in range(3, 13):
        page.get_by_role("button", name="Change layers: Hidden layer", exact=False).first.click()
        page.get_by_role("button", name="Add a layer after this one").click()
        has_sizes(page, [3, *[2] * (layers - 1), 1])
    page.get_by_role("button", name="Change layers: Hidden layer 6").click()
    page.get_by_role("button", name="Add a neuron: Hidden layer 6").click()
    has_sizes(page, [3, *[2] * 5, 3, *[2] * 5, 1])
    page.get_by_label("Activation function of: Hidden layer 6").select_option("relu")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Change layers: Hidden layer 6")).to_be_focused()


def test_a_name_that_is_new_moves_no_number(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/en/")
    line = page.locator("footer .change")
    page.get_by_title("Rename x1").first.click()
    page.keyboard.type("age")
    page.keyboard.press("Enter")
    expect(line).to_contain_text("age")
    expect(line).not_to_contain_text("→ 0.")
    undo(page)
    expect(line).to_contain_text("Undone")
    expect(line).not_to_contain_text("→ 0.")
    field = page.get_by_label("Value of weight w21 of layer 1", exact=True)
    field.fill("0.5")
    field.press("Enter")
    expect(line).to_contain_text("→ 0.")
