"""A chain of dense layers is a network like any other: the same pass, the same trace, the same questions."""

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import adelante
from adelante import Network, NetworkFault
from adelante.formats import dense_safetensors
from adelante.network.activations import ACTIVATIONS, Activation
from adelante.network.dense.chain import dense_chain
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.dense.random import draw
from adelante.network.operations import OPERATIONS
from adelante.network.operations.functions import FUNCTIONS, Function
from tests.adelante.network.drawn import networks
from tests.long import examples


def as_general(network: DenseNetwork) -> Network:
    """The same, made and checked node by node."""
    return Network(network.inputs, network.parameters, network.nodes, network.outputs, network.layers)


@settings(deadline=None, max_examples=examples(25, 60))
@given(networks(torch.float64), st.sampled_from([None, 1, 5]))
def test_its_short_ways_say_what_the_long_ones_find(case: Any, rows: int | None) -> None:
    dense, one = case
    whole = as_general(dense)
    for name in (
        "shapes",
        "whole_shapes",
        "per_input",
        "cost",
        "size",
        "units",
        "trace_size",
        "dtype",
        "device",
        "calls",
    ):
        assert getattr(dense, name) == getattr(whole, name), name
    inputs = one if rows is None else one.reshape(1, -1).repeat(rows, 1)
    ours, theirs = adelante.forward(dense, inputs), adelante.forward(whole, inputs)
    assert list(ours.values) == list(theirs.values)
    for name in ours.values:
        assert torch.equal(ours[name], theirs[name]), name
    assert torch.equal(ours.outputs, ours.activations[-1])
    assert all(map(torch.equal, ours.pre_activations, theirs.pre_activations))
    last = dense.outputs[0]
    assert adelante.explain(dense, ours, last, (0,)).value == adelante.explain(whole, theirs, last, (0,)).value
    assert adelante.reach(dense, ours, last, (0,)).keys() == adelante.reach(whole, theirs, last, (0,)).keys()


def test_the_most_numbers_at_once_are_those_of_two_neighbours() -> None:
    dense = draw((3, 2, 4, 1), 3, [ACTIVATIONS["tanh"]]).network
    # z of the widest layer beside what it took, or beside its activations; a dense layer has all three at once.
    assert (as_general(dense).widest, dense.widest) == (8, 10)
    # What the first layer takes is the caller's.
    assert draw((3, 9, 2), 3, [ACTIVATIONS["tanh"]]).network.widest == 18


def test_its_gradients_and_changes_are_those_of_any_network() -> None:
    dense = draw((3, 4, 2), 3, [ACTIVATIONS["tanh"]]).network
    x, by = torch.randn(3), ["inputs", "layers.0.weights"]
    found = adelante.gradients(dense, x, dense.outputs[0], (1,), by)
    every = adelante.gradients(dense, x, dense.outputs[0], None, by)
    for name in by:
        torch.testing.assert_close(every[name][1], found[name])
    trace = adelante.forward(dense, x)
    weights = dense.parameters["layers.1.weights"] + 1
    after = adelante.changed(trace, {"layers.1.weights": weights})
    moved = dense.with_parameters({"layers.1.weights": weights})
    assert torch.equal(after["layers.1.activations"], adelante.forward(moved, x).outputs)
    assert after.values["layers.0.activations"] is trace.values["layers.0.activations"]
    with pytest.raises(NetworkFault, match="no parameter of this name"):
        dense.with_parameters({"layers.7.weights": weights})
    with pytest.raises(NetworkFault, match=r"shape is \(4, 2\), not \(2, 4\)"):
        dense.with_parameters({"layers.1.weights": weights.T})


def test_a_dense_file_opens_as_a_dense_network(tmp_path: Path) -> None:
    dense = draw((3, 4, 2), 3, [ACTIVATIONS["gelu_tanh"]]).network
    data = dense_safetensors.network_to_safetensors(dense)
    path = tmp_path / "chain.safetensors"
    path.write_bytes(data)
    loaded = adelante.load(path)
    assert isinstance(loaded, DenseNetwork)
    adelante.write(loaded, path)
    assert path.read_bytes() == data
    x = torch.randn(3)
    assert torch.equal(adelante.forward(loaded, x).outputs, adelante.forward(dense, x).outputs)
    path.write_bytes(data.replace(b"gelu_tanh", b"gelu_tonh"))
    with pytest.raises(NetworkFault, match="no chain of dense layers"):
        adelante.load(path)


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=lambda each: each.name)
def test_an_activation_is_its_operation(activation: Activation) -> None:
    """One registry: what a layer's activation computes is what the operation of that kind does, to the bit."""
    assert (activation.kind or activation.name) in OPERATIONS
    z = torch.linspace(-9, 9, 60).reshape(10, 6)
    assert torch.equal(activation(z), activation.operation.run(z))
    assert activation.elementwise == isinstance(activation.operation, Function)
    if isinstance(activation.operation, Function):
        assert activation.operation.function in FUNCTIONS


@settings(deadline=None, max_examples=examples(20, 40))
@given(networks(torch.float32))
def test_a_chain_of_any_make_is_known_as_one(case: Any) -> None:
    dense, inputs = case
    again = dense_chain(as_general(dense))
    assert again is not None
    assert [layer.activation.name for layer in again.layers] == [layer.activation.name for layer in dense.layers]
    assert torch.equal(adelante.forward(again, inputs).outputs, adelante.forward(dense, inputs).outputs)


def test_what_is_no_chain_is_not_taken_for_one() -> None:
    torch.manual_seed(1)

    class Around(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = torch.nn.Linear(3, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.relu(self.first(x)) + x

    assert dense_chain(adelante.trace(Around(), torch.randn(2, 3))) is None
    shared = torch.nn.Linear(3, 3)
    assert dense_chain(adelante.trace(torch.nn.Sequential(shared, torch.nn.ReLU(), shared), torch.randn(2, 3))) is None


def test_a_layer_may_stand_in_two_networks() -> None:
    first, second = (DenseLayer(torch.eye(2), torch.zeros(2), name=name) for name in "ab")
    one, two = DenseNetwork([first, second]), DenseNetwork([second, first])
    assert [layer.nodes for layer in one.layers] == [layer.nodes for layer in two.layers]
    assert [layer.name for layer in two.layers] == ["b", "a"]
    assert one.layers[0].nodes == ("layers.0.pre_activations", "layers.0.activations")
