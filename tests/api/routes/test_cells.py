"""Any number of any network asked over HTTP: explained, swept, over a plane; the numbers are those of a pass."""

import json
from collections.abc import Iterator
from typing import Any, get_args

import numpy as np
import pytest
import torch
from safetensors.torch import load
from starlette.testclient import TestClient

from adelante.formats.json import network_from_document
from adelante.locale.numbers import grouped
from adelante.network.arising import Cause
from adelante.network.explain import gradients, reach
from adelante.network.forward import forward
from app.api.openapi.explanations import ANSWERS, CAUSES, FORMS, REQUESTS
from app.main import create_app
from app.settings import Settings
from tests.adelante.network.convolution import convolution, picture

NETWORK, PICTURE = convolution(), picture()
SAFETENSORS = "application/vnd.safetensors"
_W = {name: tensor.tolist() for name, tensor in NETWORK.parameters.items()}
LAYERS: list[dict[str, Any]] = [
    {
        "name": "edges",
        "kind": "conv2d",
        "weights": _W["layers.0.weights"],
        "biases": _W["layers.0.biases"],
        "padding": 1,
        "activation": "relu",
    },
    {"kind": "max_pool2d", "kernel_size": 2},
    {"kind": "flatten"},
    {
        "name": "shares",
        "weights": _W["layers.3.weights"],
        "biases": _W["layers.3.biases"],
        "activation": "softmax",
    },
]
ASKED: dict[str, Any] = {"input": {"shape": [1, 4, 4]}, "layers": LAYERS, "inputs": PICTURE.tolist()}
Z = {"tensor": "layers.0.pre_activations", "at": [1, 2, 3]}
PIXEL, WEIGHT = {"tensor": "inputs", "at": [0, 1, 2]}, {"tensor": "layers.0.weights", "at": [1, 0, 2, 2]}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(Settings(max_listed_values=1000, max_derived_values=2000))) as client:
        yield client


def answer(client: TestClient, path: str, document: dict[str, Any]) -> Any:
    response = client.post(f"/api/v1/{path}", json=document)
    assert response.status_code == 200, response.text
    return response.json()


def same(listed: Any, tensor: torch.Tensor) -> bool:
    """Whether JSON's numbers are exactly the tensor's."""
    return np.array_equal(np.array(listed, dtype=np.float32), tensor.numpy())


@pytest.mark.parametrize("form", list(FORMS))
def test_the_example_of_each_form(client: TestClient, form: str) -> None:
    assert answer(client, "explain", REQUESTS[form]) == ANSWERS[form]


def test_every_computed_number_of_a_network_is_explained_with_its_gradients_and_reach(client: TestClient) -> None:
    trace = forward(NETWORK, PICTURE)
    for node in NETWORK.nodes:
        shape = NETWORK.shapes[node.name]
        at = [size - 1 for size in shape]
        asked = {"target": {"tensor": node.name, "at": at}, "by": ["inputs", "layers.0.weights"], "reach": True}
        told = answer(client, "explain", {**ASKED, **asked})
        assert (told["tensor"], told["at"], told["form"]) == (node.name, at, node.operation.FORM)
        assert same(told["value"], trace[node.name][tuple(at)])
        for part in told["parts"]:
            assert same(part["value"], trace[part["cell"]["tensor"]][tuple(part["cell"]["at"])])
        found = gradients(NETWORK, PICTURE, node.name, at, ["inputs", "layers.0.weights"])
        assert all(same(told["gradients"][name], slope) for name, slope in found.items())
        masks = reach(NETWORK, trace, node.name, at)
        assert {each["tensor"]: each["cells"] for each in told["reach"]} == {
            name: int(mask.sum()) for name, mask in masks.items()
        }


def test_where_nothing_is_said_the_gradients_are_by_the_inputs(client: TestClient) -> None:
    told = answer(client, "explain", {**ASKED, "target": Z})
    assert list(told["gradients"]) == ["inputs"]
    assert "reach" not in told
    assert "gradients" not in answer(client, "explain", {**ASKED, "target": Z, "gradients": False})


