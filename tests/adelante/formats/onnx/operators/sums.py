"""Operators that add up: products of matrices, windows, normalisations, reductions, recurrent layers."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.adelante.formats.onnx.operators.cases import (
    SEEDS,
    Case,
    Draw,
    case,
    numbers,
    wholes,
)


@case("MatMul")
def _matmul(draw: Draw, name: str) -> Case:
    x, y = draw(st.sampled_from((((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((5, 2, 3), (5, 3, 4)), ((3,), (3, 4)))))
    a, b = numbers(x, draw(SEEDS)), numbers(y, draw(SEEDS))
    return Case({"a": a}, {"b": b}) if draw(st.booleans()) else Case({"a": a, "b": b})


@case("Gemm")
def _gemm(draw: Draw, name: str) -> Case:
    left, right = draw(st.booleans()), draw(st.booleans())
    a, b = numbers((3, 2) if left else (2, 3), draw(SEEDS)), numbers((4, 3) if right else (3, 4), draw(SEEDS))
    c = numbers(draw(st.sampled_from(((4,), (1, 4), (2, 4), (2, 1), (1,), ()))), 1)
    attributes = {"transA": int(left), "transB": int(right), **draw(st.sampled_from(({}, {"alpha": 0.5, "beta": 2.0})))}
    known = {"b": b, "c": c} if draw(st.booleans()) else {"b": b}
    return Case({"a": a}, known, attributes)


@case("Einsum")
def _einsum(draw: Draw, name: str) -> Case:
    equation = draw(st.sampled_from(("bij,bjk->bik", "bhid,bhjd->bhij", "bij,kj->bik", "i,j->ij")))
    sizes = dict(zip("bhijkd", (2, 3, 4, 5, 2, 3), strict=True))
    shapes = [tuple(sizes[each] for each in term) for term in equation.split("->")[0].split(",")]
    inputs = {name: numbers(shape, draw(SEEDS)) for name, shape in zip("xy", shapes, strict=True)}
    return Case(inputs, attributes={"equation": equation})


def window(draw: Draw, dims: int, *, dilated: bool = True) -> dict[str, Any]:
    kernel = [draw(st.integers(1, 3)) for _ in range(dims)]
    found: dict[str, Any] = {"kernel_shape": kernel, "strides": [draw(st.integers(1, 2)) for _ in range(dims)]}
    if dilated:
        found["dilations"] = [draw(st.integers(1, 2)) for _ in range(dims)]
    way = draw(st.sampled_from(("same", "different", "SAME_UPPER", "SAME_LOWER", "VALID", "none")))
    if way == "same":
        found["pads"] = [side // 2 for side in kernel] * 2
    elif way == "different":
        found["pads"] = [0] * dims + [side - 1 for side in kernel]
    elif way != "none":
        found["auto_pad"] = way
        # onnxruntime's pooling then counts the window without its gaps.
        found.pop("dilations", None)
    return found


@case("Conv")
def _conv(draw: Draw, name: str) -> Case:
    dims, groups = draw(st.integers(1, 3)), draw(st.sampled_from((1, 2)))
    attributes = window(draw, dims)
    x = numbers((2, 4, *[7] * dims), draw(SEEDS))
    w = numbers((6, 4 // groups, *attributes["kernel_shape"]), draw(SEEDS))
    known = {"w": w, "b": numbers((6,), 1)} if draw(st.booleans()) else {"w": w}
    return Case({"x": x}, known, {**attributes, "group": groups})


@case("ConvTranspose")
def _conv_transpose(draw: Draw, name: str) -> Case:
    dims = draw(st.integers(1, 2))
    kernel = [3] * dims
    strides = [draw(st.integers(1, 2))] * dims
    pads = draw(st.sampled_from(([0] * 2 * dims, [1] * 2 * dims, [0] * dims + [1] * dims)))
    attributes: dict[str, Any] = {"kernel_shape": kernel, "strides": strides, "pads": pads}
    if strides[0] == 2 and draw(st.booleans()):
        attributes["output_padding"] = [1] * dims
        attributes["pads"] = [1] * 2 * dims
    x, w = numbers((2, 3, *[4] * dims), draw(SEEDS)), numbers((3, 2, *kernel), draw(SEEDS))
    return Case({"x": x}, {"w": w, "b": numbers((2,), 1)}, attributes)


@case("MaxPool")
def _max_pool(draw: Draw, name: str) -> Case:
    dims = draw(st.integers(1, 3))
    return Case({"x": numbers((2, 3, *[7] * dims), draw(SEEDS))}, attributes=window(draw, dims))


@case("AveragePool")
def _average_pool(draw: Draw, name: str) -> Case:
    dims = draw(st.integers(1, 3))
    attributes = {**window(draw, dims, dilated=False), "count_include_pad": draw(st.integers(0, 1))}
    return Case({"x": numbers((2, 3, *[7] * dims), draw(SEEDS))}, attributes=attributes)


@case("GlobalAveragePool", "GlobalMaxPool")
def _global(draw: Draw, name: str) -> Case:
    return Case({"x": numbers((2, 3, *[4] * draw(st.integers(1, 3))), draw(SEEDS))})


@case("LRN")
def _lrn(draw: Draw, name: str) -> Case:
    size = draw(st.sampled_from((1, 3, 5)))
    return Case({"x": numbers((2, 6, 3, 3), draw(SEEDS))}, attributes={"size": size, "alpha": 0.2, "bias": 1.5})


@case("BatchNormalization")
def _batch_norm(draw: Draw, name: str) -> Case:
    x = numbers((2, 3, *draw(st.sampled_from(((), (4,), (4, 4))))), draw(SEEDS))
    known = {"s": numbers((3,), 1), "b": numbers((3,), 2), "m": numbers((3,), 3), "v": numbers((3,), 4, 0.5, 2)}
    return Case({"x": x}, known, {"epsilon": 1e-3}, draw(st.sampled_from((9, 15))))


@case("InstanceNormalization")
def _instance_norm(draw: Draw, name: str) -> Case:
    return Case({"x": numbers((2, 3, 4, 4), draw(SEEDS))}, {"s": numbers((3,), 1), "b": numbers((3,), 2)})


@case("LayerNormalization", "RMSNormalization")
def _layer_norm(draw: Draw, name: str) -> Case:
    axis = draw(st.sampled_from((-1, 1, 2)))
    shape = (3, 4) if axis == 1 else (4,)
    known = {"s": numbers(shape, 1)} | ({"b": numbers(shape, 2)} if name == "LayerNormalization" else {})
    return Case({"x": numbers((2, 3, 4), draw(SEEDS))}, known, {"axis": axis}, 23)


@case("GroupNormalization")
def _group_norm(draw: Draw, name: str) -> Case:
    opset = draw(st.sampled_from((18, 21)))
    known = {"s": numbers((2 if opset == 18 else 4,), 1), "b": numbers((2 if opset == 18 else 4,), 2)}
    return Case({"x": numbers((2, 4, 3, 3), draw(SEEDS))}, known, {"num_groups": 2}, opset)


@case("MeanVarianceNormalization")
def _mean_variance(draw: Draw, name: str) -> Case:
    return Case({"x": numbers((2, 3, 4, 4), draw(SEEDS))}, attributes=draw(st.sampled_from(({}, {"axes": [1, 2, 3]}))))


@case("LpNormalization")
def _lp_norm(draw: Draw, name: str) -> Case:
    return Case({"x": numbers((2, 3, 4), draw(SEEDS))}, attributes={"p": draw(st.sampled_from((1, 2))), "axis": 1})


@case("Softmax", "LogSoftmax")
def _softmax(draw: Draw, name: str) -> Case:
    attributes = draw(st.sampled_from(({}, {"axis": 1}, {"axis": 2}, {"axis": 0})))
    return Case({"x": numbers((2, 3, 4), draw(SEEDS))}, attributes=attributes, opset=draw(st.sampled_from((11, 13))))


@case("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare")
def _reduce(draw: Draw, name: str) -> Case:
    axes, keep = draw(st.sampled_from(([1], [0, 2], [-1], None))), {"keepdims": draw(st.integers(0, 1))}
    x = numbers((2, 3, 4), draw(SEEDS))
    if draw(st.booleans()) and axes is None:
        return Case({"x": numbers((), draw(SEEDS))}, attributes=keep, opset=18)
    if draw(st.booleans()) and axes is None:
        return Case({"x": x}, attributes=keep | {"noop_with_empty_axes": 1}, opset=18)
    if draw(st.booleans()):
        return Case({"x": x}, attributes=keep | ({"axes": axes} if axes else {}), opset=11)
    return Case({"x": x}, {"axes": np.array(axes)} if axes else {}, keep, 18)


@case("ReduceLogSum", "ReduceLogSumExp")
def _reduce_log(draw: Draw, name: str) -> Case:
    keep = {"keepdims": draw(st.integers(0, 1)), "axes": draw(st.sampled_from(([1], [0, 2])))}
    return Case({"x": numbers((2, 3, 4), draw(SEEDS), 0.1, 2)}, attributes=keep, opset=11)


@case("ArgMax", "ArgMin")
def _arg(draw: Draw, name: str) -> Case:
    attributes = draw(st.sampled_from(({}, {"axis": -2}, {"keepdims": 0}, {"axis": 2, "keepdims": 1})))
    return Case({"x": numbers((2, 3, 4), draw(SEEDS))}, attributes=attributes)


@case("TopK")
def _top_k(draw: Draw, name: str) -> Case:
    attributes = {"axis": draw(st.integers(-2, 2)), "largest": draw(st.integers(0, 1))}
    return Case({"x": numbers((2, 3, 4), draw(SEEDS))}, {"k": np.array([2])}, attributes, outputs=2)


@case("CumSum")
def _cumsum(draw: Draw, name: str) -> Case:
    attributes = {"exclusive": draw(st.integers(0, 1)), "reverse": draw(st.integers(0, 1))}
    return Case({"x": numbers((2, 3, 4), draw(SEEDS))}, {"axis": np.int64(draw(st.integers(-2, 2)))}, attributes)


@case("CumProd")
def _cumprod(draw: Draw, name: str) -> Case:
    known = {"axis": np.int64(draw(st.integers(-2, 2)))}
    return Case({"x": numbers((2, 3, 4), draw(SEEDS))}, known, {"reverse": draw(st.integers(0, 1))}, opset=26)


@case("OneHot")
def _one_hot(draw: Draw, name: str) -> Case:
    known = {"depth": np.int64(4), "values": np.array([-1, 2], "f4")}
    return Case({"x": wholes((2, 3), draw(SEEDS), 0, 4)}, known, {"axis": draw(st.sampled_from((-1, 0, 1)))})


@case("LSTM", "GRU", "RNN")
def _recurrent(draw: Draw, name: str) -> Case:
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[name]
    way = draw(st.sampled_from(("forward", "reverse", "bidirectional")))
    count, seed = (2 if way == "bidirectional" else 1), draw(SEEDS)
    known = {"w": numbers((count, gates * 3, 2), seed), "r": numbers((count, gates * 3, 3), seed + 1)}
    if draw(st.booleans()):
        known["b"] = numbers((count, 2 * gates * 3), seed + 2)
    attributes = {"hidden_size": 3, "direction": way}
    if name == "GRU":
        attributes["linear_before_reset"] = draw(st.integers(0, 1))
    return Case({"x": numbers((4, 2, 2), seed)}, known, attributes, 14, 3 if name == "LSTM" else 2)
