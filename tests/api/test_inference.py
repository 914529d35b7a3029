"""The Open Inference Protocol: Triton's own client, unmodified, and what bad requests get."""

import json
from typing import Any

import numpy as np
import pytest
import tritonclient.http as triton
from starlette.testclient import TestClient
from tritonclient.utils import InferenceServerException

from app.network.presets import PRESET_NAMES
from tests import notebook

BATCH = np.array([notebook.FEATURES, [-x for x in notebook.FEATURES]], "f4")
INFER = "/v2/models/multilayer/infer"
TENSOR = {"name": "inputs", "shape": [1, 3], "datatype": "FP32"}


@pytest.fixture(scope="module")
def server(server_url: str) -> triton.InferenceServerClient:
    return triton.InferenceServerClient(server_url.removeprefix("http://"))


def asked(*, binary: bool) -> list[triton.InferInput]:
    tensor = triton.InferInput("inputs", list(BATCH.shape), "FP32")
    tensor.set_data_from_numpy(BATCH, binary_data=binary)
    return [tensor]


def test_health_and_metadata(server: triton.InferenceServerClient) -> None:
    assert server.is_server_live()
    assert server.is_server_ready()
    assert server.is_model_ready("multilayer")
    assert server.is_model_ready("multilayer", "1")
    assert not server.is_model_ready("nope")
    assert "binary_tensor_data" in server.get_server_metadata()["extensions"]
    model = server.get_model_metadata("multilayer")
    assert model == server.get_model_metadata("multilayer", "1")
    assert model["inputs"] == [{"name": "inputs", "datatype": "FP32", "shape": [-1, 3]}]
    assert {"name": "layers.0.activations", "datatype": "FP32", "shape": [-1, 2]} in model["outputs"]
    listed = server.get_model_repository_index()
    assert [each["name"] for each in listed][: len(PRESET_NAMES)] == list(PRESET_NAMES)
    assert all(each["state"] == "READY" for each in listed)


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False])
def test_infer(server: triton.InferenceServerClient, binary_in: bool, binary_out: bool) -> None:
    names = ["outputs", "layers.0.activations", "layers.1.pre_activations"]
    outputs = [triton.InferRequestedOutput(name, binary_data=binary_out) for name in names]
    result = server.infer("multilayer", asked(binary=binary_in), request_id="seven", outputs=outputs)
    assert result.get_response()["id"] == "seven"
    found = {name: result.as_numpy(name) for name in names}
    assert found["outputs"][0] == pytest.approx([notebook.OUTPUT], abs=1e-6)
    assert found["layers.0.activations"][0] == pytest.approx(notebook.HIDDEN_ACTIVATIONS, abs=1e-6)
    np.testing.assert_allclose(1 / (1 + np.exp(-found["layers.1.pre_activations"])), found["outputs"], rtol=1e-6)
    assert found["layers.0.activations"].shape == (2, 2)


def test_what_it_asks_for_by_default(server: triton.InferenceServerClient) -> None:
    result = server.infer("multilayer", asked(binary=True), model_version="1")
    assert [output["name"] for output in result.get_response()["outputs"]] == ["outputs"]
    assert result.as_numpy("outputs").shape == (2, 1)


@pytest.mark.parametrize("algorithm", ["gzip", "deflate"])
def test_compressed_both_ways(server: triton.InferenceServerClient, algorithm: str) -> None:
    result = server.infer(
        "multilayer",
        asked(binary=True),
        request_compression_algorithm=algorithm,
        response_compression_algorithm=algorithm,
    )
    assert result.as_numpy("outputs")[0] == pytest.approx([notebook.OUTPUT], abs=1e-6)


def test_a_kept_network_is_a_model(server: triton.InferenceServerClient, server_url: str) -> None:
    import httpx2

    id = httpx2.post(f"{server_url}/api/v1/networks", json={"layers": notebook.MULTILAYER["layers"]}).json()["id"]
    assert server.is_model_ready(id)
    assert id in [each["name"] for each in server.get_model_repository_index()]
    assert server.infer(id, asked(binary=True)).as_numpy("outputs")[0] == pytest.approx([notebook.OUTPUT], abs=1e-6)


def test_its_client_reads_our_errors(server: triton.InferenceServerClient) -> None:
    tensor = triton.InferInput("inputs", [1, 2], "FP32")
    tensor.set_data_from_numpy(np.ones((1, 2), "f4"))
    with pytest.raises(InferenceServerException, match=r"1x2 and 3x2"):
        server.infer("multilayer", [tensor])
    with pytest.raises(InferenceServerException, match="multilayer, one-neuron, xor"):
        server.get_model_metadata("nope")


def post(client: TestClient, document: Any, binary: bytes = b"", length: str | None = None, url: str = INFER) -> Any:
    head = json.dumps(document).encode()
    headers = {"Inference-Header-Content-Length": length or str(len(head))} if binary or length else {}
    return client.post(url, content=head + binary, headers=headers)


