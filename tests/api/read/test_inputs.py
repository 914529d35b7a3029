"""A request's inputs: one alone or each by name, in the network's precision, and where many numbers are read."""

import numpy as np
import pytest
import torch

from adelante.formats.json import network_from_document
from adelante.formats.json.numbers import LongArray
from adelante.network.errors import NetworkError
from app.api.read.inputs import cost_of, inputs_for
from app.compute.service import CHEAP_MULTIPLY_ADDS

ONE = network_from_document(
    {"input": {"name": "x", "shape": [2]}, "layers": [{"kind": "relu"}]},
    torch.float64,
)


def test_an_only_input_is_the_same_alone_and_by_its_name() -> None:
    for given in ([1, 0.5], {"x": [1, 0.5]}):
        found = inputs_for(ONE, given)
        assert isinstance(found, torch.Tensor)
        assert (found.dtype, found.tolist()) == (torch.float64, [1, 0.5])
    for wrong, pointer in (([1, "a"], "/inputs/1"), ({"x": [1, "a"]}, "/inputs/x/1"), ({"y": [1, 1]}, "/inputs")):
        with pytest.raises(NetworkError) as caught:
            inputs_for(ONE, wrong)
        assert caught.value.faults[0].pointer == pointer


def test_very_many_numbers_are_read_where_much_is_done() -> None:
    many = LongArray([np.ones(2)], 2, (), None)
    for few in (1, [1, 2], [[1, 2]], {"a": [1], "b": [2]}):
        assert cost_of(few) == 0
    for each in (many, ["x", many], {"a": [1], "b": many}):
        assert cost_of(each) == CHEAP_MULTIPLY_ADDS + 1
