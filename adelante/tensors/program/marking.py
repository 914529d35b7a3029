"""Which cells of a result are uninitialised, for every function of a program: any that one is computed from marks it.

Asked only where there are such cells at all. A rule that does not know better marks the whole result.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from adelante.tensors import marks as rules
from adelante.tensors.memory import Memories, Value
from adelante.tensors.program.values import CELLS, EMPTY, KNOWN, MOVED, PRODUCT, REDUCED, Arguments, Function, Keywords

Marks = NDArray[np.bool_]


def marks_of(
    function: Function, args: Arguments, keywords: Keywords, shape: tuple[int, ...], memories: Memories
) -> Marks:
    """The marks of a result of this shape. `args` are as they were given to the function."""
    if function.marks in (KNOWN, EMPTY):
        return np.full(shape, function.marks == EMPTY)
    unknown = [_marks(each, memories) for each in args]
    if not any(each.any() for each in (*unknown, *(_marks(each, memories) for each in keywords.values()))):
        return np.zeros(shape, bool)
    try:
        return np.broadcast_to(_ruled(function, args, keywords, unknown, memories), shape)
    except (TypeError, ValueError, RuntimeError, IndexError):
        return np.ones(shape, bool)


def _ruled(function: Function, args: Arguments, keywords: Keywords, unknown: list[Marks], memories: Memories) -> Marks:
    if function.marks == CELLS:
        unknown += [_marks(each, memories) for each in keywords.values()]
        return np.asarray(np.any(np.stack(np.broadcast_arrays(*unknown)), axis=0))
    if function.marks == PRODUCT:
        left, right = (torch.from_numpy(each.copy()) for each in unknown)
        return rules.product(left, right).numpy()
    if function.marks == REDUCED:
        given = {"axis": args[1]} if len(args) > 1 else {}
        given |= {_NUMPYS[name]: value for name, value in keywords.items() if name in _NUMPYS}
        return np.asarray(np.any(unknown[0], **given))
    if function.marks == MOVED:
        moved = function.call(_stand_in(args[0], memories), *args[1:], **keywords)
        return np.asarray(moved).astype(bool)
    return np.ones((), bool)


_NUMPYS = {"dim": "axis", "axis": "axis", "keepdim": "keepdims", "keepdims": "keepdims"}


def _marks(value: Any, memories: Memories) -> Marks:
    """A tensor's or array's own marks; of a list, the marks of all in it."""
    if isinstance(value, Tensor | np.ndarray):
        return memories.value(value)[0].marks
    if isinstance(value, list | tuple):
        return np.asarray(any(bool(_marks(each, memories).any()) for each in value))
    return np.zeros((), bool)


def _stand_in(value: Any, memories: Memories) -> Any:
    """The argument, but marks (bools) in place of each tensor or array, in lists too: what moves cells moves marks."""
    if isinstance(value, Tensor):
        return torch.from_numpy(_marks(value, memories).copy())
    if isinstance(value, np.ndarray):
        return _marks(value, memories).copy()
    if isinstance(value, list | tuple):
        return type(value)(_stand_in(each, memories) for each in value)
    return value


def place_marks(target: Value, key: Any, value: Any, memories: Memories) -> None:
    """The marks after target[key] = value."""
    target.marks[_numpys(key)] = _marks(value, memories)


def _numpys(key: Any) -> Any:
    if isinstance(key, tuple):
        return tuple(map(_numpys, key))
    return key.numpy() if isinstance(key, Tensor) else key
