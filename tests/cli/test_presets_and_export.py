"""adelante presets and adelante export: the API's documents, and programs and files that hold the same network."""

import json
from pathlib import Path

import pytest
import torch
from starlette.testclient import TestClient

from adelante.code.dense import generate
from adelante.formats.dense_safetensors import network_from_safetensors, network_to_safetensors
from adelante.network.forward import forward
from adelante.network.presets import CHAIN_NAMES, PRESET_NAMES, chain_named
from app.api.read.checked import validated
from app.api.read.documents import NetworkDocument, network_in
from tests import warm
from tests.adelante.formats.strategies import same
from tests.cli.conftest import Adelante

URL = "http://testserver/api/v1/forward"


@pytest.mark.parametrize("language", ["en", "es"])
def test_presets_as_the_api_lists_them(adelante: Adelante, client: TestClient, language: str) -> None:
    headers = {"Accept-Language": language}
    listed = client.get("/api/v1/presets", headers=headers)
    assert adelante("presets", "--json", "--lang", language).out == listed.content + b"\n"
    text = adelante("presets", "--lang", language).text
    for each in listed.json()["presets"]:
        assert each["name"] in text
        assert each["title"] in text
        assert " → ".join(map(str, each.get("sizes", [tuple(each["input_shape"])]))) in text
    for name in PRESET_NAMES:
        one = client.get(f"/api/v1/presets/{name}", headers=headers)
        assert adelante("presets", name, "--json", "--lang", language).out == one.content + b"\n"


@pytest.mark.parametrize("name", CHAIN_NAMES)
def test_a_preset_whole(adelante: Adelante, name: str) -> None:
    text = adelante("presets", name, "--digits", 5).text
    preset = chain_named(name)
    tensors = [preset.inputs, *(sample.inputs for sample in preset.samples)]
    tensors += [each for layer in preset.network.layers for each in (layer.weights, layer.biases)]
    for number in torch.cat([tensor.reshape(-1) for tensor in tensors]).tolist():
        assert f"{number:.5f}".replace("-", "−") in text


def test_no_such_preset(adelante: Adelante) -> None:
    result = adelante("presets", "nope", "--lang", "es")
    assert (result.status, result.out) == (1, b"")
    assert " ".join(result.err.split()) == f"Error: No existe la red nope. Predefinidas: {', '.join(PRESET_NAMES)}."


@pytest.mark.parametrize(
    ("to", "language", "style"),
    [
        ("pytorch", "pytorch", "notebook"),
        ("sequential", "pytorch", "module"),
        ("numpy", "numpy", "notebook"),
        ("curl", "curl", "notebook"),
        ("json", "json", "notebook"),
    ],
)
def test_programs_are_the_apis(adelante: Adelante, client: TestClient, to: str, language: str, style: str) -> None:
    inputs = [0.25, -1.5, 3.0]
    body = {"network": "multilayer", "inputs": inputs, "language": language, "style": style}
    arguments = ("export", "multilayer", "--to", to, "-i", "0.25,-1.5,3", "--url", URL)
    answer = client.post("/api/v1/code", json=body)
    assert answer.status_code == 200
    assert adelante(*arguments, "--json").out == answer.content + b"\n"
    assert adelante(*arguments).text == answer.json()["source"]


@pytest.mark.parametrize("to", ["pytorch", "sequential", "numpy"])
def test_a_written_program_prints_torchs_outputs(adelante: Adelante, tmp_path: Path, to: str) -> None:
    path = tmp_path / "program.py"
    result = adelante("export", "multilayer", "--to", to, "-o", path)
    assert (result.status, result.out, result.err) == (0, b"", "")
    number = float(warm.printed(path).strip().removeprefix("tensor(").removesuffix(")").strip("[]"))
    preset = chain_named("multilayer")
    assert number == pytest.approx(forward(preset.network, preset.inputs).outputs.item(), abs=1e-7)


def test_safetensors_and_json_hold_the_network_to_the_last_bit(adelante: Adelante, tmp_path: Path) -> None:
    network = chain_named("multilayer").network
    binary, text = tmp_path / "n.safetensors", tmp_path / "n.json"
    assert adelante("export", "multilayer", "-o", binary).status == 0
    assert binary.read_bytes() == network_to_safetensors(network)
    assert adelante("export", "multilayer", "--to", "safetensors").out == binary.read_bytes()
    assert adelante("export", binary, "-o", text).status == 0
    document = validated(NetworkDocument, json.loads(text.read_text()))
    assert document.layers is not None
    assert same(network_in(document.layers, torch.float32), network)
    again = adelante("export", text, "--to", "safetensors").out
    assert again == binary.read_bytes()
    half = adelante("export", text, "--to", "safetensors", "--dtype", "bfloat16").out
    assert same(network_from_safetensors(half), network.to(dtype=torch.bfloat16))


def test_a_json_file_with_inputs_is_a_request(adelante: Adelante, client: TestClient, tmp_path: Path) -> None:
    path = tmp_path / "request.json"
    adelante("export", "xor", "-o", path)
    preset = chain_named("xor")
    assert path.read_text() == generate(preset.network, preset.inputs, "json")
    answer = client.post("/api/v1/forward", content=path.read_bytes(), headers={"Content-Type": "application/json"})
    assert answer.json()["outputs"] == json.loads(adelante("forward", "xor", "--json").out)["outputs"]


@pytest.mark.parametrize(("name", "start"), [("x.py", "# A network"), ("x.SH", "curl "), ("x.json", "{")])
def test_the_ending_says_what_to_write(adelante: Adelante, tmp_path: Path, name: str, start: str) -> None:
    assert adelante("export", "xor", "--output", tmp_path / name).status == 0
    assert (tmp_path / name).read_text().startswith(start)


def test_a_file_is_replaced_whole_or_not_at_all(adelante: Adelante, tmp_path: Path) -> None:
    path, link = tmp_path / "x.py", tmp_path / "link.py"
    path.write_text("before")
    path.chmod(0o600)
    link.symlink_to(path)
    result = adelante("export", "xor", "-i", "1,2,3", "-o", path)
    assert (result.status, path.read_text()) == (1, "before")
    assert adelante("export", "xor", "-o", link).status == 0
    assert link.is_symlink()
    assert path.read_text().startswith("# A network")
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link.py", "x.py"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_cannot_be_written_is_told(adelante: Adelante, tmp_path: Path, language: str) -> None:
    result = adelante("export", "xor", "-o", tmp_path / "nowhere" / "x.py", "--lang", language)
    assert result.status == 1
    assert "nowhere" in result.err
    assert "\n  → " in result.err


def test_a_program_needs_inputs(adelante: Adelante) -> None:
    result = adelante("export", "-", "--to", "numpy", stdin=b'{"layers": [{"weights": [[1]]}]}')
    assert result.status == 1
    assert "→ Give them with --inputs: 1 number" in result.err
