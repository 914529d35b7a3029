"""Every generated text is run, and prints the forward pass's outputs to float32's digits."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from adelante.code.dense import Style, code_size, drawn_order, generate, torch_call
from adelante.code.sources import FUNCTIONS, sources_of
from adelante.formats.literals import quoted, rows_text
from adelante.network.activations import ACTIVATIONS
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.dense.random import draw
from adelante.network.errors import NetworkError
from adelante.network.forward import forward
from adelante.network.presets import chain_named
from tests import warm
from tests.adelante.code.running import HOSTILE
from tests.long import long


def run(folder: Path, text: str, *, shell: bool = False) -> str:
    """What the text prints when it is run as a program of its own, without a word on stderr."""
    (folder / "program").write_text(text, encoding="utf-8")
    if shell:
        done = subprocess.run(["sh", "program"], cwd=folder, capture_output=True, timeout=120, check=False)
    else:
        done = warm.run(warm.Program(path="program", folder=str(folder), strict=True), timeout=120)
    assert (done.returncode, done.stderr) == (0, b""), done.stderr
    assert {path.name for path in folder.iterdir()} == {"program"}
    return done.stdout.decode()


def printed(text: str) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """The numbers in what a program printed: tensor([[0.5]]) or [[0.5]]."""
    body = text[text.index("[") : text.rindex("]")]
    return np.array([float(number) for number in re.findall(r"-?\d+\.?\d*(?:e[+-]?\d+)?", body)])


def every_activation() -> tuple[DenseNetwork, Tensor]:
    """A network with a layer of each activation, its numbers small enough to stay finite; a batch of 2."""
    names = list(ACTIVATIONS)
    network = draw([4] * (len(names) + 1), 3, [ACTIVATIONS[name] for name in names]).network
    return network, torch.tensor([[0.5, -1.25, 2.0, 0.1], [-0.3, 0.7, -2.2, 1.1]])


# NumPy code has one style.
@pytest.mark.parametrize(
    ("language", "style"), [long("pytorch", "notebook"), ("pytorch", "module"), ("numpy", "notebook")]
)
def test_a_network_of_all_activations(tmp_path: Path, language: str, style: Style) -> None:
    network, inputs = every_activation()
    text = generate(network, inputs, language, style=style)  # type: ignore[arg-type]
    expected = forward(network, inputs).outputs.flatten().numpy()
    np.testing.assert_allclose(printed(run(tmp_path, text)), expected, rtol=2e-5, atol=1e-6)


# Of longer sums NumPy and torch round the last digits in their own ways.
@pytest.mark.parametrize("name", ["multilayer", "one-neuron", "xor"])
@pytest.mark.parametrize("language", ["pytorch", "numpy"])
def test_the_presets_to_the_last_digit(tmp_path: Path, name: str, language: str) -> None:
    preset = chain_named(name)
    text = generate(preset.network, preset.inputs, language)  # type: ignore[arg-type]
    got = printed(run(tmp_path, text)).astype(np.float32)
    expected = forward(preset.network, preset.inputs).outputs.numpy()
    np.testing.assert_array_max_ulp(got, expected, maxulp=1)


def ran(text: str) -> Tensor:
    """`output` of a generated PyTorch program, run in this process."""
    scope: dict[str, object] = {"print": lambda *_: None}
    exec(text, scope)
    torch.set_printoptions(profile="default")  # type: ignore[no-untyped-call]
    output = scope["output"]
    assert isinstance(output, Tensor)
    return output


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16])
def test_the_notebook_style_gives_the_outputs_of_the_pass_to_the_bit(dtype: torch.dtype) -> None:
    sizes, ways = [[3, 2, 1], [5, 1], [4, 6, 3]], set()
    for seed in range(20):
        names = list(ACTIVATIONS)
        drawn = draw(sizes[seed % 3], seed, [ACTIVATIONS[names[seed % len(names)]]], inputs=True, dtype=dtype)
        assert drawn.inputs is not None
        text = generate(drawn.network, drawn.inputs, "pytorch")
        ways.add("addmm" in text)
        assert torch.equal(ran(text)[0], forward(drawn.network, drawn.inputs).outputs), text
    assert False in ways  # the notebook's own line, wherever it gives the same


def test_the_notebook_style_loses_no_term_that_a_large_one_hides() -> None:
    half = torch.float16
    for weights, bias in (([2048.0, 1.0], -2048.0), ([2048.0, -2048.0], 1.0), ([1.0, 2048.0], -2048.0)):
        network = DenseNetwork(
            [DenseLayer(torch.tensor(weights, dtype=half).view(2, 1), torch.tensor([bias], dtype=half))]
        )
        inputs = torch.ones(2, dtype=half)
        assert (
            ran(generate(network, inputs, "pytorch")).tolist() == [forward(network, inputs).outputs.tolist()] == [[1.0]]
        )


def test_the_notebooks_network_is_drawn_as_the_notebook_draws_it(tmp_path: Path) -> None:
    preset = chain_named("multilayer")
    text = generate(preset.network, preset.inputs, "pytorch")
    steps = ["torch.manual_seed(7)", "features = torch.randn((1, 3))", "W1 = torch.randn((3, 2))"]
    steps += ["W2 = torch.randn((2, 1))", "B1 = torch.randn((1, 2))", "B2 = torch.randn((1, 1))"]
    assert "\n".join(steps) in text
    assert run(tmp_path, text) == "tensor([[0.31708315]])\n"
    assert drawn_order(preset.network, preset.inputs) == "weights-first"
    assert drawn_order(preset.network, preset.inputs + 1) is None
    layerwise = draw([3, 2, 1], 7, [ACTIVATIONS["relu"]], inputs=True)
    assert layerwise.inputs is not None
    assert drawn_order(layerwise.network, layerwise.inputs) == "layerwise"


def test_the_module_text_says_where_the_two_layouts_meet(tmp_path: Path) -> None:
    preset = chain_named("multilayer")
    text = generate(preset.network, preset.inputs, "pytorch", style="module")
    assert "nn.Linear(3, 2)" in text
    assert "(n_out, n_in)" in text
    assert run(tmp_path, text) == "tensor([[0.31708315]])\n"


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_each_activations_text_gives_its_values(name: str) -> None:
    activation = ACTIVATIONS[name]
    z = torch.cat((torch.linspace(-30, 30, 601), torch.tensor([-104.0, -88.8, 0.0, 1e-7, 88.9, 1000.0]))).view(1, -1)
    expected = activation(z).numpy()
    assert torch.equal(eval(torch_call(activation), {"torch": torch, "z": z}), activation(z))
    scope: dict[str, Callable[..., object]] = {}
    exec("\n".join(("import math", "import numpy as np", *sources_of([name]))), scope)
    with np.errstate(all="raise", under="ignore"):
        got = scope[name](z.numpy())
    assert isinstance(got, np.ndarray)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6)


def test_every_activation_has_its_numpy_text() -> None:
    assert ACTIVATIONS.keys() <= FUNCTIONS.keys()


@pytest.mark.parametrize("language", ["pytorch", "numpy"])
def test_float64_and_a_large_batch(tmp_path: Path, language: str) -> None:
    drawn = draw([3, 4, 2], 11, [ACTIVATIONS["tanh"]], dtype=torch.float64)
    inputs = torch.randn((600, 3), generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    text = generate(drawn.network, inputs, language)  # type: ignore[arg-type]
    expected = forward(drawn.network, inputs).outputs.flatten().numpy()
    np.testing.assert_allclose(printed(run(tmp_path, text)), expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("scale", [1e-12, 1e9])
def test_outputs_of_any_size_show_their_digits(tmp_path: Path, scale: float) -> None:
    # All terms have one sign: processors differ in a term's last digit, and a difference of terms would magnify that.
    network = DenseNetwork(
        [DenseLayer(torch.tensor([[scale, scale / 7], [scale / 3, 1.0]]), torch.tensor([0.0, scale / 9]))]
    )
    inputs = torch.tensor([0.7, 0.0])
    expected = forward(network, inputs).outputs.numpy()
    for style in ("notebook", "module"):
        got = printed(run(tmp_path, generate(network, inputs, "pytorch", style=style))).astype(np.float32)
        np.testing.assert_array_max_ulp(got, expected, maxulp=1)


def test_bfloat16_is_torchs_alone(tmp_path: Path) -> None:
    preset = chain_named("multilayer")
    network, inputs = preset.network.to(dtype=torch.bfloat16), preset.inputs.bfloat16()
    got = printed(run(tmp_path, generate(network, inputs, "pytorch")))
    np.testing.assert_allclose(got, forward(network, inputs).outputs.float().numpy(), rtol=0.01)
    with pytest.raises(NetworkError) as caught:
        generate(network, inputs, "numpy")
    assert caught.value.faults[0].type == "unsupported-dtype"


def test_a_name_is_never_code(tmp_path: Path) -> None:
    # All in one network: each program takes torch's seconds to start.
    first, *others = HOSTILE
    layers = [DenseLayer(torch.tensor([[2.0]]), torch.tensor([0.5]), ACTIVATIONS["relu"], first)]
    layers += [DenseLayer(torch.ones(1, 1), torch.zeros(1), ACTIVATIONS["relu"], name) for name in others]
    network, inputs = DenseNetwork(layers), torch.tensor([1.0])
    for style in ("notebook", "module"):
        assert printed(run(tmp_path, generate(network, inputs, "pytorch", style=style))).tolist() == [2.5]
    assert printed(run(tmp_path, generate(network, inputs, "numpy"))).tolist() == [2.5]
    document = json.loads(generate(network, inputs, "json"))
    assert [layer["name"] for layer in document["layers"]] == HOSTILE
    # The shell is asked to print what curl would send.
    text = generate(network, inputs, "curl", url="http://x/'; touch owned; '")
    sent = run(tmp_path, text.replace("curl ", "curl() { cat; }; curl ", 1), shell=True)
    assert json.loads(sent) == document


@given(st.text())
def test_a_quoted_name_is_one_visible_line_in_json_and_python(name: str) -> None:
    text = quoted(name)
    assert text.isprintable()
    assert json.loads(text) == name


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1))
def test_literals_give_the_same_float32_back(numbers: list[float]) -> None:
    values = torch.tensor([numbers])
    texts = rows_text(values)[0]
    assert torch.equal(torch.tensor([[float(text) for text in texts]]), values)
    assert all(len(text.lstrip("-").replace(".", "").split("e")[0].strip("0")) <= 9 for text in texts)


def test_json_is_the_request_that_gives_the_outputs() -> None:
    preset = chain_named("multilayer")
    document = json.loads(generate(preset.network, preset.inputs, "json"))
    assert document.keys() == {"layers", "inputs", "return"}
    assert torch.equal(torch.tensor(document["inputs"]), preset.inputs)
    for layer, expected in zip(document["layers"], preset.network.layers, strict=True):
        assert torch.equal(torch.tensor(layer["weights"]), expected.weights)
        assert torch.equal(torch.tensor(layer["biases"]), expected.biases)
    wide = preset.network.to(dtype=torch.float64)
    assert json.loads(generate(wide, preset.inputs.double().repeat(2, 1), "json"))["dtype"] == "float64"


def test_what_is_not_finite_can_not_be_written() -> None:
    network = DenseNetwork([DenseLayer(torch.tensor([[float("inf")]]), torch.tensor([0.5]))])
    with pytest.raises(NetworkError) as caught:
        generate(network, torch.tensor([1.0]), "pytorch")
    assert [(fault.type, fault.pointer) for fault in caught.value.faults] == [("out-of-range", "/layers/0/weights")]
    assert code_size(network, torch.tensor([1.0])) == 3
