"""Convolutions: torch has a call for each, NumPy the sum over windows."""

from collections.abc import Sequence

from adelante.code.kinds.slices import padded
from adelante.code.rules import Call, filled, literal, options, write
from adelante.network.operations.windows import each

_PLACES, _KERNEL = "dhw", "ijk"


def window(x: str, kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int]) -> str:
    """The call of `windows` (see numpy_functions), with the stride and the dilation where they are not 1."""
    told = [literal(tuple(kernel), "np")]
    told += [f"stride={literal(tuple(stride), 'np')}"] if set(stride) != {1} else []
    told += [f"dilation={literal(tuple(dilation), 'np')}"] if set(dilation) != {1} else []
    return f"windows({x}, {', '.join(told)})"


def _sides(call: Call, dims: int) -> list[tuple[int, int]]:
    """How much is added before and after along each dimension."""
    if call.padding == "valid":
        return [(0, 0)] * dims
    if call.padding == "same":
        wanted = [d * (k - 1) for d, k in zip(each(call.dilation, dims), call.shapes[1][2:], strict=True)]
        return [(total // 2, total - total // 2) for total in wanted]
    return [(side, side) for side in each(call.padding, dims)]


def _torch(call: Call) -> str:
    dims = len(call.shapes[1]) - 2
    if call.padding_mode == "zeros":
        return filled(f"F.conv{dims}d({{operands}}{{options}})", call)
    around = tuple(side for pair in reversed(_sides(call, dims)) for side in pair)
    x, *rest = call.operands
    whole = f"F.pad({x}, {around!r}, mode={call.literal(call.padding_mode)})"
    return f"F.conv{dims}d({', '.join((whole, *rest))}{options(call, ('padding', 'padding_mode'))})"


def _numpy(call: Call) -> str:
    """Over every place p, output channel o: the sum over channels c and the kernel's elements."""
    x, weights, *biases = call.operands
    dims = len(call.shapes[1]) - 2
    whole = padded(x, _sides(call, dims), call.rank, call.padding_mode)
    view = window(whole, call.shapes[1][2:], each(call.stride, dims), each(call.dilation, dims))
    places, kernel = _PLACES[-dims:], _KERNEL[:dims]
    sums = f'"nc{places}{kernel},oc{kernel}->no{places}"'
    if call.groups == 1:
        text = f"np.einsum({sums}, {view}, {weights}, optimize=True)"
    else:
        text = f"by_groups({sums}, {view}, {weights}, {call.groups})"
    return " + ".join((text, *(f"{bias}[:{', None' * dims}]" for bias in biases)))


def _numpy_transpose(call: Call) -> str:
    x, weights, *biases = call.operands
    dims = len(call.shapes[1]) - 2
    told = [call.literal(each(value, dims)) for value in (call.stride, call.padding, call.dilation)]
    text = f"conv_transpose({x}, {weights}, {call.result[-dims:]!r}, {', '.join(told)}, {call.groups})"
    return " + ".join((text, *(f"{bias}[:{', None' * dims}]" for bias in biases)))


for count in (1, 2, 3):
    write(f"conv{count}d", _torch, _numpy)
    write(f"conv_transpose{count}d", f"F.conv_transpose{count}d({{operands}}{{options}})", _numpy_transpose)
