"""POST /api/v1/networks/{id}/changes: other numbers, and another id."""

from typing import Any

import pytest
import torch
from starlette.testclient import TestClient

from app.compute.service import CHEAP_MULTIPLY_ADDS
from app.main import create_app
from app.settings import Settings
from tests import notebook
from tests.api.routes.costs import costs_told
from tests.api.routes.test_outline import GRAPH, URL


@pytest.fixture
def graph(client: TestClient) -> str:
    return str(client.post(URL, json=GRAPH).json()["id"])


def changed(client: TestClient, id: str, *changes: dict[str, Any]) -> Any:
    return client.post(f"{URL}/{id}/changes", json={"changes": list(changes)})


def test_numbers_and_whole_parameters(client: TestClient, graph: str) -> None:
    kernel = torch.arange(9.0).reshape(1, 1, 3, 3)
    whole = {"tensor": "layers.0.weights", "values": kernel.tolist()}
    cells = [
        {"cell": {"tensor": "layers.0.weights", "at": [0, 0, 1, 1]}, "value": -0.25},
        {"cell": {"tensor": "layers.3.biases", "at": [0]}, "value": 0.1},
    ]
    answer = changed(client, graph, whole, *cells)
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["location"] == f"{URL}/{made['id']}"
    assert made["id"] != graph
    layers = client.get(f"{URL}/{made['id']}").json()["layers"]
    kernel[0, 0, 1, 1] = -0.25
    assert layers[0]["weights"] == kernel.tolist()
    assert layers[3]["biases"] == pytest.approx([0.1])
    assert layers[3]["weights"] == [[1.0]] * 16
    # The same changes make the same network; what it was made of stays as it was.
    assert changed(client, graph, whole, *cells).status_code == 200
    assert client.get(f"{URL}/{graph}").json()["layers"][0]["weights"] == GRAPH["layers"][0]["weights"]


def test_of_a_chain_of_dense_layers(client: TestClient) -> None:
    id = client.post(URL, json={"layers": notebook.MULTILAYER["layers"]}).json()["id"]
    made = changed(client, id, {"cell": {"tensor": "layers.0.weights", "at": [2, 1]}, "value": 0.5}).json()
    layers = [dict(layer) for layer in notebook.MULTILAYER["layers"]]
    layers[0]["weights"] = [list(row) for row in layers[0]["weights"]]
    layers[0]["weights"][2][1] = 0.5
    # The very id that the network has when all of it is sent.
    assert made["id"] == client.post(URL, json={"layers": layers}).json()["id"]


