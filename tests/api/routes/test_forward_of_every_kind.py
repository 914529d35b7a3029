"""POST /api/v1/forward of networks of every kind: torch's own numbers, however they are sent, named and asked for."""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from starlette.testclient import TestClient
from torch import Tensor

import adelante
from adelante.formats.description import description_of
from adelante.formats.json import document_of, network_from_document
from adelante.formats.safetensors import network_to_safetensors
from adelante.formats.tensors import tensors_from_safetensors, tensors_to_safetensors
from adelante.network.errors import NetworkError
from adelante.network.forward import Trace
from adelante.network.network import Network
from app.api.openapi.examples import picture_example
from app.main import create_app
from app.settings import Settings
from tests.adelante.formats.test_json_kinds import drawn, pictures, plain, traced

FORWARD = "/api/v1/forward"
FILE = {"Content-Type": "application/vnd.safetensors"}


@pytest.fixture(scope="module")
def server() -> Iterator[TestClient]:
    with TestClient(create_app(Settings())) as client:
        yield client


def asked(server: TestClient, document: Any, **headers: str) -> Any:
    answer = server.post(FORWARD, json=document, headers=headers)
    assert answer.is_success, answer.text
    return answer.json()


def error_of(server: TestClient, document: Any, status: int = 422) -> Any:
    answer = server.post(FORWARD, json=document)
    assert answer.status_code == status, answer.text
    return {**answer.json()["errors"][0], "type": answer.json()["type"]}


def inputs_of(network: Network, batch: int | None) -> dict[str, Tensor]:
    torch.manual_seed(7)
    before = () if batch is None else (batch,)
    return {
        each.name: torch.randn(*before, *each.shape)
        if each.dtype.is_floating_point
        else torch.randint(9, (*before, *each.shape))
        for each in network.inputs
    }


def sent(inputs: dict[str, Tensor]) -> Any:
    """Inputs as a request has them."""
    if len(inputs) == 1:
        return next(iter(inputs.values())).tolist()
    return {name.removeprefix("inputs."): value.tolist() for name, value in inputs.items()}


def same(found: Any, wanted: Tensor) -> None:
    got, expected = torch.from_numpy(np.array(found, dtype="f8")), wanted.double()
    expected = torch.where(expected.isfinite(), expected, torch.nan)
    torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-6, equal_nan=True)


def holds(answer: Any, trace: Trace) -> None:
    """Whether every layer of an answer is that of the trace."""
    network = trace.network
    assert [each["kind"] for each in answer["layers"]] == [each.kind for each in network.layers]
    for each, layer in zip(answer["layers"], network.layers, strict=True):
        same(each["activations"], trace[layer.nodes[-1]])
        assert each["name"] == layer.name
        if len(layer.nodes) == 2 or layer.kind == "dense":
            same(each["pre_activations"], trace[layer.nodes[0]])
        else:
            assert "pre_activations" not in each


