"""POST /api/v1/forward: the numbers, and the answers to bad input."""

import json
from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from adelante.network.activations import ACTIVATIONS
from tests import notebook
from tests.long import examples

URL = "/api/v1/forward"


def post(client: TestClient, document: Any, **headers: str) -> Any:
    body = document if isinstance(document, bytes | str) else json.dumps(document)
    return client.post(URL, content=body, headers={"Content-Type": "application/json", **headers})


def changed(**fields: Any) -> dict[str, Any]:
    return {**notebook.MULTILAYER, **fields}


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-7), ("float64", 1e-7)])
def test_the_notebooks_network(client: TestClient, dtype: str, tolerance: float) -> None:
    answer = post(client, changed(dtype=dtype))
    assert answer.status_code == 200
    document = answer.json()
    assert document["outputs"] == pytest.approx([notebook.OUTPUT], abs=tolerance)
    assert document["layers"][0]["activations"] == pytest.approx(notebook.HIDDEN_ACTIVATIONS, abs=tolerance)
    assert document["dtype"] == dtype
    assert document["device"] == "cpu"
    assert document["non_finite"] == []


def test_float64_agrees_with_torch_to_1e_12(client: TestClient) -> None:
    x = torch.tensor(notebook.FEATURES, dtype=torch.float64)
    hidden = torch.sigmoid(
        x @ torch.tensor(notebook.HIDDEN_WEIGHTS, dtype=torch.float64)
        + torch.tensor(notebook.HIDDEN_BIASES, dtype=torch.float64)
    )
    output = torch.sigmoid(
        hidden @ torch.tensor(notebook.OUTPUT_WEIGHTS, dtype=torch.float64)
        + torch.tensor(notebook.OUTPUT_BIASES, dtype=torch.float64)
    )
    assert post(client, changed(dtype="float64")).json()["outputs"] == pytest.approx(output.tolist(), abs=1e-12)


@pytest.mark.parametrize(("preset", "output"), [("one-neuron", 0.1595), ("multilayer", 0.3171)])
def test_presets_by_name(client: TestClient, preset: str, output: float) -> None:
    inputs = client.get(f"/api/v1/presets/{preset}").json()["inputs"]
    document = post(client, {"network": preset, "inputs": inputs}).json()
    assert round(document["outputs"][0], 4) == output


def test_rank_in_is_rank_out(client: TestClient) -> None:
    batch = post(client, changed(inputs=[notebook.FEATURES, notebook.FEATURES])).json()
    assert [len(batch["outputs"]), len(batch["layers"][0]["activations"])] == [2, 2]
    assert batch["outputs"][0] == pytest.approx([notebook.OUTPUT], abs=1e-7)
    assert isinstance(post(client, notebook.MULTILAYER).json()["outputs"][0], float)


def test_outputs_alone(client: TestClient) -> None:
    document = post(client, changed(**{"return": "outputs"})).json()
    assert "layers" not in document
    assert document["outputs"] == pytest.approx([notebook.OUTPUT], abs=1e-7)


def test_layout_out_in_is_linears(client: TestClient) -> None:
    layers = [
        {**layer, "weights": torch.tensor(layer["weights"]).T.tolist(), "layout": "out_in"}
        for layer in notebook.MULTILAYER["layers"]
    ]
    assert post(client, changed(layers=layers)).json()["outputs"] == pytest.approx([notebook.OUTPUT], abs=1e-7)


def test_what_is_not_finite_is_null_and_listed(client: TestClient) -> None:
    document = post(client, {"inputs": [3e38, 3e38], "layers": [{"weights": [[1, -1], [1, 1]]}]}).json()
    assert document["outputs"] == [None, 0.0]
    assert {"pointer": "/outputs/0", "value": "Infinity"} in document["non_finite"]
    assert {"pointer": "/layers/0/pre_activations/0", "value": "Infinity"} in document["non_finite"]


