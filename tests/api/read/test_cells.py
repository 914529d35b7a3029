"""However a number of a network is named, a cell comes out; what is wrong is told in the words that were used."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from pydantic import TypeAdapter, ValidationError

from adelante.formats.json import network_from_document
from adelante.network.cells import Cell, check_cell
from adelante.network.errors import NetworkError
from adelante.network.network import Network
from adelante.network.presets import chain_named
from app.api.read.cells import (
    AxisDocument,
    Place,
    Return,
    TargetDocument,
    axis_place,
    check_computed,
    check_given,
    check_place,
    check_told,
    check_varied,
    one_input,
    place_from,
    target_from,
)
from tests.adelante.network.convolution import convolution

CHAIN = chain_named("multilayer").network
CELL = {"tensor": "layers.0.weights", "at": [2, 1]}


def fault_of(use: Callable[[], Any]) -> tuple[str, str]:
    try:
        use()
    except NetworkError as error:
        return error.faults[0].key, error.faults[0].pointer
    raise AssertionError("it is not refused")


def check_at(network: Network, document: dict[str, Any]) -> None:
    check_place(network, place_from(document, "/v"))


@pytest.mark.parametrize(
    ("document", "cell", "form"),
    [
        (CELL, Cell("layers.0.weights", (2, 1)), "cell"),
        ({"layer": 0, "weight": [2, 1]}, Cell("layers.0.weights", (2, 1)), "weight"),
        ({"layer": 1, "bias": 0}, Cell("layers.1.biases", (0,)), "bias"),
        ({"input": 2}, Cell("inputs", (2,)), "input"),
    ],
)
def test_every_form_names_a_cell(document: dict[str, Any], cell: Cell, form: str) -> None:
    place = place_from(document, "/vary")
    assert place == Place(cell, "/vary", form)
    check_place(CHAIN, place)
    assert check_varied(CHAIN, place) is torch.float32


@pytest.mark.parametrize(
    ("document", "key", "pointer"),
    [
        ({"tensor": "layers.0.weights"}, "missing-field", "/vary/at"),
        ({"at": [0]}, "missing-field", "/vary/tensor"),
        ({"tensor": "layers.9.weights", "at": [0]}, "tensor-not-there", "/vary/tensor"),
        ({**CELL, "at": [0]}, "cell-rank", "/vary/at"),
        ({**CELL, "at": [0, 2]}, "no-such-cell", "/vary/at/1"),
        ({"layer": 2, "weight": [0, 0]}, "no-such-layer", "/vary/layer"),
        ({"layer": 0, "weight": [3, 0]}, "no-such-weight-row", "/vary/weight/0"),
        ({"layer": 0, "weight": [0, 2]}, "no-such-weight-column", "/vary/weight/1"),
        ({"layer": 0, "weight": [0]}, "too-few-items", "/vary/weight"),
        ({"layer": 0, "weight": [0, 0, 0]}, "too-many-items", "/vary/weight"),
        ({"layer": 0, "bias": 2}, "no-such-neuron", "/vary/bias"),
        ({"layer": 0, "bias": -1}, "too-small", "/vary/bias"),
        ({"input": 3}, "no-such-input", "/vary/input"),
        ({}, "missing-field", "/vary/input"),
        ({"input": 0, "more": 1}, "unknown-field", "/vary/more"),
        ({"tensor": "layers.0.activations", "at": [0]}, "cell-computed", "/vary/tensor"),
    ],
)
def test_a_number_that_is_not_there_is_told_in_its_own_words(document: dict[str, Any], key: str, pointer: str) -> None:
    assert fault_of(lambda: check_varied(CHAIN, place_from(document, "/vary"))) == (key, pointer)


def test_a_tensor_of_no_numbers_has_no_cell() -> None:
    with pytest.raises(NetworkError) as caught:
        check_cell({"empty": (0,)}, Cell("empty", (0,)), "/t")
    assert (caught.value.faults[0].key, caught.value.faults[0].pointer) == ("no-cells", "/t/at")


def test_a_form_for_dense_layers_is_no_form_for_others() -> None:
    kinds = convolution()
    for document in ({"layer": 0, "weight": [0, 0]}, {"input": 0}, {"layer": 1, "bias": 0}):
        assert fault_of(partial(check_at, kinds, document)) == (
            "cell-needed",
            "/v",
        )
    check_place(kinds, place_from({"layer": 0, "bias": 1}, "/v"))


def test_what_is_to_be_explained_is_a_neuron_or_a_cell() -> None:
    neuron = target_from({"layer": 0, "neuron": 1})
    assert isinstance(neuron, TargetDocument)
    assert (neuron.layer, neuron.neuron) == (0, 1)
    assert target_from(CELL, "/t") == Place(Cell("layers.0.weights", (2, 1)), "/t")
    assert fault_of(lambda: target_from({"layer": 0})) == ("missing-field", "/target/neuron")
    assert fault_of(lambda: target_from({"at": [0]})) == ("missing-field", "/target/tensor")
    check_computed(CHAIN, Cell("layers.0.activations", (0,)), "/t")
    assert fault_of(lambda: check_computed(CHAIN, Cell("inputs", (0,)), "/t")) == ("cell-given", "/t/tensor")


def test_a_side_of_a_plane_is_an_input_or_a_cell_and_not_both() -> None:
    def side(**more: Any) -> AxisDocument:
        return AxisDocument.model_validate({"from": 0.0, "to": 1.0, **more})

    assert axis_place(side(input=1), "/x") == Place(Cell("inputs", (1,)), "/x", "input")
    cell = axis_place(side(cell=CELL), "/x")
    assert cell == Place(Cell("layers.0.weights", (2, 1)), "/x/cell")
    both = side(input=1, cell=CELL)
    assert fault_of(lambda: axis_place(both, "/x")) == ("input-and-cell", "/x/cell")
    assert fault_of(lambda: axis_place(side(), "/x")) == ("missing-field", "/x/input")


def test_what_is_told_by_name_is_there() -> None:
    check_told(CHAIN, "nothing is looked up")
    check_told(CHAIN, ["inputs", "layers.1.activations"])
    asked = ["inputs", "layers.2.activations"]
    assert fault_of(lambda: check_told(CHAIN, asked)) == ("tensor-not-there", "/return/1")
    assert fault_of(lambda: check_given(CHAIN, "layers.0.activations", "/p")) == ("cell-computed", "/p")
    assert fault_of(lambda: check_given(CHAIN, "x", "/p")) == ("tensor-not-there", "/p")


def test_what_is_to_be_told_is_all_the_outputs_or_tensors_by_names_of_a_bounded_length() -> None:
    told = TypeAdapter(Return)
    for right in ("trace", "outputs", ["layers.0.activations", "x" * 200]):
        assert told.validate_python(right) == right
    refused: tuple[Any, ...] = ("all", None, [], ["x" * 201], [[]], {"a": 1})
    for wrong in refused:
        with pytest.raises(ValidationError) as caught:
            told.validate_python(wrong)
        (error,) = caught.value.errors()
        assert (error["type"], error["ctx"]) == (
            "literal_error",
            {"expected": "'trace', 'outputs', ['layers.0.activations', …]"},
        )


def two_inputs() -> Network:
    return network_from_document(
        {
            "input": [{"name": "ids", "shape": [2], "dtype": "int64"}, {"name": "x", "shape": [2, 1]}],
            "layers": [
                {"kind": "embedding", "weights": [[1.0], [2.0]], "inputs": ["ids"], "name": "rows"},
                {"kind": "add", "inputs": ["rows", "x"]},
            ],
        }
    )


def test_one_input_may_stand_in_a_batch_of_one() -> None:
    for given in ([1, 2, 3], [[1, 2, 3]]):
        found = one_input(CHAIN, given)
        assert isinstance(found, torch.Tensor)
        assert found.tolist() == [1, 2, 3]
    wrong: tuple[Any, ...] = ([[1, 2, 3]] * 2, [1, 2], [[[1, 2, 3]]])
    for given in wrong:
        assert fault_of(partial(one_input, CHAIN, given)) == ("same-shape", "/inputs")


def test_one_of_each_of_several_inputs_comes_by_name() -> None:
    network = two_inputs()
    for given in ({"ids": [0, 1], "x": [[1], [2]]}, {"ids": [[0, 1]], "x": [[[1], [2]]]}):
        found = one_input(network, given)
        assert not isinstance(found, torch.Tensor)
        assert {name: value.tolist() for name, value in found.items()} == {"inputs.ids": [0, 1], "inputs.x": [[1], [2]]}
    assert fault_of(lambda: one_input(network, {"ids": [0, 1], "x": [1, 2]})) == ("same-shape", "/inputs/x")
    assert fault_of(lambda: one_input(network, {"ids": [0.5, 1], "x": [[1], [2]]}))[1] == "/inputs/ids/0"
    wrong: tuple[Any, ...] = ({"ids": [0, 1]}, [0, 1], {"ids": [0, 1], "x": [[1], [2]], "y": 1})
    for given in wrong:
        with pytest.raises(NetworkError) as caught:
            one_input(network, given)
        (fault,) = caught.value.faults
        assert (fault.key, fault.pointer, fault.values) == ("inputs-are-named", "/inputs", {"expected": "ids, x"})