@pytest.mark.parametrize(
    ("change", "status", "type", "pointer"),
    [
        ({"cell": {"tensor": "inputs", "at": [0, 0, 0]}, "value": 1}, 422, "out-of-range", "/changes/0/cell/tensor"),
        ({"cell": {"tensor": "layers.0.weights", "at": [0, 0, 3, 0]}, "value": 1}, 422, "out-of-range", None),
        ({"cell": {"tensor": "layers.9.weights", "at": [0]}, "value": 1}, 422, None, None),
        ({"cell": {"tensor": "layers.3.biases", "at": [0]}, "value": 1e39}, 422, "out-of-range", "/changes/0/value"),
        ({"tensor": "layers.3.biases", "values": [1, 2]}, 422, "shape-mismatch", "/changes/0/values"),
        ({"tensor": "layers.0.activations", "values": [1]}, 422, "out-of-range", "/changes/0/tensor"),
        ({"cell": {"tensor": "layers.3.biases", "at": [0]}}, 422, "missing-field", "/changes/0/value"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(
    client: TestClient, graph: str, change: dict[str, Any], status: int, type: str | None, pointer: str | None
) -> None:
    answer = changed(client, graph, change)
    document = answer.json()
    assert answer.status_code == status
    if type is not None:
        assert document["type"].endswith(f"/{type}")
    if pointer is not None:
        assert document["errors"][0]["pointer"] == pointer


def test_of_none(client: TestClient) -> None:
    change = {"cell": {"tensor": "layers.0.biases", "at": [0]}, "value": 1}
    assert changed(client, "0" * 64, change).status_code == 404
    assert changed(client, "none", change).status_code == 404


PICTURES: dict[str, Any] = {
    "input": {"shape": [1, 6, 6]},
    "layers": [
        {"name": "edges", "kind": "conv2d", "weights": [[[[0.5] * 3] * 3]] * 2, "padding": 1, "activation": "relu"},
        {"kind": "max_pool2d", "kernel_size": 2},
        {"kind": "flatten"},
        {"weights": [[1.0, 2.0]] * 18, "biases": [0.5, 0.25]},
    ],
}


@pytest.fixture
def pictures(client: TestClient) -> str:
    return str(client.post(URL, json=PICTURES).json()["id"])


def layers_of(client: TestClient, id: str) -> Any:
    return client.get(f"{URL}/{id}").json()["layers"]


def test_a_layer_is_added_as_torch_nn_would_draw_it(client: TestClient, pictures: str) -> None:
    change = {"add": {"kind": "conv2d", "out_channels": 3, "name": "again", "activation": "tanh"}, "after": 1}
    made = client.post(f"{URL}/{pictures}/changes", json={"changes": [change], "seed": 7}).json()
    torch.manual_seed(7)
    convolution, dense = torch.nn.Conv2d(2, 3, 3, padding=1), torch.nn.Linear(27, 2)
    layers = layers_of(client, made["id"])
    assert [layer["kind"] for layer in layers] == ["conv2d", "max_pool2d", "conv2d", "flatten", "dense"]
    assert (layers[2]["name"], layers[2]["activation"], layers[2]["padding"]) == ("again", "tanh", 1)
    assert torch.equal(torch.tensor(layers[2]["weights"]), convolution.weight)
    weights = torch.tensor(layers[4]["weights"])
    assert torch.equal(weights[18:], dense.weight.t()[18:])
    assert weights[:18].tolist() == [[1.0, 2.0]] * 18


def test_numbers_and_layers_in_one_request(client: TestClient, pictures: str) -> None:
    number = {"cell": {"tensor": "layers.3.biases", "at": [1]}, "value": 9}
    made = changed(
        client, pictures, {"remove": 1}, number, {"change": 0, "to": {"stride": 2, "activation": "identity"}}
    )
    layers = layers_of(client, made.json()["id"])
    assert [layer["kind"] for layer in layers] == ["conv2d", "flatten", "dense"]
    assert layers[0]["stride"] == 2
    assert "activation" not in layers[0]
    assert layers[2]["biases"] == [0.5, 9.0]


@pytest.mark.parametrize(
    ("change", "type", "pointer"),
    [
        ({"add": {"kind": "nothing"}}, "unknown-kind", "/changes/0/add/kind"),
        ({"add": {"kind": "conv2d", "kernel_size": 9}, "after": 1}, "shape-mismatch", "/layers/2"),
        ({"add": {"kind": "embedding", "embedding_dim": 3}}, "missing-field", "/changes/0/add/num_embeddings"),
        ({"add": {"kind": "relu", "inputs": ["nowhere"]}}, "unknown-layer", "/changes/0/add/inputs/0"),
        ({"add": {"out_features": 10**8}, "after": 3}, "too-large", "/layers"),
        ({"remove": 4}, "out-of-range", "/changes/0/remove"),
        ({"move": 0, "after": 4}, "out-of-range", "/changes/0/after"),
        ({"move": 0}, "missing-field", "/changes/0/after"),
        ({"move": "0", "after": 1}, "invalid-value", "/changes/0/move"),
        ({"add": {"kind": "relu"}, "after": True}, "invalid-value", "/changes/0/after"),
        ({"add": {"kind": "relu"}, "after": 0, "into": [1, None]}, "missing-field", "/changes/0/into"),
        ({"move": 0, "after": 3}, "shape-mismatch", "/layers/3"),
        ({"add": {"kind": "relu"}, "after": 0, "into": [2]}, "out-of-range", "/changes/0/into"),
        ({"add": {"kind": "relu"}, "after": 0, "into": 1}, "invalid-value", "/changes/0/into"),
        ({"change": 0, "to": {"out_features": 3}}, "unknown-field", "/changes/0/to/out_features"),
        ({"change": 0, "to": {"kernel_size": 0}}, "out-of-range", "/layers/0/kernel_size"),
        ({"change": 1, "to": {"kernel_size": 9}}, "shape-mismatch", "/layers/1"),
    ],
)
def test_a_layer_that_does_not_fit_is_refused(
    client: TestClient, pictures: str, change: dict[str, Any], type: str, pointer: str
) -> None:
    answer = changed(client, pictures, change)
    document = answer.json()
    assert document["type"].endswith(f"/{type}"), document
    assert document["errors"][0]["pointer"] == pointer


def test_of_many_places_that_are_none_the_first_is_told(client: TestClient, pictures: str) -> None:
    # Each had its own fault: two hundred thousand took four seconds.
    refused = changed(client, pictures, {"add": {"kind": "relu"}, "after": 0, "into": list(range(10, 200_000))}).json()
    assert [each["detail"] for each in refused["errors"]] == ["There is no layer 10; there are 4, counted from 0 to 3."]


def test_torchs_words_and_the_way_out(client: TestClient, pictures: str) -> None:
    detail = changed(client, pictures, {"change": 1, "to": {"kernel_size": 9}}).json()["errors"][0]["detail"]
    assert "Nothing was changed" in detail
    assert "torch: “Given input size: (2x6x6)" in detail


MAPS = {
    *("conv2d", "conv_transpose2d", "max_pool2d", "avg_pool2d", "upsample_nearest"),
    *("batch_norm", "group_norm", "instance_norm", "softmax"),
}


def test_what_is_proposed_can_be_added(client: TestClient, pictures: str) -> None:
    for after in (0, 3):
        additions = client.get(f"{URL}/{pictures}/additions", params={"after": after}).json()["additions"]
        kinds = {each["kind"] for each in additions}
        assert kinds >= (MAPS if after < 1 else {"dense", "layer_norm"})
        for each in additions:
            made = changed(client, pictures, {"add": {"kind": each["kind"], **each["fields"]}, "after": after})
            assert made.status_code in (200, 201), (each, made.json())
            assert made.json()["layers"][after + 1]["shape"] == each["shape"]
    assert client.get(f"{URL}/{pictures}/additions", params={"after": 9}).status_code == 422


def test_a_layer_goes_into_one_branch_and_is_moved(client: TestClient) -> None:
    sum = {"kind": "add", "inputs": ["second", "first"]}
    layers = [{"kind": "tanh", "name": "first"}, {"kind": "exp", "name": "second"}, sum]
    id = client.post(URL, json={"input": {"shape": [3]}, "layers": layers}).json()["id"]
    place: dict[str, Any] = {"after": 0, "into": "2"}
    found = {each["kind"]: each for each in client.get(f"{URL}/{id}/additions", params=place).json()["additions"]}
    # No other width: the other branch has as many.
    assert {"relu", "dense", "softmax"} <= found.keys()
    assert "unsqueeze" not in found
    made = changed(client, id, {"add": {"kind": "sigmoid"}, "after": 0, "into": [2]}, {"move": 2, "after": 3}).json()
    x = torch.tensor([-1.0, 0.5, 2.0])
    outputs = client.post("/api/v1/forward", json={"network": made["id"], "inputs": x.tolist()}).json()["outputs"]
    assert outputs == pytest.approx((x.tanh() + x.tanh().sigmoid()).exp().tolist())
    for into in ("2,9", "x"):
        refused = client.get(f"{URL}/{id}/additions", params={"after": "0", "into": into})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/into")
    assert client.get(f"{URL}/{id}/additions", params={"input": "up"}).status_code == 422


def test_a_convolution_is_proposed_with_a_kernel_no_larger_than_the_map(client: TestClient) -> None:
    for size, kernel in (([1, 2, 5], 1), ([1, 5, 3], 3)):
        bare = {"input": {"shape": size}, "layers": [{"kind": "tanh"}]}
        id = client.post(URL, json=bare).json()["id"]
        additions = client.get(f"{URL}/{id}/additions", params={"after": 0}).json()["additions"]
        (fields,) = [each["fields"] for each in additions if each["kind"] == "conv2d"]
        assert fields == {"out_channels": 1, "kernel_size": kernel, "padding": kernel // 2}


def test_what_takes_two_is_proposed_where_a_tensor_before_has_the_shape(client: TestClient) -> None:
    bare = {"input": {"shape": [4]}, "layers": [{"kind": "tanh"}, {"kind": "exp"}, {"kind": "relu"}]}
    id = client.post(URL, json=bare).json()["id"]

    def found(after: int) -> dict[str, Any]:
        additions = client.get(f"{URL}/{id}/additions", params={"after": after}).json()["additions"]
        return {each["kind"]: (each["fields"], each["shape"]) for each in additions}

    additions = client.get(f"{URL}/{id}/additions", params={"after": 2}).json()["additions"]
    (others,) = [each["others"] for each in additions if each["kind"] == "sub"]
    assert others == ["layers.1.activations", "layers.0.activations", "inputs"]

    assert not {"add", "mul", "cat"} & set(found(-1))
    assert found(0)["add"] == ({"inputs": ["inputs"]}, [4])
    assert found(2)["cat"] == ({"dim": -1, "inputs": ["layers.1.activations"]}, [8])
    assert {"leaky_relu", "softplus", "tanh"} <= set(found(2))
    made = changed(client, id, {"add": {"kind": "mul"}, "after": 2}).json()["id"]
    x = torch.tensor([-1.0, 0.0, 0.5, 2.0])
    outputs = client.post("/api/v1/forward", json={"network": made, "inputs": x.tolist()}).json()["outputs"]
    assert outputs == pytest.approx((x.tanh().exp().relu() * x.tanh().exp()).tolist())


def test_a_preset_is_changed_and_kept_as_any_network(client: TestClient) -> None:
    made = changed(client, "digits-conv", {"change": 1, "to": {"name": "seen"}}).json()
    assert layers_of(client, made["id"])[1]["name"] == "seen"
    whole = changed(client, "digits-conv").json()["id"]
    assert len(layers_of(client, whole)) == len(layers_of(client, made["id"]))


def test_layers_are_fitted_in_the_pool_however_few_parameters_there_are(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = {"input": {"shape": [4]}, "layers": [{"kind": "relu"}] * 3}
    id = client.post(URL, json=bare).json()["id"]
    costs = costs_told(monkeypatch)
    assert changed(client, id, {"remove": 1}).status_code == 201
    assert costs[-1] > CHEAP_MULTIPLY_ADDS


def test_more_changes_of_layers_than_a_network_may_have_are_refused_at_once() -> None:
    with TestClient(create_app(Settings(max_layers=3))) as client:
        add = {"add": {"kind": "relu"}, "after": 0}
        assert changed(client, "multilayer", add).status_code == 201
        for count, type in ((3, "too-large"), (4, "too-large")):
            refused = changed(client, "multilayer", *[add] * count).json()
            assert refused["type"] == f"/problems/{type}"
            assert refused["errors"][0]["setting"] == "ADELANTE_MAX_LAYERS"
        assert refused["errors"][0]["pointer"] == "/changes"
        cell = {"cell": {"tensor": "layers.0.biases", "at": [0]}, "value": 1}
        assert changed(client, "multilayer", *[cell] * 20).status_code == 201


def test_faults_of_many_changes_are_told_as_a_hundred(client: TestClient) -> None:
    refused = changed(client, "multilayer", *[{"remove": 9}] * 500).json()
    assert len(refused["errors"]) == 100
