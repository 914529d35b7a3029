"""A layer of another shape has the old numbers at their new places, and the new ones where there was none."""

import pytest
import torch

from adelante.network.activations import ACTIVATIONS
from adelante.network.dense.network import DenseLayer
from adelante.network.errors import NetworkError
from app.live.reshape import Reshaping, reshaped

NONE = torch.empty(0)


def layer() -> DenseLayer:
    weights = torch.arange(12.0).view(3, 4)
    return DenseLayer(weights, torch.arange(4.0) / 10, ACTIVATIONS["tanh"], "hidden")


def test_rows_and_columns_move_and_new_ones_take_the_given_numbers_row_by_row() -> None:
    old = layer()
    new = reshaped(
        old, Reshaping([2, None, 0], [3, None, 1], torch.tensor([-1.0, -2, -3, -4, -5]), torch.tensor([9.0])), ""
    )
    assert new.weights.tolist() == [[11, -1, 9], [-2, -3, -4], [3, -5, 1]]
    assert new.biases.tolist() == pytest.approx([0.3, 9, 0.1])
    assert (new.activation, new.name) == (old.activation, old.name)


def test_left_out_places_are_as_they_were_and_nothing_is_shared() -> None:
    old = layer()
    new = reshaped(old, Reshaping(None, None, NONE, NONE), "")
    assert torch.equal(new.weights, old.weights)
    new.weights[0, 0] = 5
    new.biases[0] = 5
    assert old.weights[0, 0] == old.biases[0] == 0


@pytest.mark.parametrize(
    ("how", "pointer", "key"),
    [
        (Reshaping([0, 3], None, NONE, NONE), "/p/rows/1", "no-such-weight-row"),
        (Reshaping(None, [4], NONE, NONE), "/p/columns/0", "no-such-weight-column"),
        (Reshaping(None, [0, 1, 0], NONE, NONE), "/p/columns/2", "place-twice"),
        (Reshaping([0, None], None, torch.zeros(3), NONE), "/p/weights", "same-shape"),
        (Reshaping(None, None, torch.zeros(1), NONE), "/p/weights", "same-shape"),
        (Reshaping(None, [0, None], torch.zeros(3), NONE), "/p/biases", "same-shape"),
    ],
)
def test_what_does_not_fit_is_refused_where_it_stands(how: Reshaping, pointer: str, key: str) -> None:
    with pytest.raises(NetworkError) as raised:
        reshaped(layer(), how, "/p")
    assert [(fault.pointer, fault.key) for fault in raised.value.faults] == [(pointer, key)]
