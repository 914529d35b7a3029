"""What other values would give is what a pass with these values gives, to the bit where they are those that stand."""

from collections.abc import Generator
from dataclasses import replace
from typing import Any

import pytest
import torch

from adelante.network.cells import Cell
from adelante.network.forward import forward
from adelante.network.network import Input, Network, Node
from adelante.network.operations import operation_named
from adelante.network.responses import (
    responses,
    responses_calls,
    responses_cost,
    responses_size,
    runs_together,
    spread,
)
from tests.adelante.network.convolution import convolution, picture

KEEP = ("layers.3.activations", "layers.1.activations")
CELLS = (
    (Cell("inputs", (0, 1, 2)),),
    (Cell("layers.0.weights", (1, 0, 2, 0)),),
    (Cell("layers.3.biases", (2,)),),
    (Cell("inputs", (0, 0, 0)), Cell("inputs", (0, 3, 3))),
    (Cell("inputs", (0, 0, 0)), Cell("layers.0.biases", (0,))),
)


def drained(steps: Generator[None, None, dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: dict[str, torch.Tensor] = end.value
            return found


def with_values(network: Network, inputs: torch.Tensor, cells: tuple[Cell, ...], row: torch.Tensor) -> Any:
    """The pass of a network that has these values."""
    parameters = {name: tensor.clone() for name, tensor in network.parameters.items()}
    given = inputs.clone()
    for cell, value in zip(cells, row, strict=True):
        (given if cell.tensor == "inputs" else parameters[cell.tensor])[cell.at] = value
    return forward(replace(network, parameters=parameters), given)


@pytest.mark.parametrize("cells", CELLS)
@pytest.mark.parametrize("at_once", [1, 3, 100])
@pytest.mark.parametrize("batch", ["any", "one"])
def test_each_response_is_that_of_a_pass(cells: tuple[Cell, ...], at_once: int, batch: Any) -> None:
    network, inputs = replace(convolution(dtype=torch.float64), batch=batch), picture(dtype=torch.float64)
    trace = forward(network, inputs)
    rows = torch.randn((7, len(cells)), generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    rows[3] = torch.stack([trace[cell.tensor][cell.at] for cell in cells])
    found = drained(responses(network, trace, cells, rows, KEEP, at_once))
    for k, row in enumerate(rows):
        expected = with_values(network, inputs, cells, row)
        for name in KEEP:
            assert found[name].shape == (7, *network.shapes[name])
            torch.testing.assert_close(found[name][k], expected[name], rtol=1e-12, atol=1e-12)
    for name in KEEP:
        assert torch.equal(found[name][3], trace[name])


def test_what_is_asked_says_its_size_and_cost_before() -> None:
    network = convolution()
    assert responses_size(network, KEEP, 10) == 10 * (3 + 8)
    weight, bias = Cell("layers.0.weights", (0, 0, 0, 0)), Cell("layers.3.biases", (0,))
    of_input = responses_cost(network, (Cell("inputs", (0, 0, 0)),), KEEP, 10)
    of_weight, of_bias = (responses_cost(network, (cell,), KEEP, 10) for cell in (weight, bias))
    assert of_input == (1 + 10) * network.cost
    # What depends on the last bias is the last layer alone.
    assert network.cost < of_bias < of_weight
    assert of_bias < network.cost + 10 * (3 + 24 + 3 * 3 + 1)


def test_a_parameter_or_a_tensor_that_does_not_grow_with_the_batch_runs_by_itself() -> None:
    network = convolution()
    inside = (Cell("inputs", (0, 0, 0)),)
    assert runs_together(network, inside, KEEP)
    assert runs_together(network, inside, ("layers.0.weights",))
    assert not runs_together(network, (Cell("layers.0.biases", (0,)),), KEEP)
    assert not runs_together(replace(network, batch="one"), inside, KEEP)


def test_few_calls_serve_many_values() -> None:
    network = convolution()
    pixel, weight = (Cell("inputs", (0, 0, 0)),), (Cell("layers.0.weights", (0, 0, 0, 0)),)
    assert responses_calls(network, pixel, KEEP, 100, 50) == 2 * 6
    # The convolution each time, the other five after it twice.
    assert responses_calls(network, weight, KEEP, 100, 50) == 100 + 2 * 6
    alone = replace(network, batch="one")
    assert responses_calls(alone, weight, KEEP, 100, 50) == 100 * 6


def test_a_parameter_that_is_read_twice_one_after_the_other() -> None:
    weights = torch.randn((3, 3), generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    nodes = (
        Node("layers.0.activations", operation_named("dense"), ("inputs", "layers.0.weights")),
        Node("layers.1.activations", operation_named("dense"), ("layers.0.activations", "layers.0.weights")),
    )
    inputs = (Input("inputs", (3,), torch.float64),)
    network = Network(inputs, {"layers.0.weights": weights}, nodes, ("layers.1.activations",))
    x, cells = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64), (Cell("layers.0.weights", (0, 1)),)
    rows = torch.tensor([[0.5], [weights[0, 1].item()], [-1.0]], dtype=torch.float64)
    found = drained(responses(network, forward(network, x), cells, rows, ("layers.1.activations",)))
    for k, row in enumerate(rows):
        moved = weights.clone()
        moved[0, 1] = row[0]
        torch.testing.assert_close(found["layers.1.activations"][k], x @ moved @ moved)


def test_a_tensor_without_the_batch_first_is_computed_for_each_value() -> None:
    """A product with what was transposed: its batch is not the first dimension any more."""
    nodes = (
        Node("layers.0.activations", operation_named("transpose", dim0=0, dim1=1), ("inputs",)),
        Node("layers.1.activations", operation_named("dense"), ("inputs", "layers.1.weights")),
        Node("layers.2.activations", operation_named("matmul"), ("layers.1.activations", "layers.0.activations")),
    )
    weights = torch.randn((2, 2), generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    inputs = (Input("inputs", (2,), torch.float64),)
    network = Network(inputs, {"layers.1.weights": weights}, nodes, ("layers.2.activations",))
    x, keep = torch.tensor([1.0, 2.0], dtype=torch.float64), ("layers.1.activations",)
    trace = forward(network, x)
    cells = (Cell("layers.1.weights", (1, 0)),)
    rows = torch.tensor([[0.5], [2.0], [4.0]], dtype=torch.float64)
    found = drained(responses(network, trace, cells, rows, keep))
    for k, row in enumerate(rows):
        moved = weights.clone()
        moved[1, 0] = row[0]
        torch.testing.assert_close(found["layers.1.activations"][k], x @ moved)


def test_values_are_spread_evenly_and_whole_where_the_type_is() -> None:
    assert spread(-1, 1, 5, torch.float32).tolist() == [-1, -0.5, 0, 0.5, 1]
    assert spread(0, 9, 10, torch.int64).tolist() == list(range(10))
    assert spread(-3.3e38, 3.3e38, 3, torch.float32).isfinite().all()
