"""The same numbers under another shape."""

from adelante.code.rules import Call, Rule, write


def _shape_around(call: Call, first: int, last: int, between: str) -> str:
    """NumPy's reshape of the dimensions from `first` to `last`, which become `between`."""
    x = call.x
    before = [f"len({x})"] if first == 1 else [f"*{x}.shape[:{first}]"] if first else []
    behind = [f"*{x}.shape[{last + 1}:]"] if last + 1 < call.rank else []
    return f"{x}.reshape({', '.join((*before, between, *behind))})"


def _flatten(call: Call) -> str:
    return _shape_around(call, call.start_dim % max(call.rank, 1), call.end_dim % max(call.rank, 1), "-1")


def _unflatten(call: Call) -> str:
    dim = call.dim % call.rank
    return _shape_around(call, dim, dim, ", ".join(map(str, call.sizes)))


def _squeeze(call: Call) -> str:
    """NumPy refuses to squeeze what is not of size 1; torch leaves it."""
    if call.dim is None:
        return f"np.squeeze({call.x})"
    ones = [dim for dim in call.dim if call.shapes[0][dim] == 1]
    return f"np.squeeze({call.x}, axis={call.literal(tuple(ones))})" if ones else call.x


def _torch_squeeze(call: Call) -> str:
    if call.dim is None:
        return f"{call.x}.squeeze()"
    return f"{call.x}.squeeze({call.dim[0] if len(call.dim) == 1 else call.literal(call.dim)})"


def _expand(call: Call) -> str:
    """NumPy has no −1 for a size that stays."""
    sizes = list(call.size)
    for d in range(1, len(sizes) + 1):
        if sizes[-d] == -1:
            sizes[-d] = call.shapes[0][-d]
    return f"np.broadcast_to({call.x}, {call.literal(tuple(sizes))})"


def _windows(call: Call) -> str:
    every = f"np.lib.stride_tricks.sliding_window_view({call.x}, {call.size}, axis={call.dim})"
    return every if call.step == 1 else f"{every}[{':, ' * (call.dim % call.rank)}::{call.step}]"


def _method(name: str, option: str) -> Rule:
    """x.reshape(2, 3)."""
    return lambda call: f"{call.x}.{name}({call.listed(getattr(call, option))})"


write("reshape", _method("reshape", "shape"), _method("reshape", "shape"))
write("flatten", "torch.flatten({inputs}, {start_dim}, {end_dim})", _flatten)
write("unflatten", "{inputs}.unflatten({dim}, {sizes})", _unflatten)
write("permute", _method("permute", "dims"), "np.transpose({inputs}, {dims})")
write("transpose", "{inputs}.transpose({dim0}, {dim1})", "np.swapaxes({inputs}, {dim0}, {dim1})")
write("squeeze", _torch_squeeze, _squeeze)
write("unsqueeze", "{inputs}.unsqueeze({dim})", "np.expand_dims({inputs}, {dim})")
write("expand", _method("expand", "size"), _expand)
write("repeat", _method("repeat", "repeats"), "np.tile({inputs}, {repeats})")
write(
    "repeat_interleave",
    "{inputs}.repeat_interleave({repeats}, dim={dim})",
    "np.repeat({inputs}, {repeats}, axis={dim})",
)
write("copy", "{inputs}", "{inputs}")
write("detach", "{inputs}.detach()", "{inputs}")
write("cast", "{inputs}.to({dtype})", "{inputs}.astype({dtype})")
write(
    "diagonal",
    "torch.diagonal({inputs}, {offset}, {dim1}, {dim2})",
    "np.diagonal({inputs}, {offset}, {dim1}, {dim2})",
)
write(
    "windows",
    "{inputs}.unfold({dim}, {size}, {step})",
    _windows,
)
