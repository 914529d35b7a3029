"""The presets give the notebook's figures, to its printed digits; those that learnt something know it."""

import pytest
import torch

from adelante.datasets import data_set_named
from adelante.datasets.digits import enlarged
from adelante.datasets.sequences import DIGITS, parity_of
from adelante.network.dense.network import DenseNetwork
from adelante.network.errors import NetworkError
from adelante.network.forward import forward
from adelante.network.presets import CHAIN_NAMES, PRESET_NAMES, chain_named, preset_named
from adelante.network.presets.make import MAKERS
from adelante.network.presets.make.fitting import share
from adelante.network.presets.make.sequences import Parity, written
from adelante.network.presets.trained import FOLDER
from tests import notebook
from tests.long import long


def test_one_neuron_is_the_notebooks() -> None:
    preset = chain_named("one-neuron")
    layer = preset.network.layers[0]
    assert preset.inputs.tolist() == pytest.approx(notebook.ONE_NEURON_FEATURES, abs=5e-5)
    assert layer.weights[:, 0].tolist() == pytest.approx(notebook.ONE_NEURON_WEIGHTS, abs=5e-5)
    assert layer.biases.item() == pytest.approx(notebook.ONE_NEURON_BIAS, abs=5e-5)
    sums = [preset.inputs.sum(), layer.weights.sum(), layer.biases.sum()]
    assert [value.item() for value in sums] == pytest.approx([2.1626, -1.5621, 0.3177], abs=5e-5)
    assert [torch.sigmoid(value).item() for value in sums] == pytest.approx([0.8968, 0.1733, 0.5788], abs=5e-5)
    assert forward(preset.network, preset.inputs).outputs.item() == pytest.approx(notebook.ONE_NEURON_OUTPUT, abs=5e-5)


def test_multilayer_is_the_notebooks() -> None:
    preset = chain_named("multilayer")
    hidden, output = preset.network.layers
    assert preset.inputs.tolist() == pytest.approx(notebook.FEATURES, abs=5e-9)
    assert hidden.weights.flatten().tolist() == pytest.approx(
        [w for row in notebook.HIDDEN_WEIGHTS for w in row], abs=5e-8
    )
    assert output.weights.flatten().tolist() == pytest.approx(
        [w for row in notebook.OUTPUT_WEIGHTS for w in row], abs=5e-8
    )
    assert hidden.biases.tolist() == pytest.approx(notebook.HIDDEN_BIASES, abs=5e-9)
    assert output.biases.tolist() == pytest.approx(notebook.OUTPUT_BIASES, abs=5e-9)
    trace = forward(preset.network, preset.inputs)
    assert trace.activations[0].tolist() == pytest.approx(notebook.HIDDEN_ACTIVATIONS, abs=1e-7)
    assert trace.outputs.item() == pytest.approx(notebook.OUTPUT, abs=1e-7)


def test_xor_answers_exclusive_or() -> None:
    preset = chain_named("xor")
    corners = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    trace = forward(preset.network, corners)
    assert trace.outputs.flatten().tolist() == pytest.approx([0.0080, 0.9904, 0.9904, 0.0080], abs=5e-5)
    either, both = trace.activations[0].round().T.tolist()
    assert (either, both) == ([0, 1, 1, 1], [0, 0, 0, 1])
    assert (preset.name, preset.data_set) == ("xor", "gate-xor")
    assert preset.inputs.tolist() in corners.tolist()
    assert {each.name: each.inputs.tolist() for each in preset.samples} == {
        f"{p:.0f}-{q:.0f}": [p, q] for p, q in corners.tolist()
    }


@pytest.mark.parametrize("name", CHAIN_NAMES)
def test_a_chains_names_and_ranges_fit_its_shape(name: str) -> None:
    preset = chain_named(name)
    n_in = preset.network.n_in
    assert preset.inputs.shape == (n_in,)
    assert len(preset.input_names) == len(preset.input_ranges) == len(preset.input_units) == n_in
    assert len(preset.output_names) == preset.network.n_out
    for (low, high), value in zip(preset.input_ranges, preset.inputs.tolist(), strict=True):
        assert low <= value <= high


@pytest.mark.parametrize("name", PRESET_NAMES)
def test_a_presets_samples_fit_its_input(name: str) -> None:
    preset = preset_named(name)
    (low, high), *_ = preset.input_ranges
    assert isinstance(preset.network, DenseNetwork) == (name in CHAIN_NAMES)
    assert preset.samples
    for sample in preset.samples:
        assert sample.inputs.shape == preset.inputs.shape == preset.network.inputs[0].shape
        if name not in CHAIN_NAMES:
            assert low <= sample.inputs.min().item() <= sample.inputs.max().item() <= high


