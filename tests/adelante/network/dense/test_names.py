"""What neurons are called: one table of cases, which the page runs too (studio/names.test.ts)."""

import json
from pathlib import Path
from typing import Any

import pytest

from adelante.network.dense.names import neuron_names

CASES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("names.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_the_page_and_the_command_line_call_a_neuron_the_same(case: dict[str, Any]) -> None:
    found = neuron_names(case["sizes"], case.get("inputs", ()), case.get("outputs", ()))
    assert found == [tuple(names) for names in case["names"]]


def test_names_that_are_not_as_many_as_the_neurons_are_not_used() -> None:
    assert neuron_names([2, 1], ["age"], ["a", "b"]) == [("x1", "x2"), ("y",)]
