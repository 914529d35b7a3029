"""The Open Inference Protocol: Triton's own client, unmodified, and what bad requests get."""

import json
from typing import Any

import numpy as np
import pytest
import torch
import tritonclient.http as triton
from starlette.testclient import TestClient
from tritonclient.utils import InferenceServerException

from adelante.network.forward import forward
from adelante.network.presets import PRESET_NAMES, preset_named
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


@pytest.mark.parametrize("binary", [True, False])
def test_classes_by_name(server: triton.InferenceServerClient, binary: bool) -> None:
    """Triton's client asks with class_count; the classes of a preset have their names, the strongest comes first."""
    preset = preset_named("iris")
    rows = np.stack([preset.inputs.numpy(), np.array([6.5, 3.0, 5.5, 2.0], "f4")])
    tensor = triton.InferInput("inputs", list(rows.shape), "FP32")
    tensor.set_data_from_numpy(rows)
    wanted = triton.InferRequestedOutput("outputs", binary_data=binary, class_count=2)
    result = server.infer("iris", [tensor], outputs=[wanted])
    found = [[text.decode() if binary else str(text) for text in row] for row in result.as_numpy("outputs")]
    expected = forward(preset.network, torch.from_numpy(rows)).outputs
    assert isinstance(expected, torch.Tensor)
    for told, row in zip(found, expected, strict=True):
        places = row.argsort(descending=True)[:2].tolist()
        assert [text.split(":")[1:] for text in told] == [[str(k), preset.output_names[k]] for k in places]
        values = [float(text.split(":")[0]) for text in told]
        assert values == pytest.approx(row[places].tolist(), rel=1e-6)
    assert found[0][0].endswith(":0:setosa")
    assert "classification" in server.get_server_metadata()["extensions"]


def test_classes_of_layers_and_of_sequences(client: TestClient) -> None:
    """What has no names has places; all numbers of an input are counted, and what is none comes last."""

    def told(model: str, tensor: dict[str, Any], name: str, count: int) -> Any:
        outputs = [{"name": name, "parameters": {"classification": count}}]
        answer = client.post(f"/v2/models/{model}/infer", json={"inputs": [tensor], "outputs": outputs}).json()
        return answer["outputs"][0]

    hidden = told("multilayer", {**TENSOR, "data": notebook.FEATURES}, "layers.0.activations", 9)
    order = sorted(range(2), key=lambda k: -notebook.HIDDEN_ACTIVATIONS[k])
    assert hidden["datatype"] == "BYTES"
    assert hidden["shape"] == [1, 2]
    assert [int(text.split(":")[1]) for text in hidden["data"]] == order
    tokens = preset_named("sorting").inputs.long().tolist()
    sequence = {"name": "inputs", "shape": [1, len(tokens)], "datatype": "INT64", "data": tokens}
    for text in told("sorting", sequence, "outputs", 20)["data"]:
        _, place, label = text.split(":")
        assert label == preset_named("sorting").output_names[int(place) % 11]
    refused = client.post(
        INFER,
        json={
            "inputs": [{**TENSOR, "data": notebook.FEATURES}],
            "outputs": [{"name": "outputs", "parameters": {"classification": 0}}],
        },
    )
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/outputs/0/parameters/classification"


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


@pytest.mark.parametrize("outputs", [[], None])
def test_no_outputs_asked_for_are_the_usual_ones(client: TestClient, outputs: list[Any] | None) -> None:
    without = post(client, {"inputs": [{**TENSOR, "data": notebook.FEATURES}]}).json()
    answer = post(client, {"inputs": [{**TENSOR, "data": notebook.FEATURES}], "outputs": outputs})
    assert answer.json() == without
    assert [output["name"] for output in without["outputs"]] == ["outputs"]
    binary = {"inputs": [{**TENSOR, "data": notebook.FEATURES}], "parameters": {"binary_data_output": True}}
    assert post(client, {**binary, "outputs": outputs}).content == post(client, binary).content


@pytest.fixture(scope="module")
def overflowing(client: TestClient) -> str:
    layers = [{"weights": [[3e38, 1]], "biases": [0, 0]}]
    id: str = client.post("/api/v1/networks", json={"layers": layers}).json()["id"]
    return f"/v2/models/{id}/infer"