def test_a_file_has_the_parts_the_slopes_and_the_masks(client: TestClient) -> None:
    asked = {**ASKED, "target": Z, "reach": True}
    response = client.post("/api/v1/explain", json=asked, headers={"Accept": SAFETENSORS})
    assert (response.status_code, response.headers["content-type"]) == (200, SAFETENSORS)
    told, tensors = answer(client, "explain", asked), load(response.content)
    length = int.from_bytes(response.content[:8], "little")
    rest = json.loads(json.loads(response.content[8 : 8 + length])["__metadata__"]["answer"])
    assert rest["value"] == told["value"]
    assert rest["parts"] == [{"tensor": "inputs", "role": "", "parameter": "layers.0.weights"}]
    assert tensors["parts.0.at"].tolist() == [part["cell"]["at"] for part in told["parts"]]
    assert tensors["parts.0.parameter_at"].tolist() == [part["parameter"]["cell"]["at"] for part in told["parts"]]
    assert same([part["contribution"] for part in told["parts"]], tensors["parts.0.contribution"])
    assert same(told["gradients"]["inputs"], tensors["gradients.inputs"])
    mask = tensors["reach.inputs"]
    box = next(each for each in told["reach"] if each["tensor"] == "inputs")["box"]
    assert mask.dtype == torch.bool
    assert bool(mask[tuple(slice(*side) for side in box)].all())
    assert int(mask.sum()) == 2 * 3


@pytest.mark.parametrize("cell", [PIXEL, WEIGHT, {"tensor": "layers.3.biases", "at": [1]}])
def test_a_sweep_of_any_cell(client: TestClient, cell: dict[str, Any]) -> None:
    asked = {**ASKED, "vary": cell, "from": -2, "to": 2, "steps": 5}
    told = answer(client, "sweep", asked)
    names = ["layers.1.activations", "layers.3.pre_activations"]
    named = answer(client, "sweep", {**asked, "return": names})
    traced = answer(client, "sweep", {**asked, "return": "trace"})
    assert told["values"] == named["values"] == [-2, -1, 0, 1, 2]
    assert "outputs" not in named
    for k, value in enumerate(told["values"]):
        document: dict[str, Any] = json.loads(json.dumps(ASKED))
        if cell["tensor"] == "inputs":
            document["inputs"][0][1][2] = value
        elif cell["tensor"] == "layers.0.weights":
            document["layers"][0]["weights"][1][0][2][2] = value
        else:
            document["layers"][3]["biases"][1] = value
        expected = forward(network_from_document(document), torch.tensor(document["inputs"]))
        assert told["outputs"][k] == pytest.approx(expected["layers.3.activations"].tolist(), abs=1e-6)
        for name in names:
            flat = np.array(named["tensors"][name][k]).ravel()
            assert flat == pytest.approx(expected[name].numpy().ravel(), abs=1e-5)
        assert [layer["kind"] for layer in traced["layers"]] == ["conv2d", "max_pool2d", "flatten", "dense"]
        maps = np.array(traced["layers"][0]["activations"][k])
        assert maps.ravel() == pytest.approx(expected["layers.0.activations"].numpy().ravel(), abs=1e-5)


def test_the_value_that_stands_gives_the_very_pass(client: TestClient) -> None:
    standing = PICTURE[0, 1, 2].item()
    asked = {**ASKED, "vary": PIXEL, "from": standing, "to": standing + 1, "steps": 2}
    assert same(answer(client, "sweep", asked)["outputs"][0], forward(NETWORK, PICTURE)["layers.3.activations"])


