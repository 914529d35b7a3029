"""Operators that work number by number: functions of one, arithmetic and comparisons of two."""

from collections.abc import Callable
from functools import reduce

import torch

from adelante.formats.onnx.operators.registry import Builder, OnnxNode, Value, reads
from adelante.formats.onnx.tensors import dtype_of
from adelante.network.operations import Operation, arithmetic, moves
from adelante.network.operations.moves import DTYPES

_NAMES = {dtype: name for name, dtype in DTYPES.items()}
# Functions of one number without attributes: the operator, and what it is here.
_ONE = {
    **{name: name.lower() for name in ("Abs", "Neg", "Exp", "Log", "Sqrt", "Reciprocal", "Floor", "Ceil", "Round")},
    **{name: name.lower() for name in ("Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh")},
    **{name: name.lower() for name in ("Atanh", "Erf", "Sign", "Sigmoid", "Tanh", "Relu", "Mish", "IsNaN")},
    "Not": "logical_not",
    "BitwiseNot": "bitwise_not",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "HardSwish": "hardswish",
}
_SELU = (1.67326319217681884765625, 1.05070102214813232421875)
_CLOSE = 1e-6


def cast(b: Builder, x: Value, dtype: torch.dtype) -> Value:
    """The same numbers as another dtype holds them; itself where they are so."""
    return x if x.dtype == dtype else b.emit(moves.Cast(_NAMES[dtype]), x)


def _function(ours: str) -> Callable[[Builder, OnnxNode, Value], Value]:
    return lambda b, node, x: b.function(ours, x)


for _name, _ours in _ONE.items():
    reads(_name)(_function(_ours))


@reads("Identity")
def _identity(b: Builder, node: OnnxNode, x: Value) -> Value:
    return x


@reads("Dropout")
def _dropout(b: Builder, node: OnnxNode, x: Value, ratio: Value | None = None, training: Value | None = None) -> Value:
    node.ignore("ratio", "seed", "is_test")
    if training is not None and b.known(training, "training_mode").any():
        node.refuse("training_mode")
    return x


@reads("IsInf")
def _isinf(b: Builder, node: OnnxNode, x: Value) -> Value:
    positive, negative = node.whole("detect_positive", 1), node.whole("detect_negative", 1)
    if positive and negative:
        return b.function("isinf", x)
    return b.function("eq", x, other=float("inf") if positive else float("-inf"))


@reads("LeakyRelu")
def _leaky_relu(b: Builder, node: OnnxNode, x: Value) -> Value:
    return b.function("leaky_relu", x, negative_slope=node.fraction("alpha", 0.01))


@reads("Elu")
def _elu(b: Builder, node: OnnxNode, x: Value) -> Value:
    return b.function("elu", x, alpha=node.fraction("alpha", 1.0))


@reads("Celu")
def _celu(b: Builder, node: OnnxNode, x: Value) -> Value:
    return b.function("celu", x, alpha=node.fraction("alpha", 1.0))


@reads("Selu")
def _selu(b: Builder, node: OnnxNode, x: Value) -> Value:
    for name, usual in zip(("alpha", "gamma"), _SELU, strict=True):
        if abs(node.fraction(name, usual) - usual) > _CLOSE:
            node.refuse(name)
    return b.function("selu", x)


@reads("ThresholdedRelu")
def _thresholded(b: Builder, node: OnnxNode, x: Value) -> Value:
    return b.function("threshold", x, threshold=node.fraction("alpha", 1.0), value=0.0)


@reads("HardSigmoid")
def _hard_sigmoid(b: Builder, node: OnnxNode, x: Value) -> Value:
    alpha, beta = node.fraction("alpha", 0.2), node.fraction("beta", 0.5)
    if abs(alpha - 1 / 6) < _CLOSE and beta == 0.5:
        return b.function("hardsigmoid", x)
    scaled = b.emit(arithmetic.Add(scalar=beta), b.emit(arithmetic.Mul(scalar=alpha), x))
    return b.function("clamp", scaled, min=0.0, max=1.0)


@reads("Gelu")
def _gelu(b: Builder, node: OnnxNode, x: Value) -> Value:
    return b.function("gelu", x, approximate=node.text("approximate", "none"))


@reads("Swish")
def _swish(b: Builder, node: OnnxNode, x: Value) -> Value:
    alpha = node.fraction("alpha", 1.0)
    if alpha == 1.0:
        return b.function("silu", x)
    return b.emit(arithmetic.Mul(), x, b.function("sigmoid", b.emit(arithmetic.Mul(scalar=alpha), x)))


@reads("Shrink")
def _shrink(b: Builder, node: OnnxNode, x: Value) -> Value:
    bias, lambd = node.fraction("bias", 0.0), node.fraction("lambd", 0.5)
    if bias not in (0.0, lambd):
        node.refuse("bias")
    return b.function("softshrink" if bias else "hardshrink", x, lambd=lambd)


@reads("Clip")
def _clip(b: Builder, node: OnnxNode, x: Value, low: Value | None = None, high: Value | None = None) -> Value:
    bounds: dict[str, float | None] = {"min": None, "max": None}
    if node.version < 11:
        bounds = {name: node.fraction(name) if node.has(name) else None for name in bounds}
    for name, bound, paired in (("min", low, "maximum"), ("max", high, "minimum")):
        if bound is not None:
            bounds[name] = b.number(bound)
            if bounds[name] is None:
                x = b.emit(arithmetic.Paired(paired), x, bound)
    if bounds == {"min": 0.0, "max": 6.0}:
        return b.function("relu6", x)
    if bounds == {"min": 0.0, "max": None} and x.floating:
        return b.function("relu", x)
    return x if set(bounds.values()) == {None} else b.function("clamp", x, **bounds)


