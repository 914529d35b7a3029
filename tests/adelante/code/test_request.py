"""The request for a pass as text: each tensor as it is, one line for each layer."""

import json
from typing import Any

import pytest
import torch

from adelante.code.request import curl_text, json_text
from adelante.formats.json import network_from_document
from adelante.network.errors import NetworkError

TWO: dict[str, Any] = {
    "input": [{"name": "ids", "shape": [2], "dtype": "int64"}, {"name": "x", "shape": [2, 1]}],
    "layers": [
        {"kind": "embedding", "weights": [[0.1], [2.0]], "inputs": ["ids"], "name": "rows"},
        {"kind": "add", "inputs": ["rows", "x"]},
    ],
}
GIVEN = {"inputs.ids": torch.tensor([[1, 0]]), "inputs.x": torch.tensor([[[0.1], [2.5]]])}


def test_several_inputs_stand_by_name_and_a_layer_in_a_line() -> None:
    network = network_from_document(TWO)
    text = json_text(network, GIVEN, single=True)
    document = json.loads(text)
    assert document["inputs"] == {"ids": [1, 0], "x": [[0.1], [2.5]]}
    assert '"ids":[1,0]' in text, "whole numbers are written as such"
    assert document["return"] == "outputs"
    again = network_from_document({name: document[name] for name in ("input", "layers")})
    assert again.shapes == network.shapes
    layers = text[text.index('"layers"') :].splitlines()[1:3]
    assert [json.loads(line.strip().removesuffix(",")) for line in layers] == document["layers"]
    assert json.loads(json_text(network, GIVEN, single=False))["inputs"] == {"ids": [[1, 0]], "x": [[[0.1], [2.5]]]}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("shape", [[], [2]])
def test_one_input_stands_alone_in_any_precision(dtype: torch.dtype, shape: list[int]) -> None:
    network = network_from_document({"input": {"shape": shape}, "layers": [{"kind": "relu"}]}, dtype)
    given = {network.inputs[0].name: torch.full((1, *shape), 0.5, dtype=dtype)}
    assert json.loads(json_text(network, given, single=True))["inputs"] == torch.full(shape, 0.5).tolist()


@pytest.mark.parametrize(
    ("weight", "number", "pointer"), [(float("inf"), 1.0, "/layers/0/weights"), (1.0, float("nan"), "/inputs/x")]
)
def test_what_json_can_not_write_is_told_where_it_stands(weight: float, number: float, pointer: str) -> None:
    network = network_from_document(TWO)
    changed = {name: torch.full_like(value, weight) for name, value in network.parameters.items()}
    with pytest.raises(NetworkError) as caught:
        json_text(network.with_parameters(changed), {**GIVEN, "inputs.x": torch.full((1, 2, 1), number)}, single=True)
    (fault,) = caught.value.faults
    assert (fault.type, fault.key, fault.pointer) == ("out-of-range", "code-not-finite", pointer)


def test_a_shell_sends_the_body_as_it_is() -> None:
    assert curl_text('{"a": "$HOME"}\n', "http://x/a b").splitlines() == [
        "curl --silent --show-error --fail-with-body 'http://x/a b' \\",
        "  --header 'Content-Type: application/json' --data-binary @- <<'ADELANTE_JSON'",
        '{"a": "$HOME"}',
        "ADELANTE_JSON",
    ]
