"""Files by their ending, from the library."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn

import adelante
from adelante.formats.opening import opened
from adelante.network.operations import operation_named
from tests.cli.networks import digits


def test_a_module_and_a_network(tmp_path: Path) -> None:
    torch.manual_seed(3)
    module, inputs = nn.Sequential(nn.Linear(3, 2), nn.Tanh()), torch.randn(4, 3)
    network = adelante.save(module, torch.zeros(1, 3), tmp_path / "net.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx", providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"inputs": inputs.numpy()})
    np.testing.assert_allclose(found, module(inputs).detach(), rtol=1e-6)
    assert adelante.save(network, tmp_path / "net.safetensors") is network
    again = adelante.load(tmp_path / "net.safetensors")
    torch.testing.assert_close(adelante.forward(again, inputs).outputs, module(inputs).detach())
    adelante.save(network, path=str(tmp_path / "NET.JSON"))
    assert opened((tmp_path / "NET.JSON").read_bytes()).network.outputs == network.outputs


def test_by_its_ending_and_by_its_name(tmp_path: Path) -> None:
    network = digits()
    adelante.write(network, tmp_path / "net.py")
    adelante.write(network, tmp_path / "torchs.safetensors", "state_dict")
    parameters = (tmp_path / "net.parameters.safetensors").read_bytes()
    assert parameters == (tmp_path / "torchs.safetensors").read_bytes()
    adelante.write(network, tmp_path / "unknown.ending")
    adelante.write(network, tmp_path / "own.safetensors")
    assert (tmp_path / "unknown.ending").read_bytes() == (tmp_path / "own.safetensors").read_bytes()


def test_what_a_format_lacks_is_a_fault(tmp_path: Path) -> None:
    node = adelante.Node("layers.0.activations", operation_named("roll", shifts=(1,), dims=(0,)), ("inputs",))
    network = adelante.Network((adelante.Input("inputs", (3,)),), {}, (node,), (node.name,))
    with pytest.raises(adelante.NetworkFault, match=r"layers\.0: roll needs a size that depends on the batch"):
        adelante.write(network, tmp_path / "net.onnx")
    assert not (tmp_path / "net.onnx").exists()
