"""Operators with weights: matrix products, dense layers, convolutions."""

from collections.abc import Callable, Sequence
from typing import Any

from adelante.formats.onnx.operators.registry import Builder, OnnxNode, Value, given, reads
from adelante.formats.onnx.operators.windows import padded, pads_of, symmetrical
from adelante.formats.onnx.refusals import Refused
from adelante.formats.onnx.values import product as of_all
from adelante.network.operations import Operation, arithmetic, conv, dense, matmul, moves, slices


@reads("MatMul")
def product(b: Builder, node: OnnxNode, x: Value, y: Value) -> Value:
    """x @ y: a dense layer where y is a matrix that the file says."""
    if y.constant is not None and y.rank == 2 and x.constant is None and x.rank >= 1 and x.floating:
        return b.emit(dense.Dense(), x, y)
    return b.emit(matmul.Matmul(), x, y)


def turned(b: Builder, matrix: Value) -> Value:
    """The matrix with rows for columns."""
    return b.emit(moves.Transpose(0, 1), matrix)


def row_of(b: Builder, biases: Value, width: int) -> Value | None:
    """Biases (width,) of what broadcasts to them; None where that is more than a row."""
    if biases.constant is None:
        return None
    found = biases.constant
    row = found.shape[-1:] in ((width,), (1,), ()) and found.numel() == (found.shape[-1] if found.dim() else 1)
    if not row:
        return None
    if found.shape == (width,):
        return biases
    return b.constant(found.reshape(-1).expand(width).contiguous(), biases.name)


@reads("Gemm")
def _gemm(b: Builder, node: OnnxNode, x: Value, y: Value, biases: Value | None = None) -> Value:
    alpha, beta = node.fraction("alpha", 1.0), node.fraction("beta", 1.0)
    x = turned(b, x) if node.whole("transA") else x
    y = turned(b, y) if node.whole("transB") else y
    if biases is not None and beta != 1.0:
        biases = b.emit(arithmetic.Mul(scalar=beta), biases)
    if y.constant is not None and x.constant is None and y.rank == 2:
        y = b.emit(arithmetic.Mul(scalar=alpha), y) if alpha != 1.0 else y
        row = None if biases is None else row_of(b, biases, y.metas[0].shape[1])
        found = b.emit(dense.Dense(), *given(x, y, row))
        return found if row is not None or biases is None else b.emit(arithmetic.Add(), found, biases)
    found = b.emit(matmul.Matmul(), x, y)
    found = b.emit(arithmetic.Mul(scalar=alpha), found) if alpha != 1.0 else found
    return found if biases is None else b.emit(arithmetic.Add(), found, biases)


_CONVOLUTIONS: tuple[Callable[..., Operation], ...] = (conv.Conv1d, conv.Conv2d, conv.Conv3d)
_TRANSPOSED: tuple[Callable[..., Operation], ...] = (conv.ConvTranspose1d, conv.ConvTranspose2d, conv.ConvTranspose3d)


def _window(node: OnnxNode, weights: Value) -> tuple[list[int], list[int], list[int]]:
    """Kernel, strides and dilations. Raises Refused where there is no convolution of so many dimensions."""
    kernel = list(weights.metas[0].shape[2:])
    if not 1 <= len(kernel) <= 3 or node.wholes("kernel_shape") not in (None, kernel):
        node.refuse("kernel_shape")
    ones = [1] * len(kernel)
    return kernel, node.wholes("strides") or ones, node.wholes("dilations") or ones


@reads("Conv")
def _conv(b: Builder, node: OnnxNode, x: Value, weights: Value, biases: Value | None = None) -> Value:
    kernel, strides, dilations = _window(node, weights)
    pads = pads_of(b, node, x, kernel, strides, dilations)
    sides = symmetrical(pads)
    if sides is None:
        x, sides = padded(b, x, pads, 0.0), (0,) * len(kernel)
    make = _CONVOLUTIONS[len(kernel) - 1]
    operation = make(tuple(strides), sides, tuple(dilations), node.whole("group", 1))
    return b.emit(operation, *given(x, weights, biases))


