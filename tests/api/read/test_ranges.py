"""Numbers beyond a type's range are refused in that type's own name, wherever they come from; nothing becomes infinite
in silence."""

from typing import Any

import pytest
import torch
from safetensors.torch import save
from starlette.testclient import TestClient

LARGEST = {"float32": 3.4028234663852886e38, "bfloat16": 3.3895313892515355e38, "float16": 65504.0}
BEYOND = {"float32": 3.5e38, "bfloat16": 3.4e38, "float16": 65520.0}
NETWORKS = "/api/v1/networks"


def requests(dtype: str, number: float) -> list[tuple[str, dict[str, Any], str]]:
    """Address, body, and the pointer of the number, of all operations that take one."""
    plain = {"dtype": dtype, "layers": [{"weights": [[1.0, 0.5], [0.25, 1.0]]}], "inputs": [1.0, 1.0]}
    side = {"input": 0, "from": 0, "to": 1}
    return [
        ("networks", {"dtype": dtype, "layers": [{"weights": [[1.0, number]]}]}, "/layers/0/weights/0/1"),
        ("networks", {"dtype": dtype, "layers": [{"weights": [[1.0]], "biases": [number]}]}, "/layers/0/biases/0"),
        ("forward", {**plain, "inputs": [1.0, number]}, "/inputs/1"),
        ("forward", {**plain, "layers": [{"weights": [[1.0], [number]]}]}, "/layers/0/weights/1/0"),
        ("explain", {**plain, "inputs": [number, 1.0]}, "/inputs/0"),
        ("code", {**plain, "inputs": [number, 1.0], "language": "pytorch"}, "/inputs/0"),
        ("diagram", {**plain, "inputs": [1.0, number]}, "/inputs/1"),
        ("sweep", {**plain, "vary": {"input": 0}, "from": 0, "to": number, "steps": 2}, "/to"),
        ("grid", {**plain, "x": side, "y": {**side, "input": 1, "to": number}, "steps": 2}, "/y/to"),
    ]


@pytest.mark.parametrize("dtype", list(LARGEST))
def test_what_a_type_cannot_hold_is_refused_in_its_own_name(client: TestClient, dtype: str) -> None:
    for number in (BEYOND[dtype], -BEYOND[dtype], 1e300):
        for path, body, pointer in requests(dtype, number):
            answer = client.post(f"/api/v1/{path}", json=body)
            problem = answer.json()
            assert (answer.status_code, problem["type"]) == (422, "/problems/out-of-range"), (path, answer.text)
            assert problem["errors"][0]["pointer"] == pointer
            assert problem["detail"].startswith(f"{dtype} "), problem["detail"]
    for path, body, _ in requests(dtype, LARGEST[dtype]):
        assert client.post(f"/api/v1/{path}", json=body).is_success, path


def test_numbers_that_not_even_float64_holds(client: TestClient) -> None:
    for dtype in (*LARGEST, "float64"):
        body = f'{{"dtype": "{dtype}", "layers": [{{"weights": [[1e400]]}}]}}'
        answer = client.post(NETWORKS, content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/layers/0/weights/0/0")
        assert answer.json()["detail"].startswith(f"{dtype} ")


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_what_is_kept_can_be_read_again(client: TestClient, dtype: str) -> None:
    kept = client.post(NETWORKS, json={"dtype": dtype, "layers": [{"weights": [[LARGEST[dtype]]]}]})
    assert kept.status_code == 201
    document = client.get(f"{NETWORKS}/{kept.json()['id']}").json()
    assert client.post(NETWORKS, json=document).json()["id"] == kept.json()["id"]


def test_a_kept_network_in_a_type_too_narrow_for_it_names_the_weight(client: TestClient) -> None:
    wide = torch.tensor([[1.0, 2.0], [3.0, 1e30]])
    for tensors, pointer in (
        ({"layers.0.weights": wide}, "/layers/0/weights/1/1"),
        ({"layers.0.weights": torch.ones(2, 2), "layers.0.biases": torch.tensor([1.0, -1e30])}, "/layers/0/biases/1"),
    ):
        file = {"Content-Type": "application/vnd.safetensors"}
        id = client.post(NETWORKS, content=save(tensors), headers=file).json()["id"]
        for path, more in (("forward", {}), ("explain", {}), ("code", {"language": "pytorch"})):
            body = {"network": id, "inputs": [1, 1], "dtype": "float16", **more}
            answer = client.post(f"/api/v1/{path}", json=body)
            assert (answer.status_code, answer.json()["type"]) == (422, "/problems/out-of-range")
            error = answer.json()["errors"][0]
            assert error["pointer"] == pointer
            assert "float16" in error["detail"]
            assert "1e+30" in error["detail"].replace("−", "-")
            assert client.post(f"/api/v1/{path}", json={**body, "dtype": "bfloat16"}).is_success
