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
