"""Which networks need the words for every kind, and what is theirs in a document."""

from typing import Any

import pytest
import torch

from adelante.network.dense.network import DenseNetwork
from app.api.read.kinds import is_of_other_kinds, network_of, taken_from

DENSE: dict[str, Any] = {"weights": [[1.0]], "biases": [0.0]}


@pytest.mark.parametrize(
    ("document", "other"),
    [
        ({"layers": [DENSE]}, False),
        ({"layers": [{**DENSE, "kind": "dense", "activation": "relu", "name": "a", "layout": "in_out"}]}, False),
        ({"layers": [{**DENSE, "kind": None, "inputs": None, "module": None, "source": None}]}, False),
        ({"layers": [DENSE], "input": None, "outputs": None, "batch": None}, False),
        ({"layers": []}, False),
        ({"layers": [DENSE, {"kind": "relu"}]}, True),
        ({"layers": [{**DENSE, "activation": {"kind": "elu", "alpha": 2}}]}, True),
        ({"layers": [{**DENSE, "inputs": ["inputs"]}]}, True),
        ({"layers": [{**DENSE, "module": "body.0"}]}, True),
        ({"layers": [{**DENSE, "source": "net.py:3"}]}, True),
        ({"layers": [{**DENSE, "weights": {"tensor": "layers.0.weights"}}]}, True),
        ({"layers": [{**DENSE, "biases": {"tensor": "layers.0.biases"}}]}, True),
        ({"layers": [DENSE], "input": {"shape": [1]}}, True),
        ({"layers": [DENSE], "outputs": ["layers.0"]}, True),
        ({"layers": [DENSE], "batch": "any"}, True),
        ({"layers": [1, "relu", None, [DENSE]]}, False),
        ({"layers": {"kind": "relu"}, "batch": "any"}, False),
        ({"batch": "any"}, False),
    ],
)
def test_what_is_no_chain_of_dense_layers_is_read_by_kinds(document: dict[str, Any], other: bool) -> None:
    assert is_of_other_kinds(document) == other


def test_what_a_document_says_of_its_network_is_taken_out_of_it() -> None:
    document = {"layers": [DENSE], "batch": "any", "input": None, "dtype": "float64", "inputs": [1]}
    assert taken_from(document) == {"layers": [DENSE], "batch": "any", "input": None}
    assert document == {"dtype": "float64", "inputs": [1]}


def test_a_chain_of_dense_layers_is_one_however_it_was_written() -> None:
    network = network_of({"layers": [DENSE], "input": {"shape": [1]}}, torch.float64)
    assert isinstance(network, DenseNetwork)
    assert network.dtype is torch.float64
    kinds = network_of({"layers": [{"kind": "relu"}], "input": {"shape": [1]}}, torch.float64)
    assert not isinstance(kinds, DenseNetwork)
    assert kinds.inputs[0].dtype is torch.float64
