"""Networks of every kind on the command line: show, explain, forward, export, whatever their inputs come in."""

import io
import json
import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import adelante as library
from tests import warm
from tests.cli.conftest import Adelante
from tests.cli.networks import digits, saved, twins

PICTURE = np.random.default_rng(2).integers(0, 256, (6, 6), dtype=np.uint8)
INPUTS = torch.from_numpy(PICTURE / np.float32(255)).reshape(1, 6, 6)
TOKENS = {"ids": [4, 0, 2], "gate": [[1.0, 2.0], [3.0, 4.0], [-1.0, 0.5]]}
WIDTH = 80


@pytest.fixture
def digits_file(tmp_path: Path) -> Path:
    Image.fromarray(PICTURE).save(tmp_path / "digit.png")
    np.save(tmp_path / "digit.npy", INPUTS.numpy())
    (tmp_path / "digit.json").write_text(json.dumps(INPUTS.tolist()))
    return saved(digits(), tmp_path / "digits.safetensors")


@pytest.fixture
def twins_file(tmp_path: Path) -> Path:
    return saved(twins(), tmp_path / "twins.safetensors")


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch, adelante: Adelante) -> Adelante:
    """The command line in a terminal of 80 columns; `adelante` takes COLUMNS away first."""
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    return adelante


def expected() -> torch.Tensor:
    outputs = library.forward(digits(), INPUTS).outputs
    assert isinstance(outputs, torch.Tensor)
    return outputs


def numbers(text: str) -> list[float]:
    return [
        float(each.replace("−", "-").replace(",", ".")) for each in re.findall(r"−?\d+[.,]\d{4,}(?:e[+−]\d+)?", text)
    ]


# show


@pytest.mark.parametrize("language", ["en", "es"])
def test_show_has_every_layer_with_its_shape_and_parameters(narrow: Adelante, digits_file: Path, language: str) -> None:
    result = narrow("show", digits_file, "--lang", language)
    assert (result.status, result.err) == (0, "")
    lines = result.text.splitlines()
    assert max(map(len, lines)) <= WIDTH
    rows = [re.split(r"\s{2,}", line.strip()) for line in lines]
    assert ["0", '"edges"', "conv2d", "(2, 4, 4)", "20"] in rows
    assert ["1", "norm", "batch_norm → relu", "(2, 4, 4)", "4"] in rows
    assert ["2", "max_pool2d", "(2, 2, 2)"] in rows
    assert ["4", "out", "dense", "(3,)", "27"] in rows
    assert ["features", "24"] in rows
    told = " ".join(lines[:2])
    assert "51 param" in told or "51 pará" in told
    assert "4 numbers in buffers" in told or "4 números en búferes" in told
    assert not re.search(r"[─│┌└├━]|\x1b", result.text)


def test_show_as_a_document(adelante: Adelante, twins_file: Path) -> None:
    document = json.loads(adelante("show", twins_file, "--json").out)
    assert document["inputs"][0] == {"name": "inputs.ids", "shape": [3], "dtype": "int64"}
    assert document["outputs"][1] == {"name": "layers.2.activations", "shape": [3, 2]}
    assert document["layers"][0]["parameters"] == {"layers.0.weights": [5, 2]}
    assert document["layers"][0]["inputs"] == ["inputs.ids"]
    assert document["parameters"] == 10


def test_show_of_a_preset(adelante: Adelante) -> None:
    assert "dense → sigmoid" in adelante("show", "multilayer").text


# forward


