"""Networks of every kind as JSON documents: read as they are written, and everything that is wrong told at once."""

import json
import math
from functools import cache
from typing import Any

import orjson
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import adelante
from adelante.formats.json import document_of, network_from_document
from adelante.formats.json.arrays import tensor_of_any_rank
from adelante.formats.json.options import operation_class, operation_from, options_of, written_options
from adelante.network.errors import Fault, NetworkError
from adelante.network.network import Network
from adelante.network.operations import OPERATIONS, operation_named
from tests.adelante import modules
from tests.adelante.operations.test_explanations import ALL
from tests.adelante.traced import traced as module_traced
from tests.cases import each
from tests.long import long


def plain(document: Any) -> Any:
    """The document as it comes over the wire."""
    return orjson.loads(orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY))


def faults(document: dict[str, Any]) -> list[Fault]:
    with pytest.raises(NetworkError) as refused:
        network_from_document(document)
    return list(refused.value.faults)


def told(document: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(fault.type, fault.key, fault.pointer) for fault in faults(document)]


def drawn(*shape: int) -> Any:
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape))).tolist()


def pictures() -> dict[str, Any]:
    """The example of the contract."""
    return {
        "input": {"shape": [1, 28, 28]},
        "layers": [
            {"name": "edges", "kind": "conv2d", "weights": drawn(8, 1, 3, 3), "biases": drawn(8), "padding": 1,
             "activation": "relu"},
            {"kind": "max_pool2d", "kernel_size": 2},
            {"name": "again", "kind": "conv2d", "weights": drawn(8, 8, 3, 3), "padding": 1},
            {"kind": "add", "inputs": ["again", "layers.1.activations"]},
            {"kind": "flatten"},
            {"weights": drawn(1568, 10), "biases": drawn(10), "activation": "softmax"},
        ],
    }  # fmt: skip


def test_the_contracts_example_gives_torchs_numbers() -> None:
    document = pictures()
    network = network_from_document(document)
    x = torch.randn(3, 1, 28, 28)
    weights = [torch.tensor(each["weights"]) for each in document["layers"] if "weights" in each]
    biases = [torch.tensor(each["biases"]) for each in document["layers"] if "biases" in each]
    pooled = F.max_pool2d(torch.relu(F.conv2d(x, weights[0], biases[0], padding=1)), 2)
    flat = (F.conv2d(pooled, weights[1], padding=1) + pooled).flatten(1)
    expected = torch.softmax(flat @ weights[2] + biases[1], -1)
    # Scores of some hundred, whose own last digits the shares enlarge.
    torch.testing.assert_close(adelante.forward(network, x).outputs, expected, rtol=1e-3, atol=1e-3)
    assert [layer.name for layer in network.layers] == ["edges", None, "again", None, None, None]
    assert network.layers[0].nodes == ("layers.0.pre_activations", "layers.0.activations")
    assert network.layers[3].nodes == ("layers.3.activations",)
    assert network.shapes["layers.2.activations"] == (8, 14, 14)


def equal(one: Network, other: Network) -> None:
    assert (one.inputs, one.outputs, one.layers, one.batch) == (other.inputs, other.outputs, other.layers, other.batch)
    assert [(n.name, n.operation, n.inputs) for n in one.nodes] == [
        (n.name, n.operation, n.inputs) for n in other.nodes
    ]
    assert list(one.parameters) == list(other.parameters)
    for name, tensor in one.parameters.items():
        assert tensor.dtype == other.parameters[name].dtype
        assert torch.equal(tensor.nan_to_num(7, 8, 9), other.parameters[name].nan_to_num(7, 8, 9)), name


