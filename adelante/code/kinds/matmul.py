"""Matrix products of two tensors."""

from adelante.code.rules import Call, write


def _torch_addmm(call: Call) -> str:
    name = "addmm" if len(call.shapes[1]) == 2 else "baddbmm"
    told = [f"{option}={getattr(call, option)!r}" for option in ("beta", "alpha") if getattr(call, option) != 1]
    return f"torch.{name}({', '.join((*call.operands, *told))})"


def _addmm(call: Call) -> str:
    bias, left, right = call.operands
    first = bias if call.beta == 1 else f"{call.beta!r} * {bias}"
    product = f"{left} @ {right}" if call.alpha == 1 else f"{call.alpha!r} * ({left} @ {right})"
    return f"{first} + {product}"


write("matmul", "{inputs} @ {other}", "{inputs} @ {other}")
write("addmm", _torch_addmm, _addmm)
