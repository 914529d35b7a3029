"""Every kind as ONNX: checked by onnx, run by onnxruntime, beside our own pass."""

from contextlib import suppress
from importlib.metadata import version
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import adelante
from adelante.formats.onnx.writing import model_of, network_to_onnx
from adelante.formats.onnx.writing_rules import WRITING
from adelante.formats.opening import opened
from adelante.formats.safetensors import network_to_safetensors
from adelante.network.errors import NetworkError
from adelante.network.forward import forward
from adelante.network.network import Input, Layer, Network, Node
from adelante.network.operations import OPERATIONS, PerBatch, operation_named
from tests.adelante.operations import drawn_moves, drawn_numbers, drawn_weighted
from tests.adelante.operations.drawn import KINDS, Case
from tests.adelante.operations.test_explanations import ALL, UNEVEN
from tests.adelante.operations.test_properties import DEEP
from tests.adelante.traced import traced
from tests.cases import each

assert all((drawn_moves, drawn_numbers, drawn_weighted)), "importing them fills KINDS"
onnxruntime.set_default_logger_severity(4)
few = settings(
    max_examples=100 if DEEP else 2,
    deadline=None,
    database=None,
    derandomize=not DEEP,
    phases=[Phase.explicit, Phase.generate] + ([Phase.shrink] if DEEP else []),
    suppress_health_check=list(HealthCheck),
)
EVERY = [*ALL, *UNEVEN]
every_kind = each("kind", list(OPERATIONS))
SAME = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")


def network_of(kind: str, case: Case, dtype: torch.dtype, batch: Any = "none") -> tuple[Network, dict[str, Tensor]]:
    """A network of this one operation; its first operand is an input, as are the others where there is no batch."""
    operands = [each.to(dtype) if each.is_floating_point() else each for each in case.operands]
    named = {f"x{k}": each for k, each in enumerate(operands)}
    inputs = dict(list(named.items())[:1]) if batch == "any" else named
    cut = 1 if batch == "any" else 0
    inputs = inputs or {"beside": torch.ones(1)}
    nodes = [Node("a", operation_named(kind, **case.options), tuple(named))]
    if case.options.get("dtype") == "bfloat16":
        # Which NumPy does not have.
        nodes.append(Node("b", operation_named("cast", dtype="float32"), ("a",)))
    network = Network(
        tuple(Input(name, tuple(each.shape[cut:]), each.dtype) for name, each in inputs.items()),
        {name: each for name, each in named.items() if name not in inputs},
        tuple(nodes),
        (nodes[-1].name,),
        batch=batch,
    )
    return network, inputs


def run(network: Network, *each_of: dict[str, Tensor]) -> list[list[Any]]:
    """What onnxruntime gives; nothing where it lacks an operation of float64, which the model may have all the same."""
    data = network_to_onnx(network)
    onnx.checker.check_model(onnx.load_from_string(data), full_check=True)
    try:
        session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    except onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented:
        assert network.dtype != torch.float32
        return [[] for _ in each_of]
    given = [{name: _array(each) for name, each in inputs.items()} for inputs in each_of]
    return [list(session.run(list(network.outputs), each)) for each in given]


def _array(tensor: Tensor) -> Any:
    return tensor.float().numpy() if tensor.dtype == torch.bfloat16 else tensor.numpy()


def close(found: Any, expected: Tensor, scale: float = 0.0, tolerance: float = 1e-6) -> None:
    """Within `tolerance` of the largest number there is, or of `scale` where that is larger."""
    assert tuple(found.shape) == tuple(expected.shape)
    if not expected.is_floating_point():
        np.testing.assert_array_equal(found, expected.numpy())
        return
    wanted = expected.double().numpy()
    finite = wanted[np.isfinite(wanted)]
    scale = max(scale, float(np.abs(finite).max()) if finite.size else 1.0)
    np.testing.assert_allclose(found.astype(np.float64), wanted, rtol=tolerance, atol=tolerance * scale)


def compared(kind: str, network: Network, *each_of: dict[str, Tensor]) -> None:
    for inputs, outputs in zip(each_of, run(network, *each_of), strict=True):
        expected = forward(network, inputs).outputs
        assert isinstance(expected, Tensor)
        for found in outputs:
            # A difference's digits end where those of its terms do: 1 − erf(x), x − tanh(x), x + 3, a sum that nearly
            # cancels, what a mean leaves. Norms then divide what is left by its own size, however small it is.
            norm = kind.endswith("_norm")
            scale = float(norm or kind in ("erfc", "tanhshrink", "gelu", "hardswish", "sum", "mean"))
            close(found, expected, scale, 1e-5 if norm and expected.dtype == torch.float32 else 1e-6)