class _Masked(nn.Module):
    """A mask of −∞, one of true and false, and a parameter that is used twice."""

    causal: Tensor
    hidden: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 3)
        self.register_buffer("causal", torch.triu(torch.full((3, 3), -math.inf), 1))
        self.register_buffer("hidden", torch.tensor([True, False, True]))
        self.token = nn.Parameter(torch.randn(1, 1, 3))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), F.leaky_relu(self.linear(x), 0.3)], 1)
        mixed = torch.softmax(x @ x.transpose(1, 2) + self.causal, -1) @ x
        return mixed.masked_fill(self.hidden, 0.5), F.linear(mixed, self.linear.weight)


@cache
def traced(name: str) -> Network:
    if name == "one":
        return adelante.trace(modules.OneAtATime(), torch.randn(1, 6))
    elif name == "masked":
        return adelante.trace(_Masked(), torch.randn(2, 2, 3))
    return module_traced(name)[2]


@pytest.mark.parametrize("name", ["digits", "words", "twins", "one", long("encoder"), "masked", "lstm"])
def test_what_a_module_gives_is_written_and_read_back_equal(name: str) -> None:
    document = plain(document_of(traced(name)))
    equal(network_from_document(document), traced(name))
    assert plain(document_of(network_from_document(document))) == document


@each(("kind", "options"), [case[:2] for case in ALL])
def test_every_operations_options_come_back(kind: str, options: dict[str, Any]) -> None:
    operation = operation_named(kind, **options)
    again, found = operation_from(kind, json.loads(json.dumps(written_options(operation))), "")
    assert found == []
    assert again == operation
    assert repr(again) == repr(operation)


def test_no_option_hides_a_field_or_an_operand() -> None:
    fields = {"kind", "name", "inputs", "activation", "module", "source", "layout"}
    for kind in OPERATIONS:
        assert not fields & set(options_of(kind)), kind
        assert not set(operation_class(kind).OPERANDS) & set(options_of(kind)), kind


def test_several_inputs_outputs_and_whole_numbers() -> None:
    network = network_from_document(
        {
            "input": [{"name": "ids", "shape": [4], "dtype": "int64"}, {"name": "x", "shape": [3]}],
            "layers": [
                {"kind": "embedding", "weights": drawn(9, 3), "inputs": ["ids"]},
                {"kind": "mean", "dim": 1, "name": "mean"},
                {"kind": "add", "inputs": ["mean", "x"], "name": "sum"},
                {"kind": "mul", "scalar": 2},
            ],
            "outputs": ["sum", "layers.3.activations"],
        }
    )
    assert network.inputs[0].dtype == torch.int64
    ids, x = torch.tensor([[1, 2, 3, 8]]), torch.randn(1, 3)
    first, second = adelante.forward(network, {"inputs.ids": ids, "inputs.x": x}).outputs.values()
    expected = network.parameters["layers.0.weights"][ids].mean(1) + x
    torch.testing.assert_close(first, expected)
    torch.testing.assert_close(second, 2 * expected)


def test_weights_as_torch_keeps_them_and_shared_ones() -> None:
    weights = drawn(4, 3)
    network = network_from_document(
        {
            "layers": [
                {"weights": weights, "layout": "out_in", "activation": {"kind": "leaky_relu", "negative_slope": 0.2}},
                {"kind": "linear", "weights": drawn(4, 4)},
                {"kind": "linear", "weights": {"tensor": "layers.1.weights"}},
            ]
        }
    )
    assert network.inputs[0].shape == (3,)
    assert list(network.parameters) == ["layers.0.weights", "layers.1.weights"]
    x = torch.randn(2, 3)
    shared = network.parameters["layers.1.weights"]
    expected = F.leaky_relu(x @ torch.tensor(weights).T, 0.2) @ shared.T @ shared.T
    torch.testing.assert_close(adelante.forward(network, x).outputs, expected)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    document = pictures()
    document["layers"][0] |= {"stride": "two", "strides": 2}
    document["layers"][1] = {"kind": "maxpool", "kernel_size": 2}
    document["layers"][3]["inputs"] = ["agian", "edges"]
    document["layers"][5]["activation"] = "sofmax"
    document["outputs"] = ["nowhere"]
    assert told(document) == [
        ("unknown-field", "unknown-field", "/layers/0/strides"),
        ("invalid-value", "whole-number-expected", "/layers/0/stride"),
        ("unknown-kind", "unknown-kind", "/layers/1/kind"),
        ("unknown-layer", "unknown-layer", "/layers/3/inputs/0"),
        ("unknown-activation", "unknown-activation", "/layers/5/activation"),
        ("unknown-layer", "unknown-layer", "/outputs/0"),
    ]
    found = faults(document)
    assert "conv2d" in found[2].values["known"]
    assert {"stride", "weights", "padding"} <= set(found[0].values["known"])
    assert "again" in found[3].values["known"]