@pytest.mark.parametrize("inputs", ["@digit.png", "@digit.npy", "@digit.json"])
def test_forward_of_every_kind_of_file(
    adelante: Adelante, digits_file: Path, inputs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(digits_file.parent)
    result = adelante("forward", "digits.safetensors", "--inputs", inputs, "--digits", 6)
    assert result.status == 0
    outputs = result.text.partition("Outputs")[2]
    np.testing.assert_allclose(numbers(outputs), expected().numpy(), atol=1e-6)
    told = "digit.png: 6 × 6, grey, numbers from 0 to 1" in result.err
    assert told == (inputs == "@digit.png")


def test_forward_through_standard_input_and_typed(adelante: Adelante, digits_file: Path) -> None:
    file = io.BytesIO()
    np.save(file, INPUTS.double().numpy())
    piped = json.loads(adelante("forward", digits_file, "-i", "-", "--json", stdin=file.getvalue()).out)
    np.testing.assert_allclose(piped["outputs"], expected().numpy(), rtol=1e-6)
    row = ",".join(map(str, INPUTS.flatten().tolist()))
    typed = json.loads(adelante("forward", digits_file, "-i", row, "--outputs", "--json").out)
    assert typed["outputs"] == piped["outputs"]
    assert "layers" not in typed
    assert len(piped["layers"]) == 6
    network = digits_file.read_bytes()
    assert json.loads(adelante("forward", "-", "-i", row, "--outputs", "--json", stdin=network).out) == typed


def test_a_batch_from_a_file_and_from_repeated_inputs(adelante: Adelante, digits_file: Path) -> None:
    folder = digits_file.parent
    np.save(folder / "two.npy", torch.stack([INPUTS, INPUTS * 0.5]).numpy())
    np.save(folder / "half.npy", (INPUTS * 0.5).numpy())
    whole = json.loads(adelante("forward", digits_file, "-i", f"@{folder}/two.npy", "--json").out)["outputs"]
    twice = ["-i", f"@{folder}/digit.npy", "-i", f"@{folder}/half.npy"]
    assert json.loads(adelante("forward", digits_file, *twice, "--json").out)["outputs"] == whole
    np.testing.assert_allclose(whole[0], expected().numpy(), rtol=1e-6)


@pytest.mark.parametrize("way", ["typed", "json", "npz", "mixed"])
def test_several_inputs_come_by_name(adelante: Adelante, twins_file: Path, tmp_path: Path, way: str) -> None:
    gate = json.dumps(TOKENS["gate"])
    np.savez(tmp_path / "both.npz", ids=np.array(TOKENS["ids"]), gate=np.array(TOKENS["gate"]))
    np.save(tmp_path / "gate.npy", np.array(TOKENS["gate"]))
    given = {
        "typed": ["-i", "ids=4,0,2", "-i", f"gate={gate}"],
        "json": ["-i", json.dumps({"inputs": TOKENS})],
        "npz": ["-i", f"@{tmp_path}/both.npz"],
        "mixed": ["-i", "ids=[4, 0, 2]", "-i", f"gate=@{tmp_path}/gate.npy"],
    }[way]
    found = json.loads(adelante("forward", twins_file, *given, "--outputs", "--json").out)["outputs"]
    assert list(found.values()) == [
        [[8.0, 18.0], [0.0, 4.0], [-4.0, 2.5]],
        [[True, True], [False, True], [False, False]],
    ]


def test_outputs_as_arrays(adelante: Adelante, digits_file: Path, twins_file: Path, tmp_path: Path) -> None:
    picture = f"@{digits_file.parent}/digit.npy"
    result = adelante("forward", digits_file, "-i", picture, "--npy", tmp_path / "out.npy", "--npz", tmp_path / "t.npz")
    assert (result.status, result.out) == (0, b"")
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy"), expected().numpy())
    assert list(np.load(tmp_path / "t.npz")) == ["layers.5.activations"]
    adelante("forward", digits_file, "-i", picture, "--trace", "--npz", tmp_path / "t.npz")
    whole = np.load(tmp_path / "t.npz")
    assert whole["layers.1.pre_activations"].shape == (2, 4, 4)
    assert len(list(whole)) == 7
    both = ["-i", json.dumps({"inputs": TOKENS})]
    refused = adelante("forward", twins_file, *both, "--npy", tmp_path / "no.npy")
    assert refused.status == 2
    assert "--npz" in refused.err


REFUSED: list[tuple[list[str], str, str]] = [
    (["-i", "@photo.png"], "photo.png is 9 × 6, and the network takes 6 × 6.", "Con --resize se cambia su tamaño."),
    (["-i", "1,2,3"], "The inputs have shape (3,); one input is (1, 6, 6)", "(1, 6, 6)"),
    (["-i", "@wrong.npy"], "(5, 5)", "(5, 5)"),
    ([], "it takes inputs (1, 6, 6)", "Dalas con --inputs"),
    (["-i", "@broken.npy"], "can't be read as a NumPy array", "no se puede leer como array de NumPy"),
    (["-i", "@objects.npy"], "holds object, not numbers", "contiene object, no números"),
]


@pytest.mark.parametrize(("arguments", "english", "spanish"), REFUSED)
def test_inputs_that_do_not_go_through(
    adelante: Adelante,
    digits_file: Path,
    arguments: list[str],
    english: str,
    spanish: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(digits_file.parent)
    Image.fromarray(np.zeros((6, 9), dtype=np.uint8)).save("photo.png")
    np.save("wrong.npy", np.zeros((5, 5)))
    Path("broken.npy").write_bytes(b"\x93NUMPY\x01\x00v\x00")
    np.save("objects.npy", np.array([None]), allow_pickle=True)
    for language, words in (("en", english), ("es", spanish)):
        result = adelante("forward", "digits.safetensors", *arguments, "--lang", language)
        assert (result.status, result.out) == (1, b"")
        assert words in " ".join(result.err.split())
    assert adelante("forward", "digits.safetensors", "-i", "@photo.png", "--resize").status == 0


def test_an_index_past_the_table_is_told_in_torchs_words(adelante: Adelante, twins_file: Path) -> None:
    both = json.dumps({"inputs": {**TOKENS, "ids": [4, 0, 99]}})
    result = adelante("forward", twins_file, "-i", both)
    assert result.status == 1
    assert "index out of range in self" in result.err


# explain

CELLS: dict[str, list[str]] = {
    "layers.0.activations[1,2,3]": ["The sum of 9 products", "plus the bias layers.0.biases[1]", "net.py:9"],
    "layers.1.pre_activations[0,1,2]": ["(x − mean) / √(variance + eps) · scale + shift", "then relu: layers.1.act"],
    "layers.1.activations[0,1,2]": ["max(0, x), where", "layers.1.pre_activations[0,1,2]"],
    "layers.2.activations[1,0,1]": ["The largest of 4 was taken", "← taken"],
    "layers.3.activations[5]": ["It is layers.2.activations[1,0,1]"],
    "layers.4.activations[2]": ["The sum of 8 products", "more, together"],
    "layers.5.activations[0]": ["e^x over the sum of 3", "← this one"],
}


@pytest.mark.parametrize(("cell", "told"), CELLS.items())
def test_every_form_is_explained(narrow: Adelante, digits_file: Path, cell: str, told: list[str]) -> None:
    picture = f"@{digits_file.parent}/digit.npy"
    result = narrow("explain", digits_file, "-i", picture, "--cell", cell, "--rows", 5, "--digits", 5)
    assert result.status == 0
    tensor, _, index = cell.partition("[")
    at = tuple(map(int, index.rstrip("]").split(",")))
    value = library.forward(digits(), INPUTS)[tensor][at].item()
    assert numbers(result.text)[0] == pytest.approx(value, abs=1e-5)
    one_line = " ".join(result.text.split())
    for each in told:
        assert each in one_line
    lines = result.text.splitlines()
    assert max(len(line) for line in lines if "adelante explain" not in line) <= WIDTH
    spanish = narrow("explain", digits_file, "-i", picture, "--cell", cell, "--lang", "es")
    assert spanish.status == 0
    assert not re.search(r"\b(sum|where|products|taken|this|together|then)\b", spanish.text)


def test_the_parts_of_a_sum_are_the_largest_first_and_add_up(adelante: Adelante, digits_file: Path) -> None:
    arguments = ["-i", f"@{digits_file.parent}/digit.npy", "-c", "layers.4.activations[2]"]
    lines = adelante("explain", digits_file, *arguments, "--digits", 6, "--rows", 3).text.splitlines()
    products = [numbers(line)[-1] for line in lines if "layers.4.weights[" in line]
    assert [abs(each) for each in products] == sorted(map(abs, products), reverse=True)
    assert len(products) == 3
    (rest,) = (numbers(line)[-1] for line in lines if "together" in line)
    (bias,) = (numbers(line)[-1] for line in lines if "the bias" in line)
    assert sum(products) + rest + bias == pytest.approx(numbers(lines[0])[0], abs=1e-5)


def test_the_way_goes_on_from_part_to_part(adelante: Adelante, digits_file: Path) -> None:
    """From the output to the pixels by the commands that are offered."""

    picture = f"@{digits_file.parent}/digit.npy"
    command = ["explain", str(digits_file), "--inputs", picture, "--cell", "layers.5.activations[0]"]
    seen = []
    while command:
        result = adelante(*command)
        assert result.status == 0
        seen.append(command[-1].partition("[")[0])
        found = re.search(r"^  (adelante explain .*)$", result.text, re.MULTILINE)
        command = shlex.split(found[1])[1:] if found else []
    assert seen == [f"layers.{k}.activations" for k in (5, 4, 3, 2, 1)] + [
        "layers.1.pre_activations",
        "layers.0.activations",
    ]


def test_where_a_number_that_is_not_finite_arose(adelante: Adelante, tmp_path: Path) -> None:
    layers = [{"kind": "exp"}, {"weights": [[0.0], [1.0]], "biases": [0.0]}, {"kind": "tanh"}]
    file = tmp_path / "net.json"
    file.write_text(json.dumps({"input": {"shape": [2]}, "layers": layers}))
    command = ["explain", str(file), "--inputs", "1000,1", "--cell", "layers.2.activations[0]"]
    spanish = adelante(*command, "--lang", "es").text
    assert "El primer NaN de su camino surge en layers.1.activations[0]: ∞ · 0 = NaN." in spanish
    told = adelante(*command).text
    assert "The first NaN on its way arises in layers.1.activations[0]: ∞ · 0 = NaN." in told
    assert "The ∞ in it arises in layers.0.activations[0]: exp(x) where x = 1000." in told
    # The way that is offered goes there, and on to the infinity.
    for said in ("This NaN arises here: ∞ · 0 = NaN.", "This ∞ arises here: exp(x) where x = 1000."):
        told = adelante(*shlex.split(re.findall(r"^  (adelante .*)$", told, re.MULTILINE)[0])[1:]).text
        assert said in told
    assert "adelante explain" not in told
    overflow = tmp_path / "large.json"
    overflow.write_text(json.dumps({"input": {"shape": [1]}, "layers": [{"weights": [[1e30]], "biases": [0.0]}]}))
    told = adelante("explain", overflow, "--inputs", "1e30", "--cell", "layers.0.pre_activations[0]").text
    assert "This ∞ arises here: 1.0000e+30 · 1.0000e+30 = ∞, more than float32 holds." in told


def test_explain_as_the_apis_document_and_of_a_row_of_a_batch(adelante: Adelante, digits_file: Path) -> None:
    np.save(digits_file.parent / "two.npy", torch.stack([INPUTS * 0, INPUTS]).numpy())
    arguments = ["explain", digits_file, "-i", f"@{digits_file.parent}/two.npy", "-c", "layers.4.activations[1]"]
    document = json.loads(adelante(*arguments, "--row", 1, "--json").out)
    trace = library.forward(digits(), INPUTS)
    assert document["form"] == "sum-of-products"
    assert document["value"] == pytest.approx(trace["layers.4.activations"][1].item(), rel=1e-5)
    assert len(document["parts"]) == 8
    assert numbers(adelante(*arguments, "--row", 1).text)[0] == pytest.approx(document["value"], abs=1e-4)
    refused = adelante(*arguments, "--row", 2)
    assert refused.status == 1
    assert "There is no input 2; the last is 1." in refused.err


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("layers.9.activations[0]", "The network has no tensor layers.9.activations."),
        ("layers.4.activations[3]", "there is no 3 here; the last is 2"),
        ("layers.4.activations[1,2]", "not 2"),
        ("layers.4.weights[0,0]", "was given, not computed"),
        ("layers.4.activations[x]", "names no number"),
        ("layers.4.activations[-1]", "names no number"),
    ],
)
def test_cells_that_are_not_there(adelante: Adelante, digits_file: Path, cell: str, told: str) -> None:
    result = adelante("explain", digits_file, "-i", f"@{digits_file.parent}/digit.npy", "--cell", cell)
    assert (result.status, result.out) == (1, b"")
    assert told in " ".join(result.err.split())


