"""The rows of a preset's data set: as marks on the map of two inputs, and as a batch, held-out ones told apart."""

import torch
from playwright.sync_api import Page, expect

from adelante.datasets import data_set_named
from adelante.network.forward import forward
from adelante.network.presets import chain_named
from tests.browser.accessibility import finds_nothing
from tests.browser.studio_page import live


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
    finds_nothing(page, "the marks")
    legend.get_by_role("checkbox").uncheck()
    expect(marks).to_have_count(0)
    page.get_by_role("tab").first.click()
    page.get_by_role("button", name="held out").click()
    rows, targets = data.held_out_rows
    expect(page.locator(".rows table")).to_have_attribute("aria-rowcount", str(len(rows) + 1))
    first = page.locator(".rows tbody tr").first
    expect(first.locator("td").last).to_have_text(data.class_names[int(targets[0])])
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
