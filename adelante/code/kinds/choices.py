"""Choices by a condition, and the largest or smallest of many."""

from adelante.code.rules import Call, Rule, write


def _where(library: str) -> Rule:
    def rule(call: Call) -> str:
        condition, *rest = call.operands
        first = rest.pop(0) if call.scalar is None else call.literal(call.scalar)
        second = rest.pop(0) if call.other_scalar is None else call.literal(call.other_scalar)
        text = f"{library}.where({condition}, {first}, {second})"
        # From two plain Python numbers NumPy would make float64.
        both = isinstance(call.scalar, float) or isinstance(call.other_scalar, float)
        return f"{text}.astype(np.float32)" if library == "np" and both and len(call.operands) == 1 else text

    return rule


write("where", _where("torch"), _where("np"))
write("masked_fill", "{inputs}.masked_fill({mask}, {value})", "np.where({mask}, {value}, {inputs})")


def _torch_extreme(name: str) -> Rule:
    return lambda call: f"torch.{name}({call.x}{_torch_dim(call)})"


def _torch_dim(call: Call) -> str:
    return (f", dim={call.literal(call.dim)}" if call.dim is not None else "") + (
        ", keepdim=True" if call.keepdim else ""
    )


def _extreme(name: str) -> Rule:
    return lambda call: f"{call.x}.{name}({axis(call)})"


def axis(call: Call) -> str:
    """NumPy's words for `dim` and `keepdim`."""
    told = [] if not call.dim else [f"axis={call.literal(call.dim if len(call.dim) > 1 else call.dim[0])}"]
    return ", ".join([*told, *(["keepdims=True"] if call.keepdim else [])])


def _torch_place(name: str) -> Rule:
    """torch.argmax takes one dimension, and not in a tuple."""
    return lambda call: f"torch.{name}({call.x}{_one_dim(call)})"


def _one_dim(call: Call) -> str:
    told = f", dim={call.dim[0]}" if call.dim else ", dim=None" if call.keepdim else ""
    return told + (", keepdim=True" if call.keepdim else "")


write("amax", _torch_extreme("amax"), _extreme("max"))
write("amin", _torch_extreme("amin"), _extreme("min"))
write("argmax", _torch_place("argmax"), _extreme("argmax"))
write("argmin", _torch_place("argmin"), _extreme("argmin"))
