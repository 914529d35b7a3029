"""Every kind over drawn shapes and options: torch's numbers to the bit, parts that add up, rows that stand alone.

CI draws few examples of each; `HYPOTHESIS_PROFILE=deep pytest tests/adelante/operations/test_properties.py` many.
"""

import os

import hypothesis
import pytest
import torch
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from torch import Tensor

from adelante.network.forward import forward
from adelante.network.network import Input, Network, Node
from adelante.network.operations import OPERATIONS, operation_named
from tests.adelante.operations import drawn_moves, drawn_numbers, drawn_weighted
from tests.adelante.operations.checking import check
from tests.adelante.operations.drawn import KINDS, Case

assert all((drawn_moves, drawn_numbers, drawn_weighted)), "importing them fills KINDS"
DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
few = settings(
    max_examples=200 if DEEP else 5,
    deadline=None,
    database=None,
    derandomize=not DEEP,
    phases=[Phase.explicit, Phase.generate] + ([Phase.shrink] if DEEP else []),
    suppress_health_check=list(HealthCheck),
)
every_kind = pytest.mark.parametrize("kind", list(OPERATIONS))


def test_every_kind_is_drawn() -> None:
    assert set(KINDS) == set(OPERATIONS)


def _as(dtype: torch.dtype, operands: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return tuple(each.to(dtype) if each.is_floating_point() else each for each in operands)


def _same(found: Tensor, wanted: Tensor) -> bool:
    """NaN is NaN here."""
    return (
        found.shape == wanted.shape
        and found.dtype == wanted.dtype
        and bool(((found == wanted) | (found.isnan() & wanted.isnan())).all())
    )


@every_kind
@few
@given(data=st.data())
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
def test_its_numbers_are_torchs_to_the_bit(kind: str, data: st.DataObject) -> None:
    case: Case = data.draw(KINDS[kind])
    operation = operation_named(kind, **case.options)
    for dtype in (torch.float32, torch.float64):
        operands = _as(dtype, case.operands)
        wanted = case.torchs(*operands)
        assert _same(operation.run(*operands), wanted)
        assert operation_named(kind, **operation.options) == operation


@every_kind
@few
@given(data=st.data())
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
def test_its_cells_are_explained(kind: str, data: st.DataObject) -> None:
    case: Case = data.draw(KINDS[kind])
    operation = operation_named(kind, **case.options)
    dtype = data.draw(st.sampled_from([torch.float32, torch.float64]))
    check(operation, *_as(dtype, case.operands), seed=data.draw(st.integers(0, 99)), most=None if DEEP else 3)


@every_kind
@few
@given(data=st.data())
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
def test_its_rows_stand_alone(kind: str, data: st.DataObject) -> None:
    """A network of this one operation takes a batch, and gives each row what the row gives alone."""
    case: Case = data.draw(KINDS[kind])
    if not case.rows:
        return
    first, *rest = case.operands
    if first.shape[0] == 1:
        first = torch.cat((first, first.flip(-1)))
    inputs = (Input("inputs", tuple(first.shape[1:]), first.dtype),)
    names = ("inputs", *(f"x{k}" for k in range(len(rest))))
    node = Node("a", operation_named(kind, **case.options), names)
    network = Network(inputs, dict(zip(names[1:], rest, strict=True)), (node,), ("a",))
    together = forward(network, first)
    if "a" not in network.per_input:
        return
    for row in range(len(first)):
        alone = forward(network, first[row])
        torch.testing.assert_close(together["a"][row], alone["a"], rtol=1e-12, atol=1e-12, equal_nan=True)


hypothesis.settings.register_profile("deep", deadline=None)