NAMES = ["digits", "words", "twins", "one", "encoder", "masked", "lstm"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("batch", [None, 1, 3])
def test_every_layer_is_torchs_own_inline_and_named(server: TestClient, name: str, batch: int | None) -> None:
    network = traced(name)
    if network.batch != "any" and batch == 3:
        batch = 1
    if network.batch == "none":
        batch = None
    inputs = inputs_of(network, batch)
    trace = adelante.forward(network, inputs)
    inline = {**plain(document_of(network)), "inputs": sent(inputs)}
    inline.pop("dtype")
    answer = asked(server, inline)
    holds(answer, trace)
    if len(network.outputs) == 1:
        same(answer["outputs"], trace[network.outputs[0]])
    else:
        for label, found in zip(answer["outputs"].values(), network.outputs, strict=True):
            same(label, trace[found])
    id = server.post("/api/v1/networks", content=network_to_safetensors(network), headers=FILE).json()["id"]
    named = asked(server, {"network": id, "inputs": sent(inputs)})
    holds(named, trace)
    assert named["non_finite"] == answer["non_finite"]


def test_outputs_alone_and_tensors_by_name(server: TestClient) -> None:
    document = {**pictures(), "inputs": drawn(1, 28, 28)}
    whole = asked(server, document)
    assert list(asked(server, {**document, "return": "outputs"})) == ["outputs", "dtype", "device", "non_finite"]
    some = asked(server, {**document, "return": ["layers.5.activations", "layers.0.pre_activations"]})
    assert some["outputs"] == whole["outputs"]
    assert [(each["index"], each["kind"], sorted(each)[-1]) for each in some["layers"]] == [
        (0, "conv2d", "pre_activations"),
        (5, "dense", "name"),
    ]
    assert some["layers"][0]["pre_activations"] == whole["layers"][0]["pre_activations"]
    assert some["layers"][1]["activations"] == whole["layers"][5]["activations"]
    error = error_of(server, {**document, "return": ["layers.9.activations"]})
    assert (error["type"], error["pointer"]) == ("/problems/unknown-layer", "/return/0")
    error = error_of(server, {**document, "return": ["inputs"]})
    assert error["pointer"] == "/return/0"


def test_each_of_several_outputs_has_a_name_of_its_own(server: TestClient) -> None:
    """One that is handed out twice is told twice, in JSON, in a file and in the inference protocol."""
    layers = [{"kind": "relu", "name": "hidden"}, {"kind": "neg", "name": "scores"}]
    document = {"input": {"shape": [2]}, "layers": layers, "outputs": ["hidden", "scores", "hidden"]}
    wanted = {"hidden": [0, 2], "scores": [0, -2], "hidden.1": [0, 2]}
    assert asked(server, {**document, "inputs": [-1, 2]})["outputs"] == wanted
    kept = server.post("/api/v1/networks", json=document).json()
    assert [each["name"] for each in kept["outputs"]] == list(wanted)
    file = tensors_to_safetensors({"inputs": torch.tensor([-1.0, 2.0])}, {"network": kept["id"], "return": "outputs"})
    tensors, _ = tensors_from_safetensors(server.post(FORWARD, content=file, headers=FILE).content)
    assert {name: value.tolist() for name, value in tensors.items()} == {
        f"outputs.{name}": values for name, values in wanted.items()
    }
    model = f"/v2/models/{kept['id']}"
    assert [each["name"] for each in server.get(model).json()["outputs"]][:3] == list(wanted)
    given = {"name": "inputs", "datatype": "FP32", "shape": [1, 2], "data": [-1, 2]}
    told = server.post(f"{model}/infer", json={"inputs": [given]}).json()["outputs"]
    assert {each["name"]: each["data"] for each in told} == wanted


def test_a_chain_of_dense_layers_also_tells_tensors_by_name(server: TestClient) -> None:
    document = {"network": "multilayer", "inputs": [0.5, -1, 2]}
    whole = asked(server, document)
    some = asked(server, {**document, "return": ["layers.1.activations", "layers.0.activations"]})
    assert [each["index"] for each in some["layers"]] == [0, 1]
    assert [each["activations"] for each in some["layers"]] == [each["activations"] for each in whole["layers"]]
    assert "kind" not in whole["layers"][0]


@pytest.mark.parametrize("dtype", ["float64", "bfloat16", "float16"])
def test_other_precisions(server: TestClient, dtype: str) -> None:
    document = {**picture_example(), "inputs": [drawn(1, 4, 4)], "dtype": dtype}
    answer = asked(server, document)
    assert answer["dtype"] == dtype
    network = network_from_document(picture_example(), getattr(torch, dtype))
    x = torch.tensor(document["inputs"], dtype=getattr(torch, dtype))
    found = torch.tensor(answer["outputs"], dtype=torch.float64)
    expected = adelante.forward(network, x)[network.outputs[0]].double()
    torch.testing.assert_close(found, expected, rtol=1e-12 if dtype == "float64" else 1e-2, atol=1e-12)
    kept = server.post("/api/v1/networks", json=picture_example()).json()["id"]
    assert asked(server, {"network": kept, "inputs": document["inputs"], "dtype": dtype}) == answer


def test_what_is_not_finite_is_null_and_listed(server: TestClient) -> None:
    document = {"input": {"shape": [2, 2]}, "layers": [{"kind": "log"}, {"kind": "sum", "dim": 1}],
                "inputs": [[1, 0], [-1, 1]]}  # fmt: skip
    answer = asked(server, document)
    assert answer["layers"][0]["activations"] == [[0, None], [None, 0]]
    assert {"pointer": "/layers/0/activations/0/1", "value": "-Infinity"} in answer["non_finite"]
    assert {"pointer": "/layers/0/activations/1/0", "value": "NaN"} in answer["non_finite"]
    assert {"pointer": "/outputs/1", "value": "-Infinity"} in answer["non_finite"]


@pytest.mark.parametrize(
    ("inputs", "type", "pointer", "key"),
    [
        ([[1, 2]], "shape-mismatch", "/inputs", "got"),
        ([[[[1, 2], [3]]]], "ragged-array", "/inputs/0/0/1", "got"),
        ([[["x"]]], "not-a-number", "/inputs/0/0/0", "detail"),
        ({"a": 1}, "invalid-value", "/inputs", "expected"),
        ([], "empty", "/inputs", "detail"),
    ],
)
def test_inputs_that_do_not_fit(server: TestClient, inputs: Any, type: str, pointer: str, key: str) -> None:
    error = error_of(server, {**picture_example(), "inputs": inputs})
    assert (error["type"], error["pointer"]) == (f"/problems/{type}", pointer)
    assert key in error


IDS: dict[str, Any] = {
    "input": {"shape": [3], "dtype": "int64"},
    "layers": [{"kind": "embedding", "weights": drawn(5, 2), "name": "words"}, {"kind": "flatten"}],
}


def test_whole_numbers(server: TestClient) -> None:
    answer = asked(server, {**IDS, "inputs": [[0, 4.0, 2]]})
    same(answer["layers"][0]["activations"], torch.tensor(IDS["layers"][0]["weights"])[[0, 4, 2]].unsqueeze(0))
    assert error_of(server, {**IDS, "inputs": [0, 0.5, 1]})["pointer"] == "/inputs/1"
    error = error_of(server, {**IDS, "inputs": [0, 5, 1]})
    assert (error["type"], error["pointer"]) == ("/problems/out-of-range", "/layers/0")
    assert "words" in error["detail"]
    assert "index out of range" in error["torch"]


def test_limits_are_told_before_memory_is_spent(server: TestClient) -> None:
    """What would be made has 10^12 numbers."""
    one = {"input": {"shape": [2]}, "inputs": [1, 2]}
    for layer in (
        {"kind": "expand", "size": [10**12, -1, -1]},
        {"kind": "repeat", "repeats": [1, 10**12]},
        {"kind": "pad", "pad": [0, 10**12]},
        {"kind": "full", "size": [10**6, 10**6], "fill_value": 0},
        {"kind": "arange", "start": 0, "end": 10**12},
        {"kind": "repeat_interleave", "repeats": 10**12, "dim": 1},
    ):
        error = error_of(server, {**one, "layers": [layer]}, 413)
        assert error["setting"] == "ADELANTE_MAX_ACTIVATIONS"
    doubling = [{"kind": "cat", "dim": 1, "inputs": [f"layers.{k - 1}.activations"] * 2} for k in range(1, 70)]
    error = error_of(server, {**one, "layers": [{"kind": "relu"}, *doubling]})
    assert error["type"] == "/problems/shape-mismatch"
    error = error_of(server, {**one, "layers": [{"kind": "relu"}, *doubling[:40]]}, 413)
    assert error["setting"] == "ADELANTE_MAX_ACTIVATIONS"
    slow = {"kind": "avg_pool1d", "kernel_size": 10**5, "stride": 1, "padding": 5 * 10**4}
    long = {"input": {"shape": [1, 10**6]}, "inputs": [[0.0] * 10**6], "layers": [slow], "return": "outputs"}
    assert error_of(server, long, 413)["setting"] == "ADELANTE_MAX_PASS_SECONDS"


# As files.


def test_as_a_file_inline_and_named(server: TestClient) -> None:
    network = traced("twins")
    inputs = inputs_of(network, 2)
    trace = adelante.forward(network, inputs)
    whole = tensors_to_safetensors({**network.parameters, **inputs}, {"adelante": description_of(network)})
    id = server.post("/api/v1/networks", content=network_to_safetensors(network), headers=FILE).json()["id"]
    for body in (whole, tensors_to_safetensors(inputs, {"network": id})):
        answer = server.post(FORWARD, content=body, headers=FILE)
        assert answer.is_success, answer.text
        tensors, metadata = tensors_from_safetensors(answer.content)
        for node in network.nodes:
            torch.testing.assert_close(tensors[node.name], trace[node.name], rtol=1e-6, atol=1e-6)
        assert metadata["layers.0.kind"] == network.layers[0].kind
        assert {name for name in tensors if name.startswith("outputs.")} == {f"outputs.{n}" for n in network.outputs}
    names = [node.name for node in network.nodes[:2]]
    some = server.post(FORWARD, content=tensors_to_safetensors(inputs, {"network": id, "return": ",".join(names)}),
                       headers=FILE)  # fmt: skip
    tensors, _ = tensors_from_safetensors(some.content)
    assert {name for name in tensors if name.startswith("layers")} == set(names)


def test_token_ids_as_a_file(server: TestClient) -> None:
    network = traced("words")
    inputs = inputs_of(network, 2)
    id = server.post("/api/v1/networks", content=network_to_safetensors(network), headers=FILE).json()["id"]
    body = tensors_to_safetensors(inputs, {"network": id, "return": "outputs"})
    tensors, _ = tensors_from_safetensors(server.post(FORWARD, content=body, headers=FILE).content)
    expected = adelante.forward(network, inputs)[network.outputs[0]]
    torch.testing.assert_close(tensors["outputs"], expected, rtol=1e-6, atol=1e-6)
    wrong = tensors_to_safetensors({"inputs": torch.ones(2, 6)}, {"network": id})
    assert server.post(FORWARD, content=wrong, headers=FILE).status_code == 422


def test_what_no_array_can_be_is_refused(server: TestClient) -> None:
    deep = {"input": {"shape": [2]}, "inputs": [1, 2], "layers": [{"kind": "unsqueeze", "dim": 1}] * 100}
    error = error_of(server, deep)
    assert (error["type"], error["limit"]) == ("/problems/shape-mismatch", 32)


def test_parsing_is_linear(server: TestClient) -> None:
    """Twice the layers, names and references take about twice the time, whatever is wrong with them."""

    def seconds(count: int) -> float:
        layers = [{"kind": "relu", "name": f"n{k}", "inputs": [f"n{(k + 1) % count}"]} for k in range(count)]
        document = {"input": {"shape": [2]}, "layers": layers}
        took = []
        for _ in range(3):
            began = time.perf_counter()
            with pytest.raises(NetworkError):
                network_from_document(document)
            took.append(time.perf_counter() - began)
        return min(took)

    assert seconds(40_000) < 40 * seconds(4000) + 0.05


def test_numbers_that_stand_alone(client: TestClient) -> None:
    layers = [
        {"name": "scaled", "kind": "mul", "other": 0.1},
        {"name": "mean", "kind": "mean"},
        {"name": "some", "kind": "log", "inputs": ["mean"]},
        {"name": "place", "kind": "argmax", "inputs": ["scaled"]},
        {"name": "is", "kind": "gt", "other": 0.0, "inputs": ["mean"]},
    ]
    body = {"input": {"shape": [2]}, "batch": "none", "layers": layers, "outputs": ["mean", "some", "place", "is"]}
    answer = client.post(FORWARD, json={**body, "inputs": [1.0, -1.0]})
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert document["outputs"] == {"mean": 0.0, "some": None, "place": 0, "is": False}
    assert {"pointer": "/outputs/some", "value": "-Infinity"} in document["non_finite"]
    assert document["layers"][1]["activations"] == 0.0
    # As many digits as an array's numbers have.
    assert '"mean":0.1,' in client.post(FORWARD, json={**body, "inputs": [1.0, 1.0]}).text
