"""The forward pass against torch.nn.Sequential, on networks that hypothesis draws."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from adelante.network.activations import ACTIVATIONS, Activation
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.errors import NetworkError
from adelante.network.forward import forward
from tests.long import examples

# The registry's own record of the torch.nn module that does the same: Softmax(dim=-1), GELU(approximate="tanh"), …
MODULES = {name: eval(f"torch.nn.{each.module}") for name, each in ACTIVATIONS.items()}  # fixed text of the registry


@st.composite
def networks(draw: st.DrawFn) -> tuple[DenseNetwork, torch.Tensor]:
    sizes = draw(st.lists(st.integers(1, 9), min_size=2, max_size=7))
    names = draw(st.lists(st.sampled_from(list(ACTIVATIONS)), min_size=len(sizes) - 1, max_size=len(sizes) - 1))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**32)))
    layers = [
        DenseLayer(
            torch.randn((n_in, n_out), generator=generator, dtype=torch.float64),
            torch.randn((n_out,), generator=generator, dtype=torch.float64),
            ACTIVATIONS[name],
        )
        for n_in, n_out, name in zip(sizes, sizes[1:], names, strict=False)
    ]
    shape = draw(st.sampled_from([(sizes[0],), (1, sizes[0]), (5, sizes[0])]))
    return DenseNetwork(layers), torch.randn(shape, generator=generator, dtype=torch.float64)


def sequential(network: DenseNetwork) -> torch.nn.Sequential:
    modules: list[torch.nn.Module] = []
    for layer in network.layers:
        linear = torch.nn.Linear(layer.n_in, layer.n_out, dtype=torch.float64)
        linear.weight.data = layer.weights.T.clone()
        linear.bias.data = layer.biases.clone()
        modules += [linear, MODULES[layer.activation.name]]
    return torch.nn.Sequential(*modules)


@given(networks())
@settings(max_examples=examples(50, 150), deadline=None)
def test_every_layer_agrees_with_torch_nn(case: tuple[DenseNetwork, torch.Tensor]) -> None:
    network, inputs = case
    trace = forward(network, inputs)
    a = inputs
    modules = list(sequential(network))
    for k in range(len(network.layers)):
        z = modules[2 * k](a)
        a = modules[2 * k + 1](z)
        torch.testing.assert_close(trace.pre_activations[k], z.detach(), atol=1e-6, rtol=1e-6)
        torch.testing.assert_close(trace.activations[k], a.detach(), atol=1e-6, rtol=1e-6)
        assert trace.activations[k].shape == (*inputs.shape[:-1], network.sizes[k + 1])
    assert trace.outputs is trace.activations[-1]


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=lambda each: each.name)
def test_an_activation_keeps_its_range(activation: Activation) -> None:
    z = torch.linspace(-30, 30, 4001, dtype=torch.float64)
    a = activation(z if activation.elementwise else z.reshape(-1, 1).expand(-1, 3) * torch.tensor([1.0, 0.5, -1.0]))
    if activation.low is not None:
        assert a.min().item() >= activation.low - 1e-9
    if activation.high is not None:
        assert a.max().item() <= activation.high + 1e-9


@pytest.mark.parametrize(
    ("weights", "biases", "key", "pointer"),
    [
        ([(3, 2), (3, 1)], [(2,), (1,)], "chain", "/layers/1/weights"),
        ([(3, 2)], [(3,)], "biases", "/layers/0/biases"),
        ([(3,)], [(3,)], "weights-not-a-matrix", "/layers/0/weights"),
        ([(3, 0)], [(0,)], "empty-weights", "/layers/0/weights"),
        ([], [], "no-layers", "/layers"),
    ],
)
def test_shapes_that_do_not_fit(
    weights: list[tuple[int, ...]], biases: list[tuple[int, ...]], key: str, pointer: str
) -> None:
    with pytest.raises(NetworkError) as caught:
        DenseNetwork(DenseLayer(torch.zeros(w), torch.zeros(b)) for w, b in zip(weights, biases, strict=True))
    assert (caught.value.faults[0].key, caught.value.faults[0].pointer) == (key, pointer)


def test_the_notebooks_shape_error_in_torchs_words() -> None:
    network = DenseNetwork([DenseLayer(torch.zeros(1, 5), torch.zeros(5))])
    with pytest.raises(NetworkError) as caught:
        forward(network, torch.zeros(1, 5))
    fault = caught.value.faults[0]
    assert fault.torch_words == "mat1 and mat2 shapes cannot be multiplied (1x5 and 1x5)"
    assert fault.hint == "transposed-first"