@SAME
@every_kind
@few
@given(data=st.data())
def test_onnxruntime_gives_the_pass(kind: str, data: st.DataObject) -> None:
    case: Case = data.draw(KINDS[kind])
    assume(all(each.numel() for each in case.operands))
    network, inputs = network_of(kind, case, data.draw(st.sampled_from([torch.float32, torch.float64])))
    compared(kind, network, inputs)


@SAME
@every_kind
@few
@given(data=st.data())
def test_a_batch_of_any_size(kind: str, data: st.DataObject) -> None:
    """One file takes a batch of the size that was drawn and of twice that."""
    case: Case = data.draw(KINDS[kind])
    if not case.rows:
        return
    network, inputs = network_of(kind, case, torch.float32, "any")
    twice = {name: torch.cat((each, each)) for name, each in inputs.items()}
    compared(kind, network, inputs, twice)


@SAME
@each("case", EVERY)
def test_its_options(case: Any) -> None:
    kind, options, given = case
    operands = tuple(each if isinstance(each, Tensor) else torch.randn(each) for each in given)
    network, inputs = network_of(kind, Case(options, operands, torch.clone), torch.float32)
    compared(kind, network, inputs)


@SAME
@each("case", EVERY)
def test_a_model_of_half_precision_is_a_valid_one(case: Any) -> None:
    """Operations came to take these types one opset after the other; which a machine can run is its own affair."""
    kind, options, given = case
    operands = tuple(each if isinstance(each, Tensor) else torch.randn(each) for each in given)
    for dtype in (torch.float16, torch.bfloat16):
        network, _ = network_of(kind, Case(options, operands, torch.clone), dtype)
        data = network_to_onnx(network)
        onnx.checker.check_model(onnx.load_from_string(data), full_check=True)
        with suppress(onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented):
            onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("kind", ["cummax", "cummin"])
def test_the_largest_so_far_of_a_long_row_takes_a_file_that_does_not_grow_with_it(kind: str) -> None:
    row = torch.randn(1, 100_001)
    network, inputs = network_of(kind, Case({"dim": 1}, (row,), torch.clone), torch.float32)
    assert len(network_to_onnx(network)) < 20_000
    compared(kind, network, inputs)


def test_every_kind_has_a_rule() -> None:
    assert WRITING.keys() == OPERATIONS.keys()


@pytest.mark.parametrize("name", ["words", "twins"])
def test_every_tensor_of_a_module_keeps_its_name_and_its_numbers(name: str) -> None:
    _, example, network = traced(name)
    model = model_of(network)
    names = [node.name for node in network.nodes]
    shown = [name for name in names if name not in network.outputs]
    model.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in shown)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    for times in (1, 3) if network.batch == "any" else (1,):
        inputs = {each.name: torch.cat([value] * times) for each, value in zip(network.inputs, example, strict=True)}
        trace = forward(network, inputs)
        given = {key: value.numpy() for key, value in inputs.items()}
        for key, found in zip(names, session.run(names, given), strict=True):
            close(found, trace.values[key], scale=1.0)


def test_a_layers_names_and_shapes_are_in_the_file() -> None:
    weights = torch.randn(3, 2)
    z = Node("layers.0.pre_activations", operation_named("dense"), ("inputs", "layers.0.weights"))
    a = Node("layers.0.activations", operation_named("silu"), (z.name,))
    layer = Layer("dense", (z.name, a.name), "gate \ud800", "block.gate", "model.py:7: x = gate(x)")
    parameters = {"layers.0.weights": weights}
    network = Network((Input("inputs", (3,)),), parameters, (z, a), (a.name,), (layer,))
    data = network_to_onnx(network)
    assert data == network_to_onnx(network)
    model = onnx.load_from_string(data)
    assert (model.producer_name, model.producer_version) == ("adelante", version("adelante"))
    (given,), (found,) = model.graph.input, model.graph.output
    assert (given.name, found.name) == ("inputs", a.name)
    sizes = [(each.dim_param, each.dim_value) for each in given.type.tensor_type.shape.dim]
    assert sizes == [("batch", 0), ("", 3)]
    assert [node.output[0] for node in model.graph.node] == [z.name, f"{a.name}/Sigmoid", a.name]
    for node in model.graph.node:
        told = {each.key: each.value for each in node.metadata_props}
        assert told == {
            "adelante.kind": "dense",
            "adelante.name": "gate ?",
            "adelante.module": "block.gate",
            "adelante.source": "model.py:7: x = gate(x)",
        }
    (initializer,) = model.graph.initializer
    assert initializer.name == "layers.0.weights"
    np.testing.assert_array_equal(onnx.numpy_helper.to_array(initializer), weights.numpy())


