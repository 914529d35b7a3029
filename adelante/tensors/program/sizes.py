"""How many cells a result will have at most, told from a call's arguments before any memory is spent.

Where torch or NumPy will refuse the call, any answer does.
"""

import operator
from collections.abc import Callable, Iterable, Mapping
from math import ceil, isfinite, prod
from typing import Any

import numpy as np
import torch
from torch import Tensor

ENDLESS = 2**63
Shape = tuple[int, ...]
Arguments = tuple[Any, ...]
Keywords = Mapping[str, Any]
Size = Callable[[Arguments, Keywords], int]


def cells(shape: Iterable[int]) -> int:
    """The numbers that a shape holds, a size of zero counted as one: [[], [], []] takes room too."""
    return prod(max(size, 1) for size in shape)


def shape_of(value: Any) -> Shape:
    """The shape of a tensor, an array, or nested lists along their first items; () of anything else."""
    if isinstance(value, Tensor | np.ndarray):
        return tuple(value.shape)
    shape: list[int] = []
    while isinstance(value, list | tuple | range) and len(shape) < 32:
        shape.append(len(value))
        value = value[0] if len(value) else 0
        if isinstance(value, Tensor | np.ndarray):
            return (*shape, *value.shape)
    return tuple(shape)


def broadcast(shapes: Iterable[Shape]) -> Shape:
    """The larger size of each dimension, which is the broadcast one where there is one."""
    widest: list[int] = []
    for shape in shapes:
        widest = [1] * (len(shape) - len(widest)) + widest
        for k in range(1, len(shape) + 1):
            size = shape[-k]
            widest[-k] = max(widest[-k], size) if widest[-k] and size else 0
    return tuple(widest)


def widest(args: Arguments, keywords: Keywords) -> int:
    """All arguments', broadcast together: what works cell by cell, and what makes less of them."""
    return cells(broadcast(shape_of(each) for each in (*args, *keywords.values())))


def first(args: Arguments, keywords: Keywords) -> int:
    """The first argument's."""
    return cells(shape_of(_at(args, keywords, 0, "input", "a", "x")))


def literal(args: Arguments, keywords: Keywords) -> int:
    """Every number that is written, and the cells of tensors among them."""
    return _leaves((*args, *keywords.values()))


def given(*names: str, at: int = 0) -> Size:
    """A shape that is written out, as one argument or as several: ones(2, 3), ones((2, 3)), ones(size=(2, 3))."""

    def size(args: Arguments, keywords: Keywords) -> int:
        named = next((keywords[name] for name in names if name in keywords), None)
        wanted = args[at:] if named is None else (named,)
        return cells(_sizes(wanted))

    return size


def drawn(*names: str, at: int) -> Size:
    """A shape at one place, where there is one; else the arguments' own: normal(0, 1, (2, 3))."""

    def size(args: Arguments, keywords: Keywords) -> int:
        wanted = _at(args, keywords, at, *names)
        return widest(args, {}) if wanted is None else cells(_sizes((wanted,)))

    return size


def counted(name: str, at: int, default: int) -> Size:
    """As many numbers as one argument says: linspace, randperm."""
    return lambda args, keywords: max(_whole(_at(args, keywords, at, name), default), 1)


def steps(args: Arguments, keywords: Keywords) -> int:
    """arange(end), arange(start, end) and arange(start, end, step), by place or by name."""
    written = [_number(each) for each in args]
    start = _number(keywords.get("start", 0))
    end = _number(keywords.get("end", keywords.get("stop", 0)))
    step = _number(keywords.get("step", 1))
    if len(written) == 1:
        start, end = (start, written[0]) if not {"end", "stop"} & set(keywords) else (written[0], end)
    elif written:
        start, end, step = (*written, step)[:3]
    count = (end - start) / step if step else 0
    return max(ceil(count), 1) if isfinite(count) else ENDLESS


def square(args: Arguments, keywords: Keywords) -> int:
    """eye(n) and eye(n, m)."""
    rows = _whole(_at(args, keywords, 0, "n", "N"), 1)
    return max(rows, 1) * max(_whole(_at(args, keywords, 1, "m", "M"), rows), 1)


def product(args: Arguments, keywords: Keywords) -> int:
    """The matrix product's: rows of the first by columns of the second, over the broadcast batches of both."""
    left, right = (*map(shape_of, args), *map(shape_of, keywords.values()), (), ())[:2]
    batch = broadcast((left[:-2], right[:-2]))
    return cells((*batch, *left[-2:-1], *(right[-1:] if len(right) > 1 else ())))


