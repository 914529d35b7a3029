"""POST /api/v1/networks/{id}/changes: other numbers, and another id."""

from typing import Any

import pytest
import torch
from starlette.testclient import TestClient

from tests import notebook
from tests.api.routes.test_outline import GRAPH, URL


@pytest.fixture
def graph(client: TestClient) -> str:
    return str(client.post(URL, json=GRAPH).json()["id"])


def changed(client: TestClient, id: str, *changes: dict[str, Any]) -> Any:
    return client.post(f"{URL}/{id}/changes", json={"changes": list(changes)})


def test_numbers_and_whole_parameters(client: TestClient, graph: str) -> None:
    kernel = torch.arange(9.0).reshape(1, 1, 3, 3)
    whole = {"tensor": "layers.0.weights", "values": kernel.tolist()}
    cells = [
        {"cell": {"tensor": "layers.0.weights", "at": [0, 0, 1, 1]}, "value": -0.25},
        {"cell": {"tensor": "layers.3.biases", "at": [0]}, "value": 0.1},
    ]
    answer = changed(client, graph, whole, *cells)
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["location"] == f"{URL}/{made['id']}"
    assert made["id"] != graph
    layers = client.get(f"{URL}/{made['id']}").json()["layers"]
    kernel[0, 0, 1, 1] = -0.25
    assert layers[0]["weights"] == kernel.tolist()
    assert layers[3]["biases"] == pytest.approx([0.1])
    assert layers[3]["weights"] == [[1.0]] * 16
    # The same changes make the same network; what it was made of stays as it was.
    assert changed(client, graph, whole, *cells).status_code == 200
    assert client.get(f"{URL}/{graph}").json()["layers"][0]["weights"] == GRAPH["layers"][0]["weights"]


def test_of_a_chain_of_dense_layers(client: TestClient) -> None:
    id = client.post(URL, json={"layers": notebook.MULTILAYER["layers"]}).json()["id"]
    made = changed(client, id, {"cell": {"tensor": "layers.0.weights", "at": [2, 1]}, "value": 0.5}).json()
    layers = [dict(layer) for layer in notebook.MULTILAYER["layers"]]
    layers[0]["weights"] = [list(row) for row in layers[0]["weights"]]
    layers[0]["weights"][2][1] = 0.5
    # The very id that the network has when all of it is sent.
    assert made["id"] == client.post(URL, json={"layers": layers}).json()["id"]


@pytest.mark.parametrize(
    ("change", "status", "type", "pointer"),
    [
        ({"cell": {"tensor": "inputs", "at": [0, 0, 0]}, "value": 1}, 422, "out-of-range", "/changes/0/cell/tensor"),
        ({"cell": {"tensor": "layers.0.weights", "at": [0, 0, 3, 0]}, "value": 1}, 422, "out-of-range", None),
        ({"cell": {"tensor": "layers.9.weights", "at": [0]}, "value": 1}, 422, None, None),
        ({"cell": {"tensor": "layers.3.biases", "at": [0]}, "value": 1e39}, 422, "out-of-range", "/changes/0/value"),
        ({"tensor": "layers.3.biases", "values": [1, 2]}, 422, "shape-mismatch", "/changes/0/values"),
        ({"tensor": "layers.0.activations", "values": [1]}, 422, "out-of-range", "/changes/0/tensor"),
        ({"cell": {"tensor": "layers.3.biases", "at": [0]}}, 422, "missing-field", "/changes/0/value"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(
    client: TestClient, graph: str, change: dict[str, Any], status: int, type: str | None, pointer: str | None
) -> None:
    answer = changed(client, graph, change)
    document = answer.json()
    assert answer.status_code == status
    if type is not None:
        assert document["type"].endswith(f"/{type}")
    if pointer is not None:
        assert document["errors"][0]["pointer"] == pointer


def test_of_none(client: TestClient) -> None:
    change = {"cell": {"tensor": "layers.0.biases", "at": [0]}, "value": 1}
    assert changed(client, "0" * 64, change).status_code == 404
    assert changed(client, "none", change).status_code == 404
