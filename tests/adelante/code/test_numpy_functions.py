"""The functions that a generated NumPy program brings along, each by itself beside torch's."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from adelante.code import numpy_functions

# They stand without types, as programs show them.
FUNCTIONS: dict[str, Callable[..., Any]] = vars(numpy_functions)
safe_softmax, windows = FUNCTIONS["safe_softmax"], FUNCTIONS["windows"]
DRAWN = np.random.default_rng(7)

# Each bend of a function, both of its sides, and where a careless exp would overflow.
PLACES = [
    -1000.0,
    -100.0,
    -6.0,
    -3.5,
    -3.0,
    -1.5,
    -1.0,
    -0.3,
    0.0,
    0.3,
    1.0,
    1.5,
    3.0,
    3.5,
    5.9,
    6.0,
    6.5,
    100.0,
    1000.0,
]
ALONE: dict[str, Callable[[Tensor], Tensor]] = {
    "identity": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": functional.relu,
    "leaky_relu": functional.leaky_relu,
    "elu": functional.elu,
    "selu": functional.selu,
    "gelu": functional.gelu,
    "gelu_tanh": lambda z: functional.gelu(z, approximate="tanh"),
    "silu": functional.silu,
    "mish": functional.mish,
    "softplus": functional.softplus,
    "softsign": functional.softsign,
    "log_sigmoid": functional.logsigmoid,
    "relu6": functional.relu6,
    "hardtanh": functional.hardtanh,
    "hardsigmoid": functional.hardsigmoid,
    "hardswish": functional.hardswish,
    "tanhshrink": functional.tanhshrink,
    "softmax": lambda z: torch.softmax(z, -1),
    "log_softmax": lambda z: torch.log_softmax(z, -1),
    "erf": torch.erf,
    "erfc": torch.erfc,
}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", ALONE)
def test_a_function_of_one_array_is_torchs_in_its_own_precision(name: str, dtype: torch.dtype) -> None:
    z = torch.tensor([PLACES, PLACES[::-1]], dtype=dtype)
    found = FUNCTIONS[name](z.numpy())
    wanted = ALONE[name](z)
    assert found.dtype == wanted.numpy().dtype
    close = {torch.float32: 1e-5, torch.float64: 1e-7}[dtype]
    np.testing.assert_allclose(found, wanted.numpy(), rtol=close, atol=close)


def test_a_row_without_a_finite_score_has_no_share() -> None:
    z = torch.tensor([[1.0, -torch.inf, 3.0], [-torch.inf] * 3])
    found = safe_softmax(z.numpy())
    np.testing.assert_allclose(found, torch.ops.aten._safe_softmax(z, -1).numpy(), rtol=1e-6)


@pytest.mark.parametrize("stride", [(1, 1), (2, 3)])
@pytest.mark.parametrize("dilation", [(1, 1), (2, 1), (3, 2)])
def test_windows_are_torchs_unfolded(stride: tuple[int, int], dilation: tuple[int, int]) -> None:
    x, kernel = torch.rand(2, 3, 9, 10), (3, 2)
    columns = functional.unfold(x, kernel, dilation=dilation, stride=stride).view(2, 3, *kernel, -1)
    found = windows(x.numpy(), kernel, stride, dilation)
    wanted = columns.permute(0, 1, 4, 2, 3).reshape(found.shape)
    assert found.shape[-2:] == kernel
    np.testing.assert_array_equal(found, wanted.numpy())


def test_windows_lie_side_by_side_unless_they_are_told_otherwise() -> None:
    x = np.arange(6.0)
    assert windows(x, (2,)).tolist() == [[k, k + 1] for k in range(5)]
    assert windows(x, (2,), (2,)).tolist() == [[0, 1], [2, 3], [4, 5]]
    assert windows(x, (2,), None, (3,)).tolist() == [[0, 3], [1, 4], [2, 5]]
    assert np.shares_memory(windows(x, (2,)), x), "nothing is copied"


def near(found: Any, wanted: Tensor) -> None:
    assert found.dtype == wanted.numpy().dtype
    np.testing.assert_allclose(found, wanted.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("groups", "stride", "padding", "dilation", "more"),
    [
        (1, (1, 1), (0, 0), (1, 1), (0, 0)),
        (2, (2, 3), (1, 0), (1, 1), (1, 2)),
        (4, (1, 2), (2, 1), (3, 2), (0, 0)),
        (1, (2, 1), (0, 0), (1, 1), (1, 0)),
    ],
)
def test_a_transposed_convolution_is_torchs(
    groups: int,
    stride: tuple[int, int],
    padding: tuple[int, int],
    dilation: tuple[int, int],
    more: tuple[int, int],
) -> None:
    x, weights = DRAWN.random((2, 4, 3, 5)), DRAWN.random((4, 3, 2, 3))
    wanted = functional.conv_transpose2d(
        torch.from_numpy(x), torch.from_numpy(weights), None, stride, padding, more, groups, dilation
    )
    size = tuple(wanted.shape[2:])
    near(FUNCTIONS["conv_transpose"](x, weights, size, stride, padding, dilation, groups), wanted)
    # As programs call it, with a product of the whole and the parts of each group.
    columns, mixed = DRAWN.random((2, 4, 6)), DRAWN.random((4, 3))
    by_groups = FUNCTIONS["by_groups"]("ncp,co->nop", columns, mixed, groups)
    each = [c.swapaxes(1, 2) @ m for c, m in zip(np.split(columns, groups, 1), np.split(mixed, groups), strict=True)]
    np.testing.assert_allclose(by_groups, np.concatenate(each, -1).swapaxes(1, 2))


def test_the_largest_of_a_window_is_found_where_torch_finds_it() -> None:
    x, kernel = DRAWN.random((2, 3, 6, 5)), (2, 3)
    x[0, 0, :2, :3] = 0.5  # of equal ones the first
    numbers = np.arange(30).reshape(6, 5)
    _, places = functional.max_pool2d(torch.from_numpy(x), kernel, (2, 1), return_indices=True)
    found = FUNCTIONS["largest_places"](windows(x, kernel, (2, 1)), windows(numbers, kernel, (2, 1)), 2)
    assert found.tolist() == places.tolist()


@pytest.mark.parametrize("size", [(3, 2), (1, 1), (5, 7), (4, 6)])
def test_adaptive_pools_are_torchs(size: tuple[int, int]) -> None:
    x = DRAWN.random((2, 3, 5, 7))
    near(FUNCTIONS["adaptive_pool"](x, size, np.mean), functional.adaptive_avg_pool2d(torch.from_numpy(x), size))
    near(FUNCTIONS["adaptive_pool"](x, size, np.max), functional.adaptive_max_pool2d(torch.from_numpy(x), size))


def test_a_norm_is_torchs() -> None:
    x = DRAWN.random((2, 3, 4))
    wanted = functional.layer_norm(torch.from_numpy(x), (3, 4), eps=0.1)
    near(FUNCTIONS["normalised"](x, (1, 2), 0.1), wanted)


@pytest.mark.parametrize(("size", "places"), [(7, 10), (10, 7), (3, 9), (1, 4), (5, 5)])
def test_pictures_grow_and_shrink_as_torchs(size: int, places: int) -> None:
    x = DRAWN.random((2, 3, size))
    given = torch.from_numpy(x)
    there = FUNCTIONS["nearest"](places, size, size / places)
    near(x[..., there], functional.interpolate(given, places, mode="nearest"))
    between = np.linspace(0, size - 1, places)
    wanted = functional.interpolate(given, places, mode="linear", align_corners=True)
    near(FUNCTIONS["interpolated"](x, -1, between), wanted)
    near(FUNCTIONS["interpolated"](x.swapaxes(1, 2), -2, between), wanted.transpose(1, 2))
    assert FUNCTIONS["interpolated"](x.astype("f4"), -1, between).dtype == np.float32


def test_the_nearest_place_is_none_behind_the_last() -> None:
    assert FUNCTIONS["nearest"](6, 2, 0.7).tolist() == [0, 0, 1, 1, 1, 1]


def test_what_is_laid_over_or_added_leaves_what_was_given() -> None:
    x = np.array([1.0, 2.0, 3.0])
    place = (np.array([0, 2, 0]),)
    assert FUNCTIONS["laid_over"](x, np.array([7.0, 8.0, 7.0]), place).tolist() == [7, 2, 8]
    assert FUNCTIONS["added_at"](x, np.array([10.0, 20.0, 30.0]), place).tolist() == [41, 2, 23]
    assert FUNCTIONS["scattered"](x, 0, place[0], 5.0).tolist() == [5, 2, 5]
    assert FUNCTIONS["scattered"](x, 0, place[0], 5.0, add=True).tolist() == [11, 2, 8]
    assert x.tolist() == [1, 2, 3]


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("descending", [False, True])
def test_equal_numbers_keep_their_order(axis: int, descending: bool) -> None:
    x = DRAWN.integers(0, 3, (6, 5)).astype(float)
    wanted = torch.sort(torch.from_numpy(x), dim=axis, descending=descending, stable=True).indices
    found = FUNCTIONS["in_order"](x, axis, True) if descending else FUNCTIONS["in_order"](x, axis)
    assert found.tolist() == wanted.tolist()


@pytest.mark.parametrize("axis", [0, 1])
def test_what_is_scattered_comes_where_torch_brings_it(axis: int) -> None:
    x, src = DRAWN.random((4, 5)), DRAWN.random((4, 5))
    index = DRAWN.permuted(np.tile(np.arange(3), (3, 1)), axis=axis)
    given = torch.from_numpy(x), axis, torch.from_numpy(index), torch.from_numpy(src)
    near(FUNCTIONS["scattered"](x, axis, index, src), torch.scatter(*given))
    twice = np.zeros_like(index)
    wanted = torch.scatter_add(given[0], axis, torch.from_numpy(twice), given[3])
    near(FUNCTIONS["scattered"](x, axis, twice, src, add=True), wanted)
