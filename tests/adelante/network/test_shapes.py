"""The rules of shapes are torch's own: what a rule says, torch gives; what torch refuses, no rule answers."""

import random
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

import adelante
from adelante import Input, Network, NetworkFault, Node
from adelante.formats.json import network_from_document
from adelante.network.errors import NetworkError
from adelante.network.metas import Bounds
from adelante.network.operations import operation_named
from adelante.network.shapes import Meta, Unfit, moves, numbers, quick_meta, torch_meta
from tests.adelante.operations.test_explanations import CASES
from tests.cases import each

DTYPES = (torch.float32, torch.float32, torch.float32, torch.float64, torch.bfloat16, torch.int64, torch.bool)


def by_torch(operation: Any, metas: Sequence[Meta]) -> Meta | None:
    try:
        return torch_meta(operation, metas)
    except (RuntimeError, IndexError, ValueError, TypeError):
        return None


@each("case", CASES)
def test_a_rule_says_what_torch_gives(case: Any) -> None:
    kind, options, shapes = case
    operation = operation_named(kind, **options)
    metas = [_meta(each) for each in shapes]
    found = quick_meta(operation, metas)
    assert found is None or found == by_torch(operation, metas)


def _meta(operand: Any) -> Meta:
    if isinstance(operand, Tensor):
        return Meta(tuple(operand.shape), torch.float32 if operand.is_floating_point() else operand.dtype)
    return Meta(tuple(operand), torch.float32)


def test_every_rule_answers_where_nothing_is_unusual() -> None:
    ruled, answered = set(), set()
    for kind, options, shapes in CASES:
        operation = operation_named(kind, **options)
        if type(operation) in {**numbers.RULES, **moves.RULES}:
            ruled.add(kind)
            if quick_meta(operation, [_meta(each) for each in shapes]) is not None:
                answered.add(kind)
    assert ruled == answered
    assert len(ruled) > 40


LOOKED_UP = ("embedding", "gather", "index_select", "index")


def nearly(rng: random.Random) -> tuple[Any, list[Tensor]]:
    """An operation, and operands of which one has another shape than it should."""
    kind, options, shapes = rng.choice([case for case in CASES if case[0] not in LOOKED_UP and case[2]])
    operands = [each if isinstance(each, Tensor) else torch.ones(each, dtype=torch.float64) for each in shapes]
    k = rng.randrange(len(operands))
    shape = list(operands[k].shape)
    way = rng.randrange(3) if shape else 2
    if way == 0:
        place = rng.randrange(len(shape))
        shape[place] = max(1, shape[place] + rng.choice((-1, 1, 3)))
    else:
        shape = shape[1:] if way == 1 else [rng.choice((1, 2)), *shape]
    operands[k] = torch.ones(shape, dtype=operands[k].dtype)
    return operation_named(kind, **options), operands


@pytest.mark.filterwarnings("ignore:Using padding='same'")
def test_what_is_taken_without_numbers_is_taken_with_them() -> None:
    rng, taken = random.Random(3), 0
    for _ in range(400):
        operation, operands = nearly(rng)
        found = by_torch(operation, [Meta(tuple(each.shape), each.dtype) for each in operands])
        if found is not None:
            assert operation.run(*operands).shape == found.shape, (operation, [each.shape for each in operands])
            taken += 1
    assert taken > 100


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        ({"kind": "conv2d", "weights": torch.ones(2, 3, 1, 1), "biases": torch.ones(3)}, "expected bias to be 1-dimen"),
        ({"kind": "conv_transpose2d", "weights": torch.ones(2, 3, 1, 1)}, "to have 2 channels, but got 3"),
        (
            {"kind": "conv_transpose2d", "weights": torch.ones(3, 3, 1, 1), "biases": torch.ones(2)},
            "expected bias to be",
        ),
    ],
)
def test_a_network_that_no_pass_could_run_is_refused_when_it_is_made(layer: dict[str, Any], words: str) -> None:
    given = {name: each.tolist() if isinstance(each, Tensor) else each for name, each in layer.items()}
    with pytest.raises(NetworkError) as caught:
        network_from_document({"input": {"shape": [3, 4, 4]}, "layers": [given]})
    (fault,) = caught.value.faults
    assert (fault.type, fault.pointer) == ("shape-mismatch", "/layers/0")
    assert words in (fault.torch_words or "")
    assert (fault.hint == "layer-channels") == ("channels" in words)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.sampled_from(CASES), st.randoms(use_true_random=False))
def test_no_rule_answers_where_torch_refuses_or_says_otherwise(case: Any, rng: random.Random) -> None:
    kind, options, shapes = case
    metas = [_changed(_meta(each), rng) for each in shapes]
    if rng.random() < 0.2:
        metas = metas[:-1] if rng.random() < 0.5 else [*metas, metas[-1]] if metas else metas
    options = {name: _other(value, rng) for name, value in options.items()}
    try:
        operation = operation_named(kind, **options)
        found = quick_meta(operation, metas)
    except Unfit:
        assert by_torch(operation, metas) is None, (operation, metas)
        return
    except (TypeError, ValueError, KeyError):
        return
    if found is not None:
        assert found == by_torch(operation, metas), (operation, metas)


def _changed(meta: Meta, rng: random.Random) -> Meta:
    shape = list(meta.shape)
    if rng.random() < 0.3 and shape:
        shape[rng.randrange(len(shape))] = rng.choice((0, 1, 2, 3, 5))
    if rng.random() < 0.1:
        shape.insert(rng.randrange(len(shape) + 1), rng.choice((1, 2)))
    if rng.random() < 0.1 and shape:
        del shape[rng.randrange(len(shape))]
    return Meta(tuple(shape), rng.choice(DTYPES) if rng.random() < 0.2 else meta.dtype)


