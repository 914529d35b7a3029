"""ONNX models over HTTP: one file, or two in a form, as torch writes them; notes and refusals in words."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.adelante.formats.onnx.models import model, one, runtime, with_open_steps

URL = "/api/v1/networks"
X = np.ones((1, 3), "f4")
W, B = np.arange(6, dtype="f4").reshape(2, 3), np.ones(2, "f4")


@pytest.fixture
def client(tmp_path: Any) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(store=str(tmp_path)))) as found:
        yield found


def layer() -> Any:
    nodes = [helper.make_node("Gemm", ["x", "w", "b"], ["z"], transB=1), helper.make_node("Relu", ["z"], ["y"])]
    return model(nodes, {"x": X}, ["y"], {"w": W, "b": B})


def apart() -> tuple[bytes, bytes]:
    proto = layer()
    tensor = proto.graph.initializer[0]
    data = tensor.raw_data
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", "net.onnx.data"), ("offset", "0"), ("length", str(len(data)))):
        tensor.external_data.add(key=key, value=value)
    return proto.SerializeToString(), data


@pytest.mark.parametrize("kind", ["application/onnx", "application/octet-stream"])
def test_a_model_is_kept_and_computed(client: TestClient, kind: str) -> None:
    answer = client.post(URL, content=layer().SerializeToString(), headers={"Content-Type": kind})
    assert answer.status_code == 201, answer.text
    kept = answer.json()
    assert kept["sizes"] == [3, 2]
    assert [note["code"] for note in kept["notes"]] == ["batch-freed"]
    given = [[1.0, -2.0, 3.0], [0.5, 0.5, 0.5]]
    outputs = client.post("/api/v1/forward", json={"network": kept["id"], "inputs": given}).json()["outputs"]
    wanted = [runtime(layer(), {"x": np.array([each], "f4")})[0][0].tolist() for each in given]
    assert outputs == wanted


def test_its_numbers_may_stand_in_a_second_file(client: TestClient) -> None:
    net, data = apart()
    files = [("file", ("net.onnx.data", data)), ("file", ("net.onnx", net))]
    first = client.post(URL, files=files)
    assert first.status_code == 201, first.text
    whole = client.post(URL, content=layer().SerializeToString(), headers={"Content-Type": "application/onnx"})
    assert (whole.status_code, whole.json()["id"]) == (200, first.json()["id"])


@pytest.mark.parametrize(("language", "word"), [("en", "curl"), ("es", "juntos")])
def test_without_it_the_way_out_is_told(client: TestClient, language: str, word: str) -> None:
    answer = client.post(URL, files={"file": ("net.onnx", apart()[0])}, headers={"Accept-Language": language})
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/unsupported-file"
    assert "net.onnx.data" in answer.json()["detail"]
    assert word in answer.json()["detail"]


def test_a_refusal_names_the_node(client: TestClient) -> None:
    content = one("NonZero", {"x": X}).SerializeToString()
    answer = client.post(URL, content=content, headers={"Content-Type": "application/octet-stream"})
    assert answer.status_code == 422
    assert "the_node" in answer.json()["detail"]


def test_sizes_that_are_left_open_are_a_question(client: TestClient) -> None:
    headers = {"Content-Type": "application/onnx"}
    refused = client.post(URL, content=with_open_steps(), headers=headers)
    assert refused.status_code == 422
    assert refused.json()["choices"] == [{"name": "sizes", "options": [{"steps": 16}], "layers": []}]
    assert "x" in refused.json()["detail"]
    answered = {"choices": json.dumps({"sizes": {"steps": 5}})}
    kept = client.post(URL, content=with_open_steps(), headers=headers, params=answered)
    assert kept.status_code == 201, kept.text
    assert client.get(f"{URL}/{kept.json()['id']}").json()["input"]["shape"] == [5, 3]
