"""ATen's operations that work number by number."""

from typing import Any

from adelante.network.operations import arithmetic, functions, made, moves
from adelante.tracing.aten.registry import ATEN, Builder, Refused, Translation, dtype_name, stands_for

# Functions of one number. ATen's own name where the table's differs.
_ONE = {
    **{name: name for name in functions.FUNCTIONS if not functions.FUNCTIONS[name].defaults},
}


def _function(name: str) -> Translation:
    def translation(b: Builder, x: str, *options: Any, **named: Any) -> str:
        if options or named:
            raise Refused(f"{name} with options of its own")
        return b.emit(functions.Function.named(name), x)

    return translation


for _name, _ours in _ONE.items():
    ATEN[_name] = ATEN[f"{_name}_"] = _function(_ours)


@stands_for("round", "round_")
def _round(b: Builder, x: str, *, decimals: int = 0) -> str:
    """Rounded once the point is moved; moved back again, which torch does as a division of one or the other."""
    if decimals == 0:
        return b.emit(functions.Function.named("round"), x)
    power = float(10 ** abs(decimals))
    there, back = (arithmetic.Mul, arithmetic.Div) if decimals > 0 else (arithmetic.Div, arithmetic.Mul)
    whole = b.emit(functions.Function.named("round"), b.emit(there(scalar=power), x))
    return b.emit(back(scalar=power), whole)


@stands_for("leaky_relu", "leaky_relu_")
def _leaky_relu(b: Builder, x: str, negative_slope: float = 0.01) -> str:
    return b.emit(functions.Function.named("leaky_relu", negative_slope=negative_slope), x)


@stands_for("elu", "elu_")
def _elu(b: Builder, x: str, alpha: float = 1.0, scale: float = 1.0, input_scale: float = 1.0) -> str:
    if (scale, input_scale) != (1.0, 1.0):
        raise Refused("elu with a scale of its own")
    return b.emit(functions.Function.named("elu", alpha=alpha), x)


@stands_for("celu", "celu_")
def _celu(b: Builder, x: str, alpha: float = 1.0) -> str:
    return b.emit(functions.Function.named("celu", alpha=alpha), x)


@stands_for("gelu")
def _gelu(b: Builder, x: str, approximate: str = "none") -> str:
    return b.emit(functions.Function.named("gelu", approximate=approximate), x)


@stands_for("softplus")
def _softplus(b: Builder, x: str, beta: float = 1.0, threshold: float = 20.0) -> str:
    return b.emit(functions.Function.named("softplus", beta=beta, threshold=threshold), x)


@stands_for("hardtanh", "hardtanh_")
def _hardtanh(b: Builder, x: str, min_val: float = -1.0, max_val: float = 1.0) -> str:
    if (min_val, max_val) == (0.0, 6.0):
        return b.emit(functions.Function.named("relu6"), x)
    return b.emit(functions.Function.named("hardtanh", min_val=min_val, max_val=max_val), x)


def _shrink(name: str) -> Translation:
    return lambda b, x, lambd=0.5: b.emit(functions.Function.named(name, lambd=lambd), x)


ATEN["hardshrink"], ATEN["softshrink"] = _shrink("hardshrink"), _shrink("softshrink")


@stands_for("rrelu_with_noise", "rrelu_with_noise_functional")
def _rrelu(
    b: Builder, x: str, noise: str, lower: float = 0.125, upper: float = 1 / 3, training: bool = False, *_: Any
) -> Any:
    """In inference its slope is the mean of the two."""
    if training:
        raise Refused("rrelu in training")
    return _leaky_relu(b, x, (lower + upper) / 2), None


@stands_for("threshold", "threshold_")
def _threshold(b: Builder, x: str, threshold: float, value: float) -> str:
    return b.emit(functions.Function.named("threshold", threshold=threshold, value=value), x)


@stands_for("clamp", "clamp_", "clip")
def _clamp(b: Builder, x: str, min: Any = None, max: Any = None) -> str:
    if isinstance(min, str) or isinstance(max, str):
        for bound, paired in ((min, "maximum"), (max, "minimum")):
            if isinstance(bound, str):
                x = b.emit(arithmetic.Paired(paired), x, bound)
            elif bound is not None:
                x = b.emit(functions.Function.named("clamp", **{"min" if paired == "maximum" else "max": bound}), x)
        return x
    return b.emit(functions.Function.named("clamp", min=min, max=max), x)


@stands_for("clamp_min")
def _clamp_min(b: Builder, x: str, min: float) -> str:
    return _clamp(b, x, min)


@stands_for("clamp_max")
def _clamp_max(b: Builder, x: str, max: float) -> str:
    return _clamp(b, x, None, max)


