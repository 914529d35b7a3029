"""Sweeps, grids and curves against that many forward passes, on drawn networks."""

from itertools import pairwise, permutations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from adelante.network.activations import ACTIVATIONS
from adelante.network.cells import Cell
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.dense.responses import (
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
    vary_of,
)
from adelante.network.errors import NetworkError
from adelante.network.forward import forward
from adelante.network.presets import chain_named
from tests.adelante.network.drawn import assert_close, networks
from tests.long import examples


@st.composite
def varied(draw: st.DrawFn) -> tuple[DenseNetwork, Tensor, Vary]:
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


def changed(network: DenseNetwork, inputs: Tensor, vary: Vary, value: Tensor) -> tuple[DenseNetwork, Tensor]:
    """The network and the inputs with one number replaced: the slow, obvious way."""
    inputs, layers = inputs.clone(), list(network.layers)
    match vary:
        case VaryInput(index):
            inputs[index] = value
        case VaryWeight(k, source, target):
            weights = layers[k].weights.clone()
            weights[source, target] = value
            layers[k] = layers[k].with_numbers(weights, layers[k].biases)
        case VaryBias(k, neuron):
            biases = layers[k].biases.clone()
            biases[neuron] = value
            layers[k] = layers[k].with_numbers(layers[k].weights, biases)
    return DenseNetwork(layers), inputs


@settings(deadline=None)
@given(varied(), st.floats(-3, 3), st.floats(-3, 3), st.integers(2, 5))
def test_a_sweep_is_that_many_forward_passes(
    case: tuple[DenseNetwork, Tensor, Vary], low: float, high: float, steps: int
) -> None:
    network, inputs, vary = case
    values = spread(low, high, steps, inputs)
    found = sweep(network, inputs, vary, values)
    assert found.outputs.shape == (steps, network.n_out)
    for step, value in enumerate(values):
        expected = forward(*changed(network, inputs, vary, value))
        for k, activations in enumerate(expected.activations):
            assert_close(found.activations[k][step], activations)


def drawn_network(sizes: list[int], seed: int, dtype: torch.dtype) -> tuple[DenseNetwork, Tensor]:
    """A network of these sizes with an activation for each layer, and inputs; numbers of very different sizes."""
    names, generator = list(ACTIVATIONS), torch.Generator().manual_seed(seed)

    def numbers(*shape: int) -> Tensor:
        return (torch.randn(shape, generator=generator) * 4 ** torch.randn(shape, generator=generator)).to(dtype)

    layers = [
        DenseLayer(numbers(n_in, n_out), numbers(n_out), ACTIVATIONS[names[(seed + k) % len(names)]])
        for k, (n_in, n_out) in enumerate(pairwise(sizes))
    ]
    return DenseNetwork(layers), numbers(sizes[0])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16])
def test_where_nothing_changes_a_sweep_and_a_grid_are_the_pass_itself_to_the_bit(dtype: torch.dtype) -> None:
    for seed in range(examples(40, 200)):
        network, inputs = drawn_network([2 + seed % 11, 1 + seed % 7, 1 + seed % 3][: 2 + seed % 2], seed, dtype)
        trace = forward(network, inputs)
        first, last = network.layers[0], network.layers[-1]
        at = inputs[1].item()
        wanted: list[tuple[Vary, Tensor]] = [
            (VaryInput(1), torch.stack((inputs[1] + 1, inputs[1]))),
            (VaryWeight(0, 0, 0), torch.stack((first.weights[0, 0] + 1, first.weights[0, 0]))),
            (VaryBias(len(network.layers) - 1, 0), torch.stack((last.biases[0] + 1, last.biases[0]))),
        ]
        swept = [*sweeps(network, inputs, wanted), *(sweep(network, inputs, *each) for each in wanted)]
        plane = grid(network, inputs, Axis(0, inputs[0].item(), 9.0), Axis(1, at, at), 3)
        for k, expected in enumerate(trace.activations):
            found = [each.activations[k][1] for each in swept] + [plane.activations[k][:, row, 0] for row in range(3)]
            assert all(torch.equal(a.nan_to_num(7), expected.nan_to_num(7)) for a in found), (seed, k)


BIG = {torch.float32: 1e8, torch.float64: 1e17, torch.bfloat16: 256.0, torch.float16: 2048.0}


