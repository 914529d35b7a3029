"""Every operation, over its options: its parts add up, they are real cells, and no other cell has a say."""

import math
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from adelante.network.explain import gradients, reach
from adelante.network.forward import forward
from adelante.network.network import Input, Network, Node
from adelante.network.operations import OPERATIONS, operation_named
from adelante.network.operations.arithmetic import PAIRED
from adelante.network.operations.functions import FUNCTIONS
from tests.adelante.operations.checking import check
from tests.cases import each

Case = tuple[str, dict[str, Any], tuple[Any, ...]]
_POSITIVE = {"log", "log2", "log10", "log1p", "sqrt", "rsqrt", "reciprocal"}
_UNIT = {"asin", "acos", "atanh"}
_DRAWS = torch.Generator().manual_seed(1)
_WHOLE = {"bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_not"}


def _drawn(shape: Any) -> Tensor:
    return shape if isinstance(shape, Tensor) else torch.randn(shape, dtype=torch.float64, generator=_DRAWS)


def _places(high: int, *shape: int) -> Tensor:
    return torch.randint(high, shape, generator=_DRAWS)


def _mask(*shape: int) -> Tensor:
    return torch.rand(shape, generator=_DRAWS) < 0.5


CASES: tuple[Case, ...] = (
    ("dense", {}, ((2, 3), (3, 4), (4,))),
    ("dense", {}, ((2, 5, 3), (3, 4), (4,))),
    ("dense", {}, ((2, 3), (3, 4))),
    ("dense", {}, ((2, 3), (3, 4), (2, 1))),
    ("linear", {}, ((2, 5, 3), (4, 3), (4,))),
    ("linear", {}, ((2, 3), (4, 3))),
    ("matmul", {}, ((2, 3), (3, 4))),
    ("matmul", {}, ((2, 5, 3), (2, 3, 4))),
    ("matmul", {}, ((2, 1, 5, 3), (4, 3, 2))),
    ("matmul", {}, ((2, 5, 3), (3,))),
    ("matmul", {}, ((3,), (2, 3, 4))),
    ("matmul", {}, ((3,), (3,))),
    ("addmm", {}, ((4,), (2, 3), (3, 4))),
    ("addmm", {"beta": 0.5, "alpha": 2.0}, ((2, 4), (2, 3), (3, 4))),
    ("addmm", {"alpha": 0.5}, ((2, 5, 4), (2, 5, 3), (2, 3, 4))),
    ("conv1d", {"padding": 1}, ((2, 3, 7), (4, 3, 3), (4,))),
    ("conv1d", {"stride": 2, "dilation": 2, "padding_mode": "circular", "padding": 2}, ((1, 2, 9), (2, 2, 3))),
    ("conv2d", {}, ((1, 3, 6, 5), (4, 3, 3, 2), (4,))),
    ("conv2d", {"stride": (2, 1), "padding": (1, 2), "dilation": (1, 2)}, ((2, 2, 7, 6), (3, 2, 3, 2), (3,))),
    ("conv2d", {"groups": 2, "padding": 1}, ((1, 4, 5, 5), (6, 2, 3, 3), (6,))),
    ("conv2d", {"groups": 4}, ((1, 4, 5, 5), (8, 1, 3, 3))),
    ("conv2d", {"padding": "same"}, ((1, 2, 5, 6), (3, 2, 3, 4), (3,))),
    ("conv2d", {"padding": "valid"}, ((1, 2, 5, 6), (3, 2, 3, 4), (3,))),
    ("conv2d", {"padding": 2, "padding_mode": "reflect"}, ((1, 2, 5, 6), (3, 2, 3, 3), (3,))),
    ("conv2d", {"padding": (1, 2), "padding_mode": "replicate"}, ((1, 2, 5, 6), (3, 2, 3, 3), (3,))),
    ("conv2d", {"padding": "same", "padding_mode": "circular"}, ((1, 2, 5, 6), (3, 2, 4, 3), (3,))),
    ("conv3d", {"padding": 1, "stride": (1, 2, 1)}, ((1, 2, 3, 4, 5), (3, 2, 2, 3, 3), (3,))),
    ("conv_transpose2d", {}, ((1, 3, 4, 5), (3, 2, 3, 2), (2,))),
    ("conv_transpose2d", {"stride": 2, "padding": 1, "output_padding": 1}, ((1, 3, 4, 5), (3, 2, 3, 3), (2,))),
    ("conv_transpose2d", {"groups": 2, "dilation": (1, 2), "stride": (2, 1)}, ((1, 4, 3, 3), (4, 3, 2, 2))),
    ("conv_transpose1d", {"stride": 2}, ((2, 3, 4), (3, 2, 3), (2,))),
    ("conv_transpose3d", {"padding": 1, "stride": (1, 2, 1)}, ((1, 2, 3, 2, 3), (2, 2, 2, 3, 3), (2,))),
    ("max_pool3d", {"kernel_size": 2, "padding": 1}, ((1, 2, 3, 4, 3),)),
    ("avg_pool3d", {"kernel_size": (2, 3, 2), "stride": 1, "padding": 1}, ((1, 2, 3, 4, 3),)),
    ("adaptive_avg_pool3d", {"output_size": (3, 2, 1)}, ((1, 2, 5, 4, 3),)),
    ("adaptive_max_pool3d", {"output_size": (3, 2, 2)}, ((1, 2, 5, 4, 3),)),
    ("max_pool1d", {"kernel_size": 3, "stride": 2, "padding": 1}, ((2, 3, 9),)),
    ("max_pool2d", {"kernel_size": 2}, ((1, 2, 6, 6),)),
    ("max_pool2d", {"kernel_size": (3, 2), "stride": (2, 1), "padding": (1, 0), "ceil_mode": True}, ((1, 2, 6, 7),)),
    ("max_pool2d", {"kernel_size": 2, "stride": 1, "dilation": 2}, ((1, 2, 6, 6),)),
    ("max_pool1d_indices", {"kernel_size": 3, "stride": 2, "padding": 1}, ((2, 3, 9),)),
    ("max_pool2d_indices", {"kernel_size": (3, 2), "stride": 2, "padding": 1, "ceil_mode": True}, ((2, 2, 6, 7),)),
    ("max_pool3d_indices", {"kernel_size": 2, "stride": 1}, ((1, 2, 3, 4, 3),)),
    ("avg_pool1d", {"kernel_size": 3, "stride": 2, "padding": 1}, ((2, 3, 9),)),
    ("avg_pool2d", {"kernel_size": 2}, ((1, 2, 6, 6),)),
    ("avg_pool2d", {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}, ((1, 2, 6, 7),)),
    ("avg_pool2d", {"kernel_size": 3, "padding": 1, "count_include_pad": False}, ((1, 2, 6, 7),)),
    ("adaptive_avg_pool1d", {"output_size": (3,)}, ((1, 2, 7),)),
    ("adaptive_avg_pool2d", {"output_size": (3, 2)}, ((1, 2, 7, 5),)),
    ("adaptive_max_pool1d", {"output_size": (3,)}, ((1, 2, 7),)),
    ("adaptive_max_pool2d", {"output_size": (3, 2)}, ((1, 2, 7, 5),)),
    (
        "batch_norm",
        {"eps": 1e-3},
        ((2, 3, 4), (3,), torch.rand(3, dtype=torch.float64, generator=_DRAWS) + 0.5, (3,), (3,)),
    ),
    ("batch_norm", {}, ((2, 3), (3,), torch.rand(3, dtype=torch.float64, generator=_DRAWS) + 0.5)),
    ("layer_norm", {"normalized_shape": (4,)}, ((2, 3, 4), (4,), (4,))),
    ("layer_norm", {"normalized_shape": (3, 4)}, ((2, 3, 4),)),
    ("rms_norm", {"normalized_shape": (4,), "eps": 1e-6}, ((2, 3, 4), (4,))),
    ("group_norm", {"num_groups": 2}, ((2, 4, 3), (4,), (4,))),
    ("group_norm", {"num_groups": 3}, ((1, 6, 2, 2),)),
    ("instance_norm", {}, ((2, 3, 5), (3,), (3,))),
    ("instance_norm", {}, ((1, 2, 4, 3),)),
    ("softmax", {"dim": -1}, ((2, 3, 4),)),
    ("softmax", {"dim": 1}, ((2, 3, 4),)),
    ("log_softmax", {"dim": 1}, ((2, 5),)),
    ("add", {}, ((2, 3, 4), (3, 1))),
    ("add", {"alpha": 2.5}, ((2, 1), (2, 3))),
    ("add", {"scalar": 3, "alpha": 2}, ((2, 3),)),
    ("sub", {}, ((2, 3), (3,))),
    ("sub", {"alpha": 0.5}, ((2, 3), (2, 3))),
    ("sub", {"scalar": 3.5, "alpha": 2}, ((2, 3),)),
    ("sub", {"scalar": 1, "reverse": True}, ((2, 3),)),
    ("mul", {}, ((2, 3, 4), (4,))),
    ("mul", {"scalar": -0.5}, ((2, 3),)),
    ("div", {}, ((2, 3), (2, 1))),
    ("div", {"scalar": 3}, ((2, 3),)),
    ("where", {}, (_mask(2, 3), (2, 3), (3,))),
    ("where", {"scalar": 2.5}, (_mask(2, 3), (2, 3))),
    ("where", {"other_scalar": 0.5}, (_mask(2, 3), (2, 3))),
    ("masked_fill", {"value": float("-inf")}, ((2, 3, 4), _mask(3, 4))),
    ("amax", {"dim": (1,)}, ((2, 3, 4),)),
    ("amax", {"dim": (1, -1), "keepdim": True}, ((2, 3, 4),)),
    ("amax", {}, ((2, 3),)),
    ("amin", {"dim": (0,)}, ((2, 3),)),
    ("amin", {"dim": ()}, ((2, 3),)),
    ("argmax", {"dim": (-1,)}, ((2, 5),)),
    ("argmin", {"dim": (1,), "keepdim": True}, ((2, 5, 3),)),
    ("argmax", {}, ((2, 5),)),
    ("argsort", {"dim": 1}, ((2, 4, 2),)),
    ("argsort", {"descending": True}, ((2, 4),)),
    ("argtopk", {"k": 2}, ((2, 4),)),
    ("argtopk", {"k": 3, "dim": 0, "largest": False}, ((4, 2),)),
    ("sum", {"dim": (1,)}, ((2, 3, 4),)),
    ("sum", {}, ((2, 3),)),
    ("mean", {"dim": (2, 3), "keepdim": True}, ((1, 2, 3, 4),)),
    ("mean", {}, ((2, 3),)),
    ("cumsum", {"dim": 1}, ((2, 5),)),
    ("upsample_bilinear2d", {"size": (5, 7)}, ((1, 2, 3, 4),)),
    # A side that the factor leaves as long as it was is copied.
    ("upsample_bilinear2d", {"scale_factor": (1.25, 2.0)}, ((1, 2, 3, 4),)),
    ("upsample_bilinear2d", {"scale_factor": (2.0, 1.5)}, ((1, 2, 3, 4),)),
    ("upsample_bilinear2d", {"size": (5, 7), "align_corners": True}, ((1, 1, 3, 4),)),
    ("upsample_bilinear2d", {"size": (2, 2)}, ((1, 1, 6, 5),)),
    ("reshape", {"shape": (-1, 6)}, ((2, 3, 4),)),
    ("flatten", {}, ((2, 3, 4),)),
    ("unflatten", {"dim": 1, "sizes": (2, 3)}, ((2, 6),)),
    ("permute", {"dims": (0, 2, 1)}, ((2, 3, 4),)),
    ("transpose", {"dim0": -1, "dim1": 1}, ((2, 3, 4),)),
    ("squeeze", {}, ((2, 1, 3),)),
    ("squeeze", {"dim": (1,)}, ((2, 1, 3),)),
    ("unsqueeze", {"dim": 1}, ((2, 3),)),
    ("expand", {"size": (2, 4, 3)}, ((2, 1, 3),)),
    ("repeat", {"repeats": (1, 2, 3)}, ((2, 2, 2),)),
    ("repeat_interleave", {"repeats": 3, "dim": 1}, ((2, 2),)),
    ("slice", {"dim": 1, "start": 1, "end": -1, "step": 2}, ((2, 6),)),
    ("slice", {"dim": -1, "start": -2}, ((2, 6),)),
    ("select", {"dim": 1, "index": -1}, ((2, 3, 4),)),
    ("cat", {"dim": 1}, ((2, 3), (2, 1), (2, 2))),
    ("stack", {"dim": 1}, ((2, 3), (2, 3))),
    ("pad", {"pad": (1, 2, 0, 1), "value": 7.0}, ((2, 3, 4),)),
    ("pad", {"pad": (1, 2), "mode": "reflect"}, ((2, 3, 4),)),
    ("pad", {"pad": (2, 1), "mode": "circular"}, ((2, 3, 4),)),
    ("tril", {"diagonal": 1}, ((2, 4, 4),)),
    ("triu", {"diagonal": -1}, ((3, 5),)),
    ("roll", {"shifts": (1, -2), "dims": (1, 2)}, ((2, 3, 4),)),
    ("flip", {"dims": (0, 2)}, ((2, 3, 4),)),
    ("unfold", {"kernel_size": (2, 2), "padding": (1, 1), "stride": (2, 1)}, ((1, 2, 4, 4),)),
    ("upsample_nearest", {"size": (5, 6)}, ((1, 2, 3, 4),)),
    ("upsample_nearest", {"scale_factor": (2.0,)}, ((1, 2, 3),)),
    # A side of a picture that stays as long as it is torch copies, whatever the factor.
    ("upsample_nearest", {"scale_factor": (4 / 3, 1.0)}, ((1, 1, 2, 1),)),
    ("pixel_shuffle", {"upscale_factor": 2}, ((1, 8, 2, 3),)),
    ("copy", {}, ((2, 3),)),
    ("detach", {}, ((2, 3),)),
    ("cast", {"dtype": "float32"}, ((2, 3),)),
    ("cast", {"dtype": "int64"}, ((2, 3),)),
    ("diagonal", {"offset": 1, "dim1": 1, "dim2": 2}, ((2, 3, 4),)),
    ("windows", {"dim": 1, "size": 2, "step": 2}, ((2, 5, 2),)),
    ("prod", {"dim": 1}, ((2, 3),)),
    ("prod", {}, ((2, 3),)),
    ("cumprod", {"dim": 1}, ((2, 5),)),
    ("cummax", {"dim": 1}, ((2, 5),)),
    ("cummin", {"dim": -2}, ((2, 5, 3),)),
    ("safe_softmax", {"dim": 1}, ((2, 5),)),
    ("embedding", {}, ((7, 3), _places(7, 2, 4))),
    ("gather", {"dim": 1}, ((2, 5), _places(5, 2, 3))),
    ("index_select", {"dim": 1}, ((2, 5, 2), _places(5, 4))),
    ("index", {"given": (True, False, True)}, ((4, 3, 5), _places(4, 2), _places(5, 2))),
    ("index", {"given": (False, True)}, ((2, 5), _places(5, 3, 2))),
    ("slice_scatter", {"dim": 1, "start": 1, "end": 3}, ((2, 4), (2, 2))),
    ("select_scatter", {"dim": 1, "index": 2}, ((2, 4), (2,))),
    ("scatter", {"dim": 1}, ((2, 5), torch.tensor([[4, 0], [1, 2]]), (2, 3))),
    ("scatter", {"dim": 0, "value": 2.5}, ((4, 3), torch.tensor([[3, 0, 1]]))),
    ("scatter_add", {"dim": 1}, ((2, 3), _places(3, 2, 5), (2, 5))),
    ("scatter_add", {"dim": 0}, ((4, 3), _places(4, 2, 2), (3, 2))),
    ("index_put", {"given": (False, True)}, ((2, 5), (2, 3), torch.tensor([4, 0, 2]))),
    ("index_put", {"given": (True, False, True)}, ((4, 3, 5), (2, 3), torch.tensor([3, 1]), torch.tensor([-1, 0]))),
    ("index_add", {"given": (False, True)}, ((2, 5), (2, 3), torch.tensor([4, 0, 4]))),
    ("index_add", {"given": (True, False, True)}, ((4, 3, 5), (2, 1), torch.tensor([3, 1]), torch.tensor([-1, 0]))),
    ("index_add", {"given": (False, True)}, ((2, 5), (), torch.tensor([[4, 0], [1, 3]]))),
    ("full", {"size": (2, 3), "fill_value": 1.5, "dtype": "float64"}, ()),
    ("arange", {"start": 1, "end": 9, "step": 2}, ()),
    ("scalar_tensor", {"value": 2.5}, ()),
)