@stands_for("prelu", "_prelu_kernel")
def _prelu(b: Builder, x: str, slope: str) -> str:
    shape = b.shape(slope)
    rank = len(b.shape(x))
    if len(shape) == 1 and rank > 2 and shape != (1,):
        slope = b.own_slopes(slope, rank) or b.emit(moves.Reshape((*shape, *(1,) * (rank - 2))), slope)
    return b.emit(arithmetic.Paired("prelu"), x, slope)


def _or_scalar(of_number: str, of_tensors: str) -> Translation:
    def translation(b: Builder, x: str, y: Any) -> str:
        if isinstance(y, str):
            return b.emit(arithmetic.Paired(of_tensors), x, y)
        options = dict(zip(functions.FUNCTIONS[of_number].defaults, (y,), strict=True))
        return b.emit(functions.Function.named(of_number, **options), x)

    return translation


for _one, _two in (
    ("eq", "eq_to"),
    ("ne", "ne_to"),
    ("lt", "lt_than"),
    ("le", "le_than"),
    ("gt", "gt_than"),
    ("ge", "ge_than"),
    ("remainder", "remainder_of"),
    ("fmod", "fmod_of"),
    ("floor_divide", "floor_divide_by"),
):
    ATEN[_one] = ATEN[f"{_one}_"] = _or_scalar(_one, _two)


def _pair(name: str) -> Translation:
    """Either may be a number, which then is of the other's type."""

    def translation(b: Builder, x: Any, y: Any) -> str:
        dtype = dtype_name(b.dtype(x if isinstance(x, str) else y))
        both = (each if isinstance(each, str) else b.emit(made.ScalarTensor(each, dtype)) for each in (x, y))
        return b.emit(arithmetic.Paired(name), *both)

    return translation


for _two in ("logical_and", "logical_or", "logical_xor", "bitwise_and", "bitwise_or", "bitwise_xor", "atan2", "hypot"):
    ATEN[_two] = ATEN[f"{_two}_"] = _pair(_two)
for _two, _others in (("maximum", "max"), ("minimum", "min")):
    ATEN[_two] = _pair(_two)
ATEN["__and__"] = _pair("bitwise_and")
ATEN["__or__"] = _pair("bitwise_or")
ATEN["__xor__"] = _pair("bitwise_xor")


@stands_for("pow", "pow_")
def _pow(b: Builder, x: Any, exponent: Any) -> str:
    if not isinstance(x, str):
        return b.emit(functions.Function.named("pow_of", base=x), exponent)
    if isinstance(exponent, str):
        return b.emit(arithmetic.Paired("pow_to"), x, exponent)
    return b.emit(functions.Function.named("pow", exponent=exponent), x)


def _numbers_first(x: Any, y: Any) -> bool:
    return not isinstance(x, str) and isinstance(y, str)


@stands_for("add", "add_")
def _add(b: Builder, x: Any, y: Any, alpha: float = 1) -> str:
    if _numbers_first(x, y):
        return b.emit(arithmetic.Add(scalar=x), y)
    if isinstance(y, str):
        return b.emit(arithmetic.Add(alpha=alpha), x, y)
    return b.emit(arithmetic.Add(alpha=alpha, scalar=y), x)


@stands_for("sub", "sub_")
def _sub(b: Builder, x: Any, y: Any, alpha: float = 1) -> str:
    if _numbers_first(x, y):
        return b.emit(arithmetic.Sub(scalar=x, reverse=True), y)
    if isinstance(y, str):
        return b.emit(arithmetic.Sub(alpha=alpha), x, y)
    return b.emit(arithmetic.Sub(alpha=alpha, scalar=y), x)


@stands_for("rsub")
def _rsub(b: Builder, x: str, y: Any, alpha: float = 1) -> str:
    if isinstance(y, str):
        return b.emit(arithmetic.Sub(alpha=alpha), y, x)
    return b.emit(arithmetic.Sub(alpha=alpha, scalar=y, reverse=True), x)


@stands_for("mul", "mul_")
def _mul(b: Builder, x: Any, y: Any) -> str:
    if _numbers_first(x, y):
        x, y = y, x
    return b.emit(arithmetic.Mul(), x, y) if isinstance(y, str) else b.emit(arithmetic.Mul(scalar=y), x)


@stands_for("div", "div_", "true_divide")
def _div(b: Builder, x: Any, y: Any, *, rounding_mode: str | None = None) -> str:
    if _numbers_first(x, y):
        return b.emit(arithmetic.Mul(scalar=x), b.emit(functions.Function.named("reciprocal"), y))
    if rounding_mode == "floor":
        return str(ATEN["floor_divide"](b, x, y))
    found = b.emit(arithmetic.Div(), x, y) if isinstance(y, str) else b.emit(arithmetic.Div(scalar=y), x)
    return found if rounding_mode is None else b.emit(functions.Function.named("trunc"), found)
