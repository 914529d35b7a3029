"""A request of the Open Inference Protocol: what it is taken for, and each refusal to the letter."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson
import pytest
import torch

from adelante.formats.json import network_from_document
from adelante.network.errors import Fault, NetworkError
from adelante.network.names import output_labels
from adelante.network.network import Network
from adelante.network.presets import chain_named
from app.api.read.inference_request import InferRequest, WantedOutput, json_length, read_request, usual_outputs
from app.api.read.inputs import Inputs
from app.settings import Settings

SETTINGS = Settings()
CHAIN = chain_named("multilayer").network
TWO = network_from_document(
    {
        "input": [{"name": "ids", "shape": [2], "dtype": "int64"}, {"name": "gate", "shape": [2, 2]}],
        "layers": [
            {"kind": "embedding", "weights": [[1, 2], [3, 4], [5, 6]], "inputs": ["ids"]},
            {"kind": "mul", "inputs": ["layers.0.activations", "gate"]},
        ],
    }
)
FORKED = network_from_document(
    {
        "input": [{"name": "x", "shape": [2, 1, 2]}],
        "layers": [{"kind": "relu", "inputs": ["x"]}, {"kind": "sigmoid", "inputs": ["x"]}],
        "outputs": ["layers.0.activations", "layers.1.activations"],
    }
)
TENSOR = {"name": "inputs", "shape": [1, 3], "datatype": "FP32"}
IDS = {"name": "ids", "shape": [2], "datatype": "INT64"}
GATE = {"name": "gate", "shape": [2, 2], "datatype": "FP32"}
GATES = np.array([[0.5, 1], [2, -1]], "<f4")
NAN = np.array([1, np.nan, 2], "<f4").tobytes()


def request_of(document: dict[str, Any], binary: bytes = b"", network: Network = CHAIN) -> InferRequest:
    head = orjson.dumps(document)
    return read_request(head + binary, len(head), SETTINGS, network)


def fault_of(document: dict[str, Any], binary: bytes = b"", network: Network = CHAIN) -> Fault:
    with pytest.raises(NetworkError) as caught:
        request_of(document, binary, network)
    (fault,) = caught.value.faults
    return fault


def test_a_number_alone_has_the_shape_that_the_metadata_say() -> None:
    network = network_from_document(
        {
            "input": [{"name": "x", "shape": [2]}, {"name": "scale", "shape": []}],
            "layers": [{"kind": "mul", "inputs": ["x", "scale"]}],
            "batch": "none",
        }
    )
    given = {"name": "x", "shape": [2], "datatype": "FP32", "data": [1, 2]}
    alone: dict[str, Any] = {"name": "scale", "shape": [], "datatype": "FP32"}
    for data in (3, [3]):
        inputs = request_of({"inputs": [given, {**alone, "data": data}]}, network=network).inputs
        assert isinstance(inputs, dict)
        assert torch.equal(inputs["inputs.scale"], torch.tensor(3.0))
    assert fault_of({"inputs": [given, {**alone, "data": [3, 4]}]}, network=network).key == "data-shape"
    assert fault_of({"inputs": [{**TENSOR, "shape": [], "data": [1, 2, 3]}]}).key == "data-shape"


def same(one: Inputs, other: Inputs) -> bool:
    assert isinstance(one, torch.Tensor)
    assert isinstance(other, torch.Tensor)
    return one.dtype == other.dtype and torch.equal(one, other)


def by_name(given: InferRequest) -> Mapping[str, torch.Tensor]:
    assert isinstance(given.inputs, Mapping)
    return given.inputs


def sized(tensor: dict[str, Any], size: int) -> dict[str, Any]:
    return {**tensor, "parameters": {"binary_data_size": size}}


def test_without_a_header_all_of_the_body_is_json() -> None:
    assert json_length(None, 20) == 20
    assert json_length(b"7", 20) == 7
    assert json_length(b"20", 20) == 20
    assert json_length(b"0" * 13 + b"20", 20) == 20, "fifteen digits"


@pytest.mark.parametrize("header", [b"21", b"0" * 14 + b"20", b"-1", b"", b"\xe9" * 50])
def test_a_length_that_is_none_is_told_with_what_it_was(header: bytes) -> None:
    with pytest.raises(NetworkError) as caught:
        json_length(header, 20)
    values = {"name": "Inference-Header-Content-Length", "got": header.decode("latin-1")[:40], "size": 20}
    assert caught.value.faults == (Fault("invalid-value", "header-length", "", values),)


def test_inputs_in_json_and_in_bytes_are_the_same_numbers() -> None:
    numbers = [0.5, -1, 2]
    found = request_of({"id": "seven", "inputs": [{**TENSOR, "data": numbers}]})
    assert found.id == "seven"
    assert same(found.inputs, torch.tensor([numbers]))
    binary = np.array(numbers, "<f4").tobytes()
    found = request_of({"inputs": [sized(TENSOR, 12)]}, binary)
    assert found.id is None
    assert same(found.inputs, torch.tensor([numbers]))


def test_several_inputs_have_their_bytes_one_after_another() -> None:
    ids = np.array([2, 0], "<i8")
    document = {"inputs": [sized(IDS, 16), sized(GATE, 16)]}
    found = by_name(request_of(document, ids.tobytes() + GATES.tobytes(), TWO))
    assert {name: values.tolist() for name, values in found.items()} == {
        "inputs.ids": [2, 0],
        "inputs.gate": GATES.tolist(),
    }
    # Bytes and JSON in one request, in either order.
    given = [{**IDS, "data": [2, 0]}, sized(GATE, 16)]
    for each in (given, given[::-1]):
        mixed = by_name(request_of({"inputs": each}, GATES.tobytes(), TWO))
        assert all(same(mixed[name], found[name]) for name in found)


def test_outputs_are_wanted_as_each_says_or_else_as_the_request_does() -> None:
    given = {"inputs": [{**TENSOR, "data": [1, 2, 3]}]}
    assert request_of(given).outputs == [WantedOutput("outputs", False)]
    everything = {**given, "parameters": {"binary_data_output": True}}
    assert request_of(everything).outputs == [WantedOutput("outputs", True)]
    asked = [
        {"name": "outputs"},
        {"name": "layers.0.activations", "parameters": {}},
        {"name": "outputs", "parameters": {"binary_data": True, "classification": 2}},
    ]
    assert request_of({**everything, "outputs": asked}).outputs == [
        WantedOutput("outputs", True),
        WantedOutput("layers.0.activations", False),
        WantedOutput("outputs", True, 2),
    ]
    assert usual_outputs(CHAIN) == ["outputs"]
    assert usual_outputs(FORKED) == output_labels(FORKED) == ["layers.0.activations", "layers.1.activations"]


@pytest.mark.parametrize(
    ("changed", "binary", "fault"),
    [
        (
            {"name": "x", "data": [1, 2, 3]},
            b"",
            Fault("unknown-field", "unknown-tensor", "/inputs/0/name", {"name": "x", "known": ["inputs"]}),
        ),
        (
            {"datatype": "FP64", "data": [1, 2, 3]},
            b"",
            Fault(
                "unsupported-dtype",
                "unsupported-dtype",
                "/inputs/0/datatype",
                {"name": "FP64", "known": ["FP32"]},
                hint="datatype",
            ),
        ),
        (
            {"shape": [-1, 3], "data": [1, 2, 3, 4, 5, 6]},
            b"",
            Fault("shape-mismatch", "shape-of-metadata", "/inputs/0/shape", {"got": "[-1, 3]", "expected": "[2, 3]"}),
        ),
        (
            {"shape": [2, -1], "data": [[1, 2, 3], [4, 5, 6]]},
            b"",
            Fault("shape-mismatch", "shape-of-metadata", "/inputs/0/shape", {"got": "[2, -1]", "expected": "[2, 3]"}),
        ),
        (
            {"shape": [-1, 1], "data": [1, 2, 3]},
            b"",
            Fault("shape-mismatch", "shape-of-metadata", "/inputs/0/shape", {"got": "[-1, 1]", "expected": "[3, 1]"}),
        ),
        (
            {"shape": [-1, 0], "data": [1, 2]},
            b"",
            Fault("shape-mismatch", "shape-of-metadata", "/inputs/0/shape", {"got": "[-1, 0]", "expected": "[2, 2]"}),
        ),
        (
            {"shape": [-1, 3]},
            b"",
            Fault("shape-mismatch", "shape-of-metadata", "/inputs/0/shape", {"got": "[-1, 3]", "expected": "[1, 3]"}),
        ),
        (
            {"shape": [-1, 3], "parameters": {"binary_data_size": 36}},
            b"\0" * 36,
            Fault("shape-mismatch", "shape-of-metadata", "/inputs/0/shape", {"got": "[-1, 3]", "expected": "[3, 3]"}),
        ),
        (
            {"shape": [0, 3], "data": []},
            b"",
            Fault("empty", "empty-tensor", "/inputs/0/shape", {"got": "(0, 3)"}),
        ),
        ({"shape": [-2, 3]}, b"", Fault("empty", "negative-size", "/inputs/0/shape", {"got": "[-2, 3]"})),
        ({}, b"", Fault("not-a-number", "no-data", "/inputs/0/data")),
        (
            {"data": [1, 2]},
            b"",
            Fault("shape-mismatch", "data-shape", "/inputs/0/data", {"expected": "(1, 3)", "got": "(2,)"}),
        ),
        (
            {"data": [[1], [2], [3]]},
            b"",
            Fault("shape-mismatch", "data-shape", "/inputs/0/data", {"expected": "(1, 3)", "got": "(3, 1)"}),
        ),
        # Bytes that no tensor says are its own; too few; too many; said to be fewer; beside numbers in JSON.
        ({"data": [1, 2, 3]}, b"\0" * 5, Fault("shape-mismatch", "binary-size", "", {"expected": 0, "got": 5})),
        (sized({}, 12), b"\0" * 11, Fault("shape-mismatch", "binary-size", "", {"expected": 12, "got": 11})),
        (sized({}, 12), b"\0" * 13, Fault("shape-mismatch", "binary-size", "", {"expected": 12, "got": 13})),
        (sized({}, 8), b"\0" * 12, Fault("shape-mismatch", "binary-size", "", {"expected": 12, "got": 8})),
        (
            sized({"data": [1, 2, 3]}, 12),
            b"\0" * 12,
            Fault("shape-mismatch", "binary-size", "", {"expected": 12, "got": 12}),
        ),
        (
            sized({}, 12),
            NAN,
            Fault("out-of-range", "file-not-finite", "/inputs/0/1", {"name": "inputs", "value": "nan"}),
        ),
    ],
)
def test_each_refusal_says_where_and_what(changed: dict[str, Any], binary: bytes, fault: Fault) -> None:
    if fault.key == "binary-size":
        fault = Fault(fault.type, fault.key, "/inputs/0/parameters", fault.values)
    assert fault_of({"inputs": [TENSOR | changed]}, binary) == fault


def test_a_chain_has_one_input_and_other_networks_all_of_theirs() -> None:
    twice = [{**TENSOR, "data": [1, 2, 3]}] * 2
    values: dict[str, Any] = {"name": "inputs", "expected": 1}
    assert fault_of({"inputs": twice}) == Fault("invalid-value", "too-many-items", "/inputs", values)
    values = {"name": "gate"}
    missing = Fault("missing-field", "missing-field", "/inputs", values)
    assert fault_of({"inputs": [{**IDS, "data": [2, 0]}]}, network=TWO) == missing


def test_only_the_last_tensor_may_leave_no_bytes() -> None:
    ids = np.array([2, 0], "<i8").tobytes()
    given = {"inputs": [sized(IDS, 16), sized(GATE, 16)]}
    short = Fault("shape-mismatch", "binary-size", "/inputs/1/parameters", {"expected": 16, "got": 12})
    assert fault_of(given, ids + GATES.tobytes()[:12], TWO) == short
    over = Fault("shape-mismatch", "binary-size", "/inputs/1/parameters", {"expected": 0, "got": 16})
    assert fault_of({"inputs": [sized(IDS, 16), {**GATE, "data": GATES.tolist()}]}, ids * 2, TWO) == over


def test_whole_numbers_in_bytes_have_nothing_that_is_not_finite() -> None:
    largest = np.array([2**63 - 1, -(2**63)], "<i8")
    found = request_of({"inputs": [sized(IDS, 16), sized(GATE, 16)]}, largest.tobytes() + GATES.tobytes(), TWO)
    assert by_name(found)["inputs.ids"].tolist() == largest.tolist()


def test_what_stands_in_json_is_nested_as_deep_as_its_input() -> None:
    deep = [[[1.0, 2.0]], [[3.0, 4.0]]]
    x = {"name": "x", "shape": [2, 1, 2], "datatype": "FP32"}
    assert same(request_of({"inputs": [{**x, "data": deep}]}, network=FORKED).inputs, torch.tensor(deep))
    assert same(request_of({"inputs": [{**x, "data": [1, 2, 3, 4]}]}, network=FORKED).inputs, torch.tensor(deep))
    gate = {"inputs": [{**IDS, "data": [2, 0]}, {**GATE, "data": deep}]}
    values = {"expected": "(2, 2)", "got": "(2, 1, 2)"}
    assert fault_of(gate, network=TWO) == Fault("shape-mismatch", "data-shape", "/inputs/1/data", values)
    # A chain's are one vector, or a batch of them.
    too_deep = Fault("shape-mismatch", "nested-too-deep", "/inputs/0/data/0/0")
    assert fault_of({"inputs": [{**TENSOR, "data": [[[1, 2, 3]]]}]}) == too_deep


def test_what_is_no_number_is_told_with_its_place() -> None:
    def no_number(pointer: str) -> Fault:
        return Fault("not-a-number", "not-a-number", pointer, {"got": "string"})

    gate = [{**IDS, "data": [2, 0]}, {**GATE, "data": [[1, "x"], [1, 2]]}]
    assert fault_of({"inputs": gate}, network=TWO) == no_number("/inputs/1/data/0/1")
    assert fault_of({"inputs": [{**TENSOR, "data": [1, 2, "3"]}]}) == no_number("/inputs/0/data/2")
