"""adelante convert: one network in every format, and back."""

import json
from pathlib import Path
from typing import get_args

import onnxruntime
import pytest
import torch
from safetensors.torch import load_file, save_file

from adelante.formats.opening import load
from adelante.formats.safetensors import network_to_safetensors
from adelante.network.forward import forward
from adelante.saving import FileFormat
from app.cli.commands import FORMATS
from tests.adelante.code.test_files import ran
from tests.cli.conftest import Adelante
from tests.cli.networks import digits

PICTURES = torch.linspace(-1, 1, 72).reshape(2, 1, 6, 6)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "digits.safetensors"
    path.write_bytes(network_to_safetensors(digits()))
    return path


def test_to_onnx(adelante: Adelante, own: Path, tmp_path: Path) -> None:
    result = adelante("convert", own, tmp_path / "digits.onnx")
    assert (result.status, result.out, result.err) == (0, b"", "")
    session = onnxruntime.InferenceSession(tmp_path / "digits.onnx", providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"inputs": PICTURES.numpy()})
    torch.testing.assert_close(torch.from_numpy(found), forward(digits(), PICTURES).outputs)
    exported = adelante("export", own, "--output", tmp_path / "again.onnx")
    assert exported.status == 0
    assert (tmp_path / "again.onnx").read_bytes() == (tmp_path / "digits.onnx").read_bytes()


def test_to_json_and_back_is_the_same_network(adelante: Adelante, own: Path, tmp_path: Path) -> None:
    assert adelante("convert", own, tmp_path / "digits.json").status == 0
    assert adelante("convert", tmp_path / "digits.json", tmp_path / "back.safetensors").status == 0
    assert (tmp_path / "back.safetensors").read_bytes() == own.read_bytes()
    shown = adelante("convert", own, "-", "--to", "json")
    assert shown.out == (tmp_path / "digits.json").read_bytes()
    assert json.loads(shown.out)["layers"][0]["kind"] == "conv2d"


def test_to_a_program_with_its_file(
    adelante: Adelante, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = adelante("convert", own, tmp_path / "net.py", "--lang", "es")
    assert result.status == 0
    assert "net.parameters.safetensors" in result.err
    program = (tmp_path / "net.py").read_bytes()
    scope = ran({"net.py": program}, tmp_path, monkeypatch)
    with torch.no_grad():
        torch.testing.assert_close(scope["model"](PICTURES), forward(digits(), PICTURES).outputs)
    assert adelante("convert", own, tmp_path / "weights.safetensors", "--to", "state_dict").status == 0
    state = load_file(tmp_path / "weights.safetensors")
    assert state.keys() == scope["model"].state_dict().keys() - {"layer1.num_batches_tracked"}


def test_a_program_to_standard_output_says_what_it_reads(adelante: Adelante, own: Path) -> None:
    for to, format in (("pytorch", "state_dict"), ("numpy", "safetensors")):
        result = adelante("convert", own, "-", "--to", to)
        assert 'load_file("network.parameters.safetensors")' in result.text
        assert f"network.parameters.safetensors: write that with --to {format}" in result.err


def test_nothing_is_overwritten_unasked(adelante: Adelante, own: Path, tmp_path: Path) -> None:
    (tmp_path / "net.parameters.safetensors").write_text("mine")
    for target in (own, tmp_path / "net.py"):
        result = adelante("convert", own, target)
        assert (result.status, result.out) == (2, b"")
        assert "is there already. --force overwrites it." in result.err
    assert not (tmp_path / "net.py").exists()
    assert (tmp_path / "net.parameters.safetensors").read_text() == "mine"
    assert adelante("convert", own, tmp_path / "net.py", "--force").status == 0
    assert (tmp_path / "net.py").is_file()
    assert (tmp_path / "net.parameters.safetensors").read_text(errors="replace") != "mine"


def test_a_file_of_torchs_names_is_told_of(adelante: Adelante, tmp_path: Path) -> None:
    """What a file left open is told, and decided by the same options as everywhere."""
    assert adelante("convert", "xor", tmp_path / "xor.onnx").status == 0
    weights = tmp_path / "weights.safetensors"
    save_file({"0.weight": torch.ones(2, 3), "0.bias": torch.zeros(2)}, weights)
    result = adelante("convert", weights, tmp_path / "net.safetensors")
    assert result.status == 0
    assert result.err.startswith("Note: ")
    result = adelante("convert", weights, tmp_path / "net.safetensors", "--activation", "relu", "--force")
    assert (result.status, result.err) == (0, "")
    assert load(tmp_path / "net.safetensors").layers[0].kind == "dense"


def test_what_a_format_lacks_is_said(adelante: Adelante, own: Path, tmp_path: Path) -> None:
    result = adelante("convert", own, tmp_path / "net.py", "--to", "numpy", "--dtype", "bfloat16")
    assert result.status == 1
    assert "NumPy code computes in float32 or float64, not in bfloat16." in result.err
    assert not (tmp_path / "net.py").exists()


def test_the_formats_are_the_librarys() -> None:
    assert get_args(FileFormat) == FORMATS
