"""The rows of a preset's data set: as marks on the map of two inputs, and as a batch, held-out ones told apart."""

import pytest
import torch
import torch.nn.functional as F
from playwright.sync_api import Page, expect

from adelante.datasets import data_set_named
from adelante.network.forward import forward
from adelante.network.presets import chain_named
from tests.browser.accessibility import finds_nothing
from tests.browser.studio_page import live

# Letters that lie on another's; a line is higher than its letters.
OVERLAPS = """all => {
  const boxes = all.map(sign => sign.getBoundingClientRect());
  const along = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const over = (a, b) => along(a, b) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  return boxes.flatMap((a, k) => boxes.slice(k + 1).filter(b => over(a, b)).map(b => [a.left, a.top, b.left, b.top]));
}"""


def test_rows_stand_on_the_map_and_in_the_batch(page: Page, server_url: str) -> None:
    page.set_viewport_size({"width": 1400, "height": 900})
    live(page, f"{server_url}/en/?preset=moons")
    page.locator("[data-neuron='2.0']").click()
    legend = page.locator(".response .legend")
    expect(legend.get_by_role("listitem")).to_have_count(4)
    data = data_set_named("moons")
    for line, name, held in ((0, "upper", False), (1, "lower", False), (2, "upper", True), (3, "lower", True)):
        rows = (data.held_out == held) & (data.targets == data.class_names.index(name))
        expect(legend.get_by_role("listitem").nth(line)).to_contain_text(f"({int(rows.sum())})")
    marks = page.locator(".square path.mark")
    drawn = sum(each.count("M") for each in marks.evaluate_all("all => all.map(e => e.getAttribute('d'))"))
    low, high = chain_named("moons").input_ranges[0]
    inside = ((data.inputs >= low) & (data.inputs <= high)).all(1)
    assert drawn == int(inside.sum())
    finds_nothing(page, "the marks", within=".response")
    legend.get_by_role("checkbox").uncheck()
    expect(marks).to_have_count(0)
    # Drawn about, the point takes both inputs with it, as one step.
    box = page.locator("[data-map='2.0']").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.25)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.25, steps=4)
    page.mouse.up()
    x = [float(page.locator(f"[data-neuron='0.{k}']").get_attribute("data-value") or "nan") for k in range(2)]
    assert x == pytest.approx([low + 0.75 * (high - low), low + 0.75 * (high - low)], abs=0.02 * (high - low))
    undo = page.get_by_role("button", name="Undo")
    undo.click()
    expect(undo).to_be_disabled()
    page.get_by_role("tab").first.click()
    page.get_by_role("button", name="held out").click()
    rows, targets = data.held_out_rows
    expect(page.locator(".rows table")).to_have_attribute("aria-rowcount", str(len(rows) + 1))
    # How far they are from what is right, as torch has it.
    page.wait_for_function("() => document.querySelector('[data-loss=mean]')?.dataset.value")
    z = forward(chain_named("moons").network, rows).pre_activations[-1][:, 0]
    loss = F.binary_cross_entropy_with_logits(z, targets.float())
    mean, accuracy = (page.locator(f"[data-loss={what}]").get_attribute("data-value") for what in ("mean", "accuracy"))
    assert float(mean or "nan") == pytest.approx(float(loss), rel=1e-6)
    assert float(accuracy or "nan") == pytest.approx(float(((z >= 0) == (targets == 1)).float().mean()), rel=1e-6)
    # What is taken for what; a count shows its rows, and no other.
    right_ones = (targets == 0) & (z < 0)
    for right in (0, 1):
        for guess in (0, 1):
            cell = page.locator(f"[data-confusion='{right} {guess}']")
            expect(cell).to_have_attribute("data-value", str(int(((targets == right) & ((z >= 0) == guess)).sum())))
    page.get_by_role("button", name=f"{data.class_names[0]}, recognised: {int(right_ones.sum())}").click()
    expect(page.locator(".rows table")).to_have_attribute("aria-rowcount", str(int(right_ones.sum()) + 1))
    expect(page.locator("td[data-loss]").first).to_have_attribute("data-loss", str(int(right_ones.nonzero()[0])))
    finds_nothing(page, "what is taken for what", within=".losses")
    page.get_by_role("button", name="Show all rows").click()
    expect(page.locator(".rows table")).to_have_attribute("aria-rowcount", str(len(rows) + 1))
    # Each row of the batch is on the map: the first letter of what is right for it, or a dot where that has no room.
    seen = ((rows >= low) & (rows <= high)).all(1)
    signs, dots = page.locator("[data-map='2.0'] .sign"), page.locator("[data-map='2.0'] path.row")
    expect(signs.first).to_be_visible()
    assert signs.count() + dots.count() == int(seen.sum())
    assert set(signs.all_inner_texts()) == {"u", "l"}
    assert signs.evaluate_all(OVERLAPS) == []
    first = page.locator(".rows tbody tr").first
    expect(first.locator("td").nth(-2)).to_have_text(data.class_names[int(targets[0])])
    wanted = float(forward(chain_named("moons").network, rows[:1]).activations[-1][0, 0])
    shown = first.locator("td.output[data-value]").first
    page.wait_for_function("() => document.querySelector('.rows td.output[data-value]')")
    assert abs(float(shown.get_attribute("data-value") or "nan") - wanted) < 1e-5
    torch.testing.assert_close(
        torch.tensor(
            [
                float(v)
                for v in first.locator("td:not(.output)[data-value]").evaluate_all(
                    "all => all.map(e => e.dataset.value)"
                )
            ]
        ),
        rows[0],
    )


@pytest.mark.long
def test_a_curves_rows_stand_along_it_at_their_own_numbers(page: Page, server_url: str) -> None:
    page.set_viewport_size({"width": 1400, "height": 900})
    live(page, f"{server_url}/es/?preset=curve")
    page.locator("[data-neuron='2.0']").click()
    marks = page.locator(".response .line path.mark")
    expect(marks).to_have_count(2)
    counts = [path.count("M") for path in marks.evaluate_all("all => all.map(e => e.getAttribute('d'))")]
    held_out = int(data_set_named("curve").held_out.sum())
    assert counts == [data_set_named("curve").rows - held_out, held_out]
    expect(page.locator(".response .legend").get_by_role("listitem")).to_have_count(2)
    # A hidden neuron's numbers are no data.
    page.locator("[data-neuron='1.0']").click()
    expect(marks).to_have_count(0)


@pytest.mark.long
def test_classes_are_said_in_the_batch_and_on_the_line_below(page: Page, server_url: str) -> None:
    live(page, f"{server_url}/es/?preset=rain")
    page.get_by_role("tab").first.click()
    page.get_by_role("button", name="apartadas").click()
    expect(page.locator(".rows thead th").nth(0)).to_have_text("humedad (%)")
    expect(page.locator(".rows thead th").nth(2)).to_have_text("dice")
    rows, _ = data_set_named("rain").held_out_rows
    wanted = forward(chain_named("rain").network, rows[:8]).activations[-1][:, 0]
    page.wait_for_function("() => document.querySelector('.rows td.output[data-value]')")
    said = page.locator(".rows tbody tr td:nth-of-type(3)").all_text_contents()[:8]
    assert said == ["lluvia" if value >= 0.5 else "seco" for value in wanted.tolist()]
    expect(page.locator("footer")).to_contain_text(f"Dice {said[0]}")
