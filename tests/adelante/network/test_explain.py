"""Where a cell comes from and where it goes, on networks small enough to say so by hand."""

from typing import Any

import pytest
import torch
from torch import Tensor

from adelante.formats.json import network_from_document
from adelante.network import explain as module
from adelante.network.explain import explain, gradients, leads_to, reach
from adelante.network.forward import forward
from adelante.network.network import Input, Network, NetworkFault, Node
from adelante.network.operations import operation_named
from tests.adelante.network.convolution import convolution, picture

PLENTY = 10**9


def network_of(*nodes: tuple[str, str, tuple[str, ...]], inputs: Any = (("x", (2,)),), **parameters: Tensor) -> Network:
    """Nodes (name, kind, what it takes), the last one the output; inputs (name, shape), whole numbers where it says."""
    made = tuple(Node(name, operation_named(kind), takes) for name, kind, takes in nodes)
    given = tuple(Input(name, shape, *dtype) for name, shape, *dtype in inputs)
    return Network(given, parameters, made, (made[-1].name,))


def cells(mask: Tensor) -> list[list[int]]:
    return mask.nonzero().tolist()


def dense() -> Network:
    """y = tanh(x W + b), two to three."""
    weights, biases = torch.tensor([[1, 2, 0], [3, 4, -1]]).double(), torch.tensor([0.5, 0, 1]).double()
    inputs = (("x", (2,), torch.float64),)
    return network_of(("z", "dense", ("x", "w", "b")), ("y", "tanh", ("z",)), inputs=inputs, w=weights, b=biases)


X = torch.tensor([0.25, -0.5], dtype=torch.float64)


def lookup() -> Network:
    """The rows of a table that are asked for, times x."""
    return network_of(
        ("rows", "embedding", ("table", "ids")),
        ("y", "mul", ("rows", "x")),
        inputs=(("ids", (2,), torch.int64), ("x", (2, 2))),
        table=torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
    )


LOOKED_UP = {"ids": torch.tensor([2, 0]), "x": torch.tensor([[1.0, 10.0], [100.0, 1000.0]])}


@pytest.mark.parametrize(
    ("tensor", "at", "said"),
    [
        ("x", (0,), "x: it was given, not computed. Ask a tensor that a layer gives."),
        ("w", (0, 0), "w: it was given, not computed. Ask a tensor that a layer gives."),
        ("v", (0,), "v: the network has no tensor of this name. `network.shapes` lists them."),
        ("y", (0, 0), "y: it has no cell (0, 0); its shape is (3,)."),
        ("y", (3,), "y: it has no cell (3,); its shape is (3,)."),
        ("y", (-1,), "y: it has no cell (-1,); its shape is (3,)."),
    ],
)
def test_a_cell_that_is_not_there_is_named(tensor: str, at: tuple[int, ...], said: str) -> None:
    network = dense()
    with pytest.raises(NetworkFault) as caught:
        explain(network, forward(network, X), tensor, at)
    assert str(caught.value) == said


def test_cells_are_counted_without_the_batch() -> None:
    network = network_of(("y", "matmul", ("x", "x")), inputs=(("x", (2, 2)),))
    given = torch.arange(8.0).reshape(2, 2, 2)
    trace = forward(network, given)
    found = explain(network, trace, "y", [0, 1], row=1)
    assert (found.at, found.value) == ((0, 1), (given[1] @ given[1])[0, 1].item())
    (part,) = found.parts
    assert part.at.tolist() == [[0, 0], [0, 1]]
    assert part.factor_at is not None
    assert part.factor_at.tolist() == [[0, 1], [1, 1]]
    assert explain(network, trace, "y", (0, 1)).value == (given[0] @ given[0])[0, 1]
    (of_inputs, bias) = explain(dense(), forward(dense(), X), "z", (2,)).parts
    assert of_inputs.factor_at is not None
    assert (of_inputs.at.tolist(), of_inputs.factor_at.tolist()) == ([[0], [1]], [[0, 2], [1, 2]])
    assert (bias.tensor, bias.at.tolist(), bias.factor_at) == ("b", [[2]], None)