def on(*layers: Any, shape: Any = (2,), **more: Any) -> dict[str, Any]:
    return {"input": {"shape": list(shape)}, "layers": list(layers), **more}


TWICE = ({"kind": "relu", "name": "a"}, {"kind": "relu", "name": "a"}, {"kind": "relu", "inputs": ["a"]})
LATER = ({"kind": "relu", "inputs": ["b"]}, {"kind": "relu", "name": "b"})
BOTH = [{"shape": [2], "name": "x"}, {"shape": [3], "name": "y"}]
SHIFT = {"kind": "layer_norm", "normalized_shape": [2], "shift": [0, 0]}
HALF = {"kind": "embedding", "weights": [[1.0]], "inputs": [{"values": [0.5], "dtype": "int64"}]}
RELU = {"kind": "relu"}
BROKEN = [
    (on(), "empty no-layers /layers"),
    (on(7), "invalid-value object-expected /layers/0"),
    ({"layers": [{"kind": "flatten"}]}, "missing-field input-shape-needed /input"),
    ({"layers": [{"kind": "conv1d", "weights": [[[1]]]}]}, "missing-field input-shape-needed /input"),
    (on({"kind": "dense"}), "missing-field missing-operand /layers/0/weights"),
    (on({"kind": "max_pool2d"}), "missing-field missing-field /layers/0/kernel_size"),
    (on({"kind": "add", "inputs": ["inputs"]}), "missing-field missing-operand /layers/0/other"),
    (on(*TWICE), "invalid-value doubled-name /layers/2/inputs/0"),
    (on(*LATER), "unknown-layer layer-comes-later /layers/0/inputs/0"),
    (on(RELU, shape=[0]), "invalid-value sizes-expected /input/shape"),
    (on(RELU, shape=[2**30, 2**30]), "invalid-value sizes-too-large /input/shape"),
    (on(RELU, shape=[1] * 65), "invalid-value sizes-too-many /input/shape"),
    (on(RELU, shape=[2], outputs=[]), "invalid-value too-few-items /outputs"),
    (on(RELU, shape=[2], outputs=[7]), "invalid-value text-expected /outputs/0"),
    (on(RELU, input=7), "invalid-value object-expected /input"),
    (on(RELU, input={"shape": [2], "size": 2}), "unknown-field unknown-field /input/size"),
    (on({**RELU, "inputs": ["x"]}, input=[BOTH[0], BOTH[0]]), "invalid-value doubled-name /input/1/name"),
    (on({"kind": 7}), "invalid-value text-expected /layers/0/kind"),
    (on({"weights": [[1, 2], [3, 4]], "layout": "out"}), "invalid-value not-one-of /layers/0/layout"),
    (on({**RELU, "activation": 7}), "invalid-value text-expected /layers/0/activation"),
    (
        on({**RELU, "activation": {"kind": "elu", "alpha": "1"}}),
        "invalid-value number-expected /layers/0/activation/alpha",
    ),
    (
        on({**RELU, "activation": {"kind": "elu", "alpha": 2**53 + 1}}),
        "invalid-value not-held /layers/0/activation/alpha",
    ),
    (on({**RELU, "activation": {"kind": "elu", "beta": 1}}), "unknown-field unknown-field /layers/0/activation/beta"),
    (on({"kind": "reshape", "shape": [{"batch": 0.5}]}), "invalid-value whole-number-expected /layers/0/shape/0"),
    (on({"kind": "reshape", "shape": [2**53 + 1]}), "invalid-value not-held /layers/0/shape/0"),
    (on({"kind": "reshape", "shape": [1] * 65}), "invalid-value too-many-items /layers/0/shape"),
    ({"layers": {}}, "invalid-value array-expected /layers"),
    ({}, "missing-field missing-field /layers"),
    (on({**RELU, "inputs": ["y"]}, input=[{"shape": [2]}, BOTH[1]]), "missing-field missing-field /input/0/name"),
    (on(RELU, input=BOTH), "missing-field layer-inputs-by-name /layers/0/inputs"),
    (on(SHIFT), "missing-field missing-operand /layers/0/scale"),
    (on({**RELU, "inputs": ["inputs", "inputs"]}), "invalid-value too-many-items /layers/0/inputs"),
    (on(RELU, batch="many"), "invalid-value not-one-of /batch"),
    (on({"kind": "cast", "dtype": "float8"}), "invalid-value not-one-of /layers/0/dtype"),
    (on({"weights": [[1, "x"]]}), "not-a-number not-a-number /layers/0/weights/0/1"),
    (on({"kind": "conv1d", "weights": [[[1, 2]], [[1]]]}), "ragged-array ragged /layers/0/weights/1/0"),
    (on(HALF), "invalid-value whole-number-expected /layers/0/inputs/0/values/0"),
    (on({"kind": "embedding", "weights": []}), "empty empty-array /layers/0/weights"),
    (on({"kind": "conv1d", "weights": [[[1]]], "stride": 0}), "invalid-value too-small /layers/0/stride"),
    (on({"kind": "group_norm", "num_groups": 0}), "invalid-value too-small /layers/0/num_groups"),
    (on({"kind": "avg_pool2d", "kernel_size": [2, 0]}), "invalid-value too-small /layers/0/kernel_size"),
    (on({**RELU, "name": 7}), "invalid-value text-expected /layers/0/name"),
    (on({**RELU, "module": "x" * 201}), "invalid-value string-too-long /layers/0/module"),
    (on({**RELU, "source": "\ud800"}), "invalid-json surrogate /layers/0/source"),
    (on(RELU, dtype="float8"), "unsupported-dtype unsupported-dtype /dtype"),
]


