"""Functions of one number. What NumPy lacks is in `numpy_functions`."""

from adelante.code.rules import Call, Rule, filled, write

# Where torch and NumPy have it under one name.
for name in ("tanh", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "square", "sin", "cos", "tan"):
    write(name, f"torch.{name}({{inputs}})", f"np.{name}({{inputs}})")
for name in (
    "sinh",
    "cosh",
    "abs",
    "sign",
    "floor",
    "ceil",
    "round",
    "trunc",
    "logical_not",
    "isnan",
    "isinf",
    "isfinite",
):
    write(name, f"torch.{name}({{inputs}})", f"np.{name}({{inputs}})")
for name in ("sin", "cos", "tan"):
    for which in (name, f"{name}h"):
        write(f"a{which}", f"torch.a{which}({{inputs}})", f"np.arc{which}({{inputs}})")

write("identity", "{inputs}", "{inputs}")
write("neg", "-{inputs}", "-{inputs}")
write("reciprocal", "1 / {inputs}", "1 / {inputs}")
write("rsqrt", "torch.rsqrt({inputs})", "1 / np.sqrt({inputs})")
write("erf", "torch.erf({inputs})", "erf({inputs})")
write("erfc", "torch.erfc({inputs})", "erfc({inputs})")
write("fmod", "torch.fmod({inputs}, {other})", "np.fmod({inputs}, {other})")
write("bitwise_not", "~{inputs}", "~{inputs}")
write("remainder", "torch.remainder({inputs}, {other})", "np.remainder({inputs}, {other})")
write("floor_divide", 'torch.div({inputs}, {other}, rounding_mode="floor")', "np.floor_divide({inputs}, {other})")
write("pow", "{inputs} ** {exponent}", "{inputs} ** {exponent}")
write("pow_of", "torch.pow({base}, {inputs})", "np.power({base}, {inputs})")
write("clamp", "torch.clamp({inputs}{options})", "np.clip({inputs}, {min}, {max})")
for name, sign in (("eq", "=="), ("ne", "!="), ("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">=")):
    write(name, f"{{inputs}} {sign} {{other}}", f"{{inputs}} {sign} {{other}}")


def _either(usual: str, otherwise: str, **defaults: float | str) -> Rule:
    """One text where the options are torch's defaults, another with the options in it."""

    def rule(call: Call) -> str:
        at_defaults = all(getattr(call, name) == value for name, value in defaults.items())
        return filled(usual if at_defaults else otherwise, call)

    return rule


write("sigmoid", "torch.sigmoid({inputs})", "sigmoid({inputs})")
write("relu", "torch.relu({inputs})", "np.maximum({inputs}, 0)")
write(
    "leaky_relu",
    "F.leaky_relu({inputs}{options})",
    "np.where({inputs} > 0, {inputs}, {negative_slope} * {inputs})",
)
write(
    "elu",
    "F.elu({inputs}{options})",
    _either(
        "elu({inputs})",
        "np.where({inputs} > 0, {inputs}, {alpha} * np.expm1(np.minimum({inputs}, 0)))",
        alpha=1.0,
    ),
)
write(
    "celu",
    "F.celu({inputs}{options})",
    "np.where({inputs} > 0, {inputs}, {alpha} * np.expm1(np.minimum({inputs}, 0) / {alpha}))",
)
write("selu", "F.selu({inputs})", "selu({inputs})")
write("gelu", "F.gelu({inputs}{options})", _either("gelu({inputs})", "gelu_tanh({inputs})", approximate="none"))
write("silu", "F.silu({inputs})", "silu({inputs})")
write("mish", "F.mish({inputs})", "mish({inputs})")
write(
    "softplus",
    "F.softplus({inputs}{options})",
    _either(
        "softplus({inputs})",
        "np.where({beta} * {inputs} > {threshold}, {inputs}, np.logaddexp(0, {beta} * {inputs}) / {beta})",
        beta=1.0,
        threshold=20.0,
    ),
)
write("softsign", "F.softsign({inputs})", "softsign({inputs})")
write("log_sigmoid", "F.logsigmoid({inputs})", "log_sigmoid({inputs})")
write("relu6", "F.relu6({inputs})", "np.clip({inputs}, 0, 6)")
write("hardtanh", "F.hardtanh({inputs}{options})", "np.clip({inputs}, {min_val}, {max_val})")
write("hardsigmoid", "F.hardsigmoid({inputs})", "hardsigmoid({inputs})")
write("hardswish", "F.hardswish({inputs})", "hardswish({inputs})")
write("hardshrink", "F.hardshrink({inputs}{options})", "np.where(np.abs({inputs}) > {lambd}, {inputs}, 0)")
write(
    "softshrink",
    "F.softshrink({inputs}{options})",
    "np.sign({inputs}) * np.maximum(np.abs({inputs}) - {lambd}, 0)",
)
write("tanhshrink", "F.tanhshrink({inputs})", "tanhshrink({inputs})")
write(
    "threshold",
    "F.threshold({inputs}, {threshold}, {value})",
    "np.where({inputs} > {threshold}, {inputs}, {value})",
)
