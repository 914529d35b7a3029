"""Every kind over drawn shapes and options: torch's numbers to the bit, parts that add up, rows that stand alone.

CI draws few examples of each; `HYPOTHESIS_PROFILE=deep pytest tests/adelante/operations/test_properties.py` many.
"""

import os

import pytest
import torch
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from torch import Tensor

from adelante.formats.json.shapes import shape_faults
from adelante.locale import catalog
from adelante.network.errors import NetworkFault
from adelante.network.forward import forward
from adelante.network.network import Input, Network, Node
from adelante.network.operations import OPERATIONS, PerBatch, operation_named
from adelante.network.operations.functions import FUNCTIONS
from adelante.network.words import RAISED
from tests.adelante.operations import drawn_moves, drawn_numbers, drawn_weighted
from tests.adelante.operations.checking import check
from tests.adelante.operations.drawn import KINDS, Case
from tests.cases import each
from tests.long import LONG

assert all((drawn_moves, drawn_numbers, drawn_weighted)), "importing them fills KINDS"
DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"


def examples(count: int) -> settings:
    """So many of each kind in CI, the same ones every time."""
    return settings(
        max_examples=200 if DEEP else count,
        deadline=None,
        database=None,
        derandomize=not DEEP,
        phases=[Phase.explicit, Phase.generate] + ([Phase.shrink] if DEEP else []),
        suppress_health_check=list(HealthCheck),
    )


few = examples(5 if LONG else 3)
every_kind = each("kind", list(OPERATIONS))


def test_every_kind_is_drawn() -> None:
    assert set(KINDS) == set(OPERATIONS)


def test_a_size_that_grows_with_the_batch_is_that_of_each_pass() -> None:
    between = Node("between", operation_named("full", size=(PerBatch(2, -1), 3), fill_value=0.5), ())
    network = Network((Input("inputs", (3,)),), {}, (between,), ("between",), batch="any")
    for rows in (1, 4):
        assert forward(network, torch.rand(rows, 3))["between"].shape == (2 * rows - 1, 3)


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


# torch's own check of these is in Python, ours in the same call: there is nothing of a shape that they refuse.
_ANY_SHAPE = {"copy", "detach", "cast", "scalar_tensor", "full", "arange", *FUNCTIONS}


@each("kind", [kind for kind in OPERATIONS if kind not in _ANY_SHAPE])
@few
@given(data=st.data())
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
def test_what_does_not_fit_is_said_in_torchs_words(kind: str, data: st.DataObject) -> None:
    """One size of one operand is another, or one dimension is gone: where torch refuses it, a network says how."""
    case: Case = data.draw(KINDS[kind])
    which = data.draw(st.integers(0, len(case.operands) - 1))
    sizes = [list(each.shape) for each in case.operands]
    if not sizes[which] or data.draw(st.booleans()):
        sizes[which] = sizes[which][1:]
    else:
        sizes[which][data.draw(st.integers(0, len(sizes[which]) - 1))] += data.draw(st.integers(1, 2))
    wrong = [torch.zeros((), dtype=each.dtype).expand(shape) for shape, each in zip(sizes, case.operands, strict=True)]
    words = _torchs_words(case, wrong)
    if not words:
        return
    names = [f"x{k}" for k in range(len(wrong))]
    inputs = tuple(Input(name, tuple(each.shape), each.dtype) for name, each in zip(names, wrong, strict=True))
    node = Node("layers.0.activations", operation_named(kind, **case.options), tuple(names))
    with pytest.raises(NetworkFault) as refused:
        Network(inputs, {}, (node,), (node.name,), batch="none")
    assert any(each in refused.value.reason for each in words)
    (fault,) = shape_faults(inputs, {}, (node,), (node.name,), (), "none")
    assert (fault.type, fault.pointer, fault.values["kind"]) == ("shape-mismatch", "/layers/0", kind)
    assert any(each in str(fault.torch_words) for each in words)
    for language in ("es", "en"):
        assert f"hint.{fault.hint or fault.key}" in catalog(language), "what to change"


def _torchs_words(case: Case, operands: list[Tensor]) -> list[str]:
    """What torch says of them without numbers and with; nothing where it takes them without numbers."""
    found = []
    for device in ("meta", "cpu"):
        try:
            with torch.device(device):
                case.torchs(*(each.to(device) for each in operands))
        except RAISED as error:
            found.append(str(error).partition("\n")[0][:200])
        else:
            if device == "meta":
                return []
    return found