def test_a_plane_over_two_cells(client: TestClient) -> None:
    sides = {"x": {"cell": PIXEL, "from": -1, "to": 1}, "y": {"cell": WEIGHT, "from": 0, "to": 2}}
    told = answer(client, "grid", {**ASKED, **sides, "steps": 3})
    assert told["x"] == {"cell": PIXEL, "values": [-1, 0, 1]}
    outputs = np.array(told["outputs"])
    assert outputs.shape == (3, 3, 3)
    document: dict[str, Any] = json.loads(json.dumps(ASKED))
    document["inputs"][0][1][2], document["layers"][0]["weights"][1][0][2][2] = 1.0, 0.0
    expected = forward(network_from_document(document), torch.tensor(document["inputs"]))
    assert outputs[:, 0, 2] == pytest.approx(expected["layers.3.activations"].numpy(), abs=1e-6)
    named = answer(client, "grid", {**ASKED, **sides, "steps": 3, "return": ["layers.0.activations"]})
    assert np.array(named["tensors"]["layers.0.activations"]).shape == (2, 4, 4, 3, 3)


SWEEP = {**ASKED, "vary": PIXEL, "from": 0, "to": 1, "steps": 3}
GRID = {**ASKED, "x": {"cell": PIXEL, "from": 0, "to": 1}, "y": {"cell": WEIGHT, "from": 0, "to": 1}, "steps": 3}
TOKENS: dict[str, Any] = {
    "input": {"shape": [2], "dtype": "int64"},
    "layers": [{"kind": "embedding", "weights": [[0.5], [1.0], [2.0]]}],
    "inputs": [0, 2],
}


@pytest.mark.parametrize(
    ("path", "document", "status", "type_", "pointer"),
    [
        ("explain", ASKED, 422, "invalid-value", "/target"),
        ("explain", {**ASKED, "target": {"layer": 0, "neuron": 0}}, 422, "invalid-value", "/target"),
        ("explain", {**ASKED, "target": {**Z, "at": [1, 2]}}, 422, "shape-mismatch", "/target/at"),
        ("explain", {**ASKED, "target": {**Z, "at": [1, 4, 0]}}, 422, "out-of-range", "/target/at/1"),
        ("explain", {**ASKED, "target": {**Z, "at": [1, -1, 0]}}, 422, "out-of-range", "/target/at/1"),
        (
            "explain",
            {**ASKED, "target": {**Z, "tensor": "layers.9.activations"}},
            422,
            "unknown-layer",
            "/target/tensor",
        ),
        ("explain", {**ASKED, "target": WEIGHT}, 422, "out-of-range", "/target/tensor"),
        ("explain", {**ASKED, "target": {"tensor": "inputs"}}, 422, "missing-field", "/target/at"),
        ("explain", {**ASKED, "target": Z, "by": ["layers.1.activations"]}, 422, "out-of-range", "/by/0"),
        ("explain", {**ASKED, "target": Z, "by": ["inputs", "nope"]}, 422, "unknown-layer", "/by/1"),
        ("explain", {**ASKED, "target": Z, "inputs": [[[1.0, 2.0]]]}, 422, "shape-mismatch", "/inputs"),
        (
            "explain",
            {**TOKENS, "target": {"tensor": "layers.0.activations", "at": [0, 0]}, "by": ["inputs"]},
            422,
            "out-of-range",
            "/by/0",
        ),
        ("sweep", {**SWEEP, "vary": Z}, 422, "out-of-range", "/vary/tensor"),
        ("sweep", {**SWEEP, "vary": {"layer": 0, "weight": [0, 0]}}, 422, "shape-mismatch", "/vary"),
        ("sweep", {**SWEEP, "vary": {"layer": 4, "weight": [0, 0]}}, 422, "out-of-range", "/vary/layer"),
        ("sweep", {**SWEEP, "vary": {"input": 0}}, 422, "shape-mismatch", "/vary"),
        ("sweep", {**SWEEP, "return": ["outputs"]}, 422, "unknown-layer", "/return/0"),
        ("sweep", {**SWEEP, "steps": 2000}, 413, "too-large", "/steps"),
        (
            "sweep",
            {**TOKENS, "vary": {"tensor": "inputs", "at": [0]}, "from": 0, "to": 1, "steps": 3},
            422,
            "out-of-range",
            "/steps",
        ),
        ("grid", {**GRID, "y": GRID["x"]}, 422, "out-of-range", "/y/cell"),
        ("grid", {**GRID, "y": {"cell": Z, "from": 0, "to": 1}}, 422, "out-of-range", "/y/cell/tensor"),
        ("grid", {**GRID, "y": {"cell": PIXEL, "input": 1, "from": 0, "to": 1}}, 422, "invalid-value", "/y/cell"),
        ("grid", {**GRID, "y": {"from": 0, "to": 1}}, 422, "missing-field", "/y/input"),
        ("grid", {**GRID, "x": {"cell": PIXEL, "from": 0, "to": 1e39}}, 422, "out-of-range", "/x/to"),
    ],
)
@pytest.mark.parametrize("language", ["en", "es"])
def test_refusals(
    client: TestClient, path: str, document: dict[str, Any], status: int, type_: str, pointer: str, language: str
) -> None:
    response = client.post(f"/api/v1/{path}", json=document, headers={"Accept-Language": language})
    assert response.status_code == status, response.text
    told = response.json()
    assert told["type"] == f"/problems/{type_}"
    assert told["errors"][0]["pointer"] == pointer, told
    assert "{" not in told["errors"][0]["detail"].replace('{"tensor"', "")
    if status == 413:
        assert grouped(told["errors"][0]["limit"]) in told["detail"]


