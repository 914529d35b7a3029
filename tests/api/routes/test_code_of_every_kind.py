"""POST /api/v1/code of networks that are no chains: the text gives what /forward answers."""

import json
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from starlette.testclient import TestClient

from tests.adelante.code.running import results

PICTURE = {
    "input": {"shape": [1, 4, 4]},
    "layers": [
        {"kind": "conv2d", "weights": [[[[0.5, -1], [0.25, 2]]], [[[1, 0], [0, -1]]]], "activation": "relu"},
        {"kind": "max_pool2d", "kernel_size": 3, "stride": 1},
        {"kind": "flatten"},
        {"weights": [[1, -2], [0.5, 3]], "biases": [0.1, 0.2], "activation": "softmax"},
    ],
    "inputs": [[[0.1, 0.2, 0.3, 0.4], [1, 2, 3, 4], [-1, 0, 1, 2], [0.5, 0.5, 0.5, 0.5]]],
}
PICTURES = {**PICTURE, "inputs": [PICTURE["inputs"], [[[0.5] * 4] * 4]]}
TWO = {
    "input": [{"name": "ids", "shape": [2], "dtype": "int64"}, {"name": "gate", "shape": [2, 2]}],
    "layers": [
        {"kind": "embedding", "weights": [[1, 2], [3, 4], [5, 6]], "inputs": ["ids"]},
        {"kind": "mul", "inputs": ["layers.0.activations", "gate"]},
    ],
    "inputs": {"ids": [2, 0], "gate": [[0.5, 1], [2, -1]]},
}


def asked(client: TestClient, document: dict[str, Any], **more: Any) -> str:
    answer = client.post("/api/v1/code", json={**document, **more})
    assert answer.status_code == 200, answer.text
    source: str = answer.json()["source"]
    return source


def outputs(client: TestClient, document: dict[str, Any]) -> Any:
    return np.array(client.post("/api/v1/forward", json={**document, "return": "outputs"}).json()["outputs"])


@pytest.mark.parametrize("document", [PICTURE, TWO], ids=["picture", "two inputs"])
@pytest.mark.parametrize(("language", "style"), [("pytorch", "notebook"), ("pytorch", "module"), ("numpy", "notebook")])
def test_the_text_gives_the_outputs(client: TestClient, document: dict[str, Any], language: str, style: str) -> None:
    text = asked(client, document, language=language, style=style)
    (found,) = results(text)
    np.testing.assert_allclose(np.asarray(found)[0], outputs(client, document), rtol=1e-5)


@pytest.mark.parametrize("document", [PICTURE, TWO, PICTURES], ids=["picture", "two inputs", "a batch"])
def test_json_is_the_request_that_gives_the_outputs(client: TestClient, document: dict[str, Any]) -> None:
    body = asked(client, document, language="json")
    answer = client.post("/api/v1/forward", content=body, headers={"Content-Type": "application/json"})
    assert answer.json()["outputs"] == outputs(client, document).tolist()
    curl = asked(client, document, language="curl")
    assert json.loads(curl.partition("ADELANTE_JSON'\n")[2].rpartition("ADELANTE_JSON")[0]) == json.loads(body)


def test_a_stored_network_and_its_file_beside(client: TestClient) -> None:
    size = 60
    weights = np.random.default_rng(3).normal(size=(size, size)).round(3).tolist()
    layers = [{"kind": "layer_norm", "normalized_shape": [size]}, {"weights": weights}]
    network = {"input": {"shape": [size]}, "layers": layers}
    kept = client.post("/api/v1/networks", json=network).json()["id"]
    inputs = np.linspace(-1, 1, size).tolist()
    question = {"network": kept, "inputs": inputs, "language": "numpy"}
    answer = client.post("/api/v1/code", json=question).json()
    text = answer["source"]
    assert len(text) < 10_000
    assert answer["file"] == {"name": "network.safetensors", "type": "application/vnd.safetensors", "network": kept}
    assert f'load_file("{answer["file"]["name"]}")' in text
    unkept = client.post("/api/v1/code", json={**network, "inputs": inputs, "language": "pytorch"}).json()
    assert unkept["file"]["network"] is None
    for listed in ({**question, "language": "json"}, {**PICTURE, "language": "numpy"}):
        assert "file" not in client.post("/api/v1/code", json=listed).json()
    file = client.get(f"/api/v1/networks/{kept}", headers={"Accept": "application/vnd.safetensors"}).content
    (found,) = results(text, safetensors.numpy.load(file))
    np.testing.assert_allclose(found[0], outputs(client, {"network": kept, "inputs": inputs}), rtol=1e-4)


def test_what_does_not_fit_is_told(client: TestClient) -> None:
    answer = client.post("/api/v1/code", json={**PICTURE, "inputs": [1, 2, 3], "language": "numpy"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/inputs"
    answer = client.post("/api/v1/code", json={**PICTURE, "dtype": "bfloat16", "language": "numpy"})
    assert answer.json()["type"] == "/problems/unsupported-dtype"