def test_flat_and_nested_data(client: TestClient) -> None:
    flat = post(client, {"inputs": [{**TENSOR, "data": notebook.FEATURES}]}).json()
    nested = post(client, {"inputs": [{**TENSOR, "data": [notebook.FEATURES]}]}).json()
    assert flat == nested
    assert flat["outputs"][0]["shape"] == [1, 1]
    vector = post(client, {"inputs": [{**TENSOR, "shape": [3], "data": notebook.FEATURES}]}).json()
    assert vector["outputs"][0]["shape"] == [1]
    assert (flat["model_name"], flat["model_version"]) == ("multilayer", "1")
    assert "id" not in flat


@pytest.mark.parametrize(
    ("document", "binary", "length", "status", "type_", "pointer"),
    [
        ({}, b"", None, 422, "missing-field", "/inputs"),
        ({"inputs": []}, b"", None, 422, "invalid-value", "/inputs"),
        ({"inputs": [{**TENSOR, "name": "x", "data": [1, 2, 3]}]}, b"", None, 422, "unknown-field", "/inputs/0/name"),
        (
            {"inputs": [{**TENSOR, "datatype": "INT8", "data": [1, 2, 3]}]},
            b"",
            None,
            422,
            "unsupported-dtype",
            "/inputs/0/datatype",
        ),
        ({"inputs": [{**TENSOR, "data": [1, 2]}]}, b"", None, 422, "shape-mismatch", "/inputs/0/data"),
        ({"inputs": [{**TENSOR, "data": [[1], [2], [3]]}]}, b"", None, 422, "shape-mismatch", "/inputs/0/data"),
        ({"inputs": [{**TENSOR, "data": [1, 2, "3"]}]}, b"", None, 422, "not-a-number", "/inputs/0/data/2"),
        ({"inputs": [{**TENSOR, "data": [1, 2, 1e39]}]}, b"", None, 422, "out-of-range", "/inputs/0/data/2"),
        ({"inputs": [TENSOR]}, b"", None, 422, "not-a-number", "/inputs/0/data"),
        ({"inputs": [{**TENSOR, "shape": [0, 3], "data": []}]}, b"", None, 422, "empty", "/inputs/0/shape"),
        ({"inputs": [{**TENSOR, "shape": [1, -3], "data": [1]}]}, b"", None, 422, "empty", "/inputs/0/shape"),
        ({"inputs": [{**TENSOR, "shape": [10**30], "data": [1]}]}, b"", None, 422, "shape-mismatch", "/inputs/0/data"),
        (
            {"inputs": [{**TENSOR, "data": [1, 2, 3]}], "outputs": [{"name": "layers.2.activations"}]},
            b"",
            None,
            422,
            "unknown-field",
            "/outputs/0/name",
        ),
        (
            {"inputs": [{**TENSOR, "parameters": {"binary_data_size": 12}}]},
            b"\0" * 11,
            None,
            422,
            "shape-mismatch",
            "/inputs/0/parameters",
        ),
        (
            {"inputs": [{**TENSOR, "parameters": {"binary_data_size": 8}}]},
            b"\0" * 12,
            None,
            422,
            "shape-mismatch",
            "/inputs/0/parameters",
        ),
        (
            {"inputs": [{**TENSOR, "parameters": {"binary_data_size": 12}}]},
            np.array([1, np.nan, 2], "<f4").tobytes(),
            None,
            422,
            "out-of-range",
            "/inputs/0/1",
        ),
        ({"inputs": [{**TENSOR, "data": [1, 2, 3]}]}, b"", "1000", 422, "invalid-value", ""),
        ({"inputs": [{**TENSOR, "data": [1, 2, 3]}]}, b"", "-1", 422, "invalid-value", ""),
        ({"inputs": [{**TENSOR, "data": [1, 2, 3]}]}, b"", "5", 400, "invalid-json", ""),
    ],
)
def test_bad_requests(
    client: TestClient, document: Any, binary: bytes, length: str | None, status: int, type_: str, pointer: str
) -> None:
    answer = post(client, document, binary, length)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert problem["type"] == f"/problems/{type_}"
    assert problem["error"] == problem["detail"]
    assert problem["errors"][0]["pointer"] == pointer


def test_unknown_models_and_versions(client: TestClient) -> None:
    for path in ("nope", "nope/ready", "nope/versions/1", "multilayer/versions/2", "multilayer/versions/2/ready"):
        assert client.get(f"/v2/models/{path}").status_code == 404
    good = {"inputs": [{**TENSOR, "data": [1, 2, 3]}]}
    assert post(client, good, url="/v2/models/multilayer/versions/1/infer").status_code == 200
    assert post(client, good, url="/v2/models/multilayer/versions/9/infer").status_code == 404
