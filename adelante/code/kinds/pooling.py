"""Pooling: the largest or the mean of a window."""

from math import prod

from adelante.code.kinds.conv import window
from adelante.code.kinds.slices import padded
from adelante.code.rules import Call, Rule, options, write
from adelante.network.operations.windows import each


def _dims(call: Call) -> int:
    return int(call.operation.DIMS)  # type: ignore[attr-defined]


def _sides(call: Call, dilation: tuple[int, ...], begun: bool = True) -> list[tuple[int, int]]:
    """How much is added before and after: with ceil_mode the last window may end past the padding.

    `begun` False: what lies past the padding alone.
    """
    dims = _dims(call)
    stride = each(call.kernel_size if call.stride is None else call.stride, dims)
    sides = []
    for d, padding in enumerate(each(call.padding, dims)):
        size, places = call.shapes[0][d - dims], call.result[d - dims]
        span = dilation[d] * (each(call.kernel_size, dims)[d] - 1) + 1
        past = max((places - 1) * stride[d] + span - size - 2 * padding, 0)
        sides.append((padding, padding + past) if begun else (0, past))
    return sides


def _windows(call: Call, x: str, dilation: tuple[int, ...]) -> str:
    dims = _dims(call)
    stride = each(call.kernel_size if call.stride is None else call.stride, dims)
    return window(x, each(call.kernel_size, dims), stride, dilation)


def _over(call: Call) -> str:
    return f"axis={('-1', '(-2, -1)', '(-3, -2, -1)')[_dims(call) - 1]}"


def _max(call: Call) -> str:
    dilation = each(call.dilation, _dims(call))
    x = padded(call.x, _sides(call, dilation), call.rank, value="-inf")
    return f"{_windows(call, x, dilation)}.max({_over(call)})"


def _torch_indices(call: Call) -> str:
    return f"F.max_pool{_dims(call)}d({call.x}{options(call)}, return_indices=True)[1]"


def _indices(call: Call) -> str:
    """The cells of a channel are numbered, and looked at through the same windows."""
    dims = _dims(call)
    dilation, sizes = each(call.dilation, dims), call.shapes[0][-dims:]
    sides = _sides(call, dilation)
    numbered = f"np.arange({prod(sizes)}).reshape({', '.join(map(str, sizes))})"
    both = (padded(call.x, sides, call.rank, value="-inf"), padded(numbered, sides, dims))
    return f"largest_places({', '.join(_windows(call, each_of, dilation) for each_of in both)}, {dims})"


def _mean(call: Call) -> str:
    """The sum of each window, over how many of its elements count."""
    ones = (1,) * _dims(call)
    sides, past = _sides(call, ones), _sides(call, ones, begun=False)
    x = padded(call.x, sides, call.rank)
    if not any(map(any, past)) and (call.count_include_pad or x == call.x):
        return f"{_windows(call, x, ones)}.mean({_over(call)})"
    counted = f"np.ones_like({call.x})"
    if call.count_include_pad:
        within = [(before, end - beyond) for (before, end), (_, beyond) in zip(sides, past, strict=True)]
        counted = padded(padded(counted, within, call.rank, value="1"), past, call.rank)
    else:
        counted = padded(counted, sides, call.rank)
    sums, counts = (f"{_windows(call, each_of, ones)}.sum({_over(call)})" for each_of in (x, counted))
    return f"{sums} / {counts}"


def _torch_adaptive(call: Call) -> str:
    size = call.output_size[0] if _dims(call) == 1 else call.output_size
    return f"F.{call.operation.kind}({call.x}, {call.literal(size)})"


def _adaptive(pool: str) -> Rule:
    return lambda call: f"adaptive_pool({call.x}, {call.literal(call.result[-_dims(call) :])}, {pool})"


for dims in (1, 2, 3):
    write(f"max_pool{dims}d", f"F.max_pool{dims}d({{inputs}}{{options}})", _max)
    write(f"max_pool{dims}d_indices", _torch_indices, _indices)
    write(f"avg_pool{dims}d", f"F.avg_pool{dims}d({{inputs}}{{options}})", _mean)
    write(f"adaptive_avg_pool{dims}d", _torch_adaptive, _adaptive("np.mean"))
    write(f"adaptive_max_pool{dims}d", _torch_adaptive, _adaptive("np.max"))