@given(
    sizes=st.lists(st.integers(1, 5), min_size=2, max_size=5),
    seed=st.integers(0, 2**32),
    name=st.sampled_from(list(ACTIVATIONS)),
)
@settings(max_examples=examples(20, 40), deadline=None)
def test_any_network_equals_torch(client: TestClient, sizes: list[int], seed: int, name: str) -> None:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn((2, sizes[0]), generator=generator, dtype=torch.float64)
    layers, a = [], x
    for n_in, n_out in pairwise(sizes):
        weights = torch.randn((n_in, n_out), generator=generator, dtype=torch.float64)
        biases = torch.randn((n_out,), generator=generator, dtype=torch.float64)
        layers.append({"weights": weights.tolist(), "biases": biases.tolist(), "activation": name})
        a = ACTIVATIONS[name](a @ weights + biases)
    document = post(client, {"inputs": x.tolist(), "layers": layers, "dtype": "float64"}).json()
    torch.testing.assert_close(torch.tensor(document["outputs"], dtype=torch.float64), a, atol=1e-6, rtol=1e-6)


LAYER: dict[str, Any] = {"weights": [[0.1, 0.4], [0.2, 0.5]], "biases": [0.1, 0.2], "activation": "sigmoid"}


@pytest.mark.parametrize(
    ("document", "status", "type_", "pointer"),
    [
        ({"inputs": [1, 2, 3], "layers": [LAYER]}, 422, "shape-mismatch", "/inputs"),
        ({"inputs": [[[1, 2]]], "layers": [LAYER]}, 422, "shape-mismatch", "/inputs/0/0"),
        ({"inputs": [], "layers": [LAYER]}, 422, "empty", "/inputs"),
        ({"inputs": [[]], "layers": [LAYER]}, 422, "empty", "/inputs"),
        ({"inputs": [1, 2], "layers": []}, 422, "empty", "/layers"),
        ({"inputs": [1, 2], "layers": [{**LAYER, "biases": [1]}]}, 422, "shape-mismatch", "/layers/0/biases"),
        ({"inputs": [1, 2], "layers": [LAYER, {"weights": [[1]]}]}, 422, "shape-mismatch", "/layers/1/weights"),
        ({"inputs": [1, 2], "layers": [{"weights": [[1, 2], [3]]}]}, 422, "ragged-array", "/layers/0/weights/1"),
        ({"inputs": [1, 2], "layers": [{"weights": [[1, 2], 3]}]}, 422, "ragged-array", "/layers/0/weights/1"),
        ({"inputs": [1, 2], "layers": [{"weights": [[1, [2]], [3, 4]]}]}, 422, "ragged-array", "/layers/0/weights/0/1"),
        ({"inputs": [1, 2], "layers": [{"weights": [1, 2]}]}, 422, "shape-mismatch", "/layers/0/weights"),
        ({"inputs": [1, "2"], "layers": [LAYER]}, 422, "not-a-number", "/inputs/1"),
        ({"inputs": [1, True], "layers": [LAYER]}, 422, "not-a-number", "/inputs/1"),
        ({"inputs": [None, 2], "layers": [LAYER]}, 422, "not-a-number", "/inputs/0"),
        ({"inputs": 7, "layers": [LAYER]}, 422, "not-a-number", "/inputs"),
        ({"inputs": [1, 1e39], "layers": [LAYER]}, 422, "out-of-range", "/inputs/1"),
        ({"inputs": [[1, 2], [1, 10**399]], "layers": [LAYER]}, 422, "out-of-range", "/inputs/1/1"),
        (
            {"inputs": [1, 2], "layers": [{**LAYER, "activation": "sigmoidal"}]},
            422,
            "unknown-activation",
            "/layers/0/activation",
        ),
        ({"inputs": [1, 2], "layers": [{**LAYER, "typo": 1}]}, 422, "unknown-field", "/layers/0/typo"),
        ({"inputs": [1, 2], "layers": [LAYER], "a/b~": 1}, 422, "unknown-field", "/a~1b~0"),
        ({"layers": [LAYER]}, 422, "missing-field", "/inputs"),
        ({"inputs": [1, 2]}, 422, "missing-field", "/layers"),
        ({"inputs": [1, 2], "layers": [LAYER], "network": "xor"}, 422, "invalid-value", "/network"),
        ({"inputs": [1, 2], "network": "nope"}, 404, "unknown-network", "/network"),
        ({"inputs": [1, 2], "network": "xor", "dtype": "int8"}, 422, "unsupported-dtype", "/dtype"),
        ({"inputs": [1, 2], "network": "xor", "device": "tpu"}, 422, "unsupported-device", "/device"),
        ({"inputs": [1, 2], "network": "xor", "return": "all"}, 422, "invalid-value", "/return"),
        ({"inputs": [[1, 2]] * 65537, "network": "xor"}, 413, "too-large", ""),
        ("{", 400, "invalid-json", ""),
        ("", 400, "invalid-json", ""),
        ("[1]", 400, "invalid-json", ""),
        ('{"inputs":[NaN,1],"network":"xor"}', 400, "invalid-json", ""),
        ('{"inputs":[1,2],"inputs":[1,2],"network":"xor"}', 400, "invalid-json", ""),
        ('{"inputs":[1,2],"network":"xor"} x', 400, "invalid-json", ""),
        (b'{"inputs":[1,2],"network":"\xff"}', 400, "invalid-json", ""),
        ("[" * 100_000, 400, "invalid-json", ""),
        ('{"inputs":[1,2],"layers":[{"weights":[[1],[2]],"name":"\\ud800"}]}', 400, "invalid-json", "/layers/0/name"),
    ],
)
def test_bad_input_gets_one_clear_answer(
    client: TestClient, document: Any, status: int, type_: str, pointer: str
) -> None:
    answer = post(client, document)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert problem["type"] == f"/problems/{type_}"
    assert problem["status"] == status
    assert problem["instance"] == URL
    assert problem["errors"][0]["pointer"] == pointer
    assert "{" not in problem["detail"].replace("{…}", "")