def test_a_preset_is_explained_with_its_own_inputs(adelante: Adelante) -> None:
    result = adelante("explain", "multilayer", "--cell", "layers.1.activations[0]")
    assert "layers.1.activations[0] = 0.3171" in result.text


# export


@pytest.mark.parametrize("target", ["pytorch", "sequential", "numpy"])
def test_export_writes_a_program_that_prints_the_outputs(
    adelante: Adelante, digits_file: Path, tmp_path: Path, target: str
) -> None:
    program = tmp_path / "program.py"
    result = adelante("export", digits_file, "-i", f"@{tmp_path}/digit.npy", "--to", target, "-o", program)
    assert result.status == 0
    printed = [float(each) for each in re.findall(r"\d\.\d+(?:e-?\d+)?", warm.printed(program))]
    np.testing.assert_allclose(printed, expected().numpy(), rtol=1e-5)


def test_export_as_json_reads_back_the_same(adelante: Adelante, twins_file: Path, tmp_path: Path) -> None:
    both: list[Any] = ["-i", json.dumps({"inputs": TOKENS})]
    (tmp_path / "twins.json").write_bytes(adelante("export", twins_file, *both, "--to", "json").out)
    again = adelante("forward", tmp_path / "twins.json", "--json")
    assert (
        json.loads(again.out)["outputs"] == json.loads(adelante("forward", twins_file, *both, "--json").out)["outputs"]
    )
    curl = adelante("export", twins_file, *both, "--to", "curl").text
    assert curl.startswith("curl --silent")
    plain = adelante("export", twins_file, "--to", "json")
    assert json.loads(plain.out)["layers"][0]["kind"] == "embedding"
    binary = adelante("export", tmp_path / "twins.json", "--to", "safetensors")
    assert binary.out == twins_file.read_bytes()


