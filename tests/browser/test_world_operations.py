"""Every operation's numbers on the page: torch's own, and their digits as they are printed."""

import math
import re
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, Phase, given, settings
from playwright.sync_api import Page, expect
from torch import Tensor

import adelante
from adelante.network.edits.draft import Draft, DraftLayer
from adelante.network.network import Input, Network
from adelante.network.operations import OPERATIONS, operation_named
from tests.adelante.operations import drawn_moves, drawn_numbers, drawn_weighted
from tests.adelante.operations.drawn import KINDS, Case
from tests.browser.test_forms import NUMBERS
from tests.browser.world_page import kept, world

assert all((drawn_moves, drawn_numbers, drawn_weighted)), "importing them fills KINDS"

TABLES = """async names => {
  const select = [...document.querySelectorAll('[role=tabpanel] select')].find(({ options }) => options.length > 100);
  const found = {};
  for (const name of names) {
    select.value = name;
    select.dispatchEvent(new Event('change', { bubbles: true }));
    await new Promise(done => setTimeout(done));
    const cells = [...document.querySelectorAll('[role=tabpanel] td[data-value]')];
    found[name] = cells.map(cell => [Number(cell.dataset.value), cell.textContent.trim()]);
  }
  return found;
}"""


def drawn_cases() -> dict[str, Case]:
    """One of each kind, always the same."""
    found: dict[str, Case] = {}
    quickly = settings(
        max_examples=2,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for kind, strategy in KINDS.items():
        quickly(given(strategy)(noted(found, kind)))()
    return found


def noted(found: dict[str, Case], kind: str) -> Callable[[Case], None]:
    def note(case: Case) -> None:
        found[kind] = case

    return note


def network_of(cases: Iterable[tuple[str, Case]]) -> tuple[Network, dict[str, Tensor]]:
    """Each operation as a layer over parameters of its own, and what torch gives for it, by its tensor's name."""
    layers: list[DraftLayer] = []
    parameters: dict[str, Tensor] = {}
    wanted: dict[str, Tensor] = {}
    for k, (kind, case) in enumerate(cases):
        operands = tuple(each.float() if each.is_floating_point() else each for each in case.operands)
        names = tuple(f"{kind} {position}" for position in range(len(operands)))
        parameters |= dict(zip(names, operands, strict=True))
        layers.append(DraftLayer(operation_named(kind, **case.options), names, kind))
        wanted[f"layers.{k}.activations"] = case.torchs(*operands)
    layers.append(DraftLayer(operation_named("relu"), ("inputs",), "last"))
    draft = Draft((Input("inputs", (3,), torch.float32),), layers, parameters, ("last",), "none")
    return draft.network(), wanted


def printed(value: float) -> str:
    """Four digits; three in all, and a power of ten, where those show nothing or are too many."""
    if math.isnan(value):
        return "NaN"
    sign = "−" if value < 0 else ""
    if math.isinf(value):
        return f"{sign}∞"
    with localcontext() as context:
        context.prec = 200
        size = Decimal(abs(value))
        fixed = size.quantize(Decimal("0.0001"), ROUND_HALF_UP)
        if fixed < 100_000 and (fixed or not size):
            return f"{sign}{fixed}"
        power = size.adjusted()
        digits = size.scaleb(-power).quantize(Decimal("0.01"), ROUND_HALF_UP)
        if digits >= 10:
            digits, power = Decimal("1.00"), power + 1
        return f"{sign}{digits}e{power}".replace("e-", "e−")


def first_table(values: Tensor) -> list[float]:
    """The last two dimensions, of the first of all others."""
    while values.dim() > 2:
        values = values[0]
    return [float(each) for each in values.float().flatten()]


def test_every_operations_digits_are_torchs(page: Page, server_url: str, tmp_path: Path) -> None:
    network, wanted = network_of(drawn_cases().items())
    assert len(wanted) == len(OPERATIONS)
    file = tmp_path / "all.safetensors"
    adelante.save(network, file)
    world(page, f"{server_url}/en/?network={kept(server_url, file)}")
    page.get_by_role("tab", name="Table").click()
    page.wait_for_selector("[role=tabpanel] table")
    found = page.evaluate(TABLES, list(wanted))
    for name, values in wanted.items():
        kind = network.layers[int(name.split(".")[1])].kind
        numbers = first_table(values)
        assert [value for value, _ in found[name]] == pytest.approx(numbers, rel=1e-6, abs=1e-6, nan_ok=True), kind
        assert [text for _, text in found[name]] == [printed(value) for value in numbers], kind


# The heads whose words reach into what they stand over.
HEADS = """() => [...document.querySelectorAll("[data-head]")].flatMap((head) => {
  const body = document.querySelector(`[data-body="${head.dataset.head}"]`);
  const words = head.querySelector(".sign");
  return words.getBoundingClientRect().bottom > body.getBoundingClientRect().top + 1 ? [words.textContent] : [];
})"""
# So many are drawn side by side, and none is folded.
AT_ONCE = 12
TERMS = ("contribution", "rest", "bias", "offset")


@pytest.mark.long
def test_every_operations_story_is_torchs(page: Page, server_url: str, tmp_path: Path) -> None:
    """Where a number comes from: it is torch's, the terms of a sum add up to it, the largest come first."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    cases = list(drawn_cases().items())
    for first in range(0, len(cases), AT_ONCE):
        network, wanted = network_of(cases[first : first + AT_ONCE])
        file = tmp_path / f"{first}.safetensors"
        adelante.save(network, file)
        world(page, f"{server_url}/en/?network={kept(server_url, file)}")
        assert page.evaluate(HEADS) == []
        for k, (name, values) in enumerate(wanted.items()):
            kind = network.layers[k].kind
            page.locator(f"[data-body='{k + 1}']").focus()
            for key in ("Home", "ArrowDown", "ArrowRight", "Enter"):
                page.keyboard.press(key)
            heading = page.locator(".inspector h2")
            expect(heading).to_have_attribute("data-cell", re.compile(re.escape(name)))
            cell = tuple(map(int, re.findall(r"\d+", (heading.get_attribute("data-cell") or "").partition("[")[2])))
            number = float(values[cell].float())
            told = page.locator(".inspector [data-quantity]")
            quantities = told.evaluate_all("all => all.map((each) => each.dataset.quantity)")
            numbers = dict(enumerate(told.evaluate_all(NUMBERS)))
            own = [numbers[place] for place, each in enumerate(quantities) if each in ("sum", "value")][-1]
            assert own[0] == pytest.approx(number, rel=1e-6, abs=1e-6, nan_ok=True), kind
            assert own[1].strip("\u2007 ") == printed(own[0]), kind
            if page.locator(".inspector [data-form=function]").count():
                expect(page.locator(".inspector .formula math")).to_have_count(1)
            terms = [numbers[place][0] for place, each in enumerate(quantities) if each in TERMS]
            assert not terms or math.fsum(terms) == pytest.approx(number, rel=1e-5, abs=2e-5), kind
            shown = [abs(numbers[place][0]) for place, each in enumerate(quantities) if each == "contribution"]
            assert shown == sorted(shown, reverse=True), kind
            assert page.locator("footer .trouble").all_inner_texts() == [], kind
    assert errors == []
