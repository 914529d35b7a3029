"""adelante forward: torch's numbers, layer by layer, from every kind of file and of inputs."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from starlette.testclient import TestClient
from torch import nn

from adelante.formats.dense_safetensors import network_to_safetensors, network_to_tensors, tensors_to_safetensors
from adelante.network.dense.network import DenseNetwork
from adelante.network.forward import forward
from adelante.network.presets import CHAIN_NAMES, PRESET_NAMES, chain_named
from app.cli.numerals import Numerals
from tests import notebook
from tests.cli.conftest import Adelante

NUMBER = re.compile(r"−?[0-9]+[.,][0-9]+(?:e[+−][0-9]+)?")
# A neuron of one of several hidden layers, such as h2.1.
NAME = re.compile(r"\bh\d+\.\d+\b")
RELU: dict[str, Any] = {"layers": [{"weights": [[1, 2], [3, 4], [5, 6]], "activation": "relu"}]}


@pytest.fixture
def relu(tmp_path: Path) -> Path:
    path = tmp_path / "relu.json"
    path.write_text(json.dumps(RELU))
    return path


def shown(text: str) -> list[float]:
    """Every number of a table, as a reader sees it."""
    return [float(found.replace("−", "-").replace(",", ".")) for found in NUMBER.findall(NAME.sub("", text))]


def expected(network: DenseNetwork, inputs: torch.Tensor, digits: int) -> list[float]:
    """Inputs, then z and a of every neuron in turn, then outputs: torch's numbers, rounded as they are shown."""
    trace = forward(network, inputs)
    pairs = [torch.stack([z, a], dim=-1) for z, a in zip(trace.pre_activations, trace.activations, strict=True)]
    flat = torch.cat([each.reshape(-1) for each in (inputs, *pairs, trace.outputs)])
    return shown(" ".join(Numerals("en", digits)(x) for x in flat.tolist()))


@pytest.mark.parametrize("name", CHAIN_NAMES)
@pytest.mark.parametrize("language", ["en", "es"])
def test_tables_hold_every_number_of_torchs_pass(adelante: Adelante, name: str, language: str) -> None:
    result = adelante("forward", name, "--digits", 6, "--lang", language)
    preset = chain_named(name)
    assert (result.status, result.err) == (0, "")
    assert shown(result.text) == expected(preset.network, preset.inputs, 6)


def test_the_notebooks_figures(adelante: Adelante) -> None:
    assert f"y   {notebook.ONE_NEURON_OUTPUT:.4f}" in adelante("forward", "one-neuron", "--outputs").text
    assert f"y   {notebook.OUTPUT:.4f}" in adelante("forward", "multilayer", "--outputs").text
    assert "y   0,3171" in adelante("forward", "multilayer", "--outputs", "--lang", "es").text


def test_columns_are_aligned(adelante: Adelante) -> None:
    lines = adelante("forward", "multilayer").text.splitlines()
    rows = [line for line in lines if line.startswith(("  h1", "  h2"))]
    assert len(rows) == 2
    assert len({len(row) for row in rows}) == 1
    assert len({tuple(found.start() for found in re.finditer(r"\.", row)) for row in rows}) == 1


@pytest.mark.parametrize("outputs", [True, False])
def test_json_is_the_apis_own_answer(adelante: Adelante, client: TestClient, relu: Path, outputs: bool) -> None:
    inputs = [[0.1, -2, 3], [1e30, 1e38, 1e38]]
    body = {**RELU, "inputs": inputs, "return": "outputs" if outputs else "trace"}
    answer = client.post("/api/v1/forward", json=body).content
    flag = ["--outputs"] if outputs else ["--trace"]
    result = adelante("forward", relu, "--inputs", json.dumps(inputs), "--json", *flag)
    assert (result.status, result.err) == (0, "")
    assert result.out == answer + b"\n"
    assert json.loads(answer)["non_finite"]


