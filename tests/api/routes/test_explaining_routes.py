"""explain, sweep, grid and random over HTTP: the domain's numbers, to float32's digits, and every refusal."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from starlette.testclient import TestClient

from adelante.locale.numbers import grouped
from adelante.network.dense.explain import explain_layer, gradients
from adelante.network.dense.responses import Axis, VaryBias, VaryInput, VaryWeight, grid, spread, sweep
from adelante.network.forward import forward
from adelante.network.presets import chain_named, preset_named
from app.main import create_app
from app.settings import Settings

PRESET = chain_named("multilayer")
INPUTS = [float(f"{x:.9g}") for x in PRESET.inputs.tolist()]
ASKED: dict[str, Any] = {"network": "multilayer", "inputs": INPUTS}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(Settings(max_listed_values=1000, max_derived_values=2000))) as client:
        yield client


def answer(client: TestClient, path: str, document: dict[str, Any]) -> Any:
    response = client.post(f"/api/v1/{path}", json=document)
    assert response.status_code == 200, response.text
    assert {part.split(";")[0] for part in response.headers["server-timing"].split(", ")} == {
        "decode",
        "compute",
        "encode",
    }
    return response.json()


def same(listed: Any, tensor: torch.Tensor) -> bool:
    """Whether JSON's numbers are exactly the tensor's."""
    return np.array_equal(np.array(listed, dtype=np.float32), tensor.numpy())


def test_explain_tells_all_neurons_and_all_gradients(client: TestClient) -> None:
    told = answer(client, "explain", ASKED)
    trace = forward(PRESET.network, PRESET.inputs)
    assert [(each["layer"], each["neuron"]) for each in told["neurons"]] == [(0, 0), (0, 1), (1, 0)]
    for each in told["neurons"]:
        k, j = each["layer"], each["neuron"]
        expected = explain_layer(PRESET.network, trace, k, j)
        assert same([each["z"], each["a"]], torch.stack((trace.pre_activations[k][j], trace.activations[k][j])))
        assert same([each["bias"], each["derivative"]], torch.cat((expected.biases, expected.derivatives)))
        assert [term["from"] for term in each["terms"]] == list(range(len(expected.values)))
        assert same([term["value"] for term in each["terms"]], expected.values)
        assert same([term["weight"] for term in each["terms"]], expected.weights[:, 0])
        assert same([term["contribution"] for term in each["terms"]], expected.contributions[:, 0])
    found = gradients(PRESET.network, PRESET.inputs)
    assert same(told["gradients"]["inputs"], found.inputs)
    for layer, weights, biases in zip(told["gradients"]["layers"], found.weights, found.biases, strict=True):
        assert same(layer["weights"], weights)
        assert same(layer["biases"], biases)
    assert (told["dtype"], told["device"], told["non_finite"]) == ("float32", "cpu", [])


def test_explain_one_neuron_without_gradients(client: TestClient) -> None:
    told = answer(client, "explain", {**ASKED, "target": {"layer": 1, "neuron": 0}, "gradients": False})
    assert [(each["layer"], each["neuron"], each["name"]) for each in told["neurons"]] == [(1, 0, "output")]
    assert "gradients" not in told


@pytest.mark.parametrize("activation", ["softmax", "log_softmax"])
@pytest.mark.parametrize("target", [None, {"layer": 1, "neuron": 2}])
@pytest.mark.parametrize("inputs", [[0.5, -1.0], [300.0, -200.0]])
def test_explain_tells_what_a_softmax_is_made_of(
    client: TestClient, activation: str, target: dict[str, int] | None, inputs: list[float]
) -> None:
    """As the live watch does: e^z, their sum and its logarithm; the largest z is taken off where e^z is too large."""
    hidden = "tanh" if inputs[0] == 0.5 else "identity"
    layers = [
        {"weights": [[1.0, 0.5], [0.25, -1.0]], "biases": [0.0, 0.5], "activation": hidden},
        {"weights": [[1.0, 0.0, -1.0], [0.5, 2.0, 0.0]], "biases": [0.1, 0.2, 0.3], "activation": activation},
    ]
    document = {"layers": layers, "inputs": inputs, "gradients": False, **({"target": target} if target else {})}
    told = answer(client, "explain", document)
    z = torch.tensor(answer(client, "forward", {"layers": layers, "inputs": inputs})["layers"][1]["pre_activations"])
    (found,) = told["shares"]
    assert found["layer"] == 1
    exponentials = torch.exp(z - found["subtracted"])
    assert found["subtracted"] == pytest.approx(0 if inputs[0] == 0.5 else float(z.max()))
    torch.testing.assert_close(torch.tensor(found["exponentials"]), exponentials)
    torch.testing.assert_close(torch.tensor(found["total"]), exponentials.sum())
    torch.testing.assert_close(torch.tensor(found["shares"]), torch.softmax(z, 0))
    torch.testing.assert_close(torch.tensor(found["log_total"]), torch.logsumexp(z, 0))


def test_explain_of_other_functions_has_no_shares(client: TestClient) -> None:
    assert "shares" not in answer(client, "explain", ASKED)


def test_explain_takes_the_notebooks_row_of_features(client: TestClient) -> None:
    assert answer(client, "explain", {**ASKED, "inputs": [INPUTS]}) == answer(client, "explain", ASKED)


def test_what_is_not_finite_is_null_and_listed(client: TestClient) -> None:
    layers = [{"weights": [[1e38]]}, {"weights": [[10]], "activation": "tanh"}]
    told = answer(client, "explain", {"layers": layers, "inputs": [100]})
    assert told["neurons"][0]["z"] is None
    assert told["neurons"][1]["a"] == 1.0
    listed = {each["pointer"]: each["value"] for each in told["non_finite"]}
    assert listed["/neurons/0/z"] == listed["/neurons/0/terms/0/contribution"] == "Infinity"
    assert listed["/gradients/layers/1/weights/0/0/0"] == "NaN"


@pytest.mark.parametrize(
    ("document", "vary"),
    [
        ({"input": 2}, VaryInput(2)),
        ({"layer": 0, "weight": [2, 1]}, VaryWeight(0, 2, 1)),
        ({"layer": 1, "bias": 0}, VaryBias(1, 0)),
    ],
)
def test_sweep(client: TestClient, document: dict[str, Any], vary: Any) -> None:
    told = answer(client, "sweep", {**ASKED, "vary": document, "from": -3, "to": 2.5, "steps": 9, "return": "trace"})
    expected = sweep(PRESET.network, PRESET.inputs, vary, spread(-3, 2.5, 9, PRESET.inputs))
    assert same(told["values"], expected.values)
    assert same(told["outputs"], expected.outputs)
    assert [layer["name"] for layer in told["layers"]] == ["hidden", "output"]
    for layer, activations in zip(told["layers"], expected.activations, strict=True):
        assert same(layer["activations"], activations)
    short = answer(client, "sweep", {**ASKED, "vary": document, "from": -3, "to": 2.5, "steps": 9})
    assert "layers" not in short
    assert short["outputs"] == told["outputs"]


def test_grid(client: TestClient) -> None:
    x, y = {"input": 0, "from": -3, "to": 3}, {"input": 2, "from": 0, "to": 1}
    told = answer(client, "grid", {**ASKED, "x": x, "y": y, "steps": 5})
    expected = grid(PRESET.network, PRESET.inputs, Axis(0, -3, 3), Axis(2, 0, 1), 5)
    assert told["x"] == {"input": 0, "values": [-3, -1.5, 0, 1.5, 3]}
    assert told["y"] == {"input": 2, "values": [0, 0.25, 0.5, 0.75, 1]}
    for layer, activations in zip(told["layers"], expected.activations, strict=True):
        assert same(layer["activations"], activations)


def test_random_gives_what_forward_takes_and_the_notebooks_output(client: TestClient) -> None:
    drawn = answer(client, "random", {"sizes": [3, 2, 1], "seed": 7, "order": "weights-first", "inputs": True})
    assert same(drawn["inputs"], PRESET.inputs)
    told = client.post("/api/v1/forward", json={"layers": drawn["layers"], "inputs": drawn["inputs"]}).json()
    assert round(told["outputs"][0], 8) == 0.31708315
    each = answer(client, "random", {"sizes": [3, 2, 1], "seed": 7, "activation": ["relu", "tanh"]})
    assert [layer["activation"] for layer in each["layers"]] == ["relu", "tanh"]
    assert "inputs" not in each


@pytest.mark.parametrize("dtype", ["float64", "bfloat16", "float16"])
def test_other_precisions(client: TestClient, dtype: str) -> None:
    asked = {**ASKED, "dtype": dtype}
    vary = {"vary": {"input": 0}, "from": -1, "to": 1, "steps": 3}
    sides = {"x": {"input": 0, "from": -1, "to": 1}, "y": {"input": 1, "from": -1, "to": 1}, "steps": 3}
    for path, more in (("explain", {}), ("sweep", vary), ("grid", sides)):
        assert answer(client, path, {**asked, **more})["dtype"] == dtype


SWEEP = {**ASKED, "vary": {"input": 0}, "from": 0, "to": 1, "steps": 3}
GRID = {**ASKED, "x": {"input": 0, "from": 0, "to": 1}, "y": {"input": 1, "from": 0, "to": 1}, "steps": 3}
RANDOM = {"sizes": [3, 2], "seed": 1}
WIDE = {"layers": [{"weights": [[0.5] * 30] * 40}], "inputs": [1] * 40}


@pytest.mark.parametrize(
    ("path", "document", "status", "type_", "pointer"),
    [
        ("explain", {**ASKED, "inputs": [1, 2]}, 422, "shape-mismatch", "/inputs"),
        ("explain", {**ASKED, "inputs": [INPUTS, INPUTS]}, 422, "shape-mismatch", "/inputs"),
        ("explain", {**ASKED, "target": {"layer": 2, "neuron": 0}}, 422, "out-of-range", "/target/layer"),
        ("explain", {**ASKED, "target": {"layer": 0, "neuron": 2}}, 422, "out-of-range", "/target/neuron"),
        ("explain", {**ASKED, "target": {"layer": -1, "neuron": 0}}, 422, "out-of-range", "/target/layer"),
        ("explain", {**ASKED, "target": {"layer": True, "neuron": 0}}, 422, "invalid-value", "/target/layer"),
        ("explain", {**ASKED, "extra": 1}, 422, "unknown-field", "/extra"),
        ("explain", WIDE, 413, "too-large", "/target"),
        ("explain", {**WIDE, "target": {"layer": 0, "neuron": 3}}, 413, "too-large", "/gradients"),
        ("sweep", {**SWEEP, "vary": {"input": 3}}, 422, "out-of-range", "/vary/input"),
        ("sweep", {**SWEEP, "vary": {"layer": 0, "weight": [0, 5]}}, 422, "out-of-range", "/vary/weight/1"),
        ("sweep", {**SWEEP, "vary": {"layer": 0, "weight": [0]}}, 422, "invalid-value", "/vary/weight"),
        ("sweep", {**SWEEP, "vary": {"layer": 0, "bias": 1, "input": 0}}, 422, "unknown-field", "/vary/input"),
        ("sweep", {**SWEEP, "vary": {}}, 422, "missing-field", "/vary/input"),
        ("sweep", {**SWEEP, "steps": 1}, 422, "out-of-range", "/steps"),
        ("sweep", {**SWEEP, "steps": 4097}, 413, "too-large", "/steps"),
        ("sweep", {**SWEEP, "steps": 600}, 413, "too-large", "/steps"),
        ("sweep", {**SWEEP, "from": 1e39}, 422, "out-of-range", "/from"),
        ("sweep", {**SWEEP, "to": -1e5, "dtype": "float16"}, 422, "out-of-range", "/to"),
        ("sweep", {**SWEEP, "device": "cuda:99"}, 422, "unsupported-device", "/device"),
        ("grid", {**GRID, "y": GRID["x"]}, 422, "out-of-range", "/y/input"),
        ("grid", {**GRID, "y": {"input": 7, "from": 0, "to": 1}}, 422, "out-of-range", "/y/input"),
        ("grid", {**GRID, "steps": 513}, 413, "too-large", "/steps"),
        ("grid", {**GRID, "steps": 100}, 413, "too-large", "/steps"),
        ("grid", {**GRID, "x": {"input": 0, "from": "0", "to": 1}}, 422, "invalid-value", "/x/from"),
        ("random", {**RANDOM, "sizes": [3]}, 422, "empty", "/sizes"),
        ("random", {**RANDOM, "sizes": [3, -(10**30)]}, 422, "out-of-range", "/sizes/1"),
        ("random", {**RANDOM, "sizes": [3, 10**15]}, 413, "too-large", "/sizes"),
        ("random", {**RANDOM, "sizes": [10**15]}, 413, "too-large", "/sizes"),
        ("random", {**RANDOM, "sizes": [1] * 5000}, 413, "too-large", "/sizes"),
        ("random", {**RANDOM, "seed": -1}, 422, "out-of-range", "/seed"),
        ("random", {**RANDOM, "seed": 2**64}, 422, "out-of-range", "/seed"),
        ("random", {**RANDOM, "activation": "sigmoide"}, 422, "unknown-activation", "/activation"),
        ("random", {**RANDOM, "activation": []}, 422, "empty", "/activation"),
        ("random", {**RANDOM, "activation": ["relu", "relu"]}, 422, "shape-mismatch", "/activation"),
        ("random", {**RANDOM, "dtype": "int8"}, 422, "unsupported-dtype", "/dtype"),
    ],
)
@pytest.mark.parametrize("language", ["en", "es"])
def test_refusals(
    client: TestClient, path: str, document: dict[str, Any], status: int, type_: str, pointer: str, language: str
) -> None:
    response = client.post(f"/api/v1/{path}", json=document, headers={"Accept-Language": language})
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    told = response.json()
    assert told["type"] == f"/problems/{type_}"
    assert told["errors"][0]["pointer"] == pointer
    assert "{" not in told["detail"]
    if status == 413:
        assert told["errors"][0]["setting"].startswith("ADELANTE_MAX_")
        assert grouped(told["errors"][0]["limit"]) in told["detail"]


@pytest.mark.parametrize(
    ("language", "names", "says"), [("en", ["humidity", "pressure change"], "rain"), ("es", None, "lluvia")]
)
def test_explain_says_what_a_presets_numbers_are_called(
    client: TestClient, language: str, names: list[str] | None, says: str
) -> None:
    headers = {"Accept-Language": language}
    asked = {"network": "rain", "inputs": [95, -4]}
    preset = client.get("/api/v1/presets/rain", headers=headers).json()
    keys = ("input_names", "input_units", "output_names", "class_names")
    wanted = {**{key: preset[key] for key in keys}, "says": says}
    answered = client.post("/api/v1/explain", json=asked, headers=headers)
    assert answered.headers["vary"].startswith("Accept, Accept-Language")
    assert answered.json()["called"] == wanted
    assert preset["input_units"] == ["%", "hPa"]
    assert names is None or preset["input_names"] == names
    cells = {
        ("layers.1.activations", 0): says,
        ("layers.1.pre_activations", 0): says,
        ("layers.0.activations", 2): None,
    }
    for (tensor, at), name in cells.items():
        cell = {**asked, "target": {"tensor": tensor, "at": [at]}}
        assert client.post("/api/v1/explain", json=cell, headers=headers).json()["called"] == {"name": name, **wanted}
    # A network without names of its own has none, and neither have the notebook's letters.
    own = {"layers": preset["layers"], "inputs": [95, -4]}
    assert "called" not in client.post("/api/v1/explain", json=own).json()
    assert "called" not in answer(client, "explain", ASKED)


@pytest.mark.parametrize("name", ["iris", "digits"])
def test_explain_says_the_strongest_class(client: TestClient, name: str) -> None:
    preset = preset_named(name)
    sample = preset.samples[2]
    tensor = preset.network.outputs[0]
    asked = {"network": name, "inputs": sample.inputs.tolist(), "target": {"tensor": tensor, "at": [2]}}
    called = answer(client, "explain", asked)["called"]
    assert (called["name"], called["says"]) == (preset.class_names[2], sample.name)
    # A picture's pixels have no names of their own.
    assert called["input_units"] == (["cm"] * 4 if name == "iris" else [])