def test_a_shape_error_says_both_shapes_torchs_words_and_the_way_out(client: TestClient) -> None:
    document = {"inputs": [[1], [2], [3], [4], [5]], "network": "one-neuron"}
    english = post(client, document).json()["errors"][0]
    assert "(5, 1)" in english["detail"]
    assert english["torch"] == "mat1 and mat2 shapes cannot be multiplied (5x1 and 5x1)"
    assert "view(1, 5)" in english["hint"]
    spanish = post(client, document, **{"Accept-Language": "es-MX,es;q=0.9"})
    assert spanish.headers["content-language"] == "es"
    assert "espera 5 entradas" in spanish.json()["detail"]
    assert spanish.json()["errors"][0]["pointer"] == english["pointer"]


def test_transposed_weights_are_recognised(client: TestClient) -> None:
    document = {"inputs": [1, 2, 3], "layers": [{"weights": [[1, 2, 3], [4, 5, 6]]}]}
    assert "out_in" in post(client, document).json()["errors"][0]["hint"]


def test_content_types(client: TestClient) -> None:
    assert post(client, "{}", **{"Content-Type": "text/plain"}).status_code == 415
    assert post(client, "{}", **{"Content-Encoding": "zstd-x"}).status_code == 415
    assert client.get(URL).status_code == 405
    assert client.get("/api/v1/nothing").json()["type"] == "/problems/not-found"


def test_each_answer_has_an_id_and_its_timing(client: TestClient) -> None:
    answer = post(client, notebook.MULTILAYER, **{"X-Request-ID": "abc-1"})
    assert answer.headers["x-request-id"] == "abc-1"
    assert [part.split(";")[0] for part in answer.headers["server-timing"].split(", ")] == [
        "decode",
        "compute",
        "encode",
    ]
    assert len(post(client, notebook.MULTILAYER).headers["x-request-id"]) == 32


def test_a_request_id_of_up_to_100_visible_characters_comes_back(client: TestClient) -> None:
    for url, body in (("/api/v1/forward", notebook.MULTILAYER), ("/api/v1/explain", notebook.MULTILAYER)):
        for name, comes_back in (("x" * 100, True), ("x" * 101, False), ("a b", False)):
            answer = client.post(url, json=body, headers={"X-Request-ID": name})
            assert (answer.headers["x-request-id"] == name) == comes_back, (url, name)