@pytest.mark.parametrize(
    ("inputs", "stdin"),
    [
        (["0.5,1,-2"], b""),
        (["0.5 1 -2"], b""),
        (["0,5; 1; −2"], b""),
        (["[0.5, 1, -2]"], b""),
        (['{"inputs": [0.5, 1, -2]}'], b""),
        (["-"], b"[0.5, 1, -2]"),
        (["-"], b'{"inputs": [0.5, 1, -2], "seed": 7}'),
        (["-"], b"0.5 1 -2\n"),
        (["@vector.json"], b""),
        (["@vector.txt"], b""),
        (["-0.5,-1,2", "0.5,1,-2"], b""),
        (["@batch.csv"], b""),
        (["@batch.tsv"], b""),
        (["-"], b"-0.5,-1,2\r\n0.5,1,-2\r\n"),
    ],
)
def test_inputs_in_every_form(
    adelante: Adelante, relu: Path, monkeypatch: pytest.MonkeyPatch, inputs: list[str], stdin: bytes
) -> None:
    monkeypatch.chdir(relu.parent)
    Path("vector.json").write_text("[0.5, 1, -2]")
    Path("vector.txt").write_text("0.5 1 -2\n")
    Path("batch.csv").write_text("\ufeffa;b;c\n-0,5;-1;2\n0,5;1;-2\n")
    Path("batch.tsv").write_text("-0.5\t-1\t2\n\n0.5\t1\t-2\n")
    arguments = [part for each in inputs for part in ("--inputs", each)]
    result = adelante("forward", relu, *arguments, "--json", stdin=stdin)
    assert result.err == ("Note: Row 1 was read as headings: a, b, c.\n" if inputs == ["@batch.csv"] else "")
    answer = json.loads(result.out)
    z, a = answer["layers"][0]["pre_activations"], answer["layers"][0]["activations"]
    assert (z[-1] if isinstance(z[0], list) else z) == [-6.5, -7]
    assert (a[-1] if isinstance(a[0], list) else a) == [0, 0]


def test_the_files_own_inputs_dtype_and_return(adelante: Adelante, relu: Path) -> None:
    relu.write_text(json.dumps({**RELU, "inputs": [1, 2, 0.1], "dtype": "float64", "return": "outputs"}))
    answer = json.loads(adelante("forward", relu, "--json").out)
    assert answer["dtype"] == "float64"
    assert "layers" not in answer
    torch_outputs = torch.tensor([1, 2, 0.1], dtype=torch.float64) @ torch.tensor(RELU["layers"][0]["weights"]).double()
    assert answer["outputs"] == torch_outputs.tolist()
    assert "layers" in json.loads(adelante("forward", relu, "--json", "--trace", "--dtype", "float16").out)


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16", "float16"])
def test_precisions(adelante: Adelante, dtype: str) -> None:
    preset = chain_named("multilayer")
    torch_dtype = getattr(torch, dtype)
    answer = json.loads(adelante("forward", "multilayer", "--dtype", dtype, "--json").out)
    trace = forward(preset.network.to(dtype=torch_dtype), preset.inputs.to(torch_dtype))
    wide = trace.outputs if dtype == "float64" else trace.outputs.float()
    assert np.array(answer["outputs"], dtype=wide.numpy().dtype).tolist() == wide.tolist()
    assert answer["dtype"] == dtype


def test_a_preset_as_the_command_line_printed_it(adelante: Adelante, tmp_path: Path) -> None:
    path = tmp_path / "xor.json"
    path.write_bytes(adelante("presets", "xor", "--json").out)
    assert adelante("forward", path).text.splitlines()[1:] == adelante("forward", "xor").text.splitlines()[1:]


def test_safetensors_of_this_product_and_of_pytorch(adelante: Adelante, tmp_path: Path) -> None:
    preset = chain_named("xor")
    own, theirs = tmp_path / "own.safetensors", tmp_path / "theirs.safetensors"
    own.write_bytes(network_to_safetensors(preset.network))
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    theirs.write_bytes(safetensors.torch.save(model.state_dict(), {"0.activation": "tanh"}))
    answer = json.loads(adelante("forward", own, "-i", "0,1", "--json").out)
    assert torch.equal(torch.tensor(answer["outputs"]), forward(preset.network, torch.tensor([0.0, 1.0])).outputs)
    found = json.loads(adelante("forward", theirs, "-i", "0.3,-1", "--json").out)["outputs"]
    torch.testing.assert_close(torch.tensor(found), model(torch.tensor([0.3, -1.0])))


@pytest.fixture
def unnamed(tmp_path: Path) -> Path:
    """|x| as PyTorch saves it: the file does not say that there is a ReLU in the middle."""
    path = tmp_path / "absolute.safetensors"
    path.write_bytes(
        safetensors.torch.save(
            {
                "0.weight": torch.tensor([[1.0], [-1.0]]),
                "0.bias": torch.zeros(2),
                "2.weight": torch.tensor([[1.0, 1.0]]),
                "2.bias": torch.zeros(1),
            }
        )
    )
    return path


def test_a_file_that_names_no_activation_is_told_and_they_can_be_chosen(adelante: Adelante, unnamed: Path) -> None:
    silent = adelante("forward", unnamed, "-i", "-3", "--json")
    assert json.loads(silent.out)["outputs"] == [0.0]
    assert silent.err.startswith("Note: The file names no activation for 2 of its 2 layers.")
    assert "--activation relu,identity" in " ".join(silent.err.split())
    assert "/api/" not in silent.err
    spanish = adelante("--lang", "es", "forward", unnamed, "-i", "-3", "--json")
    assert spanish.err.startswith("Nota: El archivo no nombra la activación en 2 de sus 2 capas.")
    assert spanish.out == silent.out
    chosen = adelante("forward", unnamed, "-i", "-3", "--activation", "relu,identity", "--json")
    assert (json.loads(chosen.out)["outputs"], chosen.err) == ([3.0], "")
    every = adelante("forward", unnamed, "-i", "-3", "--activation", "relu", "--json")
    assert json.loads(every.out)["outputs"] == [3.0]