def _other(value: Any, rng: random.Random) -> Any:
    if rng.random() > 0.3:
        return value
    if isinstance(value, tuple):
        return tuple(_other(each, rng) for each in value)
    if type(value) is int:
        return rng.choice((-2, -1, 0, 1, 2, 3, 7, "2", 1.5))
    return rng.choice((value, "same", 0.5, None, True))


def test_most_operations_of_a_traced_network_need_no_meta_tensor(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    module = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3, padding=1),
        torch.nn.BatchNorm2d(4),
        torch.nn.GELU("tanh"),
        torch.nn.MaxPool2d(2),
        torch.nn.AdaptiveAvgPool2d(1),
        torch.nn.Flatten(),
        torch.nn.Linear(4, 2),
        torch.nn.Softmax(-1),
    )
    network = adelante.trace(module, torch.randn(2, 3, 8, 8))

    def never(*_: Any) -> Meta:
        raise AssertionError("torch was asked")

    monkeypatch.setattr("adelante.network.metas.torch_meta", never)
    again = Network(network.inputs, network.parameters, network.nodes, network.outputs, network.layers, network.batch)
    assert again.shapes == network.shapes
    assert again.per_input == network.per_input


HUGE: list[tuple[str, dict[str, Any]]] = [
    ("expand", {"size": (10**12, 3)}),
    ("repeat", {"repeats": (10**6, 10**6)}),
    ("pad", {"pad": (0, 10**12)}),
    ("reshape", {"shape": (-1,)}),
    ("upsample_nearest", {"size": (10**6, 10**6)}),
]


@pytest.mark.parametrize(("kind", "options"), HUGE, ids=lambda each: str(each)[:20])
def test_a_few_bytes_that_ask_for_much_are_refused_before_anything_is_made(kind: str, options: dict[str, Any]) -> None:
    shape = (1, 2, 2) if kind == "upsample_nearest" else (3,)
    nodes = (Node("big", operation_named(kind, **options), ("inputs",)), Node("out", operation_named("relu"), ("big",)))

    def made(bounds: Bounds | None) -> Network:
        return Network((Input("inputs", shape),), {}, nodes, ("out",), (), "one", bounds)

    if kind == "reshape":
        assert made(Bounds(3, 9)).shapes["out"] == (3,)
        with pytest.raises(NetworkFault, match="would hold 9 numbers here; 8 are allowed"):
            made(Bounds(3, 8))
        return
    with pytest.raises(NetworkFault, match=r"would hold \d+ numbers here; 1000000 are allowed") as refused:
        made(Bounds(10**6, 10**7))
    assert refused.value.place == "big"
    assert refused.value.fault.type == "too-large"


@pytest.mark.parametrize(
    ("kind", "options"),
    [("full", {"size": (10**6, 10**6), "fill_value": 1.0}), ("arange", {"start": 0, "end": 10**12})],
)
def test_what_is_made_of_nothing_is_bounded_too(kind: str, options: dict[str, Any]) -> None:
    nodes = (Node("big", operation_named(kind, **options), ()),)
    with pytest.raises(NetworkFault, match="would hold 1000000000000 numbers"):
        Network((Input("inputs", (3,)),), {}, nodes, ("big",), (), "any", Bounds(10**6, 10**7))


def test_an_input_of_strangers_is_bounded_too() -> None:
    with pytest.raises(NetworkFault, match="inputs: a pass of one input would hold 1000000000000"):
        Network((Input("inputs", (10**6, 10**6)),), {}, (), ("inputs",), (), "any", Bounds(10**6, 10**7))


@pytest.mark.parametrize("kind", ["mish", "relu", "abs", "hypot", "gelu"])
def test_a_function_that_torch_has_for_no_truth_values_is_refused_before_the_pass(kind: str) -> None:
    """torch takes them without numbers."""
    names = ("inputs.a", "inputs.b")[: 2 if kind == "hypot" else 1]
    inputs = tuple(Input(name, (2,), torch.bool) for name in names)
    node = Node("layers.0.activations", operation_named(kind), names)
    with pytest.raises(NetworkFault, match="ool") as refused:
        Network(inputs, {}, (node,), (node.name,))
    fault = refused.value.fault
    assert (fault.type, fault.key, fault.pointer) == ("unsupported-dtype", "kind-not-in-dtype", "/layers/0")
    whole = Input("inputs", (2,), torch.int64)
    kept = Network((whole,), {}, (Node("a", operation_named("abs"), ("inputs",)),), ("a",))
    assert adelante.forward(kept, torch.tensor([-1, 2])).outputs.tolist() == [1, 2]  # type: ignore[union-attr]


def test_no_two_tensors_share_a_name() -> None:
    relu = Node("a", operation_named("relu"), ("x",))
    for inputs, parameters, nodes in (
        ((Input("x", (2,)), Input("x", (2,))), {}, (relu,)),
        ((Input("x", (2,)),), {"x": torch.ones(2)}, (relu,)),
        ((Input("x", (2,)),), {}, (relu, relu)),
        ((Input("x", (2,)), Input("a", (2,))), {}, (relu,)),
    ):
        with pytest.raises(NetworkFault, match="two tensors have this name"):
            Network(inputs, parameters, nodes, ("a",))
