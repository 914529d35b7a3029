"""Sums and means along dimensions."""

from adelante.code.kinds.choices import axis
from adelante.code.rules import Call, Rule, write


def _torch(name: str) -> Rule:
    def rule(call: Call) -> str:
        if call.dim is None and not call.keepdim:
            return f"{call.x}.{name}()"
        return f"{call.x}.{name}(dim={call.literal(call.dim)}{', keepdim=True' if call.keepdim else ''})"

    return rule


def _numpy(name: str) -> Rule:
    return lambda call: f"{call.x}.{name}({axis(call)})"


write("sum", _torch("sum"), _numpy("sum"))
write("mean", _torch("mean"), _numpy("mean"))
write("cumsum", "torch.cumsum({inputs}, dim={dim})", "np.cumsum({inputs}, axis={dim})")