@pytest.mark.parametrize(("document", "expected"), BROKEN, ids=[expected for _, expected in BROKEN])
def test_each_fault_has_its_pointer(document: dict[str, Any], expected: str) -> None:
    assert [" ".join(each) for each in told(document)] == [expected]


def test_shapes_that_do_not_fit_are_told_in_torchs_words_and_independently() -> None:
    document = pictures()
    document["layers"][2]["weights"] = drawn(8, 3, 3, 3)
    document["layers"][4:4] = [{"kind": "conv2d", "weights": drawn(4, 5, 1, 1), "inputs": ["edges"]}]
    document["layers"][6]["inputs"] = ["layers.1.activations"]
    found = faults(document)
    assert [(fault.type, fault.pointer, fault.hint) for fault in found] == [
        ("shape-mismatch", "/layers/2", "layer-channels"),
        ("shape-mismatch", "/layers/4", "layer-channels"),
        ("shape-mismatch", "/layers/6", "layer-flatten"),
    ]
    assert found[0].torch_words is not None
    assert "expected input[1, 8, 14, 14] to have 3 channels" in found[0].torch_words


def test_a_dense_layers_mismatch_has_the_words_that_people_know() -> None:
    [fault] = faults({"input": {"shape": [5]}, "layers": [{"kind": "dense", "weights": drawn(1, 5)}]})
    assert fault.torch_words == "mat1 and mat2 shapes cannot be multiplied (1x5 and 1x5)"
    assert fault.hint == "layer-transposed"


