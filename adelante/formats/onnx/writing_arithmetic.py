"""Arithmetic, comparisons and choices in ONNX, which takes two operands of one type: they are cast as torch does."""

from collections.abc import Callable
from math import pi

import torch

from adelante.formats.onnx.writing_rules import Call, Rule, write


def _pair(call: Call, dtype: torch.dtype | None = None) -> tuple[str, str]:
    """The two operands in the result's type, or in another one; the number `other` where there is one operand."""
    second = call.operand(1, dtype) if len(call.operands) > 1 else call.number(call.other, dtype)
    return call.operand(0, dtype), second


def _other(call: Call) -> str:
    return call.operand(1) if len(call.operands) > 1 else call.number(call.scalar)


def _sum(op: str) -> Rule:
    """x + alpha · y and x − alpha · y."""

    def rule(call: Call) -> str:
        if call.dtype == torch.bool:
            return call.add("Or", call.x, _other(call))
        if op == "Sub" and len(call.operands) == 1 and call.reverse:
            x = call.operand(0)
            return call.add("Sub", call.number(call.scalar), _times(call, x))
        if len(call.operands) == 1:
            return call.add(op, call.operand(0), call.number(call.alpha * call.scalar))
        return call.add(op, call.operand(0), _times(call, call.operand(1)))

    return rule


def _times(call: Call, name: str) -> str:
    return name if call.alpha == 1 else call.add("Mul", name, call.number(call.alpha))


def _mul(call: Call) -> str:
    return call.add("And" if call.dtype == torch.bool else "Mul", call.operand(0), _other(call))


write("add", _sum("Add"))
write("sub", _sum("Sub"))
write("mul", _mul)
write("div", lambda call: call.add("Div", call.operand(0), _other(call)))


# Comparisons


def _compared(op: str) -> Rule:
    def rule(call: Call) -> str:
        dtype = call.together
        # Truth values have no order in ONNX.
        dtype = torch.int32 if dtype == torch.bool and op != "Equal" else dtype
        return call.add(op, *_pair(call, dtype))

    return rule


def _unequal(call: Call) -> str:
    return call.add("Not", call.add("Equal", *_pair(call, call.together)))


for name, op in (("eq", "Equal"), ("lt", "Less"), ("le", "LessOrEqual"), ("gt", "Greater"), ("ge", "GreaterOrEqual")):
    write(name, _compared(op))
    write(f"{name}_to" if name == "eq" else f"{name}_than", _compared(op))
write("ne", _unequal)
write("ne_to", _unequal)


# Truth and bits


def _logical(op: str) -> Rule:
    return lambda call: call.add(op, *_pair(call))


def _bitwise(op: str) -> Rule:
    return lambda call: call.add(op if call.dtype == torch.bool else f"Bitwise{op}", *_pair(call))


def _extreme(op: str, of_truths: str) -> Rule:
    return lambda call: call.add(of_truths if call.dtype == torch.bool else op, *_pair(call))


for name in ("and", "or", "xor"):
    write(f"logical_{name}", _logical(name.capitalize()))
    write(f"bitwise_{name}", _bitwise(name.capitalize()))
write("maximum", _extreme("Max", "Or"))
write("minimum", _extreme("Min", "And"))


# What a division leaves


def _fmod(call: Call) -> str:
    return call.add("Mod", *_pair(call), fmod=1)


def _remainder(call: Call) -> str:
    return _left(call, *_pair(call))


def _left(call: Call, x: str, y: str) -> str:
    """x mod y with the sign of y, which ONNX has of whole numbers alone."""
    if not call.dtype.is_floating_point:
        return call.add("Mod", x, y)
    rest = call.add("Mod", x, y, fmod=1)
    signs_differ = call.add("Less", call.add("Mul", rest, y), call.number(0))
    return call.add("Where", signs_differ, call.add("Add", rest, y), rest)


def _floor_divide(call: Call) -> str:
    """(x − x mod y) / y; the floor of x / y may be one too many, as that is rounded."""
    x, y = _pair(call)
    found = call.add("Div", call.add("Sub", x, _left(call, x, y)), y)
    return call.add("Round", found) if call.dtype.is_floating_point else found


for one, two, rule in (
    ("fmod", "fmod_of", _fmod),
    ("remainder", "remainder_of", _remainder),
    ("floor_divide", "floor_divide_by", _floor_divide),
):
    write(one, rule)
    write(two, rule)


# Functions of two


def _hypot(call: Call) -> str:
    squares = (call.add("Mul", each, each) for each in _pair(call))
    return call.add("Sqrt", call.add("Add", *squares))


def _atan2(call: Call) -> str:
    """The angle of (y, x) by arctan(y / x), half a turn added or taken away where x is negative."""
    y, x = _pair(call)
    zero, quarter, half = call.number(0), call.number(pi / 2), call.number(pi)
    upper = call.add("GreaterOrEqual", y, zero)
    turn = call.add("Where", upper, half, call.add("Neg", half))
    slope = call.add("Atan", call.add("Div", y, x))
    beside = call.add("Where", call.add("Less", x, zero), call.add("Add", slope, turn), slope)
    above = call.add("Mul", call.add("Sign", y), quarter)
    return call.add("Where", call.add("Equal", x, zero), above, beside)