def _pointwise() -> Iterator[Case]:
    for name, known in FUNCTIONS.items():
        x = torch.randn(2, 5, dtype=torch.float64, generator=_DRAWS) * 2
        if name in _POSITIVE:
            x = x.abs() + 0.1
        if name in _UNIT:
            x = torch.rand(2, 5, dtype=torch.float64, generator=_DRAWS) * 2 - 1
        if name == "acosh":
            x = x.abs() + 1
        if name in _WHOLE:
            x = torch.randint(8, (2, 5), generator=_DRAWS)
        options = {"min": -1.0, "max": 0.5} if name == "clamp" else dict(known.defaults)
        yield name, options, (x,)
    for name in PAIRED:
        x, y = (
            torch.randn(2, 3, dtype=torch.float64, generator=_DRAWS).abs() + 0.1,
            torch.randn(3, dtype=torch.float64, generator=_DRAWS),
        )
        if name in _WHOLE:
            x, y = torch.randint(8, (2, 3), generator=_DRAWS), torch.randint(8, (3,), generator=_DRAWS)
        yield name, {}, (x, y)


ALL = [*CASES, *_pointwise()]

# Larger by a factor that leaves a side as it is: torch's gradient takes other cells than its forward pass does.
UNEVEN: list[Case] = [
    ("upsample_nearest", {"scale_factor": (4 / 3,)}, ((1, 1, 2),)),
    ("upsample_nearest", {"scale_factor": (1.0, 4 / 3, 1.5)}, ((1, 1, 2, 2, 3),)),
    ("upsample_nearest", {"scale_factor": (4 / 3, 2.3)}, ((1, 1, 2, 3),)),
]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@each(("kind", "options", "operands"), ALL)
def test_every_cell_is_explained_by_its_parts(kind: str, options: dict[str, Any], operands: tuple[Any, ...]) -> None:
    operation = operation_named(kind, **options)
    assert operation.kind == kind
    assert {**operation.options, **options} == operation.options
    result = check(operation, *(_drawn(each) for each in operands))
    shapes = [tuple(_drawn(each).shape) for each in operands]
    assert operation.cost(shapes, tuple(result.shape)) >= result.numel() or kind in ("conv_transpose2d",)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@each(("kind", "options", "operands"), ALL)