def test_types_are_put_together_as_torch_does() -> None:
    """Whole numbers and fractions, truths and numbers, which ONNX takes in one type alone."""
    inputs = (Input("inputs.x", (3,)), Input("inputs.k", (3,), torch.int64), Input("inputs.m", (3,), torch.bool))
    asked: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
        ("add", {}, ("k", "x")),
        ("mul", {}, ("m", "x")),
        ("lt_than", {}, ("m", "k")),
        ("eq", {"other": 0.5}, ("k",)),
        ("add", {"scalar": 0.5, "alpha": 2}, ("k",)),
        ("div", {"scalar": 2}, ("k",)),
        ("floor_divide", {"other": -2}, ("k",)),
        ("remainder", {"other": -3}, ("k",)),
        ("sigmoid", {}, ("k",)),
        ("sum", {}, ("m",)),
        ("cat", {"dim": 1}, ("k", "x")),
        ("where", {"scalar": 1.5}, ("m", "k")),
        ("masked_fill", {"value": -1}, ("k", "m")),
        ("add", {}, ("m", "m")),
        ("logical_and", {}, ("k", "x")),
        ("logical_xor", {}, ("m", "k")),
        ("trunc", {}, ("k",)),
        ("isfinite", {}, ("k",)),
    ]
    nodes = tuple(
        Node(f"n{at}", operation_named(kind, **options), tuple(f"inputs.{each}" for each in operands))
        for at, (kind, options, operands) in enumerate(asked)
    )
    network = Network(inputs, {}, nodes, tuple(node.name for node in nodes))
    given = {
        "inputs.x": torch.tensor([[0.5, -1.5, 2.0]]),
        "inputs.k": torch.tensor([[7, -7, 0]]),
        "inputs.m": torch.tensor([[True, False, True]]),
    }
    trace = forward(network, given)
    (outputs,) = run(network, given)
    for node, found in zip(nodes, outputs, strict=True):
        expected = trace.values[node.name]
        assert found.dtype == expected.numpy().dtype, node
        close(found, expected)


@pytest.mark.parametrize("batch", ["any", "one"])
def test_what_grows_with_the_batch_grows_in_the_file_too(batch: Any) -> None:
    made = Node("made", operation_named("full", size=(PerBatch(1), 2), fill_value=0.5), ())
    counted = Node("counted", operation_named("arange", start=0, end=(PerBatch(1),), step=1, dtype="float32"), ())
    rows = Node("rows", operation_named("unsqueeze", dim=1), (counted.name,))
    joined = Node("joined", operation_named("cat", dim=1), ("inputs", made.name, rows.name))
    network = Network((Input("inputs", (3,)),), {}, (made, counted, rows, joined), (joined.name,), batch=batch)
    compared("cat", network, *({"inputs": torch.randn(rows, 3)} for rows in ((1, 2, 5) if batch == "any" else (1,))))


def test_a_size_may_grow_with_the_batch_twice_as_fast_and_from_further_on() -> None:
    made = Node("made", operation_named("full", size=(PerBatch(2, 3), 1), fill_value=0.5), ())
    total = Node("total", operation_named("sum", dim=(0,), keepdim=True), (made.name,))
    added = Node("added", operation_named("add"), ("inputs", total.name))
    network = Network((Input("inputs", (1,)),), {}, (made, total, added), (added.name,))
    for rows, expected in ((1, 2.5), (4, 5.5)):
        outputs = forward(network, torch.zeros(rows, 1)).outputs
        assert isinstance(outputs, torch.Tensor)
        assert outputs.tolist() == [[expected]] * rows


@pytest.mark.parametrize(("kind", "options"), [("argsort", {"dim": 0}), ("argtopk", {"k": 1, "dim": 0})])
def test_the_place_of_a_number_alone_is_0(kind: str, options: dict[str, Any]) -> None:
    network = Network(
        (Input("x", ()),), {}, (Node("a", operation_named(kind, **options), ("x",)),), ("a",), batch="none"
    )
    ((found,),) = run(network, {"x": torch.tensor(7.0)})
    assert found.tolist() == 0


def test_what_hangs_on_the_batch_is_refused_with_its_layer() -> None:
    roll = Node("layers.0.activations", operation_named("roll", shifts=(1,), dims=(0,)), ("inputs",))
    network = Network((Input("inputs", (3,)),), {}, (roll,), (roll.name,))
    with pytest.raises(NetworkError) as refused:
        network_to_onnx(network)
    (fault,) = refused.value.faults
    assert (fault.key, fault.pointer, fault.values) == ("onnx-batch", "/layers/0", {"kind": "roll"})


def test_more_than_a_file_holds_is_refused() -> None:
    weights = torch.zeros(1).expand(1 << 15, 1 << 15)
    node = Node("layers.0.activations", operation_named("dense"), ("inputs", "layers.0.weights"))
    network = Network((Input("inputs", (1 << 15,)),), {"layers.0.weights": weights}, (node,), (node.name,))
    with pytest.raises(NetworkError, match="onnx-too-large"):
        network_to_onnx(network)


