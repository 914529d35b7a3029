"""Normalisation, as in inference."""

from math import prod

from adelante.code.rules import Call, after, write


def _scaled(text: str, operands: tuple[str, ...], index: str = "") -> str:
    """The text with `* scale` and `+ shift` after it, for those of the two that are among the operands."""
    signs = (" * ", " + ")
    return text + "".join(sign + name + index for sign, name in zip(signs, operands, strict=False))


def _batch(call: Call) -> str:
    index = after(call)
    x, mean, variance, *rest = call.operands
    text = f"({x} - {mean}{index}) / np.sqrt({variance}{index} + {call.eps!r})"
    return _scaled(text, tuple(rest), index)


def _last(call: Call) -> str:
    count = len(call.normalized_shape)
    return "axis=-1" if count == 1 else f"axis={tuple(range(-count, 0))!r}"


def _layer(call: Call) -> str:
    axes = _last(call).removeprefix("axis=")
    return _scaled(f"normalised({call.x}, {axes}, {call.eps!r})", call.operands[1:])


def _rms(call: Call) -> str:
    x = call.x
    text = f"{x} / np.sqrt(np.mean({x}**2, {_last(call)}, keepdims=True) + {call.eps!r})"
    return _scaled(text, call.operands[1:])


def _group(call: Call) -> str:
    x = call.x
    groups = f"{x}.reshape(len({x}), {call.num_groups}, -1)"
    return _scaled(f"normalised({groups}, -1, {call.eps!r}).reshape({x}.shape)", call.operands[1:], after(call))


def _instance(call: Call) -> str:
    axes = tuple(range(2, call.rank))
    text = f"normalised({call.x}, {call.literal(axes if len(axes) > 1 else axes[0])}, {call.eps!r})"
    return _scaled(text, call.operands[1:], after(call))


def _torch_weights(call: Call) -> str:
    names = ("weight", "bias")
    return "".join(f", {name}={each}" for name, each in zip(names, call.operands[1:], strict=False))


def _torch_instance(call: Call) -> str:
    # F.instance_norm refuses channels of a single number, which leave nothing to normalise; the pass gives 0 there.
    if prod(call.shapes[0][2:]) == 1:
        scale, shift = (*call.operands[1:], "None", "None")[:2]
        return f"torch.instance_norm({call.x}, {scale}, {shift}, None, None, True, 0.0, {call.eps!r}, False)"
    return f"F.instance_norm({call.x}{_torch_weights(call)}{_eps(call)})"


def _eps(call: Call) -> str:
    return f", eps={call.eps!r}" if call.eps != 1e-5 else ""


def _torch_over(call: Call, name: str, eps: str) -> str:
    return f"F.{name}({call.x}, {call.literal(call.normalized_shape)}{_torch_weights(call)}{eps})"


def _torch_group(call: Call) -> str:
    return f"F.group_norm({call.x}, {call.num_groups}{_torch_weights(call)}{_eps(call)})"


write("batch_norm", "F.batch_norm({operands}{options})", _batch)
write("layer_norm", lambda call: _torch_over(call, "layer_norm", _eps(call)), _layer)
write("rms_norm", lambda call: _torch_over(call, "rms_norm", f", eps={call.eps!r}"), _rms)
write("group_norm", _torch_group, _group)
write("instance_norm", _torch_instance, _instance)
