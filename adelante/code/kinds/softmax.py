"""Softmax and its logarithm."""

from adelante.code.rules import Call, Rule, write


def _numpy(name: str) -> Rule:
    def rule(call: Call) -> str:
        if call.dim in (-1, call.rank - 1):
            return f"{name}({call.x})"
        return f"np.moveaxis({name}(np.moveaxis({call.x}, {call.dim}, -1)), -1, {call.dim})"

    return rule


write(
    "safe_softmax",
    "torch.where(({inputs} == -torch.inf).all({dim}, keepdim=True), 0.0, torch.softmax({inputs}, dim={dim}))",
    _numpy("safe_softmax"),
)
for name in ("softmax", "log_softmax"):
    write(name, f"torch.{name}({{inputs}}, dim={{dim}})", _numpy(name))