# What is made of nothing is folded, and a network of nothing else has no layer.
_NOT_READ = {"full", "arange", "scalar_tensor"}
_READ = [case for case in ALL if case[0] not in _NOT_READ]


@SAME
@each("case", _READ)
def test_it_comes_back_and_gives_the_same(case: Any) -> None:
    kind, options, given = case
    operands = tuple(each if isinstance(each, Tensor) else torch.randn(each) for each in given)
    network, inputs = network_of(kind, Case(options, operands, torch.clone), torch.float32)
    back = opened(network_to_onnx(network), "net.onnx").network
    again = dict(zip((each.name for each in back.inputs), inputs.values(), strict=True))
    found, expected = forward(back, again).outputs, forward(network, inputs).outputs
    assert isinstance(expected, Tensor)
    torch.testing.assert_close(found, expected, equal_nan=True, rtol=1e-5, atol=1e-5)


# ---- a file of ours, read again ----


def _tower() -> Network:
    """Names, modules, lines, an operation that is several in ONNX, weights that two layers share."""
    weights = torch.randn(3, 3)
    first = Node("layers.0.pre_activations", operation_named("dense"), ("inputs", "layers.0.weights"))
    second = Node("layers.0.activations", operation_named("mish"), (first.name,))
    third = Node("layers.1.activations", operation_named("dense"), (second.name, "layers.0.weights"))
    layers = (
        Layer("dense", (first.name, second.name), "entrada", "block.gate", "model.py:7: x = gate(x)"),
        Layer("dense", (third.name,), None, "block.gate", "model.py:8: x = gate(x)"),
    )
    parameters = {"layers.0.weights": weights}
    return Network((Input("inputs", (3,)),), parameters, (first, second, third), (third.name,), layers)


def _changed(network: Network, change: Any) -> Network:
    model = onnx.load_from_string(network_to_onnx(network))
    change(model)
    return opened(model.SerializeToString(), "net.onnx").network


def test_a_file_of_ours_is_the_network_that_it_was_written_from() -> None:
    network = _tower()
    found = opened(network_to_onnx(network), "net.onnx")
    assert (found.network.nodes, found.network.layers) == (network.nodes, network.layers)
    assert network_to_safetensors(found.network) == network_to_safetensors(network)
    assert found.notes == ()


def test_other_numbers_under_the_same_names_are_taken() -> None:
    def trained(model: onnx.ModelProto) -> None:
        model.graph.initializer[0].raw_data = np.full((3, 3), 0.5, "f4").tobytes()

    network = _tower()
    found = _changed(network, trained)
    assert found.layers == network.layers
    assert torch.equal(found.parameters["layers.0.weights"], torch.full((3, 3), 0.5))


def test_a_graph_that_was_changed_is_read_as_it_is_now() -> None:
    def negative(model: onnx.ModelProto) -> None:
        last = model.graph.node[-1]
        last.output[0] = "before"
        model.graph.node.append(onnx.helper.make_node("Neg", ["before"], ["layers.1.activations"]))

    network, x = _tower(), torch.randn(2, 3)
    found = _changed(network, negative)
    torch.testing.assert_close(forward(found, {"inputs": x}).outputs, -forward(network, {"inputs": x}).outputs)  # type: ignore[operator]
    # What its nodes say of their layers is still true.
    told = {(layer.name, layer.module, layer.source) for layer in found.layers}
    assert ("entrada", "block.gate", "model.py:7: x = gate(x)") in told


@pytest.mark.parametrize("text", ["{}", "[" * 100_000, '{"version":2}', "\0", "x" * ((1 << 22) + 1)])
def test_a_description_that_is_none_is_left_alone(text: str) -> None:
    def described(model: onnx.ModelProto) -> None:
        next(each for each in model.metadata_props if each.key == "adelante").value = text

    network, x = _tower(), torch.randn(2, 3)
    found = _changed(network, described)
    torch.testing.assert_close(forward(found, {"inputs": x}).outputs, forward(network, {"inputs": x}).outputs)


@pytest.mark.parametrize("module", [nn.GroupNorm(1, 2), nn.LayerNorm(2)], ids=["group", "layer"])
def test_a_norm_of_doubles_is_kept_in_doubles(module: nn.Module) -> None:
    """float32, which ONNX has where nothing is said, does not tell numbers near one another apart as torch does."""
    x = torch.tensor([[0.5731, 0.5409], [0.9001, 0.9]], dtype=torch.float64)
    network = adelante.trace(module.double(), (x,))
    ((found,),) = run(network, {"inputs": x})
    close(found, module(x).detach(), tolerance=1e-7)
    (node,) = (each for each in model_of(network).graph.node if each.op_type.endswith("Normalization"))
    assert {each.name: each.i for each in node.attribute}["stash_type"] == onnx.TensorProto.DOUBLE
