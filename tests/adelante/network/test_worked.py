"""The numbers on the way from an explanation's parts to its value, and what a layer's activation then makes of it."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from adelante.formats.json import network_from_document
from adelante.network.explain import explain
from adelante.network.explanation import Explanation, Part
from adelante.network.following import following
from adelante.network.forward import Trace, forward
from adelante.network.network import NetworkFault
from adelante.network.presets import chain_named
from adelante.network.worked import largest_terms, worked

X = [0.5, -3.0, 2.0, 1.0]


def asked(layer: dict[str, Any], at: tuple[int, ...] = (0,), given: Any = X) -> tuple[Explanation, Trace]:
    """What a cell of a layer's result is made of, in a network of that layer alone."""
    inputs = torch.tensor(given)
    network = network_from_document({"input": {"shape": list(inputs.shape)}, "layers": [layer]}, torch.float64)
    trace = forward(network, inputs.double())
    name = network.layers[0].nodes[0]
    return explain(network, trace, name, at), trace


DENSE = {"weights": [[1.0], [2.0], [-1.0], [6.0]], "biases": [10.0]}


def test_the_largest_terms_of_a_sum_come_first_and_a_bias_is_none() -> None:
    found, trace = asked(DENSE)
    # 0.5, −6, −2 and 6 are added: of equal ones the first.
    assert [largest_terms(found, most) for most in (0, 1, 3, 9)] == [(), (1,), (1, 3, 2), (1, 3, 2, 0)]
    told = worked(found, trace, (1, 3))
    assert told["contributions"].tolist() == [0.5, -6, -2, 6, 10]
    assert told["rest"].tolist() == [-1.5]
    assert told["running"].tolist() == [10, 4, 10, 8.5]
    assert told["running"][-1] == found.value


def test_what_is_no_number_is_the_largest_term() -> None:
    found, _ = asked(DENSE, given=[0.5, -3.0, math.nan, math.inf])
    assert largest_terms(found, 2) == (2, 3)


def test_a_mean_has_no_bias_and_its_scale_in_every_term() -> None:
    found, trace = asked({"kind": "mean", "dim": [1], "keepdim": True})
    told = worked(found, trace, largest_terms(found, 1))
    assert told["contributions"].tolist() == [0.125, -0.75, 0.5, 0.25]
    assert told["running"].tolist() == [0, -0.75, 0.125]
    assert told["rest"].tolist() == [0.875]


def test_an_offset_is_where_the_running_sum_begins() -> None:
    found, trace = asked({"kind": "add", "scalar": 3.0})
    assert worked(found, trace, ())["running"].tolist() == [3.0, 3.5]
    assert largest_terms(found, 5) == (0,)


def test_a_norm_goes_by_its_distance_from_the_mean_and_its_deviation() -> None:
    found, trace = asked({"kind": "layer_norm", "normalized_shape": [4], "scale": [2.0] * 4, "shift": [1.0] * 4}, (1,))
    values = torch.tensor(X, dtype=torch.float64)
    mean, deviation = values.mean().item(), math.sqrt(values.var(correction=0).item() + 1e-5)
    ratio = (-3.0 - mean) / deviation
    assert worked(found, trace, ())["between"].tolist() == pytest.approx([-3.0 - mean, deviation, ratio, 2 * ratio])
    plain, trace = asked({"kind": "layer_norm", "normalized_shape": [4]}, (1,))
    assert worked(plain, trace, ())["between"].tolist() == pytest.approx([-3.0 - mean, deviation, ratio])
    assert largest_terms(plain, 3) == ()


def test_a_softmax_goes_by_its_exponentials_and_their_shares() -> None:
    for kind in ("softmax", "log_softmax"):
        found, trace = asked({"kind": kind, "dim": 1}, (2,))
        told, z = worked(found, trace, ()), torch.tensor(X, dtype=torch.float64)
        torch.testing.assert_close(told["exponentials"], torch.exp(z - 2.0))
        torch.testing.assert_close(told["shares"], getattr(torch, kind)(z, 0))


@pytest.mark.parametrize(("at", "reach"), [(0.5, 6), (6.0, 6), (-6.5, 12), (12.0, 12), (25.0, 48), (math.inf, 6)])
def test_a_curve_runs_about_its_number(at: float, reach: float) -> None:
    found, trace = asked({"kind": "tanh"}, given=[at])
    along, f = worked(found, trace, ())["curve"]
    assert (along[0], along[-1], len(along)) == (-reach, reach, 65)
    torch.testing.assert_close(f, torch.tanh(along))


