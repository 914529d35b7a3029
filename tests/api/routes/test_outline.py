"""GET /api/v1/networks/{id}/outline: how a network hangs together, without its numbers."""

import time
from typing import Any

from starlette.testclient import TestClient

from tests import notebook

URL = "/api/v1/networks"
GRAPH: dict[str, Any] = {
    "input": {"shape": [1, 4, 4]},
    "layers": [
        {
            "name": "edges",
            "kind": "conv2d",
            "weights": [[[[0.5] * 3] * 3]],
            "padding": 1,
            "activation": "relu",
            "module": "block.edges",
            "source": "net.py:3  x = self.edges(x)",
        },
        {"name": "sum", "kind": "add", "inputs": ["edges", "inputs"]},
        {"kind": "flatten"},
        {"weights": [[1.0]] * 16, "biases": [0.5]},
    ],
}


def test_of_a_graph(client: TestClient) -> None:
    id = client.post(URL, json=GRAPH).json()["id"]
    answer = client.get(f"{URL}/{id}/outline")
    assert answer.status_code == 200
    # Weak, since it went out compressed.
    assert answer.headers["etag"] == f'W/"{id}-outline"'
    document = answer.json()
    assert document["inputs"] == [{"name": "inputs", "shape": [1, 4, 4], "dtype": "float32"}]
    assert document["outputs"] == [document["layers"][-1]["activations"]["name"]]
    assert (document["parameters"], document["dtype"]) == (9 + 16 + 1, "float32")
    edges, add, flatten, dense = document["layers"]
    assert edges == {
        "index": 0,
        "name": "edges",
        "kind": "conv2d",
        "activation": "relu",
        "module": "block.edges",
        "source": "net.py:3  x = self.edges(x)",
        "takes": ["inputs"],
        "options": {"padding": 1},
        "parameters": [{"name": "layers.0.weights", "shape": [1, 1, 3, 3], "dtype": "float32"}],
        "pre_activations": {"name": "layers.0.pre_activations", "shape": [1, 4, 4], "dtype": "float32"},
        "activations": {"name": "layers.0.activations", "shape": [1, 4, 4], "dtype": "float32"},
    }
    assert add["takes"] == ["layers.0.activations", "inputs"]
    assert flatten["activations"]["shape"] == [16]
    assert [each["name"] for each in dense["parameters"]] == ["layers.3.weights", "layers.3.biases"]
    again = client.get(f"{URL}/{id}/outline", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_of_a_chain_of_dense_layers(client: TestClient) -> None:
    id = client.post(URL, json={"layers": notebook.MULTILAYER["layers"]}).json()["id"]
    first, second = client.get(f"{URL}/{id}/outline").json()["layers"]
    assert (first["kind"], first["takes"], first["activation"]) == ("dense", ["inputs"], "sigmoid")
    assert first["pre_activations"]["shape"] == first["activations"]["shape"] == [2]
    assert second["takes"] == ["layers.0.activations"]


def test_of_none(client: TestClient) -> None:
    for id in ("0" * 64, "nothing"):
        assert client.get(f"{URL}/{id}/outline").status_code == 404


def test_thousands_of_layers_take_linear_time(client: TestClient) -> None:
    def taken(count: int) -> float:
        layers = [{"weights": [[1.0]], "activation": "tanh"}] * count
        id = client.post(URL, json={"layers": layers}).json()["id"]
        best = float("inf")
        for _ in range(3):
            begun = time.perf_counter()
            found = client.get(f"{URL}/{id}/outline").json()
            best = min(best, time.perf_counter() - begun)
        assert len(found["layers"]) == count
        return best

    assert taken(4000) < 20 * taken(1000)


def test_what_is_kept_and_not_learned_is_told_apart(client: TestClient) -> None:
    kept = {"mean": [0.5, 0.0], "variance": [1.0, 2.0]}
    norm = {"kind": "batch_norm", **kept, "scale": [1.0, 1.5], "shift": [0.0, 0.0]}
    posted = client.post(URL, json={"input": {"shape": [2]}, "layers": [norm]}).json()
    assert (posted["parameters"], posted["buffers"]) == (8, 4)
    document = client.get(f"{URL}/{posted['id']}/outline").json()
    assert (document["parameters"], document["buffers"]) == (8, 4)
    (layer,) = document["layers"]
    buffers = [each["name"] for each in layer["parameters"] if each.get("buffer")]
    assert buffers == ["layers.0.mean", "layers.0.variance"]
    assert [each["name"] for each in layer["parameters"]][2:] == ["layers.0.scale", "layers.0.shift"]
