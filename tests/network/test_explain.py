"""Explanations against the forward pass itself and against finite differences of it, on drawn networks."""

from dataclasses import replace
from functools import partial
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from app.network.activations import ACTIVATIONS
from app.network.errors import NetworkError
from app.network.explain import (
    Axis,
    Vary,
    VaryBias,
    VaryInput,
    VaryWeight,
    check_size,
    curve,
    derivatives,
    explain_layer,
    gradients,
    gradients_size,
    grid,
    grid_size,
    spread,
    sweep,
    sweep_size,
    sweeps,
    terms_size,
)
from app.network.forward import forward
from app.network.network import Layer, Network
from app.network.presets import preset_named

assert_close = partial(torch.testing.assert_close, rtol=1e-5, atol=1e-6)


@st.composite
def networks(draw: st.DrawFn, dtype: torch.dtype = torch.float32) -> tuple[Network, Tensor]:
    """A drawn network of 1 to 3 layers with inputs (n_in,) for it."""
    sizes = draw(st.lists(st.integers(1, 6), min_size=2, max_size=4))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**32)))
    layers = [
        Layer(
            torch.randn(n_in, n_out, generator=generator, dtype=dtype),
            torch.randn(n_out, generator=generator, dtype=dtype),
            ACTIVATIONS[draw(st.sampled_from(sorted(ACTIVATIONS)))],
        )
        for n_in, n_out in pairwise(sizes)
    ]
    return Network(layers), torch.randn(sizes[0], generator=generator, dtype=dtype)


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
@given(networks())
def test_the_terms_of_every_neuron_add_up_to_its_pre_activation(
    case: tuple[Network, Tensor],
) -> None:
    network, inputs = case
    trace = forward(network, inputs)
    for k, layer in enumerate(network.layers):
        whole = explain_layer(network, trace, k)
        assert list(whole.neurons) == list(range(layer.n_out))
        assert_close(whole.contributions.sum(0) + whole.biases, trace.pre_activations[k])
        assert torch.equal(whole.activations, trace.activations[k])
        assert torch.equal(whole.values, inputs if k == 0 else trace.activations[k - 1])
        assert whole.contributions.shape == whole.weights.shape == (layer.n_in, layer.n_out)
        for j in range(layer.n_out):
            one = explain_layer(network, trace, k, j)
            assert list(one.neurons) == [j]
            assert torch.equal(one.contributions[:, 0], whole.contributions[:, j])
            assert_close(one.derivatives, whole.derivatives[j : j + 1])
            assert one.biases == layer.biases[j]
            assert one.pre_activations == trace.pre_activations[k][j]


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_derivatives_match_finite_differences(name: str) -> None:
    activation = ACTIVATIONS[name]
    z = torch.tensor([-4.3, -2.1, -0.7, -0.2, 0.3, 0.9, 2.2, 6.4], dtype=torch.float64)
    step = 1e-6
    expected = torch.stack(
        [
            (activation(z + step * unit)[j] - activation(z - step * unit)[j]) / (2 * step)
            for j, unit in enumerate(torch.eye(len(z), dtype=z.dtype))
        ]
    )
    torch.testing.assert_close(derivatives(activation, z), expected, rtol=1e-6, atol=1e-8)
    torch.testing.assert_close(derivatives(activation, z, 5), expected[5:6], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", [name for name, activation in ACTIVATIONS.items() if activation.elementwise])
def test_derivatives_are_to_the_bit_those_of_the_autograd_engine(name: str) -> None:
    z = torch.tensor([-torch.inf, -3.0, -1.0, -0.0, 0.0, 1e-30, 1.0, 3.0, 6.0, torch.inf, torch.nan])
    leaf = z.clone().requires_grad_()
    (expected,) = torch.autograd.grad(ACTIVATIONS[name](leaf), leaf, torch.ones_like(leaf))
    found = derivatives(ACTIVATIONS[name], z)
    assert not found.requires_grad
    torch.testing.assert_close(found, expected, rtol=0, atol=0, equal_nan=True)


def test_a_wide_softmax_is_taken_in_several_chunks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.network.explain._DIAGONAL_CHUNK", 30)
    z = torch.linspace(-2, 2, 10, dtype=torch.float64)
    a = torch.softmax(z, 0)
    torch.testing.assert_close(derivatives(ACTIVATIONS["softmax"], z), a * (1 - a))


@settings(deadline=None, max_examples=60)
@given(networks(torch.float64))
def test_gradients_are_those_of_one_output_after_another(
    case: tuple[Network, Tensor],
) -> None:
    network, inputs = case
    found = gradients(network, inputs)
    assert found.inputs.shape == (network.n_out, network.n_in)
    leaves = [inputs.clone().requires_grad_()]
    leaves += [each.weights.clone().requires_grad_() for each in network.layers]
    leaves += [each.biases.clone().requires_grad_() for each in network.layers]
    count, a = len(network.layers), leaves[0]
    for k, layer in enumerate(network.layers):
        a = layer.activation(a @ leaves[1 + k] + leaves[1 + count + k])
    for output in range(network.n_out):
        expected = torch.autograd.grad(a[output], leaves, retain_graph=True)
        actual = [found.inputs, *found.weights, *found.biases]
        for one, many in zip(expected, actual, strict=True):
            torch.testing.assert_close(many[output], one)
    only_inputs = gradients(network, inputs, parameters=False)
    torch.testing.assert_close(only_inputs.inputs, found.inputs)
    assert only_inputs.weights == only_inputs.biases == []


def test_the_notebooks_gradient_by_hand() -> None:
    preset = preset_named("one-neuron")
    y = forward(preset.network, preset.inputs).outputs[0]
    found = gradients(preset.network, preset.inputs)
    slope = y * (1 - y)
    torch.testing.assert_close(found.inputs[0], slope * preset.network.layers[0].weights[:, 0])
    torch.testing.assert_close(found.weights[0][0, :, 0], slope * preset.inputs)
    torch.testing.assert_close(found.biases[0][0, 0], slope)


def test_tensors_made_under_inference_mode_have_gradients_too() -> None:
    with torch.inference_mode():
        layers = [
            Layer(torch.randn(3, 2), torch.randn(2), ACTIVATIONS["softmax"]),
            Layer(torch.eye(2), torch.ones(2)),
        ]
        network, inputs = Network(layers), torch.randn(3)
        trace = forward(network, inputs)
        assert gradients(network, inputs).weights[0].shape == (2, 3, 2)
        assert gradients(network, inputs, parameters=False).inputs.shape == (2, 3)
        assert explain_layer(network, trace, 0).derivatives.shape == (2,)
        assert sweep(network, inputs, VaryWeight(0, 0, 0), torch.ones(2)).outputs.shape == (2, 2)
        assert grid(network, inputs, Axis(0, 0, 1), Axis(1, 0, 1), 2).activations[0].shape == (2, 2, 2)
    assert gradients(network, inputs).biases[0].shape == (2, 2)


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
        explain_layer(network, forward(network, inputs), 0).derivatives,
        gradients(network, inputs).weights[0],
        sweep(network, inputs, VaryBias(0, 1), spread(-1, 1, 5, inputs)).outputs,
        grid(network, inputs, Axis(0, -1, 1), Axis(1, -1, 1), 3).activations[0],
        curve(network.layers[0].activation, forward(network, inputs).pre_activations[0], 0),
    ]
    assert {tensor.dtype for tensor in made} == {dtype}


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