def test_a_number_of_too_many_parts_is_refused_before_it_is_taken_apart(client: TestClient) -> None:
    layers = [{"kind": "sum"}]
    asked = {"input": {"shape": [1500]}, "layers": layers, "inputs": [1.0] * 1500}
    response = client.post(
        "/api/v1/explain", json={**asked, "target": {"tensor": "layers.0.activations", "at": []}, "gradients": False}
    )
    told = response.json()["errors"][0]
    assert (response.status_code, told["pointer"], told["setting"]) == (413, "/target", "ADELANTE_MAX_LISTED_VALUES")


def test_a_sweep_of_token_ids_reads_other_rows(client: TestClient) -> None:
    asked = {**TOKENS, "vary": {"tensor": "inputs", "at": [1]}, "from": 0, "to": 2, "steps": 3}
    told = answer(client, "sweep", asked)
    assert told["values"] == [0, 1, 2]
    assert told["outputs"] == [[[0.5], [0.5]], [[0.5], [1.0]], [[0.5], [2.0]]]


def test_where_a_number_that_is_not_finite_arose(client: TestClient) -> None:
    asked: dict[str, Any] = {
        "input": {"shape": [2]},
        "layers": [{"kind": "exp"}, {"weights": [[0.0], [1.0]], "biases": [0.0]}, {"kind": "tanh"}],
        "inputs": [1000.0, 1.0],
        "gradients": False,
    }
    told = answer(client, "explain", {**asked, "target": {"tensor": "layers.2.activations", "at": [0]}})
    infinite = {"cell": {"tensor": "layers.0.activations", "at": [0]}, "value": "Infinity", "cause": "function"}
    assert told["arises"] == [
        {
            "cell": {"tensor": "layers.1.activations", "at": [0]},
            "value": "NaN",
            "cause": "product",
            "numbers": ["Infinity", 0.0],
        },
        {**infinite, "numbers": [1000.0], "formula": "exp(x)"},
    ]
    # The same with all of the trace at hand, and of a finite number nothing.
    reached = {"target": {"tensor": "layers.2.activations", "at": [0]}, "reach": True}
    assert answer(client, "explain", {**asked, **reached})["arises"] == told["arises"]
    finite = answer(client, "explain", {**asked, "target": {"tensor": "layers.0.activations", "at": [1]}})
    assert "arises" not in finite


def test_every_cause_is_described() -> None:
    assert tuple(CAUSES) == get_args(Cause)
