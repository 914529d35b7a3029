"""What other values would give is what a pass with these values gives, to the bit where they are those that stand."""

from collections.abc import Generator
from dataclasses import replace
from typing import Any

import pytest
import torch

from adelante.network.cells import Cell
from adelante.network.forward import forward
from adelante.network.network import Network
from adelante.network.responses import responses, responses_cost, responses_size, runs_together, spread
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
    assert of_input == 10 * network.cost
    # What hangs on the last bias is the last layer alone.
    assert network.cost < of_bias < of_weight
    assert of_bias < network.cost + 10 * (3 + 24 + 3 * 3 + 1)


def test_a_parameter_or_a_tensor_that_does_not_grow_with_the_batch_runs_by_itself() -> None:
    network = convolution()
    inside = (Cell("inputs", (0, 0, 0)),)
    assert runs_together(network, inside, KEEP)
    assert runs_together(network, inside, ("layers.0.weights",))
    assert not runs_together(network, (Cell("layers.0.biases", (0,)),), KEEP)
    assert not runs_together(replace(network, batch="one"), inside, KEEP)


def test_values_are_spread_evenly_and_whole_where_the_type_is() -> None:
    assert spread(-1, 1, 5, torch.float32).tolist() == [-1, -0.5, 0, 0.5, 1]
    assert spread(0, 9, 10, torch.int64).tolist() == list(range(10))
    assert spread(-3.3e38, 3.3e38, 3, torch.float32).isfinite().all()
