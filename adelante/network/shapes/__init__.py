"""What shape and dtype each operation's result has, found without torch wherever that is certain.

A network of hundreds of nodes is checked by these rules in a few milliseconds; torch's own meta tensors take many times
as long. A rule answers only where it knows; where anything is unusual it gives None, and torch has the last word, and
the words for what does not fit. A test holds every rule to torch.
"""

from collections.abc import Mapping, Sequence
from math import prod

import torch

from adelante.network.operations import Operation
from adelante.network.shapes import moves, numbers
from adelante.network.shapes.rule import Meta, Rule, Unfit, Unusual
from adelante.network.shapes.stricter import check

__all__ = ["Meta", "Unfit", "quick_meta", "torch_meta"]

_RULES: Mapping[type[Operation], Rule] = {**numbers.RULES, **moves.RULES}
_MOST = 1 << 60


def quick_meta(operation: Operation, operands: Sequence[Meta]) -> Meta | None:
    """What the operation gives of these operands, or None where torch has to be asked.

    Raises Unfit where torch surely refuses them: its words are all that is still to be asked for.
    """
    rule = _RULES.get(type(operation))
    if rule is None:
        return None
    try:
        found = rule(operation, operands)
    except Unfit:
        raise
    except (Unusual, ValueError, TypeError, IndexError, ArithmeticError):
        return None
    # More numbers than torch can count.
    return None if found is None or prod(found.shape) > _MOST else found


def torch_meta(operation: Operation, operands: Sequence[Meta]) -> Meta:
    """The same by torch itself. Raises what torch raises."""
    values = [torch.empty(shape, dtype=dtype, device="meta") for shape, dtype in operands]
    # What is made of nothing (arange, full), or beside the operands, is then made without numbers too.
    with torch.device("meta"), torch.no_grad():
        found = operation.run(*values)
    check(operation, [shape for shape, _ in operands])
    return Meta(tuple(found.shape), found.dtype)
