"""Every kind over drawn shapes and options: its text gives what the pass gives, in both languages.

CI draws few examples of each; `HYPOTHESIS_PROFILE=deep pytest tests/adelante/code/test_drawn.py` many.
"""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from adelante.code.text import generate
from adelante.formats.json import network_from_document
from adelante.formats.json.options import options_of
from adelante.network.forward import forward
from adelante.network.operations import OPERATIONS
from tests.adelante.code.running import results
from tests.adelante.code.test_kinds import network_of
from tests.adelante.operations.drawn import KINDS, Case
from tests.adelante.operations.test_properties import every_kind, examples
from tests.cases import each

several_options = each("kind", [kind for kind in OPERATIONS if len(options_of(kind)) > 1])


@every_kind
@examples(1)
@given(data=st.data())
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
def test_the_text_of_every_kind_gives_what_the_pass_gives(kind: str, data: st.DataObject) -> None:
    same(kind, data.draw(KINDS[kind]), "notebook")


@several_options
@examples(5)
@given(data=st.data(), style=st.sampled_from(["notebook", "module"]))
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
def test_so_does_the_text_of_many_options(kind: str, data: st.DataObject, style: Any) -> None:
    same(kind, data.draw(KINDS[kind]), style)


@pytest.mark.parametrize(
    ("options", "written"),
    [
        ({"start": 0, "end": 4, "step": 1}, "arange(4, "),
        ({"start": 1, "end": 4, "step": 1}, "arange(1, 4, "),
        ({"start": 1.5, "end": 4, "step": 1}, "arange(1.5, 4, "),
        ({"start": 0, "end": 4, "step": 2}, "arange(0, 4, 2, "),
        ({"start": 1.0, "end": 4.0, "step": 0.5}, "arange(1, 4, 0.5, "),
        ({"start": 4, "end": 0, "step": -2}, "arange(4, 0, -2, "),
        ({"start": 1, "end": (3,), "step": 1}, "arange(1, 3, "),
    ],
)
def test_a_range_is_written_without_what_goes_without_saying(options: dict[str, Any], written: str) -> None:
    case = Case(options | {"dtype": "float32"}, (), torch.clone)
    same("arange", case, "notebook")
    network, inputs = network_of(("arange", case.options, ()))
    assert written in generate(network, inputs, "pytorch")


def test_a_range_ends_with_the_batch_where_it_grows_with_it() -> None:
    layer = {"kind": "arange", "start": 0, "end": [{"batch": 1, "plus": 1}], "dtype": "float32", "inputs": []}
    network = network_from_document({"input": {"shape": [2]}, "layers": [layer]})
    text = generate(network, {"inputs": torch.ones(3, 2)}, "numpy")
    assert "np.arange(batch + 1, " in text
    (found,) = results(text)
    assert found.tolist() == [0, 1, 2, 3]


def same(kind: str, case: Case, style: Any) -> None:
    """PyTorch's text to the bit, a module's and NumPy's within rounding."""
    network, inputs = network_of((kind, case.options, case.operands))
    expected = forward(network, inputs).outputs
    assert isinstance(expected, torch.Tensor)
    (found,) = results(generate(network, inputs, "pytorch", style=style))
    assert found.dtype == expected.dtype
    if style == "notebook":
        assert torch.equal(found.double().nan_to_num(), expected.double().nan_to_num())
    torch.testing.assert_close(found, expected, equal_nan=True)
    if expected.dtype is torch.bfloat16:
        return  # NumPy has none
    with np.errstate(all="ignore"):
        (found,) = results(generate(network, inputs, "numpy"))
    assert found.dtype == expected.numpy().dtype
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-11, atol=1e-11)
