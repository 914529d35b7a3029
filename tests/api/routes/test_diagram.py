"""POST /api/v1/diagram: the picture over HTTP, and what is wrong with a request for one."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from starlette.testclient import TestClient

from adelante.diagram import draw, png, size_drawn
from adelante.formats.json import network_from_document
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.forward import forward
from adelante.network.presets import chain_named
from app.api.routes.diagram import _BYTES_AROUND, _BYTES_OF_A_CELL, _BYTES_OF_AN_EDGE
from app.main import create_app
from app.settings import Settings

URL = "/api/v1/diagram"
INPUTS = chain_named("multilayer").inputs.tolist()
NAMED = {"network": "multilayer", "inputs": INPUTS}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(Settings())) as client:
        yield client


def drawn(client: TestClient, reader: str = "en", /, **document: Any) -> str:
    answer = client.post(URL, json=document, headers={"Accept-Language": reader})
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_picture_is_the_librarys_own(client: TestClient) -> None:
    network = chain_named("multilayer").network
    trace = forward(network, chain_named("multilayer").inputs)
    assert drawn(client, **NAMED) == draw(network, trace)
    options: dict[str, Any] = {"width": 700, "theme": "dark", "values": False}
    assert drawn(client, **NAMED, **options, language="es") == draw(network, trace, **options, language="es")
    selected = ("layers.0.activations", (1,))
    for told in ({"layer": 0, "neuron": 1}, {"tensor": selected[0], "at": [1]}):
        assert drawn(client, **NAMED, selected=told) == draw(network, trace, selected=selected)


def test_an_answer_is_an_image_that_loads_and_runs_nothing(client: TestClient) -> None:
    answer = client.post(URL, json=NAMED, headers={"Accept": "image/svg+xml"})
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "Accept-Language" in answer.headers["vary"]
    assert [each.split(";")[0].strip() for each in answer.headers["server-timing"].split(",")] == [
        "decode",
        "compute",
        "encode",
    ]


def test_a_png_for_who_asks_for_one(client: TestClient) -> None:
    svg = drawn(client, **NAMED, width=400)
    answer = client.post(URL, json={**NAMED, "width": 400}, headers={"Accept": "image/png"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.content == png(svg)
    assert {each.strip() for each in answer.headers["vary"].split(",")} >= {"Accept", "Accept-Language"}
    larger = client.post(URL, json={**NAMED, "width": 400, "scale": 3}, headers={"Accept": "image/*;q=0.5, image/png"})
    assert larger.content == png(svg, 3)
    # What likes both, or neither, gets the SVG.
    for accept in ("*/*", "image/*", "image/webp", "text/html,image/avif,image/svg+xml,image/png"):
        again = client.post(URL, json={**NAMED, "width": 400}, headers={"Accept": accept})
        assert (again.headers["content-type"], again.text) == ("image/svg+xml", svg)


@pytest.mark.parametrize(
    ("document", "status", "type", "said"),
    [
        ({"scale": 5}, 422, "out-of-range", "4"),
        ({"scale": 1.5}, 422, "invalid-value", "whole number"),
        ({"names": {"inputs": ["日", "y", "z"]}}, 422, "invalid-value", "“日”"),
        ({"width": 4096, "scale": 4}, 413, "too-large", "16\u202f384 × "),
    ],
)
def test_what_is_no_png_is_refused_in_a_sentence(
    client: TestClient, document: dict[str, Any], status: int, type: str, said: str
) -> None:
    answer = client.post(URL, json={**NAMED, **document}, headers={"Accept": "image/png"})
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{type}"), answer.text
    assert said in answer.text


def test_the_language_is_the_requests_own_or_the_readers(client: TestClient) -> None:
    assert "Capa oculta" in drawn(client, "es-MX", **NAMED)
    assert "Hidden layer" in drawn(client, "es-MX", **NAMED, language="en")
    assert "largo del pétalo" in drawn(client, "es", network="iris", inputs=[5, 3, 1, 0])
    names = {"inputs": ["<b>", "&", "c"], "outputs": ["</svg>"]}
    svg = drawn(client, **NAMED, names=names)
    assert {"<b>", "&", "</svg>"} <= {"".join(each.itertext()) for each in ET.fromstring(svg).iter()}
    assert "<b>" not in svg


def test_layers_of_any_kind_and_a_kept_network(client: TestClient) -> None:
    layers = [{"kind": "conv2d", "weights": [[[[1.0]]]], "biases": [0]}, {"kind": "flatten"}]
    graph = {"input": {"shape": [1, 2, 3]}, "layers": layers}
    inputs = [[[1, 2, 3], [4, 5, 6]]]
    sent = drawn(client, **graph, inputs=inputs, selected={"layer": 1, "neuron": 5})
    id = client.post("/api/v1/networks", json=graph).json()["id"]
    assert drawn(client, network=id, inputs=inputs, selected={"layer": 1, "neuron": 5}) == sent
    # A batch of one is one input.
    assert drawn(client, network=id, inputs=[inputs], selected={"layer": 1, "neuron": 5}) == sent
    dense = {"layers": [{"weights": [[1, -1]], "activation": "relu"}], "inputs": [0.5]}
    assert drawn(client, **dense) == drawn(client, **{**dense, "inputs": [[0.5]]})


@pytest.mark.parametrize(
    ("wrong", "type", "pointer"),
    [
        ({"width": 319}, "out-of-range", "/width"),
        ({"width": 4097}, "out-of-range", "/width"),
        ({"width": "700"}, "invalid-value", "/width"),
        ({"theme": "pink"}, "invalid-value", "/theme"),
        ({"language": "fr"}, "invalid-value", "/language"),
        ({"language": 1}, "invalid-value", "/language"),
        ({"values": 1}, "invalid-value", "/values"),
        ({"height": 1}, "unknown-field", "/height"),
        ({"names": {"hidden": ["h"]}}, "unknown-field", "/names/hidden"),
        ({"inputs": [1, 2]}, "shape-mismatch", "/inputs"),
        ({"inputs": [INPUTS, INPUTS]}, "shape-mismatch", "/inputs"),
        ({"selected": {"layer": 2, "neuron": 0}}, "out-of-range", "/selected/layer"),
        ({"selected": {"layer": 0, "neuron": 2}}, "out-of-range", "/selected/neuron"),
        ({"selected": {"layer": 0}}, "missing-field", "/selected/neuron"),
        ({"selected": {"tensor": "x", "at": []}}, "unknown-layer", "/selected/tensor"),
        ({"selected": {"tensor": "inputs", "at": [3]}}, "out-of-range", "/selected/at/0"),
        ({"network": "none"}, "unknown-network", "/network"),
        ({"device": "tpu"}, "unsupported-device", "/device"),
    ],
)
@pytest.mark.parametrize("language", ["en", "es"])
def test_what_is_wrong_is_said_at_its_place(
    client: TestClient, wrong: dict[str, Any], type: str, pointer: str, language: str
) -> None:
    answer = client.post(URL, json={**NAMED, **wrong}, headers={"Accept-Language": language})
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == language
    assert problem["type"] == f"/problems/{type}"
    assert problem["errors"][0]["pointer"] == pointer
    assert problem["errors"][0]["detail"]


def test_a_neuron_of_a_layer_that_gives_no_row_is_a_cell(client: TestClient) -> None:
    document = {"network": "digits-conv", "inputs": [[[0.0] * 8] * 8], "selected": {"layer": 1, "neuron": 0}}
    problem = client.post(URL, json=document).json()
    assert (problem["type"], problem["errors"][0]["pointer"]) == ("/problems/shape-mismatch", "/selected")
    drawn(client, **{**document, "selected": {"layer": 5, "neuron": 9}})


def test_the_limits_of_a_server_hold() -> None:
    wide = {"layers": [{"weights": [[1.0] * 200]}], "inputs": [1]}
    with TestClient(create_app(Settings(max_activations=100))) as client:
        answer = client.post(URL, json=wide)
        assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")


def test_the_largest_picture_is_as_large_as_it_was_said_to_be(client: TestClient) -> None:
    """Of noise, whose neighbours differ: what a picture takes is asked before it is drawn."""
    random = torch.Generator().manual_seed(1)
    inputs = torch.randn(8, 28, 28, generator=random)
    network = network_from_document({"input": {"shape": [8, 28, 28]}, "layers": [{"kind": "mul", "other": 1}] * 7})
    size = size_drawn(network, 1000)
    assert size.cells == 8 * 6272
    svg = draw(network, forward(network, inputs))
    assert 8 * size.cells < len(svg.encode()) < _BYTES_AROUND + _BYTES_OF_A_CELL * size.cells
    dense = DenseNetwork(
        DenseLayer(torch.randn(16, 16, generator=random), torch.randn(16, generator=random)) for _ in range(7)
    )
    size = size_drawn(dense, 1000)
    svg = draw(dense, forward(dense, inputs[0, 0, :16]), width=4096)
    assert 100 * size.edges < len(svg.encode()) < _BYTES_AROUND + _BYTES_OF_AN_EDGE * size.edges
