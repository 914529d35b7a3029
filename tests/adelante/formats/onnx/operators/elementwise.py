"""Operators of one number after another, or of two at the same place."""

from typing import Any

import numpy as np
from hypothesis import strategies as st
from onnx import TensorProto

from tests.adelante.formats.onnx.operators.cases import SEEDS, SHAPE, Case, Draw, case, numbers, truths, wholes


@case(
    "Abs", "Neg", "Exp", "Floor", "Ceil", "Round", "Sin", "Cos", "Tan", "Atan", "Sinh", "Cosh", "Asinh", "Erf", "Sign"
)
def _one(draw: Draw, name: str) -> Case:
    return Case({"x": numbers(draw(SHAPE), draw(SEEDS))})


@case("Sigmoid", "Tanh", "Relu", "Softplus", "Softsign", "Identity")
def _activation(draw: Draw, name: str) -> Case:
    return Case({"x": numbers(draw(SHAPE), draw(SEEDS), -5, 5)}, opset=draw(st.sampled_from((9, 13, 22))))


@case("HardSwish", "Mish")
def _later_activation(draw: Draw, name: str) -> Case:
    return Case({"x": numbers(draw(SHAPE), draw(SEEDS), -5, 5)}, opset=18)


@case("Log", "Sqrt", "Reciprocal")
def _positive(draw: Draw, name: str) -> Case:
    return Case({"x": numbers(draw(SHAPE), draw(SEEDS), 0.1, 3)})


@case("Asin", "Acos", "Atanh")
def _within_one(draw: Draw, name: str) -> Case:
    return Case({"x": numbers(draw(SHAPE), draw(SEEDS), -0.9, 0.9)})


@case("Acosh")
def _above_one(draw: Draw, name: str) -> Case:
    return Case({"x": numbers(draw(SHAPE), draw(SEEDS), 1.1, 4)})


@case("Not")
def _not(draw: Draw, name: str) -> Case:
    return Case({"x": truths(draw(SHAPE), draw(SEEDS))})


@case("BitwiseNot")
def _bits(draw: Draw, name: str) -> Case:
    return Case({"x": wholes(draw(SHAPE), draw(SEEDS))}, opset=18)


@case("IsNaN", "IsInf")
def _special(draw: Draw, name: str) -> Case:
    x = numbers((2, 4), draw(SEEDS))
    x[0, :3] = (np.nan, np.inf, -np.inf)
    signs = {"detect_positive": draw(st.integers(0, 1)), "detect_negative": 1} if name == "IsInf" else {}
    return Case({"x": x}, attributes=signs, opset=20)


@case("LeakyRelu", "Elu", "Celu", "ThresholdedRelu")
def _slopes(draw: Draw, name: str) -> Case:
    attributes = draw(st.sampled_from(({}, {"alpha": 0.25}, {"alpha": 1.5})))
    return Case({"x": numbers(draw(SHAPE), draw(SEEDS))}, attributes=attributes)


@case("Selu")
def _selu(draw: Draw, name: str) -> Case:
    return Case({"x": numbers(draw(SHAPE), draw(SEEDS))})


@case("HardSigmoid")
def _hard(draw: Draw, name: str) -> Case:
    attributes = draw(st.sampled_from(({}, {"alpha": 1 / 6}, {"alpha": 0.4, "beta": 0.1})))
    return Case({"x": numbers(draw(SHAPE), draw(SEEDS), -5, 5)}, attributes=attributes)


@case("Gelu")
def _gelu(draw: Draw, name: str) -> Case:
    attributes = {"approximate": draw(st.sampled_from(("none", "tanh")))}
    return Case({"x": numbers(draw(SHAPE), draw(SEEDS))}, attributes=attributes, opset=20)


@case("Swish")
def _swish(draw: Draw, name: str) -> Case:
    attributes = draw(st.sampled_from(({}, {"alpha": 1.7})))
    return Case({"x": numbers(draw(SHAPE), draw(SEEDS))}, attributes=attributes, opset=24)