def test_every_cell_has_slopes_by_its_operands_or_none(
    kind: str, options: dict[str, Any], operands: tuple[Any, ...]
) -> None:
    """In a network of this one operation. Where torch has no derivative (a comparison, an index) they are 0."""
    drawn = [_drawn(each) for each in operands] or [torch.ones(2)]
    names = [f"inputs.{k}" for k in range(len(drawn))]
    inputs = tuple(Input(name, tuple(each.shape), each.dtype) for name, each in zip(names, drawn, strict=True))
    node = Node("a", operation_named(kind, **options), tuple(names[: len(operands)]))
    network = Network(inputs, {}, (node,), ("a",), batch="none")
    given = dict(zip(names, drawn, strict=True))
    trace = forward(network, given)
    at = tuple(size - 1 for size in network.shapes["a"])
    by = [name for name, each in given.items() if each.is_floating_point()]
    found = gradients(network, given, "a", at, by)
    leaves = {name: each.clone().requires_grad_(name in by) for name, each in given.items()}
    value = forward(network, leaves)["a"][at]
    if not value.requires_grad:
        assert not any(bool(each.any()) for each in found.values())
        return
    slopes = torch.autograd.grad(value, [leaves[name] for name in by], allow_unused=True)
    for name, slope in zip(by, slopes, strict=True):
        wanted = torch.zeros_like(given[name]) if slope is None else slope
        torch.testing.assert_close(found[name], wanted, rtol=0, atol=0, equal_nan=True)
    if math.isfinite(float(trace["a"][at])):
        hanging = reach(network, trace, "a", at)
        assert all(not bool(found[name][~hanging[name]].any()) for name in by if name in hanging)


