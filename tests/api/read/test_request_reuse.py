"""A small request is read into the tensors of one like it that came before: what is answered is always the newest."""

import json
from typing import Any

import pytest
import torch

from adelante.network.activations import ACTIVATIONS
from app.compute.devices import DTYPES
from app.main import create_app
from app.settings import Settings

ANSWER_NOW = create_app(Settings()).answers_at_once()["POST", "/api/v1/forward"]


def asked(document: dict[str, Any]) -> list[float]:
    answer = ANSWER_NOW([(b"content-type", b"application/json")], json.dumps(document).encode())
    assert answer is not None, "the quick reader answers plain requests"
    outputs: list[float] = json.loads(answer.body)["outputs"]
    return outputs


@pytest.mark.parametrize("dtype", list(DTYPES))
@pytest.mark.parametrize("layout", ["in_out", "out_in"])
@pytest.mark.parametrize("biased", [True, False])
def test_equal_requests_with_other_numbers_get_their_own_answers(dtype: str, layout: str, biased: bool) -> None:
    for scale in (1.0, -2.0, 0.5, 1.0):
        weights = torch.tensor([[1.0, -0.5, 2.0], [0.25, 3.0, -1.0]]) * scale
        biases, inputs = torch.tensor([0.5, 1.0, -1.0]) * scale, torch.tensor([1.5, -0.25]) * scale
        layer = {"weights": (weights if layout == "in_out" else weights.T).tolist(), "activation": "tanh"}
        layer |= {"layout": layout} | ({"biases": biases.tolist()} if biased else {})
        found = asked({"layers": [layer], "inputs": inputs.tolist(), "dtype": dtype})
        own = DTYPES[dtype]
        z = torch.addmm((biases if biased else torch.zeros(3)).to(own), inputs.to(own).unsqueeze(0), weights.to(own))
        expected = ACTIVATIONS["tanh"](z)[0]
        assert torch.equal(torch.tensor(found, dtype=torch.float64).to(own), expected), (scale, found, expected)