def dotted(args: Arguments, keywords: Keywords) -> int:
    """Of dot and inner: what is left of both once one dimension of each is summed over."""
    left, right = (*map(shape_of, args), *map(shape_of, keywords.values()), (), ())[:2]
    shared = max(left[-1] if left else 1, 1)
    return max(cells(left) // shared, 1) * max(cells(right) // shared, 1)


def outer(args: Arguments, keywords: Keywords) -> int:
    """Every number of one with every number of the other."""
    return prod(cells(shape_of(each)) for each in (*args, *keywords.values()))


def repeated(args: Arguments, keywords: Keywords) -> int:
    """The first argument's, as often as the others say."""
    return cells(shape_of(args[0] if args else ())) * cells(_sizes((*args[1:], *keywords.values())))


def expanded(args: Arguments, keywords: Keywords) -> int:
    """The written shape, where -1 keeps what is there."""
    own = cells(shape_of(args[0] if args else ()))
    wanted = _sizes((*args[1:], *keywords.values()))
    return cells(size for size in wanted if size != -1) * (own if -1 in wanted else 1)


def diagonal(args: Arguments, keywords: Keywords) -> int:
    """A matrix around a vector, or the diagonal of a matrix."""
    shape = shape_of(args[0] if args else ())
    offset = abs(_whole(_at(args, keywords, 1, "diagonal", "k"), 0))
    return (cells(shape) + offset) ** 2 if len(shape) == 1 else cells(shape)


def indexed(args: Arguments, keywords: Keywords) -> int:
    """What t[key] has: each item of the key takes one dimension (a mask as many as its own) and may give others."""
    shape, key = list(shape_of(args[0])), args[1] if isinstance(args[1], tuple) else (args[1],)
    kept: list[int] = []
    chosen: list[Shape] = []
    taken = sum(_takes(item) for item in key)
    for item in key:
        if item is Ellipsis:
            count = max(len(shape) - taken, 0)
            kept, shape, taken = kept + shape[:count], shape[count:], 0
            continue
        dimensions = _takes(item)
        taken -= dimensions
        sizes, shape = shape[:dimensions], shape[dimensions:]
        if item is None:
            kept.append(1)
        elif isinstance(item, slice):
            kept.append(_sliced(item, sizes[0] if sizes else 1))
        elif _is_mask(item):
            chosen.append((int(np.count_nonzero(np.asarray(item))),))
        elif not isinstance(item, int):
            chosen.append(shape_of(item))
    return cells((*broadcast(chosen), *kept, *shape))


def _takes(item: Any) -> int:
    if item is None or item is Ellipsis or isinstance(item, bool):
        return 0
    return max(len(shape_of(item)), 1) if _is_mask(item) else 1


def _is_mask(item: Any) -> bool:
    if isinstance(item, Tensor):
        return item.dtype in (torch.bool, torch.uint8)
    return isinstance(item, list | np.ndarray) and np.asarray(item).dtype == bool


def _sliced(item: slice, size: int) -> int:
    try:
        return len(range(*item.indices(size)))
    except (TypeError, ValueError):
        return size


def _at(args: Arguments, keywords: Keywords, at: int, *names: str) -> Any:
    return next((keywords[name] for name in names if name in keywords), args[at] if len(args) > at else None)


def _sizes(wanted: Any) -> list[int]:
    """Sizes as they may be written: numbers, or a list, tuple, array or tensor of some."""
    found: list[int] = []
    for each in wanted:
        if isinstance(each, Tensor | np.ndarray):
            each = each.flatten()[:16].tolist()
        if isinstance(each, list | tuple | range):
            found += _sizes(each[:16])
        else:
            found.append(_whole(each, 1))
    return found


def _whole(value: Any, default: int) -> int:
    try:
        return operator.index(value)
    except (TypeError, ValueError, RuntimeError):
        return default


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        return 0.0


def _leaves(value: Any) -> int:
    """Without end where lists nest too deep; they were weighed when they were made."""
    if isinstance(value, Tensor | np.ndarray):
        return cells(value.shape)
    if isinstance(value, list | tuple):
        return max(sum(map(_leaves, value)), 1)
    return len(value) if isinstance(value, range) else 1
