"""Each operator, by drawn shapes and attributes, gives what onnx.reference gives, and onnxruntime where it has it."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from adelante.formats.onnx.operators import OPERATORS
from tests.adelante.formats.onnx.models import assert_same, computed, one, reference, runtime
from tests.adelante.formats.onnx.operators.cases import CASES

# What gives the same in every pass, and what only skl2onnx writes, is tested with whole models.
ELSEWHERE = {"Constant", "Shape", "Size", "ConstantOfShape", "Range", "EyeLike"}
# The reference evaluates these otherwise than their definition in some versions or shapes; onnxruntime is asked.
NO_REFERENCE = {
    *("AveragePool", "BatchNormalization", "ConvTranspose", "GlobalMaxPool", "GRU", "LogSoftmax", "LpNormalization"),
    *("LRN", "LSTM", "MaxPool", "Mean", "Resize", "RNN", "Scatter", "Softmax", "ThresholdedRelu", "Upsample"),
}
# onnxruntime does not have these, or not for these types.
NO_RUNTIME = {"Swish", "RMSNormalization", "Upsample", "BitwiseNot"}


def test_every_operator_has_a_case() -> None:
    assert {name for domain, name in OPERATORS if not domain} == set(CASES) | ELSEWHERE


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=6, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
@given(data=st.data())
def test_an_operator(name: str, data: st.DataObject) -> None:
    drawn = CASES[name](data.draw)
    proto = one(
        name, drawn.inputs, drawn.known, outputs=drawn.outputs, opset=drawn.opset, order=drawn.order, **drawn.attributes
    )
    ours = computed(proto, drawn.inputs)
    if name not in NO_REFERENCE:
        assert_same(ours, reference(proto, drawn.inputs))
    if name not in NO_RUNTIME:
        assert_same(ours, runtime(proto, drawn.inputs), 2e-5)
