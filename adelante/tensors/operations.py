"""The closed set of operations: what the lab can do is what stands in OPERATIONS, and nothing else.

Each entry is written out as a learner would write it, so what does not work is refused in Python's, torch's or NumPy's
own words. Where NumPy has the operation too, arrays get NumPy's.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from adelante.tensors import extents, hints, marks
from adelante.tensors.call import Call, Hint, Operation, Parameter, Shape
from adelante.tensors.memory import Data
from adelante.tensors.reading import (
    read_data,
    read_dimensions,
    read_dtype,
    read_flag,
    read_number,
    read_operand,
    read_seed,
    read_shape,
    read_value,
)

_VALUE = Parameter(read_value)
_OPERAND = Parameter(read_operand)
_NUMBER = Parameter(read_number)
_OPTIONAL_NUMBER = Parameter(read_number, required=False)
_SHAPE = Parameter(read_shape, rest=True)
_DTYPE = {"dtype": Parameter(read_dtype)}

_NUMPY_DTYPES = {
    torch.float32: np.float32,
    torch.float64: np.float64,
    torch.float16: np.float16,
    torch.int64: np.int64,
    torch.int32: np.int32,
    torch.uint8: np.uint8,
}


def _seed(seed: int, generator: torch.Generator) -> torch.Generator:
    return generator.manual_seed(seed)


def _array(data: Any, dtype: torch.dtype | None = None) -> Data:
    if dtype is None:
        return np.array(data)
    if dtype not in _NUMPY_DTYPES:
        raise TypeError(f"data type {str(dtype).removeprefix('torch.')!r} not understood")  # as NumPy says it
    return np.array(data, dtype=_NUMPY_DTYPES[dtype])


def randn_like(like: Tensor, generator: torch.Generator, dtype: torch.dtype | None = None) -> Tensor:
    if not isinstance(like, Tensor):
        return torch.randn_like(like)  # refuses, in its own words
    # torch.randn_like takes a generator in recent versions only; this is what it does in all of them.
    return torch.empty_like(like, dtype=dtype).normal_(generator=generator)


def resized(tensor: Tensor, shape: Shape) -> Tensor:
    resize = tensor.resize_
    shape_before, stride_before = tensor.shape, tensor.stride()
    try:
        resize(shape)
        if min(shape, default=0) < 0:
            torch.empty(shape)  # refuses; resize_ itself lets [0, -1] pass
        return tensor
    except RuntimeError:
        # torch has set the new shape by now, over memory that did not grow: reading it would read what is not ours.
        tensor.as_strided_(shape_before, stride_before)
        raise


def _numpy_sum(array: Any, dim: Any = None, keepdim: bool = False) -> Any:
    return np.asarray(np.sum(array, axis=dim, keepdims=keepdim))


def _numpy_fill(array: Any, number: Any) -> Any:
    array.fill(number)
    return array


def _as_array(function: Callable[..., Any]) -> Callable[..., Any]:
    """NumPy gives a scalar where the result has no dimensions; here it stays an array with memory of its own."""
    return lambda *arguments: np.asarray(function(*arguments))


def _into_first(function: Callable[..., Any]) -> Callable[..., Any]:
    """NumPy's in-place form: a *= b is np.multiply(a, b, out=a)."""
    return lambda first, *others: function(first, *others, out=first)


def _creation(name: str, function: Callable[..., Any], *, draws: bool = False) -> Operation:
    return Operation(
        name,
        (_SHAPE,),
        function,
        extents.of_shape,
        hints.of_creation,
        marks=marks.none,
        keywords=_DTYPE,
        draws=draws,
    )


def _literal(name: str, function: Callable[..., Any]) -> Operation:
    parameters = (Parameter(read_data),)
    return Operation(name, parameters, function, extents.of_data, hints.of_data, marks=marks.none, keywords=_DTYPE)


def _bridge(name: str, function: Callable[..., Any], hint: Callable[[Call], Hint]) -> Operation:
    return Operation(name, (_VALUE,), function, extents.of_first, hint)


def _cellwise(name: str, function: Callable[..., Any], numpy: Callable[..., Any] | None = None) -> Operation:
    hint = hints.of_tensor_only
    return Operation(name, (_VALUE,), function, extents.of_first, hint, numpy and _as_array(numpy), marks.same)


