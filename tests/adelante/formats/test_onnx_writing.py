"""Every kind as ONNX: checked by onnx, run by onnxruntime, beside our own pass."""

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

import adelante
from adelante.formats.onnx.writing import model_of, network_to_onnx
from adelante.formats.onnx.writing_rules import WRITING
from adelante.network.forward import forward
from adelante.network.network import Input, Network, Node
from adelante.network.operations import OPERATIONS, operation_named
from tests.adelante.operations import drawn_moves, drawn_numbers, drawn_weighted
from tests.adelante.operations.drawn import KINDS, Case
from tests.adelante.operations.test_explanations import ALL
from tests.adelante.operations.test_properties import DEEP
from tests.adelante.test_trace import _case as module_case

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
every_kind = pytest.mark.parametrize("kind", list(OPERATIONS))
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


def run(network: Network, inputs: dict[str, Tensor]) -> list[Any]:
    """What onnxruntime gives; nothing where it lacks an operation of float64, which the model may have all the same."""
    data = network_to_onnx(network)
    model = onnx.load_from_string(data)
    onnx.checker.check_model(model, full_check=True)
    given = {name: _array(each) for name, each in inputs.items()}
    try:
        session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    except onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented:
        assert network.dtype != torch.float32
        return []
    return list(session.run(list(network.outputs), given))


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


def check(kind: str, case: Case, dtype: torch.dtype, batch: Any = "none") -> None:
    network, inputs = network_of(kind, case, dtype, batch)
    expected = forward(network, inputs).outputs
    assert isinstance(expected, Tensor)
    for found in run(network, inputs):
        # ONNX has no erfc: it is 1 − erf, whose digits end where those of 1 do; so do those of what a mean leaves.
        close(found, expected, scale=kind == "erfc" or kind.endswith("_norm"))


@SAME
@every_kind
@few
@given(data=st.data())
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_onnxruntime_gives_the_pass(kind: str, dtype: torch.dtype, data: st.DataObject) -> None:
    case: Case = data.draw(KINDS[kind])
    assume(all(each.numel() for each in case.operands))
    check(kind, case, dtype)


@SAME
@every_kind
@few
@given(data=st.data())
def test_a_batch_of_any_size(kind: str, data: st.DataObject) -> None:
    """One file takes a batch of the size that was drawn and of twice that."""
    case: Case = data.draw(KINDS[kind])
    if not case.rows:
        return
    check(kind, case, torch.float32, "any")
    first, *rest = case.operands
    check(kind, case._replace(operands=(torch.cat((first, first)), *rest)), torch.float32, "any")


@SAME
@pytest.mark.parametrize("case", ALL, ids=[f"{kind} {options}" for kind, options, _ in ALL])
def test_its_options(case: Any) -> None:
    kind, options, given = case
    operands = tuple(each if isinstance(each, Tensor) else torch.randn(each) for each in given)
    check(kind, Case(options, operands, torch.clone), torch.float32)


def test_every_kind_has_a_rule() -> None:
    assert WRITING.keys() == OPERATIONS.keys()


MODULES = ("digits", "residual", "words", "twins", "encoder", "attention", "lstm", "gru", "rnn")


@pytest.mark.parametrize("name", MODULES)
def test_every_tensor_of_a_module_keeps_its_name_and_its_numbers(name: str) -> None:
    torch.manual_seed(3)
    module, example = module_case(name)
    network = adelante.trace(module, example)
    model = model_of(network)
    names = [node.name for node in network.nodes]
    shown = [name for name in names if name not in network.outputs]
    model.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in shown)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    for times in (1, 3) if network.batch == "any" else (1,):
        inputs = {
            each.name: torch.cat([value] * times)
            for each, value in zip(network.inputs, example, strict=True)
        }
        trace = forward(network, inputs)
        given = {key: value.numpy() for key, value in inputs.items()}
        for key, found in zip(names, session.run(names, given), strict=True):
            close(found, trace.values[key], scale=1.0)
