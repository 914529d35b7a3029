"""POST /random of every kind: torch.nn's own parameters, and a network that /forward takes as it is."""

from typing import Any

import numpy as np
import pytest
import torch
from starlette.testclient import TestClient
from torch import nn

CONVOLUTION = {"kind": "conv2d", "in_channels": 1, "out_channels": 2, "kernel_size": 3, "padding": 1}
ASKED: dict[str, Any] = {
    "seed": 7,
    "input": {"shape": [1, 4, 4]},
    "layers": [
        {**CONVOLUTION, "name": "edges", "activation": "relu"},
        {"kind": "batch_norm", "num_features": 2},
        {"kind": "max_pool2d", "kernel_size": 2},
        {"kind": "flatten"},
        {"kind": "dense", "in_features": 8, "out_features": 3, "bias": False, "activation": "softmax"},
    ],
}


def test_it_is_what_torch_makes_of_the_same_modules(client: TestClient) -> None:
    told = client.post("/api/v1/random", json=ASKED)
    assert told.status_code == 200, told.text
    drawn = told.json()
    torch.manual_seed(7)
    convolution, norm = nn.Conv2d(1, 2, 3, padding=1), nn.BatchNorm2d(2)
    linear = nn.Linear(8, 3, bias=False)
    module = nn.Sequential(convolution, nn.ReLU(), norm, nn.MaxPool2d(2), nn.Flatten(), linear).eval()
    assert np.array_equal(np.float32(drawn["layers"][0]["weights"]), convolution.weight.detach().numpy())
    assert np.array_equal(np.float32(drawn["layers"][4]["weights"]), linear.weight.detach().numpy().T)
    assert "biases" not in drawn["layers"][4]
    assert {"in_channels", "kernel_size", "num_features"}.isdisjoint(drawn["layers"][0] | drawn["layers"][1])
    inputs = torch.randn(1, 4, 4)
    asked = {"layers": drawn["layers"], "input": drawn["input"], "inputs": inputs.tolist()}
    answer = client.post("/api/v1/forward", json=asked)
    assert answer.status_code == 200, answer.text
    expected = torch.softmax(module(inputs.unsqueeze(0))[0], 0)
    assert answer.json()["outputs"] == pytest.approx(expected.tolist(), abs=1e-6)


@pytest.mark.parametrize(
    ("more", "status", "type_", "pointer"),
    [
        ({"layers": [{"kind": "nope"}]}, 422, "unknown-kind", "/layers/0/kind"),
        ({"layers": [{"kind": "conv2d", "in_channels": 1, "kernel_size": 3}]}, 422, "missing-field", "/layers/0"),
        ({"layers": [{**CONVOLUTION, "out_channels": 0}]}, 422, "out-of-range", "/layers/0/out_channels"),
        ({"layers": [{**CONVOLUTION, "bias": 1}]}, 422, "invalid-value", "/layers/0/bias"),
        ({"layers": [{**CONVOLUTION, "out_channels": 10**8}]}, 413, "too-large", "/layers"),
        ({"layers": [{**CONVOLUTION, "in_channels": 2}]}, 422, "shape-mismatch", "/layers/0"),
        ({"layers": [{"kind": "relu"}] * 5000}, 413, "too-large", ""),
        ({"sizes": [1, 2]}, 422, "invalid-value", "/layers"),
        ({"activation": "relu"}, 422, "invalid-value", "/activation"),
        ({"inputs": True}, 422, "invalid-value", "/inputs"),
        ({"seed": -1}, 422, "out-of-range", "/seed"),
        ({"layers": None}, 422, "missing-field", "/sizes"),
    ],
)
@pytest.mark.parametrize("language", ["en", "es"])
def test_refusals(
    client: TestClient, more: dict[str, Any], status: int, type_: str, pointer: str, language: str
) -> None:
    response = client.post("/api/v1/random", json={**ASKED, **more}, headers={"Accept-Language": language})
    told = response.json()
    assert (response.status_code, told["type"]) == (status, f"/problems/{type_}"), told
    assert told["errors"][0]["pointer"] == pointer
    assert "{" not in told["detail"]