@pytest.mark.parametrize(
    ("language", "width", "says"), [("en", "petal width (cm)", "It says"), ("es", "(cm)", "Dice:")]
)
def test_a_presets_numbers_are_called_by_their_names(adelante: Adelante, language: str, width: str, says: str) -> None:
    """Inputs with their units, outputs by their classes; of an output which class it says."""
    told = adelante("explain", "iris", "--cell", "layers.0.pre_activations[0]", "--lang", language).text
    assert re.search(rf"inputs\[3\] .*{re.escape(width)}", told)
    assert says not in told
    told = adelante("explain", "iris", "--cell", "layers.1.activations[1]", "--lang", language).text
    assert told.startswith("layers.1.activations[1] versicolor = ")
    assert "layers.1.pre_activations[2] virginica" in told
    assert told.endswith(f"{says} setosa.\n")
    plain = adelante("explain", "multilayer", "--cell", "layers.0.pre_activations[0]", "--lang", language).text
    assert "inputs[0]  " in plain


def test_a_program_of_a_preset_says_what_its_numbers_are_called(adelante: Adelante) -> None:
    for target in ("pytorch", "sequential", "numpy"):
        lines = adelante("export", "iris", "--to", target).text.splitlines()
        assert lines[1] == "# Inputs: sepal length (cm), sepal width (cm), petal length (cm), petal width (cm)"
        assert lines[2] == "# Outputs: setosa, versicolor, virginica"
