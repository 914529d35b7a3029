"""Networks as safetensors: the same bits back, one file for one network, and PyTorch's own names."""

import pytest
import safetensors.torch
import torch
from hypothesis import given
from torch import Tensor, nn

from adelante.formats.dense_safetensors import (
    network_from_safetensors,
    network_to_safetensors,
    opened_from_safetensors,
    opened_from_tensors,
    tensors_to_safetensors,
)
from adelante.locale import LANGUAGES
from adelante.network.dense.network import DenseNetwork
from adelante.network.errors import NetworkError
from adelante.network.forward import forward
from adelante.network.presets import CHAIN_NAMES, chain_named
from app.api.http.problems import problem_document
from tests.adelante.formats.strategies import networks, same

W, B = torch.ones(3, 2), torch.zeros(2)


@given(networks())
def test_a_network_comes_back_to_the_last_bit(network: DenseNetwork) -> None:
    data = network_to_safetensors(network)
    found = network_from_safetensors(data)
    assert same(found, network)
    assert network_to_safetensors(found) == data
    assert network_to_safetensors(DenseNetwork(network.layers)) == data


@given(networks(), networks())
def test_different_networks_have_different_files(one: DenseNetwork, other: DenseNetwork) -> None:
    assert (network_to_safetensors(one) == network_to_safetensors(other)) is same(one, other)


@pytest.mark.parametrize("name", CHAIN_NAMES)
def test_presets_read_by_the_library(name: str) -> None:
    network = chain_named(name).network
    theirs = safetensors.torch.load(network_to_safetensors(network))
    for k, layer in enumerate(network.layers):
        assert torch.equal(theirs[f"layers.{k}.weights"], layer.weights)
        assert torch.equal(theirs[f"layers.{k}.biases"], layer.biases)


def test_no_biases_are_zeros() -> None:
    network = network_from_safetensors(tensors_to_safetensors({"layers.0.weights": W}))
    assert torch.equal(network.layers[0].biases, torch.zeros(2))


def activations(names: dict[str, str]) -> dict[str, str]:
    return {f"{name}.activation": activation for name, activation in names.items()}


def test_nn_sequential_gives_the_same_outputs() -> None:
    torch.manual_seed(7)
    modules: list[nn.Module] = []
    for _ in range(6):  # 0, 2, …, 10: by name, 10 would come before 2
        modules += [nn.Linear(4, 4), nn.Sigmoid()]
    model = nn.Sequential(*modules)
    metadata = activations({str(2 * k): "sigmoid" for k in range(6)})
    network = network_from_safetensors(safetensors.torch.save(model.state_dict(), metadata))
    x = torch.randn(5, 4)
    torch.testing.assert_close(forward(network, x).outputs, model(x))