@case("Shrink")
def _shrink(draw: Draw, name: str) -> Case:
    attributes = draw(st.sampled_from(({}, {"lambd": 0.7, "bias": 0.7}, {"lambd": 0.3})))
    return Case({"x": numbers(draw(SHAPE), draw(SEEDS))}, attributes=attributes)


@case("Clip")
def _clip(draw: Draw, name: str) -> Case:
    x = numbers(draw(SHAPE), draw(SEEDS))
    if draw(st.booleans()):
        return Case({"x": x}, attributes={"min": -0.5, "max": 1.0}, opset=7)
    low, high = draw(st.sampled_from(((-0.5, 1.0), (0.0, 6.0), (0.0, None), (None, 0.3))))
    known = {name: np.float32(each) for name, each in (("low", low), ("high", high)) if each is not None}
    return Case({"x": x}, known, order=["x", *(name if name in known else "" for name in ("low", "high"))])


@case("PRelu")
def _prelu(draw: Draw, name: str) -> Case:
    x = numbers((2, 3, 4), draw(SEEDS))
    return Case({"x": x}, {"slope": numbers(draw(st.sampled_from(((1,), (3, 1), (3, 4)))), 1)})


@case("Dropout")
def _dropout(draw: Draw, name: str) -> Case:
    return Case({"x": numbers(draw(SHAPE), draw(SEEDS))}, {"ratio": np.float32(0.3)})


@case("Cast")
def _cast(draw: Draw, name: str) -> Case:
    x = numbers(draw(SHAPE), draw(SEEDS))
    to = draw(st.sampled_from((TensorProto.INT64, TensorProto.DOUBLE, TensorProto.BOOL, TensorProto.FLOAT)))
    return Case({"x": x}, attributes={"to": to})


@case("CastLike")
def _cast_like(draw: Draw, name: str) -> Case:
    return Case({"x": numbers(draw(SHAPE), draw(SEEDS))}, {"like": np.zeros(1, "i8")})


def pair(draw: Draw, *, whole: bool = False) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two tensors that broadcast, both given, or the second known, or the first."""
    x, y = draw(st.sampled_from((((2, 3), (2, 3)), ((2, 3), (3,)), ((4, 2, 1), (2, 3)), ((2, 3), ()), ((2, 3), (1,)))))
    make: Any = (lambda s, k: wholes(s, k, 1, 9)) if whole else (lambda s, k: numbers(s, k, 0.2, 3))
    first, second = make(x, draw(SEEDS)), make(y, draw(SEEDS))
    return ({"x": first, "y": second}, {}) if draw(st.booleans()) else ({"x": first}, {"y": second})


@case("Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum", "Mean", "Equal", "Greater", "Less")
def _two(draw: Draw, name: str) -> Case:
    if draw(st.booleans()):
        x, y = numbers((2, 3), draw(SEEDS), 0.2, 3), numbers((3,), 1, 0.2, 3)
        return Case({"x": x}, {"y": y}, order=["y", "x"])
    return Case(*pair(draw))


@case("GreaterOrEqual", "LessOrEqual")
def _ordered(draw: Draw, name: str) -> Case:
    return Case(*pair(draw, whole=True))


@case("Mod")
def _mod(draw: Draw, name: str) -> Case:
    whole = draw(st.booleans())
    return Case(*pair(draw, whole=whole), attributes={} if whole else {"fmod": 1})


@case("And", "Or", "Xor")
def _logic(draw: Draw, name: str) -> Case:
    return Case({"x": truths((2, 3), draw(SEEDS)), "y": truths((3,), draw(SEEDS))})


@case("BitwiseAnd", "BitwiseOr", "BitwiseXor")
def _bits_of_two(draw: Draw, name: str) -> Case:
    return Case({"x": wholes((2, 3), draw(SEEDS)), "y": wholes((3,), draw(SEEDS))}, opset=18)


@case("Where")
def _where(draw: Draw, name: str) -> Case:
    condition, x = truths((2, 3), draw(SEEDS)), numbers((2, 3), draw(SEEDS))
    other = draw(st.sampled_from((np.float32(0.5), numbers((3,), 1))))
    return Case({"c": condition, "x": x}, {"y": other}, order=draw(st.sampled_from((["c", "x", "y"], ["c", "y", "x"]))))
