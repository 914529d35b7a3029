"""Where a NaN or an infinity arose, on networks small enough to say so by hand."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

import adelante
from adelante.formats.json import network_from_document
from adelante.network.arising import Arising, arises
from adelante.network.network import Network, NetworkFault
from tests.long import some

INF, NAN = math.inf, math.nan


def network_of(*layers: dict[str, Any], size: int = 2) -> Network:
    return network_from_document({"input": {"shape": [size]}, "layers": list(layers)}, torch.float32)


def asked(layer: dict[str, Any], given: Any, at: tuple[int, ...] = (0,)) -> Arising | None:
    """Where the result of a network of one layer arose, of numbers that may be infinite or none at all."""
    inputs = torch.tensor(given)
    network = network_from_document({"input": {"shape": list(inputs.shape)}, "layers": [layer]}, torch.float32)
    return arises(network, adelante.forward(network, inputs), network.outputs[0], at)


def told(found: Arising | None) -> tuple[str, tuple[int, ...], str, tuple[float, ...], str]:
    assert found is not None
    return found.tensor, found.at, found.cause, found.numbers, found.formula


def dense(*weights: list[float], biases: list[float] | None = None, activation: str = "identity") -> dict[str, Any]:
    """A layer of these rows of weights, one for each of what it takes."""
    return {"weights": list(weights), "biases": biases or [0.0] * len(weights[0]), "activation": activation}


def test_a_finite_number_arose_nowhere() -> None:
    assert asked({"kind": "exp"}, [1.0]) is None


def test_the_first_nan_is_named_with_its_arithmetic_and_the_infinity_that_it_is_made_of() -> None:
    # exp(1000) is infinite, 0 · ∞ is no number, and all that follows is none either.
    network = network_of(
        dense([1.0, 0.0], [0.0, 1.0]), {"kind": "exp"}, dense([0.0], [1.0]), dense([2.0, 3.0]), {"kind": "tanh"}
    )
    trace = adelante.forward(network, torch.tensor([1000.0, 1.0]))
    assert trace.activations[-1].isnan().all()
    found = arises(network, trace, network.outputs[0], (1,))
    assert found is not None
    assert math.isnan(found.value)
    assert told(found) == ("layers.2.pre_activations", (0,), "product", (INF, 0.0), "")
    assert told(found.before) == ("layers.1.activations", (0,), "function", (1000.0,), "exp(x)")
    assert found.before is not None
    assert found.before.value == INF


def test_the_first_tensor_in_the_order_of_the_pass_is_named_where_there_are_several_ways() -> None:
    # y = x + log x: both are none, and x arose before.
    nodes = [
        {"name": "root", "kind": "sqrt", "inputs": ["inputs"]},
        {"name": "log", "kind": "log", "inputs": ["root"]},
        {"name": "sum", "kind": "add", "inputs": ["log", "root"]},
    ]
    network = network_from_document({"input": {"shape": [2]}, "layers": nodes}, torch.float32)
    trace = adelante.forward(network, torch.tensor([4.0, -1.0]))
    assert told(arises(network, trace, network.outputs[0], (1,))) == (
        "layers.0.activations",
        (1,),
        "function",
        (-1.0,),
        "√x",
    )


def test_of_a_batch_the_row_that_is_asked_for() -> None:
    network = network_of({"kind": "log"})
    trace = adelante.forward(network, torch.tensor([[1.0, 1.0], [1.0, 0.0]]))
    assert arises(network, trace, network.outputs[0], (1,)) is None
    assert told(arises(network, trace, network.outputs[0], (1,), row=1))[3] == (0.0,)


def test_what_was_given_so_is_named_as_such() -> None:
    network = network_of({"kind": "exp"}, {"kind": "relu"})
    trace = adelante.forward(network, torch.tensor([1.0, NAN]))
    found = arises(network, trace, network.outputs[0], (1,))
    assert told(found) == ("inputs", (1,), "given", (), "")
    assert told(arises(network, trace, "inputs", (1,))) == told(found)
    assert arises(network, trace, "inputs", (0,)) is None


@pytest.mark.parametrize(
    ("layer", "given", "cause", "numbers"),
    [
        (dense([1e30]), [1e30], "product", (1e30, 1e30)),
        (dense([1.0], [1.0]), [3e38, 2e38], "sum", (3e38, 2e38)),
        (dense([1.0], [-1.0]), [INF, INF], "sum", (INF, -INF)),
        (dense([1.0], biases=[3e38]), [3e38], "sum", (3e38, 3e38)),
        ({"kind": "exp"}, [1000.0], "function", (1000.0,)),
        ({"kind": "log"}, [-2.0], "function", (-2.0,)),
        ({"kind": "div", "scalar": 0.0}, [1.0], "quotient", (1.0, 0.0)),
        ({"kind": "div", "scalar": 0.0}, [0.0], "quotient", (0.0, 0.0)),
        ({"kind": "mul", "scalar": 1e10}, [1e30], "product", (1e30, 1e10)),
        ({"kind": "mul", "scalar": 0.0}, [INF], "product", (INF, 0.0)),
        ({"kind": "add", "scalar": 3e38}, [3e38], "sum", (3e38, 3e38)),
        ({"kind": "softmax", "dim": 0}, [INF, 1.0], "sum", (INF, -INF)),
        ({"kind": "softmax", "dim": 0}, [-INF, -INF], "sum", (-INF, INF)),
        ({"kind": "layer_norm", "normalized_shape": [2]}, [INF, 1.0], "sum", (INF, -INF)),
        ({"kind": "layer_norm", "normalized_shape": [2], "eps": 0.0}, [1.0, 1.0], "quotient", (0.0, 0.0)),
        ({"kind": "mean", "dim": [1], "keepdim": True}, [3e38, 3e38], "sum", (3e38, 3e38)),
    ],
)
def test_each_form_has_its_arithmetic(
    layer: dict[str, Any], given: list[float], cause: str, numbers: tuple[float, ...]
) -> None:
    found = asked(layer, given)
    assert found is not None
    assert found.cause == cause
    assert found.numbers == pytest.approx(numbers, rel=1e-6)
    assert not math.isfinite(found.value)
    # An infinity among what it is made of was given.
    if any(map(math.isinf, given)):
        assert told(found.before)[2] == "given"
    else:
        assert found.before is None


def test_a_number_that_a_network_puts_there_is_a_constant() -> None:
    class Masked(torch.nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.masked_fill(x > 0, -INF)

    network = adelante.trace(Masked(), (torch.zeros(1, 2),))
    trace = adelante.forward(network, torch.tensor([1.0, -1.0]))
    found = adelante.arises(network, trace, network.outputs[0], (0,))
    assert told(found)[1:] == ((0,), "constant", (), "")


def test_of_a_trace_that_does_not_hold_the_way_it_is_told() -> None:
    network = network_of({"kind": "exp"}, {"kind": "relu"})
    trace = adelante.forward(network, torch.tensor([1000.0, 0.0]), keep=["layers.1.activations"])
    with pytest.raises(NetworkFault, match="kept less"):
        arises(network, trace, "layers.1.activations", (0,))


@pytest.mark.parametrize("kind", some(["lstm", "attention"], "lstm"))
def test_a_real_network_of_many_operations_names_a_cell_that_is_made_of_finite_numbers(kind: str) -> None:
    torch.manual_seed(3)
    lstm = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.LSTM(4, 3, batch_first=True))
    attention = torch.nn.TransformerEncoderLayer(4, 2, 8, batch_first=True).eval()
    module = lstm if kind == "lstm" else attention
    with torch.no_grad():
        next(module.parameters())[0] = 3e38
    network = adelante.trace(module, (torch.randn(1, 5, 4),))
    trace = adelante.forward(network, 5 * torch.randn(5, 4))
    output = network.outputs[0]
    odd = (~trace[output].isfinite()).nonzero()
    assert len(odd), "nothing overflows"
    found = arises(network, trace, output, odd[0].tolist())
    assert found is not None
    first = found
    while first.before is not None:
        first = first.before
    why = adelante.explain(network, trace, first.tensor, first.at)
    assert all(part.values.isfinite().all() for part in why.parts)
    assert first.numbers