@pytest.mark.parametrize("kind", ["conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "conv1d", "conv3d"])
def test_how_many_channels_a_kernel_wants_is_told(kind: str) -> None:
    """A transposed convolution has them first in its weights."""
    dims = int(kind[-2])
    wanted = 5 if kind.startswith("conv_transpose") else 3
    layer = {"kind": kind, "weights": torch.ones(5, 3, *[1] * dims).tolist()}
    [fault] = faults({"input": {"shape": [2] + [4] * dims}, "layers": [layer]})
    assert (fault.hint, fault.values["expected"]) == ("layer-channels", str(wanted))
    network_from_document({"input": {"shape": [wanted] + [4] * dims}, "layers": [layer]})


WRITTEN = {"values": [[1, 2], [3, 4]], "non_finite": [[0, 1], [-1, 2]]}


def test_what_is_not_finite_is_marked_beside_the_numbers() -> None:
    network = network_from_document(on({"kind": "mul", "other": WRITTEN}))
    found = network.parameters["layers.0.other"]
    torch.testing.assert_close(found, torch.tensor([[1, math.inf], [-math.inf, math.nan]]), equal_nan=True)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"non_finite": [[0, 1]]}, "invalid-value marks-expected /layers/0/other/non_finite"),
        ({"non_finite": [[0, 3], [0, 0]]}, "invalid-value marks-expected /layers/0/other/non_finite"),
        ({"non_finite": [[0, -2], [0, 0]]}, "invalid-value marks-expected /layers/0/other/non_finite"),
        ({"dtype": "int64"}, "invalid-value marks-expected /layers/0/other/non_finite"),
        ({"dtype": "int65"}, "invalid-value not-one-of /layers/0/other/dtype"),
        ({"more": 1}, "unknown-field unknown-field /layers/0/other/more"),
        ({"values": [[1, "x"], [3, 4]]}, "not-a-number not-a-number /layers/0/other/values/0/1"),
    ],
)
def test_an_array_that_is_written_wrong(changed: dict[str, Any], expected: str) -> None:
    found = faults(on({"kind": "mul", "other": WRITTEN | changed}))
    assert expected in [f"{fault.type} {fault.key} {fault.pointer}" for fault in found]


@pytest.mark.parametrize(
    "dtype", ["int64", "int32", "int16", "int8", "uint8", "bool", "float32", "float16", "bfloat16"]
)
def test_a_number_is_held_up_to_the_last_of_its_type(dtype: str) -> None:
    own = getattr(torch, dtype)
    low: float
    high: float
    if own is torch.bool:
        low, high = 0, 1
    elif own.is_floating_point:
        low, high = torch.finfo(own).min, torch.finfo(own).max
    else:
        low, high = max(torch.iinfo(own).min, -(2**53)), min(torch.iinfo(own).max, 2**53)
    beyond = (1.01 * low, 1.01 * high) if own.is_floating_point else (low - 2, high + 2)
    assert tensor_of_any_rank([low, high], "/p", own).tolist() == [low, high]
    for number in beyond:
        with pytest.raises(NetworkError) as refused:
            tensor_of_any_rank([[low], [number]], "/p", own)
        (fault,) = refused.value.faults
        whole = not own.is_floating_point
        key = "not-held-whole" if whole else "not-held"
        assert (fault.type, fault.key, fault.pointer) == ("out-of-range", key, "/p/1/0")
        assert fault.values == {"dtype": dtype, "largest": high} | ({"least": low} if whole else {})


def test_a_million_faults_are_told_as_a_hundred() -> None:
    layers = [{"kind": "relu", "inputs": ["nowhere"], "a": 1, "b": 2} for _ in range(4000)]
    assert len(faults({"input": {"shape": [2]}, "layers": layers})) == 100
