"""Arithmetic of two tensors, or of a tensor and a number."""

from adelante.code.rules import Call, Rule, write


def _times(factor: float, name: str) -> str:
    return name if factor == 1 else f"{factor!r} * {name}"


def _add(call: Call) -> str:
    other = call.operands[1] if len(call.operands) > 1 else call.literal(call.scalar)
    return f"{call.x} + {_times(call.alpha, other)}"


def _sub(call: Call) -> str:
    if len(call.operands) > 1:
        return f"{call.x} - {_times(call.alpha, call.operands[1])}"
    if call.reverse:
        return f"{call.literal(call.scalar)} - {_times(call.alpha, call.x)}"
    return f"{call.x} - {_times(call.alpha, call.literal(call.scalar))}"


def _torch_add(call: Call) -> str:
    """torch.add with alpha rounds once where x + alpha * y rounds twice."""
    if call.alpha == 1:
        return _add(call)
    other = call.operands[1] if len(call.operands) > 1 else call.literal(call.scalar)
    return f"torch.add({call.x}, {other}, alpha={call.alpha!r})"


def _torch_sub(call: Call) -> str:
    if call.alpha == 1:
        return _sub(call)
    if len(call.operands) > 1:
        return f"torch.sub({call.x}, {call.operands[1]}, alpha={call.alpha!r})"
    name = "rsub" if call.reverse else "sub"
    return f"torch.{name}({call.x}, {call.literal(call.scalar)}, alpha={call.alpha!r})"


def _with(sign: str) -> list[Rule]:
    def rule(call: Call) -> str:
        other = call.operands[1] if len(call.operands) > 1 else call.literal(call.scalar)
        return f"{call.x} {sign} {other}"

    return [rule, rule]


write("add", _torch_add, _add)
write("sub", _torch_sub, _sub)
write("mul", *_with("*"))
write("div", *_with("/"))

for name, sign in (("eq_to", "=="), ("ne_to", "!="), ("lt_than", "<"), ("le_than", "<=")):
    write(name, f"{{inputs}} {sign} {{other}}", f"{{inputs}} {sign} {{other}}")
for name, sign in (("gt_than", ">"), ("ge_than", ">="), ("pow_to", "**")):
    write(name, f"{{inputs}} {sign} {{other}}", f"{{inputs}} {sign} {{other}}")
for name, sign in (("bitwise_and", "&"), ("bitwise_or", "|"), ("bitwise_xor", "^")):
    write(name, f"{{inputs}} {sign} {{other}}", f"{{inputs}} {sign} {{other}}")
for name in ("logical_and", "logical_or", "logical_xor", "maximum", "minimum"):
    write(name, f"torch.{name}({{operands}})", f"np.{name}({{operands}})")
write("fmod_of", "torch.fmod({operands})", "np.fmod({operands})")
write("hypot", "torch.hypot({operands})", "np.hypot({operands})")
write("atan2", "torch.atan2({operands})", "np.arctan2({operands})")
write("remainder_of", "torch.remainder({operands})", "np.remainder({operands})")
write("floor_divide_by", 'torch.div({operands}, rounding_mode="floor")', "np.floor_divide({operands})")
write(
    "prelu",
    "torch.where({inputs} > 0, {inputs}, {other} * {inputs})",
    "np.where({inputs} > 0, {inputs}, {other} * {inputs})",
)
