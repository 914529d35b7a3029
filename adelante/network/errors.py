"""What can be wrong with a network or its inputs, said once, in data; the faces put it into words.

A `Fault` carries keys instead of sentences so that the API, the page and the command line can each
say it in their reader's language.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    `type` is the problem's type (shape-mismatch, unknown-activation, …), `key` names the sentence that
    describes it, `pointer` is the JSON pointer of the culprit, `values` fill the sentence's places, and
    `hint` names a further sentence: the way out. `torch_words` is what torch itself says, when it does.
    """

    type: str
    key: str
    pointer: str
    values: dict[str, Any] = field(default_factory=dict)
    hint: str | None = None
    torch_words: str | None = None


class NetworkError(ValueError):
    """A network, or inputs for it, that cannot be used; `faults` says why, never empty."""

    def __init__(self, faults: Sequence[Fault] | Fault) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("; ".join(f"{f.type} at {f.pointer or '/'}: {f.key} {f.values}" for f in self.faults))


def torch_words_of_product(left: Sequence[int], right: Sequence[int]) -> str | None:
    """What torch says of a matrix product of these two shapes; None where torch has nothing against it.

    The product is really attempted, on tensors of the two shapes that share one number, so no memory is spent.
    """
    one = torch.zeros(())
    try:
        torch.mm(one.expand(*left), one.expand(*right))
    except RuntimeError as error:
        return str(error)
    return None


def torch_words_of_sum(left: Sequence[int], right: Sequence[int]) -> str | None:
    """What torch says of the sum of these two shapes; None where torch broadcasts them."""
    one = torch.zeros(())
    try:
        torch.add(one.expand(*left), one.expand(*right))
    except RuntimeError as error:
        return str(error)
    return None


def shape_text(shape: Sequence[int]) -> str:
    """A shape as Python writes it: (1, 5), (3,)."""
    return str(tuple(shape))
