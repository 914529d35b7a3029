"""What can be wrong with a network or its inputs, said once, in data; the faces put it into words.

A `Fault` carries keys instead of sentences so that the API, the page and the command line can each
say it in their reader's language.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
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


class NetworkFault(ValueError):
    """What is wrong with a network, or with what it was given: where, in torch's own words, and what to do.

    `reason` and `hint` are English, for who calls the library. `fault` is the same as data where others have to say it,
    in another language say; its pointer may be left empty, for `place` to say it.
    """

    def __init__(self, place: str, reason: str, hint: str = "", *, fault: Fault | None = None) -> None:
        self.place, self.reason, self.hint = place, reason, hint
        self._fault = fault
        super().__init__(f"{place}: {reason}" + (f" {hint}" if hint else ""))

    @property
    def fault(self) -> Fault:
        """What is wrong, as data."""
        if self._fault is None:
            values = {"place": self.place, "reason": self.reason}
            return Fault("unsupported-file", "network-fault", pointer_of_place(self.place), values)
        return replace(self._fault, pointer=self._fault.pointer or pointer_of_place(self.place))


# torch adds where in its own code an error arose, call by call, with the paths of this machine.
_CALLS = "\nException raised from "


def said(error: Exception) -> str:
    """What an error of torch's says, without the calls of its C++ code."""
    words, calls, _ = str(error).partition(_CALLS)
    # They may stand within a quotation.
    return words + '"' if calls and words.count('"') % 2 else words


def pointer_of_place(place: str) -> str:
    """The JSON pointer of a tensor's name: layers.3.activations is /layers/3, inputs.ids is /inputs/ids."""
    first, *rest = place.split(".", 2 if place.startswith("layers.") else 1)
    if first not in ("layers", "inputs", "outputs"):
        return ""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in (first, *rest[:1]))


def torch_words_of_product(left: Sequence[int], right: Sequence[int]) -> str | None:
    """What torch says of a matrix product of these two shapes; None where torch has nothing against it.

    The product is really attempted, on tensors of the two shapes that share one number, so no memory is spent.
    """
    one = torch.zeros(())
    try:
        torch.mm(one.expand(*left), one.expand(*right))
    except RuntimeError as error:
        return said(error)
    return None


def torch_words_of_sum(left: Sequence[int], right: Sequence[int]) -> str | None:
    """What torch says of the sum of these two shapes; None where torch broadcasts them."""
    one = torch.zeros(())
    try:
        torch.add(one.expand(*left), one.expand(*right))
    except RuntimeError as error:
        return said(error)
    return None


def shape_text(shape: Sequence[int]) -> str:
    """A shape as Python writes it: (1, 5), (3,)."""
    return str(tuple(shape))
