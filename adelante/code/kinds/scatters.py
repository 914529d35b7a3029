"""Numbers laid, or added, where numbers of the pass say."""

from adelante.code.rules import Call, write


def _src(call: Call) -> str:
    return call.operands[2] if call.value is None else call.literal(call.value)


def _places(call: Call, whole: str) -> list[str]:
    """What stands in each dimension of an index: a tensor's name, or `whole`."""
    named = iter(call.operands[2:])
    return [next(named) if each else whole for each in call.given]


write(
    "scatter",
    lambda call: f"torch.scatter({call.x}, {call.dim}, {call.operands[1]}, {_src(call)})",
    lambda call: f"scattered({call.x}, {call.dim}, {call.operands[1]}, {_src(call)})",
)
write(
    "scatter_add",
    "torch.scatter_add({inputs}, {dim}, {index}, {src})",
    "scattered({inputs}, {dim}, {index}, {src}, add=True)",
)
write(
    "index_put",
    lambda call: f"torch.ops.aten.index_put({call.x}, [{', '.join(_places(call, 'None'))}], {call.operands[1]})",
    lambda call: f"laid_over({call.x}, {call.operands[1]}, np.s_[{', '.join(_places(call, ':'))}])",
)
write(
    "index_add",
    lambda call: f"torch.ops.aten.index_put({call.x}, [{', '.join(_places(call, 'None'))}], {call.operands[1]}, True)",
    lambda call: f"added_at({call.x}, {call.operands[1]}, np.s_[{', '.join(_places(call, ':'))}])",
)
