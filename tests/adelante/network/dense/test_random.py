"""Drawn networks against torch's global generator, and against the notebook's printed figures."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from adelante.network.activations import ACTIVATIONS
from adelante.network.dense.random import LARGEST_SEED, ORDERS, Order, draw, parameters_of
from adelante.network.errors import NetworkError
from adelante.network.forward import forward
from adelante.network.presets import chain_named

SIGMOID = [ACTIVATIONS["sigmoid"]]


def test_seed_7_gives_the_notebooks_multilayer_network() -> None:
    drawn = draw([3, 2, 1], 7, SIGMOID, order="weights-first", inputs=True)
    preset = chain_named("multilayer")
    assert drawn.inputs is not None
    assert torch.equal(drawn.inputs, preset.inputs)
    for layer, expected in zip(drawn.network.layers, preset.network.layers, strict=True):
        assert torch.equal(layer.weights, expected.weights)
        assert torch.equal(layer.biases, expected.biases)
    trace = forward(drawn.network, drawn.inputs)
    assert [round(a, 8) for a in trace.activations[0].tolist()] == [0.68130499, 0.43545660]
    assert round(float(trace.outputs[0]), 8) == 0.31708315


@pytest.mark.parametrize("order", ORDERS)
def test_seed_7_gives_the_notebooks_one_neuron(order: Order) -> None:
    drawn = draw([5, 1], 7, SIGMOID, order=order, inputs=True)
    assert drawn.inputs is not None
    assert [round(x, 4) for x in drawn.inputs.tolist()] == [-0.1468, 0.7861, 0.9468, -1.1143, 1.6908]
    weights = drawn.network.layers[0].weights[:, 0].tolist()
    assert [round(w, 4) for w in weights] == [-0.8948, -0.3556, 1.2324, 0.1382, -1.6822]
    assert round(float(drawn.network.layers[0].biases[0]), 4) == 0.3177
    assert round(float(forward(drawn.network, drawn.inputs).outputs[0]), 4) == 0.1595


@given(st.lists(st.integers(1, 40), min_size=2, max_size=5), st.integers(0, LARGEST_SEED), st.sampled_from(ORDERS))
def test_the_numbers_are_those_of_manual_seed_and_randn(sizes: list[int], seed: int, order: Order) -> None:
    drawn = draw(sizes, seed, SIGMOID, order=order)
    assert drawn.inputs is None
    assert drawn.network.sizes == tuple(sizes)
    assert drawn.network.size == parameters_of(sizes)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        pairs = [(layer, part) for layer in drawn.network.layers for part in ("weights", "biases")]
        if order == "weights-first":
            pairs.sort(key=lambda pair: pair[1], reverse=True)
        for layer, part in pairs:
            shape = tuple(layer.weights.shape) if part == "weights" else (1, layer.n_out)
            assert torch.equal(getattr(layer, part), torch.randn(shape).view_as(getattr(layer, part)))


def test_the_global_generator_is_left_alone() -> None:
    torch.manual_seed(1)
    expected = torch.randn(3)
    torch.manual_seed(1)
    draw([3, 2], 99, SIGMOID)
    assert torch.equal(torch.randn(3), expected)


def test_activations_one_for_all_or_one_for_each() -> None:
    relu, softmax = ACTIVATIONS["relu"], ACTIVATIONS["softmax"]
    assert [layer.activation for layer in draw([3, 4, 2], 1, [relu]).network.layers] == [relu, relu]
    assert [layer.activation for layer in draw([3, 4, 2], 1, [relu, softmax]).network.layers] == [relu, softmax]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_a_small_dtype_rounds_the_same_numbers(dtype: torch.dtype) -> None:
    small, usual = draw([3, 2], 5, SIGMOID, dtype=dtype), draw([3, 2], 5, SIGMOID)
    assert torch.equal(small.network.layers[0].weights, usual.network.layers[0].weights.to(dtype))


def test_float64_draws_numbers_of_its_own_as_torch_does() -> None:
    drawn = draw([3, 2], 5, SIGMOID, inputs=True, dtype=torch.float64)
    generator = torch.Generator().manual_seed(5)
    shapes = [(1, 3), (3, 2), (1, 2)]
    features, weights, biases = (torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes)
    assert drawn.inputs is not None
    assert torch.equal(drawn.inputs, features[0])
    assert torch.equal(drawn.network.layers[0].weights, weights)
    assert torch.equal(drawn.network.layers[0].biases, biases[0])


@pytest.mark.parametrize(
    ("sizes", "seed", "count", "expected"),
    [
        ([], 1, 1, [("empty", "/sizes")]),
        ([3], 1, 1, [("empty", "/sizes")]),
        ([3, 0, -2], 1, 1, [("out-of-range", "/sizes/1"), ("out-of-range", "/sizes/2")]),
        ([3, 2], -1, 1, [("out-of-range", "/seed")]),
        ([3, 2], LARGEST_SEED + 1, 1, [("out-of-range", "/seed")]),
        ([3, 2, 1], 1, 3, [("shape-mismatch", "/activation")]),
        ([3, 2, 1], 1, 0, [("shape-mismatch", "/activation")]),
    ],
)
def test_faults(sizes: list[int], seed: int, count: int, expected: list[tuple[str, str]]) -> None:
    with pytest.raises(NetworkError) as caught:
        draw(sizes, seed, SIGMOID * count)
    assert [(fault.type, fault.pointer) for fault in caught.value.faults] == expected