@reads("PRelu")
def _prelu(b: Builder, node: OnnxNode, x: Value, slope: Value) -> Value:
    return b.emit(arithmetic.Paired("prelu"), x, slope)


@reads("Cast")
def _cast(b: Builder, node: OnnxNode, x: Value) -> Value:
    node.ignore("saturate", "round_mode")
    return cast(b, x, dtype_of(node.whole("to"), "Cast"))


@reads("CastLike")
def _cast_like(b: Builder, node: OnnxNode, x: Value, like: Value) -> Value:
    node.ignore("saturate", "round_mode")
    return cast(b, x, like.dtype)


# ---- two numbers ----


def scalar_of(b: Builder, value: Value, other: Value) -> float | None:
    """The number that stands for a tensor of one, which changes neither the other's shape nor its dtype."""
    fits = value.rank <= other.rank and value.dtype == other.dtype and other.constant is None
    return b.number(value) if fits else None


def _arithmetic(b: Builder, operation: Callable[..., Operation], x: Value, y: Value, *, turns: bool = True) -> Value:
    """x and y by an operation that takes a number for the second; `turns` says that x · y is y · x."""
    number = scalar_of(b, y, x)
    if number is not None:
        return b.emit(operation(scalar=number), x)
    number = scalar_of(b, x, y) if turns else None
    return b.emit(operation(scalar=number), y) if number is not None else b.emit(operation(), x, y)


@reads("Add")
def add(b: Builder, node: OnnxNode, x: Value, y: Value) -> Value:
    """x + y."""
    return _arithmetic(b, arithmetic.Add, x, y)


@reads("Mul")
def mul(b: Builder, node: OnnxNode, x: Value, y: Value) -> Value:
    """x · y."""
    return _arithmetic(b, arithmetic.Mul, x, y)


@reads("Sub")
def _sub(b: Builder, node: OnnxNode, x: Value, y: Value) -> Value:
    number = scalar_of(b, x, y)
    if number is not None:
        return b.emit(arithmetic.Sub(scalar=number, reverse=True), y)
    return _arithmetic(b, arithmetic.Sub, x, y, turns=False)


@reads("Div")
def _div(b: Builder, node: OnnxNode, x: Value, y: Value) -> Value:
    if x.floating:
        return _arithmetic(b, arithmetic.Div, x, y, turns=False)
    # Of whole numbers, what follows the point is cut off.
    rest = b.emit(arithmetic.Paired("fmod_of"), x, y)
    return b.emit(arithmetic.Paired("floor_divide_by"), b.emit(arithmetic.Sub(), x, rest), y)


@reads("Pow")
def _pow(b: Builder, node: OnnxNode, x: Value, exponent: Value) -> Value:
    number = b.number(exponent)
    if number is not None and exponent.rank <= x.rank and x.constant is None and x.floating:
        return b.function("pow", x, exponent=float(number))
    return cast(b, b.emit(arithmetic.Paired("pow_to"), x, exponent), x.dtype)


@reads("Mod")
def _mod(b: Builder, node: OnnxNode, x: Value, y: Value) -> Value:
    return b.emit(arithmetic.Paired("fmod_of" if node.whole("fmod") else "remainder_of"), x, y)


def _compared(of_number: str, of_tensors: str) -> Callable[[Builder, OnnxNode, Value, Value], Value]:
    def translation(b: Builder, node: OnnxNode, x: Value, y: Value) -> Value:
        number = scalar_of(b, y, x)
        if number is not None:
            return b.function(of_number, x, other=number)
        return b.emit(arithmetic.Paired(of_tensors), x, y)

    return translation


for _operator, _short, _long in (
    ("Equal", "eq", "eq_to"),
    ("Greater", "gt", "gt_than"),
    ("GreaterOrEqual", "ge", "ge_than"),
    ("Less", "lt", "lt_than"),
    ("LessOrEqual", "le", "le_than"),
):
    reads(_operator)(_compared(_short, _long))


def _paired(name: str) -> Callable[[Builder, OnnxNode, Value, Value], Value]:
    return lambda b, node, x, y: b.emit(arithmetic.Paired(name), x, y)


for _operator, _ours in (
    *(("And", "logical_and"), ("Or", "logical_or"), ("Xor", "logical_xor")),
    *(("BitwiseAnd", "bitwise_and"), ("BitwiseOr", "bitwise_or"), ("BitwiseXor", "bitwise_xor")),
):
    reads(_operator)(_paired(_ours))


def _extreme(b: Builder, paired: str, bound: str, operands: tuple[Value, ...]) -> Value:
    def of_two(x: Value, y: Value) -> Value:
        for one, other in ((x, y), (y, x)):
            number = scalar_of(b, one, other)
            if number is not None:
                return b.function("clamp", other, **{bound: number})
        return b.emit(arithmetic.Paired(paired), x, y)

    return reduce(of_two, operands)


@reads("Max")
def _max(b: Builder, node: OnnxNode, x: Value, *others: Value) -> Value:
    return _extreme(b, "maximum", "min", (x, *others))


@reads("Min")
def _min(b: Builder, node: OnnxNode, x: Value, *others: Value) -> Value:
    return _extreme(b, "minimum", "max", (x, *others))


@reads("Sum")
def _sum(b: Builder, node: OnnxNode, x: Value, *others: Value) -> Value:
    return reduce(lambda x, y: add(b, node, x, y), others, x)


@reads("Mean")
def _mean(b: Builder, node: OnnxNode, x: Value, *others: Value) -> Value:
    return b.emit(arithmetic.Div(scalar=1 + len(others)), _sum(b, node, x, *others))
