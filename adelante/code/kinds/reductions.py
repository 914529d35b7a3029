"""Sums, products and means along dimensions, and what has been up to each place along one."""

from adelante.code.kinds.choices import axis
from adelante.code.rules import Call, Rule, write


def _torch(name: str) -> Rule:
    def rule(call: Call) -> str:
        if call.dim is None and not call.keepdim:
            return f"{call.x}.{name}()"
        return f"{call.x}.{name}(dim={call.literal(call.dim)}{', keepdim=True' if call.keepdim else ''})"

    return rule


def _torch_prod(call: Call) -> str:
    return f"{call.x}.prod()" if call.dim is None else _torch("prod")(call)


def _numpy(name: str) -> Rule:
    return lambda call: f"{call.x}.{name}({axis(call)})"


write("sum", _torch("sum"), _numpy("sum"))
write("mean", _torch("mean"), _numpy("mean"))


def _numpy_prod(call: Call) -> str:
    if call.dim is None:
        return f"{call.x}.prod()"
    return f"{call.x}.prod(axis={call.dim}{', keepdims=True' if call.keepdim else ''})"


write("prod", _torch_prod, _numpy_prod)
write("cumprod", "torch.cumprod({inputs}, dim={dim})", "np.cumprod({inputs}, axis={dim})")
write("cumsum", "torch.cumsum({inputs}, dim={dim})", "np.cumsum({inputs}, axis={dim})")
write("cummax", "torch.cummax({inputs}, dim={dim}).values", "np.maximum.accumulate({inputs}, axis={dim})")
write("cummin", "torch.cummin({inputs}, dim={dim}).values", "np.minimum.accumulate({inputs}, axis={dim})")
