"""POST /api/v1/forward as a safetensors file."""

from typing import Any

import pytest
import torch
from safetensors.torch import load, save
from starlette.testclient import TestClient
from torch import Tensor

from tests import notebook

URL = "/api/v1/forward"
FILE = "application/vnd.safetensors"
X = torch.tensor(notebook.FEATURES)


def tensors(dtype: torch.dtype = torch.float32) -> dict[str, Tensor]:
    found = {"inputs": X.to(dtype)}
    for k, layer in enumerate(notebook.MULTILAYER["layers"]):
        found[f"layers.{k}.weights"] = torch.tensor(layer["weights"], dtype=dtype)
        found[f"layers.{k}.biases"] = torch.tensor(layer["biases"], dtype=dtype)
    return found


ACTIVATIONS = {"layers.0.activation": "sigmoid", "layers.1.activation": "sigmoid", "layers.0.name": "hidden"}


def post(client: TestClient, data: bytes, accept: str = "*/*") -> Any:
    return client.post(URL, content=data, headers={"Content-Type": FILE, "Accept": accept})


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
def test_the_notebooks_network(client: TestClient, dtype: torch.dtype) -> None:
    answer = post(client, save(tensors(dtype), ACTIVATIONS))
    assert (answer.status_code, answer.headers["content-type"]) == (200, FILE)
    found = load(answer.content)
    assert found["outputs"].dtype == dtype
    tolerance = {torch.float32: 1e-7, torch.float64: 1e-7}.get(dtype, 0.01)
    assert found["outputs"].tolist() == pytest.approx([notebook.OUTPUT], abs=tolerance)
    assert found["layers.0.activations"].tolist() == pytest.approx(notebook.HIDDEN_ACTIVATIONS, abs=tolerance)
    assert set(found) == {"outputs", *(f"layers.{k}.{v}" for k in (0, 1) for v in ("activations", "pre_activations"))}
    assert answer.headers["server-timing"].startswith("decode")


def test_the_same_numbers_as_json(client: TestClient) -> None:
    as_json = post(client, save(tensors(), ACTIVATIONS), "application/json").json()
    assert as_json["layers"][0]["name"] == "hidden"
    assert as_json == {
        **client.post(URL, json=notebook.MULTILAYER).json(),
        "layers": as_json["layers"],
    }
    file = client.post(URL, json=notebook.MULTILAYER, headers={"Accept": FILE})
    assert load(file.content)["outputs"].tolist() == torch.tensor(as_json["outputs"]).tolist()


def test_a_named_network_and_a_batch(client: TestClient) -> None:
    batch = torch.stack([X, X, -X])
    answer = post(client, save({"inputs": batch}, {"network": "multilayer", "return": "outputs"}))
    found = load(answer.content)
    assert set(found) == {"outputs"}
    assert found["outputs"].shape == (3, 1)
    assert found["outputs"][1].item() == pytest.approx(notebook.OUTPUT, abs=1e-6)


ONE = torch.ones(2, 1)


@pytest.mark.parametrize(
    ("data", "status", "type_", "pointer"),
    [
        (save({"layers.0.weights": ONE}), 422, "missing-field", "/inputs"),
        (save({"inputs": torch.ones(3), "layers.0.weights": ONE}), 422, "shape-mismatch", "/inputs"),
        (save({"inputs": torch.ones(1, 1, 2), "layers.0.weights": ONE}), 422, "shape-mismatch", "/inputs"),
        (save({"inputs": torch.tensor([1.0, float("inf")])}, {"network": "xor"}), 422, "out-of-range", "/inputs/1"),
        (save({"inputs": torch.ones(2).double(), "layers.0.weights": ONE}), 422, "unsupported-file", "/inputs"),
        (save({"inputs": torch.ones(2)}, {"network": "nope"}), 404, "unknown-network", "/network"),
        (save({"inputs": torch.ones(2), "more": ONE}, {"network": "xor"}), 422, "invalid-value", "/network"),
        (save({"inputs": torch.ones(2)}, {"network": "xor", "return": "all"}), 422, "invalid-value", "/return"),
        (save({"inputs": torch.ones(2)}, {"network": "xor", "device": "tpu"}), 422, "unsupported-device", "/device"),
        (save({"inputs": torch.ones(2), "more": torch.ones(2)}), 422, "unsupported-file", "/more"),
        (b"junk", 415, "unsupported-file", ""),
        (b"", 415, "unsupported-file", ""),
    ],
)  # fmt: skip
def test_bad_files_get_one_clear_answer(client: TestClient, data: bytes, status: int, type_: str, pointer: str) -> None:
    answer = post(client, data)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["type"] == f"/problems/{type_}"
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(("dtype", "good", "bad"), [("bool", 1, 2), ("uint8", 255, -1), ("int8", -128, 128)])
def test_whole_numbers_of_a_narrow_type_are_never_others_in_silence(
    client: TestClient, dtype: str, good: int, bad: int
) -> None:
    document = {"input": {"shape": [2], "dtype": dtype}, "layers": [{"kind": "cast", "dtype": "float32"}]}
    id = client.post("/api/v1/networks", json=document).json()["id"]
    for number in (good, bad):
        answer = post(client, save({"inputs": torch.tensor([0, number])}, {"network": id, "return": "outputs"}), FILE)
        if number == good:
            assert load(answer.content)["outputs"].tolist() == [0, good]
        else:
            assert answer.status_code == 422, answer.text
            assert answer.json()["type"] == "/problems/out-of-range"
            assert answer.json()["errors"][0]["pointer"] == "/inputs/1"
    cell = {"tensor": "inputs", "at": [1]}
    for ends, status in (((0, good), 200), ((0, bad), 422)):
        asked = {"network": id, "inputs": [0, 0], "vary": cell, "from": ends[0], "to": ends[1], "steps": 2}
        assert client.post("/api/v1/sweep", json=asked).status_code == status
