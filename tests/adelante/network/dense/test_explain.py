"""Explanations against the forward pass itself and against finite differences of it, on drawn networks."""

import pytest
import torch
from hypothesis import given, settings
from torch import Tensor

from adelante.network.activations import ACTIVATIONS
from adelante.network.dense.explain import (
    derivatives,
    explain_layer,
    gradients,
    gradients_size,
    running_terms,
    shares,
    terms_size,
)
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.errors import NetworkError
from adelante.network.forward import forward
from adelante.network.presets import chain_named
from tests.adelante.network.drawn import assert_close, networks
from tests.long import examples


@settings(deadline=None)
@given(networks())
def test_the_terms_of_every_neuron_add_up_to_its_pre_activation(
    case: tuple[DenseNetwork, Tensor],
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
        terms = torch.cat((whole.contributions, whole.biases.unsqueeze(0))).double()
        # Terms that cancel one another leave rounding of their own size.
        assert ((running_terms(whole) - terms.cumsum(0)).abs() <= 1e-5 * terms.abs().sum(0) + 1e-9).all()
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
    monkeypatch.setattr("adelante.network.dense.explain._DIAGONAL_CHUNK", 30)
    z = torch.linspace(-2, 2, 10, dtype=torch.float64)
    a = torch.softmax(z, 0)
    torch.testing.assert_close(derivatives(ACTIVATIONS["softmax"], z), a * (1 - a))


@settings(deadline=None, max_examples=examples(25, 60))
@given(networks(torch.float64))
def test_gradients_are_those_of_one_output_after_another(
    case: tuple[DenseNetwork, Tensor],
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
    preset = chain_named("one-neuron")
    y = forward(preset.network, preset.inputs).outputs[0]
    found = gradients(preset.network, preset.inputs)
    slope = y * (1 - y)
    torch.testing.assert_close(found.inputs[0], slope * preset.network.layers[0].weights[:, 0])
    torch.testing.assert_close(found.weights[0][0, :, 0], slope * preset.inputs)
    torch.testing.assert_close(found.biases[0][0, 0], slope)


def test_tensors_made_under_inference_mode_have_gradients_too() -> None:
    with torch.inference_mode():
        layers = [
            DenseLayer(torch.randn(3, 2), torch.randn(2), ACTIVATIONS["softmax"]),
            DenseLayer(torch.eye(2), torch.ones(2)),
        ]
        network, inputs = DenseNetwork(layers), torch.randn(3)
        trace = forward(network, inputs)
        assert gradients(network, inputs).weights[0].shape == (2, 3, 2)
        assert gradients(network, inputs, parameters=False).inputs.shape == (2, 3)
        assert explain_layer(network, trace, 0).derivatives.shape == (2,)
    assert gradients(network, inputs).biases[0].shape == (2, 2)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_every_dtype_is_kept(dtype: torch.dtype) -> None:
    preset = chain_named("multilayer")
    network, inputs = preset.network.to(dtype=dtype), preset.inputs.to(dtype)
    assert explain_layer(network, forward(network, inputs), 0).derivatives.dtype == dtype
    assert gradients(network, inputs).weights[0].dtype == dtype


@pytest.mark.parametrize(
    ("layer", "neuron", "key", "pointer"),
    [(2, None, "no-such-layer", "/target/layer"), (0, 2, "no-such-neuron", "/target/neuron")],
)
def test_what_the_network_lacks_can_not_be_explained(layer: int, neuron: int | None, key: str, pointer: str) -> None:
    preset = chain_named("multilayer")
    with pytest.raises(NetworkError) as caught:
        explain_layer(preset.network, forward(preset.network, preset.inputs), layer, neuron)
    assert [(fault.key, fault.pointer) for fault in caught.value.faults] == [(key, pointer)]


def test_one_input_vector_is_explained_and_no_more() -> None:
    preset = chain_named("multilayer")
    rows = preset.inputs.repeat(2, 1)
    with pytest.raises(NetworkError) as caught:
        gradients(preset.network, rows)
    assert [(fault.key, fault.pointer) for fault in caught.value.faults] == [("one-input-vector", "/inputs")]
    with pytest.raises(ValueError, match="one input vector"):
        explain_layer(preset.network, forward(preset.network, rows), 0)


def test_sizes_count_what_is_made() -> None:
    preset = chain_named("multilayer")
    network = preset.network
    found = gradients(network, preset.inputs)
    made = [found.inputs, *found.weights, *found.biases]
    assert gradients_size(network) == sum(tensor.numel() for tensor in made)
    assert gradients_size(network, parameters=False) == found.inputs.numel()
    assert terms_size(network) == 8
    assert terms_size(network, 0) == 6
    assert terms_size(network, 0, 1) == 3


@pytest.mark.parametrize(
    ("z", "subtracted"),
    [
        ([1.6321, -0.9, 0.0], 0.0),
        ([80.0, -80.0], 0.0),
        ([1000.0, 1001.0, 1002.0], 1002.0),
        ([-200.0, -201.0], -200.0),
    ],
)
def test_shares_are_softmax_and_their_parts_make_them(z: list[float], subtracted: float) -> None:
    sums = torch.tensor(z)
    found = shares(sums)
    assert found.subtracted.item() == subtracted
    assert torch.equal(found.exponentials, torch.exp(sums - subtracted))
    assert torch.equal(found.shares, torch.softmax(sums, dim=-1))
    assert_close(found.exponentials / found.total, found.shares)
    # Near 1000 float32 keeps four digits after the point.
    torch.testing.assert_close(sums - found.log_total, torch.log_softmax(sums, dim=-1), rtol=0, atol=1e-4)


def test_shares_of_infinite_sums_are_none() -> None:
    assert shares(torch.tensor([torch.inf, 10.0])).shares.isnan().all()
