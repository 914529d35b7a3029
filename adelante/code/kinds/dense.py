"""Dense layers. `dense` keeps its weights as (n_in, n_out), `linear` as torch.nn.Linear does, (n_out, n_in)."""

from adelante.code.rules import Call, write


def _torch_dense(call: Call) -> str:
    # As the pass itself does it, so that the digits are the same.
    if call.rank == 2 and len(call.operands) == 3:
        return f"torch.addmm({call.operands[2]}, {call.x}, {call.operands[1]})"
    x, weights, *biases = call.operands
    return f"F.linear({', '.join((x, f'{weights}.T', *biases))})"


def _plus(product: str, biases: tuple[str, ...]) -> str:
    return " + ".join((product, *biases))


write("dense", _torch_dense, lambda call: _plus(f"{call.x} @ {call.operands[1]}", call.operands[2:]))
write("linear", "F.linear({operands})", lambda call: _plus(f"{call.x} @ {call.operands[1]}.T", call.operands[2:]))