@reads("ConvTranspose")
def _conv_transpose(b: Builder, node: OnnxNode, x: Value, weights: Value, biases: Value | None = None) -> Value:
    kernel, strides, dilations = _window(node, weights)
    dims = len(kernel)
    extra = node.wholes("output_padding") or [0] * dims
    pads = _taken_off(b, node, x, [kernel, strides, dilations, extra])
    groups, sides = node.whole("group", 1), symmetrical(pads)
    make = _TRANSPOSED[dims - 1]
    if sides is not None and min(sides) >= 0:
        operation = make(tuple(strides), sides, tuple(extra), groups, tuple(dilations))
        return b.emit(operation, *given(x, weights, biases))
    if any(more > end for more, end in zip(extra, pads[dims:], strict=True)) or min(pads) < 0:
        raise Refused("onnx-attribute", attribute="pads", value=str(pads))
    found = b.emit(make(tuple(strides), (0,) * dims, (0,) * dims, groups, tuple(dilations)), *given(x, weights, biases))
    for d in range(dims):
        size = b.fixed_size(found, 2 + d)
        found = b.emit(slices.Slice(2 + d, pads[d], size - pads[dims + d] + extra[d]), found)
    return found


def _taken_off(b: Builder, node: OnnxNode, x: Value, window: Sequence[list[int]]) -> list[int]:
    """What a transposed convolution leaves out at the beginning and the end of each dimension."""
    kernel, strides, dilations, extra = window
    way, shape = node.text("auto_pad", "NOTSET"), node.wholes("output_shape")
    dims = len(kernel)
    if shape is None and way in ("NOTSET", "VALID"):
        return node.wholes("pads") or [0] * (2 * dims)
    node.ignore("pads")
    begins, ends = [], []
    for d in range(dims):
        size = b.fixed_size(x, 2 + d)
        wanted = size * strides[d] if shape is None else shape[-dims:][d]
        total = strides[d] * (size - 1) + extra[d] + (kernel[d] - 1) * dilations[d] + 1 - wanted
        first = total // 2 if way == "SAME_UPPER" else total - total // 2
        begins.append(first)
        ends.append(total - first)
    return begins + ends


@reads("Einsum")
def _einsum(b: Builder, node: OnnxNode, *operands: Value) -> Value:
    """Products of two tensors whose letters stand for dimensions, as one matrix product between moves."""
    equation = node.text("equation").replace(" ", "")
    left, arrow, result = equation.partition("->")
    terms = left.split(",")
    letters = [each for term in terms for each in term]
    plain = arrow and equation.replace(",", "").replace("->", "").isalpha() and len(terms) == len(operands) == 2
    if not plain or any(len(set(each)) < len(each) for each in (*terms, result)) or set(result) - set(letters):
        raise Refused("onnx-attribute", attribute="equation", value=equation)
    x, y = operands
    first, second = terms
    for term in terms:
        alone = set(term) - set("".join(each for each in terms if each is not term)) - set(result)
        if alone:
            raise Refused("onnx-attribute", attribute="equation", value=equation)
    both = [each for each in first if each in second and each in result]
    inner = [each for each in first if each in second and each not in result]
    rows, columns = ([each for each in term if each not in other] for term, other in ((first, second), (second, first)))
    sizes = dict(zip(first + second, (*b.shape(x), *b.shape(y)), strict=False))
    x = _joined(b, x, first, both, rows, inner)
    y = _joined(b, y, second, both, inner, columns)
    found = b.emit(matmul.Matmul(), x, y)
    found = b.emit(moves.Reshape(tuple(sizes[each] for each in (*both, *rows, *columns))), found)
    order = (*both, *rows, *columns)
    return b.emit(moves.Permute(tuple(order.index(each) for each in result)), found)


def _joined(b: Builder, x: Value, term: str, both: list[str], rows: list[str], columns: list[str]) -> Value:
    """The tensor with its dimensions in this order, those of rows and of columns each as one."""
    moved = b.emit(moves.Permute(tuple(term.index(each) for each in (*both, *rows, *columns))), x)
    shape: dict[str, Any] = dict(zip(term, b.shape(x), strict=True))
    sizes = [*(shape[each] for each in both), of_all([shape[r] for r in rows]), of_all([shape[c] for c in columns])]
    return b.emit(moves.Reshape(tuple(sizes)), moved)