def test_faults_of_the_other_questions() -> None:
    preset = preset_named("multilayer")
    network, inputs = preset.network, preset.inputs
    trace = forward(network, inputs)

    def pointer_of(error: pytest.ExceptionInfo[NetworkError]) -> tuple[str, str]:
        return error.value.faults[0].key, error.value.faults[0].pointer

    with pytest.raises(NetworkError) as caught:
        explain_layer(network, trace, 2)
    assert pointer_of(caught) == ("no-such-layer", "/target/layer")
    with pytest.raises(NetworkError) as caught:
        explain_layer(network, trace, 0, 2)
    assert pointer_of(caught) == ("no-such-neuron", "/target/neuron")
    with pytest.raises(NetworkError) as caught:
        grid(network, inputs, Axis(0, 0, 1), Axis(0, 0, 1), 2)
    assert pointer_of(caught) == ("same-input-twice", "/y/input")
    with pytest.raises(NetworkError) as caught:
        gradients(network, inputs.repeat(2, 1))
    assert pointer_of(caught) == ("one-input-vector", "/inputs")
    with pytest.raises(ValueError, match="one input vector"):
        explain_layer(network, forward(network, inputs.repeat(2, 1)), 0)


def test_sizes_count_what_is_made() -> None:
    preset = preset_named("multilayer")
    network, inputs = preset.network, preset.inputs
    found = gradients(network, inputs)
    made = [found.inputs, *found.weights, *found.biases]
    assert gradients_size(network) == sum(tensor.numel() for tensor in made)
    assert gradients_size(network, parameters=False) == found.inputs.numel()
    swept = sweep(network, inputs, VaryInput(0), torch.ones(5))
    assert sweep_size(network, 5) == 5 + sum(tensor.numel() for tensor in swept.activations)
    plane = grid(network, inputs, Axis(0, 0, 1), Axis(1, 0, 1), 4)
    assert grid_size(network, 4) == 8 + sum(tensor.numel() for tensor in plane.activations)
    assert terms_size(network) == 8
    assert terms_size(network, 0) == 6
    assert terms_size(network, 0, 1) == 3
    check_size(8, 8, "too-large-terms", "max_terms")
    with pytest.raises(NetworkError) as caught:
        check_size(9, 8, "too-large-terms", "max_terms")
    assert caught.value.faults[0].values == {
        "size": 9,
        "limit": 8,
        "setting": "ADELANTE_MAX_TERMS",
    }
