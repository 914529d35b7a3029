"""What the command line says a number is made of, of operations that say it in their own way."""

from typing import Any

import pytest
import torch

from adelante.formats.json import network_from_document
from adelante.network.explain import explain
from adelante.network.forward import forward
from app.cli.numerals import Numerals
from app.cli.output import rendered
from app.cli.parts import parts_told
from app.cli.words import Words


def told(layer: dict[str, Any], language: str = "en", limit: int = 10) -> str:
    network = network_from_document({"input": {"shape": [4]}, "layers": [layer]}, torch.float32)
    trace = forward(network, torch.tensor([1.0, -3.0, 2.0, 0.5]))
    node = network.nodes[0]
    found = explain(network, trace, node.name, tuple(0 for _ in network.shapes[node.name]))
    numerals = Numerals(language, 4)
    said = parts_told(Words(language), found, numerals, limit, lambda tensor, at: f"{tensor}{at}", node.operation.kind)
    return " ".join(rendered(*said).split())


def test_the_root_mean_square_has_no_mean() -> None:
    said = told({"kind": "rms_norm", "normalized_shape": [4], "scale": [2.0] * 4})
    assert said.startswith("x / √(mean square + eps) · scale, where")
    assert "mean square of 4 cells 3.5625" in said
    assert "variance" not in said
    layer = told({"kind": "layer_norm", "normalized_shape": [4]})
    assert layer.startswith("(x − mean) / √(variance + eps), where")
    assert "mean of 4 cells 0.1250" in layer


def test_a_product_of_many_has_all_its_factors() -> None:
    product = {"kind": "prod", "dim": 1, "keepdim": True}
    said = told(product)
    for k, number in enumerate(("1.0000", "−3.0000", "2.0000", "0.5000")):
        assert f"inputs[{k}] {number}" in said
    assert "2 more" in told(product, limit=2)


@pytest.mark.parametrize(
    ("kind", "language", "sentence"),
    [
        ("amax", "en", "The largest of 4 was taken, inputs[2] = 2.0000."),
        ("amin", "en", "The smallest of 4 was taken, inputs[1] = −3.0000."),
        ("amin", "es", "De 4 se tomó el menor, inputs[1] = −3,0000."),
    ],
)
def test_what_was_chosen_is_the_largest_or_the_smallest(kind: str, language: str, sentence: str) -> None:
    assert told({"kind": kind, "dim": [1], "keepdim": True}, language).startswith(sentence)


def test_the_parts_of_a_sum_stand_in_one_table() -> None:
    said = told({"kind": "sub", "inputs": ["inputs", "inputs"]})
    assert said == "The sum of 2 numbers: cell value inputs[0] 1.0000 −inputs[0] −1.0000"
    assert told({"kind": "add", "scalar": 3.0}) == "The sum of 1 number: cell value inputs[0] 1.0000 plus 3.0000"
    assert told({"kind": "add", "scalar": 3.0}, "es").startswith("La suma de 1 número:")


@pytest.mark.parametrize(
    ("layer", "formula"),
    [
        ({"kind": "clamp", "min": -1.0}, "x, no less than -1"),
        ({"kind": "clamp", "max": 0.5}, "x, no more than 0.5"),
        ({"kind": "clamp", "min": -1.0, "max": 0.5}, "x, no less than -1 and no more than 0.5"),
        ({"kind": "pow", "exponent": 2.0}, "x^2"),
        ({"kind": "gelu"}, "x · Φ(x), Φ the standard normal distribution function"),
        ({"kind": "gelu", "approximate": "tanh"}, "x / 2 · (1 + tanh(√(2 / π) · (x + 0.044715 · x³)))"),
    ],
)
def test_a_function_is_written_with_the_options_that_it_has(layer: dict[str, Any], formula: str) -> None:
    assert told(layer).startswith(f"{formula}, where")