@pytest.mark.parametrize(
    ("activation", "said"),
    [
        ("relu,identity,relu", "There are 3 activations for 2 layers: give one for all, or one for each."),
        ("mish2", "There is no activation mish2."),
    ],
)
def test_activations_that_do_not_fit_are_refused(adelante: Adelante, unnamed: Path, activation: str, said: str) -> None:
    result = adelante("forward", unnamed, "-i", "-3", "--activation", activation)
    assert result.status == 1
    assert said in " ".join(result.err.split())


def test_an_export_tells_what_was_assumed_and_takes_the_activations(
    adelante: Adelante, unnamed: Path, tmp_path: Path
) -> None:
    silent = adelante("export", unnamed, "--to", "json")
    assert silent.err.startswith("Note: The file names no activation")
    assert [layer["activation"] for layer in json.loads(silent.out)["layers"]] == ["identity", "identity"]
    whole = tmp_path / "whole.safetensors"
    told = adelante("export", unnamed, "--to", "safetensors", "--activation", "relu,identity", "-o", whole)
    assert (told.status, told.err) == (0, "")
    again = adelante("forward", whole, "-i", "-3", "--json")
    assert (json.loads(again.out)["outputs"], again.err) == ([3.0], "")


def test_safetensors_with_inputs_through_standard_input(adelante: Adelante) -> None:
    tensors, metadata = network_to_tensors(chain_named("xor").network)
    data = tensors_to_safetensors({**tensors, "inputs": torch.tensor([[1.0, 1.0]])}, metadata)
    result = adelante("forward", "-", "--json", stdin=data)
    want = forward(chain_named("xor").network, torch.tensor([[1.0, 1.0]])).outputs
    assert torch.equal(torch.tensor(json.loads(result.out)["outputs"]), want)
    assert adelante("forward", "-", stdin=data).text.startswith("standard input  2 → 2 → 1")


def test_long_tables_say_what_they_leave_out(adelante: Adelante, tmp_path: Path) -> None:
    path = tmp_path / "wide.json"
    path.write_text(json.dumps({"layers": [{"weights": [[0.5] * 30]}], "inputs": [[1], [2]]}))
    short, whole = adelante("forward", path).text, adelante("forward", path, "--rows", 0).text
    assert short.count("… and 40 more rows; --rows 0 shows them all.") == 2
    assert "more rows" not in whole
    assert whole.count("y30") == 4
    assert len(shown(whole)) == 2 + 2 * 60 + 60


def test_layers_are_called_as_on_the_page(adelante: Adelante, tmp_path: Path) -> None:
    path = tmp_path / "deep.json"
    layer = {"weights": [[1, 2], [3, 4]], "activation": "tanh"}
    path.write_text(json.dumps({"layers": [layer, layer, layer], "inputs": [0, 1]}))
    english, spanish = adelante("forward", path).text, adelante("forward", path, "--lang", "es").text
    for words in ("Hidden layer 1", "Hidden layer 2", "Output layer", "h2.1", "y2"):
        assert words in english
    for words in ("Capa oculta 1", "Capa oculta 2", "Capa de salida", "neurona"):
        assert words in spanish


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (
            ["--inputs", "1,2,3,4"],
            [
                "The shapes do not fit",
                "at /inputs",
                "(4,)",
                "torch: “mat1 and mat2 shapes cannot be multiplied",
                "→ Send 3",
            ],
        ),
        (["--inputs", "[[1],[2],[3]]"], ["/inputs", "→ The numbers are right", "view(1, 3)"]),
        (["--inputs", "1,x,3"], ["/inputs/1", "“x” is not a number", "→ Write numbers"]),
        (["--inputs", "1,2,1e39"], ["/inputs/2", "float32 cannot hold", "→ Use a value"]),
        (["--inputs", "1,2,3", "--inputs", "1,2"], ["/inputs/1", "Row 1 has 2 numbers"]),
        (["--inputs", "1,5 2"], ["/inputs", "two ways", "→ Write numbers"]),
        (["--inputs", "[1,2"], ["check its brackets"]),
        (["--inputs", "{}"], ["/inputs", "missing"]),
        (["--inputs", "@nowhere.csv"], ["nowhere.csv cannot be read", "→ Check its name"]),
        ([], ["at /inputs", "without inputs; it takes 3", "→ Give them with --inputs"]),
        (["--inputs", "1,2,3", "--device", "abacus"], ["at /device", "abacus", "Known: auto, cpu"]),
    ],
)
def test_bad_input_is_told_on_standard_error(
    adelante: Adelante, relu: Path, arguments: list[str], parts: list[str]
) -> None:
    result = adelante("forward", relu, *arguments)
    assert (result.status, result.out) == (1, b"")
    assert result.err.startswith("Error: ")
    for part in parts:
        assert part in result.err
    spanish = adelante("forward", relu, *arguments, "--lang", "es")
    assert spanish.status == 1
    assert spanish.err != result.err


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (b"hello", ["not a network file of any kind that is known here", "→ What can be opened: safetensors"]),
        (b'{"layers": [', ["Line 1, column"]),
        (b'{"inputs": [1]}', ["/layers", "Say which network"]),
        (b'{"layers": [], "inputs": [1]}', ["/layers", "at least one layer"]),
        (b'{"layers": [{"weights": [[1]]}], "network": "xor"}', ["/network", "send only one of them"]),
        (b'{"layers": [{"weights": [[1]], "bias": [1]}]}', ["/layers/0/bias", "no field bias"]),
        (b'{"layers": [{"weights": [[1]], "activation": "\\u001b[31mred"}]}', ["/layers/0/activation", r"\x1b[31mred"]),
        (
            b'{"layers": [{"weights": [[1,2]]}, {"weights": [[1]]}]}',
            ["/layers/1/weights", "→ Give these weights 2 rows, or those of the layer before 1 column."],
        ),
        (b"PK\x03\x04 model.pt", ["zip archive", "→ Send it again"]),
        (b"", ["The file is empty", "→ Write or download it again"]),
    ],
)
def test_bad_files_are_told_on_standard_error(
    adelante: Adelante, tmp_path: Path, content: bytes, parts: list[str]
) -> None:
    path = tmp_path / "network"
    path.write_bytes(content)
    result = adelante("forward", path, "-i", "1")
    assert (result.status, result.out) == (1, b"")
    assert "\x1b" not in result.err
    for part in parts:
        assert part in result.err


