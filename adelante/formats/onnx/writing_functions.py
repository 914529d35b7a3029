"""Functions of one number in ONNX."""

from collections.abc import Callable
from math import log

import torch

from adelante.formats.onnx.writing_rules import Call, Rule, write

for name, op in {
    "identity": "Identity",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "relu": "Relu",
    "mish": "Mish",
    "softsign": "Softsign",
    "hardswish": "HardSwish",
    "abs": "Abs",
    "neg": "Neg",
    "exp": "Exp",
    "log": "Log",
    "sqrt": "Sqrt",
    "reciprocal": "Reciprocal",
    "erf": "Erf",
    "sign": "Sign",
    **{name: name.capitalize() for name in ("sin", "cos", "tan", "asin", "acos", "atan")},
    **{name: name.capitalize() for name in ("sinh", "cosh", "asinh", "acosh", "atanh")},
}.items():
    write(name, op)
write("hardsigmoid", "HardSigmoid", alpha=1 / 6, beta=0.5)
write("selu", "Selu", alpha=1.6732632423543772, gamma=1.0507009873554805)
write("leaky_relu", lambda call: call.add("LeakyRelu", call.operand(0), alpha=float(call.negative_slope)))
write("elu", lambda call: call.add("Elu", call.operand(0), alpha=float(call.alpha)))
write("gelu", lambda call: call.add("Gelu", call.operand(0), approximate=call.approximate))
write("silu", lambda call: call.add("Mul", call.operand(0), call.add("Sigmoid", call.operand(0))))
write("tanhshrink", lambda call: call.add("Sub", call.operand(0), call.add("Tanh", call.operand(0))))
write("square", lambda call: call.add("Mul", call.operand(0), call.operand(0)))
write("rsqrt", lambda call: call.add("Reciprocal", call.add("Sqrt", call.operand(0))))
write("erfc", lambda call: call.add("Sub", call.number(1), call.add("Erf", call.operand(0))))
write("exp2", lambda call: call.add("Pow", call.number(2), call.operand(0)))
write("log2", lambda call: call.add("Div", call.add("Log", call.operand(0)), call.number(log(2))))
write("log10", lambda call: call.add("Div", call.add("Log", call.operand(0)), call.number(log(10))))
write("pow", lambda call: call.add("Pow", call.operand(0), call.number(call.exponent)))
write("pow_of", lambda call: call.add("Pow", call.number(call.base), call.operand(0)))
write("logical_not", lambda call: call.add("Not", call.operand(0, torch.bool)))


def _celu(call: Call) -> str:
    if call.dtype == torch.float32:
        return call.add("Celu", call.operand(0), alpha=float(call.alpha))
    # ONNX has it of float32 alone: max(0, x) + min(0, alpha · (exp(x / alpha) − 1)).
    x, alpha, zero = call.operand(0), call.number(call.alpha), call.number(0)
    below = call.add("Sub", call.add("Exp", call.add("Div", x, alpha)), call.number(1))
    return call.add("Add", call.add("Max", x, zero), call.add("Min", call.add("Mul", alpha, below), zero))


def _softplus(call: Call) -> str:
    x = call.operand(0)
    scaled = x if call.beta == 1 else call.add("Mul", x, call.number(call.beta))
    soft = call.add("Softplus", scaled)
    soft = soft if call.beta == 1 else call.add("Div", soft, call.number(call.beta))
    if call.threshold >= 20:
        return soft  # From 20 on the two differ by less than 3e-9.
    return call.add("Where", call.add("Greater", scaled, call.number(call.threshold)), x, soft)


def _log_sigmoid(call: Call) -> str:
    return call.add("Neg", call.add("Softplus", call.add("Neg", call.operand(0))))


def _clipped(low: str, high: str) -> Rule:
    """Between two options, either of which may be None."""

    def rule(call: Call) -> str:
        bounds = [getattr(call, each) for each in (low, high)]
        return call.add("Clip", call.operand(0), *("" if each is None else call.number(each) for each in bounds))

    return rule


def _threshold(call: Call) -> str:
    x = call.operand(0)
    return call.add("Where", call.add("Greater", x, call.number(call.threshold)), x, call.number(call.value))


def _expm1(call: Call) -> str:
    """tanh(x / 2) · (exp(x) + 1), which loses no digits near 0."""
    x = call.operand(0)
    half = call.add("Tanh", call.add("Mul", x, call.number(0.5)))
    return call.add("Mul", half, call.add("Add", call.add("Exp", x), call.number(1)))


def _log1p(call: Call) -> str:
    """x · ln(u) / (u − 1) with u = 1 + x as it is rounded, and x where u is 1: no digits are lost near 0."""
    x, one = call.operand(0), call.number(1)
    u = call.add("Add", x, one)
    found = call.add("Div", call.add("Mul", x, call.add("Log", u)), call.add("Sub", u, one))
    return call.add("Where", call.add("Equal", u, one), x, found)


def _whole(op: str) -> Rule:
    """Whole numbers are what they are."""
    return lambda call: call.add(op if call.dtype.is_floating_point else "Identity", call.x)


def _trunc(call: Call) -> str:
    if not call.dtype.is_floating_point:
        return call.add("Identity", call.x)
    return call.add("Mul", call.add("Sign", call.x), call.add("Floor", call.add("Abs", call.x)))


def _shrunk(bias: Callable[[Call], float]) -> Rule:
    """ONNX's own takes no bfloat16, of which float32 has every number."""

    def rule(call: Call) -> str:
        wide = torch.float32 if call.dtype == torch.bfloat16 else call.dtype
        found = call.add("Shrink", call.operand(0, wide), lambd=float(call.lambd), bias=bias(call))
        return call.cast(found, wide, call.dtype)

    return rule


def _bitwise_not(call: Call) -> str:
    return call.add("Not" if call.dtype == torch.bool else "BitwiseNot", call.x)


def _number_of_its_kind(call: Call) -> str:
    """x = x, which is not so of NaN."""
    return call.add("Equal", call.x, call.x)


def _isnan(call: Call) -> str:
    floating = call.known[0].dtype.is_floating_point
    return call.add("IsNaN", call.x) if floating else call.add("Not", _number_of_its_kind(call))


def _isinf(call: Call) -> str:
    floating = call.known[0].dtype.is_floating_point
    return call.add("IsInf", call.x) if floating else call.add("Not", _number_of_its_kind(call))


def _isfinite(call: Call) -> str:
    dtype = call.known[0].dtype
    if not dtype.is_floating_point:
        return _number_of_its_kind(call)
    return call.add("Less", call.add("Abs", call.x), call.number(float("inf"), dtype))


write("celu", _celu)
write("softplus", _softplus)
write("log_sigmoid", _log_sigmoid)
write("relu6", lambda call: call.add("Clip", call.operand(0), call.number(0), call.number(6)))
write("hardtanh", _clipped("min_val", "max_val"))
write("clamp", _clipped("min", "max"))
write("hardshrink", _shrunk(lambda call: 0.0))
write("softshrink", _shrunk(lambda call: float(call.lambd)))
write("threshold", _threshold)
write("expm1", _expm1)
write("log1p", _log1p)
for name in ("floor", "ceil", "round"):
    write(name, _whole(name.capitalize()))
write("trunc", _trunc)
write("bitwise_not", _bitwise_not)
write("isnan", _isnan)
write("isinf", _isinf)
write("isfinite", _isfinite)