def _prelu(call: Call) -> str:
    x, slope = _pair(call)
    if call.result.shape == call.shape:
        return call.add("PRelu", x, slope)
    return call.add("Where", call.add("Greater", x, call.number(0)), x, call.add("Mul", slope, x))


write("pow_to", lambda call: call.add("Pow", *_pair(call)))
write("hypot", _hypot)
write("atan2", _atan2)
write("prelu", _prelu)


# Choices


def _where(call: Call) -> str:
    at = iter(range(1, len(call.operands)))
    first, second = (
        call.operand(next(at)) if number is None else call.number(number) for number in (call.scalar, call.other_scalar)
    )
    return _chosen(call, call.operand(0, torch.bool), first, second)


def _chosen(call: Call, condition: str, first: str, second: str) -> str:
    if call.dtype != torch.bool:
        return call.add("Where", condition, first, second)
    # onnxruntime chooses between numbers alone.
    return call.add("Or", call.add("And", condition, first), call.add("And", call.add("Not", condition), second))


def _masked_fill(call: Call) -> str:
    return _chosen(call, call.operand(1, torch.bool), call.number(call.value), call.operand(0))


write("where", _where)
write("masked_fill", _masked_fill)


# Of many


def _over(op: str) -> Callable[[Call], str]:
    """Reduced along `dim`, or altogether."""

    def rule(call: Call) -> str:
        x = call.operand(0)
        if call.rank == 0:
            return call.add("Identity", x)
        dims = (call.dim,) if isinstance(call.dim, int) else call.dim or ()
        # Where no dimensions are named it is of all.
        axes = [call.ints(*map(call.axis, dims))] if dims else []
        return call.add(op, x, *axes, keepdims=int(call.keepdim))

    return rule


def _place(op: str) -> Rule:
    def rule(call: Call) -> str:
        if call.dim:
            return call.add(op, call.x, axis=call.axis(call.dim[0]), keepdims=int(call.keepdim))
        found = call.add(op, call.add("Reshape", call.x, call.ints(-1)), axis=0, keepdims=0)
        return call.reshaped(found, call.result.shape) if call.result.shape else found

    return rule


# What TopK does not take (bfloat16 before opset 24), in a type that has the same order.
_ORDERED_AS = {torch.bool: torch.uint8, torch.bfloat16: torch.float32}


def _ranked(count: Callable[[Call], int], descending: Callable[[Call], bool]) -> Rule:
    """ONNX has one operation for both: the places of the largest, or of the smallest, of all numbers or of some."""

    def rule(call: Call) -> str:
        if call.rank == 0:
            return call.number(0)
        dtype = call.known[0].dtype
        x = call.operand(0, _ORDERED_AS.get(dtype, dtype))
        return call.second(
            "TopK", x, call.ints(count(call)), axis=call.axis(call.dim), largest=int(descending(call)), sorted=1
        )

    return rule


def _up_to(op: str) -> Rule:
    def rule(call: Call) -> str:
        if op == "CumProd":
            call.graph.needs(26)
        return call.add(op, call.operand(0), call.number(call.axis(call.dim), torch.int64))

    return rule


for name, op in (("amax", "ReduceMax"), ("amin", "ReduceMin"), ("sum", "ReduceSum"), ("mean", "ReduceMean")):
    write(name, _over(op))
write("prod", _over("ReduceProd"))
write("argmax", _place("ArgMax"))
write("argmin", _place("ArgMin"))
write("argsort", _ranked(lambda call: call.length(call.dim), lambda call: call.descending))
write("argtopk", _ranked(lambda call: call.k, lambda call: call.largest))
write("cumsum", _up_to("CumSum"))
write("cumprod", _up_to("CumProd"))


def _extreme_up_to(op: str) -> Rule:
    """ONNX has none of its own: each place takes in what is 1, 2, 4 … places before it, until all before it is in."""

    def rule(call: Call) -> str:
        if call.rank == 0:
            return call.add("Identity", call.x)
        dtype = torch.int32 if call.dtype in (torch.bool, torch.uint8, torch.int8, torch.int16) else call.dtype
        axis, length = call.axis(call.dim), call.length(call.dim)
        found, reach = call.operand(0, dtype), 1
        while reach < length:
            begin = call.cut(found, axis, 0, reach)
            rest = call.add(op, call.cut(found, axis, reach, length), call.cut(found, axis, 0, length - reach))
            found, reach = call.add("Concat", begin, rest, axis=axis), 2 * reach
        return call.add("Identity", found) if found == call.x else call.cast(found, dtype, call.dtype)

    return rule


write("cummax", _extreme_up_to("Max"))
write("cummin", _extreme_up_to("Min"))
