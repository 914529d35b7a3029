"""Networks of every kind, kept and given back: as JSON, as files, under the hash of their content."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from starlette.testclient import TestClient
from torch import nn

import adelante
from adelante.formats.description import description_of
from adelante.formats.json import document_of, network_from_document
from adelante.formats.safetensors import network_to_safetensors
from adelante.formats.tensors import tensors_from_safetensors, tensors_to_safetensors
from adelante.network.network import Network
from app.api.openapi.examples import picture_example
from app.main import create_app
from app.settings import Settings
from tests.adelante.formats.test_json_kinds import equal, plain, traced
from tests.long import long

NETWORKS = "/api/v1/networks"
FILE = {"Content-Type": "application/vnd.safetensors"}


def kept(client: TestClient, document: Any) -> dict[str, Any]:
    answer = client.post(NETWORKS, json=document)
    assert answer.is_success, answer.text
    return dict(answer.json())


def posted(client: TestClient, data: bytes) -> Any:
    return client.post(NETWORKS, content=data, headers=FILE)


def test_the_contracts_example_is_kept_and_described() -> None:
    with TestClient(create_app(Settings())) as client:
        answer = client.post(NETWORKS, json=picture_example())
        assert answer.status_code == 201
        found = answer.json()
        assert answer.headers["Location"] == f"{NETWORKS}/{found['id']}"
        assert client.post(NETWORKS, json=picture_example()).status_code == 200
    assert found["parameters"] == 9 + 1 + 8
    assert found["inputs"] == [{"name": "inputs", "shape": [1, 4, 4], "dtype": "float32"}]
    assert found["outputs"] == [{"name": "layers.4.activations", "shape": [2], "dtype": "float32"}]
    assert [(each["kind"], each["activation"], each["shape"]) for each in found["layers"]] == [
        ("conv2d", "relu", [1, 4, 4]),
        ("add", "identity", [1, 4, 4]),
        ("max_pool2d", "identity", [1, 2, 2]),
        ("flatten", "identity", [4]),
        ("dense", "softmax", [2]),
    ]
    assert (found["layers"][0]["weights"], found["layers"][0]["biases"]) == ([1, 1, 3, 3], [1])


@pytest.mark.parametrize("name", ["digits", "words", "twins", "one", long("encoder"), "masked", "lstm"])
def test_a_traced_module_comes_back_equal_as_json_and_to_the_byte_as_a_file(client: TestClient, name: str) -> None:
    network = traced(name)
    data = network_to_safetensors(network)
    found = posted(client, data).json()
    assert found["id"] == hashlib.sha256(data).hexdigest()
    address = f"{NETWORKS}/{found['id']}"
    assert client.get(address, headers={"Accept": "application/vnd.safetensors"}).content == data
    document = client.get(address).json()
    equal(network_from_document(document), network)
    assert document == plain(document_of(network))
    # However it comes, it is the same network.
    assert kept(client, document)["id"] == found["id"]


def test_a_dense_chain_has_one_id_however_it_comes(client: TestClient, tmp_path: Path) -> None:
    torch.manual_seed(2)
    first, second = nn.Linear(3, 4), nn.Linear(4, 2)
    module = nn.Sequential(first, nn.ReLU(), second)
    path = tmp_path / "chain.safetensors"
    network = adelante.save(module, torch.randn(1, 3), path)
    described = tensors_to_safetensors(network.parameters, {"adelante": description_of(network)})
    layers = [
        {"weights": linear.weight.T.tolist(), "biases": linear.bias.tolist(), "activation": activation, "name": name}
        for linear, activation, name in ((first, "relu", "0"), (second, "identity", "2"))
    ]
    written = [{**layers[0], "kind": "dense", "inputs": ["inputs"]}, {**layers[1], "module": "second"}]
    ids = {
        posted(client, path.read_bytes()).json()["id"],
        posted(client, described).json()["id"],
        kept(client, {"layers": layers})["id"],
        kept(client, {"layers": written, "input": {"shape": [3]}, "outputs": ["2"]})["id"],
    }
    assert ids == {hashlib.sha256(path.read_bytes()).hexdigest()}
    [id] = ids
    _, metadata = tensors_from_safetensors(path.read_bytes())
    assert metadata["version"] == "1"
    assert list(client.get(f"{NETWORKS}/{id}").json()) == ["layers", "dtype"]


def described(network: Network, **changes: Any) -> bytes:
    document = json.loads(description_of(network))
    for name, value in changes.items():
        document[name] = value(document[name]) if callable(value) else value
    return tensors_to_safetensors(network.parameters, {"adelante": json.dumps(document)})


def _with(nodes: list[Any], **changes: Any) -> list[Any]:
    return [{**nodes[0], **changes}, *nodes[1:]]


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"nodes": lambda each: _with(each, kind="sort")}, "/layers/0", r"modules.py:\d+: .*self\.conv1"),
        ({"nodes": lambda each: _with(each, options={"stride": {"batch": "x"}})}, "/layers/0", "stride"),
        ({"nodes": lambda each: _with(each, options={"padding": [0] * 100})}, "/layers/0", "padding"),
        ({"nodes": lambda each: _with(each, inputs=["later", *each[0]["inputs"][1:]])}, "/layers/0", "later"),
        ({"version": 3}, "", "3"),
        ({"batch": "many"}, "", "damaged"),
        ({"inputs": [{"name": "inputs", "shape": [2**40, 2**40], "dtype": "float32"}]}, "", "damaged"),
        ({"layers": []}, "", "layers"),
        ({"outputs": ["nowhere"]}, "/outputs", "nowhere"),
    ],
)
def test_a_file_is_not_taken_on_trust(client: TestClient, changes: Any, key: str, words: str) -> None:
    answer = posted(client, described(traced("digits"), **changes))
    assert answer.status_code == 422, answer.text
    [error] = answer.json()["errors"]
    assert error["pointer"] == key
    assert re.search(words, error["detail"]), error["detail"]
    spanish = client.post(
        NETWORKS, content=described(traced("digits"), **changes), headers={**FILE, "Accept-Language": "es"}
    )
    assert spanish.json()["detail"] != answer.json()["detail"]


def test_shapes_that_do_not_fit_are_told_in_both_languages(client: TestClient) -> None:
    document = picture_example()
    document["layers"][0]["weights"] = [[[[1.0]], [[1.0]]]]
    for language, words in (("en", "cannot take"), ("es", "no puede tomar")):
        answer = client.post(NETWORKS, json=document, headers={"Accept-Language": language})
        assert answer.status_code == 422
        [error] = answer.json()["errors"]
        assert answer.json()["type"] == "/problems/shape-mismatch"
        assert error["pointer"] == "/layers/0"
        assert "to have 2 channels" in error["torch"]
        assert words in error["detail"]
        assert error["hint"]


def test_what_only_dense_chains_have_is_refused_clearly(client: TestClient) -> None:
    id = kept(client, picture_example())["id"]
    asked = {"network": id, "inputs": [[1.0, 2.0]]}
    answer = client.post("/api/v1/grid", json={**asked, "x": {"input": 0, "from": 0, "to": 1},
                                               "y": {"input": 1, "from": 0, "to": 1}, "steps": 3})  # fmt: skip
    assert answer.status_code in (200, 422)
    chosen = client.post(f"{NETWORKS}?activation=relu", json=picture_example())
    assert chosen.status_code == 422
    assert chosen.json()["errors"][0]["pointer"] == "/activation"


def test_limits_hold_for_every_kind(client: TestClient) -> None:
    tall = {"input": {"shape": [1000]}, "layers": [{"kind": "expand", "size": [10**6, -1, -1]}]}
    answer = client.post(NETWORKS, json=tall)
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["setting"] == "ADELANTE_MAX_ACTIVATIONS"