def _arithmetic(name: str, function: Callable[..., Any], numpy: Callable[..., Any]) -> Operation:
    parameters = (_OPERAND, _OPERAND)
    hint = hints.of_operands
    return Operation(name, parameters, function, extents.of_broadcast, hint, _as_array(numpy), marks.either)


def _product(name: str, function: Callable[..., Any], numpy: Callable[..., Any] | None = None) -> Operation:
    return Operation(name, (_VALUE, _VALUE), function, extents.of_product, hints.of_product, numpy, marks.product)


def _in_place(
    name: str,
    parameters: tuple[Parameter, ...],
    function: Callable[..., Any],
    rule: Callable[..., Tensor],
    numpy: Callable[..., Any] | None = None,
) -> Operation:
    hint = hints.of_operands_in_place if len(parameters) > 1 else hints.of_floats
    return Operation(name, parameters, function, extents.of_first, hint, numpy, rule, in_place=True)


_REGULAR = (
    _creation("rand", torch.rand, draws=True),
    _creation("randn", torch.randn, draws=True),
    _creation("zeros", torch.zeros),
    _creation("ones", torch.ones),
    _literal("tensor", torch.tensor),
    _literal("array", _array),
    _bridge("from_numpy", torch.from_numpy, hints.of_from_numpy),
    _bridge("numpy", lambda x: x.numpy(), hints.of_numpy),
    _cellwise("clone", torch.clone, np.copy),
    _cellwise("exp", torch.exp, np.exp),
    _cellwise("sigmoid", torch.sigmoid),
    _arithmetic("add", torch.add, np.add),
    _arithmetic("mul", torch.mul, np.multiply),
    _product("mm", torch.mm),
    _product("matmul", torch.matmul, _as_array(np.matmul)),
    _in_place("add_", (_VALUE, _OPERAND), lambda x, y: x.add_(y), marks.either, _into_first(np.add)),
    _in_place("mul_", (_VALUE, _OPERAND), lambda x, y: x.mul_(y), marks.either, _into_first(np.multiply)),
    _in_place("exp_", (_VALUE,), lambda x: x.exp_(), marks.same, _into_first(np.exp)),
    _in_place("sigmoid_", (_VALUE,), lambda x: x.sigmoid_(), marks.same),
    _in_place("zero_", (_VALUE,), lambda x: x.zero_(), marks.none),
    _in_place("fill_", (_VALUE, _NUMBER), lambda x, number: x.fill_(number), marks.none, _numpy_fill),
)
_OTHERS = (
    Operation("manual_seed", (Parameter(read_seed),), _seed, extents.none, hints.look, draws=True),
    Operation(
        "randn_like",
        (_VALUE,),
        randn_like,
        extents.of_first,
        hints.of_floats,
        marks=marks.none,
        keywords=_DTYPE,
        draws=True,
    ),
    Operation(
        "arange",
        (_NUMBER, _OPTIONAL_NUMBER, _OPTIONAL_NUMBER),
        torch.arange,
        extents.of_range,
        hints.of_range,
        marks=marks.none,
        keywords=_DTYPE,
    ),
    Operation(
        "sum",
        (_VALUE, Parameter(read_dimensions, required=False)),
        torch.sum,
        extents.of_first,
        hints.of_sum,
        _numpy_sum,
        marks.summed,
        {"dim": Parameter(read_dimensions), "keepdim": Parameter(read_flag)},
    ),
    # A view's cells have their marks already: they are those of the memory that it shares.
    # NumPy's own view is another thing: it would take the shape for a dtype. So only tensors have it here.
    Operation("view", (_VALUE, _SHAPE), torch.Tensor.view, extents.of_shape, hints.of_shape),
    Operation("reshape", (_VALUE, _SHAPE), torch.reshape, extents.of_shape, hints.of_shape, np.reshape, marks.reshaped),
    Operation("T", (_VALUE,), lambda x: x.T, extents.of_first, hints.look, np.transpose),
    Operation("t_", (_VALUE,), lambda x: x.t_(), extents.of_first, hints.of_tensor_only, in_place=True),
    Operation(
        "resize_",
        (_VALUE, _SHAPE),
        resized,
        extents.of_shape,
        hints.of_resize,
        in_place=True,
    ),
)
OPERATIONS: dict[str, Operation] = {operation.name: operation for operation in (*_REGULAR, *_OTHERS)}
SEED = OPERATIONS["manual_seed"]