def test_a_tensor_without_the_batch_is_counted_as_it_is() -> None:
    network = network_of(("p", "tanh", ("w",)), ("y", "add", ("x", "p")), w=torch.tensor([1.0, 2.0]))
    trace = forward(network, torch.ones(3, 2))
    found = explain(network, trace, "p", (1,), row=2)
    assert (found.at, found.parts[0].at.tolist()) == ((1,), [[1]])
    with pytest.raises(NetworkFault, match=r"no cell \(0, 1\); its shape is \(2,\)"):
        explain(network, trace, "p", (0, 1))
    hanging = reach(network, trace, "y", (1,), row=2)
    assert {name: cells(mask) for name, mask in hanging.items()} == {"x": [[1]], "p": [[1]], "w": [[1]]}
    leading = leads_to(forward(network, torch.ones(2)), "w", (1,), PLENTY)
    assert leading.keys() == {"p"}
    assert cells(_known(leading["p"])) == [[1]]


def _known(mask: Tensor | None) -> Tensor:
    assert mask is not None
    return mask


@pytest.mark.parametrize("row", [0, 1])
def test_all_of_a_poolings_window_is_reached_and_nothing_else(row: int) -> None:
    network = convolution()
    trace = forward(network, torch.stack([picture(1), picture(2)]))
    found = reach(network, trace, "layers.1.activations", (1, 0, 1), row)
    window = [[1, 0, 2], [1, 0, 3], [1, 1, 2], [1, 1, 3]]
    assert cells(found["layers.0.activations"]) == cells(found["layers.0.pre_activations"]) == window
    assert cells(found["inputs"]) == [[0, i, j] for i in range(3) for j in range(1, 4)]
    assert cells(found["layers.0.biases"]) == [[1]]
    kernel = found["layers.0.weights"]
    assert bool(kernel[1].all())
    assert not bool(kernel[0].any())
    assert len(found) == 5


def test_what_is_reached_in_two_ways_is_reached_once() -> None:
    network = network_of(("y", "matmul", ("x", "x")), ("z", "add", ("y", "x")), inputs=(("x", (2, 2)),))
    trace = forward(network, torch.zeros(2, 2))
    assert cells(reach(network, trace, "y", (0, 1))["x"]) == [[0, 0], [0, 1], [1, 1]]
    assert cells(reach(network, trace, "z", (1, 0))["x"]) == [[0, 0], [1, 0], [1, 1]]
    turned = network_from_document(
        {
            "input": {"shape": [3]},
            "layers": [{"kind": "flip", "dims": [1], "name": "back"}, {"kind": "add", "inputs": ["back", "inputs"]}],
        }
    )
    (tensor,) = turned.outputs
    assert cells(reach(turned, forward(turned, torch.ones(3)), tensor, (0,))["inputs"]) == [[0], [2]]


def test_where_something_is_asked_for_is_no_number_to_follow() -> None:
    network = lookup()
    trace = forward(network, LOOKED_UP)
    found = reach(network, trace, "y", (0, 1))
    assert {name: cells(mask) for name, mask in found.items()} == {
        "rows": [[0, 1]],
        "x": [[0, 1]],
        "table": [[2, 1]],
    }
    leading = leads_to(trace, "ids", (0,), PLENTY)
    assert leading == {"rows": None}
    assert cells(_known(leads_to(trace, "table", (2, 0), PLENTY)["rows"])) == [[0, 0]]


def test_a_network_made_in_inference_mode_is_followed_as_any_other() -> None:
    with torch.inference_mode():
        network = lookup()
        given = {name: value.clone() for name, value in LOOKED_UP.items()}
        trace = forward(network, given)
        inside = reach(network, trace, "y", (0, 1))
    assert cells(inside["table"]) == cells(reach(network, trace, "y", (0, 1))["table"]) == [[2, 1]]
    slopes = gradients(network, given, "y", (0, 1), ["x", "table"])
    assert slopes["x"].tolist() == [[0, 6], [0, 0]]
    assert slopes["table"].tolist() == [[0, 0], [0, 0], [0, 10]]


