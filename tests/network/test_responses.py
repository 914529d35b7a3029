"""Sweeps, grids and curves against that many forward passes, on drawn networks."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from app.network.activations import ACTIVATIONS
from app.network.errors import NetworkError
from app.network.forward import forward
from app.network.network import Layer, Network
from app.network.presets import preset_named
from app.network.responses import (
    Axis,
    Vary,
    VaryBias,
    VaryInput,
    VaryWeight,
    curve,
    grid,
    grid_size,
    spread,
    sweep,
    sweep_size,
    sweeps,
)
from tests.network.drawn import assert_close, networks


@st.composite
def varied(draw: st.DrawFn) -> tuple[Network, Tensor, Vary]:
    """A drawn network, inputs, and one of its numbers."""
    network, inputs = draw(networks())
    k = draw(st.integers(0, len(network.layers) - 1))
    source = draw(st.integers(0, network.layers[k].n_in - 1))
    target = draw(st.integers(0, network.layers[k].n_out - 1))
    kinds: list[Vary] = [
        VaryInput(draw(st.integers(0, network.n_in - 1))),
        VaryWeight(k, source, target),
        VaryBias(k, target),
    ]
    return network, inputs, draw(st.sampled_from(kinds))


def changed(network: Network, inputs: Tensor, vary: Vary, value: Tensor) -> tuple[Network, Tensor]:
    """The network and the inputs with one number replaced: the slow, obvious way."""
    inputs, layers = inputs.clone(), list(network.layers)
    match vary:
        case VaryInput(index):
            inputs[index] = value
        case VaryWeight(k, source, target):
            weights = layers[k].weights.clone()
            weights[source, target] = value
            layers[k] = replace(layers[k], weights=weights)
        case VaryBias(k, neuron):
            biases = layers[k].biases.clone()
            biases[neuron] = value
            layers[k] = replace(layers[k], biases=biases)
    return Network(layers), inputs


@settings(deadline=None)
@given(varied(), st.floats(-3, 3), st.floats(-3, 3), st.integers(2, 5))
def test_a_sweep_is_that_many_forward_passes(
    case: tuple[Network, Tensor, Vary], low: float, high: float, steps: int
) -> None:
    network, inputs, vary = case
    values = spread(low, high, steps, inputs)
    found = sweep(network, inputs, vary, values)
    assert found.outputs.shape == (steps, network.n_out)
    for step, value in enumerate(values):
        expected = forward(*changed(network, inputs, vary, value))
        for k, activations in enumerate(expected.activations):
            assert_close(found.activations[k][step], activations)


def test_sweeps_together_are_the_sweeps_alone() -> None:
    preset = preset_named("multilayer")
    values = torch.linspace(-2, 2, 5)
    wanted: list[tuple[Vary, Tensor]] = [
        (VaryWeight(1, 1, 0), values),
        (VaryInput(2), values[:3]),
        (VaryBias(0, 1), values),
        (VaryWeight(0, 2, 1), values[:2]),
        (VaryInput(0), values),
    ]
    found = sweeps(preset.network, preset.inputs, wanted)
    for (vary, values), swept in zip(wanted, found, strict=True):
        alone = sweep(preset.network, preset.inputs, vary, values)
        assert torch.equal(swept.values, values)
        for together, expected in zip(swept.activations, alone.activations, strict=True):
            assert_close(together, expected)
    assert sweeps(preset.network, preset.inputs, []) == []


def test_a_swept_weight_does_not_suffer_from_the_size_of_the_one_it_replaces() -> None:
    network = Network([Layer(torch.tensor([[1e9], [0.5]]), torch.tensor([0.25]))])
    found = sweep(
        network,
        torch.tensor([1.0, 1.0]),
        VaryWeight(0, 0, 0),
        torch.tensor([0.125, 1.0]),
    )
    assert found.outputs[:, 0].tolist() == [0.875, 1.75]


@settings(deadline=None, max_examples=60)
@given(networks().filter(lambda case: case[0].n_in >= 2), st.integers(2, 4), st.data())
def test_a_grid_is_that_many_forward_passes(case: tuple[Network, Tensor], steps: int, data: st.DataObject) -> None:
    network, inputs = case
    x, y = data.draw(st.permutations(range(network.n_in)))[:2]
    found = grid(network, inputs, Axis(x, -2.0, 3.0), Axis(y, 1.0, -1.0), steps)
    assert found.x_values[[0, -1]].tolist() == [-2, 3]
    assert found.y_values[[0, -1]].tolist() == [1, -1]
    for row, y_value in enumerate(found.y_values):
        for column, x_value in enumerate(found.x_values):
            here = inputs.clone()
            here[x], here[y] = x_value, y_value
            for k, activations in enumerate(forward(network, here).activations):
                assert_close(found.activations[k][:, row, column], activations)


@pytest.mark.parametrize("name", list(ACTIVATIONS))
@pytest.mark.parametrize("at", [-40.0, -6.0, 0.25, 13.0])
def test_a_curve_passes_through_the_neuron(name: str, at: float) -> None:
    activation, z = ACTIVATIONS[name], torch.tensor([0.5, at, -1.5])
    z_values, f = curve(activation, z, 1)
    assert len(z_values) == 65
    assert z_values[0] <= at <= z_values[-1] == -z_values[0]
    for sample in (0, 17, 64):
        there = z.clone()
        there[1] = z_values[sample]
        torch.testing.assert_close(f[sample], activation(there)[1])


def test_a_curve_of_a_pre_activation_that_is_not_finite_or_nearly_so() -> None:
    assert curve(ACTIVATIONS["tanh"], torch.tensor([float("inf")]), 0)[0, -1] == 6
    assert curve(ACTIVATIONS["tanh"], torch.tensor([3e38]), 0).isfinite().all()


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_every_dtype_is_kept(dtype: torch.dtype) -> None:
    preset = preset_named("multilayer")
    network, inputs = preset.network.to(dtype=dtype), preset.inputs.to(dtype)
    made = [
        sweep(network, inputs, VaryBias(0, 1), spread(-1, 1, 5, inputs)).outputs,
        grid(network, inputs, Axis(0, -1, 1), Axis(1, -1, 1), 3).activations[0],
        curve(network.layers[0].activation, forward(network, inputs).pre_activations[0], 0),
    ]
    assert {tensor.dtype for tensor in made} == {dtype}


def test_tensors_made_under_inference_mode_will_do() -> None:
    with torch.inference_mode():
        network, inputs = Network([Layer(torch.randn(3, 2), torch.randn(2), ACTIVATIONS["softmax"])]), torch.randn(3)
        assert sweep(network, inputs, VaryWeight(0, 0, 0), torch.ones(2)).outputs.shape == (2, 2)
        assert grid(network, inputs, Axis(0, 0, 1), Axis(1, 0, 1), 2).activations[0].shape == (2, 2, 2)


def test_spread_keeps_its_ends_and_never_overflows() -> None:
    wide = spread(-3e38, 3e38, 3, torch.zeros(()))
    assert wide.tolist() == torch.tensor([-3e38, 0, 3e38]).tolist()
    assert spread(-3, 3, 33, torch.zeros(())).tolist() == [-3 + k * 6 / 32 for k in range(33)]


@pytest.mark.parametrize(
    ("vary", "pointer"),
    [
        (VaryInput(3), "/vary/input"),
        (VaryInput(-1), "/vary/input"),
        (VaryWeight(2, 0, 0), "/vary/layer"),
        (VaryWeight(0, 3, 0), "/vary/weight/0"),
        (VaryWeight(0, 0, 2), "/vary/weight/1"),
        (VaryBias(1, 1), "/vary/bias"),
    ],
)
def test_what_the_network_lacks_can_not_vary(vary: Vary, pointer: str) -> None:
    preset = preset_named("multilayer")
    with pytest.raises(NetworkError) as caught:
        sweep(preset.network, preset.inputs, vary, torch.ones(2))
    assert [(fault.type, fault.pointer) for fault in caught.value.faults] == [("out-of-range", pointer)]


def test_a_plane_has_two_inputs() -> None:
    preset = preset_named("multilayer")
    with pytest.raises(NetworkError) as caught:
        grid(preset.network, preset.inputs, Axis(0, 0, 1), Axis(0, 0, 1), 2)
    assert [(fault.key, fault.pointer) for fault in caught.value.faults] == [("same-input-twice", "/y/input")]


def test_sizes_count_what_is_made() -> None:
    preset = preset_named("multilayer")
    network, inputs = preset.network, preset.inputs
    swept = sweep(network, inputs, VaryInput(0), torch.ones(5))
    assert sweep_size(network, 5) == 5 + sum(tensor.numel() for tensor in swept.activations)
    plane = grid(network, inputs, Axis(0, 0, 1), Axis(1, 0, 1), 4)
    assert grid_size(network, 4) == 8 + sum(tensor.numel() for tensor in plane.activations)