@pytest.mark.parametrize("dtype", list(BIG))
@pytest.mark.parametrize("n_out", [1, 2])
def test_large_terms_that_cancel_are_summed_in_the_order_of_the_pass(dtype: torch.dtype, n_out: int) -> None:
    big = BIG[dtype]
    for *numbers, bias in permutations([big, -big, 1.5, 0.25]):
        inputs, biases = torch.tensor(numbers, dtype=dtype), torch.full((n_out,), bias, dtype=dtype)
        network = DenseNetwork(
            [
                DenseLayer(torch.ones(3, n_out, dtype=dtype), biases),
                DenseLayer(torch.ones(n_out, 1, dtype=dtype), biases[:1]),
            ]
        )
        values = torch.tensor([0.5, 1.0, 2.0, -big], dtype=dtype)
        kinds: list[Vary] = [VaryInput(2), VaryWeight(0, 1, 0), VaryBias(0, 0), VaryBias(1, 0)]
        for vary, swept in zip(kinds, sweeps(network, inputs, [(vary, values) for vary in kinds]), strict=True):
            expected = [forward(*changed(network, inputs, vary, value)).outputs for value in values]
            assert torch.equal(swept.outputs, torch.stack(expected)), (vary, numbers, bias)
        plane = grid(network, inputs, Axis(0, 1.0, big), Axis(2, -big, 0.5), 2)
        for row, y in enumerate(plane.y_values):
            for column, x in enumerate(plane.x_values):
                here = torch.stack((x, inputs[1], y))
                assert torch.equal(plane.activations[1][:, row, column], forward(network, here).outputs)


def test_wide_layers_are_swept_in_blocks_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    network, inputs = drawn_network([5, 4, 2], 3, torch.float64)
    values = torch.linspace(-2, 2, 7, dtype=torch.float64)
    wanted: list[tuple[Vary, Tensor]] = [
        (VaryInput(0), values),
        (VaryWeight(0, 3, 1), values),
        (VaryBias(0, 1), values),
    ]
    sides = Axis(0, -1.0, 1.0), Axis(3, 0.0, 2.0)
    whole, plane = sweeps(network, inputs, wanted), grid(network, inputs, *sides, 4)
    monkeypatch.setattr("adelante.network.dense.responses._NUMBERS_AT_ONCE", 10)
    for one, other in zip(whole, sweeps(network, inputs, wanted), strict=True):
        assert_close(one.outputs, other.outputs)
    assert_close(plane.activations[1], grid(network, inputs, *sides, 4).activations[1])


def test_sweeps_together_are_the_sweeps_alone() -> None:
    preset = chain_named("multilayer")
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


def test_a_cell_is_swept_as_the_number_that_it_is() -> None:
    cells = {
        Cell("inputs", (2,)): VaryInput(2),
        Cell("layers.1.weights", (2, 0)): VaryWeight(1, 2, 0),
        Cell("layers.1.biases", (2,)): VaryBias(1, 2),
    }
    assert {cell: vary_of(cell) for cell in cells} == cells


def test_a_swept_weight_does_not_suffer_from_the_size_of_the_one_it_replaces() -> None:
    network = DenseNetwork([DenseLayer(torch.tensor([[1e9], [0.5]]), torch.tensor([0.25]))])
    found = sweep(
        network,
        torch.tensor([1.0, 1.0]),
        VaryWeight(0, 0, 0),
        torch.tensor([0.125, 1.0]),
    )
    assert found.outputs[:, 0].tolist() == [0.875, 1.75]


@settings(deadline=None, max_examples=examples(25, 60))
@given(networks().filter(lambda case: case[0].n_in >= 2), st.integers(2, 4), st.data())
def test_a_grid_is_that_many_forward_passes(case: tuple[DenseNetwork, Tensor], steps: int, data: st.DataObject) -> None:
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
    preset = chain_named("multilayer")
    network, inputs = preset.network.to(dtype=dtype), preset.inputs.to(dtype)
    made = [
        sweep(network, inputs, VaryBias(0, 1), spread(-1, 1, 5, inputs)).outputs,
        grid(network, inputs, Axis(0, -1, 1), Axis(1, -1, 1), 3).activations[0],
        curve(network.layers[0].activation, forward(network, inputs).pre_activations[0], 0),
    ]
    assert {tensor.dtype for tensor in made} == {dtype}


def test_tensors_made_under_inference_mode_will_do() -> None:
    with torch.inference_mode():
        network, inputs = (
            DenseNetwork([DenseLayer(torch.randn(3, 2), torch.randn(2), ACTIVATIONS["softmax"])]),
            torch.randn(3),
        )
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
    preset = chain_named("multilayer")
    with pytest.raises(NetworkError) as caught:
        sweep(preset.network, preset.inputs, vary, torch.ones(2))
    assert [(fault.type, fault.pointer) for fault in caught.value.faults] == [("out-of-range", pointer)]


def test_a_plane_has_two_inputs() -> None:
    preset = chain_named("multilayer")
    with pytest.raises(NetworkError) as caught:
        grid(preset.network, preset.inputs, Axis(0, 0, 1), Axis(0, 0, 1), 2)
    assert [(fault.key, fault.pointer) for fault in caught.value.faults] == [("same-input-twice", "/y/input")]


def test_sizes_count_what_is_made() -> None:
    preset = chain_named("multilayer")
    network, inputs = preset.network, preset.inputs
    swept = sweep(network, inputs, VaryInput(0), torch.ones(5))
    assert sweep_size(network, 5) == 5 + sum(tensor.numel() for tensor in swept.activations)
    plane = grid(network, inputs, Axis(0, 0, 1), Axis(1, 0, 1), 4)
    assert grid_size(network, 4) == 8 + sum(tensor.numel() for tensor in plane.activations)