def test_in_json_a_parameter_says_what_null_stands_for(client: TestClient, overflowing: str) -> None:
    rows = {"name": "inputs", "shape": [3, 1], "datatype": "FP32", "data": [10, -10, 1]}
    (output,) = post(client, {"inputs": [rows]}, url=overflowing).json()["outputs"]
    assert [value is None for value in output["data"]] == [True, False, True, False, False, False]
    assert output["parameters"] == {"non_finite": "0 Infinity, 2 -Infinity"}
    (finite,) = post(client, {"inputs": [{**rows, "shape": [1, 1], "data": [0.5]}]}, url=overflowing).json()["outputs"]
    assert "parameters" not in finite


def test_very_many_that_are_not_finite_are_counted(client: TestClient, overflowing: str) -> None:
    rows = {"name": "inputs", "shape": [1500, 1], "datatype": "FP32", "data": [10] * 1500}
    (output,) = post(client, {"inputs": [rows]}, url=overflowing).json()["outputs"]
    told = output["parameters"]["non_finite"].split(", ")
    assert (len(told), told[-1]) == (1001, "500 more")


def test_tritons_client_sees_what_is_not_finite(
    server: triton.InferenceServerClient, server_url: str, overflowing: str
) -> None:
    import httpx2

    layers = [{"weights": [[3e38, 1]], "biases": [0, 0]}]
    id = httpx2.post(f"{server_url}/api/v1/networks", json={"layers": layers}).json()["id"]
    tensor = triton.InferInput("inputs", [2, 1], "FP32")
    tensor.set_data_from_numpy(np.array([[10], [-10]], "f4"))
    as_json = server.infer(id, [tensor], outputs=[triton.InferRequestedOutput("outputs", binary_data=False)])
    assert as_json.get_output("outputs")["parameters"]["non_finite"] == "0 Infinity, 2 -Infinity"
    np.testing.assert_array_equal(server.infer(id, [tensor]).as_numpy("outputs"), [[np.inf, 10], [-np.inf, -10]])


@pytest.mark.parametrize(
    ("changed", "binary", "words"),
    [
        ({"shape": [-1, 3]}, b"", ["[-1, 3]", "-1 stands for", "[1, 3]"]),
        ({"shape": [-1, 3], "data": [1, 2, 3, 4, 5, 6]}, b"", ["[2, 3]"]),
        ({"shape": [2, -1], "data": [[1, 2, 3], [4, 5, 6]]}, b"", ["[2, 3]"]),
        ({"shape": [-1, 3], "data": None, "parameters": {"binary_data_size": 24}}, b"\0" * 24, ["[2, 3]"]),
        ({"shape": [-1]}, b"", ["[3]"]),
        ({"shape": [-2, 3]}, b"", ["[-2, 3]", "1 or more"]),
        ({"shape": [0, 3], "data": []}, b"", ["(0, 3)", "no number"]),
        ({"shape": [1, 1, 3]}, b"", ["(1, 1, 3)"]),
        ({"shape": [3, 1]}, b"", ["(3, 1)", "1x3|view|3x1"]),
        ({"shape": ["1", 3]}, b"", ["shape[0] must be a whole number"]),
        ({"shape": [1.5, 3]}, b"", ["shape[0] must be a whole number"]),
        ({"shape": "1,3"}, b"", ["shape must be an array"]),
        ({"shape": []}, b"", ["(3,)", "shape says ()"]),
        ({"datatype": "FP64"}, b"", ["FP64", "FP32", "astype"]),
        ({"datatype": "INT64"}, b"", ["INT64", "FP32"]),
        ({"datatype": 32}, b"", ["datatype must be a string"]),
        ({"data": None}, b"", ["data is missing", "binary_data_size"]),
        ({"data": [1, None, 3]}, b"", ["number", "null"]),
        ({"parameters": []}, b"", ["parameters must be an object"]),
        ({"parameters": {"binary_data_size": "12"}}, b"", ["binary_data_size must be a whole number"]),
    ],
)
def test_every_refusal_is_a_clear_sentence(
    client: TestClient, changed: dict[str, Any], binary: bytes, words: list[str]
) -> None:
    answer = post(client, {"inputs": [{**TENSOR, "data": [1, 0, -1]} | changed]}, binary)
    assert 400 <= answer.status_code < 500, answer.text
    for word in words:
        assert any(each in answer.json()["error"] for each in word.split("|")), answer.json()["error"]


@pytest.mark.parametrize("shape", [[1.0, 3.0], [3], [3.0]])
def test_whole_numbers_may_be_written_with_a_point(client: TestClient, shape: list[float]) -> None:
    answer = post(client, {"inputs": [{**TENSOR, "shape": shape, "data": [1, 0, -1]}]})
    assert answer.json()["outputs"][0]["data"] == pytest.approx([0.584926], abs=1e-6)


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
