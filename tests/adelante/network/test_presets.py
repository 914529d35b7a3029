"""The presets give the notebook's figures, to its printed digits."""

import pytest
import torch

from adelante.network.errors import NetworkError
from adelante.network.forward import forward
from adelante.network.presets import PRESET_NAMES, preset_named
from tests import notebook


def test_one_neuron_is_the_notebooks() -> None:
    preset = preset_named("one-neuron")
    layer = preset.network.layers[0]
    assert preset.inputs.tolist() == pytest.approx(notebook.ONE_NEURON_FEATURES, abs=5e-5)
    assert layer.weights[:, 0].tolist() == pytest.approx(notebook.ONE_NEURON_WEIGHTS, abs=5e-5)
    assert layer.biases.item() == pytest.approx(notebook.ONE_NEURON_BIAS, abs=5e-5)
    sums = [preset.inputs.sum(), layer.weights.sum(), layer.biases.sum()]
    assert [value.item() for value in sums] == pytest.approx([2.1626, -1.5621, 0.3177], abs=5e-5)
    assert [torch.sigmoid(value).item() for value in sums] == pytest.approx([0.8968, 0.1733, 0.5788], abs=5e-5)
    assert forward(preset.network, preset.inputs).outputs.item() == pytest.approx(notebook.ONE_NEURON_OUTPUT, abs=5e-5)


def test_multilayer_is_the_notebooks() -> None:
    preset = preset_named("multilayer")
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
    preset = preset_named("xor")
    corners = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    assert forward(preset.network, corners).outputs.round().flatten().tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize("name", PRESET_NAMES)
def test_a_presets_names_and_ranges_fit_its_shape(name: str) -> None:
    preset = preset_named(name)
    n_in = preset.network.n_in
    assert preset.inputs.shape == (n_in,)
    assert len(preset.input_names) == len(preset.input_ranges) == len(preset.input_units) == n_in
    assert len(preset.output_names) == preset.network.n_out
    for (low, high), value in zip(preset.input_ranges, preset.inputs.tolist(), strict=True):
        assert low <= value <= high


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(NetworkError) as caught:
        preset_named("nope")
    assert caught.value.faults[0].values["known"] == list(PRESET_NAMES)