def test_of_two_numbers_the_second_is_held() -> None:
    network = network_from_document(
        {
            "input": [{"name": "x", "shape": [1]}, {"name": "y", "shape": [1]}],
            "layers": [{"kind": "maximum", "inputs": ["x", "y"]}, {"kind": "atan2", "inputs": ["x", "y"]}],
        },
        torch.float64,
    )
    given = {"inputs.x": torch.tensor([2.0]).double(), "inputs.y": torch.tensor([-0.5]).double()}
    trace = forward(network, given)
    found = explain(network, trace, "layers.1.activations", (0,))
    along, f = worked(found, trace, ())["curve"]
    torch.testing.assert_close(f, torch.atan2(along, torch.tensor(-0.5).double()))


def test_a_move_has_nothing_on_its_way() -> None:
    found, trace = asked({"kind": "flatten"}, (3,))
    assert worked(found, trace, ()) == {}
    assert found.total() == 1.0


@pytest.mark.parametrize("activation", ["tanh", "relu", "softmax", "log_softmax"])
def test_an_activation_says_what_it_makes_of_a_sum_and_how_steep_it_is_there(activation: str) -> None:
    layer = {"weights": [[1.0, 0.5], [2.0, 1.0], [-1.0, 0.0], [6.0, 1.0]], "activation": activation}
    norm = {"kind": "layer_norm", "normalized_shape": [2]}
    network = network_from_document({"input": {"shape": [4]}, "layers": [layer, norm]}, torch.float64)
    trace = forward(network, torch.tensor(X).double())
    z = trace["layers.0.pre_activations"]
    for j in range(2):
        found = following(network, trace, "layers.0.pre_activations", (j,))
        assert found is not None

        def f(values: Tensor, j: int = j) -> Tensor:
            function: Any = getattr(torch, activation)
            of_all: Tensor = function(values, 0) if "softmax" in activation else function(values)
            return of_all[j]

        assert (found.cell.tensor, found.cell.at, found.kind) == ("layers.0.activations", (j,), activation)
        assert found.value == pytest.approx(f(z).item())
        leaf = z.clone().requires_grad_()
        (slopes,) = torch.autograd.grad(f(leaf), leaf)
        assert found.derivative == pytest.approx(slopes[j].item())
        assert ("ln" in found.formula) == (activation == "log_softmax")
    assert following(network, trace, "layers.0.activations", (0,)) is None
    assert following(network, trace, "layers.1.activations", (0,)) is None


def test_what_has_no_such_cell_is_told_with_its_shape() -> None:
    network = chain_named("multilayer").network
    trace = forward(network, torch.ones(2, 3))
    assert explain(network, trace, "layers.0.activations", (1,), row=1).value == trace["layers.0.activations"][1, 1]
    for tensor, at, row, words in (
        ("inputs", (0,), 0, "given, not computed"),
        ("layers.9", (0,), 0, "no tensor of this name"),
        ("layers.0.activations", (2,), 0, r"no cell \(2,\); its shape is \(2,\)"),
        ("layers.0.activations", (-1,), 0, "no cell"),
        ("layers.0.activations", (0, 0), 0, "no cell"),
        ("layers.0.activations", (0,), 2, "no row 2: the trace is of 2, counted from 0"),
    ):
        with pytest.raises(NetworkFault, match=words):
            explain(network, trace, tensor, at, row)


def test_a_product_and_a_quotient_are_put_together_from_their_parts() -> None:
    three, two = (Part("a", torch.zeros(1, 1), torch.tensor([value])) for value in (3.0, 2.0))
    below = Part("b", torch.zeros(1, 1), torch.tensor([2.0]), role="divisor")
    assert Explanation("t", (0,), 6.0, "product", (three, two)).total() == 6
    assert Explanation("t", (0,), 1.5, "product", (three, below)).total() == 1.5
    assert Explanation("t", (0,), 1.5, "product", (three, two), {"factor": 1.0, "divisor": 4.0}).total() == 1.5
    assert Explanation("t", (0,), 1.5, "product", (three,)).added(three) is None
