"""The options of the operations with many, drawn: the text gives what the pass gives."""

from typing import Any

import numpy as np
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from adelante.code.text import generate
from adelante.network.forward import forward
from adelante.network.network import NetworkFault
from tests.adelante.code.running import results
from tests.adelante.code.test_kinds import network_of

few = settings(max_examples=15, deadline=None)
PAIR = st.tuples(st.integers(1, 3), st.integers(1, 3)) | st.integers(1, 3)
PADDING = st.tuples(st.integers(0, 2), st.integers(0, 2)) | st.integers(0, 2)
SIDES = st.tuples(st.integers(3, 7), st.integers(3, 7))


def check(kind: str, options: dict[str, Any], *operands: Any) -> None:
    """Both languages, beside the pass; options that torch refuses are drawn again."""
    try:
        network, inputs = network_of((kind, options, operands))
        expected = forward(network, inputs).outputs
    except (NetworkFault, RuntimeError):
        # Not all that torch refuses is refused without numbers.
        assume(False)
    assert isinstance(expected, torch.Tensor)
    (found,) = results(generate(network, inputs, "pytorch"))
    assert torch.equal(found.nan_to_num(), expected.nan_to_num())
    (found,) = results(generate(network, inputs, "pytorch", style="module"))
    torch.testing.assert_close(found, expected, equal_nan=True)
    with np.errstate(all="ignore"):
        (found,) = results(generate(network, inputs, "numpy"))
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-11, atol=1e-11)


@given(
    st.integers(1, 2),
    st.integers(1, 2),
    SIDES,
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    PAIR,
    PADDING | st.sampled_from(["same", "valid"]),
    PAIR,
    st.sampled_from(["zeros", "reflect", "replicate", "circular"]),
    st.booleans(),
)
@few
def test_conv2d(
    groups: int, times: int, sides: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, mode: str, biases: bool
) -> None:
    options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups, "padding_mode": mode}
    weights = (groups * times, 2, *kernel)
    check("conv2d", options, (2, 2 * groups, *sides), weights, *([(groups * times,)] if biases else []))


@given(st.integers(1, 2), SIDES, PAIR, PADDING, PADDING, PAIR, st.booleans())
@few
def test_conv_transpose2d(
    groups: int, sides: Any, stride: Any, padding: Any, more: Any, dilation: Any, biases: bool
) -> None:
    options = {
        "stride": stride,
        "padding": padding,
        "output_padding": more,
        "groups": groups,
        "dilation": dilation,
    }
    check(
        "conv_transpose2d",
        options,
        (2, 2 * groups, *sides),
        (2 * groups, 2, 2, 3),
        *([(2 * groups,)] if biases else []),
    )


@given(SIDES, PAIR, st.none() | PAIR, PADDING, PAIR, st.booleans())
@few
def test_max_pool2d(sides: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil: bool) -> None:
    options = {"kernel_size": kernel, "stride": stride, "padding": padding, "dilation": dilation, "ceil_mode": ceil}
    check("max_pool2d", options, (2, 3, *sides))


@given(SIDES, PAIR, st.none() | PAIR, PADDING, st.booleans(), st.booleans())
@few
def test_avg_pool2d(sides: Any, kernel: Any, stride: Any, padding: Any, ceil: bool, counted: bool) -> None:
    options = {"kernel_size": kernel, "stride": stride, "padding": padding, "ceil_mode": ceil}
    check("avg_pool2d", {**options, "count_include_pad": counted}, (2, 3, *sides))


@given(
    st.sampled_from(["constant", "reflect", "replicate", "circular"]),
    st.lists(st.integers(-2, 3), min_size=2, max_size=4).filter(lambda each: len(each) % 2 == 0),
    st.sampled_from([0.0, 1.5, float("-inf")]),
)
@few
def test_pad(mode: str, pad: list[int], value: float) -> None:
    options: dict[str, Any] = {"pad": tuple(pad), "mode": mode}
    check("pad", options if mode != "constant" else {**options, "value": value}, (2, 3, 4, 5))


@given(st.integers(-3, 2), st.integers(-6, 6), st.none() | st.integers(-6, 6), st.integers(1, 3))
@few
def test_slices(dim: int, start: int, end: int | None, step: int) -> None:
    options = {"dim": dim, "start": start, "end": end, "step": step}
    x = torch.randn(2, 5, 4, dtype=torch.float64)
    check("slice", options, x)
    laid = x[(*[slice(None)] * (dim % 3), slice(start, end, step))] * 2
    check("slice_scatter", options, x, laid)


@given(st.tuples(st.integers(1, 9), st.integers(1, 9)), st.booleans(), st.booleans(), SIDES)
@few
def test_resized_pictures(size: Any, by_factor: bool, corners: bool, sides: Any) -> None:
    factor = {"scale_factor": (size[0] / 3, size[1] / 4)} if by_factor else {"size": size}
    check("upsample_nearest", factor, (1, 2, *sides))
    check("upsample_bilinear2d", {**factor, "align_corners": corners}, (1, 2, *sides))


@given(
    st.sampled_from(["sum", "mean", "amax", "amin"]),
    st.none() | st.lists(st.integers(0, 3), min_size=1, max_size=3, unique=True),
    st.booleans(),
)
@few
def test_reductions(kind: str, dim: list[int] | None, keepdim: bool) -> None:
    check(kind, {"dim": None if dim is None else tuple(dim), "keepdim": keepdim}, (2, 3, 2, 4))