class Named(nn.Module):
    """Names whose order only the shapes tell."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.again, self.out = nn.Linear(3, 5), nn.Linear(5, 4, bias=False), nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.out(self.again(self.hidden(x)))
        return found


def test_modules_with_names_are_put_in_order_by_their_shapes() -> None:
    model = Named()
    network = network_from_safetensors(safetensors.torch.save(model.state_dict()))
    assert network.sizes == (3, 5, 4, 2)
    x = torch.randn(3)
    torch.testing.assert_close(forward(network, x).outputs, model(x))


def test_one_linear_layer() -> None:
    model = nn.Linear(3, 2)
    network = network_from_safetensors(safetensors.torch.save(model.state_dict()))
    x = torch.randn(3)
    torch.testing.assert_close(forward(network, x).outputs, model(x))


@pytest.mark.parametrize(
    ("tensors", "metadata", "type", "key", "pointer"),
    [
        ({}, {}, "unsupported-file", "file-no-layers", ""),
        ({"layers.0.biases": B}, {}, "unsupported-file", "file-no-weights", "/layers/0/weights"),
        ({"layers.0.weights": W, "layers.2.weights": W}, {}, "unsupported-file", "file-layer-gap", "/layers/1/weights"),
        ({"layers.1.weights": W}, {}, "unsupported-file", "file-layer-gap", "/layers/0/weights"),
        ({"layers.0.weights": W, "layers.0.mask": W}, {}, "unsupported-file", "file-tensor", "/layers/0/mask"),
        ({"conv1/x.kernel": W}, {}, "unsupported-file", "file-tensor", "/conv1~1x.kernel"),
        ({"1.running_mean": B, "0.weight": W}, {}, "unsupported-file", "file-no-statistics", "/1.running_var"),
        ({"0.bias": B}, {}, "unsupported-file", "file-no-weights", "/0.weight"),
        ({"a.weight": W, "b.weight": W}, {}, "unsupported-file", "file-order", "/a.weight"),
        ({"fc1.weight": W, "fc01.weight": W}, {}, "unsupported-file", "file-order", "/fc01.weight"),
        ({"9" * 5000 + ".weight": W}, {}, "unsupported-file", "file-tensor", "/" + "9" * 100 + "…"),
        (
            {"layers.0.weights": W, "layers.0.biases": B.double()},
            {},
            "unsupported-file",
            "file-dtypes",
            "/layers/0/biases",
        ),
        (
            {"layers.0.weights": W},
            {"format": "adelante", "version": "2"},
            "unsupported-file",
            "file-version",
            "",
        ),
        (
            {"layers.0.weights": W},
            {"layers.0.activation": "cos"},
            "unknown-activation",
            "unknown-activation",
            "/layers/0/activation",
        ),
        ({"layers.0.weights": W}, {"layers.0.name": "n" * 201}, "invalid-value", "string-too-long", "/layers/0/name"),
        ({"layers.0.weights": B}, {}, "shape-mismatch", "weights-not-a-matrix", "/layers/0/weights"),
        ({"0.weight": B}, {}, "unsupported-file", "file-vector", "/0.weight"),
        ({"layers.0.weights": torch.tensor(1.0)}, {}, "shape-mismatch", "weights-not-a-matrix", "/layers/0/weights"),
        ({"layers.0.weights": torch.ones(0, 2)}, {}, "empty", "empty-weights", "/layers/0/weights"),
        ({"0.weight": W, "2.weight": W}, {}, "shape-mismatch", "chain", "/layers/1/weights"),
    ],
)
def test_what_is_no_network_is_refused_in_words(
    tensors: dict[str, Tensor], metadata: dict[str, str], type: str, key: str, pointer: str
) -> None:
    with pytest.raises(NetworkError) as raised:
        network_from_safetensors(tensors_to_safetensors(tensors, metadata))
    fault = raised.value.faults[0]
    assert (fault.type, fault.key, fault.pointer) == (type, key, pointer)
    for language in LANGUAGES:
        document = problem_document(language, fault.type, raised.value.faults)
        assert document["status"] == 422
        assert "{" not in document["detail"]


@pytest.mark.parametrize("data", [b"hello", b"PK\x03\x04 a zip"])
def test_another_kind_of_file_is_an_unsupported_media_type(data: bytes) -> None:
    with pytest.raises(NetworkError) as raised:
        network_from_safetensors(data)
    assert problem_document("en", "unsupported-file", raised.value.faults)["status"] == 415


def test_a_file_without_activations_is_opened_with_a_note_of_what_was_assumed() -> None:
    tensors = {
        "0.weight": torch.tensor([[1.0], [-1.0]]),
        "0.bias": torch.zeros(2),
        "2.weight": torch.ones(1, 2),
        "2.bias": torch.zeros(1),
    }
    network, (note,) = opened_from_tensors(tensors, {})
    assert isinstance(network, DenseNetwork)
    assert [layer.activation.name for layer in network.layers] == ["identity", "identity"]
    assert (note.key, note.pointers) == ("activations-assumed", ("/layers/0/activation", "/layers/1/activation"))
    assert note.values == {"count": 2, "layers": 2, "metadata": "0.activation", "query": "relu,identity"}
    _, (note,) = opened_from_tensors(tensors, {"0.activation": "relu"})
    assert note.pointers == ("/layers/1/activation",)
    assert note.values["metadata"] == "2.activation"
    assert opened_from_tensors(tensors, {"0.activation": "relu", "2.activation": "identity"}).notes == ()
    _, (note,) = opened_from_tensors({"weight": torch.ones(1, 2), "bias": torch.ones(1)}, {})
    assert note.values["metadata"] == "activation"
    alone = opened_from_tensors({"weight": torch.ones(1, 2)}, {"activation": "tanh"})
    assert isinstance(alone.network, DenseNetwork)
    assert (alone.network.layers[0].activation.name, alone.notes) == ("tanh", ())


def test_our_own_files_say_all() -> None:
    assert opened_from_safetensors(network_to_safetensors(chain_named("xor").network)).notes == ()
