"""What torch takes of tensors without numbers and refuses once they have some: told before a pass, in its own words."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from adelante.network.operations import Operation, conv, dense, matmul, norms, scatters, slices
from adelante.network.shapes.rule import Shape


def check(operation: Operation, shapes: Sequence[Shape]) -> None:
    """Raises RuntimeError where a pass would, though torch finds a shape for the result."""
    own = _CHECKS.get(type(operation))
    if own is not None:
        own(operation, *shapes)


def _convolution(operation: Any, inputs: Shape, weights: Shape, biases: Shape | None = None) -> None:
    _check_rank(operation, weights)
    groups = operation.groups
    if weights[0] % groups:
        words = f"expected weight to be divisible by {groups} at dimension 0, but got weight of size {list(weights)}"
        raise RuntimeError(f"Given groups={groups}, {words} instead")
    _check_biases(f"Given weight of size {list(weights)}", weights[0], biases)


def _transposed(operation: Any, inputs: Shape, weights: Shape, biases: Shape | None = None) -> None:
    _check_rank(operation, weights)
    given, channels = f"Given transposed=1, weight of size {list(weights)}", inputs[-operation.DIMS - 1]
    if channels != weights[0]:
        words = f"expected input{list(inputs)} to have {weights[0]} channels, but got {channels} channels instead"
        raise RuntimeError(f"{given}, {words}")
    _check_biases(given, weights[1] * operation.groups, biases)
    beyond, strides, dilations = (
        _along(each, operation.DIMS) for each in (operation.output_padding, operation.stride, operation.dilation)
    )
    if any(more >= max(steps) for more, *steps in zip(beyond, strides, dilations, strict=True)):
        sizes = f"output_padding: {beyond} stride: {strides} dilation: {dilations}"
        raise RuntimeError(f"output padding must be smaller than either stride or dilation, but got {sizes}")


def _along(size: int | Sequence[int], dims: int) -> list[int]:
    """A size for each dimension."""
    return [size] * dims if isinstance(size, int) else list(size)


def _check_rank(operation: Any, weights: Shape) -> None:
    if len(weights) != operation.DIMS + 2:
        raise RuntimeError(
            f"expected weight to be {operation.DIMS + 2}-dimensional, but got weight of size {list(weights)}"
        )


def _check_biases(given: str, channels: int, biases: Shape | None) -> None:
    if biases is not None and biases != (channels,):
        wanted = f"expected bias to be 1-dimensional with {channels} elements"
        raise RuntimeError(f"{given}, {wanted}, but got bias of size {list(biases)} instead")


def _product(rows: Shape, columns: int, biases: Shape) -> None:
    """Biases are laid over the product, and never the product over them."""
    torch.empty(biases, device="meta").expand(*rows[:-1], columns)


def _dense(operation: Any, inputs: Shape, weights: Shape, biases: Shape | None = None) -> None:
    if biases is not None and len(inputs) == 2:
        _product(inputs, weights[1], biases)


def _linear(operation: Any, inputs: Shape, weights: Shape, biases: Shape | None = None) -> None:
    if biases is not None and len(inputs) == 2:
        _product(inputs, weights[0], biases)


def _addmm(operation: Any, biases: Shape, inputs: Shape, other: Shape) -> None:
    _product(inputs, other[-1], biases)


def _batch_norm(operation: Any, inputs: Shape, mean: Shape, variance: Shape, *_: Shape) -> None:
    for name, shape in (("running_mean", mean), ("running_var", variance)):
        if len(shape) != 1:
            raise RuntimeError(f"{name} should have 1 dimension, not {len(shape)}")


def _slice_scatter(operation: Any, inputs: Shape, src: Shape) -> None:
    every = [slice(None)] * len(inputs)
    every[operation.dim] = slice(operation.start, operation.end, operation.step)
    _laid_over(src, tuple(torch.empty(inputs, device="meta")[tuple(every)].shape))


def _select_scatter(operation: Any, inputs: Shape, src: Shape) -> None:
    _laid_over(src, tuple(torch.empty(inputs, device="meta").select(operation.dim, operation.index).shape))


def _index_put(operation: Any, inputs: Shape, src: Shape, *places: Shape) -> None:
    """As `_index_add`, but dimensions of one place before all others are left out first."""
    while len(src) > 1 and src[0] == 1:
        src = src[1:]
    _index_add(operation, inputs, src, *places)


def _index_add(operation: Any, inputs: Shape, src: Shape, *places: Shape) -> None:
    at = scatters.index_at(operation.given, [torch.empty(each, dtype=torch.long, device="meta") for each in places])
    part = tuple(torch.empty(inputs, device="meta")[at].shape)
    if len(src) > len(part) or any(own not in (1, side) for own, side in zip(src[::-1], part[::-1], strict=False)):
        sizes = f"value tensor of shape {list(src)} cannot be broadcast to indexing result of shape {list(part)}"
        raise RuntimeError(f"shape mismatch: {sizes}")


def _laid_over(src: Shape, part: Shape) -> None:
    if src != part:
        sizes = f"src size = {list(src)}, slice size = {list(part)}"
        raise RuntimeError(f"expected src to have a size equal to the slice of self. {sizes}")


_CHECKS: Mapping[type[Operation], Callable[..., None]] = {
    **dict.fromkeys((conv.Conv1d, conv.Conv2d, conv.Conv3d), _convolution),
    **dict.fromkeys((conv.ConvTranspose1d, conv.ConvTranspose2d, conv.ConvTranspose3d), _transposed),
    dense.Dense: _dense,
    dense.Linear: _linear,
    matmul.Addmm: _addmm,
    norms.BatchNorm: _batch_norm,
    scatters.IndexAdd: _index_add,
    scatters.IndexPut: _index_put,
    slices.SliceScatter: _slice_scatter,
    slices.SelectScatter: _select_scatter,
}