@pytest.mark.parametrize(
    ("kind", "given", "count"),
    [
        ("index", (True, False, True), 3),
        ("index_put", (False, True), 3),
        ("index_put", (True, False, True), 4),
        ("index_add", (True,), 3),
    ],
)
def test_an_index_takes_a_tensor_for_each_dimension_that_has_one(
    kind: str, given: tuple[bool, ...], count: int
) -> None:
    operation = operation_named(kind, given=given)
    assert [k for k in range(9) if operation.takes(k)] == [count]


def test_no_operation_goes_untested() -> None:
    told = {kind for kind, _, _ in ALL}
    assert told == set(OPERATIONS)


def test_a_cell_of_the_padding_comes_from_nowhere() -> None:
    from adelante.network.operations import Operand

    pad = operation_named("pad", pad=(1, 0), value=7.0)
    x = torch.ones(1, 2)
    found = pad.explain((0, 0), [Operand("x", x)], Operand("result", pad.run(x)))
    assert (found.parts, found.constants) == ((), {"fill": 7.0})


def test_an_operation_keeps_the_shape_rules_of_torch() -> None:
    with pytest.raises(RuntimeError, match="mat1 and mat2 shapes cannot be multiplied"):
        operation_named("dense").run(torch.ones(1, 5), torch.ones(1, 5), torch.ones(5))


def test_batch_norm_has_slopes_by_what_training_kept() -> None:
    operation = operation_named("batch_norm", eps=1e-3)
    kept = [torch.rand(3, dtype=torch.float64, generator=_DRAWS) + 0.5 for _ in range(4)]
    x = torch.randn(2, 3, 4, dtype=torch.float64, generator=_DRAWS)
    plain = operation.run(x, *kept)
    leaves = [each.clone().requires_grad_() for each in kept]
    result = operation.run(x, *leaves)
    torch.testing.assert_close(result.detach(), plain)
    assert torch.autograd.gradcheck(lambda *given: operation.run(x, *given), leaves)