def test_a_cell_leads_to_what_is_computed_of_it() -> None:
    network = convolution()
    trace = forward(network, picture())
    of_corner = leads_to(trace, "inputs", (0, 0, 0), PLENTY)
    assert of_corner.keys() == {"layers.0.pre_activations"}
    there = [[c, i, j] for c in range(2) for i in range(2) for j in range(2)]
    assert cells(_known(of_corner["layers.0.pre_activations"])) == there
    # The padding is no cell: the kernel's first corner begins one row and one column later.
    of_weight = leads_to(trace, "layers.0.weights", (1, 0, 0, 0), PLENTY)["layers.0.pre_activations"]
    assert cells(_known(of_weight)) == [[1, i, j] for i in range(1, 4) for j in range(1, 4)]
    twice = network_of(("a", "tanh", ("x",)), ("b", "add", ("a", "x")), ("c", "mul", ("b", "b")))
    trace = forward(twice, X)
    assert {name: cells(_known(mask)) for name, mask in leads_to(trace, "x", (1,), PLENTY).items()} == {
        "a": [[1]],
        "b": [[1]],
    }
    assert cells(_known(leads_to(trace, "b", (0,), PLENTY)["c"])) == [[0]]


def test_a_shape_that_grows_with_the_batch_is_that_of_the_pass() -> None:
    network = network_from_document(
        {"input": {"shape": [2, 2]}, "layers": [{"kind": "reshape", "shape": [{"batch": 2, "plus": 0}, 2]}]}
    )
    (tensor,) = network.outputs
    assert cells(_known(leads_to(forward(network, torch.ones(2, 2)), "inputs", (1, 0), PLENTY)[tensor])) == [[1, 0]]
    assert cells(reach(network, forward(network, torch.ones(3, 2, 2)), tensor, (3, 1), row=1)["inputs"]) == [[1, 1]]


def test_what_costs_too_much_to_find_is_left_open() -> None:
    network = dense()
    trace = forward(network, X)
    # The pass runs twice for it.
    cost = 2 * operation_named("dense").cost([(1, 2), (2, 3), (3,)], (1, 3))
    assert cells(_known(leads_to(trace, "x", (0,), cost)["z"])) == [[0], [1], [2]]
    assert leads_to(trace, "x", (0,), cost - 1) == {"z": None}


@pytest.fixture(params=["each cell alone", "all cells at once"])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FEW_CELLS", 3 if request.param == "each cell alone" else 2)


@pytest.mark.usefixtures("few")
def test_every_cells_slopes_stand_along_one_more_dimension() -> None:
    network = dense()
    trace = forward(network, X)
    bend = 1 - trace["y"] ** 2
    found = gradients(network, X, "y", None, iter(("x", "w", "b", "z")))
    assert list(found) == ["x", "w", "b", "z"]
    torch.testing.assert_close(found["x"], bend[:, None] * network.parameters["w"].T)
    torch.testing.assert_close(found["b"], torch.diag(bend))
    torch.testing.assert_close(found["z"], torch.diag(bend))
    assert found["w"].shape == (3, 2, 3)
    for j in range(3):
        one = gradients(network, {"x": X[None]}, "y", (j,), ["x", "w"])
        assert torch.equal(one["x"], found["x"][j])
        assert torch.equal(one["w"], found["w"][j])
        torch.testing.assert_close(one["w"], bend[j] * torch.outer(X, torch.eye(3).double()[j]))


@pytest.mark.usefixtures("few")
def test_what_a_cell_does_not_depend_on_has_slopes_of_zero() -> None:
    network = network_of(
        ("aside", "tanh", ("w",)),
        ("y", "mul", ("x", "x")),
        ("where", "argmax", ("y",)),
        inputs=(("x", (3,)),),
        w=torch.ones(2),
    )
    given = torch.tensor([1.0, 2.0, 3.0])
    every = gradients(network, given, "y", None, ["w", "aside", "x"])
    assert every["x"].tolist() == [[2, 0, 0], [0, 4, 0], [0, 0, 6]]
    assert every["w"].tolist() == every["aside"].tolist() == [[0, 0]] * 3
    assert gradients(network, given, "y", (1,), ["w", "x"])["w"].tolist() == [0, 0]
    assert gradients(network, given, "where", (), ["x", "w"])["x"].tolist() == [0, 0, 0]
    assert gradients(network, given, "where", None, ["x", "w"])["w"].tolist() == [[0, 0]]


def test_one_number_that_is_given_keeps_its_dimension() -> None:
    network = network_of(("y", "exp", ("x",)), inputs=(("x", (1,)),))
    zero = torch.zeros(1)
    assert gradients(network, zero, "y", (0,), ["x"])["x"].tolist() == [1]
    assert gradients(network, zero, "y", None, ["x"])["x"].tolist() == [[1]]
