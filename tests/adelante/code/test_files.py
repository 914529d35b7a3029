"""A program and the file that its parameters lie in: together they give the pass, of whatever input."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load
from torch import nn

from adelante.code.files import program_files, program_text, state_dict_file
from adelante.formats.opening import opened
from adelante.network.activations import ACTIVATIONS
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.forward import forward
from adelante.network.network import Input, Layer, Network, Node
from adelante.network.operations import operation_named
from tests.adelante.code.test_networks import MODULES, case
from tests.long import crossed

DTYPES = (torch.float32, torch.float64)


def ran(files: dict[str, bytes], folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the program names, when it was run beside its file."""
    monkeypatch.chdir(folder)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    scope: dict[str, Any] = {"print": lambda *_, **__: None}
    usual = np.get_printoptions()
    try:
        exec(compile(files["net.py"], "net.py", "exec"), scope)
    finally:
        np.set_printoptions(**usual)
    return scope


def chain(dtype: torch.dtype) -> DenseNetwork:
    torch.manual_seed(3)
    sizes = (3, 4, 2)
    pairs = zip(sizes, sizes[1:], ("tanh", "log_softmax"), ("hidden", 'o"ut'), strict=False)
    return DenseNetwork(
        DenseLayer(torch.randn(n_in, n_out, dtype=dtype), torch.randn(n_out, dtype=dtype), ACTIVATIONS[name], called)
        for n_in, n_out, name, called in pairs
    )


@pytest.mark.parametrize(("name", "language"), crossed(MODULES, ["pytorch", "numpy"]))
def test_the_program_gives_the_pass(name: str, language: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network, inputs = case(name)
    files = program_files(network, language, "net")
    scope = ran(files, tmp_path, monkeypatch)
    given = {each.name: value for each, value in zip(network.inputs, inputs, strict=True)}
    trace = forward(network, given)
    expected = [trace.values[each] for each in network.outputs]
    if language == "pytorch":
        with torch.no_grad():
            found = scope["model"](*inputs)
    else:
        found = scope["network"](*(each.numpy() for each in inputs))
    for one, other in zip(found if isinstance(found, tuple) else (found,), expected, strict=True):
        np.testing.assert_allclose(np.asarray(one), other.numpy(), rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("language", ["pytorch", "numpy"])
def test_a_chain_of_dense_layers(
    dtype: torch.dtype, language: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, inputs = chain(dtype), torch.randn(5, 3, dtype=dtype)
    scope = ran(program_files(network, language, "net"), tmp_path, monkeypatch)
    assert set(tmp_path.iterdir()) == {tmp_path / "net.py", tmp_path / "net.parameters.safetensors"}
    if language == "pytorch":
        assert isinstance(scope["model"], nn.Sequential)
        found = scope["model"](inputs).detach()
    else:
        found = torch.from_numpy(scope["network"](inputs.numpy()))
    assert found.dtype == dtype
    torch.testing.assert_close(found, forward(network, inputs).outputs)


def test_torchs_names_are_those_of_nn_sequential_and_open_as_the_same_network() -> None:
    network = chain(torch.float32)
    file = state_dict_file(network)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2), nn.LogSoftmax(dim=-1))
    model.load_state_dict(load(file))
    inputs = torch.randn(5, 3)
    torch.testing.assert_close(model(inputs).detach(), forward(network, inputs).outputs)
    found, notes = opened(file)
    assert not notes
    assert isinstance(found, DenseNetwork)
    for one, other in zip(found.layers, network.layers, strict=True):
        assert torch.equal(one.weights, other.weights)
        assert torch.equal(one.biases, other.biases)
        assert (one.activation, one.name) == (other.activation, other.name)


def test_without_parameters_there_is_no_file() -> None:
    node = Node("layers.0.activations", operation_named("softmax"), ("inputs",))
    layers = (Layer("softmax", (node.name,)),)
    network = Network((Input("inputs", (3,)),), {}, (node,), (node.name,), layers)
    files = program_files(network, "pytorch", "net")
    assert set(files) == {"net.py"}
    assert b"load" not in files["net.py"]
    assert files["net.py"].decode() == program_text(network, "pytorch", "net")