# How well each has to do on rows that it did not learn from.
LEAST = {
    **dict.fromkeys(("gate-and", "gate-or", "gate-nand", "gate-nor"), 0.99),
    **dict.fromkeys(("circle", "moons", "spiral", "digits", "digits-large"), 0.95),
    "iris": 0.93,
    "digits-conv": 0.97,
    "parity": 0.99,
    "sorting": 0.99,
}


def measured(name: str) -> float:
    """As the script that made it measured it: the share of held-out rows that are right, or the error."""
    preset = preset_named(name)
    assert preset.data_set is not None
    inputs, targets = data_set_named(preset.data_set).held_out_rows
    if name == "sorting":
        digits = data_set_named("sorting").inputs[:, :DIGITS]
        return share((written(preset.network, digits) == digits.sort(1).values).all(1))
    if inputs.shape[1:] != preset.inputs.shape:
        inputs = enlarged(inputs)
    outputs = forward(preset.network, inputs)[preset.network.outputs[0]]
    if not preset.class_names:
        return round((outputs - targets).square().mean().sqrt().item(), 4)
    return share((outputs[:, 0] > 0.5).long() == targets if outputs.shape[1] == 1 else outputs.argmax(1) == targets)


@pytest.mark.parametrize("name", MAKERS)
def test_a_preset_knows_what_it_says_it_knows(name: str) -> None:
    known = preset_named(name).known
    assert measured(name) == pytest.approx(known["value"], abs=0.005)
    if known["measure"] == "error":
        noise = {"line": 0.1, "curve": 0.05}[name]
        assert known["value"] < 1.25 * noise
    else:
        assert known["value"] >= LEAST.get(name, known.get("limit", 1) - 0.02)


def test_parity_does_on_longer_strings_as_it_says() -> None:
    """The network that is kept goes eight steps; its numbers are put back into the layer that learnt them."""
    preset = preset_named("parity")
    kept, inputs = preset.network.parameters, data_set_named("parity").held_out_rows[0]
    layers = sorted({name.rpartition(".")[0] for name in kept}, key=lambda name: int(name.partition(".")[2]))
    state: dict[str, torch.Tensor] = {}
    for layer, weights, biases in zip(
        layers,
        ("memory.weight_ih_l0", "memory.weight_hh_l0", "odd.weight"),
        ("memory.bias_ih_l0", "memory.bias_hh_l0", "odd.bias"),
        strict=True,
    ):
        state |= {weights: kept[f"{layer}.weights"].T, biases: kept[f"{layer}.biases"]}
    module = Parity()
    module.load_state_dict(state)
    module.eval()
    with torch.no_grad():
        assert torch.allclose(module(inputs), forward(preset.network, inputs)[preset.network.outputs[0]], atol=1e-5)
        for length, known in preset.known["longer"].items():
            bits = torch.randint(0, 2, (500, int(length), 1), generator=torch.Generator().manual_seed(0)).float()
            right = share((module(bits)[:, 0] > 0.5).long() == parity_of(bits))
            assert right == pytest.approx(known, abs=0.01)
            assert right >= 0.99


def test_every_preset_but_the_notebooks_has_its_maker() -> None:
    assert set(MAKERS) == set(PRESET_NAMES) - {"multilayer", "one-neuron", "xor"}


@pytest.mark.parametrize("name", ["gate-and", long("gate-nor"), "line", long("rain"), long("iris")])
def test_the_same_weights_come_out_again(name: str) -> None:
    made, kept = MAKERS[name]().network, preset_named(name).network
    for parameter, values in kept.parameters.items():
        assert torch.allclose(made.parameters[parameter], values, rtol=1e-3, atol=1e-4)


def test_presets_are_there_without_torchs_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page lists them all when it starts: meta tensors would bring in a thousand modules, for seconds."""

    def never(*_: object) -> None:
        raise AssertionError("torch was asked for a shape")

    monkeypatch.setattr("adelante.network.metas.torch_meta", never)
    preset_named.cache_clear()
    for name in PRESET_NAMES:
        preset_named(name)


@pytest.mark.parametrize("name", MAKERS)
def test_a_presets_file_is_small(name: str) -> None:
    assert (FOLDER / f"{name}.safetensors").stat().st_size < 600_000


@pytest.mark.parametrize("name", [name for name in PRESET_NAMES if name not in CHAIN_NAMES])
def test_layers_say_the_line_that_they_were_written_in(name: str) -> None:
    """The line as it stands in the script today: a script that was changed has to be run again."""
    for layer in preset_named(name).network.layers:
        assert layer.source is not None
        file, line, text = layer.source.split(":", 2)
        lines = (FOLDER.parent / "make" / file).read_text().splitlines()
        assert text.strip() in lines[int(line) - 1]


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(NetworkError) as caught:
        preset_named("nope")
    assert caught.value.faults[0].values["known"] == list(PRESET_NAMES)