def test_names_from_a_file_cannot_command_the_terminal(adelante: Adelante, tmp_path: Path) -> None:
    path = tmp_path / "network.json"
    layer = {"weights": [[1.0]], "name": "\x1b]0;title\x07"}
    document = {"layers": [layer], "inputs": [1], "input_names": ["\x1b[2J"], "output_names": ["\u202ey"]}
    path.write_text(json.dumps(document))
    result = adelante("forward", path)
    assert result.status == 0
    assert not {"\x1b", "\x07", "\u202e"} & set(result.text)


def test_no_such_file_or_preset(adelante: Adelante) -> None:
    result = adelante("forward", "nope")
    assert result.status == 1
    told = f"There is no file nope and no preset of that name. Presets: {', '.join(PRESET_NAMES)}."
    assert told in " ".join(result.err.split())


def test_with_json_the_problem_is_the_apis(adelante: Adelante, client: TestClient, relu: Path) -> None:
    result = adelante("forward", relu, "-i", "1,2", "--json")
    answer = client.post("/api/v1/forward", json={**RELU, "inputs": [1, 2]}).json()
    del answer["instance"]
    assert (result.status, result.out) == (1, b"")
    assert json.loads(result.err) == answer


def test_the_servers_limits_hold(
    adelante: Adelante, relu: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    from app.settings import settings_from_environment

    request.addfinalizer(settings_from_environment.cache_clear)
    monkeypatch.setenv("ADELANTE_MAX_BATCH", "2")
    settings_from_environment.cache_clear()
    result = adelante("forward", relu, "-i", "[[1,2,3],[1,2,3],[1,2,3]]")
    assert result.status == 1
    assert "3 input vectors, and at most 2 are allowed; ADELANTE_MAX_BATCH changes that" in result.err


@pytest.mark.parametrize(
    ("language", "name", "told"),
    [
        ("en", "iris", ["petal width (cm)", "It says setosa."]),
        ("es", "iris", ["ancho del pétalo (cm)", "Dice: setosa."]),
        ("es", "rain", ["(hPa)", "Dice: seco."]),
        ("en", "digits", ["It says 0."]),
        ("en", "spiral", ["It says first."]),
    ],
)
def test_a_pass_says_units_and_the_class(adelante: Adelante, language: str, name: str, told: list[str]) -> None:
    """Of what tells classes apart, in the reader's language; a lone output says the second class from a half on."""
    printed = adelante("--lang", language, "forward", name).text
    for each in told:
        assert each in printed


def test_what_tells_no_classes_apart_says_none(adelante: Adelante) -> None:
    assert "It says" not in adelante("--lang", "en", "forward", "multilayer").text
    many = ["--inputs", "[[5.4, 3.9, 1.7, 0.4], [6, 3, 5, 2]]"]
    assert "It says" not in adelante("--lang", "en", "forward", "iris", *many).text
