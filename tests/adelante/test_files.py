"""Networks in files: the same bytes for the same network, the same numbers after reading, nothing taken on trust."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save as file_of
from torch import Tensor, nn

import adelante
from adelante import NetworkFault, load
from adelante.formats.dense_safetensors import network_from_safetensors as server_reads
from adelante.formats.description import _node, description_of
from adelante.formats.safetensors import network_from_safetensors, network_to_safetensors
from adelante.network.forward import forward as server_forward
from adelante.network.operations import OPERATIONS
from tests.adelante import modules
from tests.adelante.operations.test_explanations import CASES
from tests.apart import read_here  # noqa: F401


@pytest.mark.parametrize(
    ("module", "example"),
    [(modules.Digits, torch.randn(1, 1, 10, 10)), (modules.Words, torch.randint(11, (1, 6)))],
)
def test_a_saved_network_is_read_back_to_the_bit(
    module: type[nn.Module], example: torch.Tensor, tmp_path: Path
) -> None:
    torch.manual_seed(4)
    path = tmp_path / "network.safetensors"
    network = adelante.save(module(), example, path)
    again = adelante.load(path)
    assert network_to_safetensors(again) == path.read_bytes()
    assert (again.layers, again.outputs, again.inputs, again.batch) == (
        network.layers,
        network.outputs,
        network.inputs,
        network.batch,
    )
    before, after = adelante.forward(network, example[0]), adelante.forward(again, example[0])
    assert before.values.keys() == after.values.keys()
    for name, value in before.values.items():
        torch.testing.assert_close(after.values[name], value, rtol=1e-6, atol=1e-6)


def test_a_dense_chain_is_a_file_that_the_server_reads(tmp_path: Path) -> None:
    torch.manual_seed(4)
    module = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 4, bias=False), nn.GELU("tanh"), nn.Linear(4, 2))
    path = tmp_path / "chain.safetensors"
    network = adelante.save(module, torch.randn(1, 3), path)
    served = server_reads(path.read_bytes())
    assert served.sizes == (3, 4, 4, 2)
    assert [layer.activation.name for layer in served.layers] == ["relu", "gelu_tanh", "identity"]
    x = torch.randn(5, 3)
    torch.testing.assert_close(server_forward(served, x).outputs, module(x), rtol=1e-5, atol=1e-6)
    loaded = adelante.load(path)
    torch.testing.assert_close(adelante.forward(loaded, x)[loaded.outputs[0]], module(x), rtol=1e-5, atol=1e-6)
    assert network.size == sum(each.numel() for each in module.parameters())


def test_options_come_back_as_they_were() -> None:
    for kind, options, operands in CASES:
        operation = OPERATIONS[kind](**options)
        network = adelante.Network.__new__(adelante.Network)
        network.__dict__.update(
            inputs=(),
            parameters={},
            nodes=(adelante.Node("n", operation, tuple(f"x{k}" for k in range(len(operands)))),),
            outputs=(),
            layers=(),
            batch="any",
        )
        read = _node(json.loads(description_of(network))["nodes"][0], {}, {})
        assert read.operation == operation


def _damaged(**changes: object) -> bytes:
    document = {
        "version": 2,
        "batch": "any",
        "inputs": [{"name": "inputs", "shape": [3], "dtype": "float32"}],
        "nodes": [{"name": "a", "kind": "relu", "options": {}, "inputs": ["inputs"]}],
        "layers": [],
        "outputs": ["a"],
        **changes,
    }
    return file_of({"w": torch.ones(1)}, {"adelante": json.dumps(document)})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"version": 3}, "version 3"),
        ({"nodes": [{"name": "a", "kind": "__import__", "options": {}, "inputs": []}]}, "no operation '__import__'"),
        ({"nodes": [{"name": "a", "kind": "relu", "options": {"x": 1}, "inputs": ["inputs"]}]}, "has other options"),
        ({"nodes": [{"name": "a", "kind": "relu", "options": {}, "inputs": ["later"]}]}, "no tensor 'later'"),
        ({"nodes": [{"name": "inputs", "kind": "relu", "options": {}, "inputs": ["inputs"]}]}, "two tensors have"),
        ({"nodes": [{"name": "a", "kind": "dense", "options": {}, "inputs": ["inputs", "w"]}]}, "dense of inputs"),
        ({"outputs": ["b"]}, "no tensor 'b'"),
        ({"inputs": 7}, "lacks something"),
        ({"inputs": [{"name": "inputs", "shape": [3], "dtype": "object"}]}, "lacks something"),
    ],
)
def test_a_description_is_not_taken_on_trust(changes: dict[str, object], words: str) -> None:
    with pytest.raises(NetworkFault, match=words):
        network_from_safetensors(_damaged(**changes))


def test_what_is_no_network_says_so() -> None:
    with pytest.raises(NetworkFault, match="no safetensors file"):
        network_from_safetensors(b"PK\x03\x04")
    with pytest.raises(NetworkFault, match="does not say what network") as refused:
        network_from_safetensors(file_of({"fc.weight": torch.ones(2, 2)}))
    assert "adelante.save" in refused.value.hint


@pytest.mark.parametrize(
    ("tensors", "place", "reason", "hint"),
    [
        (
            {"W1": torch.ones(2, 3)},
            "file",
            "these tensors they can't. W1: No layer has a tensor named W1.",
            "adelante.save(model",
        ),
        ({"0.weight": torch.full((1, 2), torch.nan)}, "0.weight.0.0", "every number must be finite", ""),
        (
            {"body.weight": torch.ones(3, 2), "actor.weight": torch.ones(2, 3), "critic.weight": torch.ones(1, 3)},
            "actor.weight",
            "several heads: actor, critic",
            'load(path, {"head": "actor"}) or load(path, {"head": "critic"}).',
        ),
    ],
    ids=["no chain", "not finite", "two heads"],
)
@pytest.mark.usefixtures("read_here")
def test_what_is_wrong_with_a_file_is_said_in_a_sentence_with_the_way_out(
    tmp_path: Path, tensors: dict[str, Tensor], place: str, reason: str, hint: str
) -> None:
    path = tmp_path / "model.pth"
    torch.save(tensors, path)
    with pytest.raises(NetworkFault) as refused:
        load(path)
    assert refused.value.place == place
    assert reason in refused.value.reason
    assert hint in refused.value.hint
